"""Right numbers in odd cells, under odd names and in odd layouts; each is read again with a slip that must be seen.

The tables are those of `test_odd_tables`, which are the sheet's own printout.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from grader.model import Status

from .test_odd_tables import HEADS, LOSSES, ROWS, TABLES, earned, graded, pending, pipes

COUNTS = ((2, 4, 2), (2, 2, 1), (2, 4, 2), (2, 2, 1))  # entries of each layer: weights, biases
SLIP = ("update1.weight", "L2.gradient")
Tables = tuple[tuple[tuple[str, ...], ...], ...]


def slipped(number: str = "41.25") -> Tables:
    """The tables with another number for layer 2's first weight gradient."""
    first, *others = TABLES
    return ((first[0], (first[1][0], number, first[1][2]), first[2]), *others)


def written(
    tables: Tables,
    form: Callable[[str, int], str] = lambda number, count: number,
    rows: tuple[str, ...] = ROWS,
    columns: tuple[str, ...] = ("Layer 1", "Layer 2", "Layer 3"),
    heads: tuple[str, ...] = HEADS,
) -> str:
    """Markdown in the sheet's layout; `form` writes a number, given how many entries its layer has."""
    parts = []
    for head, table, counts in zip(heads, tables, COUNTS, strict=True):
        parts.append(f"### {head}\n\n| | {' | '.join(columns)} |\n|---|---|---|---|")
        for name, row in zip(rows, table, strict=True):
            cells = " | ".join(form(number, count) for number, count in zip(row, counts, strict=True))
            parts.append(f"| {name} | {cells} |")
        parts.append("")
    return "\n".join(parts) + LOSSES


def lost(text: str, name: str = "hw.md") -> list[tuple[str, str]]:
    reports = graded(text, name).values()
    return [(r.id, label.label) for r in reports for label in r.labels if label.status is not Status.PASSED]


def scientific(number: str, sign: str = " × 10^") -> str:
    mantissa, _, exponent = f"{float(number):.4e}".partition("e")
    return f"{mantissa}{sign}{int(exponent)}" if float(number) else "0"


def raised(number: str, count: int) -> str:
    """9.2·10¹"""
    mantissa, _, exponent = scientific(number, "|").partition("|")
    return f"{mantissa}·10{exponent.translate(RAISED)}" if exponent else mantissa


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
FORMS: dict[str, Callable[[str, int], str]] = {
    "9.2 × 10^1": lambda number, count: scientific(number),
    "in LaTeX": lambda number, count: "$" + scientific(number, r" \times 10^{") + ("}$" if float(number) else "$"),
    "raised": raised,
    "10<sup>1</sup>": lambda number, count: scientific(number, " × 10<sup>") + ("</sup>" if float(number) else ""),
    "italics": lambda number, count: f"*{number}*",
    "underscores": lambda number, count: f"_{number}_",
    "ticked": lambda number, count: f"{number} ✓",
    "slashes": lambda number, count: " / ".join([number] * count),
    "ampersands": lambda number, count: " & ".join([number] * count),
    "named by colons": lambda number, count: "<br>".join(f"w{n}: {number}" for n in range(count)),
    "numpy": lambda number, count: f"np.float64({number})",
    "PyTorch": lambda number, count: f"tensor({number})",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_cells_in_odd_forms(form: Callable[[str, int], str]) -> None:
    assert lost(written(TABLES, form)) == []
    assert lost(written(slipped(), form))[:1] == [SLIP]


@pytest.mark.parametrize(
    "broken", ["[[40.25, 40.25], [40.25,<br>40.25]]", "11.5 · 3.5 =<br>40.25", "11.5 ·<br>3.5 = 40.25"]
)
def test_a_cell_that_was_broken_over_lines(broken: str) -> None:
    assert lost(written(slipped(broken))) == []
    assert lost(written(slipped(broken.replace("40.25", "40.52")))) == [SLIP]


def test_an_arrow_leads_to_the_new_value() -> None:
    text = written(TABLES)
    assert lost(text.replace("| 0.08 | 0.5975 | 0.2525 |", "| 1 → 0.08 | 1 -> 0.5975 | 1 ⇒ 0.2525 |", 1)) == []
    wrong = text.replace("| 0.08 | 0.5975 | 0.2525 |", "| 0.08 → 1 | 0.5975 | 0.2525 |", 1)
    assert lost(wrong) == [("update1.weight", "L1.updated")]
    both = graded(text.replace("| 1 | 1 | 1 |", "| 1 → 0.08 | 1 | 1 |", 1))["update1.weight"]
    assert {label.label: label.status for label in both.labels}["L1.parameter"] is Status.NEEDS_HUMAN


@pytest.mark.parametrize("cell", ["0¹", "0<sup>1</sup>", "92²"])
def test_a_raised_digit_is_no_part_of_the_number(cell: str) -> None:
    text = written(TABLES).replace("| Gradient | 92 |", f"| Gradient | {cell} |")
    reports = graded(text)
    assert not [label for report in reports.values() for label in report.labels if label.status is Status.FAILED]
    assert pending(reports) > 0


@pytest.mark.parametrize(
    "columns",
    [
        ("Input → Hidden 1", "Hidden 1 → Hidden 2", "Hidden 2 → Output"),
        ("x→h1", "h1→h2", "h2→y"),
        (r"input $\to$ hidden 1", r"hidden 1 $\to$ hidden 2", r"hidden 2 $\to$ output"),
        ("Layer 1 (input→hidden1)", "Layer 2 (hidden1→hidden2)", "Layer 3 (hidden2→output)"),
    ],
    ids=["words", "symbols", "LaTeX", "in brackets"],
)
def test_layers_named_by_what_they_connect(columns: tuple[str, ...]) -> None:
    assert lost(written(TABLES, columns=columns)) == []
    assert lost(written(slipped(), columns=columns)) == [SLIP]
    turned = columns[::-1]  # control: the names are read, not the places
    assert ("update1.weight", "L1.gradient") in lost(written(TABLES, columns=turned))


@pytest.mark.parametrize(
    "rows",
    [("param", "grad", "param - 0.01*grad"), ("θ", "∂L/∂θ", "θ'"), ("(1) Parameter", "(2) Gradient", "(3) Updated")],
    ids=["formula", "symbols", "numbered"],
)
def test_rows_in_odd_words(rows: tuple[str, ...]) -> None:
    assert lost(written(TABLES, rows=rows)) == []
    assert lost(written(slipped(), rows=rows)) == [SLIP]


def by_quantity(tables: Tables) -> str:
    """One value a line, as a data frame is melted."""
    lines = ["update,kind,layer,quantity,value"]
    for n, table in enumerate(tables):
        for name, row in zip(ROWS, table, strict=True):
            for layer, number in enumerate(row, start=1):
                lines.append(f"{n // 2 + 1},{('weight', 'bias')[n % 2]},{layer},{name.lower()},{number}")
    return "\n".join([*lines, "1,,,loss,66.125", "2,,,loss,1.3041125"])


def with_counters(tables: Tables) -> str:
    """One layer a line behind a data frame's counter."""
    lines = [",iteration,layer,parameter_type,value,grad,updated"]
    for n, table in enumerate(tables):
        for layer, values in enumerate(zip(*table, strict=True), start=1):
            kind = ("weight", "bias")[n % 2]
            lines.append(f"{len(lines) - 1},{n // 2 + 1},Layer{layer},{kind},{','.join(values)}")
    return "\n".join([*lines, "", "loss1,66.125", "loss2,1.3041125"])


@pytest.mark.parametrize("write", [by_quantity, with_counters])
def test_long_tables_with_columns_of_names(write: Callable[[Tables], str]) -> None:
    assert lost(write(TABLES), "hw.csv") == []
    assert lost(write(slipped()), "hw.csv") == [SLIP]


def levels(tables: Tables) -> str:
    """A frame with three levels of row names, as pandas prints it."""
    lines = [" " * 28 + "Layer1   Layer2   Layer3"]
    for n, table in enumerate(tables):
        for at, (name, row) in enumerate(zip(ROWS, table, strict=True)):
            update = f"Update {n // 2 + 1}" if n % 2 == at == 0 else ""
            kind = ("Weight", "Bias")[n % 2] if at == 0 else ""
            lines.append(f"{update:<8} {kind:<6} {name:<9}" + "".join(f"{float(number):>9.5f}" for number in row))
    return "\n".join(lines)


def boxes(tables: Tables) -> str:
    """Frames drawn with lines under a centred heading, as rich prints them."""
    lines = []
    for head, table in zip(HEADS, tables, strict=True):
        lines += [f"{head:^45}", "┏━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┓"]
        lines += ["┃           ┃ Layer 1  ┃ Layer 2  ┃ Layer 3  ┃", "┡━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━┩"]
        for name, row in zip(ROWS, table, strict=True):
            lines.append(f"│ {name:<9} │ " + " │ ".join(f"{number:<8}" for number in row) + " │")
        lines.append("└───────────┴──────────┴──────────┴──────────┘")
    return "\n".join(lines)


def counted_rows(tables: Tables) -> str:
    """Frames whose row names are a column, behind the counter that pandas adds, with their heading as caption."""
    parts = []
    for head, table in zip(HEADS, tables, strict=True):
        rows = "".join(
            f"<tr><th>{at}</th><td>{name}</td>{''.join(f'<td>{number}</td>' for number in row)}</tr>"
            for at, (name, row) in enumerate(zip(ROWS, table, strict=True))
        )
        names = "<th></th><th></th><th>Layer 1</th><th>Layer 2</th><th>Layer 3</th>"
        parts.append(f"<table><caption>{head}</caption><tr>{names}</tr>{rows}</table>")
    return "".join(parts)


def notebook(source: str = "", printed: str = "", shown: str = "", said: str = "") -> str:
    outputs: list[object] = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
    if shown:
        outputs.append({"output_type": "display_data", "metadata": {}, "data": {"text/html": shown}})
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs}
    prose = {"cell_type": "markdown", "metadata": {}, "source": said}
    return json.dumps({"cells": [code, prose], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.mark.parametrize(("write", "how"), [(levels, "printed"), (boxes, "printed"), (counted_rows, "shown")])
def test_frames_that_a_notebook_prints(write: Callable[[Tables], str], how: str) -> None:
    assert lost(notebook(**{how: write(TABLES)}, said=LOSSES), "hw.ipynb") == []
    assert lost(notebook(**{how: write(slipped())}, said=LOSSES), "hw.ipynb") == [SLIP]


@pytest.mark.parametrize(
    "losses",
    [
        "loss 66.125\nloss 1.3041125",
        "Loss₁ = ½(12.5 − 1)² = 66.125\n\nLoss₂ = ½(−0.615 − 1)² = 1.3041",
        "The loss falls from 66.125 to 1.3041.",
        "### Update 1 (loss = 66.125)\n\n### Update 2 (loss = 1.3041)",
        "loss_list = [array(66.125, dtype=float32), array(1.3041126, dtype=float32)]",
    ],
)
def test_losses_that_look_like_something_else(losses: str) -> None:
    assert graded(pipes("\n\n" + losses))["loss"].earned == 2.0
    assert graded(pipes("\n\n" + losses.replace("66.125", "66.5")))["loss"].earned == 1.0


@pytest.mark.parametrize(
    "words",
    [
        "All ReLUs are dead: all gradients are 0 but that of the last bias.",
        "All gradients are zero, nothing is left to do.",
        "The parameters stay as they are.",
    ],
)
def test_a_second_update_in_words_waits_for_a_human(words: str) -> None:
    first = written(TABLES).split("### Second update", 1)[0] + LOSSES
    told = graded(f"{first}\n\n## Second update\n\n{words}")
    assert (earned(told), pending(told)) == (16.0, 14.0)
    silent = graded(f"{first}\n\n## Second update\n\nI ran out of time.")
    assert (earned(silent), pending(silent)) == (16.0, 0.0)


def test_tables_in_the_code_of_a_notebook_wait_for_a_human() -> None:
    commented = "\n".join(f"# {line}" for line in written(TABLES).split("\n"))
    assert pending(graded(notebook(commented), "hw.ipynb")) == 30.0
    script = (
        "lr = 0.01\nnn.init.constant_(i.weight.data, 1)\nnn.init.constant_(i.bias.data, -0.5)\noptimizer.zero_grad()"
    )
    assert pending(graded(notebook(script), "hw.ipynb")) == 0.0  # control: the sheet's own code is no answer
