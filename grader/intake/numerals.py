"""Numbers as people write them: one entry of a matrix, a row, a few rows. Knows no brackets and no labels.

Arithmetic is exact (`fractions.Fraction`), so that ``2 - 0.05*3`` is 1.85 and not nearly that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from grader.intake.plain import ROW
from grader.model import Array

EXACT: Final = 99  # decimals of a number that is written without rounding, such as 37/20

NUMERIC: Final = frozenset("0123456789 \t\n.,;+-*/=≈&|()[]{}eE" + ROW)  # what a matrix in brackets may consist of
_LITERAL: Final = re.compile(r"(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2}(?!\d))?")
_SIGNED: Final = re.compile(r"[-+]?[ ]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?")
_TIGHT: Final = re.compile(r"(?<=\d),(?=\d)")
_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d{1,30},\d{1,30}")


class Unreadable(Exception):
    """Something numeric stands here, but not in a form that is understood."""


@dataclass(frozen=True)
class Entry:
    """One number: its value, and the decimals it was written with (EXACT for a fraction or an expression)."""

    value: Fraction
    decimals: int


@dataclass(frozen=True)
class Numbers:
    """A number (0-d), vector or matrix that was written somewhere. `sure`: there is no other way to read it."""

    value: Array
    decimals: Array
    sure: bool = True

    @property
    def rank(self) -> int:
        return int(self.value.ndim)

    def transposed(self) -> Numbers:
        """The transpose; a vector that is written as one row stays as it is."""
        return Numbers(self.value.T, self.decimals.T, self.sure)


def entry(text: str) -> Entry:
    """The number in `text`: a literal, a fraction, arithmetic, or the last of a chain of them; raises Unreadable.

    >>> float(entry("2 - 0.05*3 = 1.85").value), entry("2 - 0.05*3 = 1.85").decimals
    (1.85, 2)
    """
    parts = [part.strip() for part in re.split(r"[=≈]", text)]
    last = parts[-1] or (parts[-2] if len(parts) > 1 else "")
    last = last.rstrip(" .,") if not re.fullmatch(r"[-+ ]*\d+\.", last) else last
    while len(last) > 2 and (last[0] + last[-1]) in ("()", "{}") and _closes(last):
        last = last[1:-1].strip()
    if _DECIMAL_COMMA.fullmatch(last):
        last = last.replace(",", ".")
    if _SIGNED.fullmatch(last):
        literal = last.replace(" ", "").casefold()
        return Entry(Fraction(literal), _decimals(literal))
    if not last or len(last) > 200:
        raise Unreadable(text)
    parser = _Arithmetic(last)
    value = parser.sum(0)
    if parser.at < len(parser.tokens):
        raise Unreadable(text)
    return Entry(value, EXACT)


def table(text: str, *, bracketed: bool) -> Numbers:
    """Numbers in rows: rows part at ``;``, line breaks or ROW, entries at ``&``, ``|``, tabs, commas or spaces.

    Inside brackets a single entry is a vector of one; outside it is a plain number. Raises Unreadable.

    >>> table("8 4; 14 7", bracketed=True).value.tolist()
    [[8.0, 4.0], [14.0, 7.0]]
    """
    lines = [line.strip(" ,") for line in re.split(rf"[;\n{ROW}]", text)]
    lines = [line for line in lines if line]
    if not lines:
        raise Unreadable(text)
    rows: list[list[Entry]] = []
    sure = True
    for line in lines:
        read, sure_row = _row(line, bracketed=bracketed)
        rows += read
        sure = sure and sure_row
    return _stack(rows, sure=sure, flat=len(rows) == 1, scalar=not bracketed)


def grid(rows: list[list[str]]) -> Numbers:
    """A matrix from the texts of its cells (a LaTeX environment, a Markdown table); raises Unreadable."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return table(rows[0][0], bracketed=True)
    if all(len(row) == 1 for row in rows) and any(re.search(r"[\d.]\s*[,\s]\s*[-+\d.]", row[0]) for row in rows):
        try:  # no column marks: 8, 4 \\ 14, 7
            several = table(";".join(row[0] for row in rows), bracketed=True)
            return Numbers(several.value, several.decimals, sure=False)
        except Unreadable:
            pass
    return _stack([[entry(cell) for cell in row] for row in rows], sure=True, flat=False, scalar=False)


def _stack(rows: list[list[Entry]], *, sure: bool, flat: bool, scalar: bool) -> Numbers:
    width = len(rows[0]) if rows else 0
    if not width or any(len(row) != width for row in rows) or width * len(rows) > 10_000:
        raise Unreadable("rows of different length")
    try:
        value = np.array([[float(cell.value) for cell in row] for row in rows])
    except OverflowError:
        raise Unreadable("too large") from None
    decimals = np.array([[cell.decimals for cell in row] for row in rows], dtype=int)
    if flat:
        shape: tuple[int, ...] = () if scalar and width == 1 else (width,)
        value, decimals = value.reshape(shape), decimals.reshape(shape)
    return Numbers(value, decimals, sure)


def _row(line: str, *, bracketed: bool) -> tuple[list[list[Entry]], bool]:
    """The rows in one line (nearly always one), and whether this is the only way to read it."""
    if re.search(r"[&|\t]", line):
        cells = [cell for cell in re.split(r"[&|\t]", line.strip("&|\t ")) if cell.strip()]
        if all(len(cell.split()) > 1 for cell in cells) and "|" in line:  # | 8 4 | 14 7 |
            try:
                return [_row(cell.strip(" ,"), bracketed=True)[0][0] for cell in cells], False
            except Unreadable:
                pass
        return [[entry(cell) for cell in cells]], True
    if "," in line:
        return _comma_row(line, bracketed=bracketed)
    atoms = line.split()
    try:
        cells_read = [entry(atom) for atom in atoms]
    except Unreadable:
        return [[entry(line)]], True
    glued = any(re.match(r"[-+]", atom) for atom in atoms[1:])  # "2 -0.15": two numbers, or a difference
    return [cells_read], bracketed or not glued or re.match(r"[-+]", atoms[0]) is not None


def _comma_row(line: str, *, bracketed: bool) -> tuple[list[list[Entry]], bool]:
    tight, commas = len(_TIGHT.findall(line)), line.count(",")
    gaps = re.search(r"[\d.]\s+[-+.\d]|,\s", line) is not None
    decimal = tight and gaps and tight * 2 >= commas  # 1,85 0,85 or 1,85, 0,85
    if tight == 1 == commas and not bracketed:
        return [[entry(line)]], False  # 1,85 alone
    if decimal:
        pieces = re.split(r",\s+|\s+", line)
        if all(_DECIMAL_COMMA.fullmatch(piece) or _SIGNED.fullmatch(piece) for piece in pieces):
            return [[entry(piece) for piece in pieces]], False
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) > 1 and all(re.fullmatch(r"[-+]?[\d.]+(?:\s+[-+]?[\d.]+)+", cell) for cell in cells):
        return [_row(cell, bracketed=True)[0][0] for cell in cells], False  # rows parted by commas: 8 4, 14 7
    return [[entry(cell) for cell in cells]], True


def _decimals(literal: str) -> int:
    """Decimals of a literal: 1.85 has 2, 1.85e-1 has 3, 8. has 0."""
    mantissa, _, exponent = literal.partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))


def _closes(text: str) -> bool:
    """Whether the first bracket of `text` is closed by its last character."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "({") - (char in ")}")
        if depth == 0:
            return at == len(text) - 1
    return False


class _Arithmetic:
    """Sums, products and quotients of literals, by recursive descent; at most 20 brackets deep."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        self.at = 0
        at = 0
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            number = _LITERAL.match(text, at)
            token = number.group() if number else text[at]
            if not number and token not in "+-*/(){}":
                raise Unreadable(text)
            self.tokens.append(token)
            at += len(token)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def sum(self, depth: int) -> Fraction:
        total = self.product(depth)
        while self.peek() in ("+", "-"):
            self.at += 1
            sign = 1 if self.tokens[self.at - 1] == "+" else -1
            total += sign * self.product(depth)
        return total

    def product(self, depth: int) -> Fraction:
        total = self.factor(depth)
        while (token := self.peek()) in ("*", "/", "(", "{"):
            if token in "*/":
                self.at += 1
            other = self.factor(depth)
            if token == "/" and not other:
                raise Unreadable("division by zero")
            total = total / other if token == "/" else total * other
        return total

    def factor(self, depth: int) -> Fraction:
        token = self.peek()
        if not token or depth > 20:
            raise Unreadable("an expression breaks off")
        self.at += 1
        if token in "+-":
            return self.factor(depth + 1) * (1 if token == "+" else -1)
        if token in "({":
            inside = self.sum(depth + 1)
            if self.peek() != (")" if token == "(" else "}"):
                raise Unreadable("a bracket is left open")
            self.at += 1
            return inside
        if token[0].isdigit() or token[0] == ".":
            return Fraction(token)
        raise Unreadable(token)
