"""Sheet 003: a 2-2-2 net of sigmoids, one bias a layer, trained by plain gradient descent. numpy alone.

    h = σ(W₁ x + b₁)      y = σ(W₂ h + b₂)      L = mean (y - t)²

Each bias is *one* number that both units of its layer share, so its gradient is a sum over the units. Matt Mazur's
page, where the example comes from, leaves the biases alone: `Mazur`. Nothing here judges a student.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

X, TARGET = np.array([0.05, 0.10]), np.array([0.01, 0.99])
ASKED = np.array([0.06, 0.12])  # what the sheet predicts for in the end
RATE = 0.5
EPOCHS, SHOWN = 100, 10  # the sheet prints every tenth of 100 epochs


@dataclass(frozen=True, eq=False)
class Parameters:
    """W₁ and W₂ are (outputs, inputs), as PyTorch keeps them; a bias is one number, as an array without axes."""

    W1: Array
    b1: Array
    W2: Array
    b2: Array


START = Parameters(
    np.array([[0.15, 0.20], [0.25, 0.30]]), np.array(0.35), np.array([[0.40, 0.45], [0.50, 0.55]]), np.array(0.60)
)


@dataclass(frozen=True, eq=False)
class Moment:
    """One epoch: the parameters before its update, what they make of the input, and the gradients there."""

    parameters: Parameters
    output: Array
    loss: float
    gradients: Parameters


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Everything that the sheet asks for.

    `losses[e]` and `outputs[e]` are those of epoch e before its update; there is one more than epochs, after the last
    update. `gradient` is that of W₂ in the last epoch, `afterwards` the same at the final parameters; `hidden_gradient`
    is that of W₁ in the last epoch.
    """

    loss: float
    update1: Parameters
    update2: Parameters
    losses: Array
    outputs: Array
    final: Parameters
    prediction: Array
    gradient: Array
    afterwards: Array
    hidden_gradient: Array


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


class Perceptron:
    """The net with the sheet's learning rule, one formula a method.

    >>> net = Perceptron()
    >>> round(net.loss(net.forward(START, X)[1], TARGET), 9)
    0.298371109
    >>> net.outcomes().update1.b1.round(4).item(), net.outcomes().prediction.round(4).tolist()
    (0.3406, [0.1111, 0.8918])
    """

    rate = RATE

    def forward(self, p: Parameters, x: Array) -> tuple[Array, Array]:
        """The hidden activations and the output, two numbers each."""
        h = sigmoid(p.W1 @ x + p.b1)
        return h, sigmoid(p.W2 @ h + p.b2)

    def loss(self, y: Array, t: Array) -> float:
        """The mean of the two squares; for two outputs this is Mazur's ½ Σ (y - t)² as well."""
        return float(np.mean((y - t) ** 2))

    def dloss(self, y: Array, t: Array) -> Array:
        return 2 * (y - t) / y.size

    def gradients(self, p: Parameters, x: Array, t: Array) -> Parameters:
        """∂L by every parameter, in the shape of the parameters."""
        h, y = self.forward(p, x)
        dz2 = self.dloss(y, t) * y * (1 - y)
        dz1 = p.W2.T @ dz2 * h * (1 - h)
        return Parameters(np.outer(dz1, x), dz1.sum(), np.outer(dz2, h), dz2.sum())

    def update(self, p: Parameters, g: Parameters) -> Parameters:
        return Parameters(
            p.W1 - self.rate * g.W1, p.b1 - self.rate * g.b1, p.W2 - self.rate * g.W2, p.b2 - self.rate * g.b2
        )

    def epochs(self, p: Parameters, x: Array, t: Array) -> Iterator[Moment]:
        """Epoch after epoch, without end."""
        while True:
            y = self.forward(p, x)[1]
            g = self.gradients(p, x, t)
            yield Moment(p, y, self.loss(y, t), g)
            p = self.update(p, g)

    def start(self) -> Parameters:
        return START

    def outcomes(self, count: int = EPOCHS) -> Outcomes:
        moments = list(islice(self.epochs(self.start(), X, TARGET), count + 1))
        final = moments[count].parameters
        return Outcomes(
            loss=moments[0].loss,
            update1=moments[1].parameters,
            update2=moments[2].parameters,
            losses=np.array([moment.loss for moment in moments]),
            outputs=np.array([moment.output for moment in moments]),
            final=final,
            prediction=self.forward(final, ASKED)[1],
            gradient=moments[count - 1].gradients.W2,
            afterwards=moments[count].gradients.W2,
            hidden_gradient=moments[count - 1].gradients.W1,
        )


class Mazur(Perceptron):
    """As on Mazur's page: the biases stay what they were. His ½ Σ (y - t)² equals the mean of two squares.

    >>> Mazur().outcomes().update1.W2.round(8).tolist()
    [[0.35891648, 0.40866619], [0.51130127, 0.56137012]]
    """

    def update(self, p: Parameters, g: Parameters) -> Parameters:
        return Parameters(p.W1 - self.rate * g.W1, p.b1, p.W2 - self.rate * g.W2, p.b2)
