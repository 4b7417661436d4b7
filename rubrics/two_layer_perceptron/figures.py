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

from grader.intake.reading import Line, Reading, Table
from grader.model import Place

Array = NDArray[Any]

LONGEST: Final = 400_000  # characters that are read of one text
MOST: Final = 20_000  # figures that are read of one text
WIDEST: Final = 2_000  # entries of one figure

_WRAPPED: Final = re.compile(r"\b(?:np|numpy)\.(?:float|int|longdouble)\w*\(([^()\n]*)\)")
_MAKER: Final = re.compile(r"\b(?:(?:np|numpy|torch)\.)?(?:[Tt]ensor|(?:nd)?array|matrix)\(")
_DETAIL: Final = re.compile(r",?\s*\b(?:requires_grad|grad_fn|dtype|device|size|shape)\s*=\s*(?:<[^>\n]*>|[^,)\]\s]+)")
_MATRIX: Final = re.compile(
    r"\\begin\{(?:[bBpvV]?matrix|array)\}(?:\{[lcr|]*\})?(.{0,2000}?)\\end\{(?:[bBpvV]?matrix|array)\}", re.DOTALL
)
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,2})?(?![\w%])")
_INSIDE: Final = re.compile(r"[-+\d.eE,;()\[\]\s]*")
_ELLIPSIS: Final = re.compile(r"\.\.\.|…")
_COMMA: Final = re.compile(r"(?<![\d.,])([-+]?\d{1,2}),(?=\d{3,}(?![\d.]))")
_POINT: Final = re.compile(r"\d\.\d")
_EPOCH: Final = re.compile(
    r"(?:\b(?:epochs?|epoche|epoca|época|époque|iter(?:ation)?s?|steps?|i|it|ep|t|n)|轮|эпоха)\W{0,6}$", re.IGNORECASE
)
_EPOCH_AFTER: Final = re.compile(r"(?:th|st|nd|rd)?\s*[-]?\s*(?:epochs?|iterations?)\b", re.IGNORECASE)
_RESULT: Final = re.compile(r"[^\w∂]{0,12}[=≈][^\w∂]{0,4}")
_OF_SO_MANY: Final = re.compile(r"\s*/\s*\d{1,6}(?![.\d])")
_THEN_DECIMAL: Final = re.compile(r"[\s,:;|)\]]{1,6}[-+]?\d{0,4}\.\d")
_ROW_OF_RESULTS: Final = re.compile(r"grad|pred|out", re.IGNORECASE)
_EPOCH_HEAD: Final = re.compile(r"\b(?:epochs?|iter(?:ation)?s?|steps?)\b|轮|эпоха", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Figure:
    """One number, vector or matrix that stands somewhere.

    `decimals` (same shape) tells how many were written. `label` are the words before it on its line, or row and column
    of a table; `heading` the words above, nearest first; `epoch` the epoch that its line names. `at` counts figures of
    one text; `number` says that it is itself such an epoch; `left`: it was not printed, a name held it after a cell.
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


def figures(text: str, place: Place, heading: Sequence[str] = ()) -> tuple[Figure, ...]:
    """The figures of a plain text in order.

    >>> [f.value.tolist() for f in figures("Epoch: 0, loss: 0.2984, output: tensor([0.7514, 0.7729])", Place("x"))]
    [0.0, 0.2984, [0.7514, 0.7729]]
    """
    return _numbered(_figures(_plain(text[:LONGEST]), place, tuple(heading)))


def figures_of(reading: Reading) -> tuple[Figure, ...]:
    """The figures of a document, its tables cell by cell."""
    found: list[Figure] = []
    above: list[str] = []
    lines: list[str] = []
    place = Place(reading.name)

    def flush() -> None:
        if lines:
            found.extend(_figures(_plain("\n".join(lines)), place, tuple(above)))
            lines.clear()

    for part in reading.parts:
        if isinstance(part, Table):
            flush()
            found.extend(_table(part, above))
            continue
        if part.title or _only_words(part):
            flush()
            above.insert(0, part.text)
            del above[4:]
            continue
        lines.append(part.text)
        place = part.place
    flush()
    return _numbered(found)


def _only_words(line: Line) -> bool:
    return not _NUMBER.search(line.text) and len(line.text) < 160


def _numbered(found: Sequence[Figure] | Iterator[Figure]) -> tuple[Figure, ...]:
    kept: list[Figure] = []
    for one in found:
        kept.append(replace(one, at=len(kept)))
        if len(kept) == MOST:
            break
    return tuple(kept)


def _plain(text: str) -> str:
    """The text with what surrounds numbers in Python and LaTeX taken away."""
    text = text.replace("−", "-").replace("–", "-").replace("\u00a0", " ").replace("**", "").replace("`", "")
    text = (
        text.replace("\\left", "").replace("\\right", "").replace("$", " ").replace("\\,", " ").replace("\\quad", " ")
    )
    for _ in range(2):
        text = _WRAPPED.sub(r"\1", text)
    text = _MATRIX.sub(lambda found: _rows(found[1]), text)
    text = _DETAIL.sub("", _MAKER.sub(" ", text))
    if len(_COMMA.findall(text)) > 2 * len(_POINT.findall(text)):
        text = _COMMA.sub(r"\1.", text)
    return text


def _rows(body: str) -> str:
    rows = [row for row in re.split(r"\\\\", body) if row.strip()]
    return "[" + ", ".join("[" + row.strip().replace("&", ",") + "]" for row in rows) + "]"


def _figures(text: str, place: Place, heading: tuple[str, ...]) -> Iterator[Figure]:
    at = 0
    line_start = 0
    epoch: int | None = None
    epoch_line = -9
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
                if line.strip(" -=*_|\t") and not _NUMBER.search(line):
                    above.insert(0, line.strip())
                    columns = line.split() if _EPOCH_HEAD.search(line) else []
            del above[3:]
            line_start = text.rfind("\n", 0, start) + 1
        label = text[max(line_start, at) : start].strip(" \t,;|()[]{}")
        if _RESULT.fullmatch(label):  # "w5 = 0.4 - 0.5 * 0.082 = 0.3589": the last value bears the first name
            label = f"{text[line_start:start].partition('=')[0].strip()[-60:]} ="
        after = text[end : end + 24]
        whole = value.ndim == 0 and not decimals and abs(float(value)) < 1e6
        first = not text[line_start:start].strip(" |[(")
        named = _EPOCH.search(text[max(line_start, at, start - 24) : start]) or _EPOCH_AFTER.match(after)
        counted = first and (_OF_SO_MANY.match(after) or _THEN_DECIMAL.match(after))  # "[10/100] …", "10 0.1752"
        if whole and (named or counted):
            epoch, epoch_line, number = int(value), line_number, True
        elif whole and first and columns and _EPOCH_HEAD.search(columns[0]):
            epoch, epoch_line, number, label = int(value), line_number, True, columns[0]
        else:
            number = False
        here = epoch if line_number - epoch_line <= 2 else None
        yield Figure(value, decimals, label[-160:], (*above, *heading), place, here, number=number)
        at = end


def _next(text: str, at: int) -> tuple[int, int, Array, Array] | None:
    """The next array or number from `at` on: start, end, value, decimals."""
    opening = re.compile(r"[\[(]")
    while True:
        number = _NUMBER.search(text, at)
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
            number = _NUMBER.match(text, at)
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


def _table(table: Table, above: Sequence[str]) -> Iterator[Figure]:
    """Every cell of a table with its row's and its column's name; a column of epochs names the epoch of its row."""
    if not table.rows:
        return
    rows = [[entry.text for entry in row] for row in table.rows]
    headed = not any(_is_number(text) for text in rows[0][1:]) or not any(_is_number(text) for text in rows[0])
    across = bool(_EPOCH_HEAD.search(rows[0][0])) and all(re.fullmatch(r"\d+", text) for text in rows[0][1:] if text)
    header = rows[0] if headed or across else []
    heading = tuple(dict.fromkeys([*([table.heading] if table.heading else []), *above]))
    for row in rows[1:] if header else rows:
        epoch: int | None = None
        name = ""
        alone: list[Figure] = []
        for column, text in enumerate(row):
            title = header[column] if column < len(header) else ""
            found = list(_figures(_plain(text), table.place, ()))
            if not across and _EPOCH_HEAD.search(title) and "loss" not in title.lower() and _is_epoch(found):
                epoch = int(found[0].value)
                continue
            if column == 0 and not _is_number(text):
                name = text
                counted = re.search(r"\d+", text)
                epoch = int(counted.group()) if counted and _EPOCH_HEAD.search(text) else None
                continue
            own_epoch = int(title) if across and title.isdigit() else epoch
            label = name if across else " | ".join(part for part in (name, title) if part)
            for one in found:
                own = f"{label} | {one.label}" if one.label else label
                placed = replace(
                    one, label=own, heading=heading, epoch=own_epoch if own_epoch is not None else one.epoch
                )
                alone += [placed] if placed.value.ndim == 0 else []
                yield placed
        if len(alone) in (2, 4) and _ROW_OF_RESULTS.search(name):  # one result, an entry in each cell
            value, decimals = np.array([one.value for one in alone]), np.array([one.decimals for one in alone])
            yield replace(alone[0], value=value, decimals=decimals, label=name)


def _is_epoch(found: Sequence[Figure]) -> bool:
    return len(found) == 1 and found[0].value.ndim == 0 and not found[0].decimals


def _is_number(text: str) -> bool:
    plain = _plain(text).strip(" ≈~=")
    if not plain:
        return False
    rest = _NUMBER.sub("", plain)
    return rest != plain and not re.search(r"[^\W\d_]", rest)
