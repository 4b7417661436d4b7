"""No text ends in a traceback or a hang, and no way of writing changes a value."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.formula import Judge, Problem, Symbol, Symbols, derivative, evaluate, explain, parse, read, split_list

PIECES = [
    "x", "W1", "W_2", "W^{(1)}", r"\boldsymbol{W^{(2)}}", r"\hat{y}", "ŷ", "y_hat", "z_1", "dl/dyhat", "dz2dz1", "d",
    "∂",
    r"\frac{\partial l}{\partial \hat y}", r"\frac", r"\frac12", "{", "}", "(", ")", "[", "]", r"\{", r"\}", r"\left(",
    r"\right)", "^", "_", "^T", r"^\top", "'", ".T", "ᵀ", "²", "₁", "^2", "^{", "_{", "+", "-", "*", "**", "@",
    r"\cdot",
    r"\odot", "∘", r"\otimes", "/", "=", "&=", r"\\", "\n", " ", r"\text{ReLU}", "ReLU(", "f'(", "max(0,", r"\max",
    "diag(",
    "||", "|", "‖", r"\|", r"\Vert", "1[", ">", "1_{", "I", "0", "2", "0.5", ",", ";", ".", r"\mathbf", r"\bf", r"\hat",
    "\\", "$", "$$", "`", "<sup>", "</sup>", "&lt;", "\u0302", "\u200b", "é", "漢", "\x00", "⇒", "\\Rightarrow", "I_K",
    r"\begin{align}", r"\underbrace{", "transpose(", "norm(", "np.dot(", ".dot(", "delta", "dd", "l(y,", "(y, ŷ)",
]  # fmt: skip
WHOLE = [
    "x dl/dyhat dyhat/dz3 W2 dz2/dz1",
    r"\boldsymbol{x}\frac{∂l}{∂\boldsymbol{\hat{y}}}\boldsymbol{W^{(2)}}\frac{\partial z_2}{\partial z_1}",
    r"\left(\left(\frac{∂z_2}{∂z_1}\right)^\top {W^{(2)}}^T (dl/dyhat)^{\mathsf T} x^{T}\right)^{\intercal}",
    "-2*x*(y - W2*max(0,W1*x+b1) - b2)^T*W2*diag(1[W1x+b1>0])",
]
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@st.composite
def mutants(draw):
    text = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + cut :]
    return text


@pytest.fixture(scope="module")
def judge_w1(entries) -> Judge:
    return Judge(entries["W1"], np.random.default_rng(1), trials=2)


def survives(judge: Judge, text: str) -> None:
    start = time.process_time()
    verdict = judge.judge(text)
    assert verdict.status in ("right", "wrong", "unreadable")
    for remark in (verdict.problem, verdict.diagnosis):
        if remark is not None:
            assert 0 <= remark.offset <= len(text)
            assert 0 <= remark.length <= len(text) - remark.offset + 1
            assert "^" in explain(text, remark).splitlines()[-1]
    assert verdict.status == "right" or verdict.message
    assert split_list(text)
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would


@QUICK
@given(text=st.text(max_size=500))
def test_any_text(judge_w1, text):
    survives(judge_w1, text)


@QUICK
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_heap_of_pieces(judge_w1, pieces):
    survives(judge_w1, "".join(pieces)[:500])


@settings(QUICK, max_examples=200)
@given(text=mutants())
def test_any_slip_of_the_pen(judge_w1, text):
    survives(judge_w1, text)


@pytest.mark.parametrize(
    "piece",
    ["(", "{", "[", "-", "x", "x+", "x^T ", "'", "d", "dd/", r"\mathbf", r"\hat", "||", "|x|", r"\frac",
    r"\frac{x}{", "^", "_",
     "^{", "x/", "ReLU(", "ReLU ", "f'", "1_{", "=", "x=", r"\\", "\n", "$", "2", "∂", "∂l/", "\u0302", "x'",
     "max(0,", "transpose",
     "x⊙", "⊙", "**", "*x*", "\\", "&", "1[x>", "(x+1)^T", "dl/dyhat ", "W1 x + ", "np.", "x.T", "({[", "<sup>"],
)  # fmt: skip
@pytest.mark.parametrize("count", [30, 4001])
def test_endless_repetition(judge_w1, piece, count):
    survives(judge_w1, (piece * count)[:5000])
    survives(judge_w1, ("x" + piece * count + "x")[:3999])


SHAPES = {"A": ("h", "n"), "B": ("K", "h"), "u": ("n", 1), "v": ("h", 1), "J": (1, "K"), "c": ()}
KNOWN = Symbols(
    (
        *(Symbol({"A": "W1", "B": "W2", "u": "x", "v": "b1", "c": "c"}[n], s) for n, s in SHAPES.items() if n != "J"),
        derivative("l", "yhat", (1, "K")),
    )
)
TRIAL = KNOWN.draw(np.random.default_rng(8))
SPELLINGS = {
    "W1": ["W1", "W_1", "W^{(1)}", "W^1", "W₁", r"\boldsymbol{W^{(1)}}", r"\mathbf{W}_{1}", r"{\bf W}^{[1]}",
    "**W1**", r"\bm W^{(1)}"],
    "W2": ["W2", "W_{2}", "W^{2}", "W⁽²⁾", r"\pmb{W}^{(2)}", r"\boldsymbol{W}_2", r"\vec{W_2}", "W<sub>2</sub>", "𝐖₂"],
    "x": ["x", r"\boldsymbol{x}", r"\mathbf x", r"\vec{x}", " *x* ", "{x}", "(x)", "𝒙"],
    "b1": ["b1", "b_1", "b^{(1)}", "b₁", r"\boldsymbol{b^{(1)}}", r"\mathbf{b}^{1}"],
    "c": ["c", r"\mathrm{c}", "(c)"],
    "dl_dyhat": ["(dl/dyhat)", "dl_dyhat", r"\frac{\partial l}{\partial \hat{y}}", "(∂l/∂ŷ)",
    r"\dfrac{dl}{d\hat{\mathbf{y}}}",
                 r"\frac{∂l}{∂\boldsymbol{\hat{y}}}"],
}  # fmt: skip
TRANSPOSES = ["^T", r"^\top", "^{T}", r"^{\mathsf T}", r"^\intercal", r"^\mathrm{T}", "'", ".T", "ᵀ"]
PRODUCTS = [" ", r" \cdot ", r"\times ", " * ", "·", r"\, "]


@st.composite
def formulas(draw, rows, columns, depth):
    """A formula of this shape as text, with its value computed beside it."""
    size = {"n": "n", "h": "h", "K": "K"}
    leaves = [(s.name, False) for s in KNOWN.symbols if s.shape == (rows, columns)]
    leaves += [(s.name, True) for s in KNOWN.symbols if s.shape == (columns, rows)]
    kinds = (["leaf"] if leaves else []) + (
        ["sum", "product", "scaled", "relu", "transpose", "entrywise"] if depth else []
    )
    kind = draw(st.sampled_from(kinds or ["outer"]))
    deeper = depth - 1
    if kind == "leaf":
        name, turned = draw(st.sampled_from(leaves))
        text, value = draw(st.sampled_from(SPELLINGS[name])), np.asarray(TRIAL.values[name])
        return (f"{{{text}}}{draw(st.sampled_from(TRANSPOSES))}", value.T) if turned else (text, value)
    if kind == "outer":
        a, p = draw(formulas(rows, 1, 0))
        b, q = draw(formulas(1, columns, 0))
        return a + draw(st.sampled_from(PRODUCTS)) + b, p @ q
    if kind == "sum":
        (a, p), (b, q) = draw(formulas(rows, columns, deeper)), draw(formulas(rows, columns, deeper))
        return (f"({a} + {b})", p + q) if draw(st.booleans()) else (rf"\left[{a} - ({b})\right]", p - q)
    if kind == "product":
        inner = draw(st.sampled_from(list(size)))
        a, p = draw(formulas(rows, inner, deeper))
        b, q = draw(formulas(inner, columns, deeper))
        return f"{{{a}{draw(st.sampled_from(PRODUCTS))}{b}}}", p @ q
    if kind == "scaled":
        a, p = draw(formulas(rows, columns, deeper))
        scale, factor = draw(
            st.sampled_from([("2 ", 2.0), (r"\frac12 ", 0.5), ("1/2 ", 0.5), ("0.5", 0.5), ("c ", TRIAL.values["c"])])
        )
        return f"({scale}{a})", factor * p
    a, p = draw(formulas(rows, columns, deeper))
    if kind == "relu":
        name = draw(
            st.sampled_from(["ReLU({})", r"\text{{ReLU}}\left({}\right)", r"\max(0, {})", "relu[{}]", "({})^+"])
        )
        return name.format(a), np.maximum(p, 0)
    if kind == "transpose":
        return f"(({a}){draw(st.sampled_from(TRANSPOSES))}){draw(st.sampled_from(TRANSPOSES))}", p
    b, q = draw(formulas(rows, columns, deeper))
    return f"(({a}) {draw(st.sampled_from(['⊙', '∘', chr(92) + 'odot', chr(92) + 'circ']))} ({b}))", p * q


@settings(QUICK, max_examples=200)
@given(formulas("h", 1, 3) | formulas(1, "h", 2) | formulas("n", "K", 2) | formulas("K", "n", 3))
def test_a_formula_has_the_value_that_it_was_built_with(pair):
    text, value = pair
    expr = parse(text, KNOWN)
    assert not isinstance(expr, Problem), explain(text, expr)
    got = evaluate(expr, TRIAL.values, TRIAL.sizes)
    assert not isinstance(got, Problem), explain(text, got)
    np.testing.assert_allclose(got, value, rtol=1e-9, atol=1e-9 * np.abs(value).max())


@QUICK
@given(st.text(alphabet="ab=+\\\n (),;⇒|", max_size=60))
def test_reading_keeps_every_side_inside_the_text(text):
    reading = read(text, Symbols((Symbol("a", ("n", 1)), Symbol("b", ("n", 1)))))
    for side in (side for sides in reading.equations for side in sides):
        assert 0 <= side.offset <= side.offset + side.length <= len(text)
        assert (side.expr is None) != (side.problem is None)
