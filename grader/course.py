"""A homework made ready for a run: rubric, blank sheet, and every code question prepared for one seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.intake.sheet import Sheet
from grader.prepared import Prepared, prepare
from grader.rubric import CodeQuestion, Homework


@dataclass(frozen=True)
class Course:
    """What every submission of one homework is judged with. Built once a run.

    `full_training`: whole training loops are run where a short trajectory would stand for them. `mnist`: the folder of
    MNIST's own files, for a homework that trains on digits.
    """

    homework: Homework
    sheet: Sheet
    prepared: Mapping[str, Prepared]
    seed: int
    full_training: bool = False
    mnist: Path | None = None


def open_course(homework: Homework, seed: int, full_training: bool = False, mnist: Path | None = None) -> Course:
    """Read the blank sheet, draw the cases, run the reference."""
    ids = [question.id for question in homework.questions]
    sheet = Sheet.from_notebook(homework.sheet, ids) if homework.sheet else Sheet.without_template(ids)
    prepared = {q.id: prepare(q, seed) for q in homework.questions if isinstance(q, CodeQuestion)}
    return Course(homework, sheet, prepared, seed, full_training, mnist)
