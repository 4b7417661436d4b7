"""What `grade tables` prints: every table, vector and outcome of the reference, as text, Markdown or a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter  # type: ignore[import-untyped]

from grader.prepared import prepare
from grader.rubric import CodeQuestion, Homework

STYLES = ("text", "markdown", "xlsx")


def table_lines(homework: Homework, style: str = "text", mnist: Path | None = None) -> Iterator[str]:
    """The sheet's own tables, then the public cases question by question, then how all of it was verified.

    Outcomes of training on digits are computed anew where `mnist` is the folder of MNIST's own files.
    """
    heading = "# " if style == "markdown" else ""
    yield f"{heading}{homework.key}: {homework.title}"
    yield ""
    if homework.tables is not None:
        yield from homework.tables(style, mnist) if mnist is not None else homework.tables(style)
    for question in homework.questions:
        if isinstance(question, CodeQuestion):
            yield from _cases(question, style)
    if homework.oracles:
        yield ""
        yield f"Verified by: {'; '.join(homework.oracles)}."


def write_tables(homework: Homework, path: Path, mnist: Path | None = None) -> None:
    """The same as a workbook: a row a line, a cell a column of a table, numbers as numbers."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(homework.key[:31])
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 8, 18)
        for row, line in enumerate(table_lines(homework, "markdown", mnist)):
            for column, cell in enumerate(_cells(line)):
                _put(sheet, row, column, cell)


def _cases(question: CodeQuestion, style: str) -> Iterator[str]:
    yield ""
    yield f"## {question.id}  {question.title}" if style == "markdown" else f"{question.id}  {question.title}"
    for prepared in prepare(question, seed=0).cases:
        if not prepared.case.public:
            continue
        values = [*prepared.case.inputs.items(), *((f"-> {label}", value) for label, value in prepared.want.items())]
        if style == "markdown":
            yield from ("", f"**{prepared.case.name}**", "", "| | value |", "|---|---|")
            yield from (f"| {name} | {_array(value)} |" for name, value in values)
        else:
            yield f"  {prepared.case.name}"
            yield from (f"    {name:12} {_array(value)}" for name, value in values)


def _array(value: object) -> str:
    text = np.array2string(np.asarray(value), precision=8, separator=", ", suppress_small=True)
    return " ".join(text.split())


def _cells(line: str) -> list[str]:
    """The cells of a Markdown table's row; any other line is one cell, a rule between rows none."""
    if not line.startswith("|"):
        return [line.strip("*# ")]
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return [] if all(set(cell) <= set("-: ") for cell in cells) else cells


def _put(sheet: Any, row: int, column: int, text: str) -> None:
    try:
        sheet.write_number(row, column, float(text))
    except ValueError:
        sheet.write_string(row, column, text)
