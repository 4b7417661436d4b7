"""What the words around a figure say: gradient, loss or bias, which layer, which moment of the training.

In the languages and spellings that students use. What a figure may answer is decided in `meanings`.
"""

from __future__ import annotations

import re
from typing import Final

GRADIENT: Final = re.compile(
    r"grad|∂|∇|\\partial|\\nabla|\bd(?:elta)?_?[wb]\d?\b|derivative|\bd[LEJC]\s*(?:/|_d|\\,?d)|梯度", re.IGNORECASE
)
_LOSS: Final = re.compile(
    r"loss|error|\bmse|cost|\berr\b|e_?total|\btotal\b|objective|损失|误差|ошибк|verlust|pérdida|perdida|perte|(?-i:(?<![\w∂])[EJLC])\s*[=:≈]",
    re.IGNORECASE,
)
_ANOTHERS: Final = re.compile(r"target|expected|desired|should|sheet|goal|ground|\btrue\b", re.IGNORECASE)
_GIVEN: Final = re.compile(r"input|\bx\b|\b[xi]_?[12]\b|\blr\b|learning|sample", re.IGNORECASE)
_OUTPUT: Final = re.compile(r"out|pred|ŷ|y_?hat|\by\b|\ba2\b|\bo\b|\bo_?\d|net_|hidden|\bh_?\d?\b", re.IGNORECASE)
PREDICT: Final = re.compile(r"pred|vorhers|prédi|预测|прогноз|0?\.06|new input|\btest", re.IGNORECASE)
ENTRY: Final = re.compile(r"(?<![a-ce-z])w_?\{?([1-8])\}?(?![\d\w])(?!.{0,3}\[)", re.IGNORECASE)
_PARAMETER: Final = (
    r"w|wt?s|weights?|b|bs|bias(?:es)?|theta|k|kernels?|shifts?|syn(?:apse)?|pesos?|sesgos?|poids|biais|"
    r"gewichte?|权重|偏置"
)
_SECOND: Final = re.compile(
    rf"linear_?2|\bfc2|layer_?\s?2|layers?\.[12]\.|\b(?:{_PARAMETER})_?\{{?\[?2\b|_o\b|_ho\b|_out|output|"
    r"second layer|l2\b|'W2|\b[wb]_?[oy]\b|\bw_?h[oy]\b|"
    r"hidden\W{1,4}(?:to|->|→)|\bb_?2|\bd?w_?2(?!\d)|W\^?\{?[\[(]2",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    rf"linear\.|linear_?1|\bfc1|\bfc\.|layer_?\s?1|layers?\.0|\b(?:{_PARAMETER})_?\{{?\[?1\b|_h\b|_ih\b|_hid|hidden|"
    r"first layer|\b[wb]_?h\b|\bw_?[xi]h\b|"
    r"l1\b|input\W{1,4}(?:to|->|→)|\bb_?1|\bd?w_?1(?!\d)|W\^?\{?[\[(]1",
    re.IGNORECASE,
)
_PLACE_IN_LIST: Final = re.compile(r"\w\.([01])(?![.\w])(?!.*\.\d)")
_BIAS: Final = re.compile(r"bias|(?<![a-z])b_?\{?[12ho]?\b|\bb\b|смещ|偏置|sesgo|biais|shift", re.IGNORECASE)
_KINDS: Final = (
    ("gradient", GRADIENT),
    ("given", _ANOTHERS),
    ("bias", _BIAS),
    ("given", _GIVEN),
    ("loss", _LOSS),
    ("output", _OUTPUT),
)
_AFTER: Final = r"(?:after|nach|tras|despu[eé]s de|apr[eè]s|dopo)\s+(?:the\s+|step\s+|update\s+)?"
_STEP: Final = r"(?:update|step|iteration|iter|pass|epoch|backward|actualizaci[oó]n|paso|itération|étape|schritt)"
_STEPS: Final = (
    r"(?:updates?|steps?|iterations?|backward|epochs?|backprop\w*|pass(?:es)?\b|weight|actualizaci\w+|pasos?|"
    r"itérations?|étapes?|schritte?)"
)


def _nth(figure: str, words: str) -> re.Pattern[str]:
    """Words that speak of so many updates: "after 2", "second update", "step 2", "第2次"."""
    return re.compile(
        rf"{_AFTER}(?:{words}|{figure})(?!\d)|(?:{words}|{figure}\.?)\s+{_STEPS}|"
        rf"{_STEP}\s*(?:#|n[or]\.)?\s*(?:{figure}|{words})(?![\d:.])|第\s*{figure}\s*次|更新\s*{figure}\s*次",
        re.IGNORECASE,
    )


_NTH: Final = {
    0: re.compile(
        r"\binitial|before|\bstart|given|original|\bold\b|untrained|(?:step|update|iteration|iter|epoch|pass)\s*#?\s*0\b|"
        r"at first|初始",
        re.IGNORECASE,
    ),
    1: _nth("1", "1st|first|one"),
    2: _nth("2", "2nd|second|two"),
    100: re.compile(
        r"final|\bend\b|\bfin\b|\bende\b|after\s+(?:the\s+|all\s+)?(?:100|training|hundred|looping)|(?:100|hundred)\s+(?:epochs?|iterations?|steps?)|trained|"
        r"\blast\b|(?:epoch|step|update|iteration)\s*(?:99|100)\b|最终|最后",
        re.IGNORECASE,
    ),
}


ZEROTH: Final = re.compile(r"\b(?:step|update|iteration|iter|epoch|pass)\s*#?\s*0\b", re.IGNORECASE)


def moment(text: str) -> int | None:
    """Which moment words speak of: 0 before any update, 1 and 2 after so many, 100 in the end."""
    return next((n for n in (100, 2, 1, 0) if _NTH[n].search(text)), None)


def layer(text: str) -> int | None:
    """Which layer a name belongs to; the place in a list (``net.0``) tells where the name itself does not."""
    first, second = _FIRST.search(text), _SECOND.search(text)
    if first and second:
        return 2 if re.search(r"linear2|output", text) else 1
    if first or second:
        return 1 if first else 2
    listed = _PLACE_IN_LIST.search(text)
    return int(listed[1]) + 1 if listed else None


def kind(label: str) -> str:
    """What a name speaks of: "gradient", "loss", "bias", "given", "output", or "" where it does not tell."""
    return next((kind for kind, pattern in _KINDS if pattern.search(label)), "")
