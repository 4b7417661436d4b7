"""Files for a learning management system, from a gradebook that is already judged. So far: one plain CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from grader.export.errors import ExportError
from grader.export.files import write_atomically
from grader.export.questions import tidied
from grader.export.text import one_line
from grader.model import Gradebook, tidy

__all__ = ["FORMATS", "PLANNED", "ExportError", "export"]

PLANNED = ("canvas", "moodle", "gradescope")


def export(gradebook: Gradebook, to: str, out: Path) -> list[Path]:
    """Write the marks in the form `to` into the folder `out`; returns the files written.

    Raises:
        ExportError: the form is unknown or not yet there, or the folder cannot be written to.
    """
    available = ", ".join(sorted(FORMATS))
    if to in PLANNED:
        raise ExportError(f"The export to {to} is not there yet. Available now: {available}.")
    if to not in FORMATS:
        raise ExportError(f"There is no export to {to!r}. Available now: {available}.")
    try:
        return FORMATS[to](gradebook, Path(out))
    except PermissionError as error:
        raise ExportError(f"{error.filename2 or error.filename} cannot be replaced: is it open elsewhere?") from error


def _csv(gradebook: Gradebook, out: Path) -> list[Path]:
    """One row a student: Student, Name, a column a question, Total, Possible, Pending, Status."""
    gradebook = tidied(gradebook)
    possible = tidy(sum(info.possible for info in gradebook.questions if not info.bonus))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    ids = [info.id for info in gradebook.questions]
    writer.writerow(["Student", "Name", *ids, "Total", "Possible", "Pending", "Status"])
    for report in gradebook.reports:
        writer.writerow(
            [
                _harmless(report.student.id),
                _harmless(report.student.name),
                *(question.earned for question in report.questions),
                report.score,
                possible,
                report.pending,
                report.status.value,
            ]
        )
    return [write_atomically(out / f"{gradebook.homework}.csv", text.getvalue().encode("utf-8"))]


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not run when it opens the file: a formula's first sign gets an apostrophe before it.

    >>> _harmless("=cmd"), _harmless("amal")
    ("'=cmd", 'amal')
    """
    text = one_line(text)
    return f"'{text}" if text[:1] in set("=+-@") else text


FORMATS: dict[str, Callable[[Gradebook, Path], list[Path]]] = {"csv": _csv}
"""What can be exported to, by the word after `--to`."""
