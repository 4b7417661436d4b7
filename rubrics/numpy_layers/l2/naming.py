"""Which known misconception gives a student's very update in Q6: each fault is tried with the λ that suits it best."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from grader.worker.program import Run
from rubrics.numpy_layers.faults.l2 import faults
from rubrics.numpy_layers.l2.solving import (
    NOISE,
    SAME,
    Array,
    Finding,
    Runs,
    Step,
    Steps,
    Vector,
    plain_steps,
    value,
)


def named(found: Finding, runs: Runs, steps: Steps | None = None) -> Finding:
    """The finding with the known fault that explains both vectors with one λ, if one does."""
    steps = steps or plain_steps(runs)
    if found.right or found.doubtful or found.error is not None or not _comparable(runs, steps):
        return found
    for fault in faults.all:
        if _explains(fault.make, runs, steps):
            return replace(found, fault=fault.id, hint=fault.hint)
    return found


def _comparable(runs: Runs, steps: Steps) -> bool:
    """Whether everything that is asked came back in its size."""
    return all(
        want is None or (got is not None and got.size == want.size and got.dtype.kind in "fi")
        for vector, run in runs.items()
        for label, want in steps[vector].asked(vector).items()
        for got in [run.outcomes[label].value]
    )


def _explains(make: type, runs: Runs, steps: Steps) -> bool:
    lambdas = [_fitted_lambda(make, vector, run, steps[vector]) for vector, run in runs.items()]
    if min(lambdas) < -1e-12 or np.ptp(lambdas) > SAME * np.abs(lambdas).max() + 1e-12:
        return False
    return all(
        _gives(make, vector, lambda_, run, steps[vector])
        for (vector, run), lambda_ in zip(runs.items(), lambdas, strict=True)
    )


def _fitted_lambda(make: type, vector: Vector, run: Run, step: Step) -> float:
    """The λ with which the fault comes nearest to the student's W: every fault's W is affine in λ."""
    at0, at1 = (_fault_values(make, vector, step, lambda_)["W"] for lambda_ in (0.0, 1.0))
    slope, rest = at1 - at0, value(run, "W", vector.W.shape) - at0
    size = float((slope**2).sum())
    return float((slope * rest).sum() / size) if size > 0 else 0.0


def _gives(make: type, vector: Vector, lambda_: float, run: Run, step: Step) -> bool:
    """Whether the fault with this λ moves W and b and returns Y and dX as the student's class does."""
    ours = _fault_values(make, vector, step, lambda_)
    for label, want in step.asked(vector).items():
        if want is None:
            continue
        theirs = value(run, label, ours[label].shape)
        scale = float(np.abs(ours[label]).max() + np.abs(theirs).max())
        if not np.abs(theirs - ours[label]).max() <= 10 * NOISE * scale:
            return False
    return True


def _fault_values(make: type, vector: Vector, step: Step, lambda_: float) -> dict[str, Array]:
    def gradients(layer: Any, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        return dY @ layer.W.T, step.dW, step.db if step.db is not None else np.zeros_like(vector.b)

    own = "gradients" in vars(make)
    layer = (make if own else type("Stepped", (make,), {"gradients": gradients}))(*vector.W.shape, lambda_=lambda_)
    layer.W, layer.b = vector.W.copy(), vector.b.copy()
    Y = layer.forward(vector.X)
    dX = layer.backward(vector.X, vector.dY, vector.lr)
    return {"Y": Y, "dX": dX, "W": layer.W, "b": layer.b}
