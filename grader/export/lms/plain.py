"""The plain CSV: one row a student, a column a question."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from grader.export.files import write_atomically
from grader.export.lms.order import Order, harmless
from grader.final import final_score, mark_of, pending, points_of


def to_csv(order: Order) -> list[Path]:
    """Student, Name, a column a question, Total, Possible, Pending, Status."""
    book = order.gradebook
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    ids = [info.id for info in book.questions]
    writer.writerow(["Student", "Name", *ids, "Total", "Possible", "Pending", "Status"])
    for report in book.reports:
        writer.writerow(
            [
                harmless(report.student.id),
                harmless(report.student.name),
                *(points_of(one, mark_of(book, report.student.id, one.id))[0] for one in report.questions),
                final_score(book, report),
                order.possible,
                pending(book, report),
                report.status.value,
            ]
        )
    return [write_atomically(order.out / f"{book.homework}.csv", text.getvalue().encode("utf-8"))]
