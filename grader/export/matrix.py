"""Arrays as tables for a page: rounded so that what differs looks different, and abbreviated where they are large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.model import Array

MOST = 6
"""Rows or columns that are shown in full."""

_MOST_SLICES = 3
_CLOSE = 1e-5  # entries nearer than this, measured by the largest expected one, are not pointed at
_GAP = -1


@dataclass(frozen=True)
class Entry:
    """One number as text; `off` where it differs from what was expected, `gap` where entries were left out."""

    text: str
    off: bool = False
    gap: bool = False


@dataclass(frozen=True)
class Slice:
    """A matrix of an array: all of it for one or two dimensions, otherwise the one that `title` names.

    `top` and `side` number the columns and rows; they are empty where nothing was left out.
    """

    title: str
    rows: tuple[tuple[Entry, ...], ...]
    top: tuple[str, ...] = ()
    side: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """An array to be shown; `scalar` instead of slices for a single number."""

    shape: str
    slices: tuple[Slice, ...] = ()
    scalar: Entry | None = None
    left_out: str = ""


def table(value: Array | float) -> Table:
    """One array or number by itself.

    >>> table(0.05).scalar
    Entry(text='0.05', off=False, gap=False)
    >>> [[entry.text for entry in row] for row in table(np.array([[1.0, 2.5]])).slices[0].rows]
    [['1', '2.5']]
    """
    array = np.asarray(value)
    return _table(array, np.zeros(array.shape, dtype=bool), 4)


def tables(want: Array | float, got: Array | float) -> tuple[Table, Table]:
    """What was expected and what came, with the entries of the latter that differ marked.

    Where only axes of length 1 tell the shapes apart, the second is shown in the first one's shape.
    """
    expected, came = np.asarray(want), np.asarray(got)
    if expected.shape != came.shape and _squeezed(expected) == _squeezed(came):
        came = came.reshape(expected.shape)
    off = differing(expected, came)
    if off.any():
        here = np.argwhere(off)[0]
        digits = _telling_digits(expected[off], came[off])
        return _table(expected, np.zeros_like(off), digits, here), _table(came, off, digits, here)
    return _table(expected, np.zeros(expected.shape, dtype=bool), 4), _table(came, off, 4)


def differing(want: Array, got: Array) -> NDArray[np.bool_]:
    """Which entries of `got` differ; all False where the shapes differ, for then no entry has a counterpart."""
    if want.shape != got.shape:
        return np.zeros(got.shape, dtype=bool)
    with np.errstate(all="ignore"):
        wide_want, wide_got = want.astype(np.complex128), got.astype(np.complex128)
        finite = np.abs(wide_want[np.isfinite(wide_want)])
        scale = float(finite.max()) if finite.size else 0.0
        same = (wide_want == wide_got) | (np.isnan(wide_want) & np.isnan(wide_got))
        near = np.abs(wide_want - wide_got) <= _CLOSE * scale
    off: NDArray[np.bool_] = np.asarray(~(same | near), dtype=bool)
    return off if off.any() else np.asarray(~same, dtype=bool)


def shape_words(shape: Sequence[int]) -> str:
    """A shape in words that a page can show.

    >>> shape_words(()), shape_words((3,)), shape_words((2, 4))
    ('a single number', '3 numbers in a row', '2 × 4')
    """
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return "1 number in a row" if shape[0] == 1 else f"{shape[0]} numbers in a row"
    return " × ".join(str(n) for n in shape)


def _table(array: Array, off: NDArray[np.bool_], digits: int, focus: NDArray[np.intp] | None = None) -> Table:
    shape = shape_words(array.shape)
    if array.ndim == 0:
        return Table(shape, scalar=Entry(_number(array.item(), digits), bool(off.item())))
    if array.size == 0:
        return Table(shape, left_out="It is empty.")
    flat, marks = (part.reshape(-1, *_last_two(array.shape)) for part in (array, off))
    first = int(np.argmax(marks.any(axis=(1, 2)))) if marks.any() else 0
    if focus is not None and array.ndim > 2:
        first = int(np.ravel_multi_index(tuple(focus[:-2]), array.shape[:-2]))
    chosen = sorted({first, *range(min(_MOST_SLICES - 1, len(flat)))})
    at = (0, 0) if focus is None else (int(focus[-2]) if len(focus) > 1 else 0, int(focus[-1]))
    names = [
        "" if array.ndim < 3 else "[" + ", ".join(map(str, np.unravel_index(n, array.shape[:-2]))) + "]" for n in chosen
    ]
    slices = tuple(_slice(flat[n], marks[n], digits, at, name) for n, name in zip(chosen, names, strict=True))
    left = len(flat) - len(chosen)
    return Table(shape, slices, left_out=f"{left} more of these are not shown." if left else "")


def _slice(matrix: Array, off: NDArray[np.bool_], digits: int, at: tuple[int, int], title: str) -> Slice:
    rows, columns = (_chosen(length, place) for length, place in zip(matrix.shape, at, strict=True))
    cells = tuple(
        tuple(
            Entry("…", gap=True) if _GAP in (i, j) else Entry(_number(matrix[i, j], digits), bool(off[i, j]))
            for j in columns
        )
        for i in rows
    )
    if _GAP not in rows and _GAP not in columns:
        return Slice(title, cells)
    return Slice(title, cells, tuple(map(_index, columns)), tuple(map(_index, rows)))


def _chosen(length: int, focus: int) -> list[int]:
    """The indices to show along an axis, with -1 for a gap: the beginning, what is around `focus`, and the end."""
    if length <= MOST:
        return list(range(length))
    near = range(MOST - 1) if focus < MOST - 1 else (0, *range(max(1, focus - 1), min(length, focus + 2)))
    shown: list[int] = []
    for index in sorted({*near, length - 1}):
        if shown and index > shown[-1] + 1:
            shown.append(_GAP)
        shown.append(index)
    return shown


def _index(index: int) -> str:
    return "…" if index == _GAP else str(index)


def _last_two(shape: tuple[int, ...]) -> tuple[int, int]:
    return (1, shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])


def _squeezed(array: Array) -> tuple[int, ...]:
    return tuple(n for n in array.shape if n != 1)


def _telling_digits(want: Array, got: Array) -> int:
    """The fewest significant digits, four at least, that show each pair as two different numbers."""
    pairs = list(zip(want.ravel()[:1000], got.ravel()[:1000], strict=True))
    for digits in range(4, 17):
        if all(_number(a, digits) != _number(b, digits) for a, b in pairs):
            return digits
    return 17


def _number(value: complex | float | int, digits: int) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"{complex(value):.{digits}g}"
    number = float(value)
    if number == round(number) if np.isfinite(number) and abs(number) < 1e6 else False:
        return str(int(number))
    return f"{number:.{digits}g}"
