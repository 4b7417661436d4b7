"""Which net ran on which sample: found in a run's values, whatever they are called and however they are laid out.

A net counts where its prediction, computed here, stands among the run's own values; so no layout is ever guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import (
    LISTED,
    PRINTED,
    SQUASHED,
    Activations,
    Net,
    Pass,
    forward,
    labels,
)
from rubrics.sigmoid_from_scratch.names import is_gradient
from rubrics.sigmoid_from_scratch.nets import joined, named, networks
from rubrics.sigmoid_from_scratch.trace import Trace, Value

S: Final = "sigmoid"
ACCEPTED: Final[tuple[Activations, ...]] = (PRINTED, SQUASHED, LISTED, (*LISTED[:2], (S,)), ((S, S), (S,), ()))
OTHER: Final[tuple[Activations, ...]] = (
    ((S,), (), ()), ((), (S,), ()), ((), (), ()), ((), (), (S,)), ((S,), (), (S,)),
    (("relu",), ("relu",), ()), (("tanh",), ("tanh",), ()), (("relu",), ("relu",), (S,)), (("tanh",), ("tanh",), (S,)),
    ((S,), (S,), ("relu",)), ((S,), (S,), ("tanh",)), (("relu",), (S,), ()), ((S,), ("relu",), ()),
)  # fmt: skip
_LABEL: Final = re.compile(r"^(?:self\.|\w+\.)?(?:y|t|target|label|truth|desired)", re.IGNORECASE)
MOST_NETS: Final = 120
MOST_PASSES: Final = 12
MOST_BARREN: Final = 300  # nets in a row that explain nothing, after one that does


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
    def biased(self) -> bool:
        return any(bias is not None for bias in self.net.biases)

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
            if value.tag not in ("module", "autograd", "bool") and value.key not in seen:
                seen.add(value.key)
                sizes.setdefault(value.array.size, []).append(np.ravel(value.array))
        self.targets = list({v.key: np.ravel(v.array) for v in trace.values if _LABEL.match(v.path)}.values())
        for backward in trace.backwards:
            sizes.setdefault(1, []).extend(np.array([loss]) for loss in backward.losses)
        self.losses = np.array([loss for backward in trace.backwards for loss in backward.losses])
        self._stacks = {size: np.stack(arrays) for size, arrays in sizes.items()}

    def holds(self, array: Array, slack: float = 2e-6) -> bool:
        flat = np.ravel(array)
        stack = self._stacks.get(flat.size)
        if stack is None or not np.all(np.isfinite(flat)):
            return False
        with np.errstate(invalid="ignore"):
            near = np.abs(stack - flat) <= slack * max(float(np.max(np.abs(flat))), 1e-3)
        return bool(np.any(np.all(near, axis=1)))

    def singles(self, column: Array, slack: float = 2e-6) -> list[int]:
        """The places of those numbers in a column that stand among the run's single values."""
        stack = self._stacks.get(1)
        if stack is None:
            return []
        flat = np.ravel(column)
        with np.errstate(invalid="ignore"):
            near = np.abs(stack.reshape(1, -1) - flat[:, None]) <= slack * np.maximum(np.abs(flat), 1e-3)[:, None]
        return [int(index) for index in np.flatnonzero(near.any(axis=1))]


def passes(trace: Trace) -> list[Found]:
    """Every pass of the run, those on one sample first.

    Networks of PyTorch's come first, then arrays of whatever names; the sheet's activations before others. Where one
    of these ways finds a pass the later ones are not tried.
    """
    pool = Pool(trace)
    for framework, usual in ((True, True), (False, True), (True, False), (False, False)):
        found = _search(trace, pool, framework, usual)
        if found:
            return _sorted(found)
    return []


def own_passes(trace: Trace, beside: Sequence[Found]) -> list[Found]:
    """Passes of arrays whose weights are not those of the networks that `beside` went through.

    Whoever copies a network's weights and then computes something else with them has made a mistake, not another net.
    """
    taken = [weight for one in beside for weight in one.net.weights]
    pool = Pool(trace)
    found = _search(trace, pool, False, True) or _search(trace, pool, False, False)
    return _sorted([one for one in found if not all(_is_among(weight, taken) for weight in one.net.weights)])


def _sorted(found: Sequence[Found]) -> list[Found]:
    return sorted(found, key=lambda one: (len(one.x) != 1, not one.loss_seen, one.at))


def _is_among(weight: Array, others: Sequence[Array]) -> bool:
    return any(
        (weight.shape == other.shape and np.allclose(weight, other, rtol=1e-5))
        or (weight.shape == other.T.shape and np.allclose(weight, other.T, rtol=1e-5))
        for other in others
    )


def _search(trace: Trace, pool: Pool, framework: bool, usual: bool) -> list[Found]:
    found: dict[bytes, Found] = {}
    tried: set[tuple[int, ...]] = set()
    seen: set[tuple[bytes, bytes]] = set()
    barren = 0
    for at, names in enumerate(trace.moments):
        usable = {p: v for p, v in names.items() if v.tag != "autograd" and not is_gradient(p)}
        points = [v for v in usable.values() if _may_be_points(v)]
        parts = [v for v in usable.values() if (v.tag == "module") == framework and _may_be_part(v)]
        mark = tuple(id(v) for v in (*parts, *points))
        if mark in tried or not points or not parts:
            continue
        tried.add(mark)
        nets = networks(usable) if framework else chain(joined(usable), named(usable, 3 if usual else 2))
        for net, swapped in islice(nets, MOST_NETS):
            key = b"".join(w.tobytes() for w in net.weights)
            key += b"|".join(b"" if b is None else b.tobytes() for b in net.biases)
            untried = [v for v in points if (key, v.key) not in seen]
            seen.update((key, v.key) for v in untried)
            before = len(found)
            if untried:
                trial = _Trial(net, swapped, framework, usable, pool, at)
                for one in _on_points(trial, untried, usual):
                    found.setdefault(one.key, one)
                barren = 0 if len(found) > before else barren + 1
        sure = sum(one.loss_seen for one in found.values())
        if sure >= MOST_PASSES or len(found) >= 4 * MOST_PASSES or (sure and barren > MOST_BARREN):
            break
    return list(found.values())


def _may_be_points(value: Value) -> bool:
    shape = value.array.shape
    if value.tag in ("module", "parameter") or not value.array.size:
        return False
    return value.array.size == 2 or (len(shape) == 2 and 2 in shape and value.array.size <= 2000)


def _may_be_part(value: Value) -> bool:
    return 0 < value.array.size <= 400


# --- points -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Trial:
    """A net that may have run, the names in force beside it, and the run's values."""

    net: Net
    swapped: tuple[bool, ...]
    framework: bool
    names: Mapping[str, Value]
    pool: Pool
    at: int


def _on_points(trial: _Trial, points: Sequence[Value], usual: bool) -> Iterator[Found]:
    """The passes of a net: the first activations that explain a prediction are its own."""
    done: set[int] = set()
    for activations in _activations(len(trial.net.weights), usual):
        net = Net(trial.net.weights, trial.net.biases, activations)
        for position, value in enumerate(points):
            rows = _rows(value.array)
            with np.errstate(over="ignore"):
                run = forward(net, rows)
            if position in done or not np.all(np.isfinite(run.prediction)):
                continue
            if len(rows) > 1 and trial.pool.holds(run.prediction):
                done.add(position)
                yield _found(net, trial, rows)
            indices = trial.pool.singles(run.prediction)
            for index in indices if indices and _tells(net, run) else ():
                one = _found(net, trial, rows[index : index + 1], index, len(rows))
                hidden = any(trial.pool.holds(after[index]) for after in run.after[:-1])
                if one.loss_seen or hidden or len(rows) == 1:
                    done.add(position)
                    yield one


def _tells(net: Net, run: Pass) -> bool:
    """Whether a prediction says anything: 0, 1 or the last bias come from every input where a net has died."""
    bias = net.biases[-1]
    dead = bias is not None and np.allclose(run.before[-1], bias)
    return not dead and not np.all(np.isin(run.prediction, (0.0, 1.0)))


def _activations(layers: int, usual: bool) -> Sequence[Activations]:
    if layers == 3:
        return ACCEPTED if usual else OTHER
    if usual:
        return ()
    kinds = ((S,), ("relu",), ("tanh",), ())
    return [(kind,) * (layers - 1) + (last,) for kind in kinds for last in ((), (S,))]


def _rows(array: Array) -> Array:
    if array.size == 2:
        return np.reshape(array, (1, 2))
    return array if array.shape[1] == 2 else array.T


def _found(net: Net, trial: _Trial, rows: Array, index: int = 0, count: int = 1) -> Found:
    """The pass with the labels that its loss was computed with: the sheet's, or the student's own."""
    prediction = np.ravel(forward(net, rows).prediction)
    own = [labels(rows)]
    for flat in trial.pool.targets:
        if flat.size == count and count > 1 and len(rows) == 1:
            own.append(flat[index : index + 1])
        elif flat.size == len(rows):
            own.append(flat)
    for y in own:
        squares = float(np.sum((prediction - y) ** 2))
        factors = (1.0, 0.5, 1.0 / len(rows), 0.5 / len(rows))
        seen = [f for f in factors if squares > 1e-9 and trial.pool.holds(np.array([f * squares]), 2e-5)]
        # Several may stand there, printed on the way; the one that was differentiated is the student's loss.
        seen.sort(key=lambda f: not np.any(np.isclose(trial.pool.losses, f * squares, rtol=1e-4)))
        if seen:
            return Found(net, rows, y, seen[0], True, trial.swapped, trial.framework, trial.at)
    for y in own:
        if trial.pool.holds(prediction - y, 2e-5) or trial.pool.holds(2 * (prediction - y), 2e-5):
            return Found(net, rows, y, 1.0, False, trial.swapped, trial.framework, trial.at)
    return Found(net, rows, own[0], 1.0, False, trial.swapped, trial.framework, trial.at)
