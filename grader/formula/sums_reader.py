"""Reads index formulas with sums: Σ_b Σ_i ∂l/∂y_{bi} x_{b,i+k}, in LaTeX or plain text, with any index names."""

from __future__ import annotations

from dataclasses import replace

from grader.formula.spelling import FONTS
from grader.formula.stream import PAIRS, Stream
from grader.formula.sums_tree import Cell, Constant, Divided, Linear, Over, Plus, SumNode, Times, parts
from grader.formula.tokens import Token
from grader.formula.tree import Stop, UnknownSymbol, Unreadable

assert FONTS  # the same fonts are passed over here as in matrix formulas


class SumReader(Stream):
    """`arrays` maps spellings ("x", "X", "∂l/∂y") to the array's name, `ranks` the name to its number of axes."""

    def __init__(
        self, tokens: tuple[Token, ...], arrays: dict[str, str], ranks: dict[str, int], sizes: frozenset[str]
    ) -> None:
        super().__init__(tuple(token for token in tokens if token.kind not in ("font", "accent")))
        self.arrays, self.ranks, self.sizes = arrays, ranks, sizes
