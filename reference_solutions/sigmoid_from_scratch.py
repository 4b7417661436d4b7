"""Sheet 001: a 2-10-10-1 net of sigmoids, one pass on one sample, its loss and its gradients. numpy alone.

    z₁ = W₁ x + b₁   h₁ = σ(z₁)   z₂ = W₂ h₁ + b₂   h₂ = σ(z₂)   p = W₃ h₂ + b₃   L = Σ (p - y)²

The sheet seeds neither data nor weights, so everything here is computed for weights and a sample that are given.
Nothing here judges a student.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WIDTHS = (2, 10, 10, 1)
SAMPLES = 100
RATE = 0.05
PRINTED = (("sigmoid",), ("sigmoid",), ())  # the activations of the net that the sheet prints
LISTED = (("sigmoid", "sigmoid", "sigmoid"), (), ())  # and those of its code, line by line
SQUASHED = (("sigmoid",), ("sigmoid",), ("sigmoid",))  # with a sigmoid on the output as well

Activations = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Net:
    """Weights (outputs, inputs) and biases (outputs,) from the input to the output; `activations` by layer.

    A layer's activations are applied one after the other: "sigmoid", "tanh" or "relu". A layer may have no bias.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array | None, ...]
    activations: Activations = PRINTED

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.weights[0].shape[1], *(weight.shape[0] for weight in self.weights))


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass: by layer the value before activation and after it, rows are samples."""

    inputs: Array
    before: tuple[Array, ...]
    after: tuple[Array, ...]

    @property
    def prediction(self) -> Array:
        return self.after[-1]


@dataclass(frozen=True, eq=False)
class Gradients:
    """∂L by weights (outputs, inputs) and biases (outputs,), layer by layer; `errors` are ∂L/∂z, rows are samples."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    errors: tuple[Array, ...]


def labels(x: Array) -> Array:
    """The sheet's labels (x₁² + x₂²) / 2 of points in rows.

    >>> labels(np.array([[0.9861, 0.6680]])).round(4).tolist()
    [0.7093]
    """
    return np.asarray((np.asarray(x)[..., 0] ** 2 + np.asarray(x)[..., 1] ** 2) / 2)


def loss(prediction: Array, y: Array) -> float:
    """L = Σ (p - y)², over all samples.

    >>> loss(np.array([0.5]), np.array([0.25]))
    0.0625
    """
    return float(np.sum((np.ravel(prediction) - np.ravel(y)) ** 2))


def sigmoid(z: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(z) / 2)))  # the same function, without overflow


def activate(kind: str, z: Array) -> Array:
    if kind == "sigmoid":
        return sigmoid(z)
    return np.tanh(z) if kind == "tanh" else np.maximum(z, 0)


def slope(kind: str, z: Array) -> Array:
    """The derivative of an activation at z."""
    if kind == "sigmoid":
        return np.asarray(sigmoid(z) * (1 - sigmoid(z)))
    return np.asarray(1 - np.tanh(z) ** 2) if kind == "tanh" else np.asarray(z > 0, dtype=float)


def forward(net: Net, x: Array) -> Pass:
    """Run points in rows (n, 2), or one point (2,), through the net."""
    rows = np.atleast_2d(np.asarray(x, dtype=float))
    before, after = [], []
    h = rows
    for weight, bias, kinds in zip(net.weights, net.biases, net.activations, strict=True):
        z = h @ weight.T + (0 if bias is None else bias)
        h = chain(kinds, z)
        before.append(z)
        after.append(h)
    return Pass(rows, tuple(before), tuple(after))


def chain(kinds: Sequence[str], z: Array) -> Array:
    for kind in kinds:
        z = activate(kind, z)
    return z


def chain_slope(kinds: Sequence[str], z: Array) -> Array:
    """The derivative of a chain of activations: the product of the slopes, each where it is applied."""
    total = np.ones_like(z)
    for kind in kinds:
        total = total * slope(kind, z)
        z = activate(kind, z)
    return total


def gradients(net: Net, x: Array, y: Array) -> Gradients:
    """∂L by every parameter, summed over the samples.

    >>> net = Net((np.array([[1.0, 2.0]]),), (np.array([0.5]),), ((),))
    >>> g = gradients(net, np.array([3.0, 4.0]), np.array([10.0]))  # p = 11.5, 2 (p - y) = 3
    >>> g.weights[0].tolist(), g.biases[0].tolist()
    ([[9.0, 12.0]], [3.0])
    """
    run = forward(net, x)
    error = 2 * (run.prediction - np.reshape(np.asarray(y, dtype=float), run.prediction.shape))
    errors: list[Array] = []
    for layer in reversed(range(len(net.weights))):
        error = error * chain_slope(net.activations[layer], run.before[layer])
        errors.insert(0, error)
        error = error @ net.weights[layer]
    below = (run.inputs, *run.after[:-1])
    return Gradients(
        tuple(error.T @ h for error, h in zip(errors, below, strict=True)),
        tuple(error.sum(axis=0) for error in errors),
        tuple(errors),
    )


def random_net(rng: np.random.Generator, widths: Sequence[int] = WIDTHS, activations: Activations = PRINTED) -> Net:
    """Weights and biases as PyTorch draws them: uniform within ± 1/√inputs."""
    pairs = list(pairwise(widths))
    weights = tuple(rng.uniform(-1, 1, (out, inp)) / np.sqrt(inp) for inp, out in pairs)
    biases = tuple(rng.uniform(-1, 1, out) / np.sqrt(inp) for inp, out in pairs)
    return Net(weights, biases, activations)
