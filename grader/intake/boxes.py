"""Where a matrix stands in brackets or in a LaTeX environment: each becomes one character, a *box*, in the text.

What remains is a text of labels, signs, plain numbers and boxes, which `grader.intake.matrices` reads as statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from grader.intake.numerals import NUMERIC, Numbers, Unreadable, grid, table
from grader.intake.plain import ROW

FIRST: Final = 0xE000
MOST: Final = 500  # boxes in one text
BOX: Final = f"[{chr(FIRST)}-{chr(FIRST + MOST)}]"
_CLOSE: Final = {"[": "]", "(": ")", "{": "}"}
_BEGIN: Final = re.compile(r"\\begin[ ]?\{([bBpvV]?(?:small)?matrix|array)\*?\}(?:[ ]?\{[lcr|@ {}]{0,20}\}|\[[lcr]\])?")
_LAYOUT: Final = re.compile(r"\\(?:begin|end)[ ]?\{\w{1,20}\*?\}(?:\{[lcr|@ \d]{0,20}\})?")
_WRAP: Final = re.compile(rf"[\[({{][ \n]?[ ]{{0,8}}({BOX})[ ]{{0,8}}[ \n]?[\])}}]")
_MAKER: Final = re.compile(rf"(?:\b(?:np|numpy|torch|sp|sympy|jnp)\.)?\b(?:array|tensor|matrix|mat|Matrix)[ ]?({BOX})")
_MAKER_MORE: Final = re.compile(
    rf"(?:\b(?:np|numpy|torch)\.)?\b(?:array|tensor|matrix|Tensor)[ ]?\([ ]?({BOX})"
    rf"[^()\n{chr(FIRST)}-{chr(FIRST + MOST)}]{{1,80}}\)"
)
_TRANSPOSE: Final = re.compile(rf"(?<!['\"])({BOX})[ ]?(?:\^T(?!\w)|\.T\b|'(?!\w)|\.transpose\(\)|\.t\(\))")


@dataclass(frozen=True)
class Box:
    """One boxed matrix, or None where its inside could not be read; `offset` in the plain text; `length` likewise."""

    numbers: Numbers | None
    offset: int


@dataclass(frozen=True)
class Boxed:
    """A text in which every matrix is one character of BOX; box i is `boxes[i]`."""

    text: str
    boxes: tuple[Box, ...]

    def __getitem__(self, char: str) -> Box:
        return self.boxes[ord(char) - FIRST]

    def width(self, char: str) -> int:
        """The length of a box that is a vector; 0 for any other."""
        numbers = self[char].numbers
        return numbers.value.size if numbers is not None and numbers.rank == 1 else 0


def boxed(text: str) -> Boxed:
    """Put every matrix of a plain text (see `grader.intake.plain`) into a box.

    >>> found = boxed("Y = [[8, 4], [14, 7]]")
    >>> found.text[:4], found.boxes[0].numbers.value.tolist()
    ('Y = ', [[8.0, 4.0], [14.0, 7.0]])
    """
    partner = _partners(text)
    wrong = list(accumulate((c not in NUMERIC for c in text), initial=0))
    digits = list(accumulate((c.isdigit() for c in text), initial=0))
    parts: list[str] = []
    boxes: list[Box] = []
    at = 0
    while at < len(text):
        begin = _BEGIN.match(text, at) if text[at] == "\\" else None
        if begin and len(boxes) < MOST:
            end = text.find("\\end", begin.end())
            inner = text.find("\\begin", begin.end())
            if end >= 0 and (inner < 0 or inner > end):
                parts.append(chr(FIRST + len(boxes)))
                boxes.append(Box(_environment(text[begin.end() : end]), at))
                close = text.find("}", end)
                at = close + 1 if 0 <= close < end + 24 else end + 4
                continue
        close = partner[at]
        if close and len(boxes) < MOST and not wrong[close] - wrong[at] and digits[close] - digits[at]:
            inside = _bracket(text, at, close, partner)
            if inside is not None or (text[at] == "[" and not _is_index(text, at)):
                parts.append(chr(FIRST + len(boxes)))
                boxes.append(Box(inside, at))
                at = close + 1
                continue
        parts.append(text[at])
        at += 1
    result = _LAYOUT.sub(ROW, "".join(parts))
    for _ in range(3):  # \left[ \begin{array} … \end{array} \right], np.array(…)
        result = _MAKER_MORE.sub(r"\1", result)
        result = _MAKER.sub(r"\1", _WRAP.sub(r"\1", result))

    def transpose(match: re.Match[str]) -> str:
        at = ord(match.group(1)) - FIRST
        numbers = boxes[at].numbers
        boxes[at] = Box(numbers and numbers.transposed(), boxes[at].offset)
        return match.group(1)

    for _ in range(2):
        result = _TRANSPOSE.sub(transpose, result)
    return Boxed(result, tuple(boxes))


def _partners(text: str) -> list[int]:
    """For every opening bracket the place of its closing one (0 where there is none), in one pass."""
    partner = [0] * len(text)
    stack: list[int] = []
    for at, char in enumerate(text):
        if char in _CLOSE:
            stack.append(at)
        elif char in _CLOSE.values():
            if stack and _CLOSE[text[stack[-1]]] == char:
                partner[stack.pop()] = at
            elif char != ")":  # as in "1) …": no bracket at all
                stack.clear()
    return partner


def _environment(body: str) -> Numbers | None:
    rows = [line for line in re.split(rf"[{ROW}]|;(?=[^;]*&)", body) if line.strip()]
    if len(rows) == 1 and "\n" in body.strip():
        rows = [line for line in body.split("\n") if line.strip()]
    try:
        return grid([[cell.strip(" \n\t{}") for cell in row.strip("& \n").split("&")] for row in rows])
    except Unreadable:
        return None


def _is_index(text: str, at: int) -> bool:
    """Whether a bracket belongs to the word before it: ``Y[0, 1]``, ``f(1, 2)``, ``W_{1,1}``."""
    before = text[at - 1] if at else " "
    return before.isalnum() or before in "_^]'"


def _bracket(text: str, at: int, close: int, partner: list[int], depth: int = 0) -> Numbers | None:
    """The matrix between two brackets that hold nothing but numbers, or None."""
    if depth > 4:
        return None
    children: list[tuple[int, int]] = []
    i = at + 1
    while i < close:
        if partner[i]:
            children.append((i, partner[i]))
            i = partner[i]
        i += 1
    nested = bool(children) and _only_rows(text, at, close, children)
    if not nested and _is_index(text, at):
        return None
    try:
        if not nested:
            body = text[at + 1 : close]
            if text[at] != "[" and not re.search(r"[,;&\n\x1e]|\d\s+[-+]?[.\d]", body):
                return None  # (0.05), (2 - 1): a number in brackets, left to the arithmetic
            return table(body, bracketed=True)
        rows = []
        for start, end in children:
            inner = _bracket(text, start, end, partner, depth + 1)
            if inner is None:
                return None
            rows.append(inner)
    except Unreadable:
        return None
    if len(rows) == 1 and (text[at] != "[" or rows[0].rank > 1):
        return rows[0]
    if any(row.rank != 1 or row.value.shape != rows[0].value.shape for row in rows):
        return None
    value, decimals = np.stack([row.value for row in rows]), np.stack([row.decimals for row in rows])
    return Numbers(value, decimals, all(row.sure for row in rows))


def _only_rows(text: str, at: int, close: int, children: list[tuple[int, int]]) -> bool:
    """Whether nothing but separators stands around the nested brackets."""
    edges = [at, *(place for child in children for place in child), close]
    between = (text[edges[i] + 1 : edges[i + 1]] for i in range(0, len(edges), 2))
    return all(not part.strip(" \t\n,;&|" + ROW) for part in between)
