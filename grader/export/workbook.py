"""`grades.xlsx`: the workbook where the instructor lives. What each sheet holds is said in its own module."""

from __future__ import annotations

from pathlib import Path

from grader.export.class_sheets import (
    add_about_sheet,
    add_items_sheet,
    add_misconceptions_sheet,
    add_rubric_sheet,
)
from grader.export.files import write_atomically, write_or_step_aside
from grader.export.lost_sheet import add_lost_sheet
from grader.export.marks import Typed, typed_into
from grader.export.questions import tidied
from grader.export.review_sheet import add_review_sheet, review_rows, with_marks
from grader.export.scores_sheet import add_scores_sheet
from grader.export.sheet import Book
from grader.model import Gradebook


def write_workbook(gradebook: Gradebook, path: Path) -> Path:
    """Write the workbook beside the target and rename it; equal gradebooks give equal bytes.

    Marks and comments that a person typed into the workbook that stood there are carried over, and that workbook is
    kept as `grades (edited 1).xlsx` and so on, so that nothing typed elsewhere in it is lost either.

    Returns the path that was written: where the target is open in a spreadsheet program and cannot be replaced,
    that is `grades (2).xlsx` and so on.

    Raises:
        ExportError: the folder cannot be written to, or a report does not fit the homework.
    """
    path = Path(path)
    typed = typed_into(path)
    data = workbook_bytes(gradebook, typed)
    if typed.edited:
        number = 1
        while (kept := path.with_name(f"{path.stem} (edited {number}){path.suffix}")).exists():
            number += 1
        write_atomically(kept, path.read_bytes())
    return write_or_step_aside(path, data)


def workbook_bytes(gradebook: Gradebook, typed: Typed | None = None) -> bytes:
    """The workbook as bytes, with what was typed into an earlier one."""
    gradebook = tidied(gradebook)
    rows = with_marks(review_rows(gradebook.reports), gradebook.reports, typed or Typed())
    book = Book(gradebook.title, any(row.mark is not None or row.comment for row in rows))
    add_scores_sheet(book, gradebook, rows)
    add_review_sheet(book, rows)
    add_lost_sheet(book, gradebook)
    add_misconceptions_sheet(book, gradebook)
    add_items_sheet(book, gradebook)
    add_rubric_sheet(book, gradebook)
    add_about_sheet(book, gradebook)
    return book.finish()
