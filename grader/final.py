"""What a question and a submission count in the end: the machine's points, a person's marks, the course's policy.

The only place where the three meet; every export takes its totals from here. Reads nothing and writes nothing.
"""

from __future__ import annotations

import math

from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark, Standing, TotalRule
from grader.model import QuestionReport, SubmissionReport, tidy

NO_STANDING = Standing()


def mark_of(gradebook: Gradebook, student: str, question: str) -> HumanMark | None:
    """The mark of a person that counts for this question: one for the whole goes before one for what waits."""
    found = gradebook.marks_by_question.get((student, question), {})
    counting = (found.get(extent) for extent in (Extent.WHOLE, Extent.PENDING))
    return next((mark for mark in counting if mark is not None and mark.points is not None), None)


def points_of(question: QuestionReport, mark: HumanMark | None) -> tuple[float, float]:
    """(points, pending) of a question with the mark that a person gave it.

    >>> from grader.model import Status
    >>> points_of(QuestionReport("Q1", "", 2.0, False, Status.PASSED), None)
    (0.0, 0.0)
    """
    if mark is None or mark.points is None:
        return question.earned, question.pending
    if mark.extent is Extent.WHOLE:
        return tidy(mark.points), 0.0
    return tidy(question.earned + mark.points), 0.0


def raw_score(gradebook: Gradebook, report: SubmissionReport) -> float:
    """The points of a submission before the policy touches them; a bonus only where the course counts it."""
    student = report.student.id
    counted = [q for q in report.questions if gradebook.rule.bonus or not q.bonus]
    judged = sum(points_of(question, mark_of(gradebook, student, question.id))[0] for question in counted)
    return tidy(judged + _unjudged(gradebook, report))


def _unjudged(gradebook: Gradebook, report: SubmissionReport) -> float:
    """Points that a person gave to a hand-in that could not be read, or to questions that its report lacks."""
    present = {question.id for question in report.questions}
    lacking = [info.id for info in gradebook.questions if gradebook.rule.bonus or not info.bonus]
    names = (WHOLE_HAND_IN, *(name for name in lacking if name not in present))
    marks = (mark_of(gradebook, report.student.id, name) for name in names)
    return sum(mark.points or 0.0 for mark in marks if mark is not None)


def pending(gradebook: Gradebook, report: SubmissionReport) -> float:
    """What still waits for a person."""
    return tidy(sum(points_of(q, mark_of(gradebook, report.student.id, q.id))[1] for q in report.questions))


def final_score(gradebook: Gradebook, report: SubmissionReport) -> float:
    """The total that an instructor hands out."""
    standing = gradebook.standings.get(report.student.id, NO_STANDING)
    return settled(raw_score(gradebook, report), standing, gradebook.rule)


def settled(raw: float, standing: Standing, rule: TotalRule) -> float:
    """Points after lateness, cap and rounding; half a step rounds up.

    >>> settled(9.0, Standing(factor=0.9), TotalRule(step=0.5))
    8.0
    """
    points = max(0.0, raw * standing.factor - standing.minus)
    if standing.cap is not None:
        points = min(points, standing.cap)
    points = tidy(points)
    return tidy(math.floor(points / rule.step + 0.5 + 1e-9) * rule.step) if rule.step else points
