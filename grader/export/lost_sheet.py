"""The sheet `Lost marks`: one row for each label that lost something, with where and why."""

from __future__ import annotations

from grader.export.misconceptions import likely_fault
from grader.export.questions import reasons
from grader.export.sheet import Book, Column
from grader.export.text import one_line
from grader.gradebook import Gradebook
from grader.model import tidy

COLUMNS = (
    Column("Student", 18),
    Column("Name", 22),
    Column("Question", 16),
    Column("Label", 12),
    Column("Lost", 7, "head number"),
    Column("Status", 12),
    Column("Where", 28),
    Column("Words", 70),
    Column("Misconception", 44),
    Column("Fault", 40, note="The most certain fault first; others that fit as well after it."),
)


def add_lost_sheet(book: Book, gradebook: Gradebook) -> None:
    """Write the sheet, student by student; what waits for a human is not lost and is not in it."""
    sheet = book.sheet("Lost marks", COLUMNS, "#a33a3a")
    words = {fault.id: fault.words for fault in gradebook.faults}
    number = 0
    for report in gradebook.reports:
        for question in report.questions:
            for label in reasons(question):
                points = tidy(label.possible - label.earned - label.pending)
                if points <= 0:
                    continue
                number += 1
                fault = likely_fault(label)
                sheet.text(number, 0, report.student.id, "strong")
                sheet.text(number, 1, one_line(report.student.name))
                sheet.text(number, 2, question.id)
                sheet.text(number, 3, label.label)
                sheet.number(number, 4, points)
                sheet.text(number, 5, label.status.value)
                where = str(question.place or "")
                sheet.text(number, 6, where, "wrap")
                said = label.message or report.error
                cause = words.get(fault, "") if fault else ""
                sheet.text(number, 7, said, "wrap")
                sheet.text(number, 8, cause, "wrap")
                sheet.text(number, 9, ", ".join(label.faults))
                sheet.lines(number, (where, 36), (said, 72), (cause, 46))
    sheet.finish(number, frozen=4)
