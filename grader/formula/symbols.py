"""The closed list of names that a question knows: their spellings, their shapes, and how random values are drawn.

Dimensions are named ("n", "h", "K"); the sizes themselves are chosen by `draw`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grader.formula.tokens import tokenize
from grader.formula.tree import Stop

Array = NDArray[np.float64]
Value = float | Array
"""A scalar is a float; every vector and matrix has two axes, a column vector being (n, 1)."""

Dimension = str | int
Draw = Literal["normal", "diagonal", "identity"]

SMALLEST, LARGEST = 5, 9
FUNCTIONS: Mapping[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "identity": lambda z: z,
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "tanh": np.tanh,
}
"""The elementwise functions that a question can name."""

DERIVATIVES: Mapping[str, Callable[[Array], Array]] = {
    "relu": lambda z: (z > 0).astype(float),
    "identity": np.ones_like,
    "sigmoid": lambda z: FUNCTIONS["sigmoid"](z) * (1.0 - FUNCTIONS["sigmoid"](z)),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
}


@dataclass(frozen=True)
class Symbol:
    """A name of the question with its shape, `()` for a scalar.

    `value` is a formula over symbols listed earlier ("W1 x + b1"), or a function of their values; without one the
    entries are drawn: standard normal, a random diagonal, or the identity. `also` lists further spellings.
    """

    name: str
    shape: tuple[Dimension, ...]
    value: str | Callable[[Mapping[str, Value]], Value] | None = None
    draw: Draw = "normal"
    also: tuple[str, ...] = ()
    of: tuple[str, str] | None = None


def derivative(
    top: str,
    bottom: str,
    shape: tuple[Dimension, ...],
    value: str | Callable[[Mapping[str, Value]], Value] | None = None,
    draw: Draw = "normal",
) -> Symbol:
    """∂top/∂bottom as one symbol, named "d<top>_d<bottom>": `derivative("l", "yhat", (1, "K"))` is "dl_dyhat"."""
    return Symbol(f"d{top}_d{bottom}", shape, value, draw, of=(top, bottom))


@dataclass(frozen=True)
class Symbols:
    """The closed list. `functions` maps a name as students write it (f, g, sigma) to one of `FUNCTIONS`.

    `otimes` says what ⊗ stands for in this course; None sends it to a human. `identity` lets I be the identity matrix.

    >>> known = Symbols((Symbol("W1", ("h", "n")), Symbol("x", ("n", 1)), derivative("l", "yhat", (1, "K"))))
    >>> sorted(known.draw(np.random.default_rng(0)).values)
    ['W1', 'dl_dyhat', 'x']
    """

    symbols: tuple[Symbol, ...]
    functions: Mapping[str, str] = field(default_factory=dict)
    otimes: Literal["elementwise", "outer"] | None = None
    identity: bool = True
    names_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names that stand only inside derivatives, with their spellings: {"l": ("L", "loss", "l_{MSE}")}."""

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every known spelling, flattened ("W1", "yhat", "lMSE"), with the canonical name that it means."""
        known: dict[str, str] = {}
        for symbol in self.symbols:
            for part in symbol.of or ():
                known.setdefault(flat(part), part)
        for name, others in self.names_only.items():
            known.update({flat(spelling): name for spelling in (name, *others)})
        for symbol in self.symbols:
            if symbol.of is None:
                known.update({flat(spelling): symbol.name for spelling in (symbol.name, *symbol.also)})
        return known

    @cached_property
    def table(self) -> Mapping[str, Symbol]:
        return {symbol.name: symbol for symbol in self.symbols}

    @cached_property
    def derivatives(self) -> Mapping[tuple[str, str], str]:
        return {symbol.of: symbol.name for symbol in self.symbols if symbol.of}

    @cached_property
    def plain_derivatives(self) -> Mapping[str, str]:
        """ "dldyhat" and its like, in every spelling of the two names."""
        ways: dict[str, list[str]] = {}
        for spelling, name in self.spellings.items():
            ways.setdefault(name, []).append(spelling)
        return {
            f"d{top}d{bottom}": symbol
            for (a, b), symbol in self.derivatives.items()
            for top in ways.get(a, [a])
            for bottom in ways.get(b, [b])
        }

    @cached_property
    def stems(self) -> frozenset[str]:
        """What may begin a known spelling: W of W1, y of yhat, dl of dl_dyhat's parts."""
        bare = (re.sub(r"\d+$", "", spelling) for spelling in self.spellings)
        return frozenset(part for s in bare for part in (s, re.sub("(hat|bar|tilde|dot)$", "", s))) | set(
            self.spellings
        )

    def written(self, name: str) -> str:
        """A name as messages write it: ∂z2/∂z1 for "dz2_dz1"."""
        of = self.table[name].of
        return f"∂{of[0]}/∂{of[1]}" if of else name

    @cached_property
    def function_names(self) -> Mapping[str, str]:
        built_in = {"relu": "relu", "diag": "diag", "max": "max", "maximum": "max", "transpose": "transpose",
                    "norm": "norm", "dot": "matmul", "matmul": "matmul"}  # fmt: skip
        return {**built_in, **{flat(name): function for name, function in self.functions.items()}}

    def draw(self, rng: np.random.Generator) -> Trial:
        """One set of sizes, all different and none below 5, and of values for every symbol."""
        dims = sorted({d for s in self.symbols for d in s.shape if isinstance(d, str)})
        top = max(LARGEST, SMALLEST + len(dims))
        sizes = dict(zip(dims, (int(n) for n in rng.permutation(np.arange(SMALLEST, top + 1))), strict=False))
        values: dict[str, Value] = {}
        for symbol in self.symbols:
            values[symbol.name] = self._value(symbol, sizes, values, rng)
        return Trial(sizes, values)

    def _value(
        self, symbol: Symbol, sizes: Mapping[str, int], values: Mapping[str, Value], rng: np.random.Generator
    ) -> Value:
        shape = tuple(sizes[d] if isinstance(d, str) else d for d in symbol.shape)
        if callable(symbol.value):
            got: Value = symbol.value(values)
        elif isinstance(symbol.value, str):
            from grader.formula.parser import parse

            got = _must(symbol.value, parse(symbol.value, self), values)
        elif not shape:
            got = float(rng.normal())
        elif symbol.draw == "identity":
            got = np.eye(shape[0])
        elif symbol.draw == "diagonal":
            got = np.diag(rng.normal(size=shape[0]))
        else:
            got = rng.normal(size=shape)
        if np.shape(got) == (1, 1) and not shape:
            got = float(np.asarray(got).item())
        if np.shape(got) != shape:
            raise ValueError(f"the symbol {symbol.name} should have the shape {shape}; its value has {np.shape(got)}")
        return got


@dataclass(frozen=True)
class Trial:
    """One draw: the sizes of the dimensions and the values of the symbols."""

    sizes: Mapping[str, int]
    values: Mapping[str, Value]


def _must(text: str, expr: object, values: Mapping[str, Value]) -> Value:
    """The value of a rubric author's own formula; what is wrong with it is an error of the rubric."""
    from grader.formula.evaluate import evaluate
    from grader.formula.tree import Expr, Problem

    if isinstance(expr, Expr):
        got = evaluate(expr, values)
        if not isinstance(got, Problem):
            return got
        expr = got
    raise ValueError(f"the formula {text!r} of the question cannot be used: {getattr(expr, 'words', expr)}")


def flat(spelling: str) -> str:
    """A spelling reduced to letters and digits in a fixed order: W^{(1)}, W_1 and W1 are all "W1", ŷ is "yhat".

    >>> [flat(s) for s in (r"\\boldsymbol{W}^{(1)}", r"\\hat{\\boldsymbol{y}}", "l_{MSE}", "y_hat")]
    ['W1', 'yhat', 'lMSE', 'yhat']
    """
    try:
        tokens = tokenize(spelling)
    except Stop as stop:
        raise ValueError(f"the spelling {spelling!r} cannot be read: {stop.problem.words}") from None
    parts: list[str] = []
    accent = ""
    for token in tokens:
        if token.kind == "accent":
            accent = token.text
        elif token.kind in ("letter", "number", "d"):
            parts.append(token.text + accent)
            accent = ""
    return "".join(parts)
