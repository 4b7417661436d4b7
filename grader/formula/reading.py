"""A whole answer: its equations, cut at relation signs into sides, each side read on its own.

`∂l/∂W = a = b` has the label ∂l/∂W and the answers a and b; which of them counts is for `judge`.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.formula.parser import parse_tokens
from grader.formula.symbols import Symbols
from grader.formula.tokens import Token, tokenize
from grader.formula.tree import Expr, Problem, Stop, Transpose, UnknownSymbol, Unreadable, Variable


@dataclass(frozen=True)
class Side:
    """One side of a chain of equalities: its tree, or the problem that kept it from being read.

    `tight` is the other reading of a side that mixes ⊙ with products and has no brackets to say which comes first.
    `transposed` tells whether a transpose stands anywhere in the side.
    """

    offset: int
    length: int
    expr: Expr | None
    problem: Problem | None = None
    tight: Expr | None = None
    transposed: bool = False


@dataclass(frozen=True)
class Reading:
    """The equations of an answer, each a chain of sides; empty only when `problem` says why."""

    text: str
    equations: tuple[tuple[Side, ...], ...]
    problem: Problem | None = None
    implied: bool = False
    """Whether ⇒ leads from each equation to the next, so that the last one is the answer."""

    @property
    def label(self) -> Side | None:
        """The left-hand side of the last equation, where it only names what is computed."""
        sides = self.equations[-1] if self.equations else ()
        return sides[0] if len(sides) > 1 and _is_label(sides[0]) else None

    @property
    def answers(self) -> tuple[Side, ...]:
        """The sides of the last equation without its label."""
        sides = self.equations[-1] if self.equations else ()
        return sides[1:] if self.label else sides


def read(text: str, symbols: Symbols) -> Reading:
    """Reads an answer. No text raises; what could not be read stands as a `Problem` in its side or in the reading."""
    try:
        tokens = tokenize(text)
    except Stop as stop:
        return Reading(text, (), stop.problem)
    equations = tuple(
        tuple(_side(part, symbols) for part in sides_of(line)) for line in equations_of(tokens) if len(line) > 1
    )
    if not equations:
        return Reading(text, (), Unreadable("No formula stands here.", 0, len(text)))
    if len(equations) > 32 or max(len(sides) for sides in equations) > 32:
        return Reading(text, (), Unreadable("These are too many equations for one answer.", 0, len(text)))
    steps = [token.text for token in tokens if token.kind == "break" and token.text == "⇒"]
    return Reading(text, equations, None, len(steps) == len(equations) - 1)


def split_list(text: str) -> tuple[tuple[int, str], ...]:
    """The parts of a list such as "ŷ, y", with the offset of each in `text`; commas in brackets do not part.

    >>> split_list("\\\\hat{y}, \\\\max(0, x)")
    ((0, '\\\\hat{y}'), (8, ' \\\\max(0, x)'))
    """
    try:
        tokens = tokenize(text)
    except Stop:
        return ((0, text),)
    level, cuts = 0, []
    for token in tokens:
        level += (token.kind == "open") - (token.kind == "close")
        if level <= 0 and token.kind == "op" and token.text in (",", ";"):
            cuts.append(token.offset)
    starts = [0, *(cut + 1 for cut in cuts)]
    return tuple((start, text[start:end]) for start, end in zip(starts, [*cuts, len(text)], strict=True))


def equations_of(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """Parts the tokens at ⇒, and at a new line that begins an equation of its own."""
    lines: list[list[Token]] = [[]]
    breaks: list[str] = []
    for token in tokens[:-1]:
        if token.kind == "break":
            lines.append([])
            breaks.append(token.text)
        else:
            lines[-1].append(token)
    merged = [lines[0]]
    for sign, line in zip(breaks, lines[1:], strict=True):
        before = merged[-1]
        if not line or not before:
            merged[-1] = before + line
        elif sign == "⇒" or (_has_relation(before) and line[0].kind != "rel" and _has_relation(line)):
            merged.append(line)
        else:
            merged[-1] = before + line
    return [(*line, _end(line[-1] if line else tokens[-1])) for line in merged]


def _has_relation(line: list[Token]) -> bool:
    return any(token.kind == "rel" for token in line)


def _end(last: Token) -> Token:
    return Token("end", "", last.end, 0, False)


def sides_of(line: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    parts: list[list[Token]] = [[]]
    level = 0
    for token in line[:-1]:
        level += (token.kind == "open") - (token.kind == "close")
        if token.kind == "rel" and level <= 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) > 1 and not parts[0]:
        parts = parts[1:]
    ends = [part[-1] if part else line[-1] for part in parts]
    return [(*_trimmed(part), _end(end)) for part, end in zip(parts, ends, strict=True)]


def _trimmed(part: list[Token]) -> list[Token]:
    while part and part[-1].kind == "op" and part[-1].text in (",", ";", "."):
        part = part[:-1]
    return part


def _side(tokens: tuple[Token, ...], symbols: Symbols) -> Side:
    offset = tokens[0].offset
    length = tokens[-1].end - offset
    try:
        expr = parse_tokens(tokens, symbols)
        circled = any(token.kind == "op" and token.text in "⊙⊗" for token in tokens)
        tight = parse_tokens(tokens, symbols, tight=True) if circled else None
    except Stop as stop:
        return Side(offset, length, None, stop.problem, transposed=_transposed(tokens))
    return Side(offset, length, expr, None, tight if tight != expr else None, _transposed(tokens))


def _transposed(tokens: tuple[Token, ...]) -> bool:
    raised = any(
        token.kind == "script" and token.text == "^" and any(t.text == "T" for t in tokens[i + 1 : i + 4])
        for i, token in enumerate(tokens)
    )
    return raised or any(token.kind in ("mark", "method") for token in tokens)


def _is_label(side: Side) -> bool:
    """A lone name, a lone derivative, or a name that the question does not know."""
    if side.expr is not None:
        inner = side.expr.arg if isinstance(side.expr, Transpose) else side.expr
        return isinstance(inner, Variable)
    return isinstance(side.problem, UnknownSymbol | Unreadable)
