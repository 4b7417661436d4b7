"""Formulas where students put them: lines and table rows of Markdown, LaTeX, HTML or plain text, each formula whole.

The bars of ‖·‖ do not end a table's cell, a displayed formula is one line whatever its line breaks, and nothing inside
a formula is touched. What a row or a line means is the rubric's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.intake.html_tables import read_html
from grader.intake.latex_tables import ENVIRONMENT, MAX_CELLS, ROW_END, latex_tables, outside
from grader.intake.macros import Macros, expanded, macros_in
from grader.intake.reading import Table
from grader.model import Place

MAX_LINES = 4_000


@dataclass(frozen=True)
class FormulaLine:
    """A line of prose or one displayed equation. `heading` where it is set as one, `code` where it stands in code."""

    text: str
    place: Place
    heading: bool = False
    code: bool = False


@dataclass(frozen=True)
class FormulaTable:
    """The rows of a table with their cells, header included, rows of separators left out."""

    rows: tuple[tuple[str, ...], ...]
    place: Place


Part = FormulaLine | FormulaTable

_ALIGNED = "align|aligned|alignat|gather|gathered|equation|split|eqnarray|multline|flalign|math|displaymath"
_ALIGNMENT = re.compile(rf"\\(?:begin|end)\s*\{{(?:{_ALIGNED})\*?\}}(?:\s*\{{\d\}})?")
_HTML_TABLE = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_DIVIDER = re.compile(r"[\s|:+=-]*-{2,}[\s|:+=-]*$|[\s|:]*(?::?-+:?[\s|]*)+$")
_FENCE = re.compile(r"\s*(?:```|~~~)\s*(\w*)")
_HEADING = re.compile(
    r"\s{0,3}#{1,6}(?!#)|\s*(?:\*\*|__)[^*_]{1,200}(?:\*\*|__)\s*[:.]?\s*$|\s*\\(?:sub)*section\*?\s*\{|\s*\\paragraph"
)
_LATEX_HEADING = re.compile(r"\\(?:(?:sub)*section|paragraph|subparagraph)\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LATEX_COMMENT = re.compile(r"(?<!\\)%.*")
_LATEX_LAYOUT = re.compile(
    r"\\(?:begin|end)\s*\{(?:document|center|table|itemize|enumerate|description|quote|figure|minipage|flushleft)\*?\}"
    r"(?:\s*\[[^\]]*\])?|\\(?:centering|maketitle|newpage|clearpage|noindent|medskip|bigskip|smallskip|usepackage\S*|"
    r"documentclass\S*|pagestyle\S*|title\{[^{}]*\}|author\{[^{}]*\}|date\{[^{}]*\}|caption\{[^{}]*\})"
)
_ITEM = re.compile(r"\\item\s*(?:\[([^\]]*)\])?")
_DISPLAY = re.compile(r"\$\$|(?<!\\)\\[\[\]]")
_LONE_BRACKET = re.compile(r"\s*\\(?:left|right)\s*(?:\\?[{}.()\[\]|])\s*$")
_CONTINUES = re.compile(r"\s*(?:&\s*)?(?:=|\\equiv\b|\+(?!\+)|⇒|\\Rightarrow|\\implies|\\cdot|·|⊙|\\odot|\)|\\right)")


def read_formulas(text: str, place: Place, *, code: bool = False, macros: Macros | None = None) -> list[Part]:
    """The lines and tables of a text, in order; `macros` are those defined before it.

    >>> from grader.model import Place
    >>> read_formulas("| Loss | ŷ, y | $||y - ŷ||^2$ |", Place("hw.md"))[0].rows
    (('Loss', 'ŷ, y', '$||y - ŷ||^2$'),)
    """
    if code:
        lines = text.split("\n")[:MAX_LINES]
        return [FormulaLine(line, _at(place, number), code=True) for number, line in enumerate(lines) if line.strip()]
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    text = expanded(text, {**(macros or {}), **macros_in(text)})
    parts: list[Part] = []
    at = 0
    for found in _HTML_TABLE.finditer(text):
        parts += _latex(text[at : found.start()], _at(place, text.count("\n", 0, at)))
        here = _at(place, text.count("\n", 0, found.start()))
        for part in read_html(found.group(), here):
            if isinstance(part, Table):
                rows = tuple(tuple(cell.text for cell in row) for row in part.rows)
                parts.append(FormulaTable(rows, here))
            elif part.text.strip():
                parts.append(FormulaLine(part.text, here))
        at = found.end()
    return parts + _latex(text[at:], _at(place, text.count("\n", 0, at)))


def _at(place: Place, lines: int) -> Place:
    return Place(place.file, place.cell, (place.line or 1) + lines)


def _latex(text: str, place: Place) -> list[Part]:
    """Takes the LaTeX tables out of a text; what is around them is read line by line."""
    if "\\begin{document}" in text or "\\documentclass" in text:
        text = "\n".join(_LATEX_COMMENT.sub("", line) for line in text.split("\n"))
    parts: list[Part] = []
    at = 0
    for table in latex_tables(text):
        here = _at(place, text.count("\n", 0, at))
        if table.environment == "array" and not any(len(row) > 1 for row in table.rows):
            lines = r" \\ ".join(cell for row in table.rows for cell in row)
            parts += _lines(text[at : table.start] + "$$\n$$" + lines + "$$\n$$", here)
        else:
            parts += _lines(text[at : table.start], here)
            parts.append(FormulaTable(table.rows, _at(place, text.count("\n", 0, table.start))))
        at = table.end
    return parts + _lines(text[at:], _at(place, text.count("\n", 0, at)))


def _lines(text: str, place: Place) -> list[Part]:
    """Markdown tables, displayed formulas and lines."""
    parts: list[Part] = []
    rows: list[tuple[str, int]] = []
    lines = text.split("\n")[:MAX_LINES]
    number = 0
    fence = ""
    while number < len(lines):
        line = lines[number]
        here = _at(place, number)
        if found := _FENCE.match(line):
            fence = "" if fence else (found[1].lower() or "text")
            number += 1
            continue
        if not fence and (end := _display_end(lines, number)) is not None:
            parts += _flushed(rows, place)
            for equation in _equations("\n".join(lines[number : end + 1])):
                parts.append(FormulaLine(equation, here))
            number = end + 1
            continue
        if _is_row(line):
            rows.append((line, number))
        else:
            parts += _flushed(rows, place)
            parts += _line(line, here, fence not in ("", "text", "math", "latex", "tex", "markdown", "md"))
        number += 1
    return _joined(parts + _flushed(rows, place))


def _is_row(line: str) -> bool:
    bare = re.sub(r"\$[^$]*\$|`[^`]*`", "", line).strip()
    return (
        (bare.startswith("|") and len(bare) > 1)
        or len(re.findall(r"(?<![\\|])\|(?!\|)", bare)) > 1
        or bool("|" in bare and _DIVIDER.match(bare))
    )


def _flushed(rows: list[tuple[str, int]], place: Place) -> list[Part]:
    if not rows:
        return []
    found = [line for line, _ in rows if not _DIVIDER.match(line.strip())]
    first = rows[0][1]
    rows.clear()
    split = markdown_rows(found)
    return [FormulaTable(tuple(split), _at(place, first))] if split else []


def markdown_rows(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """The cells of the rows of one Markdown table; the first row, its header, says how many there are.

    >>> markdown_rows(["Layer|Output", "Loss|||y - ŷ||^2"])
    [('Layer', 'Output'), ('Loss', '||y - ŷ||^2')]
    """
    width = 0
    rows = []
    for line in lines:
        ways = [_split(line, norms) for norms in (False, True)]
        cells = next((way for way in ways if len(way) == width), ways[0])
        if width and len(cells) > width:
            last = next((way for way in reversed(ways) if len(way) > width), cells)
            kept, rest = last[: width - 1], last[width - 1 :]
            cells = [*kept, "|".join(rest)]
        width = width or len(cells)
        rows.append(tuple(cells[:MAX_CELLS]))
    return rows


def _split(line: str, norms: bool) -> list[str]:
    """A row's cells; `norms` takes || for a norm's bars. Bars within $…$ and `…` never part cells."""
    line = line.strip()
    text = line.removeprefix("|") if not (norms and line.startswith("||")) else line[1:]
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    dollars = text.count("$") % 2 == 0
    cells, here, at, math, code = [], "", 0, False, False
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            here += text[at : at + 2]
            at += 2
            continue
        if char == "$" and dollars:
            math = not math
        elif char == "`":
            code = not code
        elif char == "|" and not math and not code:
            if norms and text.startswith("||", at):
                here += "||"
                at += 2
                continue
            cells.append(here)
            here = ""
            at += 1
            continue
        here += char
        at += 1
    cells.append(here)
    return [cell.replace("\\|\\|", "‖").strip() for cell in cells]


def _display_end(lines: Sequence[str], number: int) -> int | None:
    """The last line of the displayed formula that begins on this line; None where none begins."""
    line = lines[number]
    opened = line.count("$$") % 2 == 1
    bracket = "\\[" in line and "\\]" not in line[line.index("\\[") :] and not re.search(r"\\\\\[", line)
    begun = _depth(line)
    if not opened and not bracket and begun <= 0:
        return number if "$$" in line or re.search(rf"\\begin\s*\{{(?:{_ALIGNED})", line) else None
    for end in range(number + 1, min(number + 80, len(lines))):
        begun += _depth(lines[end])
        if opened and "$$" in lines[end]:
            opened = lines[end].count("$$") % 2 == 0
        bracket = bracket and "\\]" not in lines[end]
        if not opened and not bracket and begun <= 0:
            return end
    return None


def _depth(line: str) -> int:
    return sum(
        (1 if found[1] == "begin" else -1)
        for found in ENVIRONMENT.finditer(line)
        if re.fullmatch(_ALIGNED + "|cases|[bpvBV]?matrix|smallmatrix", found[2])
    )


def _equations(display: str) -> Iterator[str]:
    """The equations of a displayed formula: one a row, rows that begin with a sign joined to the one before."""
    text = _DISPLAY.sub("\n", display)
    bare = _ALIGNMENT.sub(" ", text)
    pieces: list[str] = []
    for row in outside(bare, ROW_END):
        row = " ".join(row.split())
        if not row.strip(" &") or _LONE_BRACKET.match(row):
            continue
        if pieces and _CONTINUES.match(row):
            pieces[-1] += " " + row.replace("&", " ")
        else:
            pieces.append(row.replace("&", " "))
    for piece in pieces:
        yield " ".join(piece.split())


def _line(line: str, place: Place, code: bool) -> list[Part]:
    heading = bool(_HEADING.match(line)) and not code
    text = _LATEX_HEADING.sub(r"\1", line)
    text = _LATEX_LAYOUT.sub(" ", text) if "\\" in text and not code else text
    text = _ITEM.sub(lambda found: f"- {found[1] or ''} ", text)
    return [FormulaLine(text.rstrip(), place, heading, code)] if text.strip() else []


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Lines that begin with a sign of relation belong to the line above."""
    result: list[Part] = []
    for part in parts:
        last = result[-1] if result else None
        if (
            isinstance(part, FormulaLine)
            and isinstance(last, FormulaLine)
            and not (part.heading or last.heading or part.code)
            and re.match(r"\s*\$?\s*(?:=(?!=)|⇒|\\Rightarrow)", part.text)
        ):
            result[-1] = FormulaLine(last.text.rstrip() + " " + part.text.strip(), last.place)
        else:
            result.append(part)
    return result
