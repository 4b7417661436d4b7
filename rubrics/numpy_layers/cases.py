"""The inputs on which the layers of sheet 004 are judged: a ladder for each of Linear, ReLU, CrossEntropyLoss, Conv1d.

Public cases are small whole numbers, the same in every run, to be redone by hand. Hidden ones are drawn from the run's
generator: square ones (a forgotten transpose gives wrong numbers instead of an error), then ragged ones. Two hidden
cases share a shape, so that a value kept from the first call shows; in one public case the same object has seen another
batch before (`X_before`, at `W_before`), with W and b set anew in between: gradients that add up and weights that were
kept show there, and nothing else does.
Names are unique: runs are kept by them. Every array is float64, so that `W -= ...` works.
What the layers should answer does not stand here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.rubric import Case

Array = NDArray[np.float64]

SMALL, LARGE = 0.02, 20.0  # sizes of inputs, beside the ordinary 1
MANY = 23  # samples, as no small case has
USED_BEFORE = "a layer that has seen another batch"
SAVED_INPUT = (
    "Your backward works on what forward saved, not on the input that it is given. In this network the two are the "
    "same, so it costs nothing; but a second forward before backward would give the wrong gradient."
)
OTHER_INPUT = "backward on another input than forward"
OVERFLOW = (
    "With logits near 1000 the exponential overflows and the result is no longer a number. The sheet's formula does "
    "the same, so it costs nothing; subtracting each row's maximum from its logits first cures it."
)


# -- Linear


def linear_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Cases for Q1: n, k, X (m×n), W (n×k), b (1×k), dY (m×k), lr."""
    yield _linear(
        "the sheet's example", [[1, 3], [2, 5]], [[2, 1], [2, 1]], [[0, 0]], [[1, 1], [1, 1]], 0.05,
        public=True, square=True,
    )  # fmt: skip
    yield _linear(
        "two samples, a bias, gradients of both signs",
        [[1, 2], [3, -1]], [[1, 2], [0, -3]], [[1, -1]], [[1, -2], [3, 1]], 0.5, public=True, square=True,
    )  # fmt: skip
    yield _linear(
        "two samples, three inputs, one output",
        [[1, 2, -1], [0, 3, 2]], [[2], [-1], [3]], [[4]], [[1], [-3]], 0.1, public=True,
    )  # fmt: skip
    yield _linear(
        "one sample, two inputs, three outputs", [[2, -3]], [[1, 0, 2], [4, -1, 1]], [[1, 2, 3]], [[1, -2, 3]], 2,
        public=True,
    )  # fmt: skip
    yield _linear(
        USED_BEFORE, [[1, 2], [3, -1]], [[1, 2], [0, -3]], [[1, -1]], [[1, -2], [3, 1]], 0.5, public=True, square=True,
        X_before=_floats([[-2, 1], [1, 3]]), W_before=_floats([[-1, 3], [2, 1]]), dY_before=_floats([[2, 1], [-1, 1]]),
    )  # fmt: skip
    for name, size, lr in (("first square", 3, 0.37), ("second square", 3, 1.7), ("third square", 4, 5.0)):
        yield _drawn_linear(rng, name, size, size, size, lr, square=True)
    m, n, k = _three_sizes(rng)
    yield _drawn_linear(rng, "first ragged", m, n, k, 1.7)
    yield _drawn_linear(rng, "second ragged", m, n, k, 0.37)
    yield _drawn_linear(rng, "a large step", *_three_sizes(rng), 5.0)
    yield _drawn_linear(rng, "a small step, large values", *_three_sizes(rng), 0.013, scale=LARGE)
    yield _drawn_linear(rng, "one sample, drawn", 1, *_three_sizes(rng)[:2], 0.83)
    yield _drawn_linear(rng, "many samples", MANY, *_three_sizes(rng)[:2], 0.29)
    m, n, k = _three_sizes(rng)
    yield _drawn_linear(rng, OTHER_INPUT, m, n, k, 0.7, advice=SAVED_INPUT, X_backward=_mixed(rng, m, n))


def _linear(name: str, X: Any, W: Any, b: Any, dY: Any, lr: float, **special: Any) -> Case:
    W = _floats(W)
    inputs = {"n": W.shape[0], "k": W.shape[1], "X": _floats(X), "W": W, "b": _floats(b), "dY": _floats(dY)}
    return _case(name, {**inputs, "lr": float(lr)}, special)


def _drawn_linear(
    rng: np.random.Generator, name: str, m: int, n: int, k: int, lr: float, scale: float = 1, **special: Any
) -> Case:
    X, W, b, dY = (_mixed(rng, *shape) for shape in ((m, n), (n, k), (1, k), (m, k)))
    return _linear(name, scale * X, W, b, scale * dY, lr, **special)


# -- ReLU


def relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Cases for Q3: X and dY of one shape; exact zeros in X have a case of their own, which costs a tenth of dX.

    Inputs of other sizes show a threshold beside 0 and a cap.
    """
    yield _relu("the sheet's example", [[2, -2], [-2, 2]], [[1, 1], [1, 1]], public=True, square=True)
    yield _relu("gradients of both signs", [[3, -1], [2, -4]], [[5, 7], [-6, -8]], public=True, square=True)
    yield _relu(
        "two samples of three", [[-1, 2, -3], [4, -5, 6]], [[10, -20, -30], [40, 50, -60]], public=True
    )  # fmt: skip
    yield _relu(
        USED_BEFORE, [[3, -1], [2, -4]], [[5, 7], [-6, -8]], public=True, square=True,
        X_before=_floats([[-3, 1], [2, 4]]), dY_before=_floats([[2, 1], [-1, 1]]),
    )  # fmt: skip
    yield _relu("one sample", [[5, -2, 1, -3]], [[-1, 2, 3, -4]], public=True)
    for name, size in (("first square", 3), ("second square", 3), ("third square", 4)):
        yield _drawn_relu(rng, name, size, size, square=True)
    m, n, _ = _three_sizes(rng)
    yield _drawn_relu(rng, "first ragged", m, n)
    yield _drawn_relu(rng, "second ragged", m, n)
    yield _drawn_relu(rng, "third ragged", n, m)
    yield _drawn_relu(rng, "one sample, drawn", 1, n)
    yield _drawn_relu(rng, "small inputs", m, n, scale=SMALL)
    yield _drawn_relu(rng, "large inputs", n, m, scale=LARGE)
    yield _relu(
        "inputs that are exactly 0", [[0, 2, -1], [3, 0, 0]], [[4, -5, 6], [7, -8, 9]], public=True, costs={"dX": 0.1}
    )  # fmt: skip
    yield _drawn_relu(rng, OTHER_INPUT, m, n, advice=SAVED_INPUT, X_backward=_mixed(rng, m, n))


def _relu(name: str, X: Any, dY: Any, **special: Any) -> Case:
    return _case(name, {"X": _floats(X), "dY": _floats(dY)}, special)


def _drawn_relu(rng: np.random.Generator, name: str, m: int, n: int, scale: float = 1, **special: Any) -> Case:
    X = scale * _mixed(rng, m, n)
    X[0, 0] = -abs(X[0, 0])  # numpy.vectorize takes its type from the first entry: a whole 0 there truncates the rest
    return _relu(name, X, _mixed(rng, m, n), **special)


# -- CrossEntropyLoss


def cross_entropy_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Cases for Q7: logits and one-hot y, both N×C.

    Logits stay within ±2, so that every probability is above 0.005 and a small constant inside the logarithm is below
    the tolerance; overflow has a case of its own, which is advice.
    """
    yield _cross_entropy("one sample, two equal logits", [[1, 1]], [1], public=True)
    yield _cross_entropy("two samples, two classes", [[1, 0], [2, 1]], [0, 1], public=True, square=True)
    yield _cross_entropy("two samples, three classes", [[0, 1, 2], [1, -1, 1]], [2, 1], public=True)
    yield _cross_entropy("three samples, two classes", [[1, 2], [-1, 1], [0, 2]], [0, 1, 0], public=True)
    yield _cross_entropy(
        USED_BEFORE, [[1, 0], [2, 1]], [0, 1], public=True, square=True,
        logits_before=_floats([[-1, 1], [0, 2]]), y_before=_floats([[1, 0], [1, 0]]),
    )  # fmt: skip
    for name, size in (("first square", 3), ("second square", 3), ("third square", 4)):
        yield _drawn_cross_entropy(rng, name, size, size, square=True)
    N, C = (int(size) for size in rng.permutation(np.arange(2, 7))[:2])
    yield _drawn_cross_entropy(rng, "first ragged", N, C)
    yield _drawn_cross_entropy(rng, "second ragged", N, C)
    yield _drawn_cross_entropy(rng, "third ragged", C, N)
    yield _drawn_cross_entropy(rng, "one sample, drawn", 1, 5)
    yield _drawn_cross_entropy(rng, "more samples than classes", 7, 3)
    huge = [[1000, 1001, 999], [-1000, -1001, -999.5]]
    yield _cross_entropy("logits near 1000", huge, [0, 2], advice=OVERFLOW)
    other = rng.uniform(-1.8, 1.8, (N, C))
    yield _drawn_cross_entropy(rng, OTHER_INPUT, N, C, advice=SAVED_INPUT, logits_backward=other)


def _cross_entropy(name: str, logits: Any, classes: Sequence[int], **special: Any) -> Case:
    logits = _floats(logits)
    return _case(name, {"logits": logits, "y": np.eye(logits.shape[1])[np.asarray(classes)]}, special)


def _drawn_cross_entropy(rng: np.random.Generator, name: str, N: int, C: int, **special: Any) -> Case:
    logits, classes = rng.uniform(-1.8, 1.8, (N, C)), rng.integers(C, size=N)
    return _cross_entropy(name, logits, [int(c) for c in classes], **special)


# -- Conv1d


def conv1d_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Cases for Q10: half_width a, pad p, X (B×T), W (1×(1+2a)), b (1×1), dY (B×(T+2p-2a)), lr.

    Square ones are those whose output is as long as their input (p = a). Padding beyond the kernel's reach (p > 2a) is
    nothing that the sheet's nets use, and breaks solutions that widen dY by 2a - p: it costs a tenth of dX.
    """
    signal = [[1, 2, 3, 4, 5, 6]]
    yield _conv1d("the sheet's signal a … f, no padding", 0, signal, [[1, 10, 100]], 0, [[1, 0, 0, -1]], 1, public=True)
    yield _conv1d(
        "the sheet's signal a … f, padded by 1", 1, signal, [[1, 10, 100]], 7, [[1, -2, 0, 3, 0, -1]], 0.5,
        public=True, square=True,
    )  # fmt: skip
    yield _conv1d(
        "two signals, padding 1", 1, [[1, 2, -1], [3, 0, 2]], [[2, -1, 1]], 1, [[1, -1, 2], [3, 1, -2]], 0.1,
        public=True, square=True,
    )  # fmt: skip
    yield _conv1d(
        "a kernel of one entry", 0, [[1, -2, 3], [4, 5, -6]], [[3]], -1, [[1, 2, -1], [2, -3, 1]], 0.5,
        public=True, square=True,
    )  # fmt: skip
    yield _conv1d(
        USED_BEFORE, 1, [[1, 2, -1], [3, 0, 2]], [[2, -1, 1]], 1, [[1, -1, 2], [3, 1, -2]], 0.1,
        public=True, square=True,
        X_before=_floats([[-2, 1, 3], [1, 1, -1]]), W_before=_floats([[-1, 3, 2]]),
        dY_before=_floats([[2, 1, 0], [-1, 1, 3]]),
    )  # fmt: skip
    for a, p, B, T, lr in ((1, 1, 3, 4, 0.37), (1, 1, 3, 4, 1.7), (2, 2, 4, 6, 0.83)):
        yield _drawn_conv1d(rng, a, p, B, T, lr, square=True)
    for a, p, T, lr in (
        (1, 0, 5, 1.7),
        (1, 2, 4, 0.37),
        (2, 3, 6, 5.0),
        (2, 0, 7, 0.37),
        (2, 1, 5, 1.7),
        (3, 2, 7, 0.83),
    ):
        yield _drawn_conv1d(rng, a, p, int(rng.integers(2, 6)), T, lr)
    yield _drawn_conv1d(rng, 3, 0, 1, 7, 1.7)
    yield _drawn_conv1d(rng, 2, 2, 3, 6, 0.013, name="a small step, large values", scale=LARGE)
    yield _drawn_conv1d(rng, 1, 3, 2, 5, 0.37, name="padding beyond the kernel's reach", costs={"dX": 0.1})
    yield _drawn_conv1d(rng, 1, 1, 2, 6, 0.7, name=OTHER_INPUT, advice=SAVED_INPUT, X_backward=_mixed(rng, 2, 6))


def _conv1d(name: str, pad: int, X: Any, W: Any, b: float, dY: Any, lr: float, **special: Any) -> Case:
    X, W = _floats(X), _floats(W)
    inputs = {"half_width": W.shape[1] // 2, "pad": pad, "X": X, "W": W, "b": _floats([[b]]), "dY": _floats(dY)}
    return _case(name, {**inputs, "lr": float(lr)}, special)


def _drawn_conv1d(
    rng: np.random.Generator,
    a: int,
    p: int,
    B: int,
    T: int,
    lr: float,
    name: str = "",
    scale: float = 1,
    **special: Any,
) -> Case:
    name = name or f"half width {a}, padding {p}, {B} signals of {T}, lr {lr}"
    W, dY = _mixed(rng, 1, 1 + 2 * a), _mixed(rng, B, T + 2 * p - 2 * a)
    return _conv1d(name, p, scale * _mixed(rng, B, T), W, float(rng.uniform(0.5, 2)), scale * dY, lr, **special)


# -- drawing and wrapping


def _case(name: str, inputs: dict[str, Any], special: dict[str, Any]) -> Case:
    """`special` holds Case's own fields and, beside them, further inputs (X_backward)."""
    fields = {field: special.pop(field) for field in ("public", "square", "costs", "advice") if field in special}
    return Case(name, {**inputs, **special}, **fields)


def _floats(values: Any) -> Array:
    return np.array(values, dtype=np.float64)


def _mixed(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Entries between 0.1 and 2 in size, never 0; every second one is negative, in random places."""
    signs = rng.permutation(np.resize([1.0, -1.0], rows * columns))
    return (signs * rng.uniform(0.1, 2.0, rows * columns)).reshape(rows, columns)


def _three_sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """Three different sizes from 2 to 7."""
    m, n, k = (int(size) for size in rng.permutation(np.arange(2, 8))[:3])
    return m, n, k
