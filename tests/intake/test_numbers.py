"""Labels and digits: which value belongs to which name, and when a written number is right."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.labels import LabelWords, tokens
from grader.intake.matrices import read_matrices
from grader.intake.numbers import Matched, Unclear, agrees, match_labels
from grader.intake.numerals import EXACT
from grader.intake.plain import plain

WORDS = {
    "out": LabelWords(("out", "AB+c"), headings=("forward",)),
    "A": LabelWords(
        ("A", "new A", "A_new", "A - …"),
        headings=("updated",),
        never=("dA", "A_old", "gradients"),
        given=np.ones((1, 2)),
        fresh=("new", "updated"),
    ),
    "c": LabelWords(("c",), headings=("updated",), never=("dc",)),
}


def matched(text: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for label, one in match_labels(read_matrices(text), WORDS, {"in": np.array([5.0, 6.0]), "lr": 0.5}).items():
        result[label] = "unclear" if isinstance(one, Unclear) else one.value.tolist() if one.value is not None else None
    return result


@pytest.mark.parametrize(
    ("spelling", "word"),
    [
        *(
            (text, "dx")
            for text in (
                "dX",
                "dL/dX",
                "∂L/∂X",
                r"\frac{\partial L}{\partial X}",
                r"\dfrac{\partial \mathcal{L}}{\partial \mathbf X}",
                "grad X",
                "grad_X",
                "X.grad",
                r"\nabla_X L",
                "gradient w.r.t. X",
                "gradient of the loss with respect to X",
                "the derivative of L with respect to X",
                r"\delta X",
                "∂X",
            )
        ),
        *((text, "w_new") for text in ("W_new", "W_{new}", r"W_{\text{new}}", r"\mathbf{W}_{new}", "W^{new}", "w_new")),
        ("input gradient", "dinput"),
        ("self.W", "w"),
        ("W'", "w'"),
    ],
)
def test_one_name_has_many_spellings(spelling: str, word: str) -> None:
    assert [part for part in tokens(plain(spelling)) if part not in ("the", "l")] == [word]


def test_neighbouring_names_stay_apart() -> None:
    names = ["W", "dW", "W_old", "W'", "W^T", "Y[0]", "gradient of W", "W_{t+1}"]
    assert len({tokens(plain(name)) for name in names}) == len(names) - 1  # "dW" and "gradient of W" are one


def test_a_name_a_formula_a_heading() -> None:
    assert matched("out = [1, 2]") == {"out": [1, 2]}
    assert matched("A B + c = [1, 2]") == {"out": [1, 2]}
    assert matched("A - 0.5 * dA = [1, 2]") == {"A": [1, 2]}
    assert matched("Forward pass:\n[1, 2]") == {"out": [1, 2]}


def test_a_gradient_is_not_the_parameter() -> None:
    assert matched("dA = [1, 2]\ngradient of A: [3, 4]\nA_old = [5, 5]") == {}
    assert matched("dA = [1, 2]\nA = [3, 4]") == {"A": [3, 4]}


def test_the_last_value_under_a_name_counts() -> None:
    found = match_labels(read_matrices("out = [1, 2]\nout = [3, 4]"), WORDS)["out"]
    assert isinstance(found, Matched)
    assert found.value is not None
    assert found.value.tolist() == [3, 4]
    assert [one.value.tolist() for one in found.earlier if one.value is not None] == [[1, 2]]


def test_what_the_question_gives_is_no_answer() -> None:
    assert matched("in = [5, 6], lr = 0.5") == {}
    assert matched("A = [1, 1]\nA = [3, 4]") == {"A": [3, 4]}
    assert matched("A = [3, 4]\nA = [1, 1]") == {"A": [3, 4]}
    assert matched("A = [1, 1]") == {"A": "unclear"}
    assert matched("new A = [1, 1]") == {"A": [1, 1]}


def test_a_shared_heading_gives_values_in_order() -> None:
    assert matched("Updated:\n[3, 4]\n\n[7, 8, 9]") == {"A": [3, 4], "c": [7, 8, 9]}
    assert matched("Updated:\n[3, 4]\n\n[7, 8]\n\n[0, 1]") == {}


def test_without_any_name_the_order_decides_if_the_count_fits() -> None:
    assert matched("[1, 2]\n\n[[3, 4]]\n\n[7, 8, 9]") == {"out": [1, 2], "A": [[3, 4]], "c": [7, 8, 9]}
    assert matched("[1, 2]\n\n[[3, 4]]") == {}
    ordered = match_labels(read_matrices("[1, 2]\n\n[[3, 4]]\n\n[7, 8, 9]"), WORDS)
    assert not any(one.sure for one in ordered.values() if isinstance(one, Matched))


def test_several_values_without_a_name_are_unclear() -> None:
    assert matched("Forward:\n[[1, 2], [3, 4]]\n\n[[5, 6], [7, 8]]") == {"out": "unclear"}


@pytest.mark.parametrize(
    ("written", "decimals", "exact", "right"),
    [
        (1.85, 2, 1.85, True),
        (1.8500, 4, 1.85, True),
        (1.9, 1, 1.85, False),  # the exact value has more digits
        (1.84, 2, 1.85, False),
        (1.849, 3, 1.85, False),
        (8, 0, 8.0, True),
        (8, 0, 8.4, False),
        (0.667, 3, 2 / 3, True),
        (0.666, 3, 2 / 3, True),  # cut off instead of rounded
        (0.665, 3, 2 / 3, False),
        (0.67, 2, 2 / 3, False),  # two digits
        (2 / 3, EXACT, 2 / 3, True),
        (0.667, EXACT, 2 / 3, False),
        (-0.1, 1, -0.1, True),
        (0.1, 1, -0.1, False),
        (0.0, 0, 0.0, True),
        (0.0, 0, 0.001, False),
        (0.001, 3, 0.0, False),
        (0.6000000000000001, 16, 0.6, True),
        (1.8499999, 7, 1.85, True),  # float32
        (1.185e-4, 7, 1.1849e-4, True),
        (123456.0, 0, 123456.4, True),
        (float("nan"), 2, 1.0, False),
    ],
)
def test_agreement_to_the_digits_written(written: float, decimals: int, exact: float, right: bool) -> None:
    assert agrees(written, decimals, exact) is right


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=997), st.integers(3, 8))
@settings(max_examples=200, deadline=None)
def test_every_rounded_number_agrees_and_its_neighbours_do_not(exact: Fraction, decimals: int) -> None:
    if abs(exact) < 1:
        return
    written = round(exact, decimals)  # exact arithmetic, half to even
    assert agrees(float(written), decimals, float(exact))
    step = Fraction(1, 10**decimals)
    if decimals <= 4 and abs(exact) < 10:  # above the tolerance for binary dust
        for wrong in (written + 2 * step, written - 2 * step):
            assert not agrees(float(wrong), decimals, float(exact))
