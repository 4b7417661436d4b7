"""Equations in running text: what follows a formula in words is left out, what belongs to it never."""

from __future__ import annotations

import pytest

from grader.intake.labelled import equations, without_remark


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("$A = B$, which has the shape $n$.", "$A = B$"),
        ("$A = B$ since $C = I$.", "$A = B$"),
        ("$A$ = $B$ (a row vector)", "$A$ = $B$"),
        ("A = B, where C = D", "A = B"),
        ("A = B (a row vector)", "A = B"),
        (r"A = B \in \mathbb{R}^{1 \times h}", "A = B"),
        (r"A = B \quad (h \times K)", "A = B"),
        (r"A = B \text{ because of the chain rule}", "A = B"),
        ("$A = B$，其中 $C = D$", "$A = B$"),
    ],
)
def test_words_behind_a_formula(text: str, formula: str) -> None:
    assert without_remark(text) == formula


@pytest.mark.parametrize(
    "text",
    [
        "$A = x$ multiplied by $W$",
        "$A = x$ times the transpose of $W$",
        "A = B with the sign reversed",
        "A = B if z > 0 else 0",
        r"A = \text{diag}(1 \text{ where } z > 0)",
        r"A = \sum_{i \in S} x_i",
        "A = relu(W x) (yhat - y)",
        r"A = \text{ReLU}(z) B",
        "A = 2 (W x)",
        "$A$ is $B$",
        "no formula at all, where nothing is",
    ],
)
def test_what_belongs_to_a_formula_stays(text: str) -> None:
    assert without_remark(text) == text


def test_a_thin_space_parts_no_equations() -> None:
    text = r"A = x \, B = y \; C = z"
    assert list(equations(text, lambda left, _: left.strip() if left.strip() in ("A", "B", "C") else None)) == [text]
    assert len(list(equations("A = x, B = y", lambda left, _: left.strip() or None))) == 2
