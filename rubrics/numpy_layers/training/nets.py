"""The nets of sheet 004 made small and hot: what 50 steps of training are tried on, and the reference's own course.

Sizes are small, so that a course costs milliseconds; the start was chosen large enough to move, and such that every
fault leaves the course by far. The run's seed moves every number of it by a few per cent: near enough that this stays
so, and too far for a course that is known beforehand. One hidden unit starts at exactly 0, where the derivative of ReLU
decides whether it ever moves. Inputs are multiples of 1/64, so that float32 loses nothing of them. How a student's
classes are driven through these nets stands in `grader.training`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.training import STEPS, Layer, Net, hot, losses, record_net
from grader.worker.interpreter import execute
from grader.worker.program import Program, Run
from reference_solutions.layers import Conv1d, CrossEntropyLoss, L2Linear, Linear, MSELoss, ReLU, Sigmoid, SimpleNN
from rubrics.numpy_layers.spellings import WEIGHTS

Array = NDArray[np.float64]

MOVED = 0.05  # how far, as a share of it, the seed moves a number of the start

REFERENCE: Mapping[str, Any] = {
    "Linear": Linear,
    "ReLU": ReLU,
    "Sigmoid": Sigmoid,
    "MSELoss": MSELoss,
    "CrossEntropyLoss": CrossEntropyLoss,
    "Conv1d": Conv1d,
    "SimpleNN": SimpleNN,
}


@cache
def sine_net(activation: str, seed: int) -> Net:
    """1-8-6-1 on sixteen points near the sine (Q4 with "ReLU" or "Sigmoid", Q5 with ""; Q6 takes ReLU's)."""
    rng = np.random.default_rng(4 if activation == "Sigmoid" else 2)
    X = _grid(np.linspace(-3.1, 3.1, 16).reshape(-1, 1))
    between = [Layer(activation)] if activation else []
    first, second, third = _linear(rng, 1, 8), _linear(rng, 8, 6), _linear(rng, 6, 1)
    if activation == "ReLU":
        first, second = _resting(first), _resting(second)
    layers = (first, *between, second, *between, third)
    lr = {"Sigmoid": 0.4, "ReLU": 0.09, "": 0.03}[activation]  # no simple multiple of the layers' default, 0.05
    name = f"sine net with {activation or 'no activations'}"
    return _moved(Net(name, layers, "MSELoss", lr, X, _grid(np.sin(X))), seed)


@cache
def classifier(seed: int) -> Net:
    """12-10-8-4 with CrossEntropyLoss on a batch of seven (Q7)."""
    rng = np.random.default_rng(13)
    layers = (
        _resting(_linear(rng, 12, 10)),
        Layer("ReLU"),
        _resting(_linear(rng, 10, 8)),
        Layer("ReLU"),
        _linear(rng, 8, 4),
    )
    X = _grid(rng.uniform(-1, 1, (7, 12)))
    y = np.eye(4)[[0, 1, 2, 3, 1, 2, 0]]
    return _moved(Net("classifier", layers, "CrossEntropyLoss", 0.3, X, y), seed)


@cache
def conv_net(seed: int) -> Net:
    """6-6, two convolutions, one padded and one not, then 6-6-1 on two signals (Q10).

    The Linear in front learns from what both convolutions return as dX.
    """
    rng = np.random.default_rng(28)
    layers = (
        _linear(rng, 6, 6),
        _conv(rng, 2, 3),
        Layer("ReLU"),
        _conv(rng, 1, 0),
        _resting(_linear(rng, 6, 6)),
        Layer("ReLU"),
        _linear(rng, 6, 1),
    )
    X = _grid(rng.uniform(-1.5, 1.5, (2, 6)))
    return _moved(Net("convolutional net", layers, "MSELoss", 0.09, X, _grid(rng.uniform(-1, 1, (2, 1)))), seed)


@cache
def program(net: Net) -> Program:
    """The program of a net, over the names that the sheet gives its classes."""
    return record_net(net, WEIGHTS)


@cache
def reference(net: Net) -> Run:
    """The reference's course through a net."""
    return course(net, {})


@lru_cache(maxsize=64)
def l2_reference(net: Net, lambda_: float) -> Run:
    """The reference's course where every Linear has L2 regularisation."""
    return course(net, {"Linear": lambda n, k: L2Linear(n, k, lambda_)})


def settles(run: Run) -> bool:
    """Whether a course comes to an end below where it began, so that it can be compared."""
    values = losses(run)
    return len(values) == STEPS and values[-1] < values[0]


def course(net: Net, classes: Mapping[str, Any]) -> Run:
    """The course through a net of classes of this process: the reference's, but for those in `classes`."""
    with np.errstate(all="ignore"):
        return execute(program(net), {**REFERENCE, **classes})


@cache
def shared(net: Net) -> Net:
    """The net whose activations are one object."""
    return replace(net, shared=True)


def _moved(net: Net, seed: int) -> Net:
    """The net with the run's own start and inputs, near the chosen ones; what is exactly 0 stays so."""
    rng = np.random.default_rng([seed, 4])

    def near(values: Array) -> Array:
        return values * rng.uniform(1 - MOVED, 1 + MOVED, values.shape)

    layers = [
        layer if layer.W is None or layer.b is None else replace(layer, W=near(layer.W), b=near(layer.b))
        for layer in net.layers
    ]
    return replace(net, layers=tuple(layers), X=_grid(near(net.X)))


def _linear(rng: np.random.Generator, n: int, k: int) -> Layer:
    return Layer("Linear", (n, k), *hot(rng, n, k))


def _conv(rng: np.random.Generator, half_width: int, pad: int) -> Layer:
    size = 1 + 2 * half_width
    W, b = hot(rng, 1, size, size)
    return Layer("Conv1d", (half_width, pad), W, b[:, :1])


def _resting(layer: Layer) -> Layer:
    """The layer with its last unit at exactly 0, whatever comes in: with ReLU's derivative 0 there it stays so."""
    assert layer.W is not None and layer.b is not None
    W, b = layer.W.copy(), layer.b.copy()
    W[:, -1] = 0.0
    b[:, -1] = 0.0
    return replace(layer, W=W, b=b)


def _grid(values: Array) -> Array:
    return np.asarray(np.round(values * 64) / 64)
