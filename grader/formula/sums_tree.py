"""Index formulas with sums as trees, and their values entry by entry.

An entry outside its array counts as 0, as is usual for convolutions; a written range that runs past the end is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.formula.tree import Stop, Unreadable

MAX_CELLS = 400_000
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """An index: a constant plus whole multiples of names, i + k - 1. Names are indices, or sizes in a bound."""

    terms: tuple[tuple[str, int], ...]
    constant: int = 0

    @property
    def bare(self) -> str | None:
        """The name, where the index is nothing but a name."""
        return self.terms[0][0] if len(self.terms) == 1 and self.terms[0][1] == 1 and not self.constant else None


@dataclass(frozen=True)
class Node:
    offset: int
    length: int


@dataclass(frozen=True)
class Constant(Node):
    """A number, or the name of a size such as B."""

    value: float
    size: str | None = None


@dataclass(frozen=True)
class Cell(Node):
    """One entry of an array, x_{b,i+k}; no indices at all where it stands for the whole array under a bare sum."""

    array: str
    indices: tuple[Linear, ...]


@dataclass(frozen=True)
class Times(Node):
    factors: tuple[SumNode, ...]


@dataclass(frozen=True)
class Plus(Node):
    signs: tuple[int, ...]
    terms: tuple[SumNode, ...]


@dataclass(frozen=True)
class Divided(Node):
    """1 / arg"""

    arg: SumNode


@dataclass(frozen=True)
class Over(Node):
    """Σ over one index, from `low` to `high` inclusive where they are written."""

    index: str
    body: SumNode
    low: Linear | None = None
    high: Linear | None = None


SumNode = Constant | Cell | Times | Plus | Divided | Over


@dataclass(frozen=True)
class Draw:
    """Arrays, the kind of each of their axes, the sizes by name, and the number that each kind of axis begins at."""

    arrays: Mapping[str, Floats]
    kinds: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, int]
    base: Mapping[str, int]


def parts(node: SumNode) -> tuple[SumNode, ...]:
    match node:
        case Times(factors=inner) | Plus(terms=inner):
            return inner
        case Divided(arg=arg):
            return (arg,)
        case Over(body=body):
            return (body,)
        case _:
            return ()


def cells(node: SumNode) -> list[Cell]:
    return [node] if isinstance(node, Cell) else [cell for part in parts(node) for cell in cells(part)]


def free(node: SumNode, sizes: frozenset[str] = frozenset()) -> frozenset[str]:
    """The index names that no sum binds."""
    if isinstance(node, Cell):
        return frozenset(name for index in node.indices for name, _ in index.terms if name not in sizes)
    names = frozenset(name for part in parts(node) for name in free(part, sizes))
    return names - {node.index} if isinstance(node, Over) else names


class Evaluation:
    """The value of a formula for all its free indices at once. `overrun` notes a range past an array's end."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.overrun = False

    def run(
        self, node: SumNode, grid: Mapping[str, Integers], depth: int, written: frozenset[str] = frozenset()
    ) -> Floats:
        """`grid` has each index's values along an axis of its own; `written` are the given ranges."""
        match node:
            case Constant(value=value, size=size):
                return np.asarray(value if size is None else float(self.draw.sizes[size])).reshape((1,) * depth)
            case Cell():
                return self.cell(node, grid, depth, written)
            case Times(factors=factors):
                product = np.ones((1,) * depth)
                for factor in factors:
                    product = product * self.run(factor, grid, depth, written)
                return product
            case Plus(signs=signs, terms=terms):
                total = np.zeros((1,) * depth)
                for sign, term in zip(signs, terms, strict=True):
                    total = total + sign * self.run(term, grid, depth, written)
                return total
            case Divided(arg=arg):
                below = self.run(arg, grid, depth, written)
                if np.any(below == 0):
                    raise Stop(Unreadable("This divides by zero.", node.offset, node.length, "meaning"))
                return 1.0 / below
            case Over():
                return self.over(node, grid, depth, written)

    def over(self, node: Over, grid: Mapping[str, Integers], depth: int, written: frozenset[str]) -> Floats:
        if node.index in grid:
            raise Stop(
                Unreadable(f"The index {node.index} is already in use here.", node.offset, node.length, "meaning")
            )
        low, high = self.bound(node.low), self.bound(node.high)
        implied = self.implied(node)
        whole = low is not None and high is not None
        if implied is None and not whole:
            words = f"From where to where {node.index} runs is not clear."
            raise Stop(Unreadable(words, node.offset, node.length, "meaning"))
        first, last = implied or (0, 0)
        values = np.arange(first if low is None else low, (last if high is None else high) + 1)
        wider = {name: value[..., None] for name, value in grid.items()}
        wider[node.index] = values.reshape((1,) * depth + (-1,))
        if np.prod([float(np.max((1, value.size))) for value in wider.values()]) > MAX_CELLS:
            raise Stop(Unreadable("These are too many sums inside one another.", node.offset, node.length))
        now = written | {node.index} if low is not None or high is not None else written
        body = np.broadcast_to(self.run(node.body, wider, depth + 1, now), self.run_shape(wider, depth + 1))
        return np.asarray(np.sum(body, axis=-1))

    def run_shape(self, grid: Mapping[str, Integers], depth: int) -> tuple[int, ...]:
        return np.broadcast_shapes(*(value.shape for value in grid.values()), (1,) * depth)

    def bound(self, bound: Linear | None) -> int | None:
        """The number that a bound stands for; None where it is not written or names something unknown."""
        if bound is None or any(name not in self.draw.sizes for name, _ in bound.terms):
            return None
        return bound.constant + sum(times * self.draw.sizes[name] for name, times in bound.terms)

    def implied(self, node: Over) -> tuple[int, int] | None:
        """All values that reach an entry: an axis's own where the index stands alone, a wide window elsewhere."""
        found = [(cell, axis, index) for cell in cells(node.body) for axis, index in enumerate(cell.indices)]
        used = [(cell, axis, index) for cell, axis, index in found if node.index in dict(index.terms)]
        for cell, axis, index in used:
            if index.bare:
                base = self.draw.base[self.draw.kinds[cell.array][axis]]
                return base, base + self.draw.arrays[cell.array].shape[axis] - 1
        longest = max(size for array in self.draw.arrays.values() for size in array.shape or (1,))
        return (-longest - 2, 2 * longest + 2) if used else None

    def cell(self, node: Cell, grid: Mapping[str, Integers], depth: int, written: frozenset[str]) -> Floats:
        array, kinds = self.draw.arrays[node.array], self.draw.kinds[node.array]
        if not node.indices and array.ndim:
            return np.asarray(array.sum()).reshape((1,) * depth)
        inside = np.ones((1,) * depth, dtype=bool)
        places = []
        for axis, index in enumerate(node.indices):
            place = np.full((1,) * depth, index.constant - self.draw.base[kinds[axis]], dtype=np.int64)
            for name, times in index.terms:
                place = place + times * (grid[name] if name in grid else self.draw.sizes[name])
            fits = (place >= 0) & (place < array.shape[axis])
            if index.bare in written and not np.all(fits):
                self.overrun = True
            inside = inside & fits
            places.append(np.clip(place, 0, array.shape[axis] - 1))
        return np.asarray(np.where(inside, array[tuple(places)], 0.0))
