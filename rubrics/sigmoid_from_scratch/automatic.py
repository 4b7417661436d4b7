"""Step 6 judged by a run: the gradients by automatic differentiation."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import gradients
from rubrics.sigmoid_from_scratch.faults import BY_ID
from rubrics.sigmoid_from_scratch.marks import NOTHING, RIGHT, UNCLEAR, Mark, wrong
from rubrics.sigmoid_from_scratch.passes import Found
from rubrics.sigmoid_from_scratch.trace import Backward, Trace


def autograd(trace: Trace, found: Sequence[Found], source: str) -> Mark:
    """A backward pass of PyTorch's for one of the passes, with gradients that were not piled up."""
    if not trace.backwards:
        if own_engine(source):
            return Mark(UNCLEAR, why="the gradients come from an automatic differentiation of the hand-in's own")
        return NOTHING
    seen: set[str] = set()
    for one in found:
        want = gradients(one.net, one.x, one.y)
        hows = [how for backward in trace.backwards if (how := _covers(backward, one, [*want.weights, *want.biases]))]
        if "clean" in hows and hows[-1] == "clean":
            return Mark(RIGHT)
        seen |= set(hows)
    if "clean" in seen:
        why = "after a clean backward pass another one of the same sample was added to its gradients"
        return Mark(UNCLEAR, (BY_ID["accumulated"],), why)
    if seen:
        return wrong("accumulated")
    weights = [value for one in found for value in one.net.weights]
    held = [leaf for backward in trace.backwards for leaf, _, _ in backward.leaves]
    if found and all(any(_alike(leaf, weight) for leaf in held) for weight in weights[: len(found[0].net.weights)]):
        return Mark(RIGHT, note="These are the gradients of your own loss, which is judged in step 4.")
    return Mark(UNCLEAR, why="autograd was used, but for which pass could not be told")


def own_engine(source: str) -> bool:
    """Whether the hand-in differentiates automatically by itself: numbers with operators of their own."""
    return bool(re.search(r"def __(?:mul|matmul|add)__\b", source) and re.search(r"\.backward\s*\(", source))


def _covers(backward: Backward, one: Found, want: Sequence[Array]) -> str:
    """Whether the leaves were given these gradients: "clean", "piled" onto others, or ""."""
    for factor in {one.factor, 1.0}:
        hits = [
            [
                (own, after)
                for _, own, after in backward.leaves
                if own.size == array.size and _alike(own, factor * array)
            ]
            for array in want
        ]
        expected = [hit for hit, bias in zip(hits, [None, *one.net.biases], strict=False) if bias is not None or hit]
        if all(hits) or (expected and all(hits[: len(one.net.weights)])):
            return "clean" if all(_alike(after, own) for hit in hits for own, after in hit[:1]) else "piled"
    return ""


def _alike(got: Array, want: Array) -> bool:
    scale = float(np.max(np.abs(want))) if want.size else 0.0
    if got.size != want.size:
        return False
    sides = (np.squeeze(got), np.squeeze(want))
    turned = sides[1].T if sides[0].shape != sides[1].shape or sides[1].ndim == 2 else sides[1]
    return any(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= 1e-3 * scale + 1e-8))
        for a, b in ((sides[0], sides[1]), (sides[0], turned))
    )
