"""Questions that a human judges: what the student wrote is laid out, the points wait."""

from __future__ import annotations

from grader.model import AnswerText, LabelReport, QuestionReport, Status
from grader.rubric import HumanQuestion


def judge_human(question: HumanQuestion, answer: AnswerText) -> QuestionReport:
    """Pending where there is anything to look at, missing where the sheet was left as it was."""
    if answer.empty:
        label = LabelReport(
            "answer", Status.MISSING, 0.0, question.points, message="There is no answer to this question."
        )
    else:
        label = LabelReport(
            "answer",
            Status.NEEDS_HUMAN,
            0.0,
            question.points,
            question.points,
            message="A human reads this answer; its points are not in the score yet.",
        )
    return QuestionReport(
        id=question.id,
        title=question.title,
        possible=question.points,
        bonus=question.bonus,
        status=label.status,
        labels=(label,),
        place=answer.places[0] if answer.places else None,
        answer=answer,
    )
