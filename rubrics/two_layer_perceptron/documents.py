"""The figures of a document: its lines as text, its tables cell by cell with the names of row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from grader.intake.reading import Line, Reading, Table, TextCell
from grader.model import Place
from rubrics.two_layer_perceptron.figures import EPOCH_HEAD, LONGEST, NUMBER, Figure, numbered, plain, read

_ROW: Final = re.compile(r"[\s|]*([^\W\d]\w*)\s*[:|]?((?:[\s|]+[-+]?\d*\.\d+){2,})[\s|]*")
_GAP: Final = re.compile(r"\s{2,}|\s*\|\s*|\t")
_FEWEST_ROWS: Final = 3
_COUNTER: Final = re.compile(r"\b(?:updates?|steps?|iter(?:ation)?s?|epochs?)\b", re.IGNORECASE)
_ROW_OF_RESULTS: Final = re.compile(r"grad|pred|out", re.IGNORECASE)


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
    return numbered(found)


def figures_of_output(text: str, place: Place, heading: Sequence[str] = ()) -> tuple[Figure, ...]:
    """The figures of what a program has printed; where it printed a table in columns, cell by cell."""
    found: list[Figure] = []
    lines = text[:LONGEST].split("\n")
    begin = at = 0
    while at < len(lines):
        table = _columns(lines, at, place) if at > begin else None
        if table is None:
            at += 1
            continue
        found += read(plain("\n".join(lines[begin : at - 1])), place, tuple(heading))
        found += _table(table, heading)
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


def _table(table: Table, above: Sequence[str]) -> Iterator[Figure]:
    """Every cell of a table with its row's and its column's name; a column of epochs names the epoch of its row."""
    if not table.rows:
        return
    rows = [[entry.text for entry in row] for row in table.rows]
    headed = not any(_is_number(text) for text in rows[0][1:]) or not any(_is_number(text) for text in rows[0])
    across = bool(EPOCH_HEAD.search(rows[0][0])) and all(re.fullmatch(r"\d+", text) for text in rows[0][1:] if text)
    header = rows[0] if headed or across else []
    heading = tuple(dict.fromkeys([*([table.heading] if table.heading else []), *above]))
    for row in rows[1:] if header else rows:
        epoch: int | None = None
        name = counter = ""
        alone: list[Figure] = []
        for column, text in enumerate(row):
            title = header[column] if column < len(header) else ""
            found = list(read(plain(text), table.place, ()))
            if column == 0 and _COUNTER.search(title) and _is_epoch(found):
                counter = f"{title} {int(found[0].value)}"
            if not across and EPOCH_HEAD.search(title) and "loss" not in title.lower() and _is_epoch(found):
                epoch = int(found[0].value)
                continue
            if column == 0 and not _is_number(text):
                name = text
                counted = re.search(r"\d+", text)
                epoch = int(counted.group()) if counted and EPOCH_HEAD.search(text) else None
                continue
            if not found and re.search(r"[^\W\d_]", text):
                name = " | ".join(part for part in (name, text) if part)
            own_epoch = int(title) if across and title.isdigit() else epoch
            label = name if across else " | ".join(part for part in (name, title) if part)
            for one in found:
                own = f"{label} | {one.label}" if one.label else label
                epoch_of_cell = own_epoch if own_epoch is not None else one.epoch
                placed = replace(one, label=own, heading=heading, epoch=epoch_of_cell, line=counter)
                alone += [placed] if placed.value.ndim == 0 else []
                yield placed
        if len(alone) in (2, 4) and _ROW_OF_RESULTS.search(name):  # one result, an entry in each cell
            value, decimals = np.array([one.value for one in alone]), np.array([one.decimals for one in alone])
            yield replace(alone[0], value=value, decimals=decimals, label=name)


def _is_epoch(found: Sequence[Figure]) -> bool:
    return len(found) == 1 and found[0].value.ndim == 0 and not found[0].decimals


def _is_number(text: str) -> bool:
    bare = plain(text).strip(" ≈~=")
    if not bare:
        return False
    rest = NUMBER.sub("", bare)
    return rest != bare and not re.search(r"[^\W\d_]", rest)
