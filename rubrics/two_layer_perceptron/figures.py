"""The numbers of a text, a table or a listing, each with the words around it. What they mean is decided elsewhere.

Tensors as PyTorch and numpy print them, nested lists, LaTeX matrices, `name = value`, "Epoch: 10, loss: 0.1752".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from grader.model import Place
from rubrics.two_layer_perceptron.words import kind, moment

Array = NDArray[Any]

LONGEST: Final = 400_000  # characters that are read of one text
MOST: Final = 20_000  # figures that are read of one text
WIDEST: Final = 2_000  # entries of one figure

_WRAPPED: Final = re.compile(r"\b(?:np|numpy)\.(?:float|int|longdouble)\w*\(([^()\n]*)\)")
_MAKER: Final = re.compile(r"\b(?:(?:np|numpy|torch)\.)?(?:[Tt]ensor|(?:nd)?array|matrix)\(")
_DETAIL: Final = re.compile(r",?\s*\b(?:requires_grad|grad_fn|dtype|device|size|shape)\s*=\s*(?:<[^>\n]*>|[^,)\]\s]+)")
_LAYER_INDEX: Final = re.compile(r"(?<![A-Za-z])([A-Za-z])\^\{?[\[(](\d)[\])]\}?")  # W^{(1)}
_STEP_INDEX: Final = re.compile(r"(_\{?\w{1,2}\}?)\^\{?[\[(]?(\d{1,3})[\])]?\}?")  # w_5^{(2)}
_MATRIX: Final = re.compile(
    r"\\begin\{(?:[bBpvV]?matrix|array)\}(?:\{[lcr|]*\})?(.{0,2000}?)\\end\{(?:[bBpvV]?matrix|array)\}", re.DOTALL
)
NUMBER: Final = re.compile(r"(?<![\w.])[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,2})?(?![\w%])")
_INSIDE: Final = re.compile(r"[-+\d.eE,;()\[\]\s]*")
_ELLIPSIS: Final = re.compile(r"\.\.\.|…")
_FOUR: Final = re.compile(
    r"^([^\n\[\]]*[^\W\d][^\n\[\]]*[:=][ \t]*)((?:[-+]?\d*\.\d+[ \t,;]+){3}[-+]?\d*\.\d+)[ \t]*$", re.MULTILINE
)
_COMMA: Final = re.compile(r"(?<![\d.,])([-+]?\d{1,2}),(?=\d{3,}(?![\d.]))")
_POINT: Final = re.compile(r"\d\.\d")
_EPOCH: Final = re.compile(
    r"(?:\b(?:epochs?|epoche|epoca|época|époque|iter(?:ation)?s?|steps?|i|it|ep|t|n)|轮|эпоха|"
    r"\b(?:updates|steps|iterations|epochs)\s+(?:done|made|so far|completed))\W{0,6}$",
    re.IGNORECASE,
)
_EPOCH_AFTER: Final = re.compile(r"(?:th|st|nd|rd)?\s*[-]?\s*(?:(?:epochs?|iterations?)\b|轮)", re.IGNORECASE)
_EPOCH_BEHIND: Final = re.compile(
    r"[^\d\n]{0,30}?\b(?:epochs?|iter(?:ation)?s?|steps?|época|epoca|époque|epoche)\W{0,4}(\d{1,6})(?![.\d])",
    re.IGNORECASE,
)
_KEY: Final = re.compile(r"[{,]\s*$")
_KEY_AFTER: Final = re.compile(r"['\"]?\s*:\s*[-+]?\d{0,4}\.\d")
_SUBSCRIPTED: Final = re.compile(r"(?<!\w)(?:(?-i:[EJLC])|loss(?:es)?|errors?|costs?|mse)$", re.IGNORECASE)
_SUBSCRIPT_AFTER: Final = re.compile(r"\s*[=:]\s*[-+]?\d{0,4}\.\d")
_DECIMAL: Final = re.compile(r"\d?\.\d")
_RESULT: Final = re.compile(r"[^\w∂]{0,12}[=≈][^\w∂]{0,4}")
_OF_SO_MANY: Final = re.compile(r"\s*/\s*\d{1,6}(?![.\d])")
_THEN_DECIMAL: Final = re.compile(r"(?:[\s,:;|)\]]{1,6}|\s*(?:[-=]{1,3}>|→)\s*)[-+]?\d{0,4}\.\d")
EPOCH_HEAD: Final = re.compile(
    r"\b(?:epochs?|epochen?|[eé]pocas?|[eé]poques?|iter(?:ation)?s?|it[ée]rations?|iteraci[oó]n(?:es)?|steps?)\b|"
    r"轮|эпох[аи]",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Figure:
    """One number, vector or matrix that stands somewhere.

    `decimals` (same shape) tells how many were written. `label` are the words before it on its line, or row and column
    of a table; `heading` the words above, nearest first; `epoch` the epoch that its line names. `at` counts figures of
    one text; `number` says that it is itself such an epoch; `left`: it was not printed, a name held it after a cell.
    `line` is what stands before the label on the same line; `layer` is set where the shape of what it was taken from
    tells it.
    """

    value: Array
    decimals: Array
    label: str
    heading: tuple[str, ...]
    place: Place
    epoch: int | None = None
    at: int = 0
    number: bool = False
    left: bool = False
    line: str = ""
    layer: int | None = None


def figures(text: str, place: Place, heading: Sequence[str] = ()) -> tuple[Figure, ...]:
    """The figures of a plain text in order.

    >>> [f.value.tolist() for f in figures("Epoch: 0, loss: 0.2984, output: tensor([0.7514, 0.7729])", Place("x"))]
    [0.0, 0.2984, [0.7514, 0.7729]]
    """
    return numbered(read(plain(text[:LONGEST]), place, tuple(heading)))


def numbered(found: Sequence[Figure] | Iterator[Figure]) -> tuple[Figure, ...]:
    kept: list[Figure] = []
    for one in found:
        kept.append(replace(one, at=len(kept)))
        if len(kept) == MOST:
            break
    return tuple(kept)


def plain(text: str) -> str:
    """The text with what surrounds numbers in Python and LaTeX taken away."""
    text = text.replace("−", "-").replace("–", "-").replace("\u00a0", " ").replace("**", "").replace("`", "")
    text = (
        text.replace("\\left", "").replace("\\right", "").replace("$", " ").replace("\\,", " ").replace("\\quad", " ")
    )
    for _ in range(2):
        text = _WRAPPED.sub(r"\1", text)
    text = _STEP_INDEX.sub(r"\1 step\2", _LAYER_INDEX.sub(r"\1_\2", text))
    text = _MATRIX.sub(lambda found: _rows(found[1]), text)
    text = _FOUR.sub(_bracketed, _DETAIL.sub("", _MAKER.sub(" ", text)))
    if len(_COMMA.findall(text)) > 2 * len(_POINT.findall(text)):
        text = _COMMA.sub(r"\1.", text)
    return text


def _bracketed(found: re.Match[str]) -> str:
    """Four numbers behind a name are one result, unless they are those of an epoch."""
    name, numbers = found.groups()
    return found.group() if EPOCH_HEAD.search(name) else f"{name}[{', '.join(NUMBER.findall(numbers))}]"


def _rows(body: str) -> str:
    rows = [row for row in re.split(r"\\\\", body) if row.strip()]
    return "[" + ", ".join("[" + row.strip().replace("&", ",") + "]" for row in rows) + "]"


def read(text: str, place: Place, heading: tuple[str, ...]) -> Iterator[Figure]:
    at = 0
    line_start = 0
    epoch: int | None = None
    epoch_line = -9
    told = False  # whether the line of the epoch holds values
    line_number = 0
    above: list[str] = []
    columns: list[str] = []  # the words of a header such as "epoch  loss", while rows of numbers follow it
    while at < len(text):
        found = _next(text, at)
        if found is None:
            break
        start, end, value, decimals = found
        passed = text[at:start]
        if "\n" in passed:
            *ended, _ = (text[line_start:start]).split("\n")
            for line in ended:
                line_number += 1
                if line.strip(" -=*_|\t") and not NUMBER.search(line):
                    above.insert(0, line.strip())
                    columns = line.split() if EPOCH_HEAD.search(line) else []
                elif not _DECIMAL.search(line) and moment(line) is not None:  # "After 2 updates:"
                    above.insert(0, line.strip())
            del above[3:]
            line_start = text.rfind("\n", 0, start) + 1
        label = text[max(line_start, at) : start].strip(" \t,;|()[]{}")
        if _RESULT.fullmatch(label):  # "w5 = 0.4 - 0.5 * 0.082 = 0.3589": the last value bears the first name
            label = f"{text[line_start:start].partition('=')[0].strip()[-60:]} ="
        after = text[end : end + 24]
        whole = value.size == 1 and not np.any(decimals) and abs(float(value.ravel()[0])) < 1e6
        first = not text[line_start:start].strip(" |[({")
        before = text[max(line_start, at, start - 24) : start]
        named = _EPOCH.search(before) or _EPOCH_AFTER.match(after)
        counted = first and (_OF_SO_MANY.match(after) or _THEN_DECIMAL.match(after))  # "[10/100] …", "10 0.1752"
        keyed = _KEY.search(before) and _KEY_AFTER.match(after)  # {0: 0.2984, 10: 0.1752}
        if value.ndim:
            named, counted, keyed = None, None, _SUBSCRIPTED.search(before) and _SUBSCRIPT_AFTER.match(after)  # E[10] =
        if whole and (named or counted or keyed):
            epoch, epoch_line, number = int(value.ravel()[0]), line_number, True
        elif whole and not value.ndim and first and columns and EPOCH_HEAD.search(columns[0]):
            epoch, epoch_line, number, label = int(value), line_number, True, columns[0]
        else:
            number = False
        if not number and line_number == epoch_line:
            told = True  # "Epoch 10: 0.1752"; where its line says nothing, those below do
        elif number:
            told = False
        near = line_number == epoch_line or (line_number - epoch_line <= 2 and (not told or kind(label) == "loss"))
        here = epoch if near else None
        behind = _EPOCH_BEHIND.match(text, end) if value.size == 1 and np.any(decimals) else None
        if behind and epoch_line != line_number:  # "loss 0.1752 at epoch 10"
            here = int(behind[1])
        line = text[line_start : max(line_start, start - len(label))].strip()
        yield Figure(value, decimals, label[-160:], (*above, *heading), place, here, number=number, line=line[-160:])
        at = end


def _next(text: str, at: int) -> tuple[int, int, Array, Array] | None:
    """The next array or number from `at` on: start, end, value, decimals."""
    opening = re.compile(r"[\[(]")
    while True:
        number = NUMBER.search(text, at)
        if number is None:
            return None
        bracket = opening.search(text, at, number.start())
        while bracket is not None:
            inside = _INSIDE.match(text, bracket.start())
            assert inside is not None
            if inside.end() > number.start():
                array = _array(text, bracket.start(), inside.end())
                if array is not None:
                    return array
            bracket = opening.search(text, bracket.start() + 1, number.start())
        literal = number.group()
        value, decimals = _entry(literal)
        return number.start(), number.end(), np.array(value), np.array(decimals)


def _entry(literal: str) -> tuple[float, int]:
    mantissa, _, exponent = literal.lower().partition("e")
    return float(literal), max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))


def _array(text: str, start: int, limit: int) -> tuple[int, int, Array, Array] | None:
    """A regular array whose bracket opens at `start`, or None. A pair in round brackets counts as a vector."""
    depth, at = 0, start
    stack: list[list[Any]] = [[]]
    square = 0
    while at < limit:
        char = text[at]
        if char == "[" or (char == "(" and (at == start or depth)):
            stack.append([])
            depth += 1
            square += char == "["
        elif char in "])":
            if depth:
                inner = stack.pop()
                stack[-1].append(inner)
                depth -= 1
                if not depth:
                    break
        else:
            number = NUMBER.match(text, at)
            if number:
                stack[-1].append(_entry(number.group()))
                at = number.end()
                continue
        at += 1
    if depth or not stack[0]:
        return None
    tree = stack[0][0]
    if not square and len(tree) < 2:
        return None  # (0.35): a number in brackets
    tree = _lifted(tree)
    shape = _shape(tree)
    if shape is None or not np.prod(shape) or np.prod(shape) > WIDEST:
        return None
    flat = list(_leaves(tree))
    value = np.array([entry[0] for entry in flat]).reshape(shape)
    return start, at + 1, value, np.array([entry[1] for entry in flat], dtype=int).reshape(shape)


def _lifted(tree: list[Any]) -> list[Any]:
    """``[([0.1, 0.2])]`` as PyTorch's own brackets leave it, without the brackets that hold one list alone."""
    while len(tree) == 1 and isinstance(tree[0], list):
        tree = tree[0]
    return tree


def _shape(tree: Any) -> tuple[int, ...] | None:
    if isinstance(tree, tuple):
        return ()
    shapes = {_shape(item) for item in tree}
    if len(shapes) != 1 or None in shapes:
        return None
    inner = shapes.pop()
    assert inner is not None
    return (len(tree), *inner)


def _leaves(tree: Any) -> Iterator[tuple[float, int]]:
    if isinstance(tree, tuple):
        yield tree[0], tree[1]
        return
    for item in tree:
        yield from _leaves(item)
