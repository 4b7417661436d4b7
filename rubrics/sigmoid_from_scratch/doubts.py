"""Signs that right gradients were not computed by backpropagation: taken from differences, or typed in as numbers."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import Net, chain_slope, forward
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.scratch import Scratch, among
from rubrics.sigmoid_from_scratch.trace import Trace

_STEP: Final = r"(eps\w*|epsilon\w*|h|step|dh?|tiny|ε|delta|dw|dx)\b"
_DIVIDED: Final = re.compile(rf"/\s*\(?\s*(?:2(?:\.0?)?\s*\*\s*)?{_STEP}", re.IGNORECASE)
_MOVED: Final = re.compile(rf"[-+]=?\s*{_STEP}", re.IGNORECASE)
_SMALL: Final = 0.02  # a parameter that is moved by less than this, alone, is moved for a difference
_WRITTEN: Final = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MOST_WRITTEN: Final = 20_000


def by_differences(straight: Scratch, source: str) -> bool:
    """Whether the gradients may be finite differences: single parameters are moved by a little, or the source divides
    by a step that it moves something by; and the values are neither exact nor are there factors of the chain rule."""
    steps = {found[1] for found in _MOVED.finditer(source)} & {found[1] for found in _DIVIDED.finditer(source)}
    if not steps and not one_moved(straight.trace, straight.found.net):
        return False
    found, want = straight.found, straight.want
    run = forward(found.net, found.x)
    for layer in range(len(found.net.weights) - 1):
        factors = (
            chain_slope(found.net.activations[layer], run.before[layer]),
            want.errors[layer + 1] @ found.net.weights[layer + 1],
        )
        if any(among(straight, part) for part in factors):
            return False
    for value in straight.candidates:
        for label in ("dW1", "dW2"):
            base = straight.part(want, label)
            if base is not None and value.array.size == base.size:
                off = min(float(np.max(np.abs(np.ravel(value.array) - np.ravel(b)))) for b in (base, base.T))
                if off <= 1e-13 * float(np.max(np.abs(base))) + 1e-17:
                    return False
    return True


def one_moved(trace: Trace, net: Net) -> bool:
    """Whether some array is a parameter of the net but for one entry, and that a little off."""
    known = [part for part in (*net.weights, *net.biases) if part is not None and np.any(part)]
    packed = np.concatenate([np.ravel(part) for part in known])
    for value in trace.values:
        flat = np.ravel(value.array)
        for part in (*known, *(part.T for part in known if part.ndim == 2), packed):
            if flat.size == part.size and flat.size > 1:
                off = np.abs(flat - np.ravel(part))
                moved = off > 1e-7 * (1 + np.abs(flat))
                if np.count_nonzero(moved) == 1 and np.max(off) < _SMALL:
                    return True
    return False


def typed_in(straight: Scratch, source: str) -> set[str]:
    """The labels whose right values stand in the code entry by entry; the output's bias goes with its weights."""
    written = np.unique([float(found[0]) for found in _WRITTEN.finditer(source)][:_MOST_WRITTEN])
    if written.size < 5:
        return set()
    labels = set()
    for label in GRADIENTS:
        part = straight.part(straight.want, label)
        if part is not None and part.size > 4 and _stands_in(np.ravel(part), written):
            labels.add(label)
    return labels | ({"db3"} if "dW3" in labels else set())


def _stands_in(entries: Array, written: Array) -> bool:
    """Whether nearly every entry is among these numbers, to four digits of the largest."""
    largest = float(np.max(np.abs(entries)))
    plain = np.unique(entries[np.abs(entries) > 2e-3 * largest])
    near = np.abs(plain[:, None] - written[None, :]).min(axis=1, initial=np.inf) <= 2e-4 * largest
    return plain.size > 4 and bool(np.mean(near) > 0.8)
