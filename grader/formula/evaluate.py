"""The value of a formula under strict rules of shape: numpy's broadcasting never rescues what the maths forbids.

Column vectors are (n, 1); a 1×1 result counts as a scalar only where no matrix of that size would fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from grader.formula.symbols import DERIVATIVES, FUNCTIONS, Array, Value
from grader.formula.tree import (
    Apply,
    Elementwise,
    Expr,
    Identity,
    Indicator,
    Norm,
    Number,
    Power,
    Problem,
    Product,
    Reciprocal,
    ShapeMismatch,
    Stop,
    Sum,
    Transpose,
    Unreadable,
    Variable,
)

COMPARISONS = {">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "≠": np.not_equal}


def shape_in_words(value: Value, sizes: Mapping[str, int]) -> str:
    """A shape in the question's own dimensions: "h×n"."""
    if not isinstance(value, np.ndarray):
        return "a scalar"
    names = {size: name for name, size in sizes.items()}
    return "×".join(names.get(size, str(size)) for size in value.shape)


@dataclass(frozen=True)
class _Eye:
    """A multiple of the identity whose size the rest of the formula decides."""

    scale: float


_Any = Value | _Eye


def evaluate(expr: Expr, values: Mapping[str, Value], sizes: Mapping[str, int] | None = None) -> Value | Problem:
    """The value of `expr`, or the problem that stands in its way. `sizes` only serves the words of a mismatch.

    >>> from grader.formula import Symbol, Symbols, parse
    >>> known = Symbols((Symbol("x", ("n", 1)),))
    >>> float(evaluate(parse("2 x^T x", known), {"x": np.array([[1.0], [2.0]])}).item())
    10.0
    """
    try:
        with np.errstate(all="ignore"):
            got = _Evaluation(values, sizes or {}).run(expr)
    except Stop as stop:
        return stop.problem
    except OverflowError:
        return Unreadable("The numbers in this formula are too large.", expr.offset, expr.length, "meaning")
    if isinstance(got, _Eye):
        return Unreadable("The size of this identity matrix is not written.", expr.offset, expr.length, "meaning")
    return got


class _Evaluation:
    def __init__(self, values: Mapping[str, Value], sizes: Mapping[str, int]) -> None:
        self.values = values
        self.sizes = sizes

    def run(self, expr: Expr) -> _Any:
        match expr:
            case Number(value=value):
                return value
            case Identity():
                return _Eye(1.0)
            case Variable(name=name):
                return self.values[name]
            case Transpose(arg=arg):
                got = self.run(arg)
                return got.T if isinstance(got, np.ndarray) else got
            case Product():
                return self.chain(expr)
            case Elementwise():
                return self.elementwise(expr)
            case Sum():
                return self.sum(expr)
            case Reciprocal(arg=arg):
                return 1.0 / self.scalar(arg, "Only a number can stand below a fraction's line.")
            case Power():
                return self.power(expr)
            case Norm(arg=arg):
                got = self.run(arg)
                if isinstance(got, _Eye):
                    raise Stop(_unclear(arg, "What this is the norm of is not clear."))
                if isinstance(got, np.ndarray) and 1 not in got.shape:
                    raise Stop(_unclear(arg, "Which norm of a matrix is meant here is not clear."))
                return float(np.sqrt(np.sum(np.square(got))))
            case Apply():
                return self.apply(expr)
            case Indicator(left=left, relation=relation, right=right):
                a, b = self.run(left), self.run(right)
                if isinstance(a, _Eye) or isinstance(b, _Eye):
                    raise Stop(_unclear(expr, "What is compared here is not clear."))
                if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape != b.shape:
                    raise Stop(self.mismatch(expr, a, b, "Only equal sizes can be compared"))
                got = np.asarray(COMPARISONS[relation](a, b), dtype=float)
                return got if got.ndim else float(got)
        raise TypeError(f"no rule for {type(expr).__name__}")

    def shape(self, value: _Any) -> str:
        return "an identity matrix" if isinstance(value, _Eye) else shape_in_words(value, self.sizes)

    def mismatch(self, place: Expr, left: _Any, right: _Any, words: str, end: int | None = None) -> ShapeMismatch:
        a, b = self.shape(left), self.shape(right)
        length = (place.end if end is None else end) - place.offset
        return ShapeMismatch(f"{words}: here {a} meets {b}.", place.offset, length, a, b)

    def scalar(self, expr: Expr, words: str) -> float:
        got = self.run(expr)
        if isinstance(got, np.ndarray) and got.shape == (1, 1):
            got = float(got.item())
        if not isinstance(got, float):
            raise Stop(ShapeMismatch(f"{words} This is {self.shape(got)}.", expr.offset, expr.length, self.shape(got)))
        if got == 0.0 and "fraction" in words:
            raise Stop(_unclear(expr, "This divides by zero."))
        return got

    def chain(self, expr: Product) -> _Any:
        """Left to right; where that does not fit, right to left, so that A uᵀv with a scalar uᵀv is no error."""
        parts = [self.run(factor) for factor in expr.factors]
        joins, factors = expr.joins, expr.factors
        try:
            got = parts[0]
            for i, part in enumerate(parts[1:]):
                got = self.product(got, part, joins[i], factors[i], factors[i + 1])
            return got
        except Stop as stop:
            if len(parts) < 3 or ".*" in joins:
                raise
            try:
                got = parts[-1]
                for i in range(len(parts) - 2, -1, -1):
                    got = self.product(parts[i], got, joins[i], factors[i], factors[i + 1])
                return got
            except Stop:
                raise stop from None

    def product(self, a: _Any, b: _Any, join: str, left: Expr, right: Expr) -> _Any:
        if isinstance(a, _Eye) or isinstance(b, _Eye):
            scale = (a.scale if isinstance(a, _Eye) else 1.0) * (b.scale if isinstance(b, _Eye) else 1.0)
            if isinstance(a, _Eye) and isinstance(b, _Eye):
                return _Eye(scale)
            other = b if isinstance(a, _Eye) else a
            return _Eye(scale * other) if isinstance(other, float) else scale * cast(Array, other)
        if isinstance(a, float) or isinstance(b, float):
            return a * b
        if join == ".*":
            if a.shape == b.shape:
                return a * b
            raise Stop(self.mismatch(left, a, b, "Entry by entry, * needs equal sizes", right.end))
        if a.shape[1] == b.shape[0]:
            return a @ b
        if a.shape == (1, 1):
            return a.item() * b
        if b.shape == (1, 1):
            return a * b.item()
        if join == "·" and a.shape == b.shape and a.shape[1] == 1:
            return a.T @ b
        raise Stop(self.mismatch(left, a, b, "The sizes of this product do not fit", right.end))

    def elementwise(self, expr: Elementwise) -> _Any:
        got = self.run(expr.factors[0])
        for i, factor in enumerate(expr.factors[1:]):
            part = self.run(factor)
            if isinstance(got, _Eye) or isinstance(part, _Eye):
                raise Stop(_unclear(expr, "The size of this identity matrix is not written."))
            if isinstance(got, np.ndarray) and isinstance(part, np.ndarray) and got.shape != part.shape:
                words = "Entry by entry, ⊙ needs equal sizes"
                raise Stop(self.mismatch(expr.factors[i], got, part, words, factor.end))
            got = got * part
        return got

    def sum(self, expr: Sum) -> _Any:
        parts = [self.run(term) for term in expr.terms]
        matrices = [part for part in parts if isinstance(part, np.ndarray)]
        shape = next((part.shape for part in matrices if part.shape != (1, 1)), (1, 1) if matrices else None)
        if shape is None and any(isinstance(part, _Eye) for part in parts):
            if not all(isinstance(part, _Eye) for part in parts):
                raise Stop(_unclear(expr, "A number is added to an identity matrix of no written size."))
            return _Eye(sum(sign * cast(_Eye, part).scale for sign, part in zip(expr.signs, parts, strict=True)))
        total: Value = 0.0
        first: _Any = parts[0]
        for sign, term, part in zip(expr.signs, expr.terms, parts, strict=True):
            if isinstance(part, _Eye) and shape and shape[0] == shape[1]:
                part = part.scale * np.eye(shape[0])
            if isinstance(part, float) and shape == (1, 1):
                part = np.full((1, 1), part)
            if isinstance(part, _Eye) or (part.shape if isinstance(part, np.ndarray) else None) != shape:
                other = first if part is not first else next(p for p in parts if self.shape(p) != self.shape(part))
                raise Stop(self.mismatch(term, other, part, "Only equal sizes can be added"))
            total = total + sign * part
        return total

    def power(self, expr: Power) -> Value:
        got = self.run(expr.base)
        if isinstance(got, np.ndarray) and got.shape == (1, 1):
            got = float(got.item())
        if isinstance(got, float):
            if got == 0.0 and expr.exponent < 0:
                raise Stop(_unclear(expr, "This divides by zero."))
            return float(got**expr.exponent)
        raise Stop(_unclear(expr, "What the power of a vector or a matrix means here is not clear."))

    def apply(self, expr: Apply) -> _Any:
        got = self.run(expr.arg)
        if isinstance(got, _Eye):
            raise Stop(_unclear(expr, "The size of this identity matrix is not written."))
        if expr.function == "diag":
            if isinstance(got, np.ndarray) and 1 in got.shape:
                return np.diag(got.ravel())
            words = f"diag(·) makes a diagonal matrix from a vector. This is {self.shape(got)}."
            raise Stop(ShapeMismatch(words, expr.arg.offset, expr.arg.length, self.shape(got)))
        rule = (DERIVATIVES if expr.prime else FUNCTIONS)[expr.function]
        result = rule(np.asarray(got, dtype=float))
        return result if isinstance(got, np.ndarray) else float(result)


def _unclear(expr: Expr, words: str) -> Unreadable:
    return Unreadable(words, expr.offset, expr.length, "meaning")
