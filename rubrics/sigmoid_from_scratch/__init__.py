"""Sheet 001: a 2-10-10-1 net of sigmoids, its gradients by PyTorch's autograd and from scratch. 14 points.

Nothing is seeded, so gradients are judged for each hand-in's own weights and sample, as found in its run.
"""

from __future__ import annotations

from pathlib import Path

import reference_solutions
from grader.rubric import Homework, WholeQuestion
from reference_solutions import errata
from rubrics.sigmoid_from_scratch.claims import claims
from rubrics.sigmoid_from_scratch.faults import FAULTS
from rubrics.sigmoid_from_scratch.judging import judge
from rubrics.sigmoid_from_scratch.questions import QUESTIONS
from rubrics.sigmoid_from_scratch.tables import table_lines

SHEET = Path(__file__).parent.parent / "sheets" / "sigmoid_from_scratch.ipynb"

homework: Homework = Homework(
    "sigmoid_from_scratch",
    "A sigmoid network: gradients from scratch and by autograd",
    sheet=SHEET,
    sources=[Path(__file__).parent, Path(reference_solutions.__file__).parent],
    fingerprint=(
        "Sequential",
        "Sigmoid",
        "SGD",
        "autograd",
        "predict",
        "scratch",
        "rand",
        "uniform",
        "W3",
        "w3",
        "b3",
        "dW3",
    ),
    errata=[f"{erratum.where}: {erratum.truth} {erratum.grading}" for erratum in errata.load("sigmoid_from_scratch")],
    judge=judge,
    claims=lambda: claims(homework),
    tables=table_lines,
)

for _asked in QUESTIONS:
    homework.add(
        WholeQuestion(
            _asked.id,
            _asked.title,
            points=_asked.points,
            bonus=False,
            marks=_asked.marks,
            faults=tuple(fault.info() for fault in FAULTS if fault.question == _asked.id),
        )
    )
