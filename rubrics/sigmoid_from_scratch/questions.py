"""The eight steps of sheet 001 with their marks. The sheet gives no points; these were decided here (see errata)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grader.model import tidy

LAYERS: Final = ("first hidden layer", "second hidden layer", "output layer")
GRADIENTS: Final = tuple(f"d{kind}{layer}" for layer in (1, 2, 3) for kind in "Wb")


@dataclass(frozen=True)
class Asked:
    """One step: marks and plain names of its labels."""

    id: str
    title: str
    marks: Mapping[str, float]
    names: Mapping[str, str]

    @property
    def points(self) -> float:
        return tidy(sum(self.marks.values()))


def _gradient(label: str) -> str:
    return f"your own gradient by the {'weights' if label[1] == 'W' else 'biases'} of the {LAYERS[int(label[2]) - 1]}"


QUESTIONS: Final = (
    Asked("Q1", "A 2-10-10-1 network with sigmoids", {"net": 1.0}, {"net": "the network"}),
    Asked("Q2", "100 random points with 2 coordinates, uniformly distributed", {"data": 1.0}, {"data": "the data"}),
    Asked("Q3", "The labels y = (x1² + x2²) / 2", {"labels": 1.0}, {"labels": "the labels"}),
    Asked("Q4", "The loss L = Σ (prediction - y)²", {"loss": 1.0}, {"loss": "the loss function"}),
    Asked(
        "Q5",
        "One forward pass on one sample; learning rate 0.05",
        {"pass": 0.75, "rate": 0.25},
        {"pass": "the forward pass on one sample", "rate": "the learning rate"},
    ),
    Asked("Q6", "The gradients by automatic differentiation", {"autograd": 2.0}, {"autograd": "autograd's gradients"}),
    Asked(
        "Q7",
        "Forward pass and backpropagation from scratch",
        {"forward": 1.5, **dict.fromkeys(GRADIENTS, 0.75)},
        {"forward": "your own forward pass", **{label: _gradient(label) for label in GRADIENTS}},
    ),
    Asked("Q8", "The two results compared", {"comparison": 1.0}, {"comparison": "the comparison"}),
)
LABEL_IDS: Final = tuple(f"{asked.id}.{label}" for asked in QUESTIONS for label in asked.marks)
