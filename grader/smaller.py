"""A small failing case to show, for a class that fails hidden cases only: drawn afresh, never a hidden one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from grader.attempt import Attempt, judged, request
from grader.client import Failure as WorkerFailure
from grader.judges.code import Judged
from grader.prepared import PreparedCase, prepare_case
from grader.rubric import Case, CodeQuestion
from grader.runner import Runner
from grader.verdict import Failure

SEARCHED = 8
SEEDS = (1001, 1002, 1003)


def smaller_failures(attempt: Attempt, found: Judged, runner: Runner) -> Mapping[str, Failure]:
    """For each label whose failures are all hidden, a small case with round numbers that it fails too."""
    hidden_only = [
        verdict.label
        for verdict in found.verdicts.values()
        if verdict.failures and not any(failure.case.case.public for failure in verdict.failures)
    ]
    if not hidden_only:
        return {}
    cases = _small_cases(attempt.prepared.question)
    searched = replace(attempt, prepared=replace(attempt.prepared, cases=cases))
    reply = runner.run([request(searched, runner.torch if attempt.tensors else "plain")], runner.together).replies[
        attempt.id
    ]
    if isinstance(reply, WorkerFailure):
        return {}
    verdicts = judged(searched, reply).verdicts
    return {label: verdicts[label].failures[0] for label in hidden_only if verdicts[label].failures}


def _small_cases(question: CodeQuestion) -> tuple[PreparedCase, ...]:
    drawn = [
        case for seed in SEEDS for case in question.draw(seed) if case.ordinary and not case.public and not case.square
    ]
    drawn.sort(key=lambda case: sum(np.size(value) for value in case.inputs.values()))
    return tuple(prepare_case(question, _rounded(case, number)) for number, case in enumerate(drawn[:SEARCHED]))


def _rounded(case: Case, number: int) -> Case:
    inputs = {
        name: np.round(v, 1) if isinstance(v, np.ndarray) and v.dtype.kind == "f" else v
        for name, v in case.inputs.items()
    }
    return Case(f"small {number}", inputs, public=True)
