"""Steps 1 to 5 judged by a run: the net, the data, the labels, the loss, one pass and its learning rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import LISTED, RATE, SAMPLES, WIDTHS, forward, labels
from rubrics.sigmoid_from_scratch.marks import NOTHING, RIGHT, UNCLEAR, WRONG, Mark, wrong
from rubrics.sigmoid_from_scratch.names import is_gradient
from rubrics.sigmoid_from_scratch.passes import ACCEPTED, Found
from rubrics.sigmoid_from_scratch.trace import Parts, Trace, distinct

_LINEAR: Final = re.compile(r"^\w*Linear\((\d+),(\d+),(True|False)\)$")
_RATE_NAME: Final = re.compile(
    r"^(?:self\.|\w+\.)?(lr|l_r|learning_?rate|eta|alpha|rate|step_?size|stepsize)$", re.IGNORECASE
)
_UNEVEN: Final = 1.63  # Kolmogorov's bound: uniform numbers exceed it in one case of a hundred


# --- step 1 -----------------------------------------------------------------------------------------------------------


def network(trace: Trace, found: Sequence[Found], source: str) -> Mark:
    """A 2-10-10-1 net of sigmoids, as PyTorch's network or as arrays that a pass went through."""
    marks = [_by_parts(parts) for parts in trace.nets if parts.ordered] + [_by_pass(one) for one in found]
    for kind in (RIGHT, WRONG, UNCLEAR):
        for mark in marks:
            if mark.kind == kind:
                return mark
    linear = [parts for parts in trace.nets if [p for p in parts.parts if _LINEAR.match(p)]]
    if linear:
        widths = _widths(linear[-1].parts)
        if widths is not None and widths != WIDTHS:
            return Mark(WRONG, why=f"The network is {_dashed(widths)}; {_dashed(WIDTHS)} is asked for.")
        return Mark(UNCLEAR, why="the network's layers are there, but no pass through it was found")
    if re.search(r"Linear\s*\(|Sequential|\bW\d?\b|weight", source):
        return Mark(UNCLEAR, why="no pass through the network was found, so its shape could not be read")
    return NOTHING


def _by_parts(parts: Parts) -> Mark:
    kinds: list[list[str]] = []
    for part in parts.parts:
        if _LINEAR.match(part):
            kinds.append([])
        elif kinds and part in ("Sigmoid", "Tanh", "ReLU"):
            kinds[-1].append(part.lower())
        elif part not in ("Flatten", "Identity", "Dropout"):
            return Mark(UNCLEAR, why=f"the network holds a {part.partition('(')[0]}")
    widths = _widths(parts.parts)
    if widths is None:
        return NOTHING
    activations = tuple(map(tuple, kinds))
    if widths == WIDTHS[:-1] and activations == LISTED[:2]:
        return Mark(RIGHT, note="This is the sheet's code as listed; its print shows a third layer Linear(10, 1).")
    return _shape(widths, activations, all(part.endswith("True)") for part in parts.parts if _LINEAR.match(part)))


def _by_pass(found: Found) -> Mark:
    return _shape(found.net.widths, found.net.activations, all(bias is not None for bias in found.net.biases))


def _shape(widths: tuple[int, ...], activations: tuple[tuple[str, ...], ...], biases: bool) -> Mark:
    if widths != WIDTHS:
        return Mark(WRONG, why=f"The network is {_dashed(widths)}; {_dashed(WIDTHS)} is asked for.")
    if activations not in ACCEPTED:
        others = {kind for kinds in activations for kind in kinds} - {"sigmoid"}
        if others:
            return Mark(WRONG, why=f"The network uses {' and '.join(sorted(others))}; sigmoids are asked for.")
        bare = [layer for layer in (1, 2) if not activations[layer - 1]]
        if bare:
            return Mark(WRONG, why=f"There is no sigmoid after hidden layer {' and '.join(map(str, bare))}.")
        return Mark(UNCLEAR, why="its sigmoids stand in an order that the sheet does not have")
    if not biases:
        return Mark(UNCLEAR, why="the network has no biases, or not in every layer; the sheet's has")
    return Mark(RIGHT)


def _widths(parts: Sequence[str]) -> tuple[int, ...] | None:
    pairs = [(int(found[1]), int(found[2])) for part in parts if (found := _LINEAR.match(part))]
    if not pairs or any(a[1] != b[0] for a, b in pairwise(pairs)):
        return None
    return (pairs[0][0], *(out for _, out in pairs))


def _dashed(widths: Sequence[int]) -> str:
    return "-".join(map(str, widths))


# --- steps 2 and 3 ----------------------------------------------------------------------------------------------------


def points(trace: Trace) -> list[Array]:
    """What may be the data set, as (n, 2): earlier ones first, those of 100 points before others."""
    found = []
    for value in distinct(trace.values):
        array = np.squeeze(value.array) if value.array.ndim > 2 else value.array
        weights = value.tag in ("module", "parameter", "autograd") or is_gradient(value.path)
        if not weights and array.ndim == 2 and 2 in array.shape and array.size >= 30:
            rows = array if array.shape[1] == 2 else array.T
            found.append((len(rows) != SAMPLES, value.at, rows))
    lines = [
        v for v in distinct(trace.values) if np.squeeze(v.array).shape == (SAMPLES,) and v.tag in ("tensor", "array")
    ]
    for first, second in pairwise(lines):
        if re.search(r"x", first.path, re.IGNORECASE) and re.search(r"x", second.path, re.IGNORECASE):
            found.append((False, second.at, np.stack([np.ravel(first.array), np.ravel(second.array)], axis=1)))
    return [rows for _, _, rows in sorted(found, key=lambda one: one[:2])]


def data(trace: Trace, source: str) -> Mark:
    """100 points in two dimensions, drawn from a uniform distribution."""
    sets = points(trace)
    if not sets:
        return NOTHING
    rows = sets[0]
    if len(rows) != SAMPLES:
        return Mark(WRONG, why=f"There are {len(rows)} points; {SAMPLES} are asked for.")
    even = all(uneven(rows[:, axis]) < _UNEVEN for axis in (0, 1))
    normal = re.search(r"randn\w*\s*\(|\.normal_?\s*\(|standard_normal", source)
    drawn = re.search(
        r"rand\s*\(|uniform|random_sample|random\.random|\.random\s*\(|rand_like|ranf|sample\s*\(", source
    )
    if not np.ptp(rows[:, 0]):
        return Mark(WRONG, why="All points are the same.")
    if even and drawn:
        return Mark(RIGHT)
    if normal and not even:
        return wrong("normal-data")
    if not drawn:
        return Mark(UNCLEAR, why="the points are there, but how they were drawn could not be read")
    return Mark(UNCLEAR, why="the points do not look evenly spread")


def uneven(column: Array) -> float:
    """How far numbers are from an even spread between their least and greatest: √n times Kolmogorov's distance."""
    ordered = np.sort(column)
    span = float(ordered[-1] - ordered[0])
    if not span:
        return float("inf")
    at = (ordered - ordered[0]) / span
    steps = np.arange(1, len(at) + 1) / len(at)
    return float(np.sqrt(len(at)) * max(np.max(np.abs(at - steps)), np.max(np.abs(at - steps + 1 / len(at)))))


_SLIPS: Final[tuple[tuple[str, Callable[[Array], Array]], ...]] = (
    ("not-halved", lambda x: x[:, 0] ** 2 + x[:, 1] ** 2),
    ("square-of-sum", lambda x: (x[:, 0] + x[:, 1]) ** 2 / 2),
    ("half-sum", lambda x: (x[:, 0] + x[:, 1]) / 2),
)


def targets(trace: Trace, found: Sequence[Found]) -> Mark:
    """The labels of the whole data set."""
    sets = points(trace)
    values = [v for v in distinct(trace.values) if v.tag not in ("module", "autograd", "bool")]
    for rows in sets:
        fitting = [v for v in values if v.array.size == len(rows)]
        if any(_agree(v.array, labels(rows)) for v in fitting):
            return Mark(RIGHT)
    for rows in sets[:1]:
        fitting = [v for v in values if v.array.size == len(rows)]
        for id, make in _SLIPS:
            if any(_agree(v.array, make(rows)) for v in fitting):
                return wrong(id)
        named = [v for v in fitting if re.match(r"^(y|t|label|target)", v.path.lower()) and not v.scope]
        if named:
            return Mark(WRONG, why=f"`{named[-1].path}` is not (x1² + x2²) / 2 of the points.")
    for one in found:
        if any(_agree(v.array, labels(one.x)) for v in values if v.array.size == len(one.x)):
            return Mark(UNCLEAR, why="only the label of the one sample was found")
    return NOTHING


def _agree(got: Array, want: Array) -> bool:
    return bool(np.allclose(np.ravel(got), np.ravel(want), rtol=1e-4, atol=2e-6))


# --- step 4 -----------------------------------------------------------------------------------------------------------


def loss(trace: Trace, found: Sequence[Found]) -> Mark:
    """The loss, by a function that can be called or by the loss of a pass."""
    judged = [_probed(values, cases) for one in trace.losses for values, cases in [(one.values, one.cases)]]
    if any(mark.kind == RIGHT for mark in judged):
        return Mark(RIGHT)
    seen = [one for one in found if one.loss_seen]
    if any(one.factor == 1.0 or np.isclose(one.factor, 1 / len(one.x)) for one in seen):
        return Mark(RIGHT)
    if seen:
        return wrong("half-loss")
    named = [mark for mark in judged if mark.kind == WRONG and mark.faults] or [m for m in judged if m.kind == WRONG]
    if named:
        return named[0]
    return _by_value(trace, found)


def _probed(values: Sequence[Array], cases: Sequence[tuple[Array, Array]]) -> Mark:
    differences = [np.ravel(a - b) for a, b in cases]
    right: tuple[Callable[[Array], Array], ...] = (np.sum, np.mean, np.asarray)
    for fold in right:
        if all(_agree_loss(v, fold(d**2)) for v, d in zip(values, differences, strict=True)):
            return Mark(RIGHT)
    slips: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("half-loss", lambda d: d**2 / 2),
        ("absolute", np.abs),
        ("signed", lambda d: d),
        ("signed", lambda d: -d),
    )
    for id, slip in slips:
        for fold in right:
            if all(_agree_loss(v, fold(slip(d))) for v, d in zip(values, differences, strict=True)):
                return wrong(id)
    if any(all(_agree_loss(v, np.sqrt(f(d**2))) for v, d in zip(values, differences, strict=True)) for f in right[:2]):
        return wrong("root")
    return Mark(WRONG, why="The loss function does not give Σ (prediction - y)².")


def _agree_loss(got: Array, want: Array) -> bool:
    return got.size == np.size(want) and bool(np.allclose(np.ravel(got), np.ravel(want), rtol=1e-4))


def _by_value(trace: Trace, found: Sequence[Found]) -> Mark:
    """A loss that is only a value, beside the prediction and the label of its pass."""
    values = [v for v in distinct(trace.values) if v.array.size == 1 and re.search(r"loss|cost|^l$|^L$|mse", v.path)]
    for one in found:
        d = float(np.ravel(forward(one.net, one.x).prediction - one.y.reshape(-1, 1))[0])
        for id, number in (("absolute", abs(d)), ("signed", d), ("signed", -d)):
            if any(np.allclose(v.array, number, rtol=1e-4) for v in values):
                return wrong(id)
    if values or found:
        return Mark(UNCLEAR, why="how the loss is computed could not be read")
    return NOTHING


# --- step 5 -----------------------------------------------------------------------------------------------------------


def one_pass(found: Sequence[Found], loss_mark: Mark) -> Mark:
    """A forward pass on one sample."""
    single = [one for one in found if len(one.x) == 1]
    if any(one.loss_seen for one in single) or (single and loss_mark.kind == WRONG):
        return Mark(RIGHT)
    if single:
        return Mark(UNCLEAR, why="the prediction is there, but no loss of this pass was found")
    if found:
        return wrong("whole-batch", f"{len(found[0].x)} points went through the net at once.")
    return NOTHING


def rate(trace: Trace, source: str) -> Mark:
    """The learning rate of an optimizer, or under a name."""
    seen = _rates(trace)
    if any(np.isclose(value, RATE) for value in seen):
        return Mark(RIGHT)
    if seen:
        return wrong("other-rate", f"It is {seen[-1]:g}.")
    if re.search(r"(?<![\d.])(?:0?\.050*(?![\d])|0*5(?:\.0*)?e-0*2(?!\d))", source, re.IGNORECASE):
        return Mark(RIGHT)
    return NOTHING


def rates(trace: Trace) -> list[float]:
    """The learning rates of a run, each once; the sheet's where none was found."""
    positive = [value for value in _rates(trace) if value > 0]
    return list(dict.fromkeys(positive))[:4] or [RATE]


def _rates(trace: Trace) -> list[float]:
    named = [float(v.array.ravel()[0]) for v in trace.values if v.array.size == 1 and _RATE_NAME.match(v.path)]
    return [*trace.rates, *named]
