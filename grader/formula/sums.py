"""Judges index formulas with sums, such as ∂l/∂w_k = Σ_b Σ_i ∂l/∂y_{bi} x_{b,i+k}, entry by entry at random sizes.

Index names are the student's own; ranges may be written or left out; axes may count from 0 or from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, permutations, product

import numpy as np

from grader.formula.judge import Verdict
from grader.formula.reading import equations_of, sides_of
from grader.formula.sums_reader import SumReader
from grader.formula.sums_repair import has_sum, repairs, summed, walk
from grader.formula.sums_tree import (
    Draw,
    Evaluation,
    Floats,
    Linear,
    SumNode,
    free,
)
from grader.formula.tokens import Token, tokenize
from grader.formula.tree import Stop, Unreadable

RTOL = 1e-9
MAX_REPAIRS = 600
MAX_NODES = 40


@dataclass(frozen=True)
class IndexedArray:
    """An array of the question: `axes` are pairs of a size's name and a kind, (("B", "batch"), ("T", "time")).

    Axes of one kind count from the same number. `derivative` marks ∂l/∂name, written as such.
    """

    name: str
    axes: tuple[tuple[str, str], ...]
    derivative: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SumEntry:
    """One derivative that an index formula answers.

    `want` computes it from the drawn arrays by name ("x", "dy" for ∂l/∂y). `target` is the name below the line on the
    left, `axes` the sizes and kinds of its axes; `sizes` draws the sizes, under the names that a bound may use.
    `losses` are the names that the loss may have.
    """

    target: str
    axes: tuple[tuple[str, str], ...]
    arrays: tuple[IndexedArray, ...]
    want: Callable[[Mapping[str, Floats]], Floats]
    sizes: Callable[[np.random.Generator], Mapping[str, int]]
    losses: frozenset[str] = frozenset({"l", "L", "loss", "J", "E"})

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        known: dict[str, str] = {}
        for array in self.arrays:
            key = f"d{array.name}" if array.derivative else array.name
            for spelling in (array.name, *array.also):
                known[f"∂{spelling}" if array.derivative and not spelling.startswith("d") else spelling] = key
        return known

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        return {f"d{a.name}" if a.derivative else a.name: len(a.axes) for a in self.arrays}

    def draw(self, rng: np.random.Generator) -> tuple[Mapping[str, int], Mapping[str, Floats]]:
        sizes = dict(self.sizes(rng))
        return sizes, {
            f"d{array.name}" if array.derivative else array.name: rng.normal(
                size=[sizes[size] for size, _ in array.axes]
            )
            for array in self.arrays
        }


@dataclass(frozen=True)
class _Trial:
    sizes: Mapping[str, int]
    arrays: Mapping[str, Floats]
    want: Floats


class SumJudge:
    """An entry with its draws made."""

    def __init__(self, entry: SumEntry, rng: np.random.Generator, trials: int = 2) -> None:
        self.entry = entry
        drawn = [entry.draw(rng) for _ in range(trials)]
        self.trials = tuple(_Trial(sizes, arrays, np.asarray(entry.want(arrays))) for sizes, arrays in drawn)
        self.kinds = {
            f"d{array.name}" if array.derivative else array.name: tuple(kind for _, kind in array.axes)
            for array in entry.arrays
        }
        kinds = sorted({kind for kinds in self.kinds.values() for kind in kinds})
        self.bases = tuple(dict(zip(kinds, base, strict=True)) for base in product((0, 1), repeat=len(kinds)))
        self.sizes = frozenset(self.trials[0].sizes)

    def judge(self, text: str) -> Verdict:
        """Right, wrong with the mistake where one change explains it, or unreadable, which is for a human."""
        try:
            return self._judge(text)
        except Stop as stop:
            return Verdict("unreadable", text, stop.problem)

    def _judge(self, text: str) -> Verdict:
        lines = [line for line in equations_of(tokenize(text)) if len(line) > 1]
        if len(lines) != 1:
            words = "Several equations stand here." if lines else "No formula stands here."
            raise Stop(Unreadable(words, 0, len(text), "meaning"))
        sides = sides_of(_without_quantifier(lines[0]))
        label = self._reader(sides[0]).label() if len(sides) > 1 else None
        if label and label[0] != self.entry.target:
            words = f"This is about ∂l/∂{label[0]}; ∂l/∂{self.entry.target} is asked for."
            raise Stop(Unreadable(words, sides[0][0].offset, sides[0][-1].end - sides[0][0].offset, "meaning"))
        indices = self._label_indices(label[1] if label else (), sides[0])
        verdicts = [self._side(side, indices, text) for side in (sides[1:] if len(sides) > 1 else sides)]
        last = verdicts[-1]
        if last.status == "unreadable":
            return last
        if any(verdict.status not in ("unreadable", last.status) for verdict in verdicts):
            raise Stop(Unreadable("The sides of this equation contradict one another.", 0, len(text), "meaning"))
        return last

    def _reader(self, tokens: tuple[Token, ...]) -> SumReader:
        entry = self.entry
        return SumReader(tokens, entry.spellings, entry.ranks, self.sizes, entry.losses)

    def _label_indices(self, indices: tuple[Linear, ...], side: tuple[Token, ...]) -> tuple[str, ...] | None:
        if not indices:
            return None
        names = [index.bare for index in indices]
        if None in names or len(set(names)) != len(self.entry.axes):
            words = "The indices on the left-hand side are not plain names."
            raise Stop(Unreadable(words, side[0].offset, side[-1].end - side[0].offset, "meaning"))
        return tuple(name for name in names if name)

    def _side(self, tokens: tuple[Token, ...], indices: tuple[str, ...] | None, text: str) -> Verdict:
        try:
            node = self._reader(tokens).whole()
            if sum(1 for _ in islice(walk(node), MAX_NODES + 1)) > MAX_NODES:
                raise Stop(Unreadable("This formula is too long.", node.offset, node.length))
            loose = free(node, self.sizes)
            orders = [indices] if indices else self._orders(loose)
            for order in orders:
                right, overrun = self._right(node, order)
                if right and overrun:
                    words = "A sum runs past the end of an array here."
                    raise Stop(Unreadable(words, node.offset, node.length, "meaning"))
                if right:
                    return Verdict("right", text)
            return self._wrong(node, orders, text)
        except Stop as stop:
            return Verdict("unreadable", text, stop.problem)

    def _orders(self, loose: frozenset[str]) -> list[tuple[str, ...]]:
        """The free names as the entry's indices, in every order; without a left-hand side nothing else tells them."""
        rank = len(self.entry.axes)
        if len(loose) > 5:
            return []
        return list(permutations(sorted(loose), rank)) if rank else [()]

    def _right(self, node: SumNode, order: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether some way of counting makes it right, and whether every such way runs past an array's end."""
        over = []
        for base in self.bases:
            overrun = False
            for trial in self.trials:
                agrees, past = self._agrees(node, order, trial, base)
                overrun = overrun or past
                if not agrees:
                    break
            else:
                over.append(overrun)
        return bool(over), bool(over) and all(over)

    def _agrees(
        self, node: SumNode, order: tuple[str, ...], trial: _Trial, base: Mapping[str, int]
    ) -> tuple[bool, bool]:
        if free(node, self.sizes) - set(order):
            return False, False
        depth = len(order)
        grid = {}
        for axis, (name, (size, kind)) in enumerate(zip(order, self.entry.axes, strict=True)):
            shape = (1,) * axis + (-1,) + (1,) * (depth - axis - 1)
            grid[name] = (np.arange(trial.sizes[size]) + base[kind]).reshape(shape)
        evaluation = Evaluation(Draw(trial.arrays, self.kinds, trial.sizes, base))
        got = np.broadcast_to(evaluation.run(node, grid, depth), trial.want.shape)
        close = np.abs(got - trial.want) <= RTOL * max(float(np.max(np.abs(trial.want))), 1e-300)
        return bool(np.all(close)), evaluation.overrun

    def _wrong(self, node: SumNode, orders: list[tuple[str, ...]], text: str) -> Verdict:
        loose = free(node, self.sizes)
        rank = len(self.entry.axes)
        if not has_sum(node) and len(loose) > rank:
            for order in permutations(sorted(loose), rank) if not orders or len(orders) > 1 else orders:
                if len(loose) < 6 and self._fits(summed(node, loose - set(order)), order):
                    words = "No sum is written: whether one over the repeated indices is meant is not clear."
                    raise Stop(Unreadable(words, node.offset, node.length, "meaning"))
        for diagnosis, changed in islice(repairs(node, orders, self.sizes), MAX_REPAIRS):
            names = free(changed, self.sizes)
            for order in orders if len(orders) == 1 else permutations(sorted(names), rank):
                if len(names) < 6 and self._fits(changed, order):
                    return Verdict("wrong", text, None, diagnosis)
        return Verdict("wrong", text)

    def _fits(self, node: SumNode, order: tuple[str, ...]) -> bool:
        try:
            return self._right(node, order) == (True, False)
        except Stop:
            return False


def judge_sum(text: str, entry: SumEntry, rng: np.random.Generator) -> Verdict:
    """Judges one index formula; see `SumJudge` for a class of them."""
    return SumJudge(entry, rng).judge(text)


def _without_quantifier(line: tuple[Token, ...]) -> tuple[Token, ...]:
    """The equation without a trailing ", k = 0, …, T' - 1" or ", k ∈ …"."""
    level = 0
    for i, token in enumerate(line):
        level += (token.kind == "open") - (token.kind == "close")
        if not level and i and token.kind == "op" and token.text in (",", ";"):
            rest = [t for t in line[i + 1 : i + 4] if t.kind != "mark"]
            if (
                len(rest) > 1
                and rest[0].kind == "letter"
                and (rest[1].kind in ("rel", "compare") or rest[1].text in ("in", "∈"))
            ):
                return (*line[:i], Token("end", "", token.offset, 0, False))
    return line
