"""Markdown to lines and tables: pipe tables, HTML and LaTeX tables, and tables printed in fenced blocks."""

from __future__ import annotations

import re
from typing import Final

from grader.intake.html_tables import read_html
from grader.intake.latex_tables import latex_tables
from grader.intake.printed_tables import read_printed
from grader.intake.reading import Line, Table, cell, table
from grader.model import Place

_TABLE: Final = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_WORDS: Final = re.compile(r"\\(?:text\w*|mathrm|mathbf|num)\s*\{([^{}]*)\}")
_LEAD: Final = re.compile(r"[\s$]*(?:\\\[)?\s*")
_NAME: Final = re.compile(r"(?<![\\a-zA-Z{])[^\W\d_]{3,}|\\(?:text\w*|mathrm)")
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_HEADING: Final = re.compile(r"\s{0,3}#{1,6}\s*(.*?)[\s#]*$|\s*(?:\*\*|__)(.{1,200}?)(?:\*\*|__)\s*:?\s*$")
_MARKUP: Final = re.compile(r"\*\*|__|</?(?:b|i|u|strong|em|center|font|span|div|p|h[1-6])\b[^<>]{0,200}>")


def read_markdown(text: str, place: Place) -> list[Line | Table]:
    """Lines and tables of a Markdown text, in order; lines count from `place.line`, or from 1."""
    parts: list[Line | Table] = []
    first = place.line or 1
    at = 0
    for found in _TABLE.finditer(text):
        parts += _latex(text[at : found.start()], place, first + text.count("\n", 0, at))
        parts += read_html(found.group(), Place(place.file, place.cell, first + text.count("\n", 0, found.start())))
        at = found.end()
    return parts + _latex(text[at:], place, first + text.count("\n", 0, at))


def _latex(text: str, place: Place, first: int) -> list[Line | Table]:
    """LaTeX tables, and what stands between them. An array is a table where it stands by itself and names something."""
    parts: list[Line | Table] = []
    at = 0
    for latex in latex_tables(text):
        lead = text[text.rfind("\n", 0, latex.start) + 1 : latex.start]
        matrix = latex.environment == "array" and (
            not _LEAD.fullmatch(lead) or not any(_NAME.search(entry) for row in latex.rows for entry in row)
        )
        rows = [[cell(_WORDS.sub(r"\1", entry)) for entry in row] for row in latex.rows]
        found = None if matrix else table(rows, Place(place.file, place.cell, first + text.count("\n", 0, latex.start)))
        if found is not None and len(found.rows) > 1:
            before = text[at : latex.start].rstrip(" $[\\")
            parts += [*_pieces(before, place, first + text.count("\n", 0, at)), found]
            at = latex.end
    return parts + _pieces(text[at:], place, first + text.count("\n", 0, at))


def _pieces(text: str, place: Place, first: int) -> list[Line | Table]:
    """Stretches outside and inside fences; columns of spaces count as a table only inside."""
    parts: list[Line | Table] = []
    stretch: list[str] = []
    fenced = False
    start = first
    lines = text.split("\n")
    for number, line in enumerate([*lines, "```"], start=first):
        if _FENCE.match(line):
            parts += [_line(part) for part in read_printed(stretch, place, start, aligned=fenced or _lined_up(stretch))]
            stretch, start, fenced = [], number + 1, not fenced
        else:
            stretch.append(line)
    return parts


def _lined_up(lines: list[str]) -> bool:
    return any("\t" in line.strip() for line in lines) or sum("    " in line.strip() for line in lines) > 2


def _line(part: Line | Table) -> Line | Table:
    if isinstance(part, Table):
        return part
    heading = _HEADING.match(part.text)
    if heading:
        text = heading[1] if heading[1] is not None else heading[2]
        return Line(_MARKUP.sub(" ", text).strip(), part.place, True)
    return Line(_MARKUP.sub(" ", part.text).strip(), part.place, part.title)
