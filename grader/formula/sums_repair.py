"""Names a mistake in an index formula: a flipped index, a missing sum, a range off by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.formula.repair import Diagnosis
from grader.formula.sums_tree import Cell, Constant, Divided, Linear, Over, Plus, SumNode, Times, cells, free, parts


def repairs(node: SumNode, orders: list[tuple[str, ...]], sizes: frozenset[str]) -> Iterator[tuple[Diagnosis, SumNode]]:
    """Single changes of an index formula, each with what it would mean if it made the formula right."""
    loose = free(node, sizes)
    bound = set(orders[0]) if len(orders) == 1 else set()
    for name in sorted(loose - bound):
        words = f"A sum over {name} is missing."
        yield Diagnosis("missing-sum", words, node.offset, node.length), Over(node.offset, node.length, name, node)
    for scale, id, words in (
        (-1.0, "wrong-sign", "The sign is wrong."),
        (2.0, "wrong-factor", "The whole is off by a factor of 0.5."),
        (0.5, "wrong-factor", "The whole is off by a factor of 2."),
    ):
        number = Constant(node.offset, node.length, scale)
        yield Diagnosis(id, words, node.offset, node.length), Times(node.offset, node.length, (number, node))
    for size in sorted(sizes):
        scaled = Times(node.offset, node.length, (Constant(node.offset, node.length, 0.0, size), node))
        yield Diagnosis("wrong-factor", f"The whole is off by a factor of {size}.", node.offset, node.length), scaled
    for path, part in walk(node):
        for diagnosis, new in _changes(part, sorted((all_names(node) | bound) - sizes), sizes):
            yield diagnosis, _replaced(node, path, new)


def _changes(part: SumNode, names: list[str], sizes: frozenset[str]) -> Iterator[tuple[Diagnosis, SumNode]]:
    def said(id: str, words: str) -> Diagnosis:
        return Diagnosis(id, words, part.offset, part.length)

    if isinstance(part, Over):
        for side in ("low", "high"):
            end: Linear | None = getattr(part, side)
            if end is not None:
                for step in (1, -1):
                    moved = replace(end, constant=end.constant + step)
                    words = f"The range of {part.index} is off by one."
                    new = replace(part, low=moved) if side == "low" else replace(part, high=moved)
                    yield said("range-off-by-one", words), new
        if part.low is not None and part.high is not None:
            for step in (1, -1):
                low = replace(part.low, constant=part.low.constant + step)
                high = replace(part.high, constant=part.high.constant + step)
                words = f"The range of {part.index} is off by one."
                yield said("range-off-by-one", words), replace(part, low=low, high=high)
            yield said("wrong-range", f"The range of {part.index} is wrong."), replace(part, low=None, high=None)
        yield said("extra-sum", f"The sum over {part.index} does not belong here."), part.body
    if isinstance(part, Cell):
        for axis, index in enumerate(part.indices):
            for name, _ in index.terms:
                flipped = tuple((n, -t if n == name else t) for n, t in index.terms)
                words = f"The index {name} enters here with the wrong sign."
                yield said("flipped-index", words), _with_index(part, axis, replace(index, terms=flipped))
                if len(index.terms) > 1:
                    rest = tuple((n, t) for n, t in index.terms if n != name)
                    words = f"The index {name} does not belong here."
                    yield said("wrong-index", words), _with_index(part, axis, replace(index, terms=rest))
                for other in names:
                    if other != name:
                        renamed = Linear(tuple((other if n == name else n, t) for n, t in index.terms), index.constant)
                        words = f"The index {name} is the wrong one here."
                        yield said("wrong-index", words), _with_index(part, axis, renamed)
                    for step in (1, -1):
                        if other not in dict(index.terms):
                            more = Linear((*index.terms, (other, step)), index.constant)
                            words = f"The index {other} is missing here."
                            yield said("missing-index", words), _with_index(part, axis, more)
            for size in sorted(sizes):
                mirrored = Linear((*((n, -t) for n, t in index.terms), (size, 1)), -index.constant - 1)
                yield said("flipped-index", "This axis runs the wrong way round."), _with_index(part, axis, mirrored)
            turned = Linear(tuple((n, -t) for n, t in index.terms), -index.constant)
            yield said("flipped-index", "This index runs the wrong way round."), _with_index(part, axis, turned)
            for step in (1, -1):
                shifted = replace(index, constant=index.constant + step)
                yield said("index-off-by-one", "This index is off by one."), _with_index(part, axis, shifted)
        if len(part.indices) == 2:
            swapped = replace(part, indices=part.indices[::-1])
            yield said("swapped-indices", "The two indices stand in the wrong order."), swapped
    if isinstance(part, Times):
        for i, factor in enumerate(part.factors):
            fewer = replace(part, factors=part.factors[:i] + part.factors[i + 1 :])
            words = "This factor does not belong here."
            yield Diagnosis("extra-factor", words, factor.offset, factor.length), fewer


def _with_index(cell: Cell, axis: int, index: Linear) -> Cell:
    return replace(cell, indices=(*cell.indices[:axis], index, *cell.indices[axis + 1 :]))


def all_names(node: SumNode) -> frozenset[str]:
    return frozenset(name for cell in cells(node) for index in cell.indices for name, _ in index.terms)


def has_sum(node: SumNode) -> bool:
    return any(isinstance(part, Over) for _, part in walk(node))


def summed(node: SumNode, names: frozenset[str]) -> SumNode:
    for name in sorted(names):
        node = Over(node.offset, node.length, name, node)
    return node


def walk(node: SumNode, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], SumNode]]:
    yield path, node
    for i, part in enumerate(parts(node)):
        yield from walk(part, (*path, i))


def _replaced(node: SumNode, path: tuple[int, ...], new: SumNode) -> SumNode:
    if not path:
        return new
    inner = list(parts(node))
    inner[path[0]] = _replaced(inner[path[0]], path[1:], new)
    match node:
        case Times():
            return replace(node, factors=tuple(inner))
        case Plus():
            return replace(node, terms=tuple(inner))
        case Over():
            return replace(node, body=inner[0])
        case Divided():
            return replace(node, arg=inner[0])
        case _:
            return node
