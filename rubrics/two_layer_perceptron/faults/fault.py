"""What a fault is: the reference's own net with one method replaced, run to the end, and the labels that it costs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np

from grader.model import FaultInfo
from reference_solutions.two_layer_perceptron import Outcomes, Perceptron

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


def fault(
    name: str, labels: tuple[str, ...], words: str, hint: str, *, accepted: bool = False
) -> Callable[[type[Perceptron]], Fault]:
    """Makes a net that has one thing wrong a fault; its docstring says why it is in the catalogue."""

    def made(make: type[Perceptron]) -> Fault:
        return Fault(f"perceptron.{name}", labels, words, hint, inspect.cleandoc(make.__doc__ or ""), make, accepted)

    return made


@cache
def reference() -> Outcomes:
    """What is right; computed once."""
    return Perceptron().outcomes()
