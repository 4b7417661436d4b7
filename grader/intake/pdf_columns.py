"""Tables of a PDF page that has no rules: columns told by where words stand, gaps measured against the font.

Needs no line between cells; a page of prose comes out as lines. Ruled tables are read in `pdf`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from grader.intake.reading import Line, Table, TextCell, cell, table
from grader.model import Place

_GAP: Final = 0.5  # of the font's size: a space is a quarter to a third of it
_MONOSPACED_GAP: Final = 1.5  # of a character's width, where all characters are equally wide
_APART: Final = 3.5  # of a line's height: rows further apart are not one table
_NUMBER: Final = re.compile(r"[-+−(\[]*\s*\.?\d")
_BETWEEN: Final = "does not stand clearly in one column"


@dataclass(frozen=True)
class Piece:
    """Words that stand close together on one line: a cell, or a whole line of prose. Coordinates in points."""

    x0: float
    x1: float
    text: str


@dataclass(frozen=True)
class Row:
    """The pieces of one line, from left to right; top and bottom in points from the page's upper edge."""

    top: float
    bottom: float
    pieces: tuple[Piece, ...]
    words: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)


def read_columns(page: Any, place: Place) -> list[Line | Table]:
    """Lines and tables of a page, from top to bottom. Rows that stand close together with two pieces or more, one below
    the other, are a table."""
    parts: list[Line | Table] = []
    rows = rows_of(page)
    at = 0
    while at < len(rows):
        end = _end(rows, at)
        found = table(_placed(rows[at:end]), place) if end - at > 1 else None
        if found is not None:
            header = _header(rows[at - 1], rows[at:end]) if at and isinstance(parts[-1], Line) else None
            if header is not None:
                parts[-1:] = []
                found = Table((header, *found.rows), place)
            parts.append(Table(found.rows, place, merged_above=False))
            at = end
            continue
        parts.append(Line(rows[at].text, place))
        at += 1
    return parts


def rows_of(page: Any) -> list[Row]:
    """The page's words as lines, and each line cut where a gap is wider than a space."""
    words = page.extract_words(x_tolerance_ratio=0.15, y_tolerance=2, extra_attrs=["size"])
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda w: ((w["top"] + w["bottom"]) / 2, w["x0"])):
        middle = (word["top"] + word["bottom"]) / 2
        if lines and lines[-1][0]["top"] <= middle <= lines[-1][0]["bottom"]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_row(line) for line in lines]


def _row(words: list[dict[str, Any]]) -> Row:
    words = sorted(words, key=lambda word: word["x0"])
    gap = _widest_space(words)
    pieces = [Piece(words[0]["x0"], words[0]["x1"], words[0]["text"])]
    for word in words[1:]:
        last = pieces[-1]
        if word["x0"] - last.x1 <= gap:
            pieces[-1] = Piece(last.x0, max(last.x1, word["x1"]), f"{last.text} {word['text']}")
        else:
            pieces.append(Piece(word["x0"], word["x1"], word["text"]))
    single = tuple(Piece(word["x0"], word["x1"], word["text"]) for word in words)
    return Row(min(w["top"] for w in words), max(w["bottom"] for w in words), tuple(pieces), single)


def _widest_space(words: Sequence[dict[str, Any]]) -> float:
    """What still counts as a space on this line, in points."""
    widths = [float(word["x1"] - word["x0"]) / len(word["text"]) for word in words if len(word["text"]) > 1]
    size = max(float(word["size"]) for word in words)
    if len(widths) > 1 and max(widths) - min(widths) < 0.01 * size:
        return _MONOSPACED_GAP * widths[0]
    return _GAP * size


def _end(rows: Sequence[Row], at: int) -> int:
    """The end of the run of rows from `at` on that may be one table: pieces side by side, not far below one another."""
    end = at
    while end < len(rows) and len(rows[end].pieces) > 1:
        if end > at and rows[end].top - rows[end - 1].bottom > _APART * (rows[end].bottom - rows[end].top):
            break
        end += 1
    return end


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """From where to where each column of the fullest rows goes."""
    most = max(len(row.pieces) for row in rows)
    full = [row.pieces for row in rows if len(row.pieces) == most]
    return [(min(p[n].x0 for p in full), max(p[n].x1 for p in full)) for n in range(most)]


def _nearest(columns: Sequence[tuple[float, float]], piece: Piece) -> int:
    return max(range(len(columns)), key=lambda n: min(columns[n][1], piece.x1) - max(columns[n][0], piece.x0))


def _header(above: Row, rows: Sequence[Row]) -> tuple[TextCell, ...] | None:
    """The line above a table as its header, where narrow columns leave little more than a space between the names.

    It is cut at its widest gaps, which must stand out, into a name for each column or for all but the first.
    """
    if rows[0].top - above.bottom > _APART * (above.bottom - above.top) or len(above.pieces) > 1:
        return None
    if not any(_NUMBER.match(piece.text) for piece in rows[0].pieces):
        return None  # names stand there already
    columns = _columns(rows)
    for count in (len(columns), len(columns) - 1):
        names = _cut(above.words, count) if count > 1 else ()
        under = [_nearest(columns, name) for name in names]
        if names and under == sorted(set(under)):
            texts = dict(zip(under, names, strict=True))
            return tuple(cell(texts[n].text if n in texts else "") for n in range(len(columns)))
    return None


def _cut(words: Sequence[Piece], count: int) -> tuple[Piece, ...]:
    """The words as so many pieces, cut at the widest gaps; none where those are hardly wider than the others."""
    gaps = [right.x0 - left.x1 for left, right in pairwise(words)]
    widest = sorted(gaps, reverse=True)
    if len(gaps) < count - 1 or (len(gaps) >= count and widest[count - 1] * 1.3 > widest[count - 2]):
        return ()
    pieces = [words[0]]
    for gap, word in zip(gaps, words[1:], strict=True):
        last = pieces[-1]
        if gap >= widest[count - 2]:
            pieces.append(word)
        else:
            pieces[-1] = Piece(last.x0, word.x1, f"{last.text} {word.text}")
    return tuple(pieces)


def _placed(rows: Sequence[Row]) -> list[list[TextCell]]:
    """Each row's pieces under the columns of the fullest rows, by where they stand."""
    columns = _columns(rows)
    most = len(columns)
    placed = []
    for row in rows:
        if len(row.pieces) == most:
            placed.append([cell(piece.text) for piece in row.pieces])
            continue
        under: list[list[str]] = [[] for _ in columns]
        doubtful: set[int] = set()
        for piece in row.pieces:
            touched = [n for n, (x0, x1) in enumerate(columns) if min(x1, piece.x1) > max(x0, piece.x0)]
            nearest = _nearest(columns, piece)
            under[nearest].append(piece.text)
            if len(touched) > 1 or len(under[nearest]) > 1:
                doubtful.add(nearest)
        placed.append([cell(" ".join(texts), _BETWEEN if n in doubtful else "") for n, texts in enumerate(under)])
    return placed
