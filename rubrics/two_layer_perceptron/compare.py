"""When a figure of a hand-in is a value: to the digits that it shows, in the layouts that mean the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import SHOWN

Array = NDArray[Any]

DRIFT: Final = 1e-5  # what float32 may lose in a hundred steps, relative to the value
LEAST_SIGNIFICANT, LEAST_DECIMALS = 3, 4  # one of the two is enough: PyTorch prints 0.0080
MOST_SHOWN = 9  # of the sheet's ten epochs; the first loss is often printed by itself
FEWEST, FARTHEST = 3, 50  # a loss curve needs so many epochs, and one at least so far on


def agrees(written: float, decimals: int, exact: float, slack: float = 0.0, *, cut: bool | None = None) -> bool:
    """Whether a number is `exact` to the digits it was written with; `slack` is added.

    `cut` True: digits were cut off; False: rounded; None: either.

    >>> agrees(0.3406, 4, 0.34063720), agrees(0.0080, 4, 0.00798903), agrees(0.34, 2, 0.34063720)
    (True, True, False)
    """
    if not (math.isfinite(written) and math.isfinite(exact)):
        return False
    if abs(written - exact) <= DRIFT * abs(exact) + slack:
        return True
    significant = decimals + (math.floor(math.log10(abs(written)) + 1e-12) + 1 if written else 0)
    if significant < LEAST_SIGNIFICANT and decimals < LEAST_DECIMALS:
        return _exactly_short(written, decimals, exact)
    unit = 10.0**-decimals
    if cut is not True and abs(written - exact) <= unit / 2 + DRIFT * abs(exact) * (unit < 1e-4) + 1e-12 + slack:
        return True
    return cut is not False and abs(written - math.trunc(exact / unit) * unit) <= unit * 1e-6


def _exactly_short(written: float, decimals: int, exact: float) -> bool:
    """A number with few digits that has no more: numpy prints 0.157 as it is, and 0.16000 as 0.16."""
    return decimals >= 1 and abs(written - exact) <= 5e-5 and abs(round(exact, 4) - written) < 1e-9


def same(value: Array, decimals: Array, want: Array, slack: float = 0.0) -> bool:
    """Whether a figure is `want`: axes of length 1 do not count, a 2×2 matrix may be transposed or in one row.

    A single number that is wanted may be given twice, once for each unit.
    """
    got, digits, exact = np.ravel(value), np.ravel(decimals), np.asarray(want, dtype=float)
    if exact.size == 1 and got.size == 2:
        exact = np.repeat(exact.ravel(), 2)
    if got.size != exact.size:
        return False
    layouts = [exact, exact.T] if exact.ndim == 2 else [exact]
    return any(
        all(
            agrees(float(g), int(d), float(e), slack, cut=cut)
            for g, d, e in zip(got, digits, layout.ravel(), strict=True)
        )
        for layout in layouts
        for cut in (False, True)  # whoever rounds, or cuts off, does so throughout
    )


def curve_shares(curve: Mapping[int, tuple[float, int]], losses: Array) -> float:
    """The share of a curve's epochs that is right, at the best way of counting them.

    Epochs may be counted from 0 or from 1, and the loss may be taken after the update, but alike in the whole curve.
    """
    best = 0.0
    for shift in (0, -1, 1):
        right = sum(
            agrees(value, decimals, float(losses[epoch + shift]))
            for epoch, (value, decimals) in curve.items()
            if 0 <= epoch + shift < len(losses)
        )
        best = max(best, right / len(curve))
    return best


def long_enough(curve: Mapping[int, tuple[float, int]]) -> bool:
    return len(curve) >= FEWEST and max(curve) >= FARTHEST


def decades(losses: Array) -> Array:
    """Every tenth loss, as the sheet prints them."""
    return losses[:-1:SHOWN]
