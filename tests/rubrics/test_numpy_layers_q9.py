"""Q9 of sheet 004 from text to marks: index formulas in many spellings, each gradient by itself.

What is wanted is checked against differences in tests/formula; here it is the sheet's own result in other notations.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.model import AnswerText, LabelReport, Picture, Place
from grader.rubric import AnswerQuestion
from rubrics.numpy_layers import derivation, homework

QUESTION = next(question for question in homework.questions if question.id == "Q9")
DW = r"$\frac{\partial l}{\partial w_k} = \sum_b\sum_i \frac{\partial l}{\partial y_{bi}} x_{b,i+k}$"
DB = r"$\frac{\partial l}{\partial b} = \sum_b\sum_i \frac{\partial l}{\partial y_{bi}}$"
DX = r"$\frac{\partial l}{\partial x_{bj}} = \sum_k \frac{\partial l}{\partial y_{b,j-k}} w_k$"


def judged(text: str, **more: object) -> dict[str, LabelReport]:
    assert isinstance(QUESTION, AnswerQuestion)
    return {label.label: label for label in QUESTION.judge(QUESTION, AnswerText(text, **more))}


def statuses(text: str, **more: object) -> dict[str, str]:
    return {name: label.status.value for name, label in judged(text, **more).items()}


def whole(**other: str) -> str:
    return "\n\n".join({"dw": DW, "db": DB, "dx": DX, **other}.values())


def test_the_marks_are_half_a_point_of_bonus() -> None:
    assert QUESTION.bonus
    assert QUESTION.points == pytest.approx(sum(QUESTION.marks.values())) == 0.5


RIGHT = {
    "dw": [
        r"$$\frac{\partial l}{\partial w_k}=\sum_{b=0}^{B-1}\sum_{i=0}^{T-T'}\frac{\partial l}{\partial "
        r"y_{b,i}}x_{b,i+k}$$",
        r"$$\frac{\partial l}{\partial w_k}=\sum_{b=1}^{B}\sum_{i=1}^{T-T'+1}\frac{\partial l}{\partial "
        r"y_{bi}}x_{b,i+k-1}$$",
        "dl/dw[k] = sum_b sum_i dl/dy[b,i] * x[b,i+k]",
        "dL/dW_k = sum_b sum_i dL/dY[b,i] * X[b,i+k]",
        "dW[k] = sum_{b,i} dY[b,i] X[b,i+k]",
        "dw[k] = sum_b sum_i dy[b][i] x[b][i+k]",
        "∂l/∂w_t' = Σ_{n,τ} ∂l/∂y_{nτ} x_{n,τ+t'}",
        r"$\nabla_{w_k} l = \sum_{b,i} \frac{∂l}{∂y_{bi}} x_{b,i+k}$",
        r"$\frac{\partial l}{\partial W[t']}=\sum_{i}\sum_{\tau}\frac{\partial l}{\partial y[i,\tau]}x[i,\tau+t']$",
        r"\begin{align} \frac{∂l}{∂w_k} &= \sum_{b,i} \frac{∂l}{∂y_{bi}} \frac{∂y_{bi}}{∂w_k} \\ &= \sum_{b,i} "
        r"\frac{∂l}{∂y_{bi}} x_{b,i+k} \end{align}",
        "1. $\\frac{\\partial l}{\\partial w_m} = \\sum_{n}\\sum_{t} x_{n,t+m}\\frac{\\partial l}{\\partial "
        "y_{nt}}$ for $m = 0, \\ldots, T'-1$",
        "∂l/∂w_m = Σ_{i=1}^{B} Σ_{j=1}^{T-T'+1} ∂l/∂y_{ij} x_{i,j+m-1}",
        "| $∂l/∂w_k$ | $\\sum_{b,i} \\frac{∂l}{∂y_{bi}} x_{b,i+k}$ |\n|---|---|",
    ],
    "db": [
        r"$\frac{∂l}{∂b} = \sum_{b=0}^{B-1}\sum_{\tau=0}^{T-T'} \frac{∂l}{∂y_{b\tau}}$",
        "dl/db = sum_b sum_i dl/dy[b,i]",
        "db = sum_{b,i} dY[b,i]",
        "∂L/∂b = Σ_n Σ_t ∂L/∂y_{nt}",
        r"$\frac{\partial l}{\partial b} = \sum_{b,i}\frac{\partial l}{\partial y_{bi}}\frac{\partial "
        r"y_{bi}}{\partial b} = \sum_{b,i}\frac{\partial l}{\partial y_{bi}}$",
        "dl/db = np.sum(dl/dy)",
    ],
    "dx": [
        r"$\frac{∂l}{∂x_{b,t}} = \sum_{i} \frac{∂l}{∂y_{b,i}} w_{t-i}$",
        r"$\frac{∂l}{∂x_{bj}} = \sum_{k=0}^{T'-1} w[k] \frac{∂l}{∂y_{b,j-k}}$",
        r"$\frac{∂l}{∂x_{bj}} = \sum_{k=1}^{T'} \frac{∂l}{∂y_{b,j-k+1}} w_k$",
        "∂l/∂x_{nτ} = ∑_{t'} ∂l/∂y_{n,τ−t'} w_{t'}",
        "dX[b,j] = sum_k dY[b,j-k] W[k]",
        r"$\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j-T'+1+k}} w_{T'-1-k}$",
        "dL/dx[n, t] = sum_k dL/dy[n, t-k] * w[k]",
        r"$\frac{\partial l}{\partial x_{bj}} = \sum_{i}\frac{\partial l}{\partial y_{bi}}\frac{\partial "
        r"y_{bi}}{\partial x_{bj}} = \sum_k \frac{\partial l}{\partial y_{b,j-k}} w_k$",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("label", "text"), [(label, text) for label, texts in RIGHT.items() for text in texts])
def test_a_right_gradient_in_any_spelling(label: str, text: str) -> None:
    assert set(statuses(whole(**{label: text})).values()) == {"passed"}


@pytest.mark.parametrize(("shift", "due"), [("j-k", "passed"), ("j+k", "failed")])
def test_a_students_macros_are_written_out(shift: str, due: str) -> None:
    text = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}" + "\n\n"
    text += r"$$\pd{l}{w_k} = \sum_{b,i}\pd{l}{y_{bi}}x_{b,i+k}$$" + "\n\n"
    text += r"$${\partial l \over \partial b} = \sum_{b,i}{\partial l \over \partial y_{bi}}$$" + "\n\n"
    text += rf"$$\pdv{{l}}{{x_{{bj}}}} = \sum_k\pdv{{l}}{{y_{{b,{shift}}}}}w_k$$"
    assert statuses(text) == {"dw": "passed", "db": "passed", "dx": due}


def test_all_three_on_one_line() -> None:
    assert set(statuses(f"{DW}, {DB} and {DX}").values()) == {"passed"}


WRONG = {
    "dw": [
        (r"$\frac{∂l}{∂w_k} = \sum_b \sum_i \frac{∂l}{∂y_{bi}} x_{b,i-k}$", "flipped-index"),
        (r"$\frac{∂l}{∂w_k} = \sum_i \frac{∂l}{∂y_{bi}} x_{b,i+k}$", "missing-sum"),
        (r"$\frac{∂l}{∂w_k} = \sum_b \sum_i \frac{∂l}{∂y_{ib}} x_{b,i+k}$", "swapped-indices"),
        (r"$\frac{∂l}{∂w_k} = \sum_b \sum_{i=0}^{T-T'-1} \frac{∂l}{∂y_{bi}} x_{b,i+k}$", "range-off-by-one"),
        ("dl/dw[k] = sum_b sum_i dl/dy[b,i] * x[b,i+k+1]", "index-off-by-one"),
        ("dW[k] = sum_{b,i} dY[b,i] X[b,i]", None),
        ("dl/dw_k = -Σ_{b,i} ∂l/∂y_{bi} x_{b,i+k}", "wrong-sign"),
        ("dl/dw_k = 2 Σ_{b,i} ∂l/∂y_{bi} x_{b,i+k}", "wrong-factor"),
        (r"$\frac{∂l}{∂w_k} = \frac1B \sum_b \sum_i \frac{∂l}{∂y_{bi}} x_{b,i+k}$", "wrong-factor"),
        ("dl/dw_k = Σ_{b,i} ∂l/∂y_{bi} x_{b,i+k} w_k", "extra-factor"),
        ("dl/dw_k = Σ_{b,i} ∂l/∂y_{bi}", None),
    ],
    "db": [
        ("dl/db = sum_i dl/dy_{bi}", "missing-sum"),
        (r"$\frac{∂l}{∂b} = \sum_b\sum_i \frac{∂l}{∂y_{bi}} x_{bi}$", "extra-factor"),
        (r"$\frac{∂l}{∂b} = -\sum_b\sum_i \frac{∂l}{∂y_{bi}}$", "wrong-sign"),
        ("db = 2 sum_{b,i} dY[b,i]", "wrong-factor"),
        ("dl/db = Σ_b Σ_{i=0}^{T-T'-1} ∂l/∂y_{bi}", "range-off-by-one"),
        ("dl/db = 1", None),
        ("dl/db = sum_{b,i} x[b,i]", None),
    ],
    "dx": [
        (r"$\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j+k}} w_k$", "flipped-index"),
        (r"$\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j-k}} w_{T'-1-k}$", "flipped-index"),
        (r"$\frac{∂l}{∂x_{bj}} = \sum_{k=0}^{T'-2} \frac{∂l}{∂y_{b,j-k}} w_k$", "range-off-by-one"),
        (r"$\frac{∂l}{∂x_{bj}} = \sum_b \sum_k \frac{∂l}{∂y_{b,j-k}} w_k$", None),
        ("dX[b,j] = -sum_k dY[b,j-k] W[k]", "wrong-sign"),
        ("dX[b,j] = sum_k dY[b,j] W[k]", "missing-index"),
        ("dl/dx_{bj} = 3 Σ_k ∂l/∂y_{b,j-k} w_k", None),
        ("dl/dx_{bj} = Σ_k w_k", None),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("label", "text", "id"), [(label, *row) for label, rows in WRONG.items() for row in rows])
def test_a_wrong_gradient_loses_its_own_mark(label: str, text: str, id: str | None) -> None:
    found = judged(whole(**{label: text}))
    others = {name: report.status.value for name, report in found.items() if name != label}
    assert set(others.values()) == {"passed"}
    assert found[label].earned == 0
    if id is None:
        assert found[label].status.value in ("failed", "needs_human")
        return
    assert found[label].status.value == "failed", found[label].message
    assert found[label].faults == (f"derivation.{id}",)
    assert "^" in found[label].message


@pytest.mark.parametrize(
    "text",
    ["∂l/∂w = x * ∂l/∂y", "dl/dw = the sum of everything", "dl/dw_k = Σ_b Σ_i δ_{bi} x_{b,i+k}", "dw = conv(X, dY)",
     r"$\frac{∂l}{∂w_k} = \sum_b \sum_i \frac{∂l}{∂y_{bi}$", "dl/dw_k = ∂l/∂y_{bi} x_{b,i+k}"],
)  # fmt: skip
def test_what_is_not_certain_waits(text: str) -> None:
    assert statuses(whole(dw=text)) == {"dw": "needs_human", "db": "passed", "dx": "passed"}


def test_nothing_written_is_missing() -> None:
    assert set(statuses("").values()) == {"missing"}
    assert statuses(f"{DW}\n\n{DB}") == {"dw": "passed", "db": "passed", "dx": "missing"}


def test_prose_and_pictures_wait() -> None:
    assert set(statuses("Each weight collects what passes through it.").values()) == {"needs_human"}
    picture = Picture("image/jpeg", b"\xff\xd8\xff", Place("hw.ipynb", 3))
    assert set(statuses("", pictures=(picture,)).values()) == {"needs_human"}
    assert set(statuses("![my derivation](q9.jpg)").values()) == {"needs_human"}
    assert statuses(whole(), pictures=(picture,)) == {"dw": "passed", "db": "passed", "dx": "passed"}


def test_right_and_wrong_side_by_side_wait() -> None:
    wrong = WRONG["dw"][0][0]
    assert statuses(whole(dw=f"{wrong}\n\n{DW}"))["dw"] == "needs_human"


def test_the_wanted_gradients_are_those_of_the_sheets_convolution() -> None:
    values = {"x": np.array([[1.0, 2.0, 3.0, 4.0]]), "w": np.array([1.0, 10.0, 100.0]), "dy": np.array([[1.0, 0.0]])}
    wants = {label: derivation._judge_of(label, ("Y",)).entry.want(values) for label in derivation.MARKS}
    assert wants["dw"].tolist() == [1, 2, 3]
    assert float(wants["db"]) == 1
    assert wants["dx"].tolist() == [[1, 10, 100, 0]]


PIECES = [
    DW,
    DB,
    DX,
    "∂l/∂w_k =",
    "∂l/∂b",
    r"\sum",
    "_{b,i}",
    "dY[b,i]",
    "x_{b,i+k}",
    "$",
    "$$",
    "|",
    "\n",
    "=",
    ",",
    "and",
    "(",
    "{",
    "}",
    r"\frac",
    r"\begin{align}",
    "\\\\",
    "![](a)",
    "é",
    "T'",
    "-",
    "for ",
    "sum over",
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    start = time.process_time()
    assert list(statuses(text)) == ["dw", "db", "dx"]
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would
