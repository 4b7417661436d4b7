"""Which questions a gradebook is about, and each of them for every student, also where a hand-in could not be read."""

from __future__ import annotations

from dataclasses import replace

from grader.export.errors import ExportError
from grader.gradebook import Gradebook
from grader.model import LabelReport, Overall, QuestionInfo, QuestionReport, Status, SubmissionReport


def tidied(gradebook: Gradebook) -> Gradebook:
    """The gradebook sorted by student id, with those questions alone that were judged.

    These are all of them, unless only some were asked for. Each report is `completed`.
    """
    judged = {question.id for report in gradebook.reports for question in report.questions}
    questions = tuple(info for info in gradebook.questions if info.id in judged or not judged)
    narrow = replace(gradebook, questions=questions)
    ordered = sorted(gradebook.reports, key=lambda report: report.student.id)
    return replace(narrow, reports=tuple(completed(report, narrow) for report in ordered))


UNEXPLAINED = "No reason was recorded for this. Please tell your instructor."


def reasons(question: QuestionReport) -> tuple[LabelReport, ...]:
    """The labels of a question; where a judged question has none, one that owns up to it, so that nothing is silent."""
    if question.labels or question.possible <= 0:
        return question.labels
    message = "" if question.status is Status.PASSED else UNEXPLAINED
    return (LabelReport("", question.status, question.earned, question.possible, message=message),)


def completed(report: SubmissionReport, gradebook: Gradebook) -> SubmissionReport:
    """The report with one `QuestionReport` for each question of the gradebook, in the gradebook's order.

    A question that the report lacks is `missing` and earns nothing; after an error of the grader it is pending
    instead, for our fault must never be a student's zero.

    Raises:
        ExportError: the report has a question that the homework does not know, so its points would get lost.
    """
    known = {question.id: question for question in report.questions}
    strangers = known.keys() - {info.id for info in gradebook.questions}
    if strangers:
        raise ExportError(
            f"The result of {report.student.id} has questions that {gradebook.homework} does not know: "
            f"{', '.join(sorted(strangers))}. Grade it again with the present rubric."
        )
    ours = report.status is Overall.GRADER_ERROR
    return replace(report, questions=tuple(known.get(info.id) or _absent(info, ours) for info in gradebook.questions))


def _absent(info: QuestionInfo, ours: bool) -> QuestionReport:
    status = Status.GRADER_ERROR if ours else Status.MISSING
    labels = tuple(
        LabelReport(label, status, earned=0.0, possible=points, pending=points if ours else 0.0)
        for label, points in info.labels
    )
    return QuestionReport(info.id, info.title, info.possible, info.bonus, status, labels)
