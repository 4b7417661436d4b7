"""Tables of results inside a text: rows with bars, tabs or columns of spaces, and what each number's headings say.

What a heading means is in `vocabulary`; what the numbers stand for is put together in `readings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rubrics.numpy_layers.reported.marks import QUANTITIES, SETUP, Mark
from rubrics.numpy_layers.reported.numerals import Numeral, numerals
from rubrics.numpy_layers.reported.vocabulary import ACTIVATION, KEY

_MOST_ROWS = 60
_RULE = re.compile(r"\s*\+[-=+:\s]+\+\s*")
_GAP = re.compile(r" {2,}")
_ABSOLUTE = re.compile(r"(?<=\s)\|\w{1,12}\|(?=[\s,;:=)]|$)")
_ASIDE = re.compile(r"\([^()]{0,40}\)")


@dataclass(frozen=True)
class Cell:
    """A number in a table: its mark, the cell's text, what headings and row say about the run, and after how many."""

    mark: Mark
    text: str
    about: tuple[str, ...]
    at: int | None


def table(lines: Sequence[str], position: int) -> list[list[str]]:
    """The rows of the table that begins at a line, its rule left in; empty where none does."""
    first = _plain(lines[position])
    bars, tabs = first.count("|") >= 2, "\t" in first.strip()
    if not (bars or tabs or _GAP.search(first.strip())):
        return []
    rows: list[list[str]] = []
    for line in islice(lines, position, position + _MOST_ROWS):
        row = _split(line, bars, tabs)
        if len(row) < 2:
            break
        rows.append(row)
    if len(rows) < 2 or not any(KEY.search(cell) or ACTIVATION.search(cell) for row in rows for cell in row):
        return []
    if not bars and not tabs:  # a line set in columns is taken for a heading only where all below it fits
        aligned = all(len(row) - len(rows[0]) in {0, 1} for row in rows)
        return rows if aligned and not any(_number(cell) for cell in rows[0]) else []
    return rows


def _plain(line: str) -> str:
    """The line without the bars of absolute values, as in "loss 0.1, mean |W| 0.05", where no bar opens it."""
    return line if line.lstrip().startswith("|") else _ABSOLUTE.sub("", line)


def _split(line: str, bars: bool, tabs: bool) -> list[str]:
    text = _plain(line).strip()
    if bars and _RULE.fullmatch(line):
        return ["-", "-"]
    if bars:
        return [cell.strip() for cell in text.strip("|").split("|")] if "|" in text else []
    return [cell.strip() for cell in (text.split("\t") if tabs else _GAP.split(text))]


def cells(rows: Sequence[Sequence[str]]) -> Iterator[Cell]:
    """The numbers of a table that a heading, above or beside, calls a loss, an accuracy, seconds or iterations."""
    head, *body = [row for row in rows if not all(set(cell) <= set("-=:+ ") for cell in row)] or [[]]
    for row in body:
        columns = [""] * max(len(row) - len(head), 0) + list(head)
        kinds = [_column(column) for column in columns]
        side = "" if _number(row[0]) and heading(row[0]) is None else row[0]
        about = [f"{columns[n]} {cell}" for n, cell in enumerate(row) if kinds[n] in SETUP]
        about += [cell for n, cell in enumerate(row) if kinds[n] not in SETUP and not _number(cell)]
        counts = [n for cell, kind in zip(row, kinds, strict=False) if kind == "iterations" and (n := _number(cell))]
        for place, cell in enumerate(row):
            number, kind = _number(cell), kinds[place] or heading(side)
            if number is None or kind not in QUANTITIES or (place == 0 and side):
                continue
            corner = [kinds[0]] if place and kinds[0] in SETUP else []
            above = f"{columns[0]} {columns[place]}" if corner else columns[place]
            percent = any("%" in text for text in (cell, columns[place], side))
            whole = [int(n.value) for n in counts if n.whole and 0 <= n.value <= 1e9]
            at = whole[0] if len(whole) == 1 and kind != "iterations" else None
            yield Cell(Mark(number, kind, True, percent), cell, (above, *about), at)


def heading(text: str) -> str | None:
    """What a heading names, the last word of it deciding: "ReLU loss (m=100)" a loss."""
    kinds = [match.lastgroup for match in KEY.finditer(_ASIDE.sub(" ", text))]
    return kinds[-1] if kinds else None


def _column(text: str) -> str | None:
    """What the numbers of a column are; a heading like "m=100" is about others' numbers, not above samples."""
    kind = heading(text)
    return None if kind in SETUP and _number(text) else kind


def _number(cell: str) -> Numeral | None:
    """The cell's number, where it holds exactly one."""
    found = list(islice(numerals(cell), 2))
    return found[0] if len(found) == 1 else None
