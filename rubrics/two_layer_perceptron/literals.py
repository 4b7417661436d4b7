"""Right numbers that stand in the code itself: are they printed, or are they computed as well?

The notebook is run once more with these numbers changed. What it computes stays right; what it only holds does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from grader.intake.evidence import Evidence
from reference_solutions.two_layer_perceptron import START
from rubrics.two_layer_perceptron.compare import agrees, decades
from rubrics.two_layer_perceptron.faults import PARTS
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.running import Ran
from rubrics.two_layer_perceptron.verdict import FINE, LABEL_IDS, Verdict, right
from rubrics.two_layer_perceptron.verdicts import judge_source

_LITERAL: Final = re.compile(r"(?<![\w.])\d?\.\d{3,17}(?!\w)")
_CHANGE: Final = 0.0321  # to another number with as many digits, far from every right one


def copied(
    evidence: Evidence, ran: Ran, verdicts: Mapping[str, Verdict], run: Callable[[Evidence], Ran]
) -> frozenset[str]:
    """The labels of a run that are right only because the code holds the right numbers."""
    fine = {label for label, verdict in verdicts.items() if verdict.kind in FINE}
    cells = [cell for cell in evidence.cells if cell.kind == "code" and not cell.template]
    held = {found for cell in cells for found in _LITERAL.findall(cell.source) if _expected(found)}
    if not fine or not held:
        return frozenset()
    changed = [replace(cell, source=_changed(cell.source)) if cell in cells else cell for cell in evidence.cells]
    again = run(replace(evidence, cells=tuple(changed)))
    if again.failure is not None or (again.error is not None and ran.error is None):
        # A check of the student's own against these numbers stopped it: what has more digits was computed.
        values = {float(literal) for literal in held}
        return frozenset(label for label in fine if _stands_in(verdicts[label], values))
    after = judge_source(Answers(again.figures, strict=False))
    return frozenset(label for label in fine if after[label].kind not in FINE)


def _changed(source: str) -> str:
    def other(found: re.Match[str]) -> str:
        literal = found.group()
        return f"{float(literal) + _CHANGE:.{len(literal.partition('.')[2])}f}" if _expected(literal) else literal

    return _LITERAL.sub(other, source)


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
