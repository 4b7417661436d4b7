"""The words by which a number in an answer is known, in several languages: patterns alone, each linear in time."""

from __future__ import annotations

import re
from typing import Final


def _any(*words: str) -> str:
    return "|".join(words)


_KEYS: Final = {
    "loss": _any(
        r"loss(?:es)?",
        r"(?<![^\W_])mse\b",
        r"\berror\b",
        r"\bcost\b",
        r"损失|误差|損失|誤差",
        r"p[ée]rdida|perte|verlust|perda",
        r"потер\w{0,3}",
        r"خطا|زیان",
    ),
    "accuracy": _any(
        r"accurac(?:y|ies)",
        r"(?<![^\W_])acc\b",
        r"准确率|正确率|準確率|精度",
        r"precisi[óo]n|exactitud|genauigkeit|acur[áa]cia|précision",
        r"точност\w|دقت",
    ),
    "iterations": _any(
        r"epochs?|epochen|\biter(?:ation)?s?\b|\bsteps?\b",
        r"轮|迭代|iterationen|schritten?\b",
        r"[ée]pocas?|iteraci[óo]n(?:es)?|\bpasos?\b|[ée]poques?|itérations?|itera[çc](?:[ãa]o|[õo]es)",
        r"эпох\w?|итерац\w{0,2}",
    ),
    "seconds": _any(
        r"(?<![^\W_])time\b|\btook\b|\btakes\b|\bspent\b|\bseconds?\b|runtime|elapsed|duration",
        r"时间|耗时|用时|時間",
        r"tiempo|zeit|durée|\btempo\b|время|زمان",
    ),
    "lr": _any(
        r"\blrs?\b|learning[ _-]?rates?|step size|\beta\b|η",
        r"学习率|學習率|tasa de aprendizaje|taux d.apprentissage|lernrate",
    ),
    "lambda": r"lambda_?|λ|\blam\b|\blmbda\b|weight[ _]decay|\breg(?:ulari[sz]ation)?\b|\bl2\b|正则\w{0,4}",
    "samples": _any(
        r"samples?(?: size)?|data ?set(?: size)?|\bpoints?\b|\bsize\b|\b[mn](?= ?=)",
        r"样本\w{0,2}|数据\w{0,2}|muestras?|puntos?|échantillons",
    ),
    "other": _any(
        r"threshold|tolerance|seed|hidden|units?|neurons?|width|layers?|batch(?: size)?|questions?|patience|momentum",
        r"decay|\bstd\b|variance|\bvar\b|gradients?|阈值|umbral",
    ),
}
KEY: Final = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _KEYS.items()), re.IGNORECASE)
"""A word that says what the number behind it is; the group's name is the kind."""

_UNITS: Final = {
    "seconds": r"s(?:ec(?:ond)?s?)?\b|segundos?|秒|сек\w{0,4}|sekunden|secondes",
    "milliseconds": r"ms\b|milliseconds?",
    "minutes": r"min(?:ute)?s?\b|分钟|minutos?",
    "iterations": _any(
        r"(?:training )?(?:epochs?|iter(?:ation)?s?|steps?)\b|epochen|次?迭代|轮|次|步",
        r"iterationen|schritten?\b|itérations?|époques|étapes",
        r"iteraciones|[ée]pocas|pasos|itera[çc][õo]es|эпох|итерац",
    ),
    "samples": r"(?:training |data )?(?:samples?|points?)\b|个?样本|个点|muestras|puntos|échantillons",
    "percent": r"%|percent|por ciento",
    "other": _any(
        r"times\b|x\b|倍|layers?\b|neurons?\b|units?\b|classes\b|pixels?\b|orders?\b|d\b|hidden\b",
        r"(?:(?:train|test|val)\w{0,8} )?(?:images?|digits?)\b|(?:test|val)\w{0,8} samples?\b",
    ),
}
UNIT: Final = re.compile(
    r"[-\s]?(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items()) + ")", re.IGNORECASE
)
"""A word behind a number; the group's name is the kind."""

FORMULA: Final = re.compile(r"\s?(?:[/^\\×·]|\*\s?[\w(])|[A-Za-z]|\s(?:out )?of\b|\s(?:correct|wrong)\b", re.IGNORECASE)
"""What behind a number says that it is part of a formula or of a count: "-1/N", "155 of 200"."""

RELATIVE: Final = re.compile(
    r"\s?(?:of|more|less|higher|lower|better|worse|larger|relative|faster|slower)\b", re.IGNORECASE
)
"""What behind a percentage makes it a comparison."""

RATE: Final = re.compile(r"\s?(?:/|per\b|por\b|an? (?:epoch|iteration|step)|each\b|每)", re.IGNORECASE)
"""What makes seconds a rate."""

DIRECT: Final = re.compile(
    r"[\s:=≈~≃→(\[{*_`|$'\"“”>,-]{0,8}(?:(?:values?|is|was|are|were|of|at|about|around|approximately|approx\.?|roughly"
    r"|equals?|ends?|stays?|stands?|only|still|with|for|the|an?|net|network|model|np\.float(?:32|64)|tensor|array|val"
    r"|finale?|es|fue|de|en|con|la|为|是|约为|大约|为约|约|ist|war|von|est)[\s:=≈~(\[*_`$'\",]{1,4}){0,6}(?:为|是|约)?$",
    re.IGNORECASE,
)
"""All that may stand between a word like "loss" and its number."""

BOUND: Final = re.compile(
    r"[<>≤≥]\s*$|(?:below|under|above|over|than|least|most|reach(?:es|ed)?|until|threshold|limit|by|within|up to"
    r"|erreichte?|attei(?:nt|gnent)|alcanza"
    r"|menos de|menor (?:que|a)|por debajo de|小于|低于|大于|达到|到)\s{0,2}(?:the |of |a |about )?$",
    re.IGNORECASE,
)
"""Words before a number that make it a bound or a difference."""

NOT: Final = re.compile(
    _any(
        r"\bnot?\b|n't\b|\bnever\b|\bcannot\b|\bfail|\bnunca\b|\bno se\b|不|没|未|无法|\bnicht\b",
        r"\bif\b|\bwould\b|\bshould\b|\bcould\b|\bexpect|\bideal|\bimpossible|\btarget\b|\bgoal\b|如果|应该|目标",
        r"\bhigher\b|\blower\b|\bdifferen|\bdecreas|\bincreas|\breduc|\bdrop(?:s|ped)?\b|\bfaster\b|\bslower\b",
        r"\bcompar|\bthan\b|\bunlike\b|\binstead\b|\bversus\b|\bvs\b|\brather\b|\bboth\b|\brespectiv|比|分别|mejor|peor",
        r"\bbefore\b|\bpreviou|\borigina|\bother\b|\banother\b|之前|原来|\bantes\b|\bvorher",
        r"\bchang|\bgradient|\bimprov|\bderivative|\bslope|\bvari[ae]|\bmax|\blimit|\bset to\b|变化|梯度|最大|最多",
        r"\bkein|\bnie(?:mals)?\b|\bwenn\b|\bals\b|\bwürde|\bsollte|\bstatt|\bmehr\b|\bweniger\b|\bgegenüber\b",
        r"\bhöher|\bniedriger|änder|\bbaiss|\bdiminu|\baugment|\bcambi|\bmuda",
        r"\bpas\b|\bjamais\b|\bn['’]|\bne\b|\bsi\b|\bdevrait|\bserait|\bavant\b|\bplus\b|\bmoins\b|\bnão\b|\bdebería",
        r"\badam\b|\bmomentum\b|\bxavier\b|\bhe[- ]init|\bkaiming\b|\bglorot\b|初始化|inicializ",
    ),
    re.IGNORECASE,
)
"""Words with which a sentence may say something else than what came of a run of the sheet's."""

REACHED: Final = re.compile(
    r"reach|converg|stop|until|below|under|needs?\b|requires?|达到|收敛|alcanz|llega|erreicht|attei(?:nt|gn)|terminat"
    r"|hits?\b|gets? to",
    re.IGNORECASE,
)

_BETWEEN = r"(?:(?:the|any|all|an|these|both|of|hidden|layers?|las?|los|de|funci[óo]n(?:es)?|capas?|les?|die) ){0,4}"
_ACTIVATIONS = r"(?:activa(?:tions?|ci\S{0,6}|ç\S{0,5})|aktivierung\w{0,14}|non-?linearit\w{1,3}|relus?|sigmoids?)\b"
NONE: Final = re.compile(
    _any(
        rf"\b(?:without|removing|removed?|drop(?:ping|ped)?|sin|ohne|sans|sem|deleting|no) {_BETWEEN}{_ACTIVATIONS}",
        r"(?:没有|无|去掉|移除|去除|删除|不用|不使用|不加|去)\S{0,5}激活(?:函数|层)?",
        r"(?:purely |only |just )linear|linear[- ]only|\blinear (?:net(?:work)?|model|only)",
        r"без \w{0,10}\s?активац\w{0,4}",
        r"(?:with )?(?:all )?(?:the )?activations? (?:layers? )?(?:are |were )?(?:all )?removed",
        r"activations?\s{0,2}[=:]\s{0,2}none",
        r"\bno[-_ ]?act(?:ivation)?s?\b|\b(?:identity|none)\b",
    ),
    re.IGNORECASE,
)
"""A net without activations."""

ACTIVATION: Final = re.compile(
    _any(
        r"(?P<other>leaky[ _-]?relu|\bp?relu6\b|\bprelu\b|\belu\b|\btanh\b|\bgelu\b|\bselu\b|softplus|\bswish\b)",
        r"(?P<ReLU>relu)",
        r"(?P<Sigmoid>sigm?o[iï]de?|logistic)",
    ),
    re.IGNORECASE,
)

BESIDES: Final = re.compile(r"\bwith\b|有激活|\bcon\b|\bmit\b|\bavec\b|\bcom\b", re.IGNORECASE)
"""Beside a net without activations: another one is spoken of."""

PROGRESS: Final = re.compile(r"\d{1,3}%\|[^|\n]{0,200}\|")
"""The bar that a loop draws while it runs, with its share done: neither a table nor an accuracy."""

LINE: Final = re.compile(r"[\n\r\v\f]")
SENTENCE: Final = re.compile(r"(?<=[。；！？])|(?<=[.;!?])(?=\s)")
CLAUSE: Final = re.compile(
    r",\s|[，、;；]|\s(?:but|while|whereas|compared|versus|vs\.?|instead|pero|mientras|wohingegen|aber)\s|但|而",
    re.IGNORECASE,
)
