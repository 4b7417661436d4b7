"""Right tables in odd forms get full marks, slips lose their own cells, and what cannot be read is never a zero.

The numbers are the sheet's own printout (update 1 and 2 of sheet 000); none comes from the grader.
"""

from __future__ import annotations

import json

import pytest

from grader.intake.reading import Reading, Table
from grader.intake.tables import read_tables
from grader.model import QuestionReport, Status
from rubrics.backprop_by_hand import judge

HEADS = ("First update - weight", "First update - bias", "Second update - weight", "Second update - bias")
ROWS = ("Parameter", "Gradient", "Updated")
TABLES = (
    (("1", "1", "1"), ("92", "40.25", "74.75"), ("0.08", "0.5975", "0.2525")),
    (("-0.5", "-0.5", "-0.5"), ("23", "11.5", "11.5"), ("-0.73", "-0.615", "-0.615")),
    (("0.08", "0.5975", "0.2525"), ("0", "0", "0"), ("0.08", "0.5975", "0.2525")),
    (("-0.73", "-0.615", "-0.615"), ("0", "0", "-1.615"), ("-0.73", "-0.615", "-0.59885")),
)
LOSSES = "\n\nLoss 1 = 66.125\n\nLoss 2 = 1.3041\n"


def pipes(losses: str = LOSSES, heads: tuple[str, ...] = HEADS) -> str:
    parts = []
    for head, table in zip(heads, TABLES, strict=True):
        rows = "\n".join(f"| {name} | {' | '.join(row)} |" for name, row in zip(ROWS, table, strict=True))
        parts.append(f"**{head}**\n\n| | Layer 1 | Layer 2 | Layer 3 |\n|---|---|---|---|\n{rows}\n")
    return "\n".join(parts) + "\n" + losses


def lists(changed: str = "92") -> str:
    """ "- Gradient: Layer 1 = 92, Layer 2 = 40.25, …" under each heading."""
    parts = []
    for head, table in zip(HEADS, TABLES, strict=True):
        parts.append(f"## {head}\n")
        for name, row in zip(ROWS, table, strict=True):
            cells = (f"Layer {n} = {changed if cell == '92' else cell}" for n, cell in enumerate(row, start=1))
            parts.append(f"- {name}: {', '.join(cells)}")
        parts.append("")
    return "\n".join(parts) + LOSSES


def layer_lines() -> str:
    """What a loop prints: "W = 1, dW = 92, W_new = 0.08" for each layer."""
    lines = []
    for update in (0, 1):
        weight, bias = TABLES[2 * update : 2 * update + 2]
        lines.append(f"===== Iteration {update + 1} =====\nLoss: {('66.1250', '1.3041')[update]}")
        for n in range(3):
            lines.append(f"Layer {n + 1}:")
            lines.append("  " + ", ".join(f"{a} = {weight[r][n]}" for r, a in enumerate(("W", "dW", "W_new"))))
            lines.append("  " + ", ".join(f"{a} = {bias[r][n]}" for r, a in enumerate(("b", "db", "b_new"))))
    return "\n".join(lines)


def latex() -> str:
    parts = [r"\documentclass{article}\begin{document}"]
    for head, table in zip(HEADS, TABLES, strict=True):
        rows = "\n".join(
            f"{name} & {' & '.join(f'${cell}$' for cell in row)} \\\\ \\hline"
            for name, row in zip(ROWS, table, strict=True)
        )
        parts.append(f"\\section*{{{head}}}\n\\begin{{tabular}}{{|c|c|c|c|}}\n\\hline\n & Layer 1 & Layer 2 & Layer 3")
        parts.append(f"\\\\ \\hline\n{rows}\n\\end{{tabular}}")
    return "\n".join(parts) + LOSSES


def french() -> str:
    heads = ("Première mise à jour - poids", "Première mise à jour - biais")
    lines = []
    for head, table in zip((*heads, *(h.replace("Première", "Deuxième") for h in heads)), TABLES, strict=True):
        lines += [f"{head};;;", ";Couche 1;Couche 2;Couche 3"]
        for name, row in zip(("Paramètre", "Gradient", "Mis à jour"), table, strict=True):
            lines.append(";".join((name, *row)).replace(".", ","))
    return "\n".join([*lines, "Perte;66,125;1,304;"])


def printed_frames() -> str:
    """A notebook with `print(df)`: pandas parts wide columns with one space."""
    frame = (
        "           Layer 1  Layer 2  Layer 3\n"
        "Parameter    -0.73   -0.615 -0.61500\n"
        "Gradient     -0.00   -0.000 -1.61500\n"
        "Updated      -0.73   -0.615 -0.59885\n"
    )
    text = pipes().split("**Second update - bias**", 1)[0]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": text + LOSSES},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": "print(df)",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "Second update - bias\n" + frame}],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def graded(text: str, name: str = "hw.md") -> dict[str, QuestionReport]:
    return {report.id: report for report in judge([read_tables(name, text.encode())])}


def earned(reports: dict[str, QuestionReport]) -> float:
    return round(sum(label.earned for report in reports.values() for label in report.labels), 2)


def pending(reports: dict[str, QuestionReport]) -> float:
    return round(sum(label.pending for report in reports.values() for label in report.labels), 2)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (lists(), "hw.md"),
        (layer_lines(), "hw.txt"),
        (latex(), "hw.tex"),
        (french(), "hw.csv"),
        (printed_frames(), "hw.ipynb"),
    ],
    ids=["lists", "printed layer by layer", "LaTeX", "French", "print(df)"],
)
def test_right_tables_in_odd_forms_get_full_marks(text: str, name: str) -> None:
    assert earned(graded(text, name)) == 30.0


@pytest.mark.parametrize(
    "losses",
    [
        "Loss1 = 66.125, Loss2 = 1.304",
        "Loss_1=6.6125e1, Loss_2=1.3041e0",
        "Loss: 66.1250\nLoss: 1.3041",
        "Loss 66.125 / 1.304",
        "loss 66.125 1.3041",
        "Iteration 0 loss = 66.125; iteration 1 loss = 1.3041",
        "損失：第一次 66.125，第二次 1.3041",
        "The loss is 66.125 in the first pass and 1.3041 in the second pass.",
        "## Loss\n66.125\n\n1.3041125",
        "## Loss\n\n1. first: 66.125\n2. second: 1.3041",
        "Loss = 1/2 (12.5 - 1)^2 = 66.125\n\nSecond loss = 1/2 (-0.615-1)^2 = 1.3041",
        "Loss before the first update: 66.125\nLoss before the second update (after the first): 1.304",
        "$L^{(1)} = 66.125$, $L^{(2)} = 1.3041$",
        r"$$\mathcal{L}_1 = 66.125 \quad \mathcal{L}_2 = 1.3041$$",
        "Initial loss: 66.125\n\nLoss after the first update: 1.304",
        "Pérdida 1: 66.125\n\nPérdida 2: 1.304",
    ],
)
def test_losses_in_the_text_are_found_however_they_are_said(losses: str) -> None:
    assert graded(pipes(losses))["loss"].earned == 2.0


@pytest.mark.parametrize("losses", ["Loss1 = 66.5, Loss2 = 1.304", "Loss: 66.5\nLoss: 1.3041", "Loss 66.5 / 1.304"])
def test_a_wrong_loss_loses_its_own_mark(losses: str) -> None:
    loss = graded(pipes(losses))["loss"]
    assert [label.status for label in loss.labels] == [Status.FAILED, Status.PASSED]


def test_a_slip_in_a_list_costs_its_own_cell() -> None:
    reports = graded(lists(changed="95"))
    wrong = [(r.id, label.label) for r in reports.values() for label in r.labels if label.status is Status.FAILED]
    assert wrong == [("update1.weight", "L1.gradient")]


def test_numbers_in_the_text_without_any_table_wait_for_a_human() -> None:
    text = "Layer1 weight Gradient\ntensor([[92.],\n[92.]])\nLayer1 bias Gradient\ntensor([23., 23.])\n"
    text += "Layer2 weight Gradient\ntensor([[40.25, 40.25]])\n"
    reports = graded(text)
    assert (earned(reports), pending(reports)) == (0.0, 28.0)
    nothing = graded("I could not do this homework in 2024, sorry.")  # control: no numbers, nothing to wait for
    assert (earned(nothing), pending(nothing)) == (0.0, 0.0)


def single_weights(*gradients: str) -> str:
    """A table whose columns are the net's weights one by one."""
    names = [f"w{n}" for n in range(1, len(gradients) + 1)]
    rule = "|---" * (len(names) + 1) + "|"
    return f"## First update\n\n| | {' | '.join(names)} |\n{rule}\n| Gradient | {' | '.join(gradients)} |\n"


EIGHT = ("92", "92", "40.25", "40.25", "40.25", "40.25", "74.75", "74.75")


def test_eight_columns_are_the_eight_weights_of_the_net() -> None:
    labels = {label.label: label for label in graded(single_weights(*EIGHT))["update1.weight"].labels}
    assert [labels[f"L{n}.gradient"].status for n in (1, 2, 3)] == [Status.PASSED] * 3


@pytest.mark.parametrize("at", range(8))
def test_one_wrong_weight_of_eight_earns_its_layer_nothing(at: int) -> None:
    slip = [*EIGHT[:at], "17", *EIGHT[at + 1 :]]
    labels = {label.label: label for label in graded(single_weights(*slip))["update1.weight"].labels}
    layer = (1, 1, 2, 2, 2, 2, 3, 3)[at]
    assert [labels[f"L{n}.gradient"].earned > 0 for n in (1, 2, 3)] == [n != layer for n in (1, 2, 3)]


def test_another_number_of_columns_is_not_taken_for_layers() -> None:
    reports = graded(single_weights(*EIGHT[:6]))
    assert not [label for label in reports["update1.weight"].labels if label.status is Status.FAILED]
    assert pending({"update1.weight": reports["update1.weight"]}) > 0


def test_sections_named_in_two_cells() -> None:
    rows = []
    for n, table in enumerate(TABLES):
        rows += [f"Update {n // 2 + 1};{('Weight', 'Bias')[n % 2]};;", ";Layer 1;Layer 2;Layer 3"]
        rows += [";".join((name, *row)).replace(".", ",") for name, row in zip(ROWS, table, strict=True)]
    rows += ["Loss 1;66,125;;", "Loss 2;1,3041125;;"]
    assert sum(report.earned for report in graded("\n".join(rows), "hw.csv").values()) == 30.0


@pytest.mark.parametrize(("said", "earned"), [("loss 66.125", 1.0), ("loss 66.2", 0.0), ("no loss, 66.125 steps", 0.0)])
def test_a_loss_said_in_a_heading_s_brackets(said: str, earned: float) -> None:
    labels = {label.label: label for label in graded(f"**Iteration 1** ({said})\n\n{pipes('')}")["loss"].labels}
    assert labels["update1"].earned == earned


def test_a_latex_table_keeps_the_matrix_in_its_cell() -> None:
    cells = (r"$\begin{bmatrix}92 & 92\end{bmatrix}$", r"$\begin{bmatrix}40.25 & 40.25\\40.25 & 40.25\end{bmatrix}$")
    head = r"\section{First update} \subsection{Weight} \begin{tabular}{|l|c|c|c|} & Layer 1 & Layer 2 & Layer 3 \\ "
    text = head + r"\hline " + " & ".join(("Gradient", *cells, "74.75")) + r" \\ \end{tabular}"
    labels = {label.label: label for label in graded(text)["update1.weight"].labels}
    assert [labels[f"L{n}.gradient"].status for n in (1, 2, 3)] == [Status.PASSED] * 3
    wrong = {label.label: label for label in graded(text.replace("74.75", "92"))["update1.weight"].labels}
    assert [wrong[f"L{n}.gradient"].earned > 0 for n in (1, 2, 3)] == [True, True, False]


def test_a_loss_row_under_merged_labels_is_no_cell_of_the_table_above() -> None:
    rows = ["Iteration,Kind,,Layer 1,Layer 2,Layer 3"]
    for n, table in enumerate(TABLES):
        for at, (name, row) in enumerate(zip(ROWS, table, strict=True)):
            update = f"Iteration {n // 2 + 1}" if n % 2 == 0 and at == 0 else ""
            rows.append(",".join((update, ("Weight", "Bias")[n % 2] if at == 0 else "", name, *row)))
    rows += ["Loss,,,66.125,,", "Loss (2nd),,,1.3041125,,"]
    reports = graded("\n".join(rows), "hw.csv")
    assert reports["update2.bias"].earned == 7.0
    assert reports["loss"].earned == 2.0


def test_wide_columns_of_a_printed_frame_stay_apart() -> None:
    reading: Reading = read_tables("hw.ipynb", printed_frames().encode())
    frame: Table = reading.tables[-1]
    assert [cell.text for cell in frame.rows[1]] == ["Parameter", "-0.73", "-0.615", "-0.61500"]
