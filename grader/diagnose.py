"""Which faults explain what was lost; and, where none does, which plain relation to the expected value holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.compare import compare
from grader.prepared import Prepared
from grader.rubric import Fault
from grader.worker.program import Outcome, Run


def explain(prepared: Prepared, runs: Mapping[str, Run], lost: Iterable[str]) -> dict[str, tuple[Fault, ...]]:
    """For each lost label the faults that give the student's very values on all cases, the most telling first.

    A fault fits when every label that it declares is lost, and when it gives the student's value for each of them in
    every case in which the student's code came that far. The more labels a fault explains the more it tells; one that
    stops where the student's code stops goes before one that does not.
    """
    lost = set(lost)
    found: dict[str, list[Fault]] = {label: [] for label in lost}
    fits = [
        (fault, _raises_alike(prepared, fault, fault_runs, runs))
        for fault, fault_runs in prepared.faults
        if _fits(prepared, fault, fault_runs, runs, lost)
    ]
    for fault, _ in sorted(fits, key=lambda fit: (not fit[1], -len(fit[0].labels))):
        for label in fault.labels:
            found[label].append(fault)
    return {label: tuple(faults) for label, faults in found.items() if faults}


def _fits(
    prepared: Prepared, fault: Fault, fault_runs: Mapping[str, Run], runs: Mapping[str, Run], lost: set[str]
) -> bool:
    if not set(fault.labels) <= lost:
        return False
    question = prepared.question
    for label in fault.labels:
        seen = 0
        for case in prepared.cases:
            if case.case.advice is not None or case.case.name not in runs:
                continue
            theirs = runs[case.case.name].outcomes.get(label)
            ours = fault_runs[case.case.name].outcomes[label]
            if theirs is None:
                return False
            if _unreached(theirs):
                continue  # another label's error may have kept this one from being reached
            if _unreached(ours):
                return False
            if theirs.value is None or ours.value is None:
                if theirs.refused != ours.refused:
                    return False
                continue
            rtol = question.rtol.get(label, 1e-5)
            with np.errstate(all="ignore"):
                same = np.array_equal(theirs.value, ours.value, equal_nan=theirs.value.dtype.kind in "fc")
                if not same and compare(theirs, ours.value, rtol=rtol, squeezed=label in question.squeezed) is not None:
                    return False
            seen += 1
        if not seen:
            return False
    return True


def _raises_alike(prepared: Prepared, fault: Fault, fault_runs: Mapping[str, Run], runs: Mapping[str, Run]) -> bool:
    """Whether fault and student also fail to reach the same labels in the same cases."""
    return all(
        _unreached(runs[case.case.name].outcomes[label]) == _unreached(fault_runs[case.case.name].outcomes[label])
        for label in fault.labels
        for case in prepared.cases
        if case.case.advice is None and case.case.name in runs and label in runs[case.case.name].outcomes
    )


def _unreached(outcome: Outcome) -> bool:
    return outcome.error is not None or outcome.after is not None


Relation = tuple[str, str, Callable[[NDArray[Any], NDArray[Any]], bool]]


def relation(pairs: list[tuple[NDArray[Any], NDArray[Any]]], rtol: float) -> tuple[str, str] | None:
    """A plain relation that holds between got and want in every case: (id, words), or None.

    >>> relation([(np.array([2.0, 4.0]), np.array([1.0, 2.0]))] * 2, 1e-5)
    ('generic.scaled', 'Every number is 2 times what it should be.')
    """
    pairs = [(got.astype(float), want) for got, want in pairs if got.dtype.kind in "fib" and want.size]
    if len(pairs) < 2:
        return None
    if any(got.ndim == 2 and got.shape != got.shape[::-1] for got, _ in pairs) and all(
        got.ndim == 2 and got.T.shape == want.shape and _close(got.T, want, rtol) for got, want in pairs
    ):
        return "generic.transposed", "The array is right but transposed."
    if any(got.shape != want.shape or not np.isfinite(got).all() for got, want in pairs):
        return None
    if all(_close(got, want, rtol) for got, want in pairs):
        return None  # right wherever it was reached: nothing relates the two but the error that stopped it elsewhere
    if all(_close(-got, want, rtol) for got, want in pairs):
        return "generic.negated", "The sign is the wrong way round everywhere."
    factors = [float((got * want).sum() / (want * want).sum()) for got, want in pairs if (want * want).sum() > 0]
    constant = bool(factors) and np.ptp(factors) <= rtol * abs(factors[0]) and factors[0] != 0
    if constant and all(_close(got, factors[0] * want, rtol) for got, want in pairs):
        return "generic.scaled", f"Every number is {factors[0]:.6g} times what it should be."
    if all(_close(got - got.flat[0] + want.flat[0], want, rtol) for got, want in pairs if want.size > 1) and any(
        want.size > 1 for _, want in pairs
    ):
        return "generic.shifted", "Every number is off by the same amount."
    if all(not got.any() for got, _ in pairs):
        return "generic.zeros", "Every number is 0."
    return None


def _close(got: NDArray[Any], want: NDArray[Any], rtol: float) -> bool:
    return compare(Outcome(got), want, rtol=rtol) is None
