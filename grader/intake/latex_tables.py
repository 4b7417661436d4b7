"""LaTeX tables to rows of cells: tabular and its kin. A matrix inside a cell stays whole, ampersands and all.

Used for tables of numbers and of formulas alike; what the cells mean is found out elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

MAX_CELLS = 60

_TABULAR = "tabular|tabularx|tabulary|longtable|tblr|array"
_TABULAR_BEGIN = re.compile(rf"\\begin\s*\{{({_TABULAR})\*?\}}")
_SPECIFICATION = re.compile(r"\s*(?:\[[^\]]{0,20}\]|\{(?:[^{}]|\{[^{}]{0,40}\}){0,120}\}){0,3}")
_RULE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|hdashline)\b|\\c(?:line|midrule)\s*(?:\([lr]+\))?\s*\{[^{}]*\}"
)
_MULTI = re.compile(r"\\multi(column|row)\s*\{([^{}]*)\}\s*\{[^{}]*\}\s*\{")
_CELL_END = re.compile(r"(?<!\\)&")
ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+)\*?\}")
ROW_END = re.compile(r"\\\\(?:\s*\[[^\]]{0,12}\])?|\\tabularnewline\b")


@dataclass(frozen=True)
class LatexTable:
    """One environment: its name, from where to where it stands in the text, its rows without rules and blank rows."""

    environment: str
    start: int
    end: int
    rows: tuple[tuple[str, ...], ...]


def latex_tables(text: str) -> Iterator[LatexTable]:
    r"""The tables of a text, in order; an environment that does not end ends the search.

    >>> [table.rows for table in latex_tables(r"\begin{tabular}{c|c} a & b \\ \hline 1 & 2 \end{tabular}")]
    [(('a', 'b'), ('1', '2'))]
    """
    at = 0
    while found := _TABULAR_BEGIN.search(text, at):
        end = _end_of(text, found)
        if end is None:
            return
        body = text[found.end() : end[0]]
        specification = _SPECIFICATION.match(body)
        rows = latex_rows(body[specification.end() if specification else 0 :])
        yield LatexTable(found[1], found.start(), end[1], tuple(rows))
        at = end[1]


def latex_rows(body: str) -> list[tuple[str, ...]]:
    """The rows between ``\\\\`` with their cells between ``&``; a cell over several columns is followed by blanks."""
    rows = []
    for row in outside(body, ROW_END):
        cells = [entry for cell in outside(_RULE.sub(" ", row), _CELL_END) for entry in _cleaned(cell)]
        if any(cells):
            rows.append(tuple(cells[:MAX_CELLS]))
    return rows


def outside(text: str, separator: re.Pattern[str]) -> list[str]:
    """The text cut at separators that stand in no inner environment and in no braces."""
    cuts = [(0, 0)]
    depth = braces = at = 0
    while at < len(text):
        if text[at] == "\\":
            if found := ENVIRONMENT.match(text, at):
                depth += 1 if found[1] == "begin" else -1
                at = found.end()
                continue
            if depth <= 0 and braces <= 0 and (found := separator.match(text, at)):
                cuts.append((found.start(), found.end()))
                at = found.end()
                continue
            at += 2
            continue
        braces += (text[at] == "{") - (text[at] == "}")
        if depth <= 0 and braces <= 0 and (found := separator.match(text, at)):
            cuts.append((found.start(), found.end()))
            at = max(found.end(), at + 1)
            continue
        at += 1
    cuts.append((len(text), len(text)))
    return [text[left[1] : right[0]] for left, right in pairwise(cuts)]


def _cleaned(cell: str) -> list[str]:
    cell = " ".join(cell.split())
    found = _MULTI.match(cell)
    if found is None:
        return [cell]
    columns = int(found[2]) if found[1] == "column" and re.fullmatch(r"\d{1,2}", found[2]) else 1
    return [cell[found.end() :].rstrip("} "), *[""] * (columns - 1)]


def _end_of(text: str, begin: re.Match[str]) -> tuple[int, int] | None:
    """Where the environment that begins there ends: before and behind its \\end."""
    depth = 1
    for found in ENVIRONMENT.finditer(text, begin.end()):
        depth += 1 if found[1] == "begin" else -1
        if depth == 0:
            return found.start(), found.end()
    return None
