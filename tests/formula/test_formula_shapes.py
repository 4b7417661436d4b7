"""Strict shapes: numpy's broadcasting rescues nothing, and every mismatch has its place and its sizes in words."""

from __future__ import annotations

import numpy as np
import pytest

from grader.formula import Problem, ShapeMismatch, Symbol, Symbols, Unreadable, derivative, evaluate, parse

KNOWN = Symbols(
    (
        Symbol("x", ("n", 1)), Symbol("u", ("n", 1)), Symbol("r", (1, "n")), Symbol("v", ("h", 1)),
        Symbol("A", ("h", "n")), Symbol("S", ("n", "n")), Symbol("c", ()),
    )
)  # fmt: skip
TRIAL = KNOWN.draw(np.random.default_rng(5))
V = TRIAL.values


def value(text):
    expr = parse(text, KNOWN)
    return expr if isinstance(expr, Problem) else evaluate(expr, V, TRIAL.sizes)


@pytest.mark.parametrize(
    ("text", "culprit", "left", "right"),
    [
        ("x + r", "r", "n×1", "1×n"),
        ("A x + r", "r", "h×1", "1×n"),
        ("x + c", "c", "n×1", "a scalar"),
        ("x - x^T x", "x^T x", "n×1", "1×1"),
        ("x ⊙ r", "x ⊙ r", "n×1", "1×n"),
        ("A ⊙ r", "A ⊙ r", "h×n", "1×n"),
        ("x A", "x A", "n×1", "h×n"),
        ("v A x", "v A", "h×1", "h×n"),
        ("A x u", "x u", "h×1", "n×1"),
        ("x u", "x u", "n×1", "n×1"),
        ("diag(A)", "A", "h×n", ""),
        ("c / x", "x", "n×1", ""),
        ("A x + A u + r", "r", "h×1", "1×n"),
    ],
)
def test_a_mismatch_has_its_place_and_its_sizes(text, culprit, left, right):
    got = value(text)
    assert isinstance(got, ShapeMismatch)
    assert text[got.offset : got.offset + got.length] == culprit
    assert (got.left, got.right) == (left, right)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("A x", V["A"] @ V["x"]),
        ("c A x", V["c"] * (V["A"] @ V["x"])),
        ("x^T u", V["x"].T @ V["u"]),
        ("x u^T", V["x"] @ V["u"].T),
        ("x · u", V["x"].T @ V["u"]),
        ("x^T u A", (V["x"].T @ V["u"]).item() * V["A"]),
        ("A x^T u", (V["x"].T @ V["u"]).item() * V["A"]),
        ("x^T u + c", V["x"].T @ V["u"] + V["c"]),
        ("S + I", V["S"] + np.eye(len(V["S"]))),
        ("S + 2I", V["S"] + 2 * np.eye(len(V["S"]))),
        ("diag(x) u", V["x"] * V["u"]),
        ("diag(r) u", V["x"] * 0 + V["r"].T * V["u"]),
        ("x ⊙ u", V["x"] * V["u"]),
        ("S^T x ⊙ u", (V["S"].T @ V["x"]) * V["u"]),
        ("-x/2 + 0.5 x - \\frac12 u", -V["u"] / 2),
        ("--x", V["x"]),
        ("\\frac{x}{2} u^T", V["x"] @ V["u"].T / 2),
        ("(x^T x)^2", (V["x"].T @ V["x"]).item() ** 2),
        ("max(0, x)", np.maximum(V["x"], 0)),
        ("1[x ≥ 0]", (V["x"] >= 0) * 1.0),
        ("1/2 c", V["c"] / 2),
        ("r'' ", V["r"]),
    ],
)
def test_values_agree_with_numpy(text, want):
    np.testing.assert_allclose(value(text), want, rtol=1e-12)


@pytest.mark.parametrize(
    "text", ["x^2", "S^2", "||S||", "I", "1/0", "x > 0 > 1", "x^9^9", "9" * 30, "S + I ⊙ S + c I x c^99"]
)
def test_what_has_no_clear_meaning_is_unreadable(text):
    assert isinstance(value(text), Unreadable)


def test_sizes_are_drawn_all_different_and_never_one():
    for seed in range(20):
        sizes = KNOWN.draw(np.random.default_rng(seed)).sizes
        assert len(set(sizes.values())) == len(sizes)
        assert min(sizes.values()) >= 5


def test_a_question_that_contradicts_itself_is_the_rubric_s_error():
    with pytest.raises(ValueError, match="x_twice should have the shape"):
        Symbols((Symbol("x", ("n", 1)), Symbol("x_twice", (1, "n"), "2 x"))).draw(np.random.default_rng(0))
    with pytest.raises(ValueError, match="does not know a symbol 'q'"):
        Symbols((Symbol("x", ("n", 1)), derivative("l", "x", (1, "n"), "q^T"))).draw(np.random.default_rng(0))


def test_outer_and_elementwise_products_only_where_the_course_says_so():
    for meaning, want in (("outer", V["x"] @ V["v"].T), (None, None)):
        known = Symbols(KNOWN.symbols, otimes=meaning)
        expr = parse(r"x \otimes v", known)
        if want is None:
            assert isinstance(expr, Unreadable)
        else:
            np.testing.assert_allclose(evaluate(expr, V), want)
    entrywise = parse(r"x \otimes u", Symbols(KNOWN.symbols, otimes="elementwise"))
    np.testing.assert_allclose(evaluate(entrywise, V), V["x"] * V["u"])
