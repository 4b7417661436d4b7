"""What was read of one document: its lines and tables in order, as text with their places, and its pictures.

Nothing here knows what a table means; `grader.judges.table_layout` finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.intake.text import clean
from grader.model import Picture, Place

MAX_BYTES: Final = 30_000_000
MAX_PARTS: Final = 5_000
MAX_ROWS: Final = 2_000
MAX_COLUMNS: Final = 60
MAX_TEXT: Final = 1_000  # characters of a cell
MAX_LINE: Final = 10_000  # of a line; a paragraph may be one line


@dataclass(frozen=True)
class TextCell:
    """One cell of a table. `problem` says, as half a sentence, why what stands there cannot be read as text."""

    text: str = ""
    problem: str = ""

    @property
    def empty(self) -> bool:
        return not (self.text or self.problem)


@dataclass(frozen=True)
class Line:
    """A line outside tables; `title` where it is set as a heading."""

    text: str
    place: Place
    title: bool = False


@dataclass(frozen=True)
class Table:
    """A table, header row and row names included; rows may be of different length. `heading`: the lines just above.

    `merged_above`: a blank cell under a label may belong to it. Not so where columns were told by spaces alone.
    """

    rows: tuple[tuple[TextCell, ...], ...]
    place: Place
    heading: str = ""
    merged_above: bool = True

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.rows[0]) if self.rows else ()

    @property
    def row_names(self) -> tuple[str, ...]:
        return tuple(row[0].text if row else "" for row in self.rows[1:])


@dataclass(frozen=True)
class Reading:
    """One document read. `pictures` need a human (scans, photographs); `problem` is a sentence where reading failed.

    `code` is the source of a notebook's code cells. `elsewhere` names pictures that the document only points to; they
    may be the answer and not be handed in.
    """

    name: str
    parts: tuple[Line | Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    code: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(part for part in self.parts if isinstance(part, Table))

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if isinstance(part, Line))


def cell(text: str, problem: str = "") -> TextCell:
    """A cell, its text trimmed and cut to MAX_TEXT."""
    return TextCell(clean(text.replace("\xa0", " ")).strip()[:MAX_TEXT], problem)


def table(rows: Iterable[Sequence[TextCell]], place: Place) -> Table | None:
    """A table without its empty rows, or None where nothing is left."""
    kept = []
    for row in rows:
        if any(not entry.empty for entry in row):
            kept.append(tuple(row[:MAX_COLUMNS]))
        if len(kept) == MAX_ROWS:
            break
    return Table(tuple(kept), place) if kept else None


def with_headings(parts: Sequence[Line | Table]) -> tuple[Line | Table, ...]:
    """The parts, cut to MAX_PARTS; every table gets the one or two lines above it as its heading."""
    done: list[Line | Table] = []
    above: list[str] = []
    for part in parts[:MAX_PARTS]:
        if isinstance(part, Table):
            done.append(replace(part, heading=" / ".join(above[-2:])))
            above = []
        elif part.text.strip():
            done.append(Line(clean(part.text.strip())[:MAX_LINE], part.place, part.title))
            above.append(part.text.strip()[:200])
    return tuple(done)
