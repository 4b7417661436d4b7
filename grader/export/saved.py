"""A workbook as a person or another program saved it: the cells of each sheet by its headings.

What the cells mean is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.export.marks import Value, value_of

_FIRST_ROWS = 20
"""The headings are looked for so far down: a person may put rows of her own above them."""


class Saved:
    """The sheets of a workbook, and the values of formulas that a person typed, looked up where they are wanted."""

    def __init__(self, path: Path) -> None:
        from openpyxl import load_workbook  # only where there is something to read: it takes a while to import

        self._path, self._load = path, load_workbook
        self._book = load_workbook(path, read_only=True)
        self._calculated: Any = None
        self._rows: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {}

    def __iter__(self) -> Iterator[str]:
        """The names of the sheets."""
        return iter(self._book.sheetnames)

    def titles(self, name: str) -> tuple[str, ...]:
        """The headings of a sheet, empty ones too; none where there is no such sheet, or none that names students."""
        return self._sheet(name)[0]

    def records(self, name: str) -> list[Mapping[str, Any]]:
        """The cells of each row by heading; of two columns with the same one, the first."""
        titles, rows = self._sheet(name)
        return [dict(reversed(list(zip(titles, row, strict=False)))) for row in rows]

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The cells below the headings, row by row."""
        return self._sheet(name)[1]

    def _sheet(self, name: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        if name not in self._rows:
            rows = list(self._book[name].iter_rows()) if name in self else []
            titles: tuple[str, ...] = ()
            for number, row in enumerate(rows[:_FIRST_ROWS], start=1):
                found = tuple("" if cell.value is None else str(cell.value).strip() for cell in row)
                if "Student" in found:
                    titles, rows = found, rows[number:]
                    break
            self._rows[name] = titles, rows if titles else []
        return self._rows[name]

    def calculated(self, cell: Any) -> Any:
        """What stands in a cell, of a formula its value; the formula where the program that saved it left no value."""
        if cell.data_type != "f":
            return cell.value
        if self._calculated is None:
            self._calculated = self._load(self._path, data_only=True)
        value = self._calculated[cell.parent.title].cell(cell.row, cell.column).value
        return str(getattr(cell.value, "text", cell.value)) if value is None else value

    def value(self, cell: Any) -> Value:
        """What a person typed into a cell for a number.

        A percentage, of nobody knows what, and a date, as programs make it of "1/2", are taken for words.
        """
        found = self.calculated(cell)
        if isinstance(found, float | int) and is_percentage(cell):
            return f"{100 * found:.12g} %"
        if isinstance(found, datetime):
            return f"{found:%Y-%m-%d} (a date)"
        return value_of(found)

    def close(self) -> None:
        self._book.close()


def is_percentage(cell: Any) -> bool:
    """Whether a cell shows its number as a percentage; a sign in quotes is only how it looks."""
    return "%" in re.sub(r'"[^"]*"', "", cell.number_format or "")
