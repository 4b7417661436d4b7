"""Worksheets and comma separated files to tables of text. No formula is computed, no macro or link touched."""

from __future__ import annotations

import csv
import datetime
import io
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

import openpyxl

from grader.intake.document import Unreadable
from grader.intake.office import checked_package, pictures
from grader.intake.reading import MAX_COLUMNS, MAX_ROWS, Line, Table, TextCell, cell, table
from grader.model import Picture, Place

MAX_SHEETS: Final = 40
_DELIMITERS: Final = ",;\t|"
_NO_VALUE: Final = "is a formula whose result was not saved with the file"


def read_xlsx(name: str, data: bytes) -> tuple[list[Line | Table], tuple[Picture, ...]]:
    """The worksheets of an Excel file, one table each, and its pictures. Raises Unreadable.

    A formula counts by the result that is saved with it; without one the cell is a problem, not a number.
    """
    members = checked_package(name, data, "xl/")
    parts: list[Line | Table] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values, formulas = (
                openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=d) for d in (True, False)
            )
        for title in values.sheetnames[:MAX_SHEETS]:
            place = Place(f"{name}, sheet {title[:60]}", None, 1)
            parts.append(Line(title[:60], place, True))
            rows = _sheet_rows(values[title], formulas[title])
            found = table(rows, place)
            if found:
                parts.append(found)
    except Exception as error:  # a damaged file fails in openpyxl in many ways
        raise Unreadable(f"{name} is not an Excel file that can be opened. Save it again as .xlsx.") from error
    return parts, pictures(name, members)


def _sheet_rows(values: Any, formulas: Any) -> list[list[TextCell]]:
    if not hasattr(values, "iter_rows") or not hasattr(formulas, "iter_rows"):  # a sheet that is only a chart
        return []
    grids = []
    for sheet in (values, formulas):
        sheet.reset_dimensions()
        grids.append(list(sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)))
    return [[_cell(v, f) for v, f in zip(*rows, strict=False)] for rows in zip(*grids, strict=False)]


def _cell(value: Any, formula: Any) -> TextCell:
    if value is None:
        if formula is None or (isinstance(formula, str) and not formula.startswith("=")):
            return cell("")
        return cell("", _NO_VALUE)
    if isinstance(value, bool):
        return cell(str(value))
    if isinstance(value, int | float):
        return cell(f"{value:.15g}")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return cell("", f"was turned into a date or time ({value})")
    text = str(value)
    if re.fullmatch(r"#[A-Z/0!?]+", text):
        return cell("", f"shows {text}")
    return cell(text.lstrip("'"))


def read_csv(name: str, text: str) -> list[Line | Table]:
    """A comma, semicolon or tab separated file; blocks parted by blank lines are tables of their own."""
    lines = text.split("\n")[: MAX_ROWS * 2]
    delimiter = _delimiter(lines)
    parts: list[Line | Table] = []
    block: list[list[str]] = []
    start = 1
    for number, row in enumerate([*_rows(lines, delimiter), []], start=1):
        if any(entry.strip() for entry in row):
            block.append(row)
            continue
        found = table(_checked(block, delimiter), Place(name, None, start))
        if found and all(len([entry for entry in r if not entry.empty]) < 2 for r in found.rows):
            parts += [
                Line(next((entry.text for entry in r if entry.text), ""), Place(name, None, start), True)
                for r in found.rows
            ]
        elif found:
            parts.append(found)
        block, start = [], number + 1
    return parts


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that parts most lines into the same number of cells, and into the most."""

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in _rows(lines[:200], delimiter) if any(entry.strip() for entry in row)]
        several = [count for count in counts if count > 1]
        if not several:
            return 0.0, 0
        usual = max(set(several), key=several.count)
        return several.count(usual) / len(counts) * min(usual, 4), -_DELIMITERS.index(delimiter)

    return max(_DELIMITERS, key=fit)


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Rows of cells; a matrix in brackets is one cell even if nobody put it in quotes."""
    try:
        parsed = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        parsed = [line.split(delimiter) for line in lines]
    return [_brackets_closed(row, delimiter) for row in parsed]


def _brackets_closed(row: list[str], delimiter: str) -> list[str]:
    joined: list[str] = []
    depth = 0
    for entry in row:
        if depth > 0:
            joined[-1] += f"{delimiter} {entry}"
        else:
            joined.append(entry)
        depth = max(0, depth + sum(entry.count(sign) for sign in "[(") - sum(entry.count(sign) for sign in "])"))
    return joined if depth == 0 else row


def _checked(block: Iterable[list[str]], delimiter: str) -> list[list[TextCell]]:
    """The rows; one that is longer than its header was cut at decimal commas, and nobody can say where."""
    rows = []
    width = 0
    for row in block:
        while row and not row[-1].strip():
            row = row[:-1]
        if len(row) > 1 and not any(
            re.search(r"\d[.,]?\d*$", entry) and not re.search("[^\\W\\d]", entry) for entry in row[1:]
        ):
            width = len(row)  # a header: no numbers
        too_long = delimiter == "," and 1 < width < len(row)
        problem = "holds commas both as decimal signs and between the cells"
        rows.append([cell(entry, problem if too_long and at else "") for at, entry in enumerate(row)])
    return rows
