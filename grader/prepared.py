"""A code question made ready for a run: cases drawn, programs recorded, what the reference and every fault give.

Done once a run, the faults when the first label is lost; every submission is judged against the same `Prepared`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.probe import ProbeError, record
from grader.rubric import Case, CodeQuestion, Fault, RubricError
from grader.worker.interpreter import execute
from grader.worker.program import Program, Run


@dataclass(frozen=True)
class PreparedCase:
    """One case of one question: the program that travels, and what the reference returns (label -> array)."""

    case: Case
    program: Program
    want: Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Prepared:
    """A code question with everything that judging it needs."""

    question: CodeQuestion
    cases: tuple[PreparedCase, ...]

    @cached_property
    def faults(self) -> tuple[tuple[Fault, Mapping[str, Run]], ...]:
        """Every fault with its runs, by the case's name."""
        return tuple(
            (fault, {c.case.name: run_class(self.question, fault.make, c.program) for c in self.cases})
            for fault in self.question.faults
        )

    def case(self, name: str) -> PreparedCase:
        return next(case for case in self.cases if case.case.name == name)


def prepare(question: CodeQuestion, seed: int) -> Prepared:
    """Draw, record and run. Raises RubricError when the probe and the reference do not fit together."""
    return Prepared(question, tuple(prepare_case(question, case) for case in question.draw(seed)))


def prepare_case(question: CodeQuestion, case: Case) -> PreparedCase:
    """One case, recorded and answered by the reference."""
    try:
        program = record(question.probe, [question.entry], case, case.inputs, question.spellings)
    except ProbeError as error:
        raise RubricError(f"{question.id}, case {case.name!r}: {error}") from error
    run = run_class(question, question.reference, program)
    want = {}
    for label, outcome in run.outcomes.items():
        if outcome.error is not None or outcome.value is None:
            said = outcome.error.message if outcome.error else outcome.refused
            raise RubricError(f"{question.id}, case {case.name!r}: the reference has no {label}: {said}")
        want[label] = outcome.value
    if set(want) != set(question.marks):
        raise RubricError(f"{question.id}: the probe yields {sorted(want)}, the marks name {sorted(question.marks)}")
    return PreparedCase(case, program, want)


def run_class(question: CodeQuestion, make: type, program: Program) -> Run:
    """Run a program on a class of this process: the reference or a fault, never a student's."""
    with np.errstate(all="ignore"):
        return execute(program, {question.entry: make})
