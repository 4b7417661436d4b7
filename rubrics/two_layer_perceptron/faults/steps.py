"""Steps taken from the wrong place, too many or too few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reference_solutions.two_layer_perceptron import Array, Moment, Outcomes, Parameters, Perceptron
from rubrics.two_layer_perceptron.faults.fault import LATER, PARTS, UPDATE2, fault


@fault(
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


@fault(
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


@fault(
    "not-reinitialised",
    LATER,
    "The training went on from the parameters that the first two updates had left, instead of from the start.",
    "What do the weights hold when the loop begins? Set them to the initial values once more.",
)
class NotReinitialised(_OtherCount):
    """A hundred epochs behind the two updates."""

    first, last = 2, 102


@fault(
    "one-epoch-less",
    (*(f"training.{part}" for part in PARTS), "gradient.gradient"),
    "The training ended after 99 epochs; the sheet's has 100.",
    "How often does your loop run?",
)
class OneEpochLess(_OtherCount):
    """range(1, 100)."""

    last = 99


@fault(
    "one-epoch-more",
    tuple(f"training.{part}" for part in PARTS),
    "The training ended after 101 epochs; the sheet's has 100.",
    "How often does your loop run?",
)
class OneEpochMore(_OtherCount):
    """range(101)."""

    last = 101
