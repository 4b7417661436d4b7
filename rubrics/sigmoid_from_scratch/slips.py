"""Backpropagation with one slip each: what a misconception computes for the same net and sample. Named in `faults`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import (
    Gradients,
    Net,
    Pass,
    chain_slope,
    forward,
    gradients,
    sigmoid,
)


class Backward:
    """Backpropagation with every step open to a slip."""

    def __init__(self, net: Net) -> None:
        self.net = net

    def run(self, x: Array) -> Pass:
        return forward(self.net, x)

    def start(self, run: Pass, y: Array) -> Array:
        return np.asarray(2 * (run.prediction - y.reshape(run.prediction.shape)))

    def slope(self, run: Pass, layer: int) -> Array:
        return chain_slope(self.net.activations[layer], run.before[layer])

    def through(self, error: Array, layer: int) -> Array:
        """The error in front of a layer's weights."""
        return np.asarray(error @ self.net.weights[layer])

    def below(self, run: Pass, layer: int) -> Array:
        return run.inputs if layer == 0 else run.after[layer - 1]

    def bias(self, error: Array) -> Array:
        return np.asarray(error.sum(axis=0))

    def __call__(self, x: Array, y: Array) -> Gradients:
        run = self.run(x)
        error = self.start(run, np.asarray(y, dtype=float))
        errors: list[Array] = []
        layers = range(len(self.net.weights))
        for layer in reversed(layers):
            error = error * self.slope(run, layer)
            errors.insert(0, error)
            error = self.through(error, layer)
        weights = tuple(errors[layer].T @ self.below(run, layer) for layer in layers)
        return Gradients(weights, tuple(map(self.bias, errors)), tuple(errors))


class NoSlope(Backward):
    def slope(self, run: Pass, layer: int) -> Array:
        return np.ones_like(run.before[layer])


class NoSlopeFirst(Backward):
    def slope(self, run: Pass, layer: int) -> Array:
        return np.ones_like(run.before[layer]) if layer == 0 else super().slope(run, layer)


class NoSlopeSecond(Backward):
    def slope(self, run: Pass, layer: int) -> Array:
        return np.ones_like(run.before[layer]) if layer == 1 else super().slope(run, layer)


class NoTwo(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return np.asarray(super().start(run, y) / 2)


class Negated(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return -super().start(run, y)


class NegatedNoTwo(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return -super().start(run, y) / 2


class LossForError(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return np.asarray((run.prediction - y.reshape(run.prediction.shape)) ** 2)


class SlopeOfActivation(Backward):
    """σ'(h) in place of σ'(z)."""

    def slope(self, run: Pass, layer: int) -> Array:
        if not self.net.activations[layer]:
            return np.ones_like(run.before[layer])
        s = sigmoid(run.after[layer])
        return np.asarray(s * (1 - s))


class SlopeFromZ(Backward):
    """z (1 - z) in place of h (1 - h)."""

    def slope(self, run: Pass, layer: int) -> Array:
        z = run.before[layer]
        return np.asarray(z * (1 - z)) if self.net.activations[layer] else np.ones_like(z)


class SigmoidForSlope(Backward):
    """σ(z) in place of its derivative."""

    def slope(self, run: Pass, layer: int) -> Array:
        return run.after[layer] if self.net.activations[layer] else np.ones_like(run.before[layer])


class OutputSlope(Backward):
    """A sigmoid's derivative on the linear output: p (1 - p)."""

    def slope(self, run: Pass, layer: int) -> Array:
        last = layer == len(self.net.weights) - 1
        if last and not self.net.activations[layer]:
            return np.asarray(run.prediction * (1 - run.prediction))
        return super().slope(run, layer)


class OutputSlopeOfZ(Backward):
    """A sigmoid's derivative on the linear output: σ'(z)."""

    def slope(self, run: Pass, layer: int) -> Array:
        last = layer == len(self.net.weights) - 1
        if last and not self.net.activations[layer]:
            s = sigmoid(run.prediction)
            return np.asarray(s * (1 - s))
        return super().slope(run, layer)


class NoOutputSlope(Backward):
    def slope(self, run: Pass, layer: int) -> Array:
        last = layer == len(self.net.weights) - 1
        return np.ones_like(run.prediction) if last else super().slope(run, layer)


class OtherSlope(Backward):
    """The derivatives of the two hidden layers exchanged."""

    def slope(self, run: Pass, layer: int) -> Array:
        last = len(self.net.weights) - 1
        if layer < last and last == 2 and run.before[0].shape == run.before[1].shape:
            return super().slope(run, 1 - layer)
        return super().slope(run, layer)


class OtherActivation(Backward):
    """The activations of the two hidden layers exchanged in the products for the weights."""

    def below(self, run: Pass, layer: int) -> Array:
        if len(self.net.weights) == 3 and layer > 0 and run.after[0].shape == run.after[1].shape:
            return run.after[2 - layer]
        return super().below(run, layer)


class BeforeActivation(Backward):
    """z of the layer below in place of its activation."""

    def below(self, run: Pass, layer: int) -> Array:
        return run.inputs if layer == 0 else run.before[layer - 1]


class NoTranspose(Backward):
    """The square weights in the middle are not transposed on the way back."""

    def through(self, error: Array, layer: int) -> Array:
        weight = self.net.weights[layer]
        return np.asarray(error @ (weight.T if weight.shape[0] == weight.shape[1] else weight))


class WrongLayer(Backward):
    """The error skips the second layer: W3 leads straight to the first."""

    def __call__(self, x: Array, y: Array) -> Gradients:
        right = super().__call__(x, y)
        if len(self.net.weights) != 3 or self.net.weights[2].shape[1] != self.net.weights[1].shape[1]:
            return right
        run = self.run(x)
        first = self.through(right.errors[2], 2) * self.slope(run, 0)
        weights = (first.T @ run.inputs, *right.weights[1:])
        return Gradients(weights, (self.bias(first), *right.biases[1:]), (first, *right.errors[1:]))


class WeightsIgnored(Backward):
    """The error reaches the layer below without its weights (summed)."""

    def through(self, error: Array, layer: int) -> Array:
        return np.repeat(error.sum(axis=1, keepdims=True), self.net.weights[layer].shape[1], axis=1)


class SummedBias(Backward):
    """One number for all biases of a layer."""

    def bias(self, error: Array) -> Array:
        return np.atleast_1d(error.sum())


class NoBiasForward(Backward):
    """The own forward pass leaves the biases out."""

    def __init__(self, net: Net) -> None:
        super().__init__(replace(net, biases=(None,) * len(net.biases)))


class NoFirstActivation(Backward):
    """The own forward pass has no sigmoid after the first hidden layer."""

    def __init__(self, net: Net) -> None:
        super().__init__(replace(net, activations=((), *net.activations[1:])))


class NoSecondActivation(Backward):
    """The own forward pass has no sigmoid after the second hidden layer."""

    def __init__(self, net: Net) -> None:
        super().__init__(replace(net, activations=(net.activations[0], (), *net.activations[2:])))


class SquashedForward(Backward):
    """The own forward pass has a sigmoid on the output, where the net has none."""

    def __init__(self, net: Net) -> None:
        last = net.activations[-1] or ("sigmoid",)
        super().__init__(replace(net, activations=(*net.activations[:-1], last)))


def stepped_first(net: Net, x: Array, y: Array, rate: float = 0.05) -> Gradients:
    """Each layer's weights are updated before the error passes through them."""
    right = gradients(net, x, y)
    run = forward(net, x)
    error = right.errors[-1]
    errors = [error]
    for layer in reversed(range(1, len(net.weights))):
        below = run.after[layer - 1]
        moved = net.weights[layer] - rate * error.T @ below
        error = (error @ moved) * chain_slope(net.activations[layer - 1], run.before[layer - 1])
        errors.insert(0, error)
    belows = (run.inputs, *run.after[:-1])
    return Gradients(
        tuple(e.T @ h for e, h in zip(errors, belows, strict=True)), tuple(e.sum(axis=0) for e in errors), tuple(errors)
    )
