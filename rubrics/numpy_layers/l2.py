"""Q6's half point for the update: λ is solved for from what the student's own Linear does to W on two vectors.

The sheet names no λ, so no value is expected: one and the same λ > 0 must explain both vectors, with W from before the
update, b left alone, and Y and dX as ever. Which class is tried, and how, stands in `l2_trial`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.compare import compare
from grader.worker.program import Outcome, Run, StepError
from reference_solutions.layers import Linear
from rubrics.numpy_layers.faults.l2 import faults

Array = NDArray[np.float64]

RTOL = 1e-4  # of the decay: λ must explain it to four digits
SAME = 1e-3  # how far two vectors' λ may lie apart
DOUBLE, SINGLE = 1e-11, 1e-6  # what rounding leaves, relative to the greatest number that takes part


@dataclass(frozen=True, eq=False)
class Vector:
    """One call of backward: X (m×n), W (n×k), b (1×k), dY (m×k), lr. The step is large, so that a small λ shows."""

    name: str
    X: Array
    W: Array
    b: Array
    dY: Array
    lr: float


@cache
def vectors() -> tuple[Vector, ...]:
    """Two of different shapes and learning rates, so that a λ which hides lr or the number of samples in it shows."""
    rng = np.random.default_rng(6)
    made = []
    for name, m, n, k, lr in (("first", 4, 3, 2, 20.0), ("second", 7, 2, 3, 50.0)):
        X, W = rng.uniform(-2, 2, (m, n)), rng.uniform(0.5, 2, (n, k)) * rng.choice([-1.0, 1.0], (n, k))
        b, dY = rng.uniform(0.5, 2, (1, k)), rng.uniform(-1, 1, (m, k)) / lr
        made.append(Vector(name, X, W, b, dY, lr))
    return tuple(made)


@dataclass(frozen=True)
class Step:
    """What Linear does without regularisation: Y, dX, and the gradients dW and db."""

    Y: Array
    dX: Array | None  # None: not asked of Q6, because the student's Q1 has it wrong already
    dW: Array
    db: Array
    asks_Y: bool = True


def plain_step(vector: Vector) -> Step:
    """The reference's."""
    layer = Linear(*vector.W.shape)
    layer.W, layer.b = vector.W, vector.b
    return Step(layer(vector.X), *layer.gradients(vector.X, vector.dY))


def own_step(vector: Vector, run: Run) -> Step | None:
    """The student's own, from Q1's Linear: a slip made there is not charged again. None where it has no update."""
    right = plain_step(vector)
    W, b = run.outcomes["W"], run.outcomes["b"]
    if not (_usable(W, vector.W.shape) and _usable(b, vector.b.shape)):
        return None
    assert W.value is not None and b.value is not None
    dW = (vector.W - W.value.reshape(vector.W.shape)) / vector.lr
    db = (vector.b - b.value.reshape(vector.b.shape)) / vector.lr
    wrong_dX = compare(run.outcomes["dX"], right.dX) is not None if right.dX is not None else True
    wrong_Y = compare(run.outcomes["Y"], right.Y) is not None
    return Step(right.Y, None if wrong_dX else right.dX, dW, db, not wrong_Y)


def _usable(outcome: Outcome, shape: tuple[int, ...]) -> bool:
    value = outcome.value
    return (
        outcome.error is None
        and value is not None
        and value.dtype.kind in "fi"
        and value.size == int(np.prod(shape))
        and bool(np.isfinite(value).all())
    )


@dataclass(frozen=True)
class Finding:
    """What the two vectors say. `lambda_` is set where one λ explains them; `fault` is the id of a known misconception.

    `wrong` says in words what is not as it should be, empty where all is right; `doubtful` that a human should decide.
    """

    lambda_: float | None = None
    wrong: str = ""
    fault: str | None = None
    hint: str = ""
    error: StepError | None = None
    doubtful: bool = False

    @property
    def right(self) -> bool:
        return not self.wrong


def solve(runs: Mapping[str, Run], steps: Mapping[str, Step] | None = None) -> Finding:
    """λ from the runs of both vectors (by name), or why there is none.

    `steps` is what Linear does without regularisation: the reference's unless given.
    """
    steps = steps or {vector.name: plain_step(vector) for vector in vectors()}
    solved: list[tuple[Vector, _Decay]] = []
    for vector in vectors():
        run, step = runs[vector.name], steps[vector.name]
        for label in ("W", "b", "dX", "Y"):
            outcome = run.outcomes[label]
            if label == "dX" and step.dX is None or label == "Y" and not step.asks_Y:
                continue
            if outcome.error is not None or outcome.after is not None:
                return Finding(wrong="it stops", error=outcome.error or outcome.after)
            want = {"W": vector.W, "b": vector.b, "dX": step.dX, "Y": step.Y}[label]
            assert want is not None
            if not _usable(outcome, want.shape):
                came = outcome.refused or (f"an array of shape {outcome.value.shape}" if outcome.value is not None else "")
                return Finding(wrong=f"{label} came back as {came or 'nothing'}")
        solved.append((vector, _decay(vector, run, step)))
    return _named(runs, steps, _judged(runs, steps, solved))


@dataclass(frozen=True)
class _Decay:
    """How W moved beside the plain step, as λ on one vector. `fits`: 2λ·lr·W explains all of it. `none`: it did not."""

    lambda_: float
    fits: bool
    none: bool
    b_alone: bool


def _decay(vector: Vector, run: Run, step: Step) -> _Decay:
    W1 = _value(run, "W", vector.W.shape)
    b1 = _value(run, "b", vector.b.shape)
    rest = vector.W - vector.lr * step.dW - W1
    noise = _noise(W1) * float(np.abs(vector.W).max() + np.abs(vector.lr * step.dW).max() + np.abs(W1).max())
    factor = 2 * vector.lr
    lambda_ = float((rest * vector.W).sum() / (vector.W**2).sum() / factor)
    explained = factor * lambda_ * vector.W
    fits = bool(np.abs(rest - explained).max() <= RTOL * np.abs(explained).max() + noise)
    b_want = vector.b - vector.lr * step.db
    b_alone = bool(np.abs(b1 - b_want).max() <= RTOL / 10 * np.abs(b_want).max())
    return _Decay(lambda_, fits, bool(np.abs(rest).max() <= noise), b_alone)


def _judged(
    runs: Mapping[str, Run], steps: Mapping[str, Step], solved: list[tuple[Vector, _Decay]]
) -> Finding:
    (first, one), (second, other) = solved
    if one.none and other.none:
        return Finding(wrong="W does not decay")
    if not (one.fits and other.fits):
        return Finding(wrong="what W loses beside lr dW is no multiple of the W from before the update")
    if not (one.lambda_ > 0 and other.lambda_ > 0):
        return Finding(wrong="W grows instead of decaying" if max(one.lambda_, other.lambda_) < 0 else "λ has no one sign")
    if abs(one.lambda_ - other.lambda_) > SAME * max(one.lambda_, other.lambda_):
        per_sample = abs(one.lambda_ * len(first.X) / (other.lambda_ * len(second.X)) - 1) <= SAME
        return Finding(
            wrong=f"λ amounts to {one.lambda_:.4g} in one call and to {other.lambda_:.4g} in another: it should be one number",
            doubtful=per_sample,
            hint="It is divided by the number of samples, which the sheet's formula does not do." if per_sample else "",
        )
    if not (one.b_alone and other.b_alone):
        return Finding(wrong="W decays as it should, but b does not move by lr db alone")
    for vector in (first, second):
        step, run = steps[vector.name], runs[vector.name]
        for label, want in (("Y", step.Y if step.asks_Y else None), ("dX", step.dX)):
            if want is not None and compare(run.outcomes[label], want) is not None:
                return Finding(wrong=f"W decays as it should, but {label} is no longer right")
    return Finding(float(f"{one.lambda_:.6g}"))


def _named(runs: Mapping[str, Run], steps: Mapping[str, Step], found: Finding) -> Finding:
    """The finding with the known fault that gives the student's very update, if one does."""
    if found.right or found.doubtful:
        return found
    for fault in faults.all:
        if all(_gives(fault.make, vector, runs, steps[vector.name]) for vector in vectors()) and _one_lambda(
            fault.make, runs, steps
        ):
            return Finding(None, found.wrong, fault.id, fault.hint)
    return found


def _one_lambda(make: type, runs: Mapping[str, Run], steps: Mapping[str, Step]) -> bool:
    found = [_fitted_lambda(make, vector, runs[vector.name], steps[vector.name]) for vector in vectors()]
    return bool(np.ptp(found) <= SAME * np.abs(found).max() + 1e-12)


def _gives(make: type, vector: Vector, runs: Mapping[str, Run], step: Step) -> bool:
    """Whether the fault, with some λ > 0, moves W and b and returns Y and dX as the student's class does."""
    run = runs[vector.name]
    lambda_ = _fitted_lambda(make, vector, run, step)
    if lambda_ < 0:
        return False
    ours = _fault_values(make, vector, step, lambda_)
    for label in ("W", "b", "dX", "Y"):
        if (label == "dX" and step.dX is None) or (label == "Y" and not step.asks_Y):
            continue
        theirs = _value(run, label, ours[label].shape)
        scale = float(np.abs(ours[label]).max() + np.abs(theirs).max())
        if np.abs(theirs - ours[label]).max() > max(_noise(theirs), 1e-9) * 10 * scale:
            return False
    return True


def _fitted_lambda(make: type, vector: Vector, run: Run, step: Step) -> float:
    """The λ with which the fault comes nearest to the student's W: every fault's W is affine in λ."""
    at0, at1 = (_fault_values(make, vector, step, lambda_)["W"] for lambda_ in (0.0, 1.0))
    slope, rest = at1 - at0, _value(run, "W", vector.W.shape) - at0
    size = float((slope**2).sum())
    return float((slope * rest).sum() / size) if size > 0 else 0.0


def _fault_values(make: type, vector: Vector, step: Step, lambda_: float) -> dict[str, Array]:
    def gradients(layer: Any, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        return dY @ layer.W.T, step.dW, step.db

    own = "gradients" in vars(make)
    layer = (make if own else type("Stepped", (make,), {"gradients": gradients}))(*vector.W.shape, lambda_=lambda_)
    layer.W, layer.b = vector.W.copy(), vector.b.copy()
    Y = layer.forward(vector.X)
    dX = layer.backward(vector.X, vector.dY, vector.lr)
    return {"Y": Y, "dX": dX, "W": layer.W, "b": layer.b}


def _value(run: Run, label: str, shape: tuple[int, ...]) -> Array:
    value = run.outcomes[label].value
    assert value is not None
    return value.astype(np.float64).reshape(shape)


def _noise(array: Array) -> float:
    """What rounding may leave: single precision where all entries are single precision numbers."""
    return SINGLE if np.array_equal(array, array.astype(np.float32)) else DOUBLE


Make = Callable[..., Any]
