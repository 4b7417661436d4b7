"""What is done wrong with the shared biases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference_solutions.two_layer_perceptron import Array, Mazur, Parameters, Perceptron
from rubrics.two_layer_perceptron.faults.fault import BIAS_ONLY, LATER, fault


@fault(
    "biases-fixed",
    ("update1.b1", "update1.b2"),
    "The biases were left as they were, as on Mazur's page; on this sheet a bias is a parameter and learns too.",
    "A bias adds to every unit of its layer: its gradient is the sum of what reaches those units.",
    accepted=True,
)
class BiasesFixed(Mazur):
    """Mazur's page, which the sheet names as its source, does not update biases. All else that follows is right for
    it, so only the two biases after the first step are charged."""


@fault(
    "hidden-bias-fixed",
    ("update1.b1", "update2.b1", *LATER),
    "The bias of the hidden layer was left as it was, while that of the output layer learns.",
    "Which units does this bias reach? The sum of what comes back to them is its gradient.",
)
class HiddenBiasFixed(Perceptron):
    """b₁ is never updated; what follows from that in the second step is not charged again."""

    def update(self, p: Parameters, g: Parameters) -> Parameters:
        return replace(super().update(p, g), b1=p.b1)


@fault(
    "output-bias-fixed",
    ("update1.b2", "update2.b2", *LATER),
    "The bias of the output layer was left as it was, while that of the hidden layer learns.",
    "Which units does this bias reach? The sum of what comes back to them is its gradient.",
)
class OutputBiasFixed(Perceptron):
    """b₂ is never updated; what follows from that in the second step is not charged again."""

    def update(self, p: Parameters, g: Parameters) -> Parameters:
        return replace(super().update(p, g), b2=p.b2)


@fault(
    "bias-per-unit",
    BIAS_ONLY,
    "Every unit was given a bias of its own; on this sheet the two units of a layer share one number.",
    "One number that enters two sums gets the sum of both gradients.",
)
class BiasPerUnit(Perceptron):
    """Two biases a layer, each with the gradient of its own unit."""

    def start(self) -> Parameters:
        p = super().start()
        return replace(p, b1=np.full(2, p.b1), b2=np.full(2, p.b2))

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2.T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1, np.outer(dz2, h), dz2)


class _BiasGradient(Perceptron):
    def of_units(self, dz: Array) -> Array:
        raise NotImplementedError

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2.T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), self.of_units(dz1), np.outer(dz2, h), self.of_units(dz2))


@fault(
    "bias-one-unit",
    BIAS_ONLY,
    "The bias got the gradient of its first unit alone; both units share it, so the two gradients are added.",
    "In how many sums does this one number stand?",
)
class BiasOneUnit(_BiasGradient):
    """db = δ₁ where it is δ₁ + δ₂."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz[0])


@fault(
    "bias-last-unit",
    BIAS_ONLY,
    "The bias got the gradient of its second unit alone; both units share it, so the two gradients are added.",
    "In how many sums does this one number stand?",
)
class BiasLastUnit(_BiasGradient):
    """db = δ₂ where it is δ₁ + δ₂."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz[1])


@fault(
    "bias-averaged",
    BIAS_ONLY,
    "The gradient of the bias was averaged over the two units; it is their sum.",
    "In how many sums does this one number stand? Each adds its gradient.",
)
class BiasAveraged(_BiasGradient):
    """db = mean of δ instead of the sum."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz.mean())
