"""Answers without headings of their own, handed to the question that they look like an answer to."""

from __future__ import annotations

from collections.abc import Sequence

from grader.intake.formula_table import FormulaLine, Part
from rubrics.matrix_calculus.cells import cells_of
from rubrics.matrix_calculus.gradients import gradients_of
from rubrics.matrix_calculus.marks import GRADIENTS
from rubrics.matrix_calculus.sections import QUESTIONS, Answer, HandIn


def shared_out(hand_in: HandIn) -> dict[str, Answer]:
    """The answers by question; one without a heading is looked for at the end of what stands before it."""
    answers = {
        question: Answer(list(a.parts), list(a.pictures), list(a.unseen)) for question, a in hand_in.answers.items()
    }
    for source in (None, *QUESTIONS):
        answer = answers[source] if source else hand_in.loose
        later = QUESTIONS if source is None else QUESTIONS[QUESTIONS.index(source) + 1 :]
        lacking = [question for question in later if answers[question].empty and question not in hand_in.headed]
        if not answer.parts or not lacking:
            continue
        steps, forward, backward = split(answer.parts)
        pieces = {"1.2.1": steps, "1.2.2": forward, "1.2.3": backward}
        given: list[Part] = []
        for question in lacking:
            answers[question].parts = list(pieces[question])
            given += pieces[question]
        if source:
            answer.parts = [part for part in answer.parts if not any(part is other for other in given)]
    return answers


def split(parts: Sequence[Part]) -> tuple[list[Part], list[Part], list[Part]]:
    """Prose, then a forward table, then gradients: where each begins."""
    begin = next((n for n, part in enumerate(parts) if cells_of([part]) and len(cells_of(parts[n:])) > 3), None)
    gradients = next((n for n, part in enumerate(parts) if _is_gradient(part)), None)
    if begin is None or (gradients is not None and gradients < begin and not _is_gradient(parts[begin])):
        at = gradients if gradients is not None else len(parts)
        return list(parts[:at]), [], list(parts[at:])
    end = len(parts)
    if not isinstance(parts[begin], FormulaLine):
        end = begin + 1
    else:
        first = cells_of([parts[begin]])[0]
        for n in range(begin + 1, len(parts)):
            again = cells_of([parts[n]])
            if (
                _is_gradient(parts[n])
                or not isinstance(parts[n], FormulaLine)
                or (again and again[0].label == first.label)
            ):
                end = n
                break
    return list(parts[:begin]), list(parts[begin:end]), list(parts[end:])


def _is_gradient(part: Part) -> bool:
    return any(
        found.target in GRADIENTS
        and found.text.strip(" ${}").rstrip(".") not in ("0", r"\mathbf{0}", r"\boldsymbol{0}")
        for found in gradients_of([part]).candidates
    )
