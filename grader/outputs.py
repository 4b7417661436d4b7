"""Everything that a graded homework leaves in its folder, written from one gradebook."""

from __future__ import annotations

from pathlib import Path

from grader.export.class_page import write_class_page
from grader.export.feedback import feedback_name, write_feedback
from grader.export.results import write_results
from grader.export.workbook import write_workbook
from grader.model import Gradebook


def write_outputs(gradebook: Gradebook, folder: Path) -> Path:
    """Write results.jsonl, the feedback pages, the class page and the workbook; returns where the workbook stands."""
    pages = folder / "feedback"
    pages.mkdir(parents=True, exist_ok=True)
    write_results(gradebook, folder / "results.jsonl")
    for report in gradebook.reports:
        write_feedback(report, gradebook, pages / feedback_name(report.student.id))
    write_class_page(gradebook, folder / "index.html")
    return write_workbook(gradebook, folder / "grades.xlsx")
