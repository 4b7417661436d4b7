"""A believable class for the exports: twelve students, every status, hostile names, odd values."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from grader.gradebook import Gradebook
from grader.model import (
    AnswerText,
    Example,
    FaultInfo,
    LabelReport,
    Overall,
    Picture,
    Place,
    QuestionInfo,
    QuestionReport,
    Status,
    Student,
    SubmissionReport,
)

P, F, N = Status.PASSED, Status.FAILED, Status.NEEDS_HUMAN

QUESTIONS = (
    QuestionInfo(
        "Q1",
        "Linear: forward pass, gradient with respect to the input, update of W and b",
        2.0,
        False,
        (("Y", 0.5), ("dX", 0.5), ("W", 0.5), ("b", 0.5)),
    ),
    QuestionInfo("Q2", "One step of Linear by hand", 2.0, False, (("Y", 0.5), ("dX", 0.5), ("W", 0.5), ("b", 0.5))),
    QuestionInfo("Q3", "ReLU: forward and backward pass", 2.0, False, (("Y", 1.0), ("dX", 1.0))),
    QuestionInfo(
        "Q4", "Sigmoid or ReLU: what you see in training", 2.0, False, (("answer", 2.0),), "times and losses of both"
    ),
    QuestionInfo("Q7", "CrossEntropyLoss: loss and gradient", 2.0, False, (("loss", 1.0), ("gradient", 1.0))),
    QuestionInfo("Q9", "The derivation of dX for a convolution", 0.5, True, (("answer", 0.5),)),
)

FAULTS = (
    FaultInfo(
        "linear.updates-before-dX",
        "Q1",
        ("dX",),
        "W was updated before dX was computed.",
        "Compute dX from the W that forward used, and update W only afterwards.",
        "Trains nearly as well, so only a large learning rate shows it.",
    ),
    FaultInfo(
        "linear.db-not-summed",
        "Q1",
        ("b",),
        "The gradient of b was not summed over the batch.",
        "Every row of the batch adds to the same b: what does that mean for db?",
    ),
    FaultInfo(
        "relu.mask-from-gradient",
        "Q3",
        ("dX",),
        "The mask was taken from the gradient instead of the input.",
        "Which numbers decide where ReLU lets something through?",
    ),
)

W_WANT = np.array([[1.85, 0.85], [1.6, 0.6]])


def passed(question: QuestionInfo, **more: object) -> QuestionReport:
    labels = tuple(LabelReport(name, P, points, points) for name, points in question.labels)
    made = QuestionReport(question.id, question.title, question.possible, question.bonus, P, labels)
    return replace(made, place=Place("hw3.ipynb", 4, 1), **more)  # type: ignore[arg-type]


def nothing(question: QuestionInfo, status: Status, message: str) -> QuestionReport:
    labels = tuple(LabelReport(name, status, 0.0, points, message=message) for name, points in question.labels)
    return QuestionReport(question.id, question.title, question.possible, question.bonus, status, labels)


def waits(question: QuestionInfo, answer: AnswerText | None, status: Status = N) -> QuestionReport:
    labels = tuple(LabelReport(name, status, 0.0, points, pending=points) for name, points in question.labels)
    made = QuestionReport(question.id, question.title, question.possible, question.bonus, status, labels)
    return replace(made, answer=answer)


def lost(question: QuestionInfo, changes: dict[str, LabelReport], **more: object) -> QuestionReport:
    labels = tuple(changes.get(name) or LabelReport(name, P, points, points) for name, points in question.labels)
    made = QuestionReport(question.id, question.title, question.possible, question.bonus, Status.PARTIAL, labels)
    return replace(made, place=Place("hw3.ipynb", 4, 12), **more)  # type: ignore[arg-type]


def png(width: int = 120, height: int = 60) -> bytes:
    """A small picture with a curve in it, written by hand so that no drawing library is needed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = [
        b"\0" + bytes(0 if abs(y - height * (0.1 + 0.8 * 0.96 ** (0.5 * x))) > 1 else 1 for x in range(width))
        for y in range(height - 1, -1, -1)
    ]
    rows = [row[:1] + bytes(20 if value else 245 for value in row[1:]) for row in rows]
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def updated_early() -> LabelReport:
    X, W = np.array([[1, 3], [2, 5]]), np.array([[2.0, 1.0], [2.0, 1.0]])
    dY = np.ones((2, 2))
    return LabelReport(
        "dX",
        F,
        0.0,
        0.5,
        faults=("linear.updates-before-dX", "linear.db-not-summed"),
        message="dX differs from what was expected in 4 of 4 entries.",
        hint="Compute dX from the W that forward used, and update W only afterwards.",
        example=Example((("X", X), ("W", W), ("b", np.zeros(2)), ("dY", dY), ("lr", 0.05)), dY @ W.T, dY @ W_WANT.T),
    )


def db_not_summed() -> LabelReport:
    X, W = np.array([[1, 3], [2, 5]]), np.array([[2.0, 1.0], [2.0, 1.0]])
    return LabelReport(
        "b",
        Status.CRASHED,
        0.0,
        0.5,
        faults=("linear.db-not-summed",),
        message="b has shape (2, 2) after the update, where (2,) was expected.",
        hint="",
        example=Example(
            (("X", X), ("W", W), ("b", np.zeros(2)), ("dY", np.ones((2, 2))), ("lr", 0.05)),
            np.array([-0.1, -0.1]),
            np.full((2, 2), -0.05),
        ),
    )


def mask_from_gradient() -> LabelReport:
    X = np.arange(-32.0, 32.0).reshape(8, 8)
    dY = np.where((np.arange(64).reshape(8, 8) % 3) == 0, -1.5, 0.25)
    return LabelReport(
        "dX",
        F,
        0.1,
        1.0,
        faults=("relu.mask-from-gradient",),
        message="dX differs from what was expected in 46 of 64 entries.",
        example=Example((("X", X), ("dY", dY)), (X > 0) * dY, (dY > 0) * dY),
        notes=("An argument was edited in place: the next layer then sees other numbers.",),
    )


def never_came() -> LabelReport:
    return LabelReport(
        "gradient",
        F,
        0.0,
        1.0,
        message="gradient: an array of shape (2, 3) was expected, but backward returned nothing.",
        hint="Does backward end in a return?",
        example=Example(
            (("logits", np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])), ("labels", np.array([2, 0]))),
            np.array([[0.045015, 0.122364, -0.167380], [-0.333333, 0.166667, 0.166667]]),
            None,
            "nothing (None)",
        ),
    )


def not_finite() -> LabelReport:
    return LabelReport(
        "loss",
        F,
        0.0,
        1.0,
        message="loss: a finite number was expected, but nan came.",
        example=Example((("logits", np.array([[800.0, 0.0]])), ("labels", np.array([0]))), 0.0, float("nan")),
    )


def make_gradebook() -> Gradebook:
    """Twelve students; the totals are worked out by hand in the tests."""
    q1, q2, q3, q4, q7, q9 = QUESTIONS
    prose = AnswerText(
        "ReLU learns faster, because sigmoid's derivative is at most 1/4 and gets smaller with every layer.\n\n"
        "    relu: 1e-4 after 4,000 iterations\n    sigmoid: 8e-3 after 20,000",
        ("iteration 4000: loss 0.000099",),
        (Picture("image/png", png(), Place("hw3.ipynb", 17)),),
        (Place("hw3.ipynb", 16),),
    )
    hostile = AnswerText(
        '=HYPERLINK("http://example.org")\n<script>alert(1)</script>\x00\x1b[31mred\u202eevil', ("+1",)
    )
    grade = [
        (
            "amal",
            "Amal Haddad",
            [passed(q1), passed(q2), passed(q3), passed(q4), passed(q7), passed(q9)],
            Overall.JUDGED,
        ),
        (
            "bea",
            "Bea Lindqvist",
            [
                lost(q1, {"dX": updated_early()}),
                passed(q2),
                passed(q3),
                waits(q4, prose),
                passed(q7),
                nothing(q9, Status.MISSING, "No answer was found."),
            ],
            Overall.PROVISIONAL,
        ),
        (
            "chidi",
            "Chidi Okafor",
            [
                lost(q1, {"dX": updated_early(), "b": db_not_summed()}),
                passed(q2),
                lost(q3, {"dX": mask_from_gradient()}),
                waits(q4, prose),
                lost(q7, {"gradient": never_came(), "loss": not_finite()}),
                waits(q9, prose),
            ],
            Overall.PROVISIONAL,
        ),
        (
            "dmitri",
            "Дмитрий Соколов",
            [nothing(q, Status.MISSING, "No answer was found: the template is untouched.") for q in QUESTIONS],
            Overall.JUDGED,
        ),
        (
            "elif",
            "Elif Yıldız",
            [
                nothing(q1, Status.CRASHED, "ValueError: shapes (5,4) and (3,4) not aligned"),
                nothing(q2, Status.BLOCKED, "Q2 builds on Q1."),
                passed(q3),
                nothing(q4, Status.TIMEOUT, "It did not end within 10 seconds."),
                nothing(q7, Status.TOO_BIG, "It returned 2 GB."),
                nothing(q9, Status.FORBIDDEN, "It tried to read a file."),
            ],
            Overall.JUDGED,
        ),
        ("farid", "Farid Rahimi", [], Overall.UNREADABLE),
        ("gina", "Gina Rossi", [], Overall.GRADER_ERROR),
        (
            "=cmd|' /C calc'!A0",
            '=HYPERLINK("http://example.org","Win")',
            [passed(q1), passed(q2), passed(q3), waits(q4, hostile), passed(q7), passed(q9)],
            Overall.PROVISIONAL,
        ),
        (
            "<script>alert(1)<",
            "<script>alert('name')</script>",
            [
                passed(q1),
                lost(q2, {"W": LabelReport("W", F, 0.0, 0.5, message="<img src=x onerror=alert(2)> came.")}),
                passed(q3),
                passed(q4),
                passed(q7),
                passed(q9),
            ],
            Overall.JUDGED,
        ),
        (
            "007",
            "\u202egnp.evil\u202c James \x07Bond",
            [passed(q1), passed(q2), passed(q3), waits(q4, None), passed(q7), passed(q9)],
            Overall.PROVISIONAL,
        ),
        (
            "7",
            "Seven *?~ of Nine",
            [
                passed(q1),
                passed(q2),
                waits(q3, AnswerText("torch.relu(x)"), Status.GRADER_ERROR),
                passed(q4),
                passed(q7),
                passed(q9),
            ],
            Overall.PROVISIONAL,
        ),
        (
            "李伟",
            "李伟",
            [
                passed(
                    q1,
                    notes=("Your loop is right; X.T @ dY says the same in one line.",),
                    flags=("The layer hands its work to torch.nn.Linear.",),
                ),
                passed(q2),
                passed(q3),
                passed(q4),
                passed(q7),
                nothing(q9, Status.MISSING, "No answer was found."),
            ],
            Overall.JUDGED,
        ),
    ]
    reports = tuple(
        SubmissionReport(
            Student(student, name),
            "numpy_layers",
            status,
            tuple(questions),
            flags=("It looked for the grader's files.",) if student == "elif" else (),
            notes=("Two notebooks were found; hw3.ipynb, the later one, was judged.",) if student == "bea" else (),
            confinement=("rlimits", "landlock", "seccomp"),
            error={
                "farid": "hw3.ipynb is no notebook: it ends in the middle of line 812.",
                "gina": "The grader stopped while judging this hand-in.",
            }.get(student, ""),
            files=("hw3.ipynb",),
        )
        for student, name, questions, status in sorted(grade, key=lambda row: row[0])
    )
    return Gradebook(
        "numpy_layers",
        "Programming Assignment 3: layers in numpy",
        QUESTIONS,
        FAULTS,
        reports,
        (("Version", "0.1.0"), ("Seed", "0"), ("Confinement", "rlimits, landlock, seccomp")),
        ("The sheet's Sigmoid example prints X = [[2,-2],[-2,2]], but its values belong to [[2,-1],[-1,2]].",),
    )


@pytest.fixture
def gradebook() -> Gradebook:
    return make_gradebook()


@pytest.fixture
def large_gradebook() -> Gradebook:
    """The same class 250 times over: 3,000 hand-ins."""
    small = make_gradebook()
    reports = (
        replace(report, student=Student(f"{report.student.id}-{n:03}", report.student.name))
        for n in range(250)
        for report in small.reports
    )
    return replace(small, reports=tuple(sorted(reports, key=lambda report: report.student.id)))
