"""The tree of a formula and what can go wrong with one: frozen dataclasses that remember their place in the text.

Products are chains and keep their order: nothing here commutes. Values and shapes live in `evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Expr:
    """A piece of formula, standing at `text[offset : offset + length]` of the student's own text."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True)
class Number(Expr):
    """A written number: 2, 0.5."""

    value: float


@dataclass(frozen=True)
class Identity(Expr):
    """The identity matrix I, of whatever size fits."""


@dataclass(frozen=True)
class Variable(Expr):
    """One name of the closed list, under its canonical spelling: "W1", "yhat", "dl_dyhat"."""

    name: str


@dataclass(frozen=True)
class Transpose(Expr):
    arg: Expr


@dataclass(frozen=True)
class Power(Expr):
    base: Expr
    exponent: int


@dataclass(frozen=True)
class Reciprocal(Expr):
    """A divisor: a / b is the chain a, Reciprocal(b)."""

    arg: Expr


@dataclass(frozen=True)
class Product(Expr):
    """A chain of factors in the order written; `joins[i]` is the sign before factor i + 1 ("" when none is written)."""

    factors: tuple[Expr, ...]
    joins: tuple[str, ...]


@dataclass(frozen=True)
class Elementwise(Expr):
    """a ⊙ b ⊙ …"""

    factors: tuple[Expr, ...]


@dataclass(frozen=True)
class Sum(Expr):
    """Terms with their signs (+1 or -1); a lone term of sign -1 is a unary minus."""

    signs: tuple[int, ...]
    terms: tuple[Expr, ...]


@dataclass(frozen=True)
class Apply(Expr):
    """A known function of one argument; `prime` marks its derivative, f'(z)."""

    function: str
    arg: Expr
    prime: bool = False


@dataclass(frozen=True)
class Norm(Expr):
    arg: Expr


@dataclass(frozen=True)
class Indicator(Expr):
    """1 where left > right (or <, ≥, ≤, ≠) holds entry by entry, else 0."""

    left: Expr
    relation: str
    right: Expr


Path = tuple[int, ...]


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of `expr`, in the order of the text."""
    match expr:
        case Transpose(arg=arg) | Reciprocal(arg=arg) | Apply(arg=arg) | Norm(arg=arg) | Power(base=arg):
            return (arg,)
        case Product(factors=parts) | Elementwise(factors=parts) | Sum(terms=parts):
            return parts
        case Indicator(left=left, right=right):
            return (left, right)
    return ()


def with_children(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """`expr` with its direct parts exchanged for `parts`."""
    match expr:
        case Transpose() | Reciprocal() | Apply() | Norm():
            return replace(expr, arg=parts[0])
        case Power():
            return replace(expr, base=parts[0])
        case Product() | Elementwise():
            return replace(expr, factors=parts)
        case Sum():
            return replace(expr, terms=parts)
        case Indicator():
            return replace(expr, left=parts[0], right=parts[1])
    return expr


def nodes(expr: Expr, path: Path = ()) -> Iterator[tuple[Path, Expr]]:
    """Every node with the path that leads to it, the root (path `()`) first."""
    yield path, expr
    for i, part in enumerate(children(expr)):
        yield from nodes(part, (*path, i))


def replaced(expr: Expr, path: Path, new: Expr) -> Expr:
    """`expr` with `new` in the place that `path` leads to."""
    if not path:
        return new
    parts = children(expr)
    here = path[0]
    return with_children(expr, (*parts[:here], replaced(parts[here], path[1:], new), *parts[here + 1 :]))


def names(expr: Expr) -> frozenset[str]:
    """The canonical names of all symbols in `expr`."""
    return frozenset(node.name for _, node in nodes(expr) if isinstance(node, Variable))


@dataclass(frozen=True)
class Problem:
    """Why a formula could not be judged as right: plain words and the place in the student's own text."""

    words: str
    offset: int
    length: int


@dataclass(frozen=True)
class Unreadable(Problem):
    """The reader does not understand this place. A human reads it; it is never a zero."""

    kind: Literal["token", "structure", "meaning"] = "structure"


@dataclass(frozen=True)
class UnknownSymbol(Problem):
    """A name that the question does not know. A human reads it."""

    name: str = ""


@dataclass(frozen=True)
class ForbiddenSymbol(Problem):
    """A name that the question knows, but that the answer may not use."""

    name: str = ""


@dataclass(frozen=True)
class ShapeMismatch(Problem):
    """Sizes that do not fit: `left` and `right` in the question's own dimensions, such as "h×n" and "K×1"."""

    left: str = ""
    right: str = ""


class Stop(Exception):
    """Carries a problem out of the reader or the evaluation; it never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem
