"""Formulas in tables and lines: no bar of a norm ends a cell, a displayed formula stays whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.formula_table import FormulaLine, FormulaTable, markdown_rows, read_formulas
from grader.intake.labelled import equations, labelled
from grader.model import Place

HERE = Place("hw.md")


def lines(text: str) -> list[str]:
    return [part.text for part in read_formulas(text, HERE) if isinstance(part, FormulaLine)]


def rows(text: str) -> list[tuple[str, ...]]:
    return [row for part in read_formulas(text, HERE) if isinstance(part, FormulaTable) for row in part.rows]


@pytest.mark.parametrize(
    ("last", "want"),
    [
        ("||y - z||^2", "||y - z||^2"),
        ("$||y - z||^2$", "$||y - z||^2$"),
        (r"$\|y - z\|^2$", r"$\|y - z\|^2$"),
        (r"\|\|y - z\|\|^2", "‖y - z‖^2"),
        ("|y - z|^2", "|y - z|^2"),
        ("`||y - z||**2`", "`||y - z||**2`"),
        ("", ""),
    ],
)
def test_bars_of_a_norm_part_no_cells(last: str, want: str) -> None:
    assert markdown_rows(["| Layer | Input | Output |", f"| Loss | z, y | {last} |"])[1] == ("Loss", "z, y", want)


def test_empty_cells_stay_empty() -> None:
    assert markdown_rows(["|a|b|c|", "|x||z|"])[1] == ("x", "", "z")


def test_a_latex_table_keeps_inner_environments() -> None:
    matrix = r"$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$"
    text = "\\begin{tabular}{l|c}\n\\hline\nA & " + matrix + " \\\\ \\hline\nB & x\\\\\n\\end{tabular}"
    assert rows(text) == [("A", matrix), ("B", "x")]


def test_a_displayed_formula_is_one_line_an_equation() -> None:
    assert lines("$$\n\\begin{align}\na &= b \\\\\n  &= c \\\\\nd &= e\n\\end{align}\n$$") == ["a = b = c", "d = e"]
    assert lines("dl/dW = x\n  = y") == ["dl/dW = x = y"]


def test_html_and_fences() -> None:
    assert rows("<table><tr><td>f</td><td>a || b</td></tr></table>") == [("f", "a || b")]
    found = read_formulas("```python\nloss.backward()\n```", HERE)
    assert [(part.text, part.code) for part in found if isinstance(part, FormulaLine)] == [("loss.backward()", True)]


def test_lines_know_their_place() -> None:
    (part,) = read_formulas("\n\nx = 1", Place("hw.ipynb", 4))
    assert str(part.place) == "hw.ipynb, cell 4, line 3"


def label(left: str, equation: bool) -> str | None:
    return left.strip(" $") if left.strip(" $") in ("dW", "db") else None


def test_equations_are_cut_where_a_label_begins() -> None:
    assert list(equations("dW = f(a, b), db = c", label)) == ["dW = f(a, b)", "db = c"]
    assert list(equations("dW = a, b = c", label)) == ["dW = a, b = c"]
    assert labelled("$dW$: $a$", label) == ("dW", "$a$")
    assert labelled("dX = a", label) is None


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.text(alphabet="|$&\\{}[]`~<>=\n abx", max_size=200))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    read_formulas(text, HERE)
    list(equations(text, label))
