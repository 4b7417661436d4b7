"""Tables that were written without a table: lists ("Gradient: Layer 1 = 92, Layer 2 = 40.25") and LaTeX rows.

Looked at only for tables that stand nowhere as such. What the labels mean is found out as for any other table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grader.intake.latex_tables import latex_rows
from grader.intake.reading import MAX_COLUMNS, Line, Reading, Table, TextCell, cell
from grader.judges.table_layout import NOTHING, Layout, Located, locate
from grader.judges.table_names import is_value, said
from grader.judges.table_spec import TableQuestion, TableSpec
from grader.judges.table_text import round_index
from grader.model import Place

_BULLET: Final = re.compile(r"^\s*(?:[-*•+>]\s+|\d{1,2}[.)]\s+|\(\w\)\s+|\\item\s+)*")
_SIGN: Final = re.compile(r"[=:≈：＝]+(?!\s*\{)")
_NUMBER: Final = r"[-+−–]?\s*(?:\d+(?:[.,]\d+)?\.?|\.\d+)(?:[eE][-+]?\d{1,2})?"
_VALUE: Final = re.compile(
    rf"\s*\$?(?:[-+−–]?(?:\\begin\{{[bp]matrix\}}.*?\\end\{{[bp]matrix\}}|\[(?:[^\[\]=:]|\[[^\[\]=:]*\])*\])|{_NUMBER}(?![\d\w]))\$?"
)
_CHANGED: Final = re.compile(
    rf"(?<![^\W\d])([wbθ]\w{{0,3}}) ?[=:] ?({_NUMBER}) ?(?:→|->|=>|⇒) ?({_NUMBER})", re.IGNORECASE
)
_GRADED: Final = re.compile(rf"\(\s*(grad(?:ient)?)\.? ?[=:]? ?({_NUMBER})\s*\)", re.IGNORECASE)
_KEYED: Final = re.compile(r"""[:=]\s*\{\s*['"]\w""")
_CODED: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")  # a number in code, and no part of a name
_EXPRESSION: Final = re.compile(r"\s*(?:[-+−*/×·^()]|\\(?:cdot|times))")
_LATEX_ROW: Final = re.compile(r"(?<!\\)&")
_LATEX_NOISE: Final = re.compile(
    r"\\(?:h|top|mid|bottom)(?:line|rule)|\\cline\{[^{}]*\}|\\(?:begin|end)\{(?!\w*matrix)\w+\*?\}(?:\{[^{}]*\})*|\$\$?"
)
_LATEX_WORDS: Final = re.compile(r"\\(?:text\w*|mathrm|mathbf|multicolumn\{\d+\}\{[^{}]*\})\{([^{}]*)\}")


def listed(reading: Reading, spec: TableSpec) -> Reading:
    """The reading with runs of listed values, and rows between `&`, as tables; all else stays as it was."""
    parts: list[Line | Table] = []
    rows: list[tuple[TextCell, ...]] = []
    first: Line | None = None

    def close() -> None:
        nonlocal rows, first
        if rows and first is not None:
            parts.append(Table(tuple(rows), first.place, merged_above=False))
        rows, first = [], None

    layer = ""  # a line that names a column alone holds for the list below it, and for what is indented deeper
    for part in reading.parts:
        found = [] if isinstance(part, Table) else (_latex_rows(part.text) or _pairs(part.text, spec))
        if isinstance(part, Line):
            layer = _names_column(part, layer, found, spec)
            found = [(cell(layer), *row) if layer and not _has_column(row, spec) else row for row in found]
        if isinstance(part, Table) or not found:
            if isinstance(part, Table) or _LATEX_NOISE.sub("", part.text).strip(" \\{}|c"):
                close()
                parts.append(part)
            continue
        first = first or part
        rows += found
    close()
    return replace(reading, parts=tuple(parts))


def _names_column(line: Line, before: str, found: Sequence[object], spec: TableSpec) -> str:
    """The name of the column that the lines after this one belong to: "Layer 1" over "Weight" over "Gradient: 92"."""
    facts = said(line.text, spec.facets)
    column = spec.facet("column").name
    if found or not facts:
        return before
    if column in facts:
        return line.text if set(facts) == {column} and not facts[column].weak and len(line.text) < 30 else ""
    return "" if line.title or spec.facets[0].name in facts else before


def _has_column(row: Sequence[TextCell], spec: TableSpec) -> bool:
    return any("column" in said(entry.text, spec.facets) for entry in row[:-1])


def _latex_rows(text: str) -> list[tuple[TextCell, ...]]:
    if len(_LATEX_ROW.findall(text)) < 2:
        return []
    rows = []
    for entries in latex_rows(_LATEX_NOISE.sub(" ", text)):
        if len(entries) > 1:
            rows.append(tuple(cell(_LATEX_WORDS.sub(r"\1", entry)) for entry in entries)[:MAX_COLUMNS])
    return rows


def _pairs(text: str, spec: TableSpec) -> list[tuple[TextCell, ...]]:
    """Rows of labels and a value: one for each "label = number" of a line whose label says which cell it is."""
    if _KEYED.search(text):
        return []  # a dictionary in a dictionary: a key may belong to any that is open
    text = _GRADED.sub(r", \1 = \2", _CHANGED.sub(r"\1 = \2, updated = \3", text))
    pieces = _SIGN.split(_BULLET.sub("", text.replace("**", " ").replace("`", " ")))
    if len(pieces) < 2 or len(pieces) > MAX_COLUMNS:
        return []
    context: list[str] = []
    label = pieces[0]
    rows: list[tuple[TextCell, ...]] = []
    for at, piece in enumerate(pieces[1:], start=1):
        value = _VALUE.match(piece)
        rest = piece[value.end() :] if value else ""
        if value is None or (_EXPRESSION.match(rest) and not re.match(r"\s*\([^\d]*\)", rest)):
            if value is None and said(label, spec.facets):  # "Gradient: Layer 1 = …"
                context = [label]
            if value is None:
                label = piece
            elif at == len(pieces) - 1:
                return []  # arithmetic without its result
            continue
        facts = said(label, spec.facets)
        fact = facts.get("row")
        if facts and (fact is None or fact.value in spec.inner_rows):
            labels = [*context, label]
            rows.append((*(cell(name.strip(" ,;.()-")) for name in labels), cell(value.group())))
            if not context:
                context = [label]
        label = rest.strip(" ,;.|$")
        if not label and at < len(pieces) - 1:
            label = pieces[0]
    return rows


def with_lists(layout: Layout, readings: Sequence[Reading], spec: TableSpec) -> Layout:
    """The layout with lists and LaTeX rows taken for the tables that have no numbers anywhere else."""

    def filled(entries: Sequence[tuple[int, Located]]) -> bool:
        return any(located.cell.problem or is_value(located.cell.text, NOTHING) for _, located in entries)

    answered = {key.question for key, entries in layout.found.items() if filled(entries)}
    bare = {question.id for question in spec.questions if question.facets} - answered
    if not bare:
        return layout
    again = locate([listed(reading, spec) for reading in readings], spec)
    taken = {key: entries for key, entries in again.found.items() if key.question in bare and filled(entries)}
    if not taken:
        return layout
    return replace(layout, found={**layout.found, **taken}, guessed=layout.guessed or again.guessed)


def in_words(readings: Sequence[Reading], question: TableQuestion, spec: TableSpec) -> str:
    """Where a sentence says what became of the numbers of a table's round; or nothing."""
    rounds = spec.facets[0]
    wanted = question.facets.get(rounds.name)
    for reading in readings:
        now: str | None = None
        for part in reading.parts:
            if isinstance(part, Line):
                fact = said(part.text, [rounds]).get(rounds.name)
                if fact is not None:
                    at = round_index(fact, rounds)
                    now = None if at is None else rounds.values[at]
                if wanted is not None and now in (wanted, None) and spec.prose.search(part.text):
                    return str(part.place)
    return ""


def in_code(readings: Sequence[Reading], spec: TableSpec) -> str:
    """The notebook in whose code rows of numbers are written down, as comments or as lists; or nothing."""
    across = len(spec.facet("column").values)
    for reading in readings:
        lines = (line for line in reading.code.split("\n") if len(_CODED.findall(line)) >= across)
        rows = [
            fact for line in lines if (fact := said(line, spec.facets).get("row")) and fact.value in spec.inner_rows
        ]
        if len(rows) > 1:
            return reading.name
    return ""


def loose(readings: Sequence[Reading], question: TableQuestion, spec: TableSpec) -> str:
    """Where numbers that may belong to a question's table stand in the text, under names of rows or layers."""
    if not question.facets:
        return ""
    rounds = spec.facets[0]
    told: list[Place] = []
    most = 0
    waiting: Place | None = None  # a name without a number: it may stand on the next line
    for reading in readings:
        now: int | None = None
        for part in reading.parts:
            if not isinstance(part, Line):
                continue
            facts = said(part.text, spec.facets)
            if rounds.name in facts:
                now = round_index(facts[rounds.name], rounds)
            if now is not None and rounds.values[now] != question.facets.get(rounds.name):
                waiting = None
                continue
            row = facts.get("row")
            names = bool({"row", "column", "kind"} & facts.keys()) and (row is None or row.value in spec.inner_rows)
            numbers = len(re.findall(r"\d[.,]\d|\b\d{2,}\b", part.text))
            if numbers and (names or waiting):
                told.append(waiting or part.place)
                most = max(most, numbers)
            waiting = part.place if names and not numbers else None
    return str(told[0]) if len(told) > 2 or most > 8 else ""
