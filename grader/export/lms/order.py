"""What every LMS export starts from: the marks, the LMS's own list if there is one, and how to say what matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.export.errors import ExportError
from grader.export.text import one_line
from grader.final import final_score, mark_of, pending
from grader.gradebook import WHOLE_HAND_IN, Gradebook
from grader.model import Overall, SubmissionReport, tidy
from grader.people.matching import Match, match
from grader.people.roster import Roster

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Order:
    """One export: the tidied gradebook, the folder to write into, and the choices of the command line.

    `lms` are the LMS's ids by student id, as the download gave them. `say` gets sentences for the instructor.
    """

    gradebook: Gradebook
    out: Path
    roster: Roster | None = None
    assignment: str | None = None
    visibility: str = "after_due_date"
    lms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    say: Callable[[str], None] = _silent

    @property
    def possible(self) -> float:
        return tidy(sum(info.possible for info in self.gradebook.questions if not info.bonus))


Format = Callable[[Order], list[Path]]


def grade_of(order: Order, report: SubmissionReport) -> float | None:
    """The total to hand over; None where nothing could be judged and no person gave marks: that is no zero."""
    if report.status not in (Overall.UNREADABLE, Overall.GRADER_ERROR):
        return final_score(order.gradebook, report)
    marked = any(
        mark_of(order.gradebook, report.student.id, question)
        for question in (WHOLE_HAND_IN, *(one.id for one in report.questions))
    )
    judged = any(question.earned for question in report.questions)
    return final_score(order.gradebook, report) if marked or judged else None


def by_row(order: Order, matched: Match) -> dict[int, SubmissionReport]:
    """The reports by the row of the roster that they belong to; says which belong to none."""
    for words in matched.unmatched.values():
        order.say(f"{words} Its marks are not in the file.")
    return {
        matched.found[report.student.id].row: report
        for report in order.gradebook.reports
        if report.student.id in matched.found
    }


def matched_with(order: Order, roster: Roster) -> Match:
    """The students of the list and the reports, matched as they were when the class was graded."""
    return match(roster.students, [report.student for report in order.gradebook.reports], order.lms)


def own_list(order: Order, form: str, words: str) -> Roster | None:
    """The roster where it is the list of this LMS; None without one. Another kind of list is said and not used."""
    if order.roster is None or order.roster.form == form:
        return order.roster
    order.say(f"{order.roster.file.path.name} is no {words}, so the file is written without it.")
    return None


def say_what_waits(order: Order) -> None:
    """Say how many totals are not the last word, and whose hand-in has none."""
    waiting = [report for report in order.gradebook.reports if pending(order.gradebook, report)]
    if waiting:
        points = tidy(sum(pending(order.gradebook, report) for report in waiting))
        count = f"{len(waiting)} of {len(order.gradebook.reports)}"
        order.say(f"{points:g} points of {count} students wait for a person and are not in the totals yet.")
    unjudged = [report.student.id for report in order.gradebook.reports if grade_of(order, report) is None]
    if unjudged:
        order.say(f"Nothing could be judged of {', '.join(unjudged[:10])}; there is no mark for them in the file.")


def column_named(order: Order, roster: Roster, wanted: str) -> int:
    """The column of the list that is meant by `wanted`: its heading, its title without the id, or the id alone.

    Raises:
        ExportError: no column or more than one fits.
    """
    headings = roster.file.values(0)
    plain = wanted.strip().casefold()

    def fits(heading: str) -> bool:
        title, _, number = heading.strip().casefold().rpartition(" (")
        return plain in (heading.strip().casefold(), title) or (number == f"{plain})" and plain.isdigit())

    exact = [at for at, heading in enumerate(headings) if heading.strip() == wanted.strip()]
    found = exact or [at for at, heading in enumerate(headings) if fits(heading)]
    if len(found) == 1:
        return found[0]
    if found:
        several = "; ".join(headings[at] for at in found)
        raise ExportError(f"{order_name(roster)} has several columns that could be {wanted!r}: {several}.")
    raise ExportError(f"{order_name(roster)} has no column {wanted!r}. Its columns are: {'; '.join(headings)}.")


def order_name(roster: Roster) -> str:
    return roster.file.path.name


def number(value: float) -> str:
    """Points as every import reads them: no exponent, no needless zeros.

    >>> number(9.0), number(1 / 3), number(0.00001)
    ('9', '0.333333', '0.00001')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def harmless(text: str) -> str:
    """Text that a spreadsheet does not run when it opens the file: a formula's first sign gets an apostrophe before it.

    >>> harmless("=cmd"), harmless("amal")
    ("'=cmd", 'amal')
    """
    text = one_line(text)
    return f"'{text}" if text[:1] in set("=+-@") else text
