"""What a run leaves for later commands: its results, what was said about it, and what the policy made of each student.

The form that the store keeps; no file is read or written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from grader.export.archive import report_from_store, report_to_store
from grader.gradebook import Gradebook, Reveal, Standing, TotalRule
from grader.model import Student, SubmissionReport


@dataclass(frozen=True)
class PastRun:
    """What is needed, beside the homework itself, to make the gradebook of a run again."""

    reports: tuple[SubmissionReport, ...]
    about: tuple[tuple[str, str], ...]
    errata: tuple[str, ...]
    standings: Mapping[str, Standing]
    rule: TotalRule
    reveal: Reveal = Reveal.ALWAYS
    due: datetime | None = None
    excused: frozenset[str] = frozenset()


def run_to_store(gradebook: Gradebook, rows: Mapping[str, int], name: Callable[[str], str]) -> dict[str, Any]:
    """The run as JSON. `rows` has the number of a student's stored result by `name(id)`; the others go in whole."""
    reports = [
        {
            "result": rows.get(name(report.student.id)) or report_to_store(report),
            "student": [report.student.id, report.student.name],  # the roster's name may be another than the stored one
            "notes": list(report.notes),
        }
        for report in gradebook.reports
    ]
    return {
        "reports": reports,
        "about": [list(pair) for pair in gradebook.about],
        "errata": list(gradebook.errata),
        "standings": {student: asdict(standing) for student, standing in sorted(gradebook.standings.items())},
        "rule": asdict(gradebook.rule),
        "reveal": gradebook.reveal.value,
        "due": gradebook.due.isoformat() if gradebook.due else None,
        "excused": sorted(map(name, gradebook.excused)),
    }


def run_from_store(document: Mapping[str, Any], numbered: Callable[[int], SubmissionReport]) -> PastRun:
    """The run that `run_to_store` was given; `numbered` finds a stored result.

    Raises:
        ExportError, ValueError, KeyError, TypeError, AttributeError: the document is not of that form.
    """
    return PastRun(
        tuple(_report(part, numbered) for part in document["reports"]),
        tuple((what, value) for what, value in document["about"]),
        tuple(document["errata"]),
        {student: Standing(**fields) for student, fields in document["standings"].items()},
        TotalRule(**document["rule"]),
        Reveal(document["reveal"]),
        datetime.fromisoformat(document["due"]) if document["due"] else None,
        frozenset(document.get("excused", ())),
    )


def _report(part: Mapping[str, Any], numbered: Callable[[int], SubmissionReport]) -> SubmissionReport:
    result = part["result"]
    report = numbered(result) if isinstance(result, int) else report_from_store(result)
    return replace(report, student=Student(*part["student"]), notes=tuple(part["notes"]))
