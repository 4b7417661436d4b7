"""Sheet 002, Homework 1 (theory): five steps of training, forward table, gradients in numerator layout. 15 points.

Here the questions are declared and put together; how each is read and judged has a file of its own beside it. The sheet
gives no points: each question has five, shared evenly over its entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import reference_solutions
from grader.judges.code import status_of
from grader.material import Material
from grader.model import AnswerText, QuestionReport, Status
from grader.rubric import Homework, WholeQuestion
from reference_solutions import errata
from rubrics.matrix_calculus.backward import judge_backward
from rubrics.matrix_calculus.claims import claims, tables
from rubrics.matrix_calculus.faults import FAULTS
from rubrics.matrix_calculus.forward import judge_forward
from rubrics.matrix_calculus.marks import MARKS, Mark, fault_infos
from rubrics.matrix_calculus.sections import Answer, HandIn, read_hand_in
from rubrics.matrix_calculus.shares import shared_out
from rubrics.matrix_calculus.steps import judge_steps

TITLES = {
    "1.2.1": "Five programming steps to train the model on one batch",
    "1.2.2": "Inputs and outputs of every layer in the forward pass",
    "1.2.3": "Gradients of the loss from the backward pass, in numerator layout",
}


def judge(material: Material) -> tuple[QuestionReport, ...]:
    """All three questions of one submission."""
    return judge_hand_in(read_hand_in(material.submission, material.sheet), material.seed)


def judge_hand_in(hand_in: HandIn, seed: int) -> tuple[QuestionReport, ...]:
    """All three questions of what was read; names defined in the forward table may be used in the backward one."""
    answers = shared_out(hand_in)
    forward = judge_forward(answers["1.2.2"], seed)
    elsewhere = [hand_in.loose, answers["1.2.2"], answers["1.2.1"]]
    backward = judge_backward(answers["1.2.3"], forward, elsewhere, seed)
    judged: dict[str, Mapping[str, Mark]] = {
        "1.2.1": judge_steps(answers["1.2.1"]), "1.2.2": forward.marks, "1.2.3": backward.marks,
    }  # fmt: skip
    notes = {"1.2.3": backward.notes}
    return tuple(
        _report(question, marks, answers[question], hand_in, notes.get(question, ()))
        for question, marks in judged.items()
    )


def _report(
    question: str, marks: Mapping[str, Mark], answer: Answer, hand_in: HandIn, notes: tuple[str, ...]
) -> QuestionReport:
    unseen = hand_in.problems or hand_in.loose.needs_eyes
    if unseen:
        why = " ".join(hand_in.problems) or "There is a picture above the answers; a human looks at it."
        marks = {
            label: replace(mark, status=Status.NEEDS_HUMAN, message=why) if mark.status is Status.MISSING else mark
            for label, mark in marks.items()
        }
    labels = tuple(mark.report(question, label) for label, mark in marks.items())
    places = answer.places()
    return QuestionReport(
        id=question,
        title=TITLES[question],
        possible=sum(MARKS[question].values()),
        bonus=False,
        status=status_of(labels),
        labels=labels,
        place=places[0] if places else None,
        notes=(*notes, *hand_in.notes),
        answer=AnswerText(answer.text(), (), tuple(answer.pictures), places),
    )


homework = Homework(
    "matrix_calculus",
    "Homework 1, theory: a two-layer net, its forward pass and its gradients",
    sheet=Path(__file__).parent.parent / "sheets" / "matrix_calculus.ipynb",
    sources=[Path(__file__).parent, Path(reference_solutions.__file__).parent],
    errata=[f"{erratum.where}: {erratum.truth} {erratum.grading}" for erratum in errata.load("matrix_calculus")],
    fingerprint=(
        "DLSP21", "numerator", "Linear_1", "Linear_2", "Linear1", "Linear2", "l_", "yhat", "z3", "z_3", "Loss", "MSE",
        "ReLU", "boldsymbol", "programming", "mathematically",
    ),
    judge=judge,
    claims=claims,
    tables=tables,
)  # fmt: skip
for _question, _marks in MARKS.items():
    _ids = tuple(dict.fromkeys(fault.id for fault in FAULTS if fault.question == _question))
    homework.add(
        WholeQuestion(_question, TITLES[_question], sum(_marks.values()), False, _marks, fault_infos(_question, _ids))
    )
