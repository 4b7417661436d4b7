"""The cells of a forward table, wherever a student put them: tables of any layout, lists, sentences with arrows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.intake.formula_table import FormulaLine, FormulaTable, Part
from grader.model import Place
from rubrics.matrix_calculus.names import INPUT, LAYERS, OUTPUT, RESULT, layer_of, side_of, words


@dataclass(frozen=True)
class Cell:
    """A formula for one place of the forward table: `side` is "input" or "output"."""

    layer: str
    side: str
    text: str
    place: Place
    code: bool = False

    @property
    def label(self) -> str:
        return f"{self.layer}.{self.side}"


_BULLET = re.compile(r"^\s*(?:[-*+•]\s+|\d+\s*[.)]\s+|\([a-z0-9]\)\s+|#{1,6}\s+)?")
_SIDE = rf"(?:{INPUT.pattern}|{OUTPUT.pattern})"
_SIDED = re.compile(
    rf"(?P<side>{_SIDE})(?![a-z])(?:\(s\))?[\s*_]*(?:\s(?:is|are|es|ist|est|vector)\b)?[\s*_]*(?P<sign>:=|[:=]|是|为)?",
    re.IGNORECASE,
)
_OF = re.compile(
    rf"(?P<side>{_SIDE})\s*(?:of|to|for|from|de|von|du)\s+(?:the\s+)?(?P<layer>[^:=]{{1,50}}?)\s*(?:[:=]|\bis\b)",
    re.IGNORECASE,
)
_PARTED = re.compile(r"(?:[,;.|]|\band|\by)\s*(?:the|its|la|su)?\s*$")
_ARROW = re.compile(r"\\(?:long)?(?:rightarrow|mapsto|to)\b|->|=>|→|⟶|↦|\\Rightarrow|⇒|\|->")
_GAP = re.compile(r"\t+|\s{2,}")
_NAME_END = re.compile(
    r"\s*(?::(?!=)|\s[-–—]\s|\t|\s{2,}|\||,\s|;\s|(?=\s+\S*(?:input|output|entrada|salida)))", re.IGNORECASE
)
_ROWS_FOR_HEADER: Final = 3


def cells_of(parts: Iterable[Part]) -> list[Cell]:
    """Every cell of a forward table that stands in these parts, in reading order."""
    found: list[Cell] = []
    layer: str | None = None
    side: str | None = None
    for part in parts:
        if isinstance(part, FormulaTable):
            found += table_cells(part)
            layer = side = None
            continue
        cells, layer, side = _line_cells(part, layer, side)
        found += cells
    return found


def table_cells(table: FormulaTable) -> list[Cell]:
    """The cells of a table: layers down and sides across, or the other way round, with or without a header."""
    rows = table.rows
    across = next(
        (n for n, row in enumerate(rows[:_ROWS_FOR_HEADER]) if sum(bool(layer_of(c)) for c in row) >= 2), None
    )
    if across is not None and any(row and side_of(row[0]) for row in rows[across + 1 :]):
        layers = [layer_of(cell) for cell in rows[across]]
        return [
            Cell(layer, side, text, table.place)
            for row in rows[across + 1 :]
            if (side := side_of(row[0]))
            for layer, text in zip(layers[1:], row[1:], strict=False)
            if layer
        ]
    header = next((n for n, row in enumerate(rows[:_ROWS_FOR_HEADER]) if _sides(row)), None)
    if header is not None:
        return list(_by_columns(rows, header, table.place))
    named = [(layer, row) for row in rows if row and (layer := layer_of(row[0]))]
    if len(named) >= 3:
        return [
            Cell(layer, side, text, table.place)
            for layer, row in named
            for side, text in zip(_assumed(row), row[1:], strict=False)
        ]
    return []


def _assumed(row: Sequence[str]) -> tuple[str, ...]:
    return ("input", "output") if len(row) >= 3 else ("output",)


def _sides(row: Sequence[str]) -> dict[int, str]:
    """The columns of a header that say input or output; one that says something else of a result counts as output."""
    found = {n: side for n, cell in enumerate(row) if len(words(cell)) < 40 and (side := side_of(cell))}
    if not found or any(
        layer_of(cell) for n, cell in enumerate(row) if n not in found and words(cell) not in ("layer", "f", "g")
    ):
        return {}
    return found | {n: "output" for n, cell in enumerate(row) if n not in found and RESULT.search(words(cell))}


def _by_columns(rows: Sequence[tuple[str, ...]], header: int, place: Place) -> Iterator[Cell]:
    sides = _sides(rows[header])
    for row in rows[header + 1 :]:
        layer = next((found for n, cell in enumerate(row) if n not in sides and (found := layer_of(cell))), None)
        if layer is None:
            continue
        for n, side in sides.items():
            if n < len(row):
                yield Cell(layer, side, row[n], place)


def _line_cells(line: FormulaLine, layer: str | None, side: str | None) -> tuple[list[Cell], str | None, str | None]:
    """The cells of a line, and the layer and side that the lines below it belong to."""
    text = _BULLET.sub("", line.text).replace("**", "").strip()
    if found := _OF.match(text):
        other = layer_of(found["layer"])
        if other:
            rest = text[found.end() :].strip()
            where = "input" if INPUT.search(found["side"].casefold()) else "output"
            return ([Cell(other, where, rest, line.place, line.code)] if rest else []), other, where
    name, rest = _layer_prefix(text)
    if name:
        layer, side = name, None
    if not layer:
        return [], None, None
    if not rest:
        return [], layer, side
    pairs = list(_sided(rest))
    if pairs:
        cells = [Cell(layer, where, formula, line.place, line.code) for where, formula in pairs if formula]
        return cells, layer, pairs[-1][0] if not pairs[-1][1] else None
    if side and not name:
        return [Cell(layer, side, rest, line.place, line.code)], layer, None
    if name:
        for splitter in (_ARROW, _GAP):
            pieces = [piece.strip(" :,;") for piece in splitter.split(rest)]
            pieces = [piece for piece in pieces if piece.strip("$ ")]
            if len(pieces) == 2 or (splitter is _ARROW and len(pieces) > 2 and layer_of(pieces[1]) == layer):
                return (
                    [
                        Cell(layer, "input", _balanced(pieces[0]), line.place, line.code),
                        Cell(layer, "output", _balanced(pieces[-1]), line.place, line.code),
                    ],
                    layer,
                    None,
                )
    return [], layer, None


def _layer_prefix(text: str) -> tuple[str | None, str]:
    """The layer that a line begins with, and the rest: "Linear_1: x → …", "f | z1 | …", "g"."""
    if whole := layer_of(text):
        found = _NAME_END.search(text)
        if not found or not text[found.end() :].strip(" $|:"):
            return whole, ""
    for found in _NAME_END.finditer(text[:90]):
        name = layer_of(text[: found.start()])
        if name and len(text[: found.start()]) < 60 and "=" not in text[: found.start()]:
            return name, text[found.end() :].strip(" |")
    return None, text


def _sided(text: str) -> Iterator[tuple[str, str]]:
    """(side, formula) for "input: x, output: W1 x + b1" and its like."""
    marks = [
        found
        for found in _SIDED.finditer(text)
        if found["sign"] or " is" in found[0] or not found.start() or _PARTED.search(text[: found.start()])
    ]
    for number, found in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        side = "input" if INPUT.search(found["side"].casefold()) else "output"
        formula = text[found.end() : end]
        if end < len(text):
            formula = re.sub(r"[\s,;.]+(?:and|und|y|et|&)?\s*(?:the|its)?\s*$", "", formula)
        yield side, _balanced(formula.strip(" ,;*_"))


def _balanced(formula: str) -> str:
    """A piece of a line without a dollar sign that its other half was cut from."""
    return formula.replace("$", "").strip() if formula.count("$") % 2 else formula.strip()


def layers_named(parts: Iterable[Part]) -> int:
    """How many of the five layers have cells of a forward table here."""
    return len({cell.layer for cell in cells_of(parts)} & set(LAYERS))
