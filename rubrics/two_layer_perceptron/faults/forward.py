"""Another net: what is wrong in the forward pass already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference_solutions.two_layer_perceptron import Array, Parameters, Perceptron, sigmoid
from rubrics.two_layer_perceptron.faults.fault import ALL, LATER, UPDATE1, fault


@fault(
    "output-without-sigmoid",
    ALL,
    "The output layer has no sigmoid.",
    "Both layers end in a sigmoid: the outputs lie between 0 and 1.",
)
class OutputWithoutSigmoid(Perceptron):
    """y = W₂ h + b₂."""

    def forward(self, p: Parameters, x: Array) -> tuple[Array, Array]:
        h = sigmoid(p.W1 @ x + p.b1)
        return h, p.W2 @ h + p.b2

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t)
        dz1 = p.W2.T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "hidden-without-sigmoid",
    ALL,
    "The hidden layer has no sigmoid.",
    "Both layers end in a sigmoid: what goes into the output layer lies between 0 and 1.",
)
class HiddenWithoutSigmoid(Perceptron):
    """h = W₁ x + b₁."""

    def forward(self, p: Parameters, x: Array) -> tuple[Array, Array]:
        h = p.W1 @ x + p.b1
        return h, sigmoid(p.W2 @ h + p.b2)

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2.T @ dz2
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())


@fault(
    "forward-transposed",
    ALL,
    "The weights were used transposed: w₁ and w₂ lead to the first hidden unit, w₃ and w₄ to the second.",
    "Follow one arrow of the picture: which input and which unit does w₂ connect?",
)
class ForwardTransposed(Perceptron):
    """x W in place of W x with weights written for W x."""

    def forward(self, p: Parameters, x: Array) -> tuple[Array, Array]:
        h = sigmoid(p.W1.T @ x + p.b1)
        return h, sigmoid(p.W2.T @ h + p.b2)

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2 @ dz2 * h * (1 - h)
        return Parameters(np.outer(x, dz1), dz1.sum(), np.outer(h, dz2), dz2.sum())


@fault(
    "without-biases",
    ("forward.loss", *UPDATE1, "update2.b1", "update2.b2", *LATER),
    "The biases, 0.35 and 0.60, are missing from the forward pass.",
    "Each sum ends in the bias of its layer.",
)
class WithoutBiases(Perceptron):
    """b = 0 and never updated."""

    def start(self) -> Parameters:
        return replace(super().start(), b1=np.array(0.0), b2=np.array(0.0))

    def update(self, p: Parameters, g: Parameters) -> Parameters:
        return replace(super().update(p, g), b1=p.b1, b2=p.b2)
