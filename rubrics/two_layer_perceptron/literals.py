"""Right numbers that stand in the code itself, in whatever form: are they only shown, or are they computed as well?

The program is run again with numbers changed. Without the right ones, what it computes stays right and what it holds
does not; with other inputs and weights to begin with, what it computes does not stay right and what it holds does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np

from reference_solutions.two_layer_perceptron import START
from rubrics.two_layer_perceptron.compare import agrees, decades
from rubrics.two_layer_perceptron.faults import PARTS
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.runnables import Runnable
from rubrics.two_layer_perceptron.running import Ran
from rubrics.two_layer_perceptron.verdict import FINE, LABEL_IDS, RIGHT, Verdict, right
from rubrics.two_layer_perceptron.verdicts import judge_source

_LITERAL: Final = re.compile(r"(?<![\w.])\d?\.\d{3,17}(?!\w)")
_CHANGE: Final = 0.0321  # to another number with as many digits, far from every right one
_SHORT: Final = re.compile(r"(?<![\w.])0?\.\d5(?!\w)")
_GIVEN: Final = frozenset({0.05, 0.15, 0.25, 0.35, 0.45, 0.55})  # of what the sheet gives, what hardly stands for else
_FEWEST_GIVEN: Final = 3
_OTHER_GIVEN: Final = 0.37  # added to what is given; all results move in their first digits


def copied(
    program: Runnable, ran: Ran, verdicts: Mapping[str, Verdict], run: Callable[[Runnable], Ran]
) -> frozenset[str]:
    """The labels of a run that are right only because the code holds the right numbers."""
    fine = {label for label, verdict in verdicts.items() if verdict.kind in FINE}
    return _typed(program, ran, verdicts, fine, run) | _unmoved(program, fine, run) if fine else frozenset()


def _typed(
    program: Runnable, ran: Ran, verdicts: Mapping[str, Verdict], fine: set[str], run: Callable[[Runnable], Ran]
) -> frozenset[str]:
    """What is not right any more once the right numbers in the code are changed."""
    held = {found for cell in program.all_code for found in _LITERAL.findall(cell.source) if _expected(found)}
    if not held:
        return frozenset()
    again = run(program.changed(_without_expected))
    if again.failure is not None or (again.error is not None and ran.error is None):
        # A check of the student's own against these numbers stopped it: what has more digits was computed.
        values = {float(literal) for literal in held}
        return frozenset(label for label in fine if _stands_in(verdicts[label], values))
    after = judge_source(Answers(again.figures, strict=False))
    return frozenset(label for label in fine if after[label].kind not in FINE)


def _unmoved(program: Runnable, fine: set[str], run: Callable[[Runnable], Ran]) -> frozenset[str]:
    """What is still right once the inputs and weights to begin with are changed as well."""
    given = {float(found) for cell in program.all_code for found in _SHORT.findall(cell.source)} & _GIVEN
    if len(given) < _FEWEST_GIVEN:
        return frozenset()
    again = run(program.changed(lambda source: _with_others(_without_expected(source))))
    after = judge_source(Answers(again.figures, strict=False))
    return frozenset(label for label in fine if after[label].kind == RIGHT)


def _without_expected(source: str) -> str:
    def other(found: re.Match[str]) -> str:
        literal = found.group()
        return f"{float(literal) + _CHANGE:.{len(literal.partition('.')[2])}f}" if _expected(literal) else literal

    return _LITERAL.sub(other, source)


def _with_others(source: str) -> str:
    def other(found: re.Match[str]) -> str:
        value = float(found.group())
        return f"{value + _OTHER_GIVEN:.2f}" if value in _GIVEN else found.group()

    return _SHORT.sub(other, source)


def _expected(literal: str) -> bool:
    """Whether a number is one that the sheet asks for, to the digits that it is written with."""
    decimals = len(literal.partition(".")[2])
    return any(agrees(float(literal), decimals, value) for value in _asked_for())


@cache
def _asked_for() -> tuple[float, ...]:
    found: list[float] = []
    for label in LABEL_IDS:
        value = right(label)
        found += np.abs(decades(value) if label == "training.losses" else value).ravel().tolist()
    given = np.concatenate([np.ravel(getattr(START, part)) for part in PARTS])
    return tuple(value for value in found if np.min(np.abs(given - value)) > 5e-5)


def _stands_in(verdict: Verdict, values: set[float]) -> bool:
    return verdict.known is not None and all(abs(float(entry)) in values for entry in np.ravel(verdict.known.value))
