"""One label decided by the figures that may answer it: right, right for own earlier numbers, a known slip, wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import START
from rubrics.two_layer_perceptron.faults import FAULTS, PARTS, Fault
from rubrics.two_layer_perceptron.known import Known
from rubrics.two_layer_perceptron.verdict import (
    FOLLOWS,
    LABEL_IDS,
    NONE,
    OWN_NUMBERS,
    RIGHT,
    SLIP,
    UNCLEAR,
    WRONG,
    Verdict,
    agrees_with,
    expected,
    right,
)

Array = NDArray[Any]

NOT_SHOWN: Final = "what is shown under this name is not what the code holds"
TOO_FEW_DIGITS: Final = "it is written with too few digits to tell; three at least are needed"


def _slips(label: str, pool: Sequence[Known], plain: Callable[[Known], bool]) -> Iterator[tuple[Fault, Known]]:
    """The faults whose value stands in `pool`. A value that stands there anyway counts only where `plain` says so."""
    for fault, wrong, apart in _wrong_values(label):
        hits = [one for one in pool if agrees_with(one, wrong) and (_tells(one, apart) or plain(one))]
        if hits:
            yield fault, hits[-1]


@cache
def _wrong_values(label: str) -> tuple[tuple[Fault, Array, float], ...]:
    """What every fault makes of a label, where that is wrong, and how far it is from what a right hand-in holds."""
    wanted = right(label)
    anyway = [np.zeros(()), *(np.asarray(getattr(START, part)) for part in PARTS)]
    anyway += [right(other) for other in LABEL_IDS if other != "training.losses"]
    found = []
    for fault in FAULTS:
        wrong = expected(fault.outcomes, label)
        if wrong.shape != wanted.shape or not np.allclose(wrong, wanted, rtol=1e-5, atol=1e-7):
            alike = [value for value in anyway if value.shape == wrong.shape]
            found.append((fault, wrong, min((float(np.max(np.abs(value - wrong))) for value in alike), default=1.0)))
    return tuple(found)


def _tells(one: Known, apart: float) -> bool:
    """Whether a figure has the digits to tell a wrong value from one that is so far `apart`."""
    digits = min(6.0, float(np.min(one.figure.decimals)))
    return bool(apart > 0.6 * 10.0**-digits + 1e-6)


def decide(
    label: str,
    pool: Sequence[Known],
    named: Sequence[Known],
    in_turn: Callable[[], Known | None],
    plain: Callable[[Known], bool],
    strict: bool,
    follows: Callable[[Known], bool] | None = None,
    rival: Sequence[Known] = (),
) -> Verdict:
    want = right(label)
    hits = [one for one in pool if agrees_with(one, want)]
    if hits:
        rivals = (
            [one for one in named if not agrees_with(one, want)] + [one for one in rival if not agrees_with(one, want)]
            if strict
            else []
        )
        if rivals:
            return Verdict(UNCLEAR, rivals[-1], why="different values stand under this name")
        shown = [one for one in named if not one.figure.left]
        if shown and all(one.figure.left for one in hits) and not any(coarse(one, want) for one in shown):
            return Verdict(UNCLEAR, shown[-1], why=NOT_SHOWN)
        best = max(hits, key=lambda one: int(np.min(one.figure.decimals)))
        return Verdict(RIGHT, best, share=1.0)
    if follows is not None:
        own = [one for one in pool if follows(one)]
        if own:
            return Verdict(FOLLOWS, own[-1], why=OWN_NUMBERS, share=1.0)
    if named and coarse(named[-1], want):
        return Verdict(UNCLEAR, named[-1], why=TOO_FEW_DIGITS)
    slips = list(_slips(label, pool, plain))
    if slips:
        found = tuple(known for _, known in slips)
        return Verdict(SLIP, found[-1], tuple(fault for fault, _ in slips), hits=found)
    meant = named[-1] if named else in_turn()
    if meant is not None:
        if coarse(meant, want):
            return Verdict(UNCLEAR, meant, why=TOO_FEW_DIGITS)
        return Verdict(WRONG, meant)
    return Verdict(NONE)


def coarse(one: Known, want: Array) -> bool:
    """Whether a value is right as far as its few digits go; what a name holds has all its digits."""
    if one.figure.left:
        return False
    got, digits = np.ravel(one.value), np.ravel(one.figure.decimals)
    for exact in (np.asarray(want), np.asarray(want).T):
        flat = np.ravel(exact)
        if flat.size == got.size and all(
            abs(g - e) <= 0.5 * 10.0**-d + 1e-9 for g, d, e in zip(got, digits, flat, strict=True)
        ):
            return True
    return False
