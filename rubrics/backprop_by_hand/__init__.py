"""Sheet 000, backpropagation by hand: a 1-2-2-1 ReLU net, two updates; 30 points, 7 a table and 2 for the losses.

Here stand the questions and how they are judged; the names that people give to tables are in `names`, how one cell
follows from others in `steps`, misconceptions in `faults`, right hand-ins in other formats in `variants`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import reference_solutions
from grader.intake.archive import BadFile, FileBytes
from grader.intake.reading import Reading
from grader.intake.tables import CLOSED, SUFFIXES, read_tables
from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Key, TableQuestion, TableSpec, shares
from grader.judges.tables import judge_tables
from grader.material import Material
from grader.model import FaultInfo, QuestionReport
from grader.rubric import Homework, WholeQuestion
from reference_solutions import errata
from reference_solutions.backprop_by_hand import WIDTHS
from rubrics.backprop_by_hand.claims import claims
from rubrics.backprop_by_hand.faults import FAULTS, SLIPS
from rubrics.backprop_by_hand.names import COLUMN, FACETS, LOSS, PROSE, TEMPLATE
from rubrics.backprop_by_hand.network import with_networks
from rubrics.backprop_by_hand.steps import EXPECTED, KINDS, LAYERS, ORDER, RIGHT, ROWS, UPDATES, key, loss_key

SHEET_PICTURES: Final[Collection[str]] = ("b786db25-76ac-4ed8-824d-bd0512457da6.png", "2-1.png")
_ORDINALS: Final = {1: "First", 2: "Second"}
_LABELS: Final = tuple(f"L{layer}.{row}" for row in ROWS for layer in LAYERS)

QUESTIONS: Final = (
    *(
        TableQuestion(
            f"update{update}.{kind}",
            f"{_ORDINALS[update]} update - {kind}",
            shares(7, _LABELS),
            {f"L{layer}.{row}": f"Layer {layer}, {row}" for row in ROWS for layer in LAYERS},
            {"update": str(update), "kind": kind},
        )
        for update in UPDATES
        for kind in KINDS
    ),
    TableQuestion(
        "loss",
        "The loss before each update",
        {f"update{update}": 1.0 for update in UPDATES},
        {f"update{update}": f"Loss before the {_ORDINALS[update].lower()} update" for update in UPDATES},
    ),
)
POINTS: Final = sum(question.points for question in QUESTIONS)


def _place(facts: Mapping[str, str]) -> Key | None:
    """The cell that labels speak of, once they say enough."""
    update = f"update{facts.get('update')}"
    if facts.get("row") == "loss":
        wanted = Key("loss", update)
    else:
        wanted = Key(f"{update}.{facts.get('kind')}", f"{facts.get('column')}.{facts.get('row')}")
    return wanted if wanted in EXPECTED else None


SINGLE: Final = {
    "weight": tuple(
        f"L{n}" for n, (rows, columns) in enumerate(pairwise(WIDTHS), start=1) for _ in range(rows * columns)
    ),
    "bias": tuple(f"L{n}" for n, width in enumerate(WIDTHS[1:], start=1) for _ in range(width)),
}
"""The layer of each weight and each bias, for who numbers them from input to output: w1 … w8, b1 … b5."""

SPEC: Final = TableSpec(
    questions=QUESTIONS,
    facets=FACETS,
    order=ORDER,
    expected=EXPECTED,
    follow=RIGHT.cell,
    place=_place,
    slips=SLIPS,
    groups=tuple(tuple(f"update{update}.{kind}" for kind in KINDS) for update in UPDATES),
    template=TEMPLATE,
    carried="parameter",
    moving="gradient",
    named={"loss": LOSS},
    single=SINGLE,
    prose=PROSE,
)


def judge(readings: Sequence[Reading]) -> tuple[QuestionReport, ...]:
    """Judge what was read of one hand-in (`grader.intake.tables.read_tables`): a report for each of QUESTIONS."""
    return with_networks(judge_tables(readings, SPEC), QUESTIONS)


def judge_material(material: Material) -> tuple[QuestionReport, ...]:
    """Judge a submission: every document in it is read for tables."""
    readings = [_read(file) for file in material.submission.files if file.suffix in SUFFIXES | CLOSED]
    if material.submission.problem:
        readings.append(Reading(material.submission.student.id, problem=material.submission.problem))
    elif not readings and material.submission.files:
        names = ", ".join(file.name for file in material.submission.files[:5])
        readings.append(Reading(names, problem=f"No table can be read from {names}; a human looks at it."))
    return judge(readings)


def _read(file: FileBytes) -> Reading:
    try:
        return read_tables(file.name, file.read(), SHEET_PICTURES)
    except BadFile as error:
        return Reading(file.name, problem=str(error))


def faults() -> tuple[FaultInfo, ...]:
    """The misconceptions that can be named, each once; where several share an id, in words that hold for all."""
    named: dict[str, FaultInfo] = {}
    for fault in FAULTS:
        info = fault.info
        shared = info.id in named and named[info.id].words != info.words
        named[info.id] = replace(info, words=info.why) if shared else info
    return tuple(named.values())


def table_lines(style: str = "text") -> Iterator[str]:
    """The sheet's tables with the reference's numbers, in its own layout; `style` is "text" or "markdown".

    Raises ValueError for another style.

    >>> print(*list(table_lines("markdown"))[:4], sep="\\n")
    **First update - weight**
    <BLANKLINE>
    |           | Layer 1      | Layer 2      | Layer 3      |
    |-----------|--------------|--------------|--------------|
    """
    if style not in ("text", "markdown"):
        raise ValueError(f"tables are printed as text or markdown, not as {style!r}")
    markdown = style == "markdown"
    for question in QUESTIONS:
        if not question.facets:
            continue
        yield f"**{question.title}**" if markdown else question.title
        if markdown:
            yield ""
        head = ["", *(f"Layer {layer}" for layer in LAYERS)]
        yield _row(head, markdown)
        if markdown:
            yield "|-----------|" + "--------------|" * len(LAYERS)
        for row in ROWS:
            cells = (EXPECTED[Key(question.id, f"{column}.{row}")] for column in COLUMN.values)
            yield _row([row.capitalize(), *map(number, cells)], markdown)
        yield ""
    for update in UPDATES:
        yield f"Loss before the {_ORDINALS[update].lower()} update: {number(EXPECTED[loss_key(update)])}"


def number(matrix: Matrix) -> str:
    """A cell as the sheet wants it: one number, for all entries of a layer are equal; else all of them."""
    entries = [entry for row in matrix for entry in row]
    if all(entry == entries[0] for entry in entries):
        return f"{float(entries[0]):.10g}"
    return "[" + ", ".join("[" + ", ".join(f"{float(entry):.10g}" for entry in row) + "]" for row in matrix) + "]"


def _row(cells: Sequence[str], markdown: bool) -> str:
    widths = [9] + [12] * (len(cells) - 1)
    padded = [f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)]
    return f"| {' | '.join(padded)} |" if markdown else "  ".join(padded).rstrip()


homework: Final = Homework(
    "backprop_by_hand",
    "Homework 2-1: forward pass and backpropagation by hand",
    sheet=None,
    sources=[Path(__file__).parent, Path(reference_solutions.__file__).parent],
    fingerprint=("Parameter", "Gradient", "Updated", "Layer1", "Layer2", "Layer3", "value_layer1", "grad_layer1"),
    errata=[f"{erratum.where}: {erratum.truth} {erratum.grading}" for erratum in errata.load("backprop_by_hand")],
    judge=judge_material,
    claims=lambda: claims(judge),
    tables=table_lines,
    oracles=["exact fractions", "finite differences", "PyTorch float64", "the numbers that the sheet prints"],
)

for _question in QUESTIONS:
    homework.add(
        WholeQuestion(
            _question.id,
            _question.title,
            points=_question.points,
            bonus=False,
            marks=_question.marks,
            faults=tuple(info for info in faults() if info.question == _question.id),
        )
    )

__all__ = [
    "POINTS",
    "QUESTIONS",
    "SHEET_PICTURES",
    "SPEC",
    "faults",
    "homework",
    "judge",
    "key",
    "number",
    "table_lines",
]
