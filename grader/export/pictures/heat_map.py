"""Where an array differs from the expected one: a cell an entry, a sign for the direction, a shade for how far."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from grader.export.matrix import differing
from grader.export.pictures.drawing import NO_DRAWING, frame, rectangle, text
from grader.model import Array

_FEWEST = 4  # entries; up to that many, the numbers themselves say more
_MOST_ROWS, _MOST_COLUMNS = 32, 48
_WIDTH = 600
_TALL, _WIDE = 30, 34  # the largest cell
_SHADES = 4


def heat_map(want: Array | float, got: Array | float, *, name: str = "") -> Markup:
    """The drawing; empty for other shapes, for few entries, and where nothing differs.

    Of three and more dimensions the first matrix that differs is drawn; large ones are drawn in blocks, each with
    its largest difference.
    """
    expected, came = np.asarray(want), np.asarray(got)
    if expected.shape != came.shape or expected.size <= _FEWEST or expected.ndim == 0:
        return NO_DRAWING
    if expected.dtype.kind == "c" or came.dtype.kind == "c":
        return NO_DRAWING
    off = differing(expected, came)
    if not off.any():
        return NO_DRAWING
    with np.errstate(all="ignore"):
        change = np.where(off, came.astype(np.float64) - expected.astype(np.float64), 0.0)
    whole, odd = int(off.size), int(off.sum())
    change, off, where = _matrix(change, off)
    rows, columns = change.shape
    change, off, block = _blocks(change, off)
    tall, wide = min(_TALL, _WIDTH / change.shape[1]), min(_WIDE, _WIDTH / change.shape[1])
    finite = np.abs(change[np.isfinite(change)])
    most = float(finite.max(initial=0.0)) or 1.0
    parts = []
    for (i, j), value in np.ndenumerate(change):
        sign, shade = _look(float(value), bool(off[i, j]), most)
        parts.append(rectangle(j * wide, i * tall, wide, tall, f"cell {shade}"))
        if sign and wide >= 8:
            parts.append(text((j + 0.5) * wide, (i + 0.5) * tall + 5, sign, "sign"))
    title = f"Where {name} differs" if name else "Where yours differs"
    words = f"{odd} of {whole} entries differ{where}. {_signs(change, off)}"
    if block > 1:
        words += f" Each cell stands for a block of {block} × {block} of the {rows} × {columns} entries."
    width, height = change.shape[1] * wide, change.shape[0] * tall
    return frame("heat", max(width, 60), height, title, words, parts)


def _look(value: float, off: bool, most: float) -> tuple[str, str]:
    """Sign and class of a cell: "+" where yours is larger, "−" where it is smaller, "!" where it is no number."""
    if not off:
        return "", "same"
    if not np.isfinite(value):
        return "!", "odd"
    level = min(_SHADES, max(1, int(np.ceil(_SHADES * abs(value) / most))))
    return ("+", f"more shade{level}") if value > 0 else ("−", f"less shade{level}")


def _signs(change: Array, off: NDArray[np.bool_]) -> str:
    finite = np.isfinite(change)
    counts = {
        "too large": int((off & finite & (change > 0)).sum()),
        "too small": int((off & finite & (change < 0)).sum()),
        "no finite numbers": int((off & ~finite).sum()),
    }
    return "Of the cells drawn, " + ", ".join(f"{count} are {what}" for what, count in counts.items() if count) + "."


def _matrix(change: Array, off: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_], str]:
    if change.ndim == 1:
        return change[None, :], off[None, :], ""
    if change.ndim == 2:
        return change, off, ""
    flat, marks = change.reshape(-1, *change.shape[-2:]), off.reshape(-1, *off.shape[-2:])
    first = int(np.argmax(marks.any(axis=(1, 2))))
    index = ", ".join(str(int(n)) for n in np.unravel_index(first, change.shape[:-2]))
    return flat[first], marks[first], f"; drawn is [{index}], the first of the matrices that do"


def _blocks(change: Array, off: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_], int]:
    """Square blocks, as many as a page can show; each with the entry that differs most."""
    rows, columns = change.shape
    block = max(1, -(-rows // _MOST_ROWS), -(-columns // _MOST_COLUMNS))
    if block == 1:
        return change, off, 1
    shape = (-(-rows // block), -(-columns // block))
    small, marks = np.zeros(shape), np.zeros(shape, dtype=bool)
    for i, j in np.ndindex(*shape):
        part = np.s_[i * block : (i + 1) * block, j * block : (j + 1) * block]
        size = np.where(np.isfinite(change[part]), np.abs(change[part]), np.inf)
        small[i, j] = change[part].ravel()[int(np.argmax(size))]
        marks[i, j] = off[part].any()
    return small, marks, block
