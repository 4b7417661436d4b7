"""What a student's name stands for: a gradient by weights or biases, an error term, a bias, and of which layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LAST: Final = re.compile(r"\[['\"]?([^\]'\"]+)['\"]?\]$")
_GRADIENT: Final = re.compile(
    r"grad|(?<![a-z])d_?l?_?(?:l|loss|e|j|c)?_?_?d?_?(?:w|b|z|a|h|o|s|weight|bias|pred|y|out|hidden|input|output)"
    r"|nabla|deriv|delta|∂|(?<![a-z])g_?[wb]_?\d|(?<![a-z])[wb]_?\d_?(?:g|d)(?![a-z])|(?<![a-z])devi\d?(?![a-z])"
    r"|(?<![a-z])gl_?|error_?\d|err_?\d",
    re.IGNORECASE,
)
_ERROR: Final = re.compile(
    r"delta|error|err(?![a-z])|(?:^|[^a-z])d_?(?:l_?d_?)?z|devi|dz|grad_?z|z_?\d?_?grad", re.IGNORECASE
)
_BIAS: Final = re.compile(
    r"bias|(?:^|[^a-z])(?:d_?|g_?|grad_?(?:of_?)?|dl_?d?_?|dloss_?d?_?|nabla_?|delta_?)?b(?:_|\d|$|[^a-z])|db|gb",
    re.IGNORECASE,
)
_WEIGHT: Final = re.compile(
    r"weight|(?:^|[^a-z])(?:d_?|g_?|grad_?(?:of_?)?|dl_?d?_?|dloss_?d?_?|nabla_?|delta_?)?w(?:_|\d|$|[^a-z])|dw|gw|theta",
    re.IGNORECASE,
)
_WORDS: Final = (
    (re.compile(r"out|last|third|final|(?<![a-z])o(?![a-z])|three", re.IGNORECASE), 3),
    (re.compile(r"(?<![a-z])in(?:put)?(?![a-z])|first|one(?![a-z])|input", re.IGNORECASE), 1),
    (re.compile(r"hid|second|mid|two(?![a-z])", re.IGNORECASE), 2),
)
_NUMERIC: Final = re.compile(r"numeric|num_?grad|finite|approx|_fd|fd_|check|central", re.IGNORECASE)


@dataclass(frozen=True)
class Meaning:
    """`kind`: "W", "b" (gradients), "z" (an error term), "" (some gradient); `index` as written, `layer` by a word."""

    kind: str
    index: int | None = None
    layer: int | None = None


def is_gradient(path: str) -> bool:
    """Whether a name speaks of a gradient.

    >>> [is_gradient(name) for name in ("dW1", "grad_b2", "W1", "delta3", "data", "net.0.weight", "grads['W1']", "b1")]
    [True, True, False, True, False, False, True, False]
    """
    return bool(_GRADIENT.search(path)) and not path.lower().startswith(("data", "dataset"))


def is_numeric(path: str) -> bool:
    """Whether a name speaks of a gradient by finite differences."""
    return bool(_NUMERIC.search(path))


def says_bias(path: str) -> bool:
    """Whether a name may be a bias (or a gradient by one)."""
    return bool(_BIAS.search(path))


def meaning(path: str) -> Meaning | None:
    """What a name that speaks of a gradient means.

    >>> meaning("dW1"), meaning("grads['b3']").kind, meaning("delta2").kind, meaning("x")
    (Meaning(kind='W', index=1, layer=None), 'b', 'z', None)
    """
    if not is_gradient(path):
        return None
    subject = _LAST.search(path)
    own = path if subject is None or subject[1].isdigit() else f"{path[: subject.start()]}.{subject[1]}"
    bias, weight, error = _BIAS.search(own), _WEIGHT.search(own), _ERROR.search(own)
    kind = "b" if bias and not weight else "W" if weight and not bias else "z" if error and not bias else ""
    digits = re.findall(r"\d+", path)
    index = int(digits[-1]) if digits and len(digits[-1]) < 3 else None
    layer = next((number for words, number in _WORDS if words.search(own)), None)
    return Meaning(kind, index, layer)


def layer_of(path: str, others: Sequence[str]) -> int | None:
    """The layer that a name speaks of, beside the names of the same kind: 1, 2, 3, or 0, 1, 2, or 0, 2, 4.

    >>> layer_of("dW[0]", ["dW[0]", "dW[1]", "dW[2]"]), layer_of("dW3", ["dW1", "dW2", "dW3"])
    (1, 3)
    """
    said = meaning(path)
    if said is None:
        return None
    if said.index is None:
        return said.layer
    stem = re.sub(r"\d+(?!.*\d)", "#", path)
    indices = sorted(
        {
            m.index
            for p in others
            if re.sub(r"\d+(?!.*\d)", "#", p) == stem and (m := meaning(p)) and m.index is not None
        }
    )
    if len(indices) == 3 and said.index in indices:
        return indices.index(said.index) + 1
    if 0 in indices:
        return said.index + 1
    return said.index if 1 <= said.index <= 3 else said.layer
