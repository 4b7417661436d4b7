"""Who and what is meant by the words typed at a terminal: a homework's folder, a student, a question."""

from __future__ import annotations

import difflib
from pathlib import Path

from grader.export.text import counted, one_line
from grader.gradebook import Gradebook
from grader.model import QuestionReport, SubmissionReport
from grader.reopen import RESULTS
from grader.session import WrongUse

_MOST_NAMES = 10


def homework_folder(folder: Path) -> Path:
    """The folder of the homework that is meant."""
    if (folder / RESULTS).is_file():
        return folder
    below = sorted(found.parent for found in folder.glob(f"*/{RESULTS}"))
    if len(below) > 1:
        raise WrongUse(f"{folder} holds several homeworks; give one of {', '.join(map(str, below))}.")
    return below[0] if below else folder


def student_called(gradebook: Gradebook, wanted: str) -> SubmissionReport:
    """By id, then by name, then by the beginning of either or of a later name, where only one fits."""
    reports = gradebook.reports
    key = wanted.strip().casefold()
    for found in (
        [report for report in reports if report.student.id == wanted],
        [report for report in reports if key in _called(report)[:2]],
        [report for report in reports if key and any(name.startswith(key) for name in _called(report))],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
            ids = ", ".join(map(_named, found[:_MOST_NAMES]))
            raise WrongUse(f"Several students fit {wanted!r}: {ids}{more}. Give one of these ids.")
    by_name = {name: report for report in reports for name in _called(report)}
    close = [by_name[name] for name in difflib.get_close_matches(key, by_name, 3, 0.7)]
    near = list({report.student.id: _named(report) for report in close}.values())
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise WrongUse(f"There is no student {wanted!r} among the {counted(len(reports), 'result')}.{hint}")


def questions_called(report: SubmissionReport, wanted: str | None) -> list[QuestionReport]:
    """The question of this id, else those that begin so: `update2` is both tables of the second update."""
    if wanted is None:
        return list(report.questions)
    key = wanted.casefold()
    exact = [one for one in report.questions if one.id.casefold() == key]
    return exact or [one for one in report.questions if key and one.id.casefold().startswith(key)]


def _called(report: SubmissionReport) -> tuple[str, ...]:
    """What a student answers to: the id, the name, and each word of the name."""
    student, name = report.student, report.student.name.casefold()
    return (student.id.casefold(), name, *name.split())


def _named(report: SubmissionReport) -> str:
    """The id, with the name where it is another."""
    student = report.student
    id, name = one_line(student.id), one_line(student.name)
    return id if id.casefold() == name.casefold() else f"{id} ({name})"
