"""The six questions of sheet 003 with their marks. The sheet gives none; ten in all were decided here (see errata)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grader.model import tidy

_PARTS: Final = {
    "W1": "the weights of the hidden layer",
    "b1": "the bias of the hidden layer",
    "W2": "the weights of the output layer",
    "b2": "the bias of the output layer",
}


@dataclass(frozen=True)
class Asked:
    """One question: marks and plain names of its labels."""

    id: str
    title: str
    marks: Mapping[str, float]
    names: Mapping[str, str]

    @property
    def points(self) -> float:
        return tidy(sum(self.marks.values()))


def _each(points: float) -> dict[str, float]:
    return dict.fromkeys(_PARTS, points)


QUESTIONS: Final = (
    Asked("forward", "The first forward pass: its loss", {"loss": 1.0}, {"loss": "the loss of the first forward pass"}),
    Asked(
        "update1",
        "All parameters after one update",
        _each(0.5),
        {k: f"{v} after one update" for k, v in _PARTS.items()},
    ),
    Asked(
        "update2",
        "All parameters after two updates",
        _each(0.5),
        {k: f"{v} after two updates" for k, v in _PARTS.items()},
    ),
    Asked(
        "training",
        "A hundred epochs from the start: losses, and the parameters in the end",
        {"losses": 2.0, **_each(0.25)},
        {"losses": "the losses by epoch", **{k: f"{v} after 100 epochs" for k, v in _PARTS.items()}},
    ),
    Asked(
        "prediction",
        "What the trained net predicts for (0.06, 0.12)",
        {"prediction": 1.0},
        {"prediction": "the prediction for (0.06, 0.12)"},
    ),
    Asked(
        "gradient",
        "The last gradient of the output layer's weights",
        {"gradient": 1.0},
        {"gradient": "the last gradient of the output layer's weights"},
    ),
)
