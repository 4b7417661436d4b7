"""The sheet's tables with common additions and other corners; each is read again with a slip that must be seen.

The tables are those of `test_odd_tables`, which are the sheet's own printout.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from grader.intake.tables import read_tables
from grader.judges.table_names import is_value, said, words
from rubrics.backprop_by_hand import judge
from rubrics.backprop_by_hand.names import FACETS, TEMPLATE

from .test_odd_tables import HEADS, LOSSES, ROWS, TABLES
from .test_odd_wordings import SLIP, Tables, lost, slipped, written

NUMERALS = ("Layer I", "Layer II", "Layer III")
NUMBERS = ("Layer 1", "Layer 2", "Layer 3")


def rate_below(tables: Tables) -> str:
    """A fourth row, the learning rate."""
    lines = written(tables).split("\n")
    return "\n".join(
        f"{line}\n| Learning rate (η) | 0.01 | 0.01 | 0.01 |" if line.startswith("| Updated") else line
        for line in lines
    )


def with_input(tables: Tables, columns: tuple[str, ...] = NUMBERS) -> str:
    """A column for the input, which has no parameters."""
    text = written(tables, columns=("Layer 0", *columns)).replace("|---|---|---|---|", "|---|---|---|---|---|")
    for row in ROWS:
        text = text.replace(f"| {row} | ", f"| {row} | - | ")
    return text


def with_input_and_names(tables: Tables) -> str:
    return with_input(tables, ("Hidden layer 1", "Hidden layer 2", "Output layer"))


def backwards(tables: Tables, columns: tuple[str, ...] = NUMBERS, corner: str = "Layer") -> str:
    """The last layer first, as the gradients are worked out, and "Layer" in the corner."""
    text = written(tables, columns=columns)
    lines = []
    for line in text.split("\n"):
        if not line.startswith("|"):
            lines.append(line)
            continue
        name, *cells = (cell.strip() for cell in line[1:-1].split("|"))
        lines.append(f"| {name or corner} | {' | '.join(reversed(cells))} |")
    return "\n".join(lines)


def backwards_in_roman(tables: Tables) -> str:
    return backwards(tables, NUMERALS, "Item")


def on_its_side(tables: Tables, corner: str = "Quantity") -> str:
    """Layers down, quantities across; the corner names what stands beside it."""
    parts = []
    for head, table in zip(HEADS, tables, strict=True):
        parts.append(f"### {head}\n\n| {corner} | {' | '.join(ROWS)} |\n|---|---|---|---|")
        parts += [f"| Layer {n} | {' | '.join(row)} |" for n, row in enumerate(zip(*table, strict=True), 1)]
        parts.append("")
    return "\n".join(parts) + LOSSES


def two_updates_in_one(tables: Tables) -> str:
    """One table a kind; the headings are one word each, and the losses below have a round but no table."""
    parts = []
    for at, head in enumerate(("Weights", "Biases")):
        parts.append(f"## {head}\n\n| | Layer 1 | Layer 2 | Layer 3 |\n|---|---|---|---|")
        for update in (1, 2):
            rows = zip(ROWS, tables[2 * update - 2 + at], strict=True)
            parts += [f"| Update {update} - {name} | {' | '.join(row)} |" for name, row in rows]
        parts.append("")
    return "\n".join(parts) + "\n\n## Loss\n\nFirst iteration: 66.125\n\nSecond iteration: 1.3041\n"


def said_of_all(tables: Tables) -> str:
    return written(tables, lambda number, count: f"all {number}" if count > 1 else number)


def named_with_dash(tables: Tables) -> str:
    """Each number with its letter, and a dash for the minus sign."""
    heads = ("1. Gewichtsupdate", "1. Biasupdate", "2. Gewichtsupdate", "2. Biasupdate")
    return written(tables, lambda number, count: f"p = {number}".replace("-", "–"), heads=heads)


def round_and_value(tables: Tables) -> str:
    """One row a parameter; "Update" heads the round and the updated value."""
    lines = ["| Update | Layer | Type | Value | Gradient | Update |", "|---|---|---|---|---|---|"]
    for n, table in enumerate(tables):
        kind = ("Weight", "Bias")[n % 2]
        rows = enumerate(zip(*table, strict=True), 1)
        lines += [f"| {n // 2 + 1} | {layer} | {kind} | {' | '.join(row)} |" for layer, row in rows]
    return "\n".join(lines) + LOSSES


WRITERS = (
    rate_below,
    with_input,
    with_input_and_names,
    backwards,
    backwards_in_roman,
    on_its_side,
    two_updates_in_one,
    said_of_all,
    named_with_dash,
    round_and_value,
)


@pytest.mark.parametrize("write", WRITERS)
def test_common_layouts(write: Callable[[Tables], str]) -> None:
    assert lost(write(TABLES)) == []
    assert lost(write(slipped())) == [SLIP]


def test_layers_counted_from_zero_are_still_shifted() -> None:
    columns = ("Layer 0", "Layer 1", "Layer 2")
    assert lost(written(TABLES, columns=columns)) == []
    assert lost(written(slipped(), columns=columns)) == [SLIP]


def rows_of(tables: Tables, first_loss: str = "66.125") -> list[list[str]]:
    """A spreadsheet: each update's heading, layer by layer, blank rows between, sentences in single cells."""
    rows = []
    for update in (1, 2):
        weight, bias = tables[2 * update - 2 : 2 * update]
        rows += [[f"Update {update} (loss = {(first_loss, '1.3041')[update - 1]})"]]
        for layer in range(3):
            rows += [[f"Layer {layer + 1}"], ["", *ROWS]]
            rows += [["Weight", *(row[layer] for row in weight)], ["Bias", *(row[layer] for row in bias)], []]
    return rows


def comma_separated(rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def test_headings_and_losses_in_single_cells_of_a_spreadsheet() -> None:
    assert lost(comma_separated(rows_of(TABLES)), "hw.csv") == []
    assert lost(comma_separated(rows_of(slipped())), "hw.csv") == [SLIP]
    assert lost(comma_separated(rows_of(TABLES, "67.125")), "hw.csv") == [("loss", "update1")]


def test_a_loss_of_several_rounds_in_one_label_is_no_crash() -> None:
    text = written(TABLES).replace(LOSSES, "\n\n| Update | Loss |\n|---|---|\n| update 1 update 2 | 66.125 |\n")
    reports = {report.id: report for report in judge([read_tables("hw.md", text.encode())])}
    assert [reports[f"update{n}.{kind}"].earned for n in (1, 2) for kind in ("weight", "bias")] == [7, 7, 7, 7]


@pytest.mark.parametrize(("label", "row"), [("W - lr * dW", "updated"), ("Updated (learning rate 0.01)", "updated")])
def test_a_rate_beside_other_words_still_names_the_updated_value(label: str, row: str) -> None:
    assert said(label, FACETS)["row"].value == row
    assert said("learning rate", FACETS)["row"].value == ""


def test_all_is_a_word_for_a_value_and_layer_is_none() -> None:
    assert is_value("all 1", TEMPLATE)
    assert is_value("b = –0.73", TEMPLATE)
    assert not is_value("layer 1", TEMPLATE)
    assert not is_value("alloy 1", TEMPLATE)
    assert words("Layer III") == "layer iii"


def test_the_loss_after_the_first_update_beside_the_initial_one_is_the_second() -> None:
    """A loss without its half is followed through: charged as wrong, and never called missing."""
    for first, second, wrong in (("66.125", "1.3041", 0), ("66.125", "2.6082", 1), ("132.25", "2.6082", 2)):
        text = written(TABLES).replace(LOSSES, f"\n\nInitial loss: {first}\n\nLoss after the first update: {second}\n")
        (loss,) = (r for r in judge([read_tables("hw.md", text.encode())]) if r.id == "loss")
        statuses = [label.status.name for label in loss.labels]
        assert statuses.count("FAILED") == wrong
        assert statuses.count("PASSED") == 2 - wrong
