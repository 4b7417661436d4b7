"""Question 1.2.1: the five steps of training, recognised by what each says, in words, formulas or code.

A step that is there, in an order that works, earns its mark however it is put. Only what is plainly left out or plainly
in the wrong order is wrong; everything uncertain waits for a human.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.intake.formula_table import FormulaLine, Part
from grader.model import Status
from rubrics.matrix_calculus.marks import NOT_READ, STEPS, WORDS, Mark
from rubrics.matrix_calculus.sections import Answer

QUESTION: Final = "1.2.1"
TITLES: Final[Mapping[str, str]] = {
    "zero_gradients": "setting the gradients to zero", "forward": "the forward pass", "loss": "computing the loss",
    "backward": "the backward pass", "update": "updating the weights",
}  # fmt: skip

_GRAD = r"(?:grad\w*|градиент\w*|梯度|گرادیان\w*)"
_LOSS_WORD = r"(?:loss(?:es)?|mse|l_?mse|cost|criterion|p[ée]rdida|perda|verlust\w*|perte|perdita|损失|потер\w+|"
r"zarar|kayıp|زیان|خطا)"
_COMPUTE = (
    r"(?:comput(?:e|es|ing)|calculat(?:e|es|ing)|evaluat(?:e|es|ing)|find|get|obtain|determine|measure|work out|"
    r"derive|calcular?|"
    r"calcula|calculer|calcule|berechnen?|calcolare|вычисл\w+|посчита\w+|рассчит\w+|计算|求|算|محاسبه|hesapla\w*)"
)
_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "zero_gradients": rf"zero[_ -]?(?:out\s+)?(?:the\s+|all\s+)*{_GRAD}|zeroing|zerograd|"
        rf"(?:set|re-?set|clear|zero|initiali[sz]e|empty|flush|erase|null|clean)\w*\b[^.;\n]{{0,60}}{_GRAD}|"
        rf"{_GRAD}[^.;\n]{{0,60}}\b(?:to|as|be|are|into|equal|a|en|à|auf)\s+(?:all\s+)?(?:\$?0\b|zeros?\b|cero\b|zéro\b|null\b)|"
        rf"{_GRAD}\b[^.;\n]{{0,30}}\b(?:reset|cleared|zeroed)|\.grad\s*=\s*(?:None|0)|清零|清空|归零|置零|置为\s*0|"
        rf"(?:poner|reiniciar|borrar|anular|inicializar|limpiar|zerar|remettre|mettre|réinitialiser|annuler|azzer\w*|sıfırla\w*)\w*"
        rf"[^.;\n]{{0,50}}{_GRAD}|{_GRAD}[^.;\n]{{0,40}}(?:\bcero\b|\bzero\b|zéro|\bnull\b|нул\w|صفر|zurück)|обнул\w*|"
        rf"صفر[^.;\n]{{0,30}}{_GRAD}|null\w*[^.;\n]{{0,30}}{_GRAD}|سیفر",
        "forward": r"\bforward\b(?!\s+table)|feed[- ]?forward|forwardpass|\b(?:model|net|network|self|"
        r"nn)\s*\(\s*[xX\w]|"
        r"through\s+(?:the|our)\s+(?:\w+\s+){0,2}(?:net|model|network|layers)|\bpredict\w*|"
        rf"{_COMPUTE}[^.;\n]{{0,40}}(?:\boutput|\bprediction|\\hat|ŷ|y_?hat)|前向|正向|前馈|adelante|vorwärts\w*|прям\w+|"
        r"пропуст\w+|پیش\s?رو|رو به جلو|passe avant|propagation avant|in avanti|para (?:a )?frente|ileri|順伝播|순전파",
        "loss": rf"\b{_LOSS_WORD}(?!\s*\.\s*backward)|损失|потер|زیان|خطا|損失|손실",
        "backward": rf"\bback-?\s?ward\w*|\bback-?\s?prop\w*|{_COMPUTE}[^.;\n]{{0,60}}(?:{_GRAD}|derivative|"
        rf"partial)|autograd|反向|后向|"
        r"hacia atr[áa]s|retropropag\w*|rückwärts\w*|обратн\w*|پس\s?انتشار|رو به عقب|rétro-?propag\w*|all'indietro|"
        r"para tr[áa]s|geri yay\w*|逆伝播|역전파",
        "update": r"\bupdat\w*|optim\w*\.step|\boptim\w*\s+step|\bsgd\s+step|gradient(?:[- ]descent)? step|"
        r"take\s+(?:a|one)\s+step|"
        r"\.step\s*\(|^\W*step\W*$|\b(?:adjust|modify|change|improve)\w*\b[^.;\n]{0,40}(?:weight|param)|更新|actualiz\w*|atualiz\w*|"
        r"aktualisier\w*|mettre à jour|mise à jour|обнов\w*|به\s?روز|aggiorn\w*|güncelle\w*|\b(?:w|b|p|param|"
        r"weights?)\w*\s*-=",
    }.items()
}
_EXPLICIT: Final[Mapping[str, re.Pattern[str]]] = {
    "forward": re.compile(r"\bforward\b|feed-?forward|model\s*\(|net\s*\(|through\s+the\s+(?:net|model)|前向|正向|"
    r"adelante|прям", re.IGNORECASE),
    "loss": re.compile(
        rf"{_COMPUTE}\s+(?:the\s+|our\s+|an?\s+|la\s+|le\s+|den\s+|die\s+)?(?:\w+\s+)?{_LOSS_WORD}|"
        rf"{_LOSS_WORD}\s*=|=\s*(?:criterion|loss_fn|mse)", re.IGNORECASE
    ),
    "backward": re.compile(r"\bbackward|back-?\s?prop|反向|后向|atrás|rückwärts|обратн|retropropag", re.IGNORECASE),
    "update": re.compile(r"updat(?:e|es|ing)\b|\.step|更新|actualiz|aktualisier|обнов|mettre à jour", re.IGNORECASE),
}  # fmt: skip
_D = r"(?:∂|\\partial|\\nabla|∇|\bd[lL]|\bgrad)"
_FORMULAS: Final[Mapping[str, re.Pattern[str]]] = {
    "zero_gradients": re.compile(rf"{_D}[^=\n]{{0,120}}(?:=|←|\\leftarrow|:=)\s*(?:\\\w+\s*|[{{\s$])*0(?![.\d])"),
    "update": re.compile(
        rf"[Wwbθ]\S{{0,24}}[\s}}$)]*(?:=|←|\\leftarrow|\\gets|:=|→)[^=←]{{0,60}}[-−–+][^=←]{{0,60}}{_D}|\\theta[^=]{{0,20}}="
    ),
    "loss": re.compile(r"\\[lr]?Vert|‖|\|\||\\\||\)\s*\^\s*\{?2|\)²"),
    "forward": re.compile(r"(?:\\hat|ŷ|y_?hat|ŷ)[^=\n]{0,40}="),
    "backward": re.compile(rf"{_D}"),
}
_EXPLAINED = re.compile(
    rf"{_GRAD}\s+of\s+(?:the\s+)?(?:{_LOSS_WORD})(?:\s+function)?|loss\s*\.\s*backward\s*\(\s*\)|"
    rf"{_LOSS_WORD}(?:\s+function)?\s+(?:with respect|w\.?r\.?t)", re.IGNORECASE
)  # fmt: skip
_TRACES: Final[Mapping[str, re.Pattern[str]]] = {
    "zero_gradients": re.compile(r"zero|\b0\b|reset|clear|none|清|零|нул|صفر|cero|null|sıfır|empty|fresh|erase|"
    r"initial|grad\s*=", re.IGNORECASE),
    "forward": re.compile(r"forward|output|predict|\\hat|ŷ|hat|model|net|前|出|выход|salida|through|feed|run|"
    r"pass", re.IGNORECASE),
    "loss": re.compile(rf"{_LOSS_WORD}|error|\bl\b|‖|Vert|\|\||norm|objective|compare|differ", re.IGNORECASE),
    "backward": re.compile(r"back|grad|deriv|∂|partial|chain|nabla|∇|反|обр|atrás|rück", re.IGNORECASE),
    "update": re.compile(r"updat|step|adjust|learn|weights?|param|γ|η|\\gamma|\\eta|\\alpha|lr|更|обнов|actual|"
    r"optim|descent|-=|←|leftarrow", re.IGNORECASE),
}  # fmt: skip
_ASCENDS = re.compile(
    r"[WbwθΘ]\S{0,24}[\s}$)]*(?:←|\\leftarrow|\\gets|:=|=)\s*[^=←+−-]{1,50}\+\s*\{?\s*(?:γ|η|α|\\gamma|\\eta|\\alpha|lr|learning)\s*[^−=-]{0,60}"
    rf"{_D}"
)
_START = re.compile(
    r"^\s*(?:[-*+•]\s+|\(?\d{1,2}\s*[.)、:]\s*|#{1,6}\s+|(?:\*\*|__)?\s*(?:step|paso|schritt|étape|passo|шаг|步骤|第|adım|گام|مرحله)\s*"
    r"(?:\d+|[一二三四五]|one|two|three|four|five)\s*(?:步)?)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^([^:：\n]{2,70})[:：]|^\s*(?:\*\*|__)([^*_\n]{2,70})(?:\*\*|__)")
_LEADS_UP = re.compile(
    r"^\W*(?:the |these |following |my )*(?:five |5 )?(?:programming |training )?steps(?: \w+){0,6}\W*$|^\W*where\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Segment:
    """One item of the answer: its text, and the steps that it speaks of, in order."""

    text: str
    steps: tuple[str, ...]
    listed: bool


def judge_steps(answer: Answer) -> dict[str, Mark]:
    """A mark for each of the five steps."""
    if answer.empty:
        return {step: Mark(Status.MISSING, f"There is no step for {TITLES[step]}.") for step in STEPS}
    segments = list(segments_of(answer.parts))
    found: list[str] = []
    for segment in segments:
        found += segment.steps
    order = list(dict.fromkeys(found))
    marks: dict[str, Mark] = {}
    for step in STEPS:
        marks[step] = Mark(Status.PASSED) if step in order else _absent(step, segments, order, answer)
    if len(order) >= 2:
        marks |= _out_of_order(order, _is_plain(segments, found))
    for segment in segments:
        if segment.steps == ("update",) and marks["update"].status is Status.PASSED and _ASCENDS.search(segment.text):
            words = f"{WORDS['update-ascends']}\n    {' '.join(segment.text.split())[:150]}"
            marks["update"] = Mark(Status.FAILED, words, "update-ascends")
    return marks


def _absent(step: str, segments: Sequence[Segment], order: Sequence[str], answer: Answer) -> Mark:
    waits = Mark(Status.NEEDS_HUMAN, f"No step for {TITLES[step]} was recognised. {NOT_READ}")
    listed = [segment for segment in segments if segment.listed]
    certain = len(order) >= 3 and len(listed) >= 3 and all(segment.steps for segment in segments)
    text = _EXPLAINED.sub(" ", "\n".join(segment.text for segment in segments if step not in segment.steps))
    if step in ("backward", "update"):  # words that the other steps cannot do without
        text = "\n".join(s.text for s in segments if not set(s.steps) & {"zero_gradients", "update", "backward"})
    if answer.needs_eyes or not certain or _TRACES[step].search(text):
        return waits
    return Mark(Status.FAILED, f"There is no step for {TITLES[step]}.", "step-left-out")


def _is_plain(segments: Sequence[Segment], found: Sequence[str]) -> bool:
    """Whether the order cannot be mistaken: a list with one step an item, no step twice."""
    return all(len(s.steps) == 1 and s.listed for s in segments if s.steps) and len(set(found)) == len(found)


def _out_of_order(order: Sequence[str], plain: bool) -> dict[str, Mark]:
    """Steps that come where they cannot work, with blame on the one that is out of place."""
    at = {step: order.index(step) for step in order}

    def before(one: str, other: str) -> bool:
        return one in at and other in at and at[one] < at[other]

    blamed: dict[str, str] = {}
    if before("loss", "forward"):
        blamed["loss"] = "loss-before-forward"
    if (before("backward", "loss") and "loss" not in blamed) or (before("backward", "forward") and "loss" not in at):
        blamed["backward"] = "backward-before-loss"
    if before("update", "backward") and "backward" not in blamed:
        blamed["update"] = "update-before-backward"
    unclear: set[str] = set()
    if before("backward", "zero_gradients"):
        if before("zero_gradients", "update"):
            blamed["zero_gradients"] = "zeroed-after-backward"
        else:
            unclear.add("zero_gradients")
    marks = {}
    for step, fault in blamed.items():
        words = f"{TITLES[step].capitalize()}: {WORDS[fault]}"
        marks[step] = Mark(Status.FAILED, words, fault) if plain else Mark(Status.NEEDS_HUMAN, f"{words} {NOT_READ}")
    for step in unclear:
        words = "The gradients are set to zero after the update: right for the next batch, if they were zero before."
        marks[step] = Mark(Status.NEEDS_HUMAN, f"{words} {NOT_READ}")
    return marks


def segments_of(parts: Iterable[Part]) -> Iterator[Segment]:
    """The items of a list with what belongs to them; without a list the sentences."""
    lines: list[tuple[str, bool]] = []
    for part in parts:
        if isinstance(part, FormulaLine):
            code = part.code or bool(re.search(r"\w\.\w+\([^()]*\)\s*$", part.text))
            lines.append((part.text, code))
        else:
            rows = part.rows[1:] if len(part.rows) > 1 and not steps_in(" ".join(part.rows[0])) else part.rows
            lines += [("- " + ": ".join(cell for cell in row if not cell.strip().isdigit()), False) for row in rows]
    marked = sum(bool(_START.match(line)) for line, _ in lines)
    if marked >= 3:
        text = ""
        for line, _ in lines:
            if _START.match(line):
                yield from _segment(text, listed=bool(_START.match(text)))
                text = line
            else:
                text += "\n" + line
        yield from _segment(text, listed=True)
        return
    for line, code in lines:
        if code:
            yield from _segment(line, listed=True)
            continue
        for sentence in re.split(
            r"(?<=[.;。；])\s+|[。；]|,?\s+(?:and\s+)?then\s+|\s*(?:→|->|⇒|=>|\\rightarrow|\\to)\s*|，|,\s+(?=\w+(?:e|ing|ar|er)\b)",
            line,
        ):
            yield from _segment(sentence, listed=False)


def _segment(text: str, *, listed: bool) -> Iterator[Segment]:
    bare = text.strip(" \t\n*#-=_`$")
    if not bare or (_LEADS_UP.match(bare) and not steps_in(text)):
        return
    yield Segment(text, steps_in(text), listed)


def steps_in(text: str) -> tuple[str, ...]:
    """The steps that a piece of text speaks of, in the order in which they are named.

    >>> steps_in("Step 4: calculate the gradients of the loss function with respect to the weights")
    ('backward',)
    >>> steps_in("loss.backward()")
    ('backward',)
    """
    body = _START.sub("", text, count=1).strip()
    title = _TITLE.match(body)
    if title and (named := _named(title[1] or title[2])):
        return named
    return _named(body) or _by_formula(body)


def _named(text: str) -> tuple[str, ...]:
    at = {step: found.start() for step, pattern in _WORDS.items() if (found := pattern.search(text))}
    explicit = {step for step in at if step in _EXPLICIT and _EXPLICIT[step].search(text)}
    if "zero_gradients" in at:
        kept = {"zero_gradients", *(step for step in explicit if step != "forward" or "pass" in text)}
    elif "update" in at:
        kept = {"update", *(explicit - {"loss"} if not _EXPLICIT["loss"].search(text) else explicit)}
        if "backward" in kept and re.search(
            r"(?:gradients?|from|using|by|with)[^.;]{0,40}(?:backward|back-?prop)", text, re.IGNORECASE
        ):
            kept.discard("backward")
    elif "backward" in at:
        kept = {"backward", *(explicit & {"forward"})}
        if "loss" in explicit and not re.search(rf"{_GRAD}|\.backward|derivative", text, re.IGNORECASE):
            kept.add("loss")
    elif "loss" in at:
        kept = {"loss", *(explicit & {"forward"})}
    else:
        kept = set(at)
    return tuple(sorted(kept & set(at), key=lambda step: at[step]))


def _by_formula(text: str) -> tuple[str, ...]:
    return next(((step,) for step in _FORMULAS if _FORMULAS[step].search(text)), ())
