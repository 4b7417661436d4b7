"""The figures of one table, cell by cell, each with the names of its row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from grader.intake.reading import Table
from rubrics.two_layer_perceptron.figures import EPOCH_HEAD, NUMBER, Figure, plain, read
from rubrics.two_layer_perceptron.words import moment

_COUNTER: Final = re.compile(r"\b(?:updates?|steps?|iter(?:ation)?s?|epochs?)\b", re.IGNORECASE)
_RESULT: Final = re.compile(r"grad|pred|out", re.IGNORECASE)
_UNIT: Final = re.compile(r"(?:h|o|x|y|i|in|out|hidden|input|output|unit|row|neuron)?[\s_]*[12]", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")
_DECIMAL: Final = re.compile(r"\d[.,]\d")


@dataclass(frozen=True)
class _Row:
    """One row under its header; `across`: the header's cells are epochs, not names."""

    cells: Sequence[str]
    header: Sequence[str]
    across: bool
    heading: tuple[str, ...]


def figures_of_table(table: Table, above: Sequence[str]) -> Iterator[Figure]:
    """Every number with its row's and its column's name; a column of epochs names the epoch of its row."""
    rows = list(_rows(table, above))
    at = 0
    while at < len(rows):
        matrix = _matrix(rows, at, table)
        if matrix is not None:
            yield matrix
            at += 2
            continue
        yield from _figures(rows[at], table)
        at += 1


def _rows(table: Table, above: Sequence[str]) -> Iterator[_Row]:
    """The rows that hold values. A title within a table stands above what follows it, as epochs in a row do."""
    heading = tuple(dict.fromkeys([*([table.heading] if table.heading else []), *above]))
    wide = max((len(row) for row in table.rows), default=0) > 1
    header: list[str] = []
    across = False
    title: tuple[str, ...] = ()
    for index, row in enumerate(table.rows):
        cells = [entry.text for entry in row]
        filled = [text for text in cells if any(map(str.isalnum, text))]
        if not filled:
            continue
        if index and wide and len(filled) == 1 and filled[0] is cells[0] and not _is_number(cells[0]):
            title = (cells[0],)
            continue
        numbers = [_is_number(text) for text in cells]
        epochs = bool(cells and EPOCH_HEAD.search(cells[0])) and all(
            re.fullmatch(r"\d+", text) for text in cells[1:] if text
        )
        if (epochs and len(filled) > 2) or (not index and (epochs or not any(numbers[1:]) or not any(numbers))):
            header, across = cells, epochs
            title = (cells[0],) if not index and len(filled) == 1 else title
            continue
        short = across and 2 * len(filled) <= sum(bool(text) for text in header)
        yield _Row(cells, [] if short else header, across and not short, (*title, *heading))


def _matrix(rows: Sequence[_Row], at: int, table: Table) -> Figure | None:
    """Two rows of two numbers that are one matrix: the second without a name, or both with those of units."""
    if at + 1 >= len(rows):
        return None
    pair = rows[at : at + 2]
    columns = [[n for n, text in enumerate(row.cells) if _is_number(text)] for row in pair]
    if len(columns[0]) != 2 or columns[0] != columns[1]:
        return None
    names = [" | ".join(text for n, text in enumerate(row.cells) if text and n not in columns[0]) for row in pair]
    titles = [pair[0].header[n] for n in columns[0] if n < len(pair[0].header)]
    units = all(_UNIT.fullmatch(name.strip()) for name in (*names, *titles)) and bool(titles)
    bare = not any(names) and len(rows) == 2
    below = bool(names[0]) and not names[1] and not any(moment(title) is not None for title in titles)
    if pair[0].across or not (units or bare or below):
        return None
    cells = [next(read(plain(row.cells[n]), table.place, ())) for row in pair for n in columns[0]]
    value = np.array([float(cell.value.ravel()[0]) for cell in cells]).reshape(2, 2)
    decimals = np.array([int(cell.decimals.ravel()[0]) for cell in cells]).reshape(2, 2)
    if not all(cell.value.size == 1 for cell in cells) or not np.any(decimals):
        return None
    return Figure(value, decimals, "" if units else names[0], pair[0].heading, table.place)


def _figures(row: _Row, table: Table) -> Iterator[Figure]:
    epoch: int | None = None
    name = counter = ""
    alone: list[Figure] = []
    for column, text in enumerate(row.cells):
        title = row.header[column] if column < len(row.header) else ""
        found = list(read(plain(text), table.place, ()))
        if column == 0 and _COUNTER.search(title) and _is_epoch(found):
            counter = f"{title} {int(found[0].value)}"
        if not row.across and EPOCH_HEAD.search(title) and "loss" not in title.lower() and _is_epoch(found):
            epoch = int(found[0].value)
            continue
        if (column == 0 and not _is_number(text)) or (_LETTER.search(text) and not _DECIMAL.search(text)):
            name = " | ".join(part for part in (name, text) if part)
            counted = re.search(r"\d+", text)
            if counted and EPOCH_HEAD.search(text):
                epoch = int(counted.group())
            continue
        own_epoch = int(title) if row.across and title.isdigit() else epoch
        label = name if row.across else " | ".join(part for part in (name, title) if part)
        for one in found:
            own = f"{label} | {one.label}" if one.label else label
            epoch_of_cell = own_epoch if own_epoch is not None else one.epoch
            placed = replace(one, label=own, heading=row.heading, epoch=epoch_of_cell, line=counter)
            alone += [placed] if placed.value.ndim == 0 else []
            yield placed
    if len(alone) in (2, 4) and _RESULT.search(name):  # one result, an entry in each cell
        value, decimals = np.array([one.value for one in alone]), np.array([one.decimals for one in alone])
        yield replace(alone[0], value=value, decimals=decimals, label=name)


def _is_epoch(found: Sequence[Figure]) -> bool:
    return len(found) == 1 and found[0].value.ndim == 0 and not found[0].decimals


def _is_number(text: str) -> bool:
    bare = plain(text).strip(" ≈~=")
    if not bare:
        return False
    rest = NUMBER.sub("", bare)
    return rest != bare and not _LETTER.search(rest)
