"""The catalogue: gradients with one thing wrong, each what a misconception would return for the same net and sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from grader.model import Array, FaultInfo
from reference_solutions.sigmoid_from_scratch import (
    Gradients,
    Net,
    Pass,
    chain_slope,
    forward,
    gradients,
    sigmoid,
)
from rubrics.sigmoid_from_scratch.questions import GRADIENTS


@dataclass(frozen=True)
class Fault:
    """`make` gives the wrong gradients of a net on points; None for faults that are told otherwise than by values."""

    id: str
    question: str
    words: str
    hint: str
    why: str
    make: Callable[[Net, Array, Array], Gradients] | None = None
    labels: tuple[str, ...] = ()

    def info(self) -> FaultInfo:
        return FaultInfo(f"sigmoid.{self.id}", self.question, self.labels, self.words, self.hint, self.why)


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
        return super().start(run, y) / 2


class Negated(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return -super().start(run, y)


class NegatedNoTwo(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return -super().start(run, y) / 2


class LossForError(Backward):
    def start(self, run: Pass, y: Array) -> Array:
        return (run.prediction - y.reshape(run.prediction.shape)) ** 2


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
            return run.prediction * (1 - run.prediction)
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


def _made(kind: type[Backward]) -> Callable[[Net, Array, Array], Gradients]:
    return lambda net, x, y: kind(net)(x, y)


_HINT = "Write the chain rule from the loss to these parameters, one factor a step, and look which factor is not there."


def _value(id: str, kind: type[Backward], words: str, hint: str = _HINT) -> Fault:
    return Fault(id, "Q7", words, hint, kind.__doc__ or words, _made(kind), GRADIENTS)


FAULTS: Final[tuple[Fault, ...]] = (
    _value(
        "no-derivative", NoSlope, "The derivative of the sigmoid is missing on the way back.",
        "What is ∂h/∂z of a sigmoid unit? It belongs into the error of both hidden layers.",
    ),
    _value(
        "no-derivative-first", NoSlopeFirst, "The derivative of the sigmoid of the first hidden layer is missing.",
        "On the way back the error passes the first hidden layer's sigmoid, too.",
    ),
    _value(
        "no-derivative-second", NoSlopeSecond, "The derivative of the sigmoid of the second hidden layer is missing.",
        "On the way back the error passes the second hidden layer's sigmoid, too.",
    ),
    _value(
        "no-factor-two", NoTwo, "The factor 2 of the loss is missing: the derivative of (p - y)² is 2 (p - y).",
        "Differentiate L = (p - y)² by p.",
    ),
    _value(
        "negated", Negated, "The gradient has the wrong sign: y - p where the derivative has p - y.",
        "Does the loss grow or shrink when the prediction grows?",
    ),
    _value("negated-no-two", NegatedNoTwo, "The gradient starts from y - p; the derivative of (p - y)² is 2 (p - y)."),
    _value("loss-for-derivative", LossForError, "The loss itself is sent back in place of its derivative 2 (p - y)."),
    _value(
        "derivative-twice", SlopeOfActivation, "The sigmoid's derivative is taken at the activation h, not at z.",
        "With h = σ(z) the derivative is h (1 - h); σ'(h) applies the sigmoid once more.",
    ),
    _value("derivative-from-z", SlopeFromZ, "The sigmoid's derivative is h (1 - h); z (1 - z) was used."),
    _value("sigmoid-for-derivative", SigmoidForSlope, "The sigmoid itself stands where its derivative belongs."),
    _value(
        "output-derivative", OutputSlope, "The output layer is linear, but p (1 - p) was put into its error.",
        "Which activation stands behind the last layer of your net?",
    ),
    _value(
        "output-derivative-of-z", OutputSlopeOfZ, "The output layer is linear, but a sigmoid's derivative was put there.",
        "Which activation stands behind the last layer of your net?",
    ),
    _value("no-output-derivative", NoOutputSlope, "The net has a sigmoid on its output; its derivative is missing."),
    _value(
        "wrong-order-derivatives", OtherSlope, "The derivatives of the two hidden layers are exchanged.",
        "The error of a layer takes the derivative of that layer's own sigmoid.",
    ),
    _value(
        "wrong-order-activations", OtherActivation, "The activations of the two hidden layers are exchanged.",
        "The gradient by a layer's weights is its error times what goes into that layer.",
    ),
    _value(
        "before-activation", BeforeActivation, "The value before the sigmoid is used where the activation belongs.",
        "What does a layer's weight matrix multiply in the forward pass: z or h?",
    ),
    _value(
        "not-transposed", NoTranspose, "The weights in the middle are not transposed on the way back.",
        "z = W h forwards means Wᵀ times the error backwards.",
    ),
    _value("skips-a-layer", WrongLayer, "The error of the first hidden layer skips the second one."),
    _value("weights-ignored", WeightsIgnored, "The error passes to the layer below without that layer's weights."),
    _value(
        "bias-summed", SummedBias, "All units of the layer share one number as the gradient by their biases.",
        "Each unit has a bias of its own; sum over samples, not over units.",
    ),
    _value("forward-without-biases", NoBiasForward, "Your own forward pass leaves out the biases."),
    _value("forward-first-sigmoid", NoFirstActivation, "Your forward pass has no sigmoid after the first hidden layer."),
    _value("forward-second-sigmoid", NoSecondActivation, "Your forward pass has no sigmoid after the second hidden layer."),
    _value("forward-squashed", SquashedForward, "Your own forward pass has a sigmoid on the output; the net has none."),
    Fault(
        "stepped-first", "Q7", "A layer's weights were updated before the error was sent back through them.",
        "Compute all gradients first, then update.", "right formulas on new weights", stepped_first, GRADIENTS,
    ),
    Fault(
        "transposed", "Q7", "The gradient is transposed: its rows should be those of the weights.",
        "A gradient has the shape of its weights, entry for entry.", "the other layers' gradients are not", None, GRADIENTS,
    ),
    Fault(
        "bias-missing", "Q7", "There is no gradient by the biases.", "What is ∂z/∂b? The error of the layer is all it takes.",
        "the net has biases, and no value is named or used as their gradient", None, ("db1", "db2", "db3"),
    ),
    Fault(
        "copied", "Q7", "This is autograd's own result, not one that was computed from scratch.",
        "Compute it from the weights, the sample and the activations alone.",
        "with automatic differentiation made crooked, it comes out just as crooked", None, GRADIENTS,
    ),
    Fault(
        "scaled", "Q7", "All entries are off by the same factor.", "Which constant factor stands in the loss's derivative?",
        "proportional to the right gradient", None, GRADIENTS,
    ),
    Fault(
        "not-halved", "Q3", "The labels are x1² + x2², without the half.", "y = (x1² + x2²) / 2.", "", None, ("labels",),
    ),
    Fault(
        "square-of-sum", "Q3", "The labels are (x1 + x2)² / 2: the square of the sum, not the sum of the squares.",
        "Square each coordinate first.", "", None, ("labels",),
    ),
    Fault(
        "half-sum", "Q3", "The labels are (x1 + x2) / 2: the squares are missing.", "y = (x1² + x2²) / 2.", "", None, ("labels",),
    ),
    Fault(
        "one-label-wrong", "Q3", "The label does not belong to the point.", "Put the point into y = (x1² + x2²) / 2.", "", None,
        ("labels",),
    ),
    Fault("half-loss", "Q4", "The loss has a factor ½ that the sheet's has not.", "L = (p - y)².", "", None, ("loss",)),
    Fault("absolute", "Q4", "The loss is |p - y|, not its square.", "L = (p - y)².", "", None, ("loss",)),
    Fault("signed", "Q4", "The loss is p - y without the square.", "L = (p - y)².", "", None, ("loss",)),
    Fault("root", "Q4", "The loss is a square root.", "L = (p - y)², without a root.", "", None, ("loss",)),
    Fault("normal-data", "Q2", "The points are drawn from a normal distribution; uniform is asked for.",
          "rand, not randn.", "", None, ("data",)),
    Fault("whole-batch", "Q5", "All points went through the net at once; the sheet asks for one.",
          "Use x[0] and y[0].", "", None, ("pass",)),
    Fault("other-rate", "Q5", "The learning rate is not 0.05.", "Step 5 gives the learning rate.", "", None, ("rate",)),
    Fault("accumulated", "Q6", "The gradients of two backward passes were added up: PyTorch adds to what is there.",
          "Call zero_grad() before the second backward().", "", None, ("autograd",)),
)  # fmt: skip
BY_ID: Final = {fault.id: fault for fault in FAULTS}
