"""A verdict on one label from one source, its kinds, and the values that labels are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import Outcomes
from rubrics.two_layer_perceptron.compare import same
from rubrics.two_layer_perceptron.faults import LABELS, PARTS, Fault, reference
from rubrics.two_layer_perceptron.known import Known

Array = NDArray[Any]

RIGHT, FOLLOWS, PARTLY, SLIP, WRONG, UNCLEAR, NONE = "right", "follows", "partly", "slip", "wrong", "unclear", "none"
DECIDED: Final = frozenset({RIGHT, FOLLOWS, PARTLY, SLIP, WRONG})
FINE: Final = frozenset({RIGHT, FOLLOWS})
PLACED: Final = frozenset({RIGHT, FOLLOWS, SLIP})  # verdicts that say where in the training a value belongs
LABEL_IDS: Final = tuple(f"{question}.{label}" for question, labels in LABELS.items() for label in labels)
OWN_NUMBERS: Final = "right for your own earlier numbers"


@dataclass(frozen=True, eq=False)
class Verdict:
    """One label in one source. `share` of its marks is earned; `known` is what was read; `why` in half a sentence."""

    kind: str
    known: Known | None = None
    faults: tuple[Fault, ...] = ()
    why: str = ""
    share: float = 0.0
    hits: tuple[Known, ...] = ()  # where the value of each of `faults` stands


def expected(found: Outcomes, label: str) -> Array:
    """The value of a label in a set of outcomes."""
    question, _, part = label.partition(".")
    if part in PARTS:
        holder = {"update1": found.update1, "update2": found.update2, "training": found.final}[question]
        return np.asarray(getattr(holder, part))
    return np.asarray(
        {"loss": found.loss, "losses": found.losses, "prediction": found.prediction, "gradient": found.gradient}[part]
    )


def right(label: str) -> Array:
    """The value that the sheet asks for."""
    return expected(reference(), label)


def agrees_with(one: Known, want: Array, slack: float = 0.0) -> bool:
    """Whether a figure is this value, to the digits that it shows."""
    return same(one.value, one.figure.decimals, want, slack)
