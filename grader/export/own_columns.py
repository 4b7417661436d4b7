"""Columns that a person added to `Scores` or `Review`: they go along into the next workbook, row by row.

Their values go along, with the format of numbers; a formula in them becomes its value. The workbook that is replaced is
kept as well, so what does not fit into the new one is not lost either.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from grader.export.saved import Saved
from grader.export.scores_layout import override_title, questions_among
from grader.export.sheet import Column, Sheet
from grader.export.text import cell_text

_UNNAMED = "Notes"
_KEYS = ("Student", "Question")

Key = tuple[str, ...]
"""A student's id; in Review with the question."""


@dataclass(frozen=True)
class OwnCell:
    """What a person typed, and how numbers are shown there."""

    value: float | str | bool | date
    form: str = "General"


@dataclass(frozen=True)
class OwnColumns:
    """The columns of one sheet: their headings, and by row the cells that are not empty, by heading."""

    titles: tuple[str, ...] = ()
    rows: Mapping[Key, Mapping[str, OwnCell]] = field(default_factory=dict)

    def beside(self, columns: Sequence[Column]) -> OwnColumns:
        """Those whose names are none of the grader's."""
        taken = {column.title for column in columns}
        return replace(self, titles=tuple(title for title in self.titles if title not in taken))

    @property
    def columns(self) -> list[Column]:
        return [Column(title, max(12, min(40, len(title) + 4)), "head own") for title in self.titles]

    def write(self, sheet: Sheet, row: int, *key: str) -> None:
        """Write one row of them into the last columns of the sheet."""
        cells = self.rows.get(tuple(map(cell_text, key)), {})
        for column, title in enumerate(self.titles, start=len(sheet.columns) - len(self.titles)):
            if title in cells:
                sheet.own(row, column, cells[title].value, cells[title].form)


NONE = OwnColumns()


def own_columns(path: Path, headings: Mapping[str, Set[str]]) -> dict[str, OwnColumns]:
    """What a person added to the workbook at `path`, by sheet; nothing where it cannot be read.

    `headings` are the grader's by sheet, but for those that are made of question ids.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            saved = Saved(path)
            try:
                found = {name: _of_sheet(saved, name, titles) for name, titles in headings.items()}
            finally:
                saved.close()
    except Exception:  # a file that passed through other programs: it is kept as it is
        return {}
    return {name: own for name, own in found.items() if own.titles}


def _of_sheet(saved: Saved, name: str, headings: Set[str]) -> OwnColumns:
    titles = saved.titles(name)
    questions = questions_among(titles)
    known = {*headings, *questions, *map(override_title, questions)}
    places = [place for place, title in enumerate(titles) if title not in known or title in titles[:place]]
    if not places:
        return NONE
    keys = [titles.index(title) for title in _KEYS if title in headings]
    names = _distinct([titles[place] or _UNNAMED for place in places], known)
    rows: dict[Key, dict[str, OwnCell]] = {}
    for cells in saved.rows(name):
        if all(place < len(cells) and cells[place].value is not None for place in keys):
            found = {
                title: OwnCell(value, cells[place].number_format or "General")
                for title, place in zip(names, places, strict=True)
                if place < len(cells) and (value := _plain(saved.calculated(cells[place]))) is not None
            }
            if found:
                rows[tuple(cell_text(str(cells[place].value)) for place in keys)] = found
    used = {title for row in rows.values() for title in row}
    return OwnColumns(tuple(title for title in names if title in used), rows)


def _distinct(titles: Sequence[str], known: Set[str]) -> list[str]:
    """Each heading once: a second one of the same name gets a number."""
    found: list[str] = []
    for title in titles:
        number, name = 1, title
        while name in found or name in known:
            number += 1
            name = f"{title} {number}"
        found.append(name)
    return found


def _plain(value: Any) -> float | str | bool | date | None:
    return value if value is None or isinstance(value, float | int | str | bool | date) else str(value)
