"""The numbers of a sentence with the kind that the words beside each give it, and what a sentence says of the run.

A kind is one of "loss", "seconds", "iterations", "accuracy"; one of a set-up ("lr", "lambda", "samples"); or
"of" (the 20000 of "500/20000"), "bound", "other", None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rubrics.numpy_layers.reported.numerals import Numeral, numerals
from rubrics.numpy_layers.reported.vocabulary import (
    ACTIVATION,
    BESIDES,
    BOUND,
    DIRECT,
    FORMULA,
    KEY,
    NONE,
    RATE,
    RELATIVE,
    UNIT,
)

QUANTITIES = frozenset({"loss", "seconds", "iterations", "accuracy"})
SETUP = frozenset({"lr", "lambda", "samples"})
MIXED = "several"
_MOST_NUMBERS = 60
_SECONDS = {"seconds": 1.0, "milliseconds": 1e-3, "minutes": 60.0}


@dataclass(frozen=True)
class Words:
    """The run that a number belongs to, as far as words say.

    `activation` is "ReLU", "Sigmoid", "none" (without activations), "other", `MIXED` where several are named, or None.
    """

    activation: str | None = None
    samples: int | None = None
    lr: float | None = None
    lambda_: float | None = None


@dataclass(frozen=True)
class Mark:
    """A number with its kind; `direct` where nothing stands between the naming word and it."""

    numeral: Numeral
    kind: str | None
    direct: bool = False
    percent: bool = False

    @property
    def value(self) -> float:
        return self.numeral.value

    @property
    def in_percent(self) -> float:
        """An accuracy in percent: a number up to 1 without a sign of percent is a share."""
        return self.value if self.percent or not 0 <= self.value <= 1 else 100 * self.value


def marks(sentence: str) -> list[Mark]:
    """The numbers of a sentence in order, with their kinds.

    >>> [(one.value, one.kind) for one in marks("epoch 500/20000, loss: 0.1096, 0.56 s")]
    [(500.0, 'iterations'), (20000.0, 'of'), (0.1096, 'loss'), (0.56, 'seconds')]
    """
    found: list[Mark] = []
    end = 0
    pending: str | None = None  # a quantity whose number is still to come: "the loss after 500 iterations is …"
    asked: str | None = None  # the latest quantity named in the sentence
    for numeral in islice(numerals(sentence), _MOST_NUMBERS):
        before, after = sentence[end : numeral.start], sentence[numeral.end : numeral.end + 30]
        keys = list(KEY.finditer(before))
        named = [key.lastgroup for key in keys if key.lastgroup in QUANTITIES - {"iterations"}]
        asked = named[-1] if named else asked
        unit = UNIT.match(after)
        end = numeral.end + (unit.end() if unit else 0)
        mark = _classed(numeral, keys, before, unit, after, pending, asked)
        if before.rstrip().endswith("/") and found and found[-1].numeral.end >= numeral.start - 3:
            mark = Mark(numeral, "of")
        elif mark.kind in {"loss", "accuracy", None} and BOUND.search(before):
            mark = Mark(numeral, "bound")
        if mark.kind in QUANTITIES and numeral.value < 0 and not re.search(r"[:=]\s*$", before):
            mark = replace(mark, direct=False)
        waits = mark.kind in SETUP | {"iterations"}
        pending = (named[-1] if named else pending) if waits else None
        found.append(mark)
    return found


def _classed(
    numeral: Numeral,
    keys: Sequence[re.Match[str]],
    before: str,
    unit: re.Match[str] | None,
    after: str,
    pending: str | None,
    asked: str | None,
) -> Mark:
    key = keys[-1].lastgroup if keys else None
    gap = ACTIVATION.sub("", NONE.sub("", before[keys[-1].end() :])) if keys else before
    direct = bool(keys) and DIRECT.match(gap) is not None
    name = unit.lastgroup if unit else None
    if unit and name in _SECONDS:
        rate = RATE.match(after[unit.end() :]) is not None
        return Mark(replace(numeral, value=numeral.value * _SECONDS[name]), None if rate else "seconds", True)
    if name in {"iterations", "samples"} and numeral.whole:
        return Mark(numeral, name, True)
    if unit and name == "percent":
        accuracy = (key or pending or asked) == "accuracy" and not RELATIVE.match(after[unit.end() :])
        return Mark(numeral, "accuracy" if accuracy else None, direct, percent=True)
    if name is not None or (key in {"loss", "accuracy"} and FORMULA.match(after)):
        return Mark(numeral, None)
    if key is None and pending is not None:
        return Mark(numeral, pending, pending == "loss" and re.fullmatch(r"[)\s:=is]{1,6}", before) is not None)
    return Mark(numeral, key, direct)


def words_of(text: str, numbers: Sequence[Mark]) -> Words:
    """What a text says of the run; a number that stands for a set-up counts only where it is the one of its kind."""
    named = {match.lastgroup or "" for match in ACTIVATION.finditer(NONE.sub(" ", text))}
    if NONE.search(text):
        named |= {"none", "with them"} if BESIDES.search(NONE.sub(" ", text)) else {"none"}
    activation = None if not named else named.pop() if len(named) == 1 else MIXED
    values = {kind: {mark.value for mark in numbers if mark.kind == kind} for kind in SETUP}
    samples = {value for value in values["samples"] if 2 <= value <= 1e7 and value == int(value)}
    samples = samples or {mark.value for mark in numbers if _behind_activation(text, mark)}
    return Words(
        activation,
        int(min(samples)) if len(samples) == 1 else None,
        *(min(values[kind]) if len(values[kind]) == 1 else None for kind in ("lr", "lambda")),
    )


def _behind_activation(text: str, mark: Mark) -> bool:
    """Whether a bare number stands right behind an activation's name, as samples do: "ReLU 1000"."""
    if mark.kind is not None or not mark.numeral.whole or not 10 <= mark.value <= 1e6:
        return False
    number = re.escape(mark.numeral.written)
    return re.search(rf"(?:relu|sigmoid)[\s'\",(_:-]{{1,5}}{number}(?!\d)", text, re.IGNORECASE) is not None
