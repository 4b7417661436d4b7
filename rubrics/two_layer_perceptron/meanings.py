"""What the figures of a hand-in stand for: which may be the answer to which label, by shape, by name, by place.

Nothing here compares with a right value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import ASKED, START
from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.known import Known, close, known
from rubrics.two_layer_perceptron.layouts import apart, unfolded
from rubrics.two_layer_perceptron.words import ENTRY, PREDICT, ZEROTH

Array = NDArray[Any]

STEP: Final = {"update1": 1, "update2": 2, "training": 100}


class Answers:
    """The figures of one source ("the notebook's run", "saved outputs", "text"), by what they may answer.

    `strict`: values count only for the moment that their words name, as in a table that a human typed.
    """

    def __init__(self, figures: Sequence[Figure], *, strict: bool) -> None:
        self.strict = strict
        found = [known(one) for figure in figures for one in unfolded(figure)]
        self.known = _from_one(found) if strict else found

    @property
    def empty(self) -> bool:
        return not self.known

    # -- weights and biases ------------------------------------------------------------------------------------------

    @cached_property
    def matrices(self) -> list[Known]:
        """Everything that may be a matrix of weights: 2×2, four in a row, or w1 … w8 one by one."""
        whole = [
            k
            for k in self.known
            if k.value.size == 4 and k.value.ndim in (1, 2) and k.kind in ("", "output", "given", "bias", "loss")
        ]
        # a name such as `params_out["W2"]` may sound like an output; its shape says what it is
        return sorted([*whole, *self._by_entries(gradient=False)], key=lambda k: k.figure.at)

    def _by_entries(self, *, gradient: bool) -> Iterator[Known]:
        """Matrices, or their gradients, out of single entries w1 … w8, as on Mazur's picture."""
        groups: dict[tuple[str, int | None], dict[int, Known]] = {}
        done: list[dict[int, Known]] = []
        for one in self.known:
            found = ENTRY.search(one.figure.label)
            if one.value.size != 1 or found is None or one.kind in ("number", "loss"):
                continue
            if (one.kind == "gradient") is not gradient:
                continue
            index = int(found[1])
            rest = re.sub(r"[\s=:+|*_{}'^]+", " ", ENTRY.sub("", one.figure.label)).strip()
            rest = "" if len(rest) > 60 else rest
            said = one.said
            group_key = (rest if one.moment is not None else "", said)
            group = groups.setdefault(group_key, {})
            if index in group:
                done.append(group)
                group = groups[group_key] = {}
            group[index] = one
        for group in [*done, *groups.values()]:
            for number, wanted in ((1, (1, 2, 3, 4)), (2, (5, 6, 7, 8))):
                if all(index in group for index in wanted):
                    parts = [group[index] for index in wanted]
                    value = np.array([float(p.value.ravel()[0]) for p in parts]).reshape(2, 2)
                    decimals = np.array([int(p.figure.decimals.ravel()[0]) for p in parts]).reshape(2, 2)
                    last = parts[-1]
                    yield replace(
                        last,
                        figure=replace(last.figure, value=value, decimals=decimals),
                        kind="gradient" if gradient else "",
                        layer=number,
                    )

    @cached_property
    def biases(self) -> list[Known]:
        """Numbers that are called a bias, or stand right beside a matrix of weights."""
        places = [m.figure.at for m in self.known if m.value.size == 4 and m.kind != "gradient"]
        found = []
        for one in self.known:
            if one.value.size not in (1, 2) or one.kind not in ("", "bias"):
                continue
            gaps = [one.figure.at - at for at in places if abs(one.figure.at - at) <= 2]
            beside = bool(gaps) and bool(np.max(one.figure.decimals)) and (one.figure.epoch is None or 1 in gaps)
            if one.kind == "bias" or beside:
                found.append(one)
            if not one.kind and one.value.size == 2 and {one.figure.at - 1, one.figure.at - 2} <= set(places):
                found += [replace(one, figure=part, layer=part.layer) for part in apart(one.figure)]  # W1, W2, [b1, b2]
        return found

    def parts(self, question: str, part: str) -> list[Known]:
        """What may be `part` ("W1", "b2") after the update of `question`."""
        pool = self.matrices if part[0] == "W" else self.biases
        own = [k for k in pool if k.layer in (None, int(part[1]))]
        return [k for k in own if self._fits(k, STEP[question])]

    def _fits(self, one: Known, step: int) -> bool:
        said = one.said
        return not self.strict or said in (None, step)

    def named(self, question: str, part: str) -> list[Known]:
        """Those among `parts` whose words leave no doubt of layer and moment."""
        step = STEP[question]
        return [k for k in self.parts(question, part) if k.layer == int(part[1]) and k.said == step]

    def in_turn(self, question: str, part: str, known: Sequence[Array]) -> Known | None:
        """By the order in which they stand: the first state that is not the start, the second, the last.

        `known` are values that are something else (the start, what another label was found to be).
        """
        states: list[Known] = []
        pool = self.matrices if part[0] == "W" else self.biases
        turn = 0
        for one in pool:
            number = one.layer
            if number is None and one.figure.left:
                continue  # some matrix that a name happens to hold
            if number is None:
                number = 1 + turn % 2
            turn = number
            if number != int(part[1]) or any(close(one.value, value) for value in known):
                continue
            if not states or not close(states[-1].value, one.value):
                states.append(one)
        if not states:
            return None
        said = [k for k in states if k.said == STEP[question]]
        if said:
            return said[-1]
        if question == "update1":
            return states[0] if self._untold(states[0]) else None
        if question == "update2":
            return states[1] if len(states) > 1 and self._untold(states[1]) else None
        trained = max(self.counted, default=None)
        late = len(states) > 2 or (trained is not None and states[-1].figure.at > trained)
        return states[-1] if late and self._untold(states[-1]) else None

    @staticmethod
    def _untold(one: Known) -> bool:
        return one.moment is None and one.heading is None

    @cached_property
    def counted(self) -> list[int]:
        """Where epochs are counted."""
        return [k.figure.at for k in self.known if k.kind == "number"]

    # -- losses ------------------------------------------------------------------------------------------------------

    @cached_property
    def losses(self) -> list[Known]:
        """Single numbers that are a loss by name, or stand alone without a name."""
        return [
            k
            for k in self.known
            if k.value.size == 1 and (k.kind == "loss" or (k.kind == "" and not self.strict and not k.figure.label))
        ]

    @cached_property
    def curves(self) -> list[dict[int, tuple[float, int]]]:
        """Losses by epoch: one mapping a training run, epoch -> (value, decimals)."""
        found: list[dict[int, tuple[float, int]]] = []
        current: dict[int, tuple[float, int]] = {}
        for one in self.known:
            figure = one.figure
            if figure.epoch is None or one.value.size != 1 or one.kind not in ("loss", ""):
                continue
            if not one.kind and (one.layer is not None or ENTRY.search(figure.label)):
                continue  # a parameter
            if figure.value.ndim == 0 and not figure.decimals and float(figure.value) == figure.epoch:
                continue
            if current and figure.epoch < max(current):
                found.append(current)
                current = {}
            if figure.epoch not in current or one.kind == "loss":
                current.setdefault(figure.epoch, (float(one.value.ravel()[0]), int(figure.decimals.ravel()[0])))
        found += [current] if current else []
        for one in self.known:
            found += self._listed(one)
        return [curve for curve in found if len(curve) > 1]

    @property
    def first_losses(self) -> Iterator[Known]:
        """The loss that a list of losses, or a curve counted from 0, begins with."""
        for curve in self.curves:
            if 0 in curve and len(curve) > 2:
                value, decimals = (np.array(item) for item in curve[0])
                figure = replace(self.known[0].figure, value=value, decimals=decimals, label="loss", epoch=0)
                yield Known(figure, "loss", None, None, None)

    @staticmethod
    def _listed(one: Known) -> Iterator[dict[int, tuple[float, int]]]:
        value, decimals = one.value, one.figure.decimals
        if (
            value.ndim == 2
            and value.shape[0] >= 5
            and value.shape[1] in (2, 3)
            and np.array_equal(value[:, 0], np.round(value[:, 0]))
        ):
            yield {int(row[0]): (float(row[1]), int(d[1])) for row, d in zip(value, decimals, strict=True)}
            return
        flat, digits = np.squeeze(value), np.squeeze(decimals)
        if (
            flat.ndim != 1
            or one.kind in ("gradient", "output")
            or flat.size not in (5, 6, 10, 11, 20, 21, 50, 51, 100, 101)
        ):
            return
        stride = 100 // (flat.size - flat.size % 5)
        yield {stride * i: (float(v), int(d)) for i, (v, d) in enumerate(zip(flat, digits, strict=True))}

    # -- prediction and gradient -------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[Known]:
        """Everything that may be the two outputs: a pair, or two numbers one after the other."""
        found = [k for k in self.known if k.value.size == 2 and k.kind not in ("gradient", "bias", "loss")]
        single = [k for k in self.known if k.value.size == 1 and k.kind in ("", "output") and k.figure.epoch is None]
        for one, other in pairwise(single):
            if other.figure.at - one.figure.at <= 2 and one.figure.place == other.figure.place:
                both = [one.value.ravel()[0], other.value.ravel()[0]]
                digits = [one.figure.decimals.ravel()[0], other.figure.decimals.ravel()[0]]
                found.append(replace(one, figure=replace(one.figure, value=np.array(both), decimals=np.array(digits))))
        return [k for k in found if k.figure.epoch is None or k.figure.value.ndim]

    def predictions(self) -> list[Known]:
        """Pairs that are a prediction by their words."""
        asked = [k.figure.at for k in self.known if close(k.value, ASKED)]
        behind = {at + 1 for at in asked}  # "for (0.06, 0.12): [0.1111, 0.8918]"
        return [k for k in self.pairs if k.kind != "given" and (k.figure.at in behind or self._predicts(k))]

    @staticmethod
    def _predicts(one: Known) -> bool:
        return bool(PREDICT.search(one.figure.label)) or any(PREDICT.search(text) for text in one.figure.heading[:2])

    @cached_property
    def gradients(self) -> list[Known]:
        """Everything that may be a gradient of weights, the output layer's if its name tells."""
        whole = [
            k
            for k in self.known
            if k.value.size == 4 and k.value.ndim in (1, 2) and (k.kind in ("gradient", "") or self.strict)
        ]
        return sorted([*whole, *self._by_entries(gradient=True)], key=lambda k: k.figure.at)

    def named_gradients(self) -> list[Known]:
        """Those that are called gradients, not of the first layer, not of one of the first two steps."""
        found = [k for k in self.gradients if k.kind == "gradient" and k.layer != 1]
        return [k for k in found if k.said not in (0, 1, 2)]


def _from_one(known: list[Known]) -> list[Known]:
    """Steps counted from 0 ("Iteration 0" holds other weights than the start) counted from 1."""

    def zeroth(one: Known) -> bool:
        words = (one.figure.label, one.figure.line, *one.figure.heading)
        return one.said == 0 and any(ZEROTH.search(text) for text in words)

    starts = [start for part in (START.W1, START.W2) for start in (part, part.T)]
    moved = any(zeroth(k) and k.value.shape == (2, 2) and not any(close(k.value, s) for s in starts) for k in known)
    if not moved or any(k.said == 2 for k in known):
        return known
    return [replace(k, moment=1 + (k.said or 0)) if k.said == 1 or zeroth(k) else k for k in known]
