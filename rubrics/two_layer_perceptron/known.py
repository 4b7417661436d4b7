"""A figure with what the words around it say. What it may answer is decided in `meanings`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.words import GRADIENT, kind, layer, moment

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Known:
    """A figure with what its words say: `kind` "gradient", "loss", "bias", "given", "output", "number" or ""."""

    figure: Figure
    kind: str
    layer: int | None
    moment: int | None  # by its own name, or by what its line begins with
    heading: int | None  # by the words above it

    @property
    def value(self) -> Array:
        return self.figure.value

    @property
    def said(self) -> int | None:
        """The moment that its words speak of, its own before those above it."""
        return self.moment if self.moment is not None else self.heading


def known(figure: Figure) -> Known:
    label = figure.label
    if figure.number or (figure.value.ndim == 0 and not figure.decimals and label.endswith("/")):
        said = "number"
    else:
        said = kind(label)
        if not said and figure.heading and figure.value.size == 4 and GRADIENT.search(figure.heading[0]):
            said = "gradient"
    own = moment(label)
    headings = (moment(text) for text in figure.heading)
    return Known(
        figure,
        said,
        figure.layer or layer(label),
        own if own is not None else moment(figure.line),
        next((n for n in headings if n is not None), None),
    )


def close(one: Array, other: Array) -> bool:
    """Whether two values are the same to about four digits, as they were printed."""
    a, b = np.squeeze(one), np.squeeze(other)
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= 6e-5 + 1e-6 * np.abs(b)))
