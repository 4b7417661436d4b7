"""The words, formulas and code by which the five steps of training are told, in the languages that students write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


GRAD: Final = r"(?:grad\w*|градиент\w*|梯度|گرادیان\w*)"
_LOSS: Final = (
    r"(?:loss(?:es)?|mse|l_?mse|cost|criterion|p[ée]rdida|perda|verlust\w*|perte|perdita|"
    r"损失|потер\w+|zarar|kayıp|زیان|خطا)"
)
_COMPUTE: Final = (
    r"(?:comput(?:e|es|ing)|calculat(?:e|es|ing)|evaluat(?:e|es|ing)|find|get|obtain|determine|measure|work out|derive|"
    r"calcular?|calcula|calculer|calcule|berechnen?|calcolare|вычисл\w+|посчита\w+|рассчит\w+|计算|求|算|محاسبه|hesapla\w*)"
)
_D: Final = r"(?:∂|\\partial|\\nabla|∇|\bd[lL]|\bgrad)"
_RATE: Final = r"(?:γ|η|α|\\gamma|\\eta|\\alpha|lr|learning)"

WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "zero_gradients": _any(
        rf"zero[_ -]?(?:out\s+)?(?:the\s+|all\s+)*{GRAD}",
        r"zeroing|zerograd",
        rf"(?:set|re-?set|clear|zero|initiali[sz]e|empty|flush|erase|null|clean)\w*\b[^.;\n]{{0,60}}{GRAD}",
        rf"{GRAD}[^.;\n]{{0,60}}\b(?:to|as|be|are|into|equal|a|en|à|auf)\s+(?:all\s+)?"
        r"(?:\$?0\b|zeros?\b|cero\b|zéro\b|null\b)",
        rf"{GRAD}\b[^.;\n]{{0,30}}\b(?:reset|cleared|zeroed)",
        r"\.grad\s*=\s*(?:None|0)",
        r"清零|清空|归零|置零|置为\s*0|обнул\w*",
        r"(?:poner|reiniciar|borrar|anular|inicializar|limpiar|zerar|remettre|mettre|réinitialiser|annuler|azzer\w*|"
        rf"sıfırla\w*|null\w*|صفر)\w*[^.;\n]{{0,50}}{GRAD}",
        rf"{GRAD}[^.;\n]{{0,40}}(?:\bcero\b|\bzero\b|zéro|\bnull\b|нул\w|صفر|zurück)",
    ),
    "forward": _any(
        r"\bforward\b(?!\s+table)|feed[- ]?forward|forwardpass",
        r"\b(?:model|net|network|self|nn)\s*\(\s*[xX\w]",
        r"through\s+(?:the|our)\s+(?:\w+\s+){0,2}(?:net|model|network|layers)|\bpredict\w*",
        rf"{_COMPUTE}[^.;\n]{{0,40}}(?:\boutput|\bprediction|\\hat|ŷ|y_?hat)",
        r"前向|正向|前馈|adelante|vorwärts\w*|прям\w+|пропуст\w+|پیش\s?رو|رو به جلو|passe avant|propagation avant",
        r"in avanti|para (?:a )?frente|ileri|順伝播|순전파",
    ),
    "loss": _any(rf"\b{_LOSS}(?!\s*\.\s*backward)", r"损失|потер|زیان|خطا|損失|손실"),
    "backward": _any(
        r"\bback-?\s?ward\w*|\bback-?\s?prop\w*|autograd",
        rf"{_COMPUTE}[^.;\n]{{0,60}}(?:{GRAD}|derivative|partial)",
        r"反向|后向|hacia atr[áa]s|retropropag\w*|rückwärts\w*|обратн\w*|پس\s?انتشار|رو به عقب|rétro-?propag\w*",
        r"all'indietro|para tr[áa]s|geri yay\w*|逆伝播|역전파",
    ),
    "update": _any(
        r"\bupdat\w*|optim\w*\.step|\boptim\w*\s+step|\bsgd\s+step|gradient(?:[- ]descent)? step",
        r"\.step\s*\(|^\W*step\W*$|\b(?:adjust|modify|change|improve)\w*\b[^.;\n]{0,40}(?:weight|param)",
        r"更新|actualiz\w*|atualiz\w*|aktualisier\w*|mettre à jour|mise à jour|обнов\w*",
        r"به\s?روز|aggiorn\w*|güncelle\w*",
        r"\b(?:w|b|p|param|weights?)\w*(?:\.data)?\s*-=",
        r"(?:takes?|makes?)\s+(?:an?|one)\s+(?!back|forward)(?:\w+\s+)?step\b",
    ),
}
"""What speaks of a step; one sentence may speak of several, and `steps` decides between them."""

SET_UP: Final = re.compile(
    r"\b(?:defin|choos|select|pick|declar|specif|import|set(?:ting)?[ -]?up|creat|instantiat|build)\w*\s+"
    rf"(?:\w+\s+){{0,3}}?{_LOSS}(?:\s+function)?\b(?![^\n]*(?:=|\\Vert|‖|{_COMPUTE}))",
    re.IGNORECASE,
)
"""A loss that is chosen and not yet computed, without a formula: no step of training."""

EXPLICIT: Final[Mapping[str, re.Pattern[str]]] = {
    "forward": _any(
        r"\bforward\b|feed-?forward|model\s*\(|net\s*\(|through\s+the\s+(?:net|model)|前向|正向|adelante|прям"
    ),
    "loss": _any(
        rf"{_COMPUTE}\s+(?:the\s+|our\s+|an?\s+|la\s+|le\s+|den\s+|die\s+)?(?:\w+\s+)?{_LOSS}",
        rf"{_LOSS}\s*=|=\s*(?:criterion|loss_fn|mse)",
    ),
    "backward": _any(r"\bbackward|back-?\s?prop|反向|后向|atrás|rückwärts|обратн|retropropag"),
    "update": _any(r"updat(?:e|es|ing)\b|\.step|更新|actualiz|aktualisier|обнов|mettre à jour"),
}
"""What names a step beyond doubt, even beside another one."""

FORMULAS: Final[Mapping[str, re.Pattern[str]]] = {
    "zero_gradients": re.compile(rf"{_D}[^=\n]{{0,120}}(?:=|←|\\leftarrow|:=)\s*(?:\\\w+\s*|[{{\s$])*0(?![.\d])"),
    "update": re.compile(
        r"[Wwbθ]\S{0,24}[\s}$)]*(?:=|←|\\leftarrow|\\gets|:=|→)[^=←]{0,60}[-−–+][^=←]{0,60}"
        rf"{_D}|\\theta[^=]{{0,20}}="
    ),
    "loss": re.compile(r"\\[lr]?Vert|‖|\|\||\\\||\)\s*(?:\^|\*\*)\s*\{?2|\)²"),
    "forward": re.compile(r"(?:\\hat|ŷ|y_?hat|ŷ)[^=\n]{0,40}="),
    "backward": re.compile(_D),
}
"""Steps told in formulas alone, the most telling first."""

EXPLAINED: Final = _any(
    rf"{GRAD}\s+of\s+(?:the\s+)?(?:{_LOSS})(?:\s+function)?|loss\s*\.\s*backward\s*\(\s*\)",
    rf"{_LOSS}(?:\s+function)?\s+(?:with respect|w\.?r\.?t)",
)
"""Mentions of the loss that belong to the backward step."""

TRACES: Final[Mapping[str, re.Pattern[str]]] = {
    "zero_gradients": _any(
        r"zero|\b0\b|reset|clear|none|清|零|нул|صفر|cero|null|sıfır|empty|fresh|erase|initial|grad\s*="
    ),
    "forward": _any(r"forward|output|predict|\\hat|ŷ|hat|model|net|前|出|выход|salida|through|feed|run|pass"),
    "loss": _any(_LOSS, r"error|\bl\b|‖|Vert|\|\||norm|objective|compare|differ"),
    "backward": _any(r"back|grad|deriv|∂|partial|chain|nabla|∇|反|обр|atrás|rück"),
    "update": _any(
        r"updat|step|adjust|learn|weights?|param|γ|η|\\gamma|\\eta|\\alpha|lr|更|обнов|actual|optim|descent|-=|←|leftarrow"
    ),
}
"""What may speak of a step in words that are not known: with a trace of it nothing is called left out."""

ASCENDS: Final = re.compile(
    r"[WbwθΘ]\S{0,24}[\s}$)]*(?:←|\\leftarrow|\\gets|:=|=)\s*[^=←+−-]{1,50}\+\s*\{?\s*"
    rf"{_RATE}\s*[^−=-]{{0,60}}{_D}"
)
"""An update that adds the gradient."""

START: Final = re.compile(
    r"^\s*(?:[-*+•]\s+|\(?\d{1,2}\s*[.)、:]\s*|#{1,6}\s+|"
    r"(?:\*\*|__)?\s*(?:step|paso|schritt|étape|passo|шаг|步骤|第|adım|گام|مرحله)\s*"
    r"(?:\d+|[一二三四五]|one|two|three|four|five)\s*(?:步)?)",
    re.IGNORECASE,
)
"""How an item of a list begins."""
