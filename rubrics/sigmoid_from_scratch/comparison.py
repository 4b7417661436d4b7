"""Step 8 judged by both runs: something that is zero, or true, as long as automatic differentiation is straight.

With crooked automatic differentiation a real comparison no longer finds the two results the same; one that compares a
result with itself does.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from rubrics.sigmoid_from_scratch.automatic import own_engine
from rubrics.sigmoid_from_scratch.marks import NOTHING, RIGHT, UNCLEAR, WRONG, Mark
from rubrics.sigmoid_from_scratch.running import Ran
from rubrics.sigmoid_from_scratch.trace import Trace, Value

SMALL: Final = 2e-3  # deviations are printed with three digits or more
TINY: Final = 1e-5  # what has another name must be this small: a loss may shrink, too
_DEVIATES: Final = re.compile(r"devia|diff|err|compar|gap|discrep|max|norm|误差|差", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?|\bTrue\b|\bFalse\b")
_COMPARES: Final = re.compile(
    r"allclose|isclose|array_equal|assert|devia|diff|error|compare|\.equal\s*\(|same|==|abs\s*\(|norm\s*\(",
    re.IGNORECASE,
)


def comparison(ran: Ran, source: str, copied: bool, own: bool) -> Mark:
    """Whether the two results were compared, and came out the same. `own`: there is something from scratch at all."""
    straight, crooked = ran.straight, ran.crooked
    if straight is None:
        return NOTHING
    grads = ".grad" in source or "autograd" in source
    if crooked is None:
        return Mark(UNCLEAR, why="whether the two results are compared could not be seen") if grads else NOTHING
    if crooked is straight:
        if re.search(r"numeric|finite|autograd|gradcheck", source, re.IGNORECASE) or own_engine(source):
            return Mark(UNCLEAR, why="the gradients are compared with something else than autograd's")
        return NOTHING
    if _flipped(straight, crooked) or _lines_flipped(straight.text, crooked.text) or _assertion(straight, crooked):
        return Mark(RIGHT)
    if copied:
        return Mark(WRONG, why="What is compared is autograd's result with itself.")
    if own and grads and (_COMPARES.search(source) or straight.text.count("[") > 3):
        return Mark(
            UNCLEAR, why="whether the two results come out the same could not be seen from what is computed or printed"
        )
    return NOTHING


def _flipped(straight: Trace, crooked: Trace) -> bool:
    """A value under a name, or printed as it is, that is zero or true in the straight run only."""
    there = _by_name(crooked)
    pairs = [
        pair for key, values in _by_name(straight).items() for pair in zip(values, there.get(key, ()), strict=False)
    ]
    if len(straight.shown) == len(crooked.shown):
        pairs += zip(straight.shown, crooked.shown, strict=True)
    for one, other in pairs:
        if one.array.shape != other.array.shape or one.tag != other.tag:
            continue
        if one.tag == "bool":
            if bool(one.array) and not bool(other.array):
                return True
        elif _zero_only_here(float(np.max(np.abs(one.array))), float(np.max(np.abs(other.array))), one.path):
            return True
    return False


def _by_name(trace: Trace) -> dict[tuple[str, str, int], list[Value]]:
    """What every name held at a line, in the order of the visits."""
    found: dict[tuple[str, str, int], list[Value]] = {}
    for value in trace.values:
        if value.tag not in ("module", "parameter"):
            found.setdefault((value.scope, value.path, value.line), []).append(value)
    return found


def _zero_only_here(here: float, there: float, name: str) -> bool:
    """Whether a number vanishes in the straight run only. Rounded deviations, so called, need not vanish quite."""
    return here <= (SMALL if _DEVIATES.search(name) else TINY) and there > 1e-5 and there > 20 * here


def _lines_flipped(straight: str, crooked: str) -> bool:
    """The same in what was printed, number by number of lines that are otherwise alike."""
    here, there = straight.split("\n"), crooked.split("\n")
    if len(here) != len(there):
        return False
    for one, other in zip(here, there, strict=True):
        if one == other or _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
            continue
        for a, b in zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True):
            if (a, b) == ("True", "False"):
                return True
            if a in ("True", "False") or b in ("True", "False"):
                continue
            if _zero_only_here(abs(float(a)), abs(float(b)), one):
                return True
    return False


def _assertion(straight: Trace, crooked: Trace) -> bool:
    here = {(stop.cell, stop.line) for stop in straight.stops}
    return any(stop.type == "AssertionError" and (stop.cell, stop.line) not in here for stop in crooked.stops)
