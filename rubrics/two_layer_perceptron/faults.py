"""What a student gets who has one thing wrong: the reference's own net with one method replaced, run to the end.

Every fault declares the labels that it makes wrong; `claims.py` holds it to that in every format of hand-in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final

import numpy as np

from grader.model import FaultInfo
from reference_solutions.two_layer_perceptron import Array, Mazur, Moment, Outcomes, Parameters, Perceptron, sigmoid

PARTS: Final = ("W1", "b1", "W2", "b2")
LABELS: Final = {
    "forward": ("loss",),
    "update1": PARTS,
    "update2": PARTS,
    "training": ("losses", *PARTS),
    "prediction": ("prediction",),
    "gradient": ("gradient",),
}
UPDATE1: Final = tuple(f"update1.{part}" for part in PARTS)
UPDATE2: Final = tuple(f"update2.{part}" for part in PARTS)
LATER: Final = (*(f"training.{label}" for label in LABELS["training"]), "gradient.gradient")
RULE: Final = (*UPDATE1, *UPDATE2, *LATER)  # everything that the learning rule makes
ALL: Final = ("forward.loss", *RULE, "prediction.prediction")
# What comes right again from the student's own numbers of one step before is not charged.
BIAS_ONLY: Final = ("update1.b1", "update1.b2", "update2.b1", "update2.b2", *LATER)
HIDDEN: Final = ("update1.W1", "update1.b1", "update2.W1", "update2.b1", *LATER)


@dataclass(frozen=True)
class Fault:
    """A misconception. `labels` ("update1.b1") are what it costs; `accepted`: a right way of another source."""

    id: str
    labels: tuple[str, ...]
    words: str
    hint: str
    why: str
    make: type[Perceptron]
    accepted: bool = False

    @cached_property
    def outcomes(self) -> Outcomes:
        """Everything that the misconception gives; computed once."""
        with np.errstate(all="ignore"):
            return self.make().outcomes()

    def info(self) -> FaultInfo:
        question = self.labels[0].partition(".")[0]
        return FaultInfo(self.id, question, self.labels, self.words, self.hint, self.why)


_faults: list[Fault] = []


def _fault(
    name: str, labels: tuple[str, ...], words: str, hint: str, *, accepted: bool = False
) -> Callable[[type[Perceptron]], type[Perceptron]]:
    def add(make: type[Perceptron]) -> type[Perceptron]:
        why = inspect.cleandoc(make.__doc__ or "")
        _faults.append(Fault(f"perceptron.{name}", labels, words, hint, why, make, accepted))
        return make

    return add


@cache
def reference() -> Outcomes:
    """What is right; computed once."""
    return Perceptron().outcomes()


@_fault(
    "biases-fixed",
    ("update1.b1", "update1.b2"),
    "The biases were left as they were, as on Mazur's page; on this sheet a bias is a parameter and learns too.",
    "A bias adds to every unit of its layer: its gradient is the sum of what reaches those units.",
    accepted=True,
)
class BiasesFixed(Mazur):
    """Mazur's page, which the sheet names as its source, does not update biases. All else that follows is right for
    it, so only the two biases after the first step are charged."""


@_fault(
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


@_fault(
    "bias-one-unit",
    BIAS_ONLY,
    "The bias got the gradient of its first unit alone; both units share it, so the two gradients are added.",
    "In how many sums does this one number stand?",
)
class BiasOneUnit(_BiasGradient):
    """db = δ₁ where it is δ₁ + δ₂."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz[0])


@_fault(
    "bias-last-unit",
    BIAS_ONLY,
    "The bias got the gradient of its second unit alone; both units share it, so the two gradients are added.",
    "In how many sums does this one number stand?",
)
class BiasLastUnit(_BiasGradient):
    """db = δ₂ where it is δ₁ + δ₂."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz[1])


@_fault(
    "bias-averaged",
    BIAS_ONLY,
    "The gradient of the bias was averaged over the two units; it is their sum.",
    "In how many sums does this one number stand? Each adds its gradient.",
)
class BiasAveraged(_BiasGradient):
    """db = mean of δ instead of the sum."""

    def of_units(self, dz: Array) -> Array:
        return np.asarray(dz.mean())


@_fault(
    "gradients-accumulated",
    (*UPDATE2, *LATER),
    "From the second step on the gradients of all earlier steps were added in: they were not set to zero.",
    "In PyTorch gradients add up until they are cleared: where is optimizer.zero_grad()?",
)
class GradientsAccumulated(Perceptron):
    """No zero_grad: every step uses the sum of all gradients so far."""

    def epochs(self, p: Parameters, x: Array, t: Array) -> Iterator[Moment]:
        total: Parameters | None = None
        while True:
            y, g = self.forward(p, x)[1], self.gradients(p, x, t)
            total = g if total is None else Parameters(*(getattr(total, part) + getattr(g, part) for part in PARTS))
            yield Moment(p, y, self.loss(y, t), total)
            p = self.update(p, total)


@_fault(
    "second-step-from-start",
    UPDATE2,
    "The second step began from the initial parameters again, so it repeats the first one.",
    "The second forward pass uses the parameters that the first update has left.",
)
class SecondFromStart(Perceptron):
    """The model is made anew before the second step."""

    def outcomes(self, count: int = 100) -> Outcomes:
        found = super().outcomes(count)
        return replace(found, update2=found.update1)


class _OtherCount(Perceptron):
    """The training of other epochs than the sheet's; the first two updates are right."""

    first, last = 0, 100

    def outcomes(self, count: int = 100) -> Outcomes:
        shown = super().outcomes(self.first + count)
        return replace(
            super().outcomes(self.last), losses=shown.losses[self.first :], outputs=shown.outputs[self.first :]
        )


@_fault(
    "not-reinitialised",
    LATER,
    "The training went on from the parameters that the first two updates had left, instead of from the start.",
    "What do the weights hold when the loop begins? Set them to the initial values once more.",
)
class NotReinitialised(_OtherCount):
    """A hundred epochs behind the two updates."""

    first, last = 2, 102


@_fault(
    "one-epoch-less",
    (*(f"training.{part}" for part in PARTS), "gradient.gradient"),
    "The training ended after 99 epochs; the sheet's has 100.",
    "How often does your loop run?",
)
class OneEpochLess(_OtherCount):
    """range(1, 100)."""

    last = 99


@_fault(
    "one-epoch-more",
    tuple(f"training.{part}" for part in PARTS),
    "The training ended after 101 epochs; the sheet's has 100.",
    "How often does your loop run?",
)
class OneEpochMore(_OtherCount):
    """range(101)."""

    last = 101


@_fault(
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


@_fault(
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


@_fault(
    "loss-shown-summed",
    ("forward.loss", "training.losses"),
    "The loss is twice as large as it should be: the two squares were added up. The gradients are right.",
    "Compare your loss of the first pass with the formula of the mean squared error.",
)
class LossShownSummed(Perceptron):
    """Loss by the sum, gradient of the mean."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.sum((y - t) ** 2))


@_fault(
    "loss-shown-halved",
    ("forward.loss", "training.losses"),
    "The loss is half as large as it should be: the mean was halved once more. The gradients are right.",
    "For two outputs the mean already divides by 2; one more ½ is one too many.",
)
class LossShownHalved(Perceptron):
    """Loss by half of the mean, gradient of the mean."""

    def loss(self, y: Array, t: Array) -> float:
        return float(np.mean((y - t) ** 2) / 2)


@_fault(
    "gradient-doubled",
    RULE,
    "The gradients are twice as large as they should be; the loss is right.",
    "Differentiate the loss as you compute it: the mean divides by 2, and the square brings a 2.",
)
class GradientDoubled(Perceptron):
    """Loss by the mean, gradient of the sum."""

    def dloss(self, y: Array, t: Array) -> Array:
        return 2 * (y - t)


@_fault(
    "gradient-halved",
    RULE,
    "The gradients are half as large as they should be; the loss is right.",
    "Differentiate the loss as you compute it: does the 2 of the square stand in the gradient?",
)
class GradientHalved(Perceptron):
    """Loss by the mean, gradient of half of it."""

    def dloss(self, y: Array, t: Array) -> Array:
        return (y - t) / y.size


@_fault(
    "rate-tenth",
    RULE,
    "The steps are a tenth as large as they should be: the learning rate is 0.5, not 0.05.",
    "Which learning rate does the sheet give?",
)
class RateTenth(Perceptron):
    """lr 0.05."""

    rate = 0.05


@_fault(
    "rate-fifth",
    RULE,
    "The steps are a fifth as large as they should be: the learning rate is 0.5, not 0.1.",
    "Which learning rate does the sheet give?",
)
class RateFifth(Perceptron):
    """lr 0.1."""

    rate = 0.1


@_fault(
    "rate-fiftieth",
    RULE,
    "The steps are a fiftieth as large as they should be: the learning rate is 0.5, not 0.01.",
    "Which learning rate does the sheet give?",
)
class RateFiftieth(Perceptron):
    """lr 0.01."""

    rate = 0.01


@_fault(
    "rate-one",
    RULE,
    "The gradients were subtracted without the learning rate of 0.5.",
    "The new value is the old one minus the learning rate times the gradient.",
)
class RateOne(Perceptron):
    """lr 1, or none at all. After one step it equals the doubled gradient's."""

    rate = 1.0


@_fault(
    "gradient-added",
    RULE,
    "The steps go uphill: the gradient was added where it must be subtracted.",
    "Should the loss fall or rise after a step?",
)
class GradientAdded(Perceptron):
    """p + lr·g."""

    rate = -0.5


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
    "slope-formula-of-sum",
    ALL[1:],  # before the hundredth epoch nothing is left but NaN
    "The derivative of the sigmoid was computed as z(1 - z) from the sum; the formula a(1 - a) takes the activation.",
    "Is what you put into s(1 - s) before or after the sigmoid?",
)
class SlopeFormulaOfSum(_OtherSlope):
    """z(1 - z) where a(1 - a) belongs."""

    def slope(self, z: Array) -> Array:
        return np.asarray(z * (1 - z))


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
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


@_fault(
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


FAULTS: Final = tuple(_faults)
