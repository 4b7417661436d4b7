"""Matrices, vectors and numbers as students write them. The oracle is the value that was put in."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.intake.matrices import read_matrices
from grader.intake.numerals import EXACT

MATRIX = [[8.0, 4.0], [14.0, 7.0]]


def values(text: str) -> list[object]:
    return [None if one.value is None else one.value.tolist() for one in read_matrices(text)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            rf"\begin{{{kind}}}8 & 4\\14 & 7\end{{{kind}}}"
            for kind in ("bmatrix", "pmatrix", "vmatrix", "matrix", "smallmatrix")
        ),
        r"\left[\begin{array}{cc}8&4\\14&7\end{array}\right]",
        r"\left( \begin{array}{c|c} 8 & 4 \\[2pt] 14 & 7 \\ \end{array} \right)",
        r"\begin{bmatrix}8 & 4\\\\14 & 7\end{bmatrix}",
        "\\begin{bmatrix}\n8 & 4 \\\\\n14 & 7\n\\end{bmatrix}",
        r"\left[ 8 & 4 \\ 14 & 7 \right]",
        "[[8, 4], [14, 7]]",
        "[[8,4],\n [14,7]]",
        "[[ 8.  4.]\n [14.  7.]]",
        "[[8 4] [14 7]]",
        "[8 4; 14 7]",
        "[8, 4; 14, 7]",
        "np.array([[8., 4.], [14., 7.]])",
        "numpy.array([[8, 4], [14, 7]], dtype=float)",
        "array([[ 8.,  4.],\n       [14.,  7.]])",
        "tensor([[8., 4.],\n        [14., 7.]], dtype=torch.float64)",
        "((8, 4), (14, 7))",
        "{{8, 4}, {14, 7}}",
        "8 4\n14 7",
        "8, 4\n14, 7",
        "8\t4\n14\t7",
        "| 8 | 4 |\n|---|---|\n| 14 | 7 |",
        "[8, 4], [14, 7]",
        "[8, 4]\n[14, 7]",
        "⎡8 4⎤\n⎣14 7⎦",
        "[[８，４]，[１４，７]]",
        "```\n[[8 4]\n [14 7]]\n```",
        "[[8, 14], [4, 7]]^T",
        r"\begin{bmatrix}8 & 14\\4 & 7\end{bmatrix}^{\top}",
        "[[8, 14], [4, 7]].T",
        "4 [[2, 1], [3.5, 1.75]]",
        "[[16/2, 2+2], [7*2, 14/2 = 7]]",
    ],
)
def test_one_matrix_in_many_forms(text: str) -> None:
    assert values(text) == [MATRIX]


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("b = -0.1", -0.1, 1),
        ("b = −0.1", -0.1, 1),
        ("b = .85", 0.85, 2),
        ("b = 8.", 8.0, 0),
        ("b = 1.85e0", 1.85, 2),
        ("b = 1.85e-1", 0.185, 3),
        ("b = 37/20", 1.85, EXACT),
        (r"b = \frac{37}{20}", 1.85, EXACT),
        (r"b = -\frac12", -0.5, EXACT),
        ("b = 1,85", 1.85, 2),
        ("b = 1{,}85", 1.85, 2),
        (r"b = 2 - 0.05\cdot 3", 1.85, EXACT),
        (r"b = 2 - 0.05\cdot 3 = 1.85", 1.85, 2),
        (r"b = \mathbf 0", 0.0, 0),
        (r"b = \mathbf{0}", 0.0, 0),
        ("b = ３．５", 3.5, 1),
    ],
)
def test_numbers_and_the_digits_they_were_written_with(text: str, value: float, decimals: int) -> None:
    [one] = read_matrices(text)
    assert one.labels == ("b",)
    assert one.value is not None
    assert one.decimals is not None
    assert float(one.value) == pytest.approx(value, abs=1e-15)
    assert int(one.decimals) == decimals


def test_decimals_are_kept_entry_by_entry() -> None:
    [one] = read_matrices(r"\begin{bmatrix}1.85 & 37/20\\1,850 & 2\end{bmatrix}")
    assert one.decimals is not None
    assert one.decimals.tolist() == [[2, EXACT], [3, 0]]


def test_the_last_value_of_a_chain_counts() -> None:
    [one] = read_matrices(
        r"$Y = XW + b = \begin{matrix}1&3\end{matrix}\begin{matrix}2\\2\end{matrix} = \begin{matrix}8\end{matrix}$"
    )
    assert one.labels[:2] == ("Y", "XW + b")
    assert one.value is not None
    assert one.value.tolist() == [8.0]


def test_a_chain_may_break_over_lines() -> None:
    text = "$$\\begin{aligned}Y &= XW \\\\ &= [[1,3],[2,5]] [[2,1],[2,1]] \\\\ &= [[8,4],[14,7]]\\end{aligned}$$"
    assert values(text) == [MATRIX]


def test_a_product_without_its_result_is_no_value() -> None:
    for text in (
        "Y = [[1,3],[2,5]] [[2,1],[2,1]]",
        "W = [[2,1],[2,1]] - 0.05 [[3,3],[8,8]]",
        "W = W - 0.05 [[3,3],[8,8]]",
    ):
        assert values(text) == [None]


def test_several_statements_on_one_line() -> None:
    found = read_matrices("Y = [8, 4], dX = [3, 3]; b = -0.1 and lr = 0.05")
    assert [one.labels[0].split()[-1] for one in found] == ["Y", "dX", "b", "lr"]
    assert [one.value.tolist() for one in found if one.value is not None] == [[8, 4], [3, 3], -0.1, 0.05]


def test_the_words_above_and_behind_are_kept() -> None:
    [first, second] = read_matrices("Forward pass:\n\n[[8, 4], [14, 7]]\n\n[[3, 3], [3, 3]]  # backward")
    assert first.above[0].startswith("Forward pass")
    assert "backward" in second.after
    assert first.depth == second.depth


def test_indices_and_arguments_are_no_vectors() -> None:
    assert values("W_{1,1} and f(1, 2) and Y[0, 1]") == []


@pytest.mark.parametrize(
    "text", ["[[8, 4], [14]]", "[[8, ...], [14, 7]]", "Y = [[8, a], [14, 7]] + 1 [2, ...]", "[1/0, 2]"]
)
def test_what_cannot_be_read_has_no_value(text: str) -> None:
    assert all(value is None for value in values(text))


@pytest.mark.parametrize(
    "text", ["[1,85 0,85]", r"\begin{bmatrix}8,4\\14,7\end{bmatrix}", "[8, 4], [14, 7]", "b = 1,85"]
)
def test_a_reading_that_is_not_the_only_one_says_so(text: str) -> None:
    assert [one.sure for one in read_matrices(text)] == [False]


FINITE = st.integers(-9999, 9999).map(lambda n: n / 100)


@given(
    st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(FINITE, min_size=k, max_size=k), min_size=2, max_size=4)),
    st.sampled_from(["list", "numpy", "latex", "matlab", "rows"]),
)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(rows: list[list[float]], style: str) -> None:
    if style == "rows" and len(rows[0]) < 2:
        return
    text = {
        "list": str(rows),
        "numpy": str(np.array(rows)),
        "latex": r"\begin{pmatrix}" + r"\\".join("&".join(map(str, row)) for row in rows) + r"\end{pmatrix}",
        "matlab": "[" + "; ".join(" ".join(map(str, row)) for row in rows) + "]",
        "rows": "\n".join("\t".join(map(str, row)) for row in rows),
    }[style]
    [one] = read_matrices(f"Y:\n{text}")
    assert one.value is not None
    assert np.array_equal(one.value, np.array(rows))
    assert one.sure


NASTY = r"""[ ] ( ) { } [[ ]] \begin{bmatrix} \end{bmatrix} \begin{array}{cc} \\ & | |---| $ $$ \[ \] = := -> , ; : . -
+ * / ^ ^T _ ' 1 8.5 -0.1 1,85 1e9 1e99 \frac{1}{2} \frac{ \partial ∂L/∂X dW W b Y dX X forward updated gradient of
w.r.t. <br> <td> &amp; ``` > # 1. (a) np.array( tensor( … 前向 − ９ \left[ \right] \mathbf \text{"""
PIECES = st.sampled_from([*NASTY.split(), "\n", "\n\n", "\t", " ", "\x1e", "\ue000", "\x00", "\u202e"])


@given(
    st.one_of(
        st.text(max_size=400), st.lists(PIECES, max_size=120).map("".join), st.lists(PIECES, max_size=120).map(" ".join)
    )
)
@example("[" * 5000)
@example("((((" * 1250)
@example("[[1],[1" * 700)
@example(r"\begin{bmatrix}" * 330)
@example("9" * 5000)
@example("[1e99, 1e99]")
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    for one in read_matrices(text):
        assert one.value is None or np.isfinite(one.value).all()


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "(",
        "1 ",
        "| ",
        "\n",
        "- ",
        "^ ",
        "$$",
        "<",
        "∂",
        "W = ",
        "a, ",
        "1/",
        "[1] ",
        "1\n",
        ":",
        "\\frac{",
        "![",
        "gradient of ",
    ],
)
def test_reading_takes_no_more_than_a_moment(piece: str) -> None:
    text = (piece * 5000)[:5000]
    start = time.process_time()
    read_matrices(text)
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would
