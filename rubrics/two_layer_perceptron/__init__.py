"""Sheet 003, Mazur's two-layer example: forward pass, two updates, a hundred epochs, prediction, gradient. 10 points.

Its questions hang together and come from the same run, so the homework is judged as a whole.
"""

from __future__ import annotations

from pathlib import Path

import reference_solutions
from grader.rubric import Homework, WholeQuestion
from reference_solutions import errata
from rubrics.two_layer_perceptron.claims import claims
from rubrics.two_layer_perceptron.faults import FAULTS
from rubrics.two_layer_perceptron.judging import judge
from rubrics.two_layer_perceptron.questions import QUESTIONS
from rubrics.two_layer_perceptron.tables import table_lines

SHEET = Path(__file__).parent.parent / "sheets" / "two_layer_perceptron.ipynb"

homework: Homework = Homework(
    "two_layer_perceptron",
    "A two-layer perceptron: backpropagation step by step",
    sheet=SHEET,
    sources=[Path(__file__).parent, Path(reference_solutions.__file__).parent],
    fingerprint=(
        "two_layer_perceptron",
        "Perceptron",
        "perceptron",
        "linear2",
        "MSEerror",
        "init_weight",
        "Mazur",
        "zero_grad",
    ),
    errata=[f"{erratum.where}: {erratum.truth} {erratum.grading}" for erratum in errata.load("two_layer_perceptron")],
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
            faults=tuple(info for fault in FAULTS if (info := fault.info()).question == _asked.id),
        )
    )
