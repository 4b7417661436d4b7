"""Wrong answers to sheet 002: each is wrong, and is named as the mistake that it is."""

from __future__ import annotations

import numpy as np
import pytest

from grader.formula import Entry, ForbiddenSymbol, ShapeMismatch, Symbol, Symbols, judge

MISTAKES = [
    ("W1", "W1 x + b1", "forward-table"),
    ("W1", r"\boldsymbol{z}_1 = \boldsymbol{W^{(1)}}\boldsymbol{x} + \boldsymbol{b^{(1)}}", "forward-table"),
    ("W1", "(x dl/dyhat W2 dz2/dz1)^T", "denominator-layout"),
    ("W1", "(dz2/dz1)^T W2^T (dl/dyhat)^T x^T", "denominator-layout"),
    ("W1", "dz2/dz1 W2^T dl/dyhat x^T", "denominator-layout"),
    (
        "W1",
        r"\left(\boldsymbol W_2^\top \frac{\partial l}{\partial\hat y} \odot f'(W_1x+b_1)\right)x^\top",
        "denominator-layout",
    ),
    ("W1", "x (dl/dyhat)^T W2 dz2/dz1", "extra-transpose"),
    ("W1", "x^T dl/dyhat W2 dz2/dz1", "extra-transpose"),
    ("W1", "x dl/dyhat W2^T dz2/dz1", "extra-transpose"),
    ("W1", "dl/dyhat W2 dz2/dz1 x", "swapped-order"),
    ("W1", "x dl/dyhat dz2/dz1 W2", "swapped-order"),
    ("W1", "dz2/dz1 W2 dl/dyhat x", "swapped-order"),
    ("W1", "x dl/dyhat W2", "missing-activation-jacobian"),
    (
        "W1",
        r"x \frac{\partial l}{\partial \hat{y}} \frac{\partial \hat y}{\partial z_3} W^{(2)}",
        "missing-activation-jacobian",
    ),
    ("W1", "x dl/dyhat dz2/dz1", "missing-factor"),
    ("W1", "dl/dyhat W2 dz2/dz1", "missing-factor"),
    ("W1", "-x dl/dyhat W2 dz2/dz1", "wrong-sign"),
    ("W1", "2 x dl/dyhat W2 dz2/dz1", "wrong-factor"),
    ("W1", r"\frac12 x dl/dyhat W2 dz2/dz1", "wrong-factor"),
    ("W1", "x dl/dyhat W1 dz2/dz1", "wrong-symbol"),
    ("W1", "y dl/dyhat W2 dz2/dz1", "wrong-symbol"),
    ("W1", "x dl/dyhat W2 ⊙ dz2/dz1", "elementwise-for-product"),
    ("b1", "dl/dyhat W2", "missing-activation-jacobian"),
    ("b1", "dz2/dz1 W2^T dl/dyhat", "denominator-layout"),
    ("b1", "((dz2/dz1)^T W2^T dl/dyhat)^T", "missing-transpose"),
    ("b1", "(dl/dyhat W2 dz2/dz1)'", "denominator-layout"),
    ("b1", "x dl/dyhat W2 dz2/dz1", "extra-factor"),
    ("b1", "dl/dyhat W2 f'(W1 x + b1)^T", "product-for-elementwise"),
    ("b1", "dl/dyhat W2 f'(W1 x + b1)", "missing-diag"),
    ("b1", "dl/dyhat W2 diag(f(W1 x + b1))", "activation-for-derivative"),
    ("b1", "dl/dyhat W2 diag(1[W1 x + b1 < 0])", "flipped-comparison"),
    ("W2", "(dl/dyhat)^T ReLU(W1x + b1)^T", "denominator-layout"),
    ("W2", "dl/dyhat ReLU(W1x + b1)", "swapped-order"),
    ("W2", "ReLU(W1x + b1)^T dl/dyhat", "extra-transpose"),
    ("W2", "(W1x + b1) dl/dyhat", "missing-activation"),
    ("W2", "x dl/dyhat", "wrong-symbol"),
    ("W2", "ReLU(W1x) dl/dyhat", "missing-term"),
    ("b2", "(dl/dyhat)^T", "denominator-layout"),
    ("b2", "2(y - W2 ReLU(W1 x + b1) - b2)^T", "wrong-sign"),
    ("b2", "(W2 ReLU(W1 x + b1) + b2 - y)^T", "wrong-factor"),
    ("b2", "dl/dyhat W2", "extra-factor"),
    ("z1", "x W1 + b1", "swapped-order"),
    ("z1", "W1^T x + b1", "extra-transpose"),
    ("z1", "W1 x - b1", "wrong-sign"),
    ("z1", "W1 x", "missing-term"),
    ("z1", "W2 x + b1", "wrong-symbol"),
    ("z2", "W1 x + b1", "missing-activation"),
    ("z2", "1[W1 x + b1 > 0]", None),
    ("loss", "‖y - ŷ‖", "missing-square"),
    ("loss", "½‖y - ŷ‖²", "wrong-factor"),
    ("loss", "(y-ŷ)(y-ŷ)^T", "swapped-order"),
    ("loss", "‖y + ŷ‖²", "wrong-sign"),
]


@pytest.mark.parametrize(("entry", "text", "id"), MISTAKES)
def test_a_wrong_formula_is_wrong_and_named(judges, entry, text, id):
    verdict = judges[entry].judge(text)
    assert verdict.status == "wrong", verdict.message
    assert (verdict.diagnosis.id if verdict.diagnosis else None) == id


@pytest.mark.parametrize(
    ("entry", "text", "culprit"),
    [
        ("W1", "x dl/dyhat W2^T dz2/dz1", "W2^T"),
        ("W1", r"\boldsymbol{x}^\top \frac{\partial l}{\partial \hat y} W_2 \frac{∂z_2}{∂z_1}", r"\boldsymbol{x}^\top"),
        ("W1", "x dl/dyhat W1 dz2/dz1", "W1"),
        ("z1", "W1 x - b1", "b1"),
        ("W2", "(W1x + b1) dl/dyhat", "(W1x + b1)"),
        ("loss", "‖y - ŷ‖", "‖y - ŷ‖"),
        ("b1", "dl/dyhat W2 dz2/dz1 x", "x"),
    ],
)
def test_the_caret_stands_under_the_culprit(judges, entry, text, culprit):
    verdict = judges[entry].judge(text)
    place = verdict.diagnosis
    found = text[place.offset : place.offset + place.length]
    assert found.strip("()") == culprit.strip("()")
    _, line, carets = verdict.message.splitlines()
    assert line.strip() == text
    assert carets.count("^") == place.length
    assert line[carets.index("^") :].startswith(found)


def test_a_hidden_symbol_is_named_and_the_formula_otherwise_right(judges):
    verdict = judges["W2"].judge("z_2 dl/dyhat")
    assert (verdict.status, verdict.otherwise_right) == ("wrong", True)
    assert isinstance(verdict.problem, ForbiddenSymbol)
    assert verdict.problem.name == "z2"
    assert "^^^" in verdict.message


def test_a_hidden_symbol_in_a_wrong_formula_is_not_otherwise_right(judges):
    assert not judges["W2"].judge("z_2^T dl/dyhat").otherwise_right


def test_a_chain_is_right_when_one_side_avoids_the_hidden_symbol(judges):
    assert judges["z2"].judge("z_2 = ReLU(z_1) = ReLU(W1 x + b1)").status == "right"
    assert judges["z2"].judge("z_2 = ReLU(W1 x + b1) = ReLU(z_1)").status == "right"
    assert judges["z2"].judge("z_2 = ReLU(z_1)").status == "wrong"


def test_sides_that_contradict_one_another_go_to_a_human(judges):
    assert judges["z1"].judge("z_1 = W1 x + b1 = W1 x - b1").status == "unreadable"
    assert judges["z1"].judge("z_1 = W1 x - b1 = W1 x + b1").status == "unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "?", "see notebook", r"\delta_3 x^T", "x dl/dyhat W2 dz2/dz1 foo", "x dl/dyhat^T W2 dz2/dz1",
        "x (dl/dyhat W2 dz2/dz1", r"\frac{\partial l}{\partial W_1}", "(∂l/∂W1)^T = x dl/dŷ W2 dz2/dz1",
        r"\sum_i x_i \frac{\partial l}{\partial \hat y}", "x ⊗ dl/dyhat W2 dz2/dz1", r"\nabla_{W_1} l",
        "x dl/dŷ W_2 ⊙ 1(W_1x+b_1>0)^T", "(x * dl/dyhat * W2).T * x", "W1 = 3 \n W2 = 4", "x \\", "||x|", "x^{-1}",
        "x dl/dyhat W2 dz2/dz1" * 300,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_never_wrong(judges, text):
    verdict = judges["W1"].judge(text)
    assert verdict.status in ("unreadable", "wrong" if text.startswith("(x *") else "unreadable")
    assert verdict.message


def test_a_plain_star_that_may_mean_entry_by_entry_goes_to_a_human():
    known = Symbols((Symbol("a", ("n", 1)), Symbol("b", ("n", 1))))
    entry = Entry("a ⊙ b", known)
    assert judge("a * b", entry, np.random.default_rng(0)).status == "unreadable"
    wrong = judge(r"a \times b", entry, np.random.default_rng(0))
    assert (wrong.status, wrong.diagnosis.id) == ("wrong", "product-for-elementwise")
    assert isinstance(wrong.problem, ShapeMismatch)


def test_the_verdict_depends_on_the_seed_in_no_way(entries):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        assert judge("x dl/dyhat W2 dz2/dz1", entries["W1"], rng).status == "right"
        assert judge("x dl/dyhat W2", entries["W1"], rng).status == "wrong"
