"""Sheet 002 in notations of the students' own: names, macros, gradients that stand in one another, words in between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.intake.discover import discover
from grader.intake.sheet import Sheet
from grader.model import Status
from rubrics.matrix_calculus import homework, judge_hand_in
from rubrics.matrix_calculus.sections import QUESTIONS, read_hand_in, read_text
from rubrics.matrix_calculus.written import forward_text, steps_text, whole

W1, B1, W2, B2 = "1.2.3 W1", "1.2.3 b1", "1.2.3 W2", "1.2.3 b2"


def lost(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Status and faults of every entry that is not passed, by "question label"."""
    return {
        f"{question.id} {label.label}": (label.status.value, label.faults)
        for question in judge_hand_in(read_text(text), 3)
        for label in question.labels
        if label.status is not Status.PASSED
    }


def table(z1: str, z2: str, z3: str) -> str:
    """A right forward table with the outputs of the layers called so."""
    return (
        f"| Layer | Input | Output |\n|---|---|---|\n| Linear_1 | x | {z1} = W_1 x + b_1 |\n"
        f"| f | {z1} | {z2} = ReLU({z1}) |\n"
        f"| Linear_2 | {z2} | {z3} = W_2 {z2} + b_2 |\n| g | {z3} | ŷ = {z3} |\n| Loss | ŷ, y | ‖y - ŷ‖² |"
    )


def gradients(w1: str, b1: str, w2: str, b2: str) -> str:
    return f"∂l/∂W1 = {w1}\n∂l/∂b1 = {b1}\n∂l/∂W2 = {w2}\n∂l/∂b2 = {b2}"


def faults(text: str) -> dict[str, str]:
    """The entries that are lost, with the name of the mistake ("" for one that waits)."""
    return {place: (ids[0].split(".")[1] if ids else "") for place, (_, ids) in lost(text).items()}


@pytest.mark.parametrize("names", [("h", "a", "o"), ("z_1", "a_1", "z_2"), ("u", "v", "w")])
def test_derivatives_of_own_names_are_the_sheets(names: tuple[str, str, str]) -> None:
    z1, z2, z3 = names
    last, inner = f"∂l/∂ŷ ∂ŷ/∂{z3}", f"∂{z2}/∂{z1}"
    right = gradients(f"x {last} W2 {inner}", f"{last} W2 {inner}", f"{z2} {last}", last)
    assert lost(whole(forward=table(*names), backward=right)) == {}
    wrong = gradients(f"x {last} W2", f"{last} W2^T {inner}", f"{last} {z2}", last)
    assert faults(whole(forward=table(*names), backward=wrong)) == {
        W1: "missing-activation-jacobian", B1: "extra-transpose", W2: "swapped-order",
    }  # fmt: skip


@pytest.mark.parametrize("names", [("z1", "z2", "z3"), ("h", "a", "o"), ("z_1", "a_1", "z_2")])
def test_inner_gradients_are_forbidden_by_any_name(names: tuple[str, str, str]) -> None:
    z1, z2, z3 = names
    text = gradients(f"x ∂l/∂{z1}", f"∂l/∂{z1}", f"{z2} ∂l/∂{z3}", f"∂l/∂{z3}")
    found = faults(whole(forward=table(*names), backward=text))
    assert found == dict.fromkeys((W1, B1, W2, B2), "forbidden-symbol")
    defined = f"∂l/∂{z3} = ∂l/∂ŷ\n∂l/∂{z1} = ∂l/∂{z3} W2 ∂{z2}/∂{z1}\n"
    assert lost(whole(forward=table(*names), backward=defined + text)) == {}


def test_a_right_gradient_may_stand_in_another() -> None:
    chain = gradients("x ∂l/∂b1", "∂l/∂b2 W2 ∂z2/∂z1", "z2 ∂l/∂b2", "∂l/∂ŷ ∂ŷ/∂z3")
    assert lost(whole(forward=table("z1", "z2", "z3"), backward=chain)) == {}
    swapped = gradients("∂l/∂b1 x", "∂l/∂b2 W2 ∂z2/∂z1", "∂l/∂b2 z2", "∂l/∂ŷ ∂ŷ/∂z3")
    assert faults(whole(forward=table("z1", "z2", "z3"), backward=swapped)) == dict.fromkeys((W1, W2), "swapped-order")


@pytest.mark.parametrize("b1", ["∂l/∂b2 W2", "∂l/∂b1", "x^T ∂l/∂W1"])
def test_a_wrong_one_or_a_circle_carries_no_other(b1: str) -> None:
    text = gradients("x ∂l/∂b1", b1, "z2 ∂l/∂b2", "∂l/∂ŷ")
    assert set(lost(whole(forward=table("z1", "z2", "z3"), backward=text))) == {W1, B1}


def test_the_sheets_derivatives_mean_what_they_mean_there() -> None:
    text = gradients("x ∂l/∂ŷ W2 ∂z2/∂z1", "∂l/∂ŷ W2 ∂z2/∂z1", "z2 ∂l/∂ŷ", "∂l/∂ŷ ∂ŷ/∂z3")
    remark = "\nwhere ∂ŷ/∂z3 = I, ∂l/∂ŷ = 2(ŷ - y) and ∂z2/∂z1 = 1[z1 > 0]"
    assert lost(whole(forward=table("z1", "z2", "z3"), backward=text + remark)) == {}
    own = gradients("x ∂l/∂ŷ W2 D", "∂l/∂ŷ W2 D", "z2 ∂l/∂ŷ", "∂l/∂ŷ")
    assert lost(whole(forward=table("z1", "z2", "z3"), backward=own + "\nwhere D = diag(1[z1 > 0])")) == {}
    wrong = lost(whole(forward=table("z1", "z2", "z3"), backward=own + "\nwhere D = diag(ReLU(z1))"))
    assert {place: status for place, (status, _) in wrong.items()} == {W1: "failed", B1: "failed"}


RIGHT = {
    "aligned over many lines": "\\begin{align*}\n\\frac{\\partial l}{\\partial W_1}\n&= x \\, \\frac{∂l}{∂b_1} "
    "\\\\\n&= x \\, \\frac{∂l}{∂ŷ} \\,\n W_2 \\frac{∂z_2}{∂z_1} \\\\[4pt]\n\\frac{∂l}{∂b_1} &= \\frac{∂l}{∂ŷ} W_2"
    " \\frac{∂z_2}{∂z_1} \\\\[4pt]\n\\frac{∂l}{∂W_2} &= z_2 \\, \\frac{∂l}{∂ŷ} \\\\\n\\frac{∂l}{∂b_2} &= \\frac{∂l}{∂ŷ}"
    "\n\\end{align*}",
    "cases": "$$\\begin{cases} \\frac{∂l}{∂W_1} = x\\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}\\\\ \\frac{∂l}{∂b_1} ="
    " \\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}\\\\ \\frac{∂l}{∂W_2} = z_2\\frac{∂l}{∂ŷ}\\\\ \\frac{∂l}{∂b_2} ="
    " \\frac{∂l}{∂ŷ} \\end{cases}$$",
    "macros": "\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n$$\\pd{l}{W_1} = x\\pd{l}{\\hat y}W_2"
    "\\pd{z_2}{z_1}$$\n$$\\pdv{l}{b_1} = \\pdv{l}{\\hat y}W_2\\pdv{z_2}{z_1}$$\n$${\\partial l \\over \\partial W_2} = "
    "z_2{\\partial l \\over \\partial\\hat y}$$\n$$\\pd{l}{b_2} = \\pd{l}{\\hat y}$$",
    "d of a bracket": "d(l)/d(W1) = x d(l)/d(yhat) W2 d(z2)/d(z1)\nd(l)/d(b1) = d(l)/d(yhat) W2 d(z2)/d(z1)\n"
    "d(l)/d(W2) = z2 d(l)/d(yhat)\nd(l)/d(b2) = d(l)/d(yhat)",
    "columns dW and db": "| Layer | dW | db |\n|---|---|---|\n| Linear_1 | x ∂l/∂ŷ W2 ∂z2/∂z1 | ∂l/∂ŷ W2 ∂z2/∂z1 |\n"
    "| Linear_2 | z2 ∂l/∂ŷ | ∂l/∂ŷ |",
    "words in between": "The bias first: $\\frac{∂l}{∂b_2} = \\frac{∂l}{∂ŷ}$ since $\\frac{∂z_3}{∂b_2} = I$.\n\nThen "
    "$\\frac{∂l}{∂W_2} = z_2 \\frac{∂l}{∂ŷ}$, which has the shape $h \\times K$, and $\\frac{∂l}{∂b_1} = \\frac{∂l}{∂ŷ}"
    "W_2\\frac{∂z_2}{∂z_1}$ (a row vector).\n\nFinally $\\frac{∂l}{∂W_1} = x\\frac{∂l}{∂ŷ}W_2J \\in \\mathbb{R}^{n "
    "\\times h}$, where $J = \\frac{∂z_2}{∂z_1}$.",
    "two names in a sentence": "Let $\\delta_3 = \\frac{∂l}{∂ŷ}$ and $\\delta_1 = \\delta_3 W_2 \\frac{∂z_2}{∂z_1}$. "
    "Then\n\n- $\\frac{∂l}{∂W_2} = z_2\\delta_3$\n- $\\frac{∂l}{∂b_2} = \\delta_3$\n- $\\frac{∂l}{∂W_1} = x\\delta_1$\n"
    "- $\\frac{∂l}{∂b_1} = \\delta_1$",
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_gradients_in_odd_notation_keep_their_marks(name: str) -> None:
    assert lost(whole(forward=table("z_1", "z_2", "z_3"), backward=RIGHT[name])) == {}


@pytest.mark.parametrize("name", RIGHT)
def test_the_same_with_a_transpose_too_many_lose_them(name: str) -> None:
    text = RIGHT[name].replace("W_2\\", "W_2^T\\").replace("W_2 ", "W_2^T ").replace("W2 ∂", "W2^T ∂")
    text = text.replace("W_2J", "W_2^TJ").replace("W2 d", "W2^T d")
    found = lost(whole(forward=table("z_1", "z_2", "z_3"), backward=text))
    assert {W1, B1} <= set(found)
    assert {status for status, _ in found.values()} <= {"failed", "needs_human"}


def test_macros_of_one_cell_hold_in_the_next(tmp_path: Path) -> None:
    backward = r"$\D{l}{W_1} = x\D{l}{\hat y}\W\D{z_2}{z_1}$" "\n\n" r"$\D{l}{b_2} = \D{l}{\hat y}$"
    cells = [
        r"$\newcommand{\D}[2]{\frac{\partial #1}{\partial #2}}\def\W{W^{(2)}}$",
        "## 1.2.1\n" + steps_text(),
        "## 1.2.2\n" + forward_text(),
        "## 1.2.3\n" + backward,
    ]
    notebook = {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": cell} for cell in cells],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    (tmp_path / "ann.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (submission,) = discover(tmp_path)
    reports = judge_hand_in(read_hand_in(submission, Sheet.from_notebook(homework.sheet, QUESTIONS)), 0)
    found = {label.label: label.status for label in reports[2].labels}
    assert found == {"W1": Status.PASSED, "b1": Status.MISSING, "W2": Status.MISSING, "b2": Status.PASSED}


def test_layers_numbered_below_the_line() -> None:
    lines = (
        "- Linear₁: x → z₁ = {}\n- f: z₁ → z₂ = max(z₁, 0)\n- Linear₂: z₂ → z₃ = W₂z₂ + b₂\n- g: z₃ → ŷ = z₃\n"
        "- Loss: (ŷ, y) → ‖ŷ − y‖²"
    )
    assert lost(whole(forward=lines.format("W₁x + b₁"))) == {}
    assert faults(whole(forward=lines.format("xW₁ + b₁"))) == {"1.2.2 Linear1.output": "swapped-order"}


def test_the_name_of_an_output_may_stand_behind_its_value() -> None:
    right = table("z_1", "z_2", "z_3").replace("ŷ = z_3", "z_3 = ŷ")
    assert lost(whole(forward=right)) == {}
    for wrong in ("z_2 = ŷ", "ŷ = z_3 = z_2"):
        assert set(lost(whole(forward=right.replace("z_3 = ŷ", wrong)))) == {"1.2.2 g.output"}


def test_an_undefined_name_waits_while_a_line_is_unread() -> None:
    forward = table("z_1", "z_2", "z_3").replace("| z_1 = W", "| u = W")
    assert faults(whole(forward=forward))["1.2.2 f.input"] == "forbidden-symbol"
    unread = "What comes out of it is called z_1 = the first value.\n\n" + forward
    found = lost(whole(forward=unread))
    assert found["1.2.2 f.input"][0] == "needs_human"
    assert "failed" not in {status for status, _ in found.values()}


def test_a_name_waits_while_the_forward_table_is_unread() -> None:
    backward = gradients("x ∂l/∂ŷ W2 ∂z2/∂z1", "∂l/∂ŷ W2 ∂z2/∂z1", "z2 ∂l/∂ŷ", "∂l/∂ŷ")
    unread = "The first layer makes z1 of x, then f makes z2 of it, then comes z3 = what the second layer makes of z2."
    found = lost(whole(forward=unread, backward=backward))
    assert found[W2][0] == "needs_human"
    assert faults(whole(backward=backward)) == {W2: "forbidden-symbol"}


def test_names_may_be_given_in_a_line_of_plain_text() -> None:
    names = "Let h = W1 x + b1, a = max(0, h) and o = W2 a + b2.\n\n"
    forward = table("h", "a", "o").replace("h = W_1 x + b_1", "h").replace("a = ReLU(h)", "a")
    assert lost(whole(forward=names + forward.replace("o = W_2 a + b_2", "o"))) == {}
    wrong = names.replace("W1 x", "x W1") + forward.replace("o = W_2 a + b_2", "o")
    assert faults(whole(forward=wrong)) == {"1.2.2 Linear1.output": "swapped-order"}


STEPS = {
    "code by hand": "1. `for p in model.parameters(): p.grad = None`\n2. `out = model(x)`\n"
    "3. `l = ((y - out)**2).sum()`\n4. `l.backward()`\n5. `for p in model.parameters(): p.data -= lr * p.grad`",
    "commands in a sentence": "The steps are `optimizer.zero_grad()`, `yhat = model(x)`, `loss = loss_fn(yhat, y)`, "
    "`loss.backward()` and `optimizer.step()`.",
    "a step against the gradient": "First we feed the batch through the network. Then we evaluate the loss. After "
    "that we reset the gradients to zero and call backward. Finally every parameter takes a step against its gradient.",
    "a loss defined by its formula": "1. Zero the gradients\n2. Forward pass\n3. Define the loss l = ||y - ŷ||²\n"
    "4. Backward pass\n5. Update the weights",
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_steps_in_other_words(name: str) -> None:
    assert lost(whole(steps=STEPS[name])) == {}


@pytest.mark.parametrize(
    ("step", "steps"),
    [
        ("loss", "1. Zero the gradients\n2. Forward pass\n3. Define the loss function\n4. Backward pass\n5. Update W"),
        ("update", "1. Zero the gradients\n2. Forward pass\n3. Compute the loss\n4. Take a backward step"),
    ],
)
def test_what_is_no_step_earns_none(step: str, steps: str) -> None:
    assert set(lost(whole(steps=steps))) == {f"1.2.1 {step}"}


def test_the_loss_is_not_computed_where_it_is_chosen() -> None:
    text = "1. Load the data\n2. Define the model\n3. Define the loss function\n4. Train\n5. Test"
    (steps, *_) = judge_hand_in(read_text(whole(steps=text)), 0)
    assert not any(label.earned for label in steps.labels)
