"""Everything that a graded homework leaves in its folder, written from one gradebook."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from grader.export.class_page import write_class_page
from grader.export.feedback import feedback_name, write_feedback
from grader.export.results import write_results
from grader.export.workbook import write_workbook
from grader.gradebook import Gradebook

WORKBOOK = "grades.xlsx"


def write_outputs(gradebook: Gradebook, folder: Path) -> Path:
    """Write results.jsonl, the feedback pages, the class page and the workbook; returns where the workbook stands."""
    write_results(gradebook, folder / "results.jsonl")
    return write_views(gradebook, folder)


def write_views(gradebook: Gradebook, folder: Path, students: Collection[str] | None = None) -> Path:
    """Write what people read, without results.jsonl: pages (of `students` only, by id, if given), class, workbook."""
    pages = folder / "feedback"
    pages.mkdir(parents=True, exist_ok=True)
    for report in gradebook.reports:
        if students is None or report.student.id in students:
            write_feedback(report, gradebook, pages / feedback_name(report.student.id))
    write_class_page(gradebook, folder / "index.html")
    return write_workbook(gradebook, folder / WORKBOOK)


def workbook_remark(workbook: Path) -> tuple[str, ...]:
    """A sentence where the workbook had to get another name than usual."""
    if workbook.name == WORKBOOK:
        return ()
    return (
        f"{WORKBOOK} is open in another program and was left as it is; the new workbook is {workbook.name}. "
        "Marks saved in either are read by the next run.",
    )
