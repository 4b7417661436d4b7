"""`grades.xlsx`: the workbook where the instructor lives. What each sheet holds is said in its own module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from grader.export.class_sheets import (
    add_about_sheet,
    add_items_sheet,
    add_misconceptions_sheet,
    add_rubric_sheet,
)
from grader.export.files import is_open_elsewhere, keep_edited, write_or_step_aside
from grader.export.lost_sheet import add_lost_sheet
from grader.export.marks import add_written_sheet
from grader.export.own_columns import NONE, OwnColumns, own_columns
from grader.export.questions import tidied
from grader.export.review_sheet import COLUMNS, add_review_sheet, review_rows
from grader.export.review_sheet import NAME as REVIEW
from grader.export.scores_layout import NAME as SCORES
from grader.export.scores_layout import TITLES
from grader.export.scores_sheet import add_scores_sheet
from grader.export.sheet import Book
from grader.export.typed import carries, is_edited
from grader.gradebook import Gradebook

_HEADINGS = {SCORES: frozenset(TITLES), REVIEW: frozenset(column.title for column in COLUMNS)}


def write_workbook(gradebook: Gradebook, path: Path) -> Path:
    """Write the workbook beside the target and rename it; equal gradebooks give equal bytes.

    The marks in it are the gradebook's; columns that a person added go along. Where a person has saved the workbook
    that stood there, that one is kept as `grades (edited 1).xlsx` and so on, so that nothing else is lost either.

    Returns the path that was written: where the target is open in a spreadsheet program and cannot be replaced,
    that is `grades (2).xlsx` and so on.

    Raises:
        ExportError: the folder cannot be written to, or a report does not fit the homework.
    """
    path = Path(path)
    data = workbook_bytes(gradebook, own_columns(path, _HEADINGS) if carries(path) else {})
    if is_edited(path) and not is_open_elsewhere(path):
        keep_edited(path)
    return write_or_step_aside(path, data)


def workbook_bytes(gradebook: Gradebook, own: Mapping[str, OwnColumns] = MappingProxyType({})) -> bytes:
    """The workbook as bytes, with a person's own columns by sheet."""
    gradebook = tidied(gradebook)
    rows = review_rows(gradebook)
    book = Book(gradebook.title, carries=bool(gradebook.marks or own))
    add_scores_sheet(book, gradebook, rows, own.get(SCORES, NONE))
    add_review_sheet(book, gradebook, rows, own.get(REVIEW, NONE))
    add_lost_sheet(book, gradebook)
    add_misconceptions_sheet(book, gradebook)
    add_items_sheet(book, gradebook)
    add_rubric_sheet(book, gradebook)
    add_about_sheet(book, gradebook)
    add_written_sheet(book, gradebook)
    return book.finish()
