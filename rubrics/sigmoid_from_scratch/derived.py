"""Gradients that have no array of their own: parts of a packed one, and what an update took from the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import Net
from rubrics.sigmoid_from_scratch.trace import Trace, Value

PART, STEP = "part", "step"  # tags of such values
_ROUNDING: Final = 1.8e-7  # of float32, in a difference of two numbers
_MOST_STEPS: Final = 60


def parts(values: Sequence[Value], net: Net) -> Iterator[Value]:
    """What stands in packed arrays: a bias as one more column or row of its weights, all parameters as one vector."""
    pairs = [(w, b) for w, b in zip(net.weights, net.biases, strict=True) if b is not None]
    if len(pairs) != len(net.weights):
        return
    total = sum(w.size + b.size for w, b in pairs)
    for value in values:
        array = np.squeeze(value.array)
        if array.size == total and array.ndim == 1:
            yield from _sliced(value, array, pairs)
        for wide in {(w.shape[0], w.shape[1] + 1) for w, _ in pairs}:
            for turned in (False, True):
                if array.shape == tuple(n for n in (wide[::-1] if turned else wide) if n > 1):
                    yield from _without_bias(value, np.reshape(array.T if turned else array, wide))


def _without_bias(value: Value, array: Array) -> Iterator[Value]:
    for weights, bias in ((array[:, :-1], array[:, -1]), (array[:, 1:], array[:, 0])):
        yield replace(value, path=f"{value.path} (weights)", array=weights, tag=PART)
        yield replace(value, path=f"{value.path} (bias)", array=bias, tag=PART)


def _sliced(value: Value, flat: Array, pairs: Sequence[tuple[Array, Array]]) -> Iterator[Value]:
    layers = list(enumerate(pairs, start=1))
    one_by_one = [(f"{kind}{n}", pair[k].shape) for n, pair in layers for k, kind in enumerate("Wb")]
    for order in (one_by_one, sorted(one_by_one, key=lambda named: named[0][0])):
        at = 0
        for name, shape in order:
            size = int(np.prod(shape))
            for laid in {shape, shape[::-1]}:
                yield replace(
                    value, path=f"{value.path} ({name})", array=np.reshape(flat[at : at + size], laid), tag=PART
                )
            at += size


def updates(trace: Trace, net: Net, rates: Sequence[float]) -> Iterator[Value]:
    """(before - after) / learning rate of arrays that held the net's parameters before. Rounding is in `slack`."""
    held: dict[tuple[str, str], list[Value]] = {}
    for value in trace.values:
        if value.tag not in ("module", "parameter", "autograd", "bool", "number"):
            held.setdefault((value.scope, value.path), []).append(value)
    known = [part for part in (*net.weights, *net.biases) if part is not None]
    count = 0
    for history in held.values():
        for before, after in pairwise(history):
            if before.array.shape != after.array.shape or not any(_same(before.array, part) for part in known):
                continue
            change = before.array - after.array
            if not np.any(change) or not np.all(np.isfinite(change)):
                continue
            for rate in rates:
                slack = _ROUNDING * float(np.max(np.abs(before.array))) / rate if _single(after.array) else 0.0
                if slack <= 0.01 * float(np.max(np.abs(change))) / rate:
                    path = f"({before.path} before - after) / {rate:g}"
                    yield replace(after, path=path, array=change / rate, tag=STEP, slack=slack)
            count += 1
            if count >= _MOST_STEPS:
                return


def _same(held: Array, part: Array) -> bool:
    return held.size == part.size and any(
        np.allclose(np.ravel(held), np.ravel(way), rtol=1e-6, atol=1e-9) for way in (part, part.T)
    )


def _single(array: Array) -> bool:
    """Whether all numbers are those of float32."""
    return bool(np.all(array == array.astype(np.float32)))
