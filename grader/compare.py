"""Compares what came with what was expected, and says in data how far they are apart. No words, no marks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.worker.program import Outcome, StepError

RTOL = 1e-5  # above float32 rounding, below every fault
NOTHING = 1e-12  # what may stand where exactly 0 is expected everywhere


class Rung(StrEnum):
    """The ladder of questions put to a value; the first that fails speaks."""

    REACHED = "reached"
    ARRAY = "array"
    SHAPE = "shape"
    FINITE = "finite"
    VALUES = "values"


@dataclass(frozen=True)
class Mismatch:
    """How a value differs. `at` is the index of the greatest difference (REACHED and ARRAY have none)."""

    rung: Rung
    error: StepError | None = None
    refused: str | None = None
    want_shape: tuple[int, ...] = ()
    got_shape: tuple[int, ...] = ()
    wrong: int = 0
    total: int = 0
    at: tuple[int, ...] = ()
    got: float = 0.0
    want: float = 0.0


def compare(outcome: Outcome, want: NDArray[Any], *, rtol: float = RTOL, squeezed: bool = False) -> Mismatch | None:
    """None where the outcome agrees: ``|got - want| <= rtol * max|want|`` entry by entry, shapes alike.

    `squeezed` ignores axes of length 1. There is no absolute tolerance, which would certify a small wrong gradient.

    >>> compare(Outcome(np.array([1.0, 2.0])), np.array([1.0, 2.0])) is None
    True
    >>> compare(Outcome(np.array([1.0, 2.5])), np.array([1.0, 2.0])).at
    (1,)
    """
    if outcome.error is not None:
        return Mismatch(Rung.REACHED, error=outcome.error)
    got = outcome.value
    if got is None:
        return Mismatch(Rung.ARRAY, refused=outcome.refused or "nothing that can be read as numbers")
    if got.dtype.kind == "c":
        if np.any(got.imag != 0):
            return Mismatch(Rung.ARRAY, refused="complex numbers")
        got = got.real
    want_shape, got_shape = want.shape, got.shape
    if squeezed:
        want, got = np.squeeze(want), np.squeeze(got)
    if want.shape != got.shape:
        return Mismatch(Rung.SHAPE, want_shape=want_shape, got_shape=got_shape)
    got = got.astype(np.float64)
    if want.size == 0:
        return None
    finite = np.isfinite(got)
    if not finite.all() and np.isfinite(want).all():
        at = _index(int(np.argmin(finite)), want.shape)
        return Mismatch(
            Rung.FINITE,
            None,
            None,
            want_shape,
            got_shape,
            int((~finite).sum()),
            want.size,
            at,
            float(got[at]),
            float(want[at]),
        )
    scale = float(np.max(np.abs(want)))
    distance = np.abs(got - want)
    allowed = rtol * scale if scale > 0 else NOTHING
    apart = ~(distance <= allowed)
    if not apart.any():
        return None
    at = _index(int(np.argmax(distance)), want.shape)
    return Mismatch(
        Rung.VALUES, None, None, want_shape, got_shape, int(apart.sum()), want.size, at, float(got[at]), float(want[at])
    )


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
