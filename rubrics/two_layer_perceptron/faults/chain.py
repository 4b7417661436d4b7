"""A link of the chain rule that is missing or wrong, in the backward pass alone."""

from __future__ import annotations

import numpy as np

from reference_solutions.two_layer_perceptron import Array, Parameters, Perceptron, sigmoid
from rubrics.two_layer_perceptron.faults.fault import ALL, HIDDEN, RULE, fault


@fault(
    "output-slope-forgotten",
    RULE,
    "The derivative of the output's sigmoid, y(1 - y), is missing.",
    "Between the loss and the weights of the output layer stands a sigmoid: the chain rule passes through it.",
)
class OutputSlopeForgotten(Perceptron):
    """δ₂ = y - t, as for cross entropy."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t)
        dz1 = p.W2.T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "hidden-slope-forgotten",
    HIDDEN,
    "The derivative of the hidden sigmoid, h(1 - h), is missing.",
    "Between the output layer and the first weights stands a sigmoid: the chain rule passes through it.",
)
class HiddenSlopeForgotten(Perceptron):
    """δ₁ = W₂ᵀ δ₂ without σ'."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2.T @ dz2
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "slopes-forgotten",
    RULE,
    "The derivatives of both sigmoids, y(1 - y) and h(1 - h), are missing.",
    "Write the chain rule from the loss to a first weight: which functions lie on the way?",
)
class SlopesForgotten(Perceptron):
    """No σ' anywhere."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t)
        dz1 = p.W2.T @ dz2
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


class _OtherSlope(Perceptron):
    def slope(self, z: Array) -> Array:
        raise NotImplementedError

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * self.slope(p.W2 @ h + p.b2)
        dz1 = p.W2.T @ dz2 * self.slope(p.W1 @ x + p.b1)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "slope-of-activation",
    RULE,
    "The derivative of the sigmoid was taken at the activation: σ was applied to what had already passed through σ.",
    "σ'(z) = σ(z)(1 - σ(z)) takes the sum z; with the activation a = σ(z) at hand it is a(1 - a).",
)
class SlopeOfActivation(_OtherSlope):
    """σ'(a) where σ'(z) belongs."""

    def slope(self, z: Array) -> Array:
        twice = sigmoid(sigmoid(z))
        return np.asarray(twice * (1 - twice))


@fault(
    "slope-formula-of-sum",
    ALL[1:],  # before the hundredth epoch nothing is left but NaN
    "The derivative of the sigmoid was computed as z(1 - z) from the sum; the formula a(1 - a) takes the activation.",
    "Is what you put into s(1 - s) before or after the sigmoid?",
)
class SlopeFormulaOfSum(_OtherSlope):
    """z(1 - z) where a(1 - a) belongs."""

    def slope(self, z: Array) -> Array:
        return np.asarray(z * (1 - z))


@fault(
    "not-transposed",
    HIDDEN,
    "The error went back through W₂ where its transpose belongs.",
    "Which output does each hidden unit feed? Add up over those, not over the other units.",
)
class NotTransposed(Perceptron):
    """δ₁ = W₂ δ₂ ∘ σ'."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2 @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "one-path-only",
    HIDDEN,
    "Only one output sent its error back to each hidden unit; both do, and the two paths are added.",
    "A hidden unit feeds both outputs: how many paths lead from the loss to it?",
)
class OnePathOnly(Perceptron):
    """δ₁ᵢ = w₂ᵢᵢ δ₂ᵢ: the cross terms are missing."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = np.diag(p.W2) * dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "hidden-from-updated",
    HIDDEN,
    "The first layer's gradient was computed with the output weights after their update; it belongs to the old ones.",
    "Compute all gradients first, then update all parameters.",
)
class HiddenFromUpdated(Perceptron):
    """W₂ is updated before the error goes back through it."""

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dW2 = np.outer(dz2, h)
        dz1 = (p.W2 - self.rate * dW2).T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), dW2, dz2.sum())
