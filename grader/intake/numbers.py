"""Which value of an answer belongs to which label, and whether a written number agrees with the exact one.

Whoever is not sure says so: an `Unclear` waits for a human, and so does a reading that is not `sure` and not right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from grader.intake.labels import Hit, LabelWords, recognise, says, tokens
from grader.intake.matrices import Found
from grader.intake.numerals import EXACT
from grader.model import Array

LEAST: Final = 3  # significant digits that a rounded number must have
_EQUALS: Final = re.compile(r":=|=+|[←→⇒≈:]")
_NUMBER: Final = re.compile(r"(?<![\w.^_\[{(])(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?![\w)])")


@dataclass(frozen=True)
class Unclear:
    """A label for which something is written, but not in a way that leaves one reading. `why` in plain words."""

    why: str
    candidates: tuple[Found, ...] = ()


@dataclass(frozen=True, eq=False)
class Matched(Found):
    """The value that a label was given. `earlier`: other values under the same label, which it replaced."""

    earlier: tuple[Found, ...] = ()


def agrees(written: float, decimals: int, exact: float) -> bool:
    """Whether a number is right to the digits it was written with.

    Three significant digits at least; fewer only where the exact value has no more. Both rounding and cutting off are
    accepted, and so is the dust of binary arithmetic.

    >>> agrees(0.667, 3, 2 / 3), agrees(0.67, 2, 2 / 3), agrees(1.85, 2, 1.85), agrees(1.9, 1, 1.85)
    (True, False, True, False)
    """
    if not (math.isfinite(written) and math.isfinite(exact)):
        return False
    if abs(written - exact) <= 1e-6 * abs(exact) + 1e-12 * (exact == 0):
        return True
    if decimals >= EXACT or not written:
        return False
    significant = math.floor(math.log10(abs(written)) + 1e-12) + 1 + decimals
    if significant < LEAST:
        return False
    unit = 10.0**-decimals
    cut_off = math.trunc(exact / unit + math.copysign(1e-9, exact)) * unit
    return abs(written - exact) <= unit / 2 * (1 + 1e-9) or abs(written - cut_off) <= unit * 1e-6


def match_labels(
    found: Sequence[Found], wanted: Mapping[str, LabelWords], givens: Mapping[str, Array | float] | None = None
) -> dict[str, Matched | Unclear]:
    """The value of every wanted label that has one; a label without any is left out.

    `givens` are what the question states (X, dY, the learning rate): restated values are no answers. The last value
    under a label counts. A name beats a heading, a heading of one's own beats the order in which values stand.
    """
    return Matching(found, wanted, givens or {}).labels


class Matching:
    """The work of `match_labels`; `unexplained` holds what belongs to no label and restates nothing."""

    def __init__(
        self, found: Sequence[Found], wanted: Mapping[str, LabelWords], givens: Mapping[str, Array | float]
    ) -> None:
        self.wanted = wanted
        self.givens = givens
        self._known: dict[str, Hit] = {}  # what was recognised already
        self.unexplained: list[Found] = []
        self.other: list[Found] = []  # clearly something else, such as dW
        self.restated: set[str] = set()
        self._tiers: dict[str, list[list[Found]]] = {label: [[], [], []] for label in wanted}
        shared: dict[tuple[int, tuple[str, ...]], list[Found]] = {}
        nameless: list[Found] = []
        for one in found:
            hit, tier, line = self._meaning(one)
            if self._restates(one, hit):
                continue
            if len(hit.labels) > 1:
                shared.setdefault((line, hit.labels), []).append(one)
            elif hit.labels:
                label = hit.labels[0]
                one = replace(one, sure=one.sure and hit.sure and tier < 2)
                if one.value is not None and one.value.ndim == 0 and tier and not wanted[label].number:
                    self.unexplained.append(one)  # a number in passing under a matrix's heading
                else:
                    self._tiers[label][tier].append(one)
            elif hit.strength == 2:
                self.other.append(one)
            else:
                self.unexplained.append(one)
                if not hit.formula:
                    nameless.append(one)
        for (_, labels), values in shared.items():
            self._share(labels, values)
        if not any(any(tiers) for tiers in self._tiers.values()) and not self.other:
            self._by_order(nameless)
        self.labels: dict[str, Matched | Unclear] = {}
        for label, tiers in self._tiers.items():
            decided = self._decide(label, tiers)
            if decided is not None:
                self.labels[label] = decided

    def _meaning(self, one: Found) -> tuple[Hit, int, int]:
        """What the words around a value mean; 0: by a name of its own, 1: a heading, 2: doubtful; its line."""
        weak: Hit | None = None
        stranger = False
        calculates = False
        for part in one.labels:
            hit = self._part(part)
            if hit.strength == 2:
                return self._under_heading(one, hit), 0, one.depth
            weak = hit if hit.strength == 1 else weak
            calculates = calculates or hit.formula
            stranger = stranger or (hit.strength == 0 and not hit.formula and _is_symbol(part))
        if weak is not None and not calculates:
            return weak, 2 if stranger else 1, one.depth
        if calculates:
            return Hit(formula=True), 2, 0
        if one.after:
            hit = self._recognise(one.after)
            if hit.labels:
                return hit, 1 if hit.sure and not one.labels else 2, one.depth
        for back, text in enumerate(one.above):
            hit = self._line(text)
            if hit.strength:
                own_words = any(_is_symbol(part) for part in one.labels)
                return hit, 2 if own_words else 1, one.depth - back
        return Hit(), 2, 0

    def _part(self, part: str) -> Hit:
        """One side of an equal sign; of a sentence the words behind its last comma speak first."""
        pieces = re.split(r"[,;]\s|(?<!w\.r\.t)(?<!wrt)\.\s", part)
        last = self._recognise(pieces[-1])
        return last if last.labels or len(pieces) == 1 else self._recognise(part)

    def _recognise(self, part: str) -> Hit:
        part = part[-300:]
        if part not in self._known:
            self._known[part] = recognise(part, self.wanted)
        return self._known[part]

    def _line(self, text: str) -> Hit:
        weak = Hit()
        for part in _EQUALS.split(text):
            hit = self._part(part)
            if hit.strength == 2:
                return hit
            weak = hit if hit.strength else weak
        return weak

    def _under_heading(self, one: Found, hit: Hit) -> Hit:
        """A name under a heading that speaks against it ("Gradients:" above "W = …") is not certain any more."""
        for text in one.above if hit.labels else ():
            if any(says(text, self.wanted[label].never) for label in hit.labels):
                return replace(hit, sure=False)
            if self._line(text).strength:
                break
        return hit

    def _restates(self, one: Found, hit: Hit) -> bool:
        """Whether a value only repeats what the question gives."""
        if one.value is None:
            return False
        if len(hit.labels) == 1 and hit.strength == 2:
            label = hit.labels[0]
            words = self.wanted[label]
            around = (*one.labels, *one.above[:1])
            if (
                words.given is None
                or any(says(text, words.fresh) for text in around)
                or not _same(one.value, words.given)
            ):
                return False
            self.restated.add(label)
            return True
        values = [*self.givens.values(), *(words.given for words in self.wanted.values() if words.given is not None)]
        if not any(_same(one.value, given) for given in values):
            return False
        self.restated.update(hit.labels if one.value.ndim else ())
        return True

    def _share(self, labels: tuple[str, ...], values: list[Found]) -> None:
        """Values under a heading that several labels share: in the labels' order, if there are as many."""
        free = [label for label in labels if not self._tiers[label][0]]
        for names in (labels, tuple(free)):
            if names and len(values) == len(names):
                for label, value in zip(names, values, strict=True):
                    self._tiers[label][1].append(replace(value, sure=False))
                return
        self.unexplained += values

    def _by_order(self, nameless: list[Found]) -> None:
        """Without any label at all, values stand in the order of the question."""
        values = [one for one in nameless if one.value is not None and (one.value.ndim or self._numbers_only())]
        if len(values) != len(self.wanted):
            return
        self.unexplained = [one for one in self.unexplained if one not in values]
        for label, value in zip(self.wanted, values, strict=True):
            self._tiers[label][1].append(replace(value, sure=False))

    def _numbers_only(self) -> bool:
        return all(words.number for words in self.wanted.values())

    def _decide(self, label: str, tiers: list[list[Found]]) -> Matched | Unclear | None:
        everything = [one for tier in tiers for one in tier]
        if not everything:
            return Unclear("only the value that the question gives was found") if label in self.restated else None
        readable = [[one for one in tier if one.value is not None] for tier in tiers]
        if not any(readable):
            return Unclear("what is written there could not be read as numbers", tuple(everything))
        named = readable[0]
        if named:
            last = named[-1]
            rest = tuple(one for tier in readable for one in tier if one is not last and not _same_found(one, last))
            unread_later = any(one.value is None and one.offset > last.offset for one in tiers[0])
            doubt = unread_later or any(one in rest for one in readable[1])
            return _matched(last, rest, last.sure and not doubt)
        candidates = readable[1] or readable[2]
        last = candidates[-1]
        if any(not _same_found(one, last) for one in candidates):
            return Unclear("several values stand there and none of them is named", tuple(candidates))
        unread = any(one.value is None for one in everything)
        return _matched(last, (), last.sure and not unread)

    def left_open(self, lines: Sequence[str]) -> bool:
        """Whether free-standing numbers remain in lines of text that were read as words only."""
        stated = {float(given) for given in self.givens.values() if np.ndim(given) == 0}
        numbers = (match.group() for line in lines for match in _NUMBER.finditer(line))
        return any(float(number) not in stated for number in numbers)

    def described(self, label: str, lines: Sequence[str]) -> bool:
        """Whether a line says in words or formulas what `label` is: "dX = all threes"."""
        for line in lines:
            parts = [part for part in _EQUALS.split(line) if part.strip()]
            if len(parts) > 1 and label in self._line(line).labels:
                return True
        return False


def _matched(one: Found, earlier: tuple[Found, ...], sure: bool) -> Matched:
    return Matched(
        one.value, one.decimals, one.labels, one.offset, one.above, one.depth, one.after, sure=sure, earlier=earlier
    )


def _is_symbol(part: str) -> bool:
    """Whether a label is a symbol of the student's own ("A", "z_1") and no phrase."""
    label = tokens(part)
    return len(label) == 1 and (len(label[0]) <= 2 or "_" in label[0] or "[" in label[0])


def _same(value: Array, given: Array | float) -> bool:
    """Equal apart from axes of length 1; a single number stands for an array that is filled with it."""
    one, other = np.squeeze(np.asarray(value, dtype=float)), np.squeeze(np.asarray(given, dtype=float))
    if one.shape != other.shape and one.ndim:
        return False
    return bool(np.all(np.abs(one - other) <= 1e-12 + 1e-9 * np.abs(other)))


def _same_found(one: Found, other: Found) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return np.squeeze(one.value).shape == np.squeeze(other.value).shape and _same(one.value, other.value)
