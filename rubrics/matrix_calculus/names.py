"""What students call things: layers, inputs and outputs, gradients. Words and symbols to names, no judging."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from grader.formula.symbols import flat

LAYERS: Final = ("Linear1", "f", "Linear2", "g", "Loss")
SHORT: Final = 60  # characters of a name; what is longer is a sentence

_FONT = re.compile(
    r"\\(?:text|textbf|textit|mathrm|mathbf|mathcal|boldsymbol|bm|operatorname|mathit|mathsf|emph|bf|rm|pmb|texttt)\*?\b"
)
_PUNCTUATION = re.compile(r"[$*`{}\\#>|]+")
_LOSS = re.compile(
    r"\b(?:loss(?: ?function| ?layer)?|l ?mse|mse(?: ?loss)?|cost|criterion|p[ée]rdida|perda|verlust|perte|"
    r"perdita|потер\w+|"
    r"функция потерь)\b|损失|زیان|خطا"
)
_LINEAR = (
    r"(?:linear(?: ?layer)?|lin|fc|dense|affine|layer|fully connected(?: layer)?|capa(?: lineal)?|lineal|"
    r"camada(?: linear)?|"
    r"couche(?: linéaire)?|lineare|schicht|strato|слой|линейный слой|线性层|线性|全连接层|层|لایه|wx ?b)"
)
_NUMBER = {
    "1": "1",
    "i": "1",
    "one": "1",
    "first": "1",
    "一": "1",
    "2": "2",
    "ii": "2",
    "two": "2",
    "second": "2",
    "二": "2",
}
_LAYER = re.compile(rf"(?<![a-z]){_LINEAR}\s*[-#.:,(\[]*\s*(1|2|one|two|ii|i|一|二)(?![a-z0-9])")
_ORDINAL = re.compile(
    rf"(?<![a-z0-9])(?:(1st|first|primera?|première|erste\w?|prima|первый|第一(?:个)?)|"
    rf"(2nd|second|segunda?|deuxième|zweite\w?|seconda|второй|第二(?:个)?))\s*{_LINEAR}"
)
_RELU = re.compile(
    r"^(?:the )?(?:f\b|re ?lu\b|activation(?: ?(?:function|layer))?(?: ?(?:f|1|re ?lu))?$|activación f|"
    r"激活(?:函数)?$)|\brelu\b"
)
_IDENTITY = re.compile(
    r"^(?:the )?g\b|\bidentit\w*|\bidentidad\b|恒等|^(?:output )?activation ?(?:g|2)$|^activación g$"
)
INPUT: Final = re.compile(
    r"(?<![a-z])(?:inputs?|in|entradas?|entr[ée]es?|eingabe|eingang|ingress[oi]|вход\w*)(?![a-z])|输入|ورودی"
)
OUTPUT: Final = re.compile(
    r"(?<![a-z])(?:outputs?|out|salidas?|sa[ií]das?|sorties?|ausgabe|ausgang|uscit[ae]|выход\w*)(?![a-z])|输出|خروجی"
)
RESULT: Final = re.compile(r"(?<![a-z])(?:result|value|formula|expression|equation|forward|calculation)(?![a-z])")


def words(text: str) -> str:
    """A name without its markup, in small letters: "$\\text{Linear}_1$" is "linear1".

    >>> words(r"$\\text{Linear}_1$"), words("**Input of** f:")
    ('linear1', 'input of f')
    """
    text = _PUNCTUATION.sub("", _FONT.sub("", unicodedata.normalize("NFKC", text)).replace("\\_", "_"))
    text = re.sub(r"[_^](?=[\s({\[]*[12])", "", text)
    text = re.sub(r"[\s_()\[\]:;,./·–—~=&-]+", " ", re.sub(r"(?<=[A-Za-z])[({\[]+([12])[)}\]]+", r"\1", text))
    return text.strip().casefold()


def layer_of(text: str) -> str | None:
    """The layer that a short text names, or None: "fc1", "Linear (1)", "ReLU", "g = identity", "MSE"."""
    name = words(text)
    if not name or len(name) > SHORT:
        return None
    found = [layer for layer in (_loss(name), _linear(name), _activation(name)) if layer]
    return found[0] if len(found) == 1 else None


def _loss(name: str) -> str | None:
    return "Loss" if _LOSS.search(name) or name == "l" else None


def _linear(name: str) -> str | None:
    numbers = {_NUMBER[found] for found in _LAYER.findall(name)}
    for first, second in _ORDINAL.findall(name):
        numbers.add("1" if first else "2" if second else "")
    numbers.discard("")
    return f"Linear{numbers.pop()}" if len(numbers) == 1 else None


def _activation(name: str) -> str | None:
    relu, identity = bool(_RELU.search(name)), bool(_IDENTITY.search(name))
    return None if relu == identity else "f" if relu else "g"


def side_of(text: str) -> str | None:
    """ "input" or "output", for a column or a label that says one of them."""
    name = words(text)
    if len(name) > SHORT:
        return None
    into, out = bool(INPUT.search(name)), bool(OUTPUT.search(name))
    return None if into == out else "input" if into else "output"


_DERIVATIVE = re.compile(r"[∂d](?:l|L|J|C|E|MSE)(?:MSE|mse|oss|ost|yhaty|yyhat)?[∂d]([A-Za-z]+?(?:hat)?\d?)")
_NABLA = re.compile(r"(?:nabla|grad(?:ient)?|Grad(?:ient)?)(?:of|wrt)?([A-Za-z]\d)(?:l|L|J|lMSE|loss|yhaty|yyhat)*")
_GRAD = re.compile(r"([A-Za-z]\d)grad(?:ient)?")
_SHORTHAND = re.compile(r"[∂d]([WwbB]\d)")
_PARAMETER = re.compile(r"([WwBb])([12])")


@dataclass(frozen=True)
class Target:
    """What a gradient is taken of: a parameter ("W1"), or another name of the net ("z3")."""

    name: str

    @property
    def is_parameter(self) -> bool:
        return self.name in ("W1", "b1", "W2", "b2")


def flattened(text: str) -> str:
    """A spelling as `grader.formula` knows it; "" where it cannot be read."""
    try:
        return flat(text.replace("∇", r"\nabla "))
    except ValueError:
        return ""


def gradient_of(text: str) -> Target | None:
    """What a label is the gradient of: "∂l/∂W^{(1)}", "dL/dW1", "∇_{W_1} l", "W1.grad", "dW1"; None for others."""
    if len(text) > 200:
        return None
    name = flattened(text.strip(" \t:*$"))
    for pattern in (_DERIVATIVE, _NABLA, _GRAD, _SHORTHAND):
        if found := pattern.fullmatch(name):
            return Target(_canonical(found[1]))
    return None


def parameter_of(text: str) -> Target | None:
    """The parameter that a bare name is: "W^{(1)}", "b_2"."""
    found = _PARAMETER.fullmatch(flattened(text.strip(" \t:*$"))) if len(text) < 80 else None
    return Target(_canonical(found[0])) if found else None


def _canonical(name: str) -> str:
    found = _PARAMETER.fullmatch(name)
    if not found:
        return name
    return ("W" if found[1] in "Ww" else "b") + found[2]


_WEIGHT = re.compile(
    r"(?<![a-z])(?:w(?=[12]?(?![a-z]))|weights?(?: matrix)?|pesos?|poids|gewichte?|pes[oi])(?![a-z])|权重|вес"
)
_BIAS = re.compile(
    r"(?<![a-z])(?:b(?=[12]?(?![a-z]))|bias(?:es)?(?: vector)?|sesgos?|biais|vi[ée]s)(?![a-z])|偏置|偏差|смещ"
)
_WRT = re.compile(r"\bw\.?\s?\.?r\.?\s?\.?t\.?(?![a-z])|with respect to|respecto a", re.IGNORECASE)
_INDEX = re.compile(r"(?:(?<=[wb])|(?<![a-z\d])|(?<=weight)|(?<=weights)|(?<=bias))\s?([12])(?!\d)")


_TURNED = re.compile(r"\^\s*\{?\s*(?:T\b|\\top|\\intercal|\\mathsf|\\mathrm)|ᵀ|\.T\b")


_FORMULA = re.compile(
    r"[=+∂⊙]|\\(?:partial|frac|dfrac|tfrac|max|odot|cdot)|d[lLzyJ]\w{0,4}\s?/\s?d|d[lz]\w{0,4}_d|max\s*\(|relu\s*\(",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:^|[\s:$,(])((?:\\[dt]?frac|\\nabla|∇|∂|\\partial|\(?d[lLJCE])\S.*)$")


def noun_of(text: str) -> str:
    """A label without the words before it: "Gradient of W1: dL/dW1", "so $∂l/∂W_1$"."""
    text = text.strip().strip("$").strip()
    found = _LABEL.search(text)
    return found[1] if found and gradient_of(found[1]) else text


@dataclass(frozen=True)
class Hint:
    """What a name of a row or a column tells of a gradient: the kind of parameter, the layer, or neither."""

    kind: str = ""
    index: str = ""

    def __add__(self, other: Hint) -> Hint:
        return Hint(self.kind or other.kind, self.index or other.index)

    @property
    def target(self) -> Target | None:
        return Target(self.kind + self.index) if self.kind and self.index else None


def hint_of(text: str) -> Hint:
    """Reads "Linear_1", "weight", "Gradient w.r.t. $b^{(2)}$", "∂l/∂W"; contradictory or long texts tell nothing."""
    target = gradient_of(text) or parameter_of(text)
    if target and target.is_parameter:
        return Hint(target.name[0], target.name[1])
    bare = re.fullmatch(r"[∂d][a-zA-Z]{1,4}[∂d]([Ww]|b)i?|(?:nabla|[∂d])?([Ww]|b)i?", flattened(text.strip(" :*$")))
    if bare:
        return Hint("W" if (bare[1] or bare[2]) in "Ww" else "b")
    noun = noun_of(text)
    if noun != text and (target := gradient_of(noun)) and target.is_parameter:
        return Hint(target.name[0], target.name[1])
    name = words(_WRT.sub(" ", text))
    if not name or len(name) > SHORT or _TURNED.search(text) or _FORMULA.search(text):
        return Hint()
    weight, bias = bool(_WEIGHT.search(name)), bool(_BIAS.search(name))
    layer = layer_of(re.sub(r"(?<![a-z])(?:weights?|bias(?:es)?|gradients?)(?![a-z])", " ", name))
    index = layer[-1] if layer and layer.startswith("Linear") else ""
    numbers = set(_INDEX.findall(name))
    if not index and len(numbers) == 1:
        index = numbers.pop()
    kind = "" if weight == bias else "W" if weight else "b"
    return Hint(kind, index)
