"""Which net ran on which sample: found in a run's values, whatever they are called and however they are laid out.

A net counts where its prediction, computed here, stands among the run's own values; so no layout is ever guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import (
    LISTED,
    PRINTED,
    SQUASHED,
    Activations,
    Net,
    forward,
    labels,
)
from rubrics.sigmoid_from_scratch.names import is_gradient, says_bias
from rubrics.sigmoid_from_scratch.trace import Trace, Value

S: Final = "sigmoid"
ACCEPTED: Final[tuple[Activations, ...]] = (PRINTED, SQUASHED, LISTED, (*LISTED[:2], (S,)), ((S, S), (S,), ()))
OTHER: Final[tuple[Activations, ...]] = (
    ((S,), (), ()), ((), (S,), ()), ((), (), ()), ((), (), (S,)), ((S,), (), (S,)),
    (("relu",), ("relu",), ()), (("tanh",), ("tanh",), ()), (("relu",), ("relu",), (S,)), (("tanh",), ("tanh",), (S,)),
    ((S,), (S,), ("relu",)), ((S,), (S,), ("tanh",)), (("relu",), (S,), ()), ((S,), ("relu",), ()),
)  # fmt: skip
MOST_NETS: Final = 300
MOST_PASSES: Final = 12


@dataclass(frozen=True, eq=False)
class Found:
    """A pass that really happened: `net` on the points `x` (rows) with labels `y`.

    `factor` is what the student's own loss has before Σ(p-y)²: 1, ½, or 1/n for a mean. `swapped` says by layer
    whether its weights stand as (inputs, outputs). `framework`: the weights are those of a network of PyTorch's.
    """

    net: Net
    x: Array
    y: Array
    factor: float
    loss_seen: bool
    swapped: tuple[bool, ...]
    framework: bool
    at: int

    @property
    def key(self) -> bytes:
        parts = [*self.net.weights, *(b for b in self.net.biases if b is not None), self.x]
        return b"".join(np.round(part, 6).tobytes() for part in parts) + repr(self.net.activations).encode()


class Pool:
    """Every value of a run, to be asked whether an array stands among them."""

    def __init__(self, trace: Trace) -> None:
        sizes: dict[int, list[Array]] = {}
        seen: set[bytes] = set()
        for value in (*trace.values, *trace.shown):
            if value.tag not in ("module", "autograd") and value.key not in seen:
                seen.add(value.key)
                sizes.setdefault(value.array.size, []).append(np.ravel(value.array))
        for backward in trace.backwards:
            sizes.setdefault(1, []).extend(np.array([loss]) for loss in backward.losses)
        self._stacks = {size: np.stack(arrays) for size, arrays in sizes.items()}

    def holds(self, array: Array, slack: float = 2e-6) -> bool:
        flat = np.ravel(array)
        stack = self._stacks.get(flat.size)
        if stack is None or not np.all(np.isfinite(flat)):
            return False
        with np.errstate(invalid="ignore"):
            near = np.abs(stack - flat) <= slack * max(float(np.max(np.abs(flat))), 1e-3)
        return bool(np.any(np.all(near, axis=1)))


def passes(trace: Trace) -> list[Found]:
    """Every pass of the run, those on one sample first."""
    pool = Pool(trace)
    found: dict[bytes, Found] = {}
    tried: set[tuple[int, ...]] = set()
    for at, names in enumerate(trace.moments):
        usable = {p: v for p, v in names.items() if v.tag != "autograd" and not is_gradient(p)}
        points = [v for v in usable.values() if _may_be_points(v)]
        mark = tuple(id(v) for v in usable.values() if _may_be_part(v)) + tuple(id(v) for v in points)
        if mark in tried or not points:
            continue
        tried.add(mark)
        for net, swapped, framework in islice(_nets(usable), MOST_NETS):
            for one in _on_points(net, swapped, framework, points, usable, pool, at):
                found.setdefault(one.key, one)
        if len(found) >= MOST_PASSES:
            break
    return sorted(found.values(), key=lambda one: (len(one.x) != 1, not one.loss_seen, one.at))


def _may_be_points(value: Value) -> bool:
    shape = value.array.shape
    if value.tag in ("module", "parameter") or not value.array.size:
        return False
    return value.array.size == 2 or (len(shape) == 2 and 2 in shape and value.array.size <= 2000)


def _may_be_part(value: Value) -> bool:
    return 0 < value.array.size <= 400


# --- nets -------------------------------------------------------------------------------------------------------------


def _nets(names: Mapping[str, Value]) -> Iterator[tuple[Net, tuple[bool, ...], bool]]:
    """Nets that the names in force may hold, those of PyTorch's networks first. Activations are still open."""
    groups: dict[str, list[Value]] = {}
    for value in names.values():
        if value.tag == "module":
            groups.setdefault(value.path.split(".")[0], []).append(value)
    taken: set[bytes] = set()
    for group in groups.values():
        for net, swapped in _chained(group):
            taken |= {weight.tobytes() for weight in net.weights}
            yield net, swapped, True
    for net, swapped in _named(names):
        if not all(weight.tobytes() in taken for weight in net.weights):
            yield net, swapped, False


def _chained(group: Sequence[Value]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """A network's parameters in the order in which it holds them."""
    weights = [value for value in group if value.array.ndim == 2 and not (1 in value.array.shape and says_bias(value.path))]
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
        linked = all(a.shape[0] == b.shape[1] for a, b in zip(turned, turned[1:], strict=False))
        fits = all(bias is None or bias.size == w.shape[0] for w, bias in zip(turned, biases, strict=True))
        if ends and linked and fits:
            yield Net(tuple(turned), tuple(biases), ((),) * len(turned)), swaps


def _named(names: Mapping[str, Value]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Three (or two) layers among arrays of whatever names."""
    values = {value.key + bytes(says_bias(p)): value for p, value in names.items() if value.tag != "module"}.values()
    matrices = [v for v in values if v.array.ndim == 2 and 1 < v.array.size <= 400 and not says_bias(v.path)]
    firsts = [v for v in matrices if 2 in v.array.shape and max(v.array.shape) <= 60]
    lasts = [v for v in matrices if 1 in v.array.shape]
    lasts += [v for v in values if v.array.ndim == 1 and 2 <= v.array.size <= 60 and not says_bias(v.path)]
    middles = [v for v in matrices if min(v.array.shape) > 1]
    bias_like = [v for p, v in names.items() if says_bias(p) and v.array.size <= 60]
    for first, last in product(_by_name(firsts, "1"), _by_name(lasts, "3")):
        for middle in (*_by_name(middles, "2"), None):
            if middle is not None and (middle is first or middle is last):
                continue
            weights = [v.array for v in (first, middle, last) if v is not None]
            bare: list[Array | None] = [None] * len(weights)
            for shape, swapped in _laid_out(weights, bare):
                widths = [weight.shape[0] for weight in shape.weights]
                yield from _with_biases(shape, swapped, [_biases(bias_like, width) for width in widths])


def _by_name(values: Sequence[Value], digit: str) -> list[Value]:
    """Those first whose names look like weights of this layer."""
    return sorted(values, key=lambda v: (digit not in v.path, not re.search(r"w|weight|theta", v.path.lower())))[:8]


def _biases(values: Sequence[Value], width: int) -> list[Array]:
    found = [np.ravel(v.array) for v in values if v.array.size == width]
    return list({array.tobytes(): array for array in found}.values())[:4]


def _with_biases(net: Net, swapped: tuple[bool, ...], choices: Sequence[Sequence[Array]]) -> Iterator[tuple[Net, tuple[bool, ...]]]:
    """Where something is called a bias and fits, a layer has one."""
    for biases in product(*(choice or [None] for choice in choices)):
        yield Net(net.weights, tuple(biases), net.activations), swapped


# --- points -----------------------------------------------------------------------------------------------------------


def _on_points(
    net: Net,
    swapped: tuple[bool, ...],
    framework: bool,
    points: Sequence[Value],
    names: Mapping[str, Value],
    pool: Pool,
    at: int,
) -> Iterator[Found]:
    for activations in _activations(len(net.weights)):
        trial = Net(net.weights, net.biases, activations)
        for value in points:
            rows = _rows(value.array)
            with np.errstate(over="ignore"):
                run = forward(trial, rows)
            if not np.all(np.isfinite(run.prediction)):
                continue
            if len(rows) > 1 and pool.holds(run.prediction):
                yield _found(trial, swapped, framework, rows, names, pool, at)
            for index, prediction in enumerate(run.prediction):
                if not pool.holds(prediction):
                    continue
                one = _found(trial, swapped, framework, rows[index : index + 1], names, pool, at, index, len(rows))
                hidden = any(pool.holds(after[index]) for after in run.after[:-1])
                if one.loss_seen or hidden or len(rows) == 1:
                    yield one


def _activations(layers: int) -> Sequence[Activations]:
    if layers == 3:
        return (*ACCEPTED, *OTHER)
    kinds = ((S,), ("relu",), ("tanh",), ())
    return [(kind,) * (layers - 1) + (last,) for kind in kinds for last in ((), (S,))]


def _rows(array: Array) -> Array:
    if array.size == 2:
        return np.reshape(array, (1, 2))
    return array if array.shape[1] == 2 else array.T


def _found(
    net: Net,
    swapped: tuple[bool, ...],
    framework: bool,
    rows: Array,
    names: Mapping[str, Value],
    pool: Pool,
    at: int,
    index: int = 0,
    count: int = 1,
) -> Found:
    """The pass with the labels that its loss was computed with: the sheet's, or the student's own."""
    prediction = np.ravel(forward(net, rows).prediction)
    own = [labels(rows)]
    for path, value in names.items():
        flat = np.ravel(value.array)
        if flat.size == count and count > 1 and len(rows) == 1:
            own.append(flat[index : index + 1])
        elif flat.size == len(rows) and re.match(r"^(self\.)?(y|t|target|label)", path.lower()):
            own.append(flat)
    for y in own:
        squares = float(np.sum((prediction - y) ** 2))
        for factor in (1.0, 0.5, 1.0 / len(rows), 0.5 / len(rows)):
            if squares > 1e-9 and pool.holds(np.array([factor * squares]), 2e-5):
                return Found(net, rows, y, factor, True, swapped, framework, at)
    for y in own:
        if pool.holds(prediction - y, 2e-5) or pool.holds(2 * (prediction - y), 2e-5):
            return Found(net, rows, y, 1.0, False, swapped, framework, at)
    return Found(net, rows, own[0], 1.0, False, swapped, framework, at)
