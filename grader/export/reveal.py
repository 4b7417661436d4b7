"""When a feedback page may show what was expected, and a report without it. Pages of the instructor always show it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from grader.gradebook import Gradebook, Reveal
from grader.model import LabelReport, QuestionReport, Status, SubmissionReport


@dataclass(frozen=True)
class Disclosure:
    """What follows for one page: whether expected values are shown, and if not, a sentence that says so."""

    shown: bool = True
    words: str = ""


EVERYTHING = Disclosure()
_DIGIT = re.compile(r"\d")
_TELLS = re.compile(r"\bexpected\b|\bright\b", re.IGNORECASE)
# their messages say what became of the student's own program or cell, and hold nothing of the reference
_TELLS_NOTHING = {
    Status.MISSING,
    Status.BLOCKED,
    Status.CRASHED,
    Status.TIMEOUT,
    Status.TOO_BIG,
    Status.FORBIDDEN,
    Status.GRADER_ERROR,
}


def disclosure(gradebook: Gradebook, now: datetime | None = None) -> Disclosure:
    """Decide for pages that are written `now` (with a time zone; None: the clock's time).

    `gradebook.due` is the last due date of the class, extensions included: who still has time could read the expected
    values on a friend's page as well as on their own.
    """
    if gradebook.reveal is Reveal.ALWAYS:
        return EVERYTHING
    due = gradebook.due
    if gradebook.reveal is Reveal.AFTER_DUE and due is not None:
        if (now or datetime.now(UTC)) > due:
            return EVERYTHING
        zone = f" {due:%Z}" if due.tzname() else ""
        when = f"{due:%Y-%m-%d %H:%M}{zone}"
        return Disclosure(False, f"Expected values are shown when everybody's due date has passed, after {when}.")
    if gradebook.reveal is Reveal.AFTER_DUE:
        return Disclosure(False, "Expected values are shown after the due date, and none is set so far.")
    return Disclosure(False, "Expected values are not shown.")


def withheld(report: SubmissionReport) -> SubmissionReport:
    """The report without the words, figures and curves that tell what was expected; misconceptions and hints stay.

    Examples keep their expected value, for it tells which entries differ: whoever shows them leaves it out.
    """
    return replace(report, questions=tuple(_question(question) for question in report.questions))


def _question(question: QuestionReport) -> QuestionReport:
    return replace(
        question,
        labels=tuple(_label(label) for label in question.labels),
        notes=_without_numbers(question.notes),
        figures=tuple(replace(figure, want="") for figure in question.figures),
        curves=tuple(replace(curve, want=()) for curve in question.curves),
    )


def _label(label: LabelReport) -> LabelReport:
    harmless = label.status in _TELLS_NOTHING and not _TELLS.search(label.message)
    return replace(label, message=label.message if harmless else "", notes=_without_numbers(label.notes))


def _without_numbers(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Advice in words alone: a number in it may be the one that was asked for."""
    return tuple(note for note in notes if not _DIGIT.search(note))
