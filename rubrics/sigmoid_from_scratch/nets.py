"""Which arrays of a run may be the weights and biases of a net: PyTorch's, or arrays of whatever names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import Net
from rubrics.sigmoid_from_scratch.names import says_bias
from rubrics.sigmoid_from_scratch.trace import Value

_INDEX: Final = re.compile(r"\d+['\"]?\]?$")


def networks(names: Mapping[str, Value]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """The networks of PyTorch's that are in force. Activations are still open."""
    groups: dict[str, list[Value]] = {}
    for value in names.values():
        if value.tag == "module":
            groups.setdefault(value.path.split(".")[0], []).append(value)
    for group in groups.values():
        yield from _chained(group)


def _chained(group: Sequence[Value]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """A network's parameters in the order in which it holds them."""
    weights = [
        value for value in group if value.array.ndim == 2 and not (1 in value.array.shape and says_bias(value.path))
    ]
    others = [value for value in group if value not in weights]
    if not 1 <= len(weights) <= 5:
        return
    biases: list[Array | None] = []
    for weight in weights:
        stem = re.sub(r"weight|W|w", "", weight.path)
        mate = next((b for b in others if re.sub(r"bias|B|b", "", b.path) == stem), None)
        biases.append(None if mate is None else np.ravel(mate.array))
    if others and all(bias is None for bias in biases) and len(others) == len(weights):
        biases = [np.ravel(value.array) for value in others]
    yield from _laid_out([weight.array for weight in weights], biases)


def _laid_out(weights: Sequence[Array], biases: Sequence[Array | None]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Every way to read the weights as a chain from 2 inputs to 1 output; a square matrix may be read in two."""
    flat = [np.reshape(w, (1, -1)) if w.ndim == 1 else w for w in weights]
    for swaps in product((False, True), repeat=len(flat)):
        turned = [w.T if swap else w for w, swap in zip(flat, swaps, strict=True)]
        ends = turned[0].shape[1] == 2 and turned[-1].shape[0] == 1
        linked = all(a.shape[0] == b.shape[1] for a, b in pairwise(turned))
        fits = all(bias is None or bias.size == w.shape[0] for w, bias in zip(turned, biases, strict=True))
        if ends and linked and fits:
            yield Net(tuple(turned), tuple(biases), ((),) * len(turned)), swaps


def named(names: Mapping[str, Value], least: int) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Nets of three layers, or of two, among arrays of whatever names."""
    values = {value.key + bytes(says_bias(p)): value for p, value in names.items() if value.tag != "module"}.values()
    matrices = [
        v
        for v in values
        if v.array.ndim == 2 and 1 < v.array.size <= 400 and not (1 in v.array.shape and says_bias(v.path))
    ]
    firsts = [v for v in matrices if 2 in v.array.shape and max(v.array.shape) <= 60]
    lasts = [v for v in matrices if 1 in v.array.shape and max(v.array.shape) <= 60]
    lasts += [v for v in values if v.array.ndim == 1 and 2 <= v.array.size <= 60 and not says_bias(v.path)]
    middles = [v for v in matrices if min(v.array.shape) > 1]
    bias_like = [v for p, v in names.items() if says_bias(p) and v.array.size <= 60]
    choices: list[Value | None] = [*_by_name(middles, "2")]
    if least == 2:
        choices.append(None)
    for first, last, middle in product(_by_name(firsts, "1"), _by_name(lasts, "3"), choices):
        if first is last or middle is first or middle is last:
            continue
        layers = [v for v in (first, middle, last) if v is not None]
        for net, swapped in _laid_out([v.array for v in layers], [None] * len(layers)):
            widths = [weight.shape[0] for weight in net.weights]
            mates = [_mates(v, width, names) for v, width in zip(layers, widths, strict=True)]
            called = [_biases(bias_like, width) for width in widths]
            chosen: list[Sequence[Array]] = [
                some if len(some) >= widths.count(width) else [*some, *other][:4]
                for some, other, width in zip(called, mates, widths, strict=True)
            ]
            if not any(called):
                yield net, swapped
            yield from _with_biases(net, swapped, chosen)


def _by_name(values: Sequence[Value], digit: str) -> list[Value]:
    """Those first whose names look like weights of this layer."""
    return sorted(values, key=lambda v: (digit not in v.path, not re.search(r"w|weight|theta", v.path.lower())))[:8]


def _biases(values: Sequence[Value], width: int) -> list[Array]:
    found = [np.ravel(v.array) for v in values if v.array.size == width]
    return list({array.tobytes(): array for array in found}.values())[:4]


def _mates(weight: Value, width: int, names: Mapping[str, Value]) -> list[Array]:
    """The earliest arrays that may be a layer's bias: those that share its index (``c2``, ``beta[2]``), else any."""
    index = _INDEX.search(weight.path)
    fitting = {
        p: v for p, v in names.items() if v.array.size == width and v is not weight and v.tag not in ("module", "bool")
    }
    alike = {p: v for p, v in fitting.items() if index and p.endswith(index[0])}
    return _biases(sorted((alike or fitting).values(), key=lambda v: v.at), width)[:3]


def joined(names: Mapping[str, Value]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Nets of three layers whose biases stand as one more column, or row, of their weights."""
    matrices = {v.key: v for v in names.values() if v.tag != "module" and v.array.ndim == 2 and v.array.size <= 400}
    read = [(way, swap) for v in matrices.values() for way, swap in ((v.array, False), (v.array.T, True))]
    firsts = [one for one in read if one[0].shape[1] == 3][:4]
    lasts = [one for one in read if one[0].shape[0] == 1 and one[0].shape[1] > 2][:4]
    for (first, a), (last, c) in product(firsts, lasts):
        for middle, b in read:
            if middle.shape == (last.shape[1] - 1, first.shape[0] + 1):
                layers = (first, middle, last)
                for weights, bias in ((slice(None, -1), -1), (slice(1, None), 0)):
                    biases = tuple(np.ravel(layer[:, bias]) for layer in layers)
                    yield Net(tuple(layer[:, weights] for layer in layers), biases, ((),) * 3), (a, b, c)


def _with_biases(
    net: Net, swapped: tuple[bool, ...], choices: Sequence[Sequence[Array]]
) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Where something is called a bias and fits, a layer has one."""
    nothing: list[Array | None] = [None]
    for biases in product(*([*choice] or nothing for choice in choices)):
        yield Net(net.weights, tuple(biases), net.activations), swapped
