"""A factor too much or too little: in the loss, the gradient or the learning rate."""

from __future__ import annotations

import numpy as np

from reference_solutions.two_layer_perceptron import Array, Perceptron
from rubrics.two_layer_perceptron.faults.fault import ALL, RULE, fault


@fault(
    "loss-summed",
    ALL[:-1],
    "The two squares were added up; the mean squared error divides by their number, 2.",
    "Compare your loss of the first pass with the formula of the mean squared error.",
)
class LossSummed(Perceptron):
    """Σ (y - t)² without the mean: loss and gradients are twice as large."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.sum((y - t) ** 2))

    def dloss(self, y: Array, t: Array) -> Array:
        return 2 * (y - t)


@fault(
    "loss-halved",
    ALL[:-1],
    "The loss is half of what it should be: a factor ½ stands in front of the mean of the squares.",
    "For two outputs the mean already divides by 2; one more ½ is one too many.",
)
class LossHalved(Perceptron):
    """½ mean (y - t)²: loss and gradients are half as large."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.mean((y - t) ** 2) / 2)

    def dloss(self, y: Array, t: Array) -> Array:
        return (y - t) / y.size


@fault(
    "loss-shown-summed",
    ("forward.loss", "training.losses"),
    "The loss is twice as large as it should be: the two squares were added up. The gradients are right.",
    "Compare your loss of the first pass with the formula of the mean squared error.",
)
class LossShownSummed(Perceptron):
    """Loss by the sum, gradient of the mean."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.sum((y - t) ** 2))


@fault(
    "loss-shown-halved",
    ("forward.loss", "training.losses"),
    "The loss is half as large as it should be: the mean was halved once more. The gradients are right.",
    "For two outputs the mean already divides by 2; one more ½ is one too many.",
)
class LossShownHalved(Perceptron):
    """Loss by half of the mean, gradient of the mean."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.mean((y - t) ** 2) / 2)


@fault(
    "gradient-doubled",
    RULE,
    "The gradients are twice as large as they should be; the loss is right.",
    "Differentiate the loss as you compute it: the mean divides by 2, and the square brings a 2.",
)
class GradientDoubled(Perceptron):
    """Loss by the mean, gradient of the sum."""

    def dloss(self, y: Array, t: Array) -> Array:
        return 2 * (y - t)


@fault(
    "gradient-halved",
    RULE,
    "The gradients are half as large as they should be; the loss is right.",
    "Differentiate the loss as you compute it: does the 2 of the square stand in the gradient?",
)
class GradientHalved(Perceptron):
    """Loss by the mean, gradient of half of it."""

    def dloss(self, y: Array, t: Array) -> Array:
        return (y - t) / y.size


@fault(
    "rate-tenth",
    RULE,
    "The steps are a tenth as large as they should be: the learning rate is 0.5, not 0.05.",
    "Which learning rate does the sheet give?",
)
class RateTenth(Perceptron):
    """lr 0.05."""

    rate = 0.05


@fault(
    "rate-fifth",
    RULE,
    "The steps are a fifth as large as they should be: the learning rate is 0.5, not 0.1.",
    "Which learning rate does the sheet give?",
)
class RateFifth(Perceptron):
    """lr 0.1."""

    rate = 0.1


@fault(
    "rate-fiftieth",
    RULE,
    "The steps are a fiftieth as large as they should be: the learning rate is 0.5, not 0.01.",
    "Which learning rate does the sheet give?",
)
class RateFiftieth(Perceptron):
    """lr 0.01."""

    rate = 0.01


@fault(
    "rate-one",
    RULE,
    "The gradients were subtracted without the learning rate of 0.5.",
    "The new value is the old one minus the learning rate times the gradient.",
)
class RateOne(Perceptron):
    """lr 1, or none at all. After one step it equals the doubled gradient's."""

    rate = 1.0


@fault(
    "gradient-added",
    RULE,
    "The steps go uphill: the gradient was added where it must be subtracted.",
    "Should the loss fall or rise after a step?",
)
class GradientAdded(Perceptron):
    """p + lr·g."""

    rate = -0.5
