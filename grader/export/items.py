"""How hard each question was, and how well it tells strong hand-ins from weak ones (classical item analysis)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from grader import final
from grader.export.questions import completed
from grader.gradebook import Gradebook
from grader.model import Overall, QuestionInfo, Status, SubmissionReport

TENTHS = 10


@dataclass(frozen=True)
class Item:
    """One question over the class, a person's marks counted in. Whatever still waits is left out of every figure.

    While more answers wait than are judged there are no figures: those who left the question blank are judged at once,
    and alone they would make a question look failed that nobody has marked yet.

    `mean`, `full` and `zero` are shares of one and None without figures; `discrimination` is Pearson's
    correlation of this question's points with the points of the rest (None where one of the two does not vary);
    `tenths` counts the students by tenths of the question's points, the last tenth with full marks in it.
    """

    question: QuestionInfo
    judged: int
    waiting: int
    mean: float | None
    full: float | None
    zero: float | None
    discrimination: float | None
    tenths: tuple[int, ...]


def items(gradebook: Gradebook) -> tuple[Item, ...]:
    """One `Item` a question, in the gradebook's order; hand-ins that could not be read are left out."""
    reports = [
        completed(report, gradebook)
        for report in gradebook.reports
        if report.status in (Overall.JUDGED, Overall.PROVISIONAL)
    ]
    points = {report.student.id: _points(report, gradebook) for report in reports}
    found = []
    for place, info in enumerate(gradebook.questions):
        shares, rests, waiting, blank = [], [], 0, 0
        for report in reports:
            earned, pending = points[report.student.id][place]
            if pending > 0:
                waiting += 1
                continue
            blank += report.questions[place].status is Status.MISSING and earned == 0
            shares.append(earned / info.possible if info.possible else 0.0)
            rests.append(sum(other for other, _ in points[report.student.id]) - earned)
        judged = len(shares)
        if waiting > judged - blank:
            shares, rests = [], []
        found.append(
            Item(
                question=info,
                judged=judged,
                waiting=waiting,
                mean=fmean(shares) if shares else None,
                full=fmean(share >= 1 - 1e-9 for share in shares) if shares else None,
                zero=fmean(share <= 1e-9 for share in shares) if shares else None,
                discrimination=correlation(shares, rests),
                tenths=by_tenths(shares),
            )
        )
    return tuple(found)


def _points(report: SubmissionReport, gradebook: Gradebook) -> list[tuple[float, float]]:
    """(points, pending) of each question, a person's marks counted in."""
    student = report.student.id
    return [final.points_of(q, final.mark_of(gradebook, student, q.id)) for q in report.questions]


def by_tenths(shares: Sequence[float]) -> tuple[int, ...]:
    """How many shares fall into [0, 0.1), [0.1, 0.2), … [0.9, 1] (and above).

    >>> by_tenths([0, 0.05, 0.3, 1.0])
    (2, 0, 0, 1, 0, 0, 0, 0, 0, 1)
    """
    counts = [0] * TENTHS
    for share in shares:
        counts[min(TENTHS - 1, max(0, math.floor(share * TENTHS + 1e-9)))] += 1
    return tuple(counts)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's correlation; None for fewer than three pairs, or where either side does not vary.

    >>> correlation([0, 1, 2], [1, 3, 5])
    1.0
    """
    if len(xs) < 3:
        return None
    mean_x, mean_y = fmean(xs), fmean(ys)
    dx, dy = [x - mean_x for x in xs], [y - mean_y for y in ys]
    spread = math.sqrt(math.fsum(d * d for d in dx) * math.fsum(d * d for d in dy))
    if spread < 1e-12:
        return None
    return max(-1.0, min(1.0, round(math.fsum(a * b for a, b in zip(dx, dy, strict=True)) / spread, 9)))
