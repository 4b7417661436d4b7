"""The class of `conftest` with everything that a page can show: figures, curves, a network, human marks, lateness."""

from __future__ import annotations

import math
from dataclasses import replace

from grader.gradebook import Extent, Gradebook, HumanMark, Standing
from grader.model import Curve, DrawnNumber, Edge, Figure, Network, Node, Place, QuestionReport, Status

from .conftest import make_gradebook

HOSTILE = '<img src=x onerror="alert(4)"><script>alert(5)</script>'

CURVE = Curve(
    f"sine net with ReLU: loss of the first 50 steps {HOSTILE}",
    tuple(2 * math.exp(-0.05 * step) for step in range(50)),
    tuple(2 * math.exp(-0.15 * step) for step in range(50)),
)
FIGURES = (
    Figure("loss after 1000 iterations, ReLU", "0.2031", "0.20313 to 0.20334", True, Place("hw3.ipynb", 9)),
    Figure(f"loss, {HOSTILE}", HOSTILE, "0.30771 to 0.30992", False),
    Figure("time", "0.42 s", "no statement"),
)


def network() -> Network:
    """A 1-2-1 net with a right number, a wrong one, a missing one and one that waits."""
    w = DrawnNumber("w", "1", Status.PASSED)
    wrong = DrawnNumber("∂w", "46.125", Status.FAILED)
    blank = DrawnNumber("new w", "", Status.MISSING)
    odd = DrawnNumber("∂b", HOSTILE, Status.NEEDS_HUMAN)
    return Network(
        "First update: your numbers on the network",
        (Node("x", "x", 0), Node("a", "h1a", 1, (odd,)), Node("b", "h1b", 1), Node("y", "y", 2)),
        (Edge("x", "a", (w, wrong)), Edge("x", "b", (w,)), Edge("a", "y", (blank,)), Edge("b", "y", (w,))),
    )


def rich_gradebook() -> Gradebook:
    """The gradebook with chidi's Q1 drawn as a network, his Q4 with figures and curves, and marks of a person."""
    plain = make_gradebook()

    def enriched(question: QuestionReport) -> QuestionReport:
        if question.id == "Q1":
            return replace(question, networks=(network(),))
        return replace(question, figures=FIGURES, curves=(CURVE,)) if question.id == "Q4" else question

    reports = tuple(
        replace(report, questions=tuple(map(enriched, report.questions))) if report.student.id == "chidi" else report
        for report in plain.reports
    )
    marks = (
        HumanMark("bea", "Q4", 1.5, Extent.PENDING, "Say why the derivative matters.", "2026-03-02T08:00:00", "Review"),
        HumanMark("chidi", "Q1", 1.75, Extent.WHOLE, f"Nearly. {HOSTILE}", "2026-03-02T08:00:00", "Scores", stale=True),
        HumanMark("chidi", "Q3", None, Extent.PENDING, "Come to my office hours.", "2026-03-02T08:00:00", "Review"),
    )
    standings = {"bea": Standing(factor=0.9, days_late=1, words="1 day late (due 2026-03-01 23:59): 10 % off.")}
    return replace(plain, reports=reports, marks=marks, standings=standings)
