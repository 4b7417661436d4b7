"""Sheet 000's network with a student's numbers on it: weights along the edges, biases at the units. Judges nothing.

A cell stands for a whole layer; where it holds a matrix, each edge gets its own entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from grader.intake.reading import TextCell
from grader.judges.table_cells import filled, written
from grader.judges.table_spec import TableQuestion
from grader.model import DrawnNumber, Edge, Network, Node, QuestionReport, Status
from reference_solutions.backprop_by_hand import WIDTHS
from rubrics.backprop_by_hand.names import TEMPLATE
from rubrics.backprop_by_hand.steps import EXPECTED, KINDS, LAYERS, ROWS, UPDATES, key

SYMBOLS: Final = {
    "weight": {"parameter": "w", "gradient": "∂w", "updated": "new w"},
    "bias": {"parameter": "b", "gradient": "∂b", "updated": "new b"},
}
_LONGEST: Final = 10
_TITLES: Final = {1: "First update: your numbers on the network", 2: "Second update: your numbers on the network"}


def with_networks(reports: Sequence[QuestionReport], questions: Sequence[TableQuestion]) -> tuple[QuestionReport, ...]:
    """The reports, those of an update's two tables with its network; none where no number of it was read."""
    by_id = {report.id: report for report in reports}
    words = {question.id: question.words for question in questions}
    drawn: dict[str, Network] = {}
    for update in UPDATES:
        names = {kind: f"update{update}.{kind}" for kind in KINDS}
        if any(name not in by_id for name in names.values()):
            continue
        cells = {kind: _cells(by_id[name], words[name]) for kind, name in names.items()}
        network = _network(update, {kind: by_id[name] for kind, name in names.items()}, cells)
        if _any_number(network):
            drawn |= dict.fromkeys(names.values(), network)
    return tuple(replace(report, networks=(drawn[report.id],)) if report.id in drawn else report for report in reports)


def _network(update: int, reports: Mapping[str, QuestionReport], cells: Mapping[str, Mapping[str, str]]) -> Network:
    def numbers(kind: str, layer: int, row: int, column: int) -> tuple[DrawnNumber, ...]:
        statuses = {label.label: label.status for label in reports[kind].labels}
        found = []
        for name in ROWS:
            cell = key(update, kind, layer, name)
            text = cells[kind].get(cell.label, "")
            wanted = EXPECTED[cell]
            shown = _entry(text, len(wanted), len(wanted[0]), row, column)
            found.append(DrawnNumber(SYMBOLS[kind][name], shown, statuses.get(cell.label, Status.MISSING)))
        return tuple(found)

    nodes = [Node("0.0", "x", 0)]
    edges = []
    for layer in LAYERS:
        last = layer == LAYERS[-1]
        for unit in range(WIDTHS[layer]):
            name = "y" if last else f"h{layer}{'ab'[unit]}"
            nodes.append(Node(f"{layer}.{unit}", name, layer, numbers("bias", layer, unit, 0)))
            edges += [
                Edge(f"{layer - 1}.{source}", f"{layer}.{unit}", numbers("weight", layer, unit, source))
                for source in range(WIDTHS[layer - 1])
            ]
    return Network(_TITLES[update], tuple(nodes), tuple(edges))


def _any_number(network: Network) -> bool:
    numbers = [*(node.numbers for node in network.nodes), *(edge.numbers for edge in network.edges)]
    return any(number.text for part in numbers for number in part)


def _cells(report: QuestionReport, words: Mapping[str, str]) -> dict[str, str]:
    """What stands in each cell that is not empty, as the judge quotes it: a line a cell, "Layer 1, gradient: 92"."""
    labels = {name: label for label, name in words.items()}
    cells: dict[str, str] = {}
    label = ""
    for line in (report.answer.text if report.answer else "").split("\n"):
        name, colon, text = line.partition(": ")
        if colon and name in labels:
            label = labels[name]
            cells[label] = text
        elif label:
            cells[label] += " " + line
    return cells


def _entry(text: str, rows: int, columns: int, row: int, column: int) -> str:
    """The entry of a cell that belongs to one edge; a cell that is no table of numbers as it stands, cut short."""
    cell = written(TextCell(text), TEMPLATE)
    if cell.kind in ("blank", "template"):
        return ""
    for numbers in cell.readings:
        entries = filled(numbers, rows, columns)
        if entries is not None:
            return f"{float(entries[row][column].value):.6g}"
    short = " ".join(text.split())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"
