"""Names a mistake: single changes of the student's own formula, tried in turn until one makes it right.

Only the words and the place of that change are told, never the right formula. Judging is not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from grader.formula.symbols import Symbols
from grader.formula.tree import (
    Apply,
    Elementwise,
    Expr,
    Indicator,
    Norm,
    Number,
    Path,
    Power,
    Product,
    Reciprocal,
    Sum,
    Transpose,
    Variable,
    nodes,
    replaced,
)

MAX_NODES = 100
MAX_REPAIRS = 3000
UNCLEAR_BRACKETS = "unclear-brackets"
UNCLEAR_STAR = "unclear-star"
UNCLEAR = frozenset({UNCLEAR_BRACKETS, UNCLEAR_STAR})
"""Repairs of what may be the reader's misunderstanding rather than the student's mistake: for a human."""


@dataclass(frozen=True)
class Diagnosis:
    """A named mistake: a stable `id`, words for the student, and the place in his own text."""

    id: str
    words: str
    offset: int
    length: int


@dataclass(frozen=True)
class Repair:
    """A changed formula and what it would mean if the change made it right."""

    diagnosis: Diagnosis
    expr: Expr


def diagnose(
    expr: Expr, fits: Callable[[Expr], bool], symbols: Symbols, jacobians: tuple[str, ...] = ()
) -> Repair | None:
    """The first repair of `expr` that `fits`, or None.

    `jacobians` are the names of the activations' derivatives, whose absence has a message of its own.
    """
    if sum(1 for _ in islice(nodes(expr), MAX_NODES + 1)) > MAX_NODES:
        return None
    return next((r for r in islice(repairs(expr, symbols, jacobians), MAX_REPAIRS) if fits(r.expr)), None)


def repairs(expr: Expr, symbols: Symbols, jacobians: tuple[str, ...] = ()) -> Iterator[Repair]:
    """All single repairs, the likeliest mistakes first."""
    yield _repair("denominator-layout", "The whole is transposed: this is denominator layout.", expr, _flipped(expr))
    yield from _factors(expr, (-1.0,))
    yield from _transposes(expr)
    yield from _orders(expr)
    yield from _wrapped(expr, "relu", "missing-activation", "The activation is missing here.")
    for jacobian in jacobians:
        words = f"The Jacobian {symbols.written(jacobian)} of the activation is missing from this product."
        yield from _inserted(expr, jacobian, "missing-activation-jacobian", words)
    yield from _brackets(expr)
    yield from _elementwise(expr)
    yield from _activations(expr)
    yield from _factors(expr, (2.0, 0.5, -2.0, -0.5))
    yield from _terms(expr)
    yield from _squares(expr)
    yield from _dropped(expr)
    yield from _exchanged(expr, symbols)
    for symbol in symbols.symbols:
        words = f"Something is missing from this product: how does {symbols.written(symbol.name)} come in?"
        yield from _inserted(expr, symbol.name, "missing-factor", words)
    for symbol in symbols.symbols:
        term = _variable(expr, symbol.name)
        words = f"A term is missing: how does {symbols.written(symbol.name)} come in?"
        for path, node in nodes(expr):
            if not isinstance(node, Number | Reciprocal | Transpose):
                more = Sum(node.offset, node.length, (1, 1), (node, term))
                yield _repair("missing-term", words, node, replaced(expr, path, more))


def _repair(id: str, words: str, place: Expr, expr: Expr) -> Repair:
    return Repair(Diagnosis(id, words, place.offset, place.length), expr)


def _flipped(expr: Expr) -> Expr:
    return expr.arg if isinstance(expr, Transpose) else Transpose(expr.offset, expr.length, expr)


def _variable(place: Expr, name: str) -> Variable:
    return Variable(place.offset, place.length, name)


def _transposes(expr: Expr) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if isinstance(node, Transpose):
            yield _repair("extra-transpose", "This should not be transposed.", node, replaced(expr, path, node.arg))
    for path, node in nodes(expr):
        if not isinstance(node, Transpose | Number | Norm | Reciprocal):
            yield _repair(
                "missing-transpose", "A transpose is missing here.", node, replaced(expr, path, _flipped(node))
            )
    for path, node in nodes(expr):
        if isinstance(node, Product) and len(node.factors) > 2:
            for i in range(len(node.factors)):
                for j in range(i + 2, len(node.factors) + 1):
                    if j - i < len(node.factors):
                        part = _piece(node, i, j)
                        whole = _chain(node, (*node.factors[:i], _flipped(part), *node.factors[j:]))
                        words = "This part of the product should be transposed as a whole."
                        yield _repair("missing-transpose", words, part, replaced(expr, path, whole))


def _piece(node: Product, i: int, j: int) -> Product:
    """Factors i to j of a chain as a chain of their own."""
    offset, end = node.factors[i].offset, node.factors[j - 1].end
    return Product(offset, end - offset, node.factors[i:j], node.joins[i : j - 1])


def _chain(node: Product, factors: tuple[Expr, ...]) -> Expr:
    """The chain with other factors; entry-by-entry joins stay only where their number still fits."""
    if len(factors) == 1:
        return factors[0]
    joins = node.joins if len(node.joins) == len(factors) - 1 else ("",) * (len(factors) - 1)
    return replace(node, factors=factors, joins=joins)


def _orders(expr: Expr) -> Iterator[Repair]:
    words = "The factors of this product stand in the wrong order."
    for path, node in nodes(expr):
        if not isinstance(node, Product):
            continue
        factors = node.factors
        count = len(factors)
        for i in range(count - 1):
            swapped = (*factors[:i], factors[i + 1], factors[i], *factors[i + 2 :])
            yield _repair("swapped-order", words, _piece(node, i, i + 2), replaced(expr, path, _chain(node, swapped)))
        for i in range(count):
            rest = (*factors[:i], *factors[i + 1 :])
            for j in range(count):
                if abs(i - j) > 1:
                    moved = (*rest[:j], factors[i], *rest[j:])
                    new = replaced(expr, path, _chain(node, moved))
                    yield _repair("swapped-order", "This factor stands in the wrong place.", factors[i], new)
        if count > 2:
            yield _repair("swapped-order", words, node, replaced(expr, path, _chain(node, factors[::-1])))
        for i in range(1, count):
            turned = (*factors[i:], *factors[:i])
            yield _repair("swapped-order", words, node, replaced(expr, path, _chain(node, turned)))


def _inserted(expr: Expr, name: str, id: str, words: str) -> Iterator[Repair]:
    """The symbol, and its transpose, multiplied in at every position of every product."""
    parents = {path[:-1]: node for path, node in nodes(expr) if path}
    chains = {path for path, node in nodes(expr) if isinstance(node, Product)}
    for path, node in nodes(expr):
        if isinstance(node, Number) or (path and path[:-1] in chains and path[:-1] in parents and path not in chains):
            continue
        factors = node.factors if isinstance(node, Product) else (node,)
        for form in (_variable(node, name), _flipped(_variable(node, name))):
            for i in range(len(factors) + 1):
                more = (*factors[:i], form, *factors[i:])
                product = Product(node.offset, node.length, more, ("",) * len(factors))
                yield _repair(id, words, _around(factors, i), replaced(expr, path, product))


def _around(factors: tuple[Expr, ...], i: int) -> Expr:
    """The neighbours of the gap before factor i."""
    left, right = factors[max(0, i - 1)], factors[min(i, len(factors) - 1)]
    return Expr(left.offset, right.end - left.offset)


def _elementwise(expr: Expr) -> Iterator[Repair]:
    entrywise = "This product should be taken entry by entry (⊙)."
    matrix = "This should be a matrix product, not entry by entry."
    star = "Whether this * is a matrix product or entry by entry is not clear."
    for path, node in nodes(expr):
        if isinstance(node, Product):
            for i, join in enumerate(node.joins):
                if join == ".*":
                    joins = (*node.joins[:i], "", *node.joins[i + 1 :])
                    new = replaced(expr, path, replace(node, joins=joins))
                    yield _repair(UNCLEAR_STAR, star, _piece(node, i, i + 2), new)
                    continue
                id, words = (UNCLEAR_STAR, star) if join == "*" else ("product-for-elementwise", entrywise)
                left, right = _part(node, 0, i + 1), _part(node, i + 1, len(node.factors))
                whole = Elementwise(node.offset, node.length, (left, right))
                yield _repair(id, words, node, replaced(expr, path, whole))
                if len(node.factors) > 2:
                    pair = Elementwise(node.offset, node.length, node.factors[i : i + 2])
                    fewer = _chain(node, (*node.factors[:i], pair, *node.factors[i + 2 :]))
                    yield _repair(id, words, _piece(node, i, i + 2), replaced(expr, path, fewer))
        elif isinstance(node, Elementwise):
            flat: tuple[Expr, ...] = ()
            for factor in node.factors:
                flat += factor.factors if isinstance(factor, Product) else (factor,)
            product = Product(node.offset, node.length, flat, ("",) * (len(flat) - 1))
            yield _repair("elementwise-for-product", matrix, node, replaced(expr, path, product))


def _brackets(expr: Expr) -> Iterator[Repair]:
    """a b ⊙ c as a (b ⊙ c), for every cut: not a mistake but a question of brackets."""
    for path, node in nodes(expr):
        if not (isinstance(node, Elementwise) and len(node.factors) == 2):
            continue
        left, right = (f.factors if isinstance(f, Product) else (f,) for f in node.factors)
        for i in range(len(left)):
            for j in range(1, len(right) + 1):
                if i or j < len(right):
                    middle = Elementwise(node.offset, node.length, (_joined(left[i:]), _joined(right[:j])))
                    new = replaced(expr, path, _joined((*left[:i], middle, *right[j:])))
                    yield _repair(UNCLEAR_BRACKETS, "Where the brackets belong is not clear: write them.", node, new)


def _joined(factors: tuple[Expr, ...]) -> Expr:
    if len(factors) == 1:
        return factors[0]
    offset = factors[0].offset
    return Product(offset, factors[-1].end - offset, factors, ("",) * (len(factors) - 1))


def _part(node: Product, i: int, j: int) -> Expr:
    return node.factors[i] if j - i == 1 else _piece(node, i, j)


def _activations(expr: Expr) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if isinstance(node, Apply) and node.function != "diag":
            words = "The activation does not belong here."
            yield _repair("extra-activation", words, node, replaced(expr, path, node.arg))
            for other in ("relu", "identity", "sigmoid", "tanh"):
                if other != node.function:
                    new = replaced(expr, path, replace(node, function=other))
                    yield _repair("wrong-activation", "This is not the question's activation.", node, new)
            new = replaced(expr, path, replace(node, prime=not node.prime))
            words = "The activation itself belongs here, not its derivative."
            words = words if node.prime else "The derivative of the activation belongs here, not the activation itself."
            yield _repair("activation-for-derivative", words, node, new)
        if isinstance(node, Indicator):
            opposite = {">": "<", "<": ">", "≥": "≤", "≤": "≥"}.get(node.relation)
            if opposite:
                new = replaced(expr, path, replace(node, relation=opposite))
                yield _repair("flipped-comparison", "This comparison points the wrong way.", node, new)
    yield from _wrapped(expr, "diag", "missing-diag", "This vector should stand on the diagonal of a matrix.")


def _wrapped(expr: Expr, function: str, id: str, words: str) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if not isinstance(node, Number | Indicator | Reciprocal):
            yield _repair(id, words, node, replaced(expr, path, Apply(node.offset, node.length, function, node)))


def _factors(expr: Expr, scales: tuple[float, ...]) -> Iterator[Repair]:
    """A forgotten or superfluous scalar, or a wrong sign, of the whole."""
    for scale in scales:
        number = Number(expr.offset, expr.length, scale)
        scaled = Product(expr.offset, expr.length, (number, expr), ("",))
        if scale == -1.0:
            yield _repair("wrong-sign", "The sign is wrong.", expr, scaled)
        else:
            words = (
                f"The whole is off by a factor of {abs(1 / scale):g}{' and its sign is wrong' if scale < 0 else ''}."
            )
            yield _repair("wrong-factor", words, expr, scaled)


def _terms(expr: Expr) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if not isinstance(node, Sum):
            continue
        for i, term in enumerate(node.terms):
            signs = (*node.signs[:i], -node.signs[i], *node.signs[i + 1 :])
            new = replaced(expr, path, replace(node, signs=signs))
            yield _repair("wrong-sign", "The sign of this term is wrong.", term, new)
        for i, term in enumerate(node.terms):
            for scale in (2.0, 0.5):
                scaled = Product(term.offset, term.length, (Number(term.offset, term.length, scale), term), ("",))
                terms = (*node.terms[:i], scaled, *node.terms[i + 1 :])
                words = f"This term is off by a factor of {1 / scale:g}."
                yield _repair("wrong-factor", words, term, replaced(expr, path, replace(node, terms=terms)))


def _squares(expr: Expr) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if isinstance(node, Norm):
            squared = Power(node.offset, node.length, node, 2)
            yield _repair("missing-square", "This norm should be squared.", node, replaced(expr, path, squared))
        if isinstance(node, Power):
            yield _repair("extra-square", "This power does not belong here.", node, replaced(expr, path, node.base))


def _dropped(expr: Expr) -> Iterator[Repair]:
    for path, node in nodes(expr):
        if isinstance(node, Product):
            for i, factor in enumerate(node.factors):
                fewer = _chain(node, (*node.factors[:i], *node.factors[i + 1 :]))
                yield _repair("extra-factor", "This factor does not belong here.", factor, replaced(expr, path, fewer))
        elif isinstance(node, Sum) and len(node.terms) > 1:
            for i, term in enumerate(node.terms):
                terms, signs = node.terms[:i] + node.terms[i + 1 :], node.signs[:i] + node.signs[i + 1 :]
                fewer = replace(node, terms=terms, signs=signs)
                yield _repair("extra-term", "This term does not belong here.", term, replaced(expr, path, fewer))


def _exchanged(expr: Expr, symbols: Symbols) -> Iterator[Repair]:
    variables: list[tuple[Path, Variable]] = [(p, node) for p, node in nodes(expr) if isinstance(node, Variable)]
    for path, node in variables:
        for symbol in symbols.symbols:
            if symbol.name != node.name:
                words = f"Another quantity than {symbols.written(node.name)} belongs here."
                yield _repair("wrong-symbol", words, node, replaced(expr, path, _variable(node, symbol.name)))
