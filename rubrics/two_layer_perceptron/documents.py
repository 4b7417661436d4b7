"""The figures of a document or of what a program has printed: lines as text, tables cell by cell (`cells`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from grader.intake.reading import Line, Reading, Table, TextCell
from grader.model import Place
from rubrics.two_layer_perceptron.cells import figures_of_table
from rubrics.two_layer_perceptron.figures import LONGEST, NUMBER, Figure, numbered, plain, read
from rubrics.two_layer_perceptron.nested import unnested

_ROW: Final = re.compile(r"[\s|]*([^\W\d]\w*)\s*[:|]?((?:[\s|]+[-+]?\d*\.\d+){2,})[\s|]*")
_GAP: Final = re.compile(r"\s{2,}|\s*\|\s*|\t")
_FEWEST_ROWS: Final = 3


def figures_of(reading: Reading) -> tuple[Figure, ...]:
    """The figures of a document, its tables cell by cell."""
    found: list[Figure] = []
    above: list[str] = []
    lines: list[str] = []
    place = Place(reading.name)

    def flush() -> None:
        if lines:
            found.extend(read(plain("\n".join(lines)), place, tuple(above)))
            lines.clear()

    for part in _written_out(reading.parts):
        if isinstance(part, Table):
            flush()
            found.extend(figures_of_table(part, above))
            if part.heading:
                above.insert(0, part.heading.rpartition(" / ")[2])
            continue
        if part.title or _only_words(part):
            flush()
            above.insert(0, part.text)
            del above[4:]
            continue
        lines.append(part.text)
        place = part.place
    flush()
    return numbered(found)


def _written_out(parts: Sequence[Line | Table]) -> Iterator[Line | Table]:
    """The parts with the JSON that lines in a row hold written out."""
    for lines, group in groupby(parts, key=lambda part: isinstance(part, Line)):
        found = list(group)
        text = "\n".join(part.text for part in found if isinstance(part, Line))
        flat = unnested(text[:LONGEST]) if lines else text
        if flat == text[:LONGEST]:
            yield from found
        else:
            yield from (Line(line, found[0].place) for line in flat.split("\n"))


def figures_of_output(text: str, place: Place, heading: Sequence[str] = ()) -> tuple[Figure, ...]:
    """The figures of what a program has printed; where it printed a table in columns, cell by cell."""
    found: list[Figure] = []
    lines = unnested(text[:LONGEST]).split("\n")
    begin = at = 0
    while at < len(lines):
        table = _columns(lines, at, place) if at > begin else None
        if table is None:
            at += 1
            continue
        found += read(plain("\n".join(lines[begin : at - 1])), place, tuple(heading))
        found += figures_of_table(table, heading)
        begin = at = at + len(table.rows) - 1
    found += read(plain("\n".join(lines[begin:])), place, tuple(heading))
    return numbered(found)


def _columns(lines: Sequence[str], at: int, place: Place) -> Table | None:
    """The table whose first row of numbers is line `at`, under a header with a name for every column."""
    rows: list[list[str]] = []
    for line in lines[at:]:
        row = _ROW.fullmatch(line)
        cells = [row[1], *NUMBER.findall(row[2])] if row else []
        if not cells or (rows and len(cells) != len(rows[0])):
            break
        rows.append(cells)
    if len(rows) < _FEWEST_ROWS:
        return None
    bare = lines[at - 1].strip(" |")
    for names in (_GAP.split(bare), bare.split()):
        if len(names) in (len(rows[0]), len(rows[0]) - 1) and not re.search(r"\d\.\d", bare):
            header = names if len(names) == len(rows[0]) else ["", *names]
            return Table(tuple(tuple(map(TextCell, cells)) for cells in [header, *rows]), place)
    return None


def _only_words(line: Line) -> bool:
    return not NUMBER.search(line.text) and len(line.text) < 160
