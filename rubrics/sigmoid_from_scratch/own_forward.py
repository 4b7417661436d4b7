"""The student's own forward pass: its values among those of the run, or those of a slip with a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from reference_solutions.sigmoid_from_scratch import forward
from rubrics.sigmoid_from_scratch.faults import FAULTS, Fault
from rubrics.sigmoid_from_scratch.marks import MISSING, RIGHT, UNCLEAR, WRONG
from rubrics.sigmoid_from_scratch.names import meaning
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.scratch import Finding, Scratch, among
from rubrics.sigmoid_from_scratch.slips import (
    Backward,
    NoBiasForward,
    NoFirstActivation,
    NoSecondActivation,
    SquashedForward,
)
from rubrics.sigmoid_from_scratch.trace import Value

_FORWARD: Final[Mapping[str, type[Backward]]] = {
    "forward-without-biases": NoBiasForward,
    "forward-first-sigmoid": NoFirstActivation,
    "forward-second-sigmoid": NoSecondActivation,
    "forward-squashed": SquashedForward,
}


def judge_forward(scratch: Scratch) -> Finding:
    if not attempted(scratch):
        return Finding(MISSING)
    run = forward(scratch.found.net, scratch.found.x)
    hidden = list(zip(run.before[:-1], run.after[:-1], strict=True))
    seen = [among(scratch, after) or among(scratch, before) for before, after in hidden]
    output = among(scratch, run.before[-1]) or among(scratch, run.after[-1])
    if all(seen) and output:
        return Finding(RIGHT, frozenset.intersection(*(frozenset(paths) for paths in (output,))) | frozenset(seen[0]))
    weights = [
        scratch.findings[f"dW{layer}"].kind
        for layer in (1, 2, 3)
        if scratch.part(scratch.want, f"dW{layer}") is not None
    ]
    if all(kind == RIGHT for kind in weights):
        return Finding(RIGHT, scratch.findings["dW3"].paths)
    named = [f for label in GRADIENTS for f in scratch.findings[label].faults[:1] if f.id.startswith("forward-")]
    if named:
        return Finding(WRONG, faults=(named[0],))
    for fault in FAULTS:
        if fault.id.startswith("forward-") and (wrong := _faulty_forward(scratch, fault)):
            return Finding(WRONG, faults=(fault,), shown=wrong)
    return Finding(UNCLEAR, why="not all of its values could be found")


def _faulty_forward(scratch: Scratch, fault: Fault) -> Value | None:
    kind = _FORWARD.get(fault.id)
    if kind is None:
        return None
    right = forward(scratch.found.net, scratch.found.x)
    run = kind(scratch.found.net).run(scratch.found.x)
    if np.allclose(run.prediction, right.prediction, rtol=1e-4):
        return None
    if among(scratch, run.prediction) and (len(run.after) < 2 or among(scratch, run.after[-2])):
        hits = scratch.hits(run.prediction)
        return hits[0][0] if hits else None
    return None


def attempted(scratch: Scratch) -> bool:
    """Whether there is anything of the student's own that may be a gradient."""
    if any(scratch.findings[label].kind in (RIGHT, WRONG) for label in GRADIENTS if label in scratch.findings):
        return True
    return any(meaning(v.path) is not None and np.any(v.array) for v in scratch.candidates)
