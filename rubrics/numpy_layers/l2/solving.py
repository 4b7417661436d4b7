"""Q6's half point for the update: λ is solved for from what the student's own Linear does to W on two vectors.

The sheet names no λ, so no value is expected: one and the same λ > 0 must explain both vectors, with W from before the
update, b left alone, and Y and dX as ever. The vectors are drawn from the run's seed, as all hidden cases are. Which
class is tried, and how, stands in `ways` and `trial`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from grader.compare import compare
from grader.worker.program import Outcome, Run, StepError
from reference_solutions.layers import Linear

Array = NDArray[np.float64]
SAME = 1e-3  # how far two vectors' λ may lie apart
NOISE = 2e-6  # what single precision leaves, relative to the greatest number that takes part


@dataclass(frozen=True, eq=False)
class Vector:
    """One call of backward: X (m×n), W (n×k), b (1×k), dY (m×k), lr. The step is large, so that a small λ shows in
    single precision too."""

    name: str
    X: Array
    W: Array
    b: Array
    dY: Array  # noqa: N815
    lr: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """What a λ might be divided by: the samples, the inputs, the outputs, the weights."""
        return (len(self.X), *self.W.shape, self.W.size)

    @cached_property
    def plain_step(self) -> Step:
        """The reference's, without regularisation."""
        layer = Linear(*self.W.shape)
        layer.W, layer.b = self.W, self.b
        return Step(layer(self.X), *layer.gradients(self.X, self.dY))


Runs = Mapping[Vector, Run]
"""What came of each vector."""


@cache
def vectors(seed: int) -> tuple[Vector, ...]:
    """Two of different shapes, learning rates and ‖W‖, so that a λ which hides one of these in it shows."""
    rng = np.random.default_rng([seed, 6])
    made = []
    for name, m, n, k, lr, norm in (("first", 4, 3, 2, 2000.0, 3.4), ("second", 7, 2, 4, 5000.0, 4.0)):
        X, W = rng.uniform(-2, 2, (m, n)), rng.uniform(0.5, 2, (n, k)) * rng.choice([-1.0, 1.0], (n, k))
        W *= norm / np.linalg.norm(W)  # these two have no ratio that sizes have
        b, dY = rng.uniform(0.5, 2, (1, k)), rng.uniform(-1, 1, (m, k)) / lr
        made.append(Vector(name, X, W, b, dY, lr))
    return tuple(made)


@dataclass(frozen=True)
class Step:
    """What Linear does without regularisation: Y, dX, and the gradients dW and db.

    None: not asked of Q6, because the student's Q1 has it wrong already.
    """

    Y: Array | None
    dX: Array | None  # noqa: N815
    dW: Array  # noqa: N815
    db: Array | None

    def asked(self, vector: Vector) -> dict[str, Array | None]:
        """What each label is compared with (for W and b: what they were before); None where it is not asked."""
        return {"Y": self.Y, "dX": self.dX, "W": vector.W, "b": None if self.db is None else vector.b}


Steps = Mapping[Vector, Step]
"""Both vectors' steps without regularisation."""


def plain_steps(runs: Runs) -> Steps:
    """The reference's."""
    return {vector: vector.plain_step for vector in runs}


def own_steps(runs: Runs) -> Steps | None:
    """The student's own, from Q1's Linear: a slip made there is not charged again. None where W cannot be followed."""
    found = {vector: _own_step(vector, run) for vector, run in runs.items()}
    known = {vector: step for vector, step in found.items() if step is not None}
    return known if len(known) == len(found) else None


def _own_step(vector: Vector, run: Run) -> Step | None:
    right = vector.plain_step
    if not usable(run.outcomes["W"], vector.W.shape):
        return None
    assert right.Y is not None and right.dX is not None
    Y = right.Y if compare(run.outcomes["Y"], right.Y) is None else None
    dX = right.dX if compare(run.outcomes["dX"], right.dX) is None else None
    db = None
    if usable(run.outcomes["b"], vector.b.shape):
        db = (vector.b - value(run, "b", vector.b.shape)) / vector.lr
    return Step(Y, dX, (vector.W - value(run, "W", vector.W.shape)) / vector.lr, db)


def usable(outcome: Outcome, shape: tuple[int, ...]) -> bool:
    """Whether there are finite numbers, as many as `shape` holds."""
    got = outcome.value
    return (
        outcome.error is None
        and outcome.after is None
        and got is not None
        and got.dtype.kind in "fi"
        and got.size == int(np.prod(shape))
        and bool(np.isfinite(got).all())
    )


def value(run: Run, label: str, shape: tuple[int, ...]) -> Array:
    """A usable outcome as float64 in the shape that it should have."""
    got = run.outcomes[label].value
    assert got is not None
    return got.astype(np.float64).reshape(shape)


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

    @property
    def plain(self) -> bool:
        """Whether W moves as it does without regularisation."""
        return self.wrong == NO_DECAY


NO_DECAY = "W does not decay"


def solve(runs: Runs, steps: Steps | None = None) -> Finding:
    """λ from the runs of both vectors, or why there is none.

    `steps` is what Linear does without regularisation: the reference's unless given.
    """
    steps = steps or plain_steps(runs)
    for vector, run in runs.items():
        unread = _unread(vector, run, steps[vector])
        if unread is not None:
            return unread
    untouched = all(np.array_equal(value(run, "W", vector.W.shape), vector.W) for vector, run in runs.items())
    if untouched:
        return Finding(wrong="`backward` leaves W as it was", doubtful=True, hint="Is W kept or updated elsewhere?")
    return _judged(runs, steps)


def _unread(vector: Vector, run: Run, step: Step) -> Finding | None:
    """Why a run says nothing: a step raised, or what came is no array of numbers of this size."""
    for label, want in step.asked(vector).items():
        outcome = run.outcomes[label]
        error = outcome.error or outcome.after
        if error is not None and want is not None:
            return Finding(wrong="it stops", error=error)
        if want is not None and not usable(outcome, want.shape):
            shape = None if outcome.value is None else "×".join(map(str, outcome.value.shape)) or "a number"
            came = outcome.refused or (
                "nothing" if shape is None else f"an array with NaN, or of another size ({shape})"
            )
            return Finding(wrong=f"{label} came back as {came}", doubtful=outcome.refused is not None)
    return None


@dataclass(frozen=True)
class _Decay:
    """How W moved beside the plain step, as λ on one vector. `fits`: 2λ·lr·W explains all of it. `none`: it did not."""

    lambda_: float
    fits: bool
    none: bool
    slack: float  # what rounding may change λ by


def _decay(vector: Vector, run: Run, step: Step) -> _Decay:
    W = value(run, "W", vector.W.shape)
    rest = vector.W - vector.lr * step.dW - W
    noise = NOISE * float(np.abs(vector.W).max() + np.abs(vector.lr * step.dW).max() + np.abs(W).max())
    factor = 2 * vector.lr
    lambda_ = float((rest * vector.W).sum() / (vector.W**2).sum() / factor)
    fits = bool(np.abs(rest - factor * lambda_ * vector.W).max() <= noise)
    return _Decay(lambda_, fits, bool(np.abs(rest).max() <= noise), noise / factor / float(np.abs(vector.W).max()))


def _judged(runs: Runs, steps: Steps) -> Finding:
    one, other = (_decay(vector, run, steps[vector]) for vector, run in runs.items())
    if one.none and other.none:
        return Finding(wrong=NO_DECAY)
    if not (one.fits and other.fits):
        wrong = "what W loses beside lr dW is no multiple of the W from before the update"
        ended = [value(run, "W", vector.W.shape) for vector, run in runs.items()]
        hint = next(filter(None, map(_too_coarse, ended)), "")
        return Finding(wrong=wrong, doubtful=bool(hint), hint=hint)
    least, most = sorted((one.lambda_, other.lambda_))
    if least <= 0:
        return Finding(wrong="W grows instead of decaying" if most < 0 else "λ has no one sign")
    if most - least > SAME * most + one.slack + other.slack:
        sized = _hides_a_size(runs, one.lambda_ / other.lambda_)
        said = (
            f"λ amounts to {one.lambda_:.4g} in one call and to {other.lambda_:.4g} in another: it should be one number"
        )
        hint = "It is divided by a number of samples or weights, which the sheet's formula does not do."
        return Finding(wrong=said, doubtful=sized, hint=hint if sized else "")
    for vector, run in runs.items():
        wrong = _beside_W(vector, run, steps[vector])
        if wrong:
            return Finding(wrong=f"W decays as it should, but {wrong}")
    return Finding(float(f"{one.lambda_:.6g}"))


def _too_coarse(W: Array) -> str:
    """Why W after steps as large as ours may not show an update that is right for ordinary ones; else empty."""
    if np.ptp(W) == 0:
        return ""
    with np.errstate(over="ignore"):
        if np.array_equal(W, W.astype(np.float16)):
            return "W seems to be kept in half precision."
    size = np.abs(W)
    bounded = np.count_nonzero(size == size.max()) > 1
    return "W seems to be kept within bounds, and the trial's steps are larger than a training's." if bounded else ""


def _hides_a_size(runs: Runs, ratio: float) -> bool:
    """Whether λ times the number of samples, inputs, outputs or weights is one number, or λ over it.

    `ratio` is the first vector's λ over the second's.
    """
    first, second = runs
    wanted = [b / a for a, b in zip(first.sizes, second.sizes, strict=True)]
    return any(abs(ratio / known - 1) <= SAME for size in wanted for known in (size, 1 / size))


def _beside_W(vector: Vector, run: Run, step: Step) -> str:
    if step.db is not None:
        want = vector.b - vector.lr * step.db
        if np.abs(value(run, "b", vector.b.shape) - want).max() > 1e-5 * np.abs(want).max():
            return "b does not move by lr db alone"
    for label, expected in (("Y", step.Y), ("dX", step.dX)):
        if expected is not None and compare(run.outcomes[label], expected) is not None:
            return f"{label} is no longer right"
    return ""
