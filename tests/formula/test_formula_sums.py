"""Q9 of sheet 004: index formulas of the 1-d convolution's gradients, in many notations, against finite differences."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.formula import explain
from grader.formula.sums import IndexedArray, SumEntry, SumJudge


def sizes(rng):
    kernel, time_steps = int(rng.integers(3, 5)), int(rng.integers(7, 10))
    return {"B": int(rng.integers(2, 4)), "T": time_steps, "T'": kernel, "L": time_steps - kernel + 1}


ARRAYS = (
    IndexedArray("x", (("B", "batch"), ("T", "time")), also=("X",)),
    IndexedArray("w", (("T'", "kernel"),), also=("W", "K")),
    IndexedArray("y", (("B", "batch"), ("L", "time")), derivative=True, also=("Y", "dY")),
)


def forward(x, w, b):
    """The sheet's formula: y[b, i] = Σ_k x[b, i + k] w[k] + b."""
    steps = x.shape[1] - len(w) + 1
    return np.array([[row[i : i + len(w)] @ w + b for i in range(steps)] for row in x])


def slope(values, target):
    """∂l/∂target for l = Σ dy ⊙ y, by differences; l is linear in each of x, w and b, so they are exact."""
    here = {"x": values["x"], "w": values["w"], "b": np.zeros(())}
    loss = lambda at: float(np.sum(values["dy"] * forward(at["x"], at["w"], at["b"])))  # noqa: E731
    result = np.zeros_like(here[target])
    for place in np.ndindex(*result.shape):
        moved = here[target].copy()
        moved[place] += 1.0
        result[place] = loss({**here, target: moved}) - loss(here)
    return result


AXES = {"w": (("T'", "kernel"),), "b": (), "x": (("B", "batch"), ("T", "time"))}


@pytest.fixture(scope="module")
def judges():
    return {
        target: SumJudge(
            SumEntry(target, axes, ARRAYS, lambda values, target=target: slope(values, target), sizes),
            np.random.default_rng(2),
        )
        for target, axes in AXES.items()
    }


RIGHT = [
    ("w", r"\frac{\partial l}{\partial w_k} = \sum_b \sum_i \frac{\partial l}{\partial y_{bi}} x_{b,i+k}"),
    ("w", r"$$\sum_{b=1}^{B}\sum_{i=0}^{T-T'} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}$$"),
    ("w", r"\sum_{b=1}^{B}\sum_{i=1}^{T-T'+1} \frac{\partial l}{\partial y_{bi}} x_{b,i+k-1}"),
    ("w", r"\frac{∂l}{∂w_k} = \sum_{b=0}^{B-1}\sum_{i=0}^{T-T'} x_{b(i+k)} \frac{∂l}{∂y_{b,i}}, k=0,\ldots,T'-1"),
    ("w", "dl/dw[k] = sum_b sum_i dl/dy[b,i] * x[b,i+k]"),
    ("w", "dw[k] = sum_{b,i} dY[b][i] X[b][i+k]"),
    ("w", "∂l/∂w_t' = Σ_{n,τ} ∂l/∂y_{nτ} x_{n,τ+t'}"),
    ("w", r"\sum_{b}\sum_{j} \frac{\partial L}{\partial y_{b,j-k}} x_{bj}"),
    ("w", r"\sum_{m}\sum_{\tau=0}^{N-1} \frac{\partial l}{\partial \mathbf{y}_{m,\tau}} \mathbf{x}_{m,\tau+t^\prime}"),
    ("w", r"\sum_{b}\left(\sum_{i \in [0, T-T']} \frac{\partial l}{\partial y_{b,i}}\cdot x_{b,\,i+k}\right)"),
    ("w", r"\frac{\partial l}{\partial w_k} = \sum_{b,i} \frac{\partial l}{\partial y_{bi}}\frac{\partial y_{bi}}"
          r"{\partial w_k} = \sum_{b,i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}"),
    ("w", r"\begin{align} \frac{∂l}{∂w_k} &= \sum_b \sum_i x_b[i+k] \frac{∂l}{∂y}[b,i] \end{align}"),
    ("b", r"\frac{∂l}{∂b} = \sum_b\sum_i \frac{∂l}{∂y_{bi}}"),
    ("b", r"\frac{∂l}{∂b} = \sum_{b=0}^{B-1}\sum_{\tau=0}^{T-T'} \frac{∂l}{∂y_{b\tau}}"),
    ("b", r"\sum \frac{∂l}{∂y}"),
    ("b", "np.sum(dl/dy)"),
    ("b", r"\sum_{b,i} \frac{∂l}{∂y}"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j-k}} w_k"),
    ("x", r"\frac{∂l}{∂x_{b,t}} = \sum_{i} \frac{∂l}{∂y_{b,i}} w_{t-i}"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_{k=0}^{T'-1} w[k] \frac{∂l}{∂y_{b,j-k}}"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_{k=1}^{T'} \frac{∂l}{∂y_{b,j-k+1}} w_k"),
    ("x", "∂l/∂x_{nτ} = ∑_{t'} ∂l/∂y_{n,τ−t'} w_{t'}"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j-T'+1+k}} w_{T'-1-k}"),
]  # fmt: skip
WRONG = [
    ("w", r"\sum_b \sum_i \frac{\partial l}{\partial y_{bi}} x_{b,i-k}", "flipped-index"),
    ("w", r"\frac{\partial l}{\partial w_k} =\sum_i \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "missing-sum"),
    ("w", r"\sum_b \sum_i \frac{\partial l}{\partial y_{ib}} x_{b,i+k}", "swapped-indices"),
    ("w", r"\sum_{b}\sum_{i=0}^{T-T'-1} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "range-off-by-one"),
    ("w", r"\sum_{b=1}^{B-1}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "range-off-by-one"),
    ("w", r"\sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k+1}", "index-off-by-one"),
    ("w", r"\frac{∂l}{∂w_k} = \sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i}", "missing-index"),
    ("w", r"\frac1B\sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "wrong-factor"),
    ("w", r"-\sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "wrong-sign"),
    ("w", r"2\sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}", "wrong-factor"),
    ("w", r"\sum_{b}\sum_{i} \frac{\partial l}{\partial y_{bi}} x_{b,i+k} w_k", "extra-factor"),
    ("b", "sum_i dl/dy_{bi}", "missing-sum"),
    ("b", r"\sum_b\sum_i \frac{∂l}{∂y_{bi}} x_{bi}", "extra-factor"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j+k}} w_k", "flipped-index"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_k \frac{∂l}{∂y_{b,j-k}} w_{T'-1-k}", "flipped-index"),
    ("x", r"\frac{∂l}{∂x_{bj}} = \sum_{k=0}^{T'-2} \frac{∂l}{∂y_{b,j-k}} w_k", "range-off-by-one"),
]
HUMAN = [
    ("w", ""),
    ("w", "x * dl/dy"),
    ("w", r"\frac{\partial l}{\partial y} x"),
    ("w", r"\frac{\partial l}{\partial y_{bi}} x_{b,i+k}"),
    ("w", "∂l/∂b = sum_b sum_i dl/dy[b,i]"),
    ("w", r"\sum_{b}\sum_{i=0}^{T-T'+1} \frac{\partial l}{\partial y_{bi}} x_{b,i+k}"),
    ("w", r"\sum_b \sum_i \delta_{bi} x_{b,i+k}"),
    ("w", r"\sum_b \sum_i \frac{\partial l}{\partial y_{bi}"),
    ("w", "sum over b and i of dl/dy times x"),
    ("x", r"\frac{∂l}{∂x_{b,i+k}} = \sum_k \frac{∂l}{∂y_{bi}} w_k"),
    ("w", r"\sum_b \sum_i \sum_i \frac{∂l}{∂y_{bi}} x_{b,i+k}"),
    ("b", r"\sum_q 1"),
    ("x", r"\frac{∂l}{∂y} * w^{flip}"),
]


@pytest.mark.parametrize(("target", "text"), RIGHT)
def test_a_right_formula_is_right_in_every_notation(judges, target, text):
    verdict = judges[target].judge(text)
    assert verdict.status == "right", verdict.message


@pytest.mark.parametrize(("target", "text"), RIGHT)
def test_it_is_no_answer_to_the_others(judges, target, text):
    assert all(judges[other].judge(text).status != "right" for other in AXES if other != target)


@pytest.mark.parametrize(("target", "text", "id"), WRONG)
def test_a_wrong_formula_is_wrong_and_named(judges, target, text, id):
    verdict = judges[target].judge(text)
    assert verdict.status == "wrong", verdict.message
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.id == id
    assert "^" in verdict.message


@pytest.mark.parametrize(("target", "text"), HUMAN)
def test_what_is_not_certain_goes_to_a_human(judges, target, text):
    verdict = judges[target].judge(text)
    assert verdict.status == "unreadable", verdict
    assert verdict.problem is not None
    assert verdict.message


def test_the_caret_stands_under_the_flipped_index(judges):
    text = r"\sum_b \sum_i \frac{\partial l}{\partial y_{bi}} x_{b,i-k}"
    place = judges["w"].judge(text).diagnosis
    assert text[place.offset : place.offset + place.length] == "x_{b,i-k}"


PIECES = [
    r"\sum", "_b", "_{b,i}", "_{i=0}", "^{T-T'}", "^B", "Σ", "∑", "sum", r"\frac{\partial l}{\partial y_{bi}}",
    "dl/dy[b,i]", "dY",
    "x_{b,i+k}", "x[b]", "w_k", "w_{T'-1-k}", "w", "(", ")", "{", "}", "[", "]", "_", "^", "+", "-", "*", "/", "=",
    ",", "'", "2",
    "b", "i", "k", "T", r"\frac", r"\in", r"\mathbf{", r"\left(", r"\right)", "∂", "∂l/∂", "d", "\\\\", "\n", "é",
    "\\", "1", " ",
]  # fmt: skip


def survives(judge, text):
    start = time.process_time()
    verdict = judge.judge(text)
    assert verdict.status in ("right", "wrong", "unreadable")
    for remark in (verdict.problem, verdict.diagnosis):
        assert remark is None or "^" in explain(text, remark)
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(max_size=500) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_ends_in_a_traceback(judges, text):
    survives(judges["w"], text)
    survives(judges["x"], text)


@pytest.mark.parametrize(
    "piece", ["(", "{", r"\sum_b ", r"\sum_b(", "x_{", "x[(", "-", "'", r"\frac", "^", "_", "w_k", "b", "x_{b,i}+"]
)
def test_endless_repetition(judges, piece):
    survives(judges["w"], piece * 60)
    survives(judges["w"], "dl/dw_k = " + (piece * 4000)[:3900])
