"""Figures that hold several answers at once, taken apart: stacks, weights with a column of biases, lists of biases.

By shape and name alone; nothing here compares with a right value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.words import kind, layer


def unfolded(figure: Figure) -> Iterator[Figure]:
    """The figure itself, then what it consists of."""
    yield figure
    value, decimals = figure.value, figure.decimals
    if value.shape == (2, 2, 2):  # [W1, W2]
        for index in (0, 1):
            yield replace(figure, value=value[index], decimals=decimals[index], layer=index + 1)
    elif sorted(value.shape) == [2, 3]:
        yield from _augmented(figure)
    elif value.size == 2 and _two_biases(figure):
        yield from apart(figure)


def apart(figure: Figure) -> Iterator[Figure]:
    """A pair as one number of each layer, unless its entries are alike."""
    if np.ptp(figure.value):
        for index, (entry, digits) in enumerate(zip(figure.value.ravel(), figure.decimals.ravel(), strict=True)):
            yield replace(figure, value=np.array(entry), decimals=np.array(digits), layer=index + 1)


def _augmented(figure: Figure) -> Iterator[Figure]:
    """``[W | b]``: the column whose entries are alike is the bias; the last one where that does not tell."""
    rows, digits = figure.value, figure.decimals
    if rows.shape == (3, 2):
        rows, digits = rows.T, digits.T
    alike = [column for column in (2, 0) if rows[0, column] == rows[1, column]]
    bias = alike[0] if alike else 2
    yield replace(figure, value=np.delete(rows, bias, axis=1), decimals=np.delete(digits, bias, axis=1))
    yield replace(figure, value=rows[:, bias], decimals=digits[:, bias], label=f"{figure.label} bias")


def _two_biases(figure: Figure) -> bool:
    """Whether a pair may be the biases of both layers: called biases, without a word of which layer."""
    return kind(figure.label) == "bias" and layer(figure.label) is None
