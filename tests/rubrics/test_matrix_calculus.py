"""Sheet 002 from text to marks: right answers in odd notations lose nothing, wrong ones lose their own entry alone.

What is due was decided from the sheet; the formulas themselves are held against differences in tests/reference.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake.discover import discover
from grader.intake.sheet import Sheet
from grader.model import Status
from rubrics.matrix_calculus import homework, judge_hand_in
from rubrics.matrix_calculus.sections import QUESTIONS, read_hand_in, read_text
from rubrics.matrix_calculus.written import BACKWARD, FORWARD, backward_text, forward_text, steps_text, whole

EXAMPLES = Path(__file__).parents[2] / "submissions_example" / "matrix_calculus"
GRADIENTS = ("W1", "b1", "W2", "b2")


def lost(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Status and faults of every entry that is not passed, by "question label"."""
    return {
        f"{question.id} {label.label}": (label.status.value, label.faults)
        for question in judge_hand_in(read_text(text), 3)
        for label in question.labels
        if label.status is not Status.PASSED
    }


def message(text: str, question: str, label: str) -> str:
    reports = {q.id: q for q in judge_hand_in(read_text(text), 3)}
    return next(found.message for found in reports[question].labels if found.label == label)


def cell(label: str, text: str) -> str:
    return whole(forward=forward_text({**FORWARD, label: text}))


def gradient(label: str, text: str) -> str:
    return whole(backward=backward_text({**BACKWARD, label: text}))


def written(place: str, text: str) -> str:
    return gradient(place, text) if place in GRADIENTS else cell(place, text)


RIGHT = [
    ("Linear1.input", r"\(\mathbf{x}\)"),
    ("Linear1.input", "x, W1, b1"),
    ("Linear1.output", "b₁ + W₁x"),
    ("Linear1.output", r"$(x^\top W_1^\top + b_1^\top)^\top$"),
    ("Linear1.output", r"$\text{Linear}_1(x) = \boldsymbol{W^{(1)}}\boldsymbol{x}+\boldsymbol{b^{(1)}}$"),
    ("f.input", "$z_1$"),
    ("f.output", r"$\max\{0, W^{(1)}x+b^{(1)}\}$"),
    ("f.output", "f(W1 x + b1)"),
    ("f.output", "np.maximum(W1 @ x + b1, 0)"),
    ("f.output", r"$(W_1x+b_1)\odot 1[W_1x+b_1>0]$"),
    ("Linear2.input", "relu(W1x+b1)"),
    ("Linear2.output", "W₂ max(0, W₁x + b₁) + b₂"),
    ("g.output", r"$\hat{y} = W_2 f(W_1x+b_1)+b_2$"),
    ("g.output", "g(W2 ReLU(W1 x + b1) + b2)"),
    ("Loss.input", "y, ŷ"),
    ("Loss.input", r"$(\hat{\mathbf{y}}, \mathbf{y})$"),
    ("Loss.input", r"$\hat y$ and $y$"),
    ("Loss.output", "||y - yhat||^2"),
    ("Loss.output", "(y-ŷ)ᵀ(y-ŷ)"),
    ("Loss.output", r"$l = \lVert \hat{y} - y \rVert_2^2$"),
    ("Loss.output", r"\|y - ŷ\|²"),
    ("W1", "x dl/dyhat W2 dz2/dz1"),
    ("W1", r"$x \cdot \frac{\partial l}{\partial\hat y}\cdot W^{(2)}\cdot\frac{\partial "
    r"\boldsymbol{z}2}{\partial \boldsymbol{z}1}$"),
    ("W1", "x ∂l/∂ŷ W₂ diag(W₁x + b₁ > 0)"),
    ("W1", "((dz2/dz1)^T W2^T (dl/dyhat)^T x^T)^T"),
    ("W1", r"$-2x(y-W_2\max(0,W_1x+b_1)-b_2)^\top W_2\frac{\partial z_2}{\partial z_1}$"),
    ("b1", "(∂l/∂ŷ W2) ⊙ 1(W1 x + b1 > 0)^T"),
    ("b1", "∂l/∂b1 = dl_dyhat @ dyhat_dz3 @ W2 @ dz2_dz1"),
    ("b1", r"$\frac{\mathrm{d}l}{\mathrm{d}\hat y}\,W_2\,\frac{\mathrm{d}z_2}{\mathrm{d}z_1}$"),
    ("W2", r"$(W_1x+b_1)^+\frac{\partial l}{\partial\hat y}$"),
    ("W2", "ReLU(W[1] x + b[1]) (∂l)/(∂ŷ)"),
    ("W2", r"$\left(\left(\frac{\partial l}{\partial\hat y}\right)^\top \text{ReLU}(W_1x+b_1)^\top\right)^\top$"),
    ("b2", "∂l/∂ŷ"),
    ("b2", "2 (W2 ReLU(W1 x + b1) + b2 - y)^T"),
    ("b2", r"$\frac{\partial l}{\partial z_3}=\frac{\partial l}{\partial\hat y}\frac{\partial\hat y}{\partial z_3}$"),
    ("b2", "I ∂l/∂ŷ"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "text"), RIGHT)
def test_a_right_entry_keeps_its_mark(place: str, text: str) -> None:
    assert lost(written(place, text)) == {}


WRONG = [
    ("Linear1.output", "x W1 + b1", "swapped-order"),
    ("Linear1.output", "W1^T x + b1", "extra-transpose"),
    ("Linear1.output", "W1 x", "missing-bias"),
    ("Linear1.output", "W1 x - b1", None),
    ("Linear1.output", "W2 x + b1", None),
    ("Linear1.input", "W1 x", None),
    ("f.input", "x", None),
    ("f.output", "W1 x + b1", "missing-activation"),
    ("Linear2.output", "W2 (W1 x + b1) + b2", "missing-activation"),
    ("Linear2.output", "W2 ReLU(W1 x + b1)", "missing-bias"),
    ("g.output", "max(0, W2 max(0, W1 x + b1) + b2)", "activation-of-g"),
    ("Loss.input", "x, y", None),
    ("Loss.output", "‖y - ŷ‖", "not-squared"),
    ("Loss.output", "½ ‖y - ŷ‖²", "wrong-factor"),
    ("Loss.output", "‖y + ŷ‖²", None),
    ("W1", "dl/dyhat W2 dz2/dz1 x", "swapped-order"),
    ("W1", "x^T dl/dyhat W2 dz2/dz1", "extra-transpose"),
    ("W1", "x dl/dyhat W2^T dz2/dz1", "extra-transpose"),
    ("W1", "x dl/dyhat W2", "missing-activation-jacobian"),
    ("W1", "x ⊙ (dl/dyhat W2 dz2/dz1)", "elementwise-for-product"),
    ("W1", "(x dl/dyhat W2 dz2/dz1)^T", "denominator-layout"),
    ("W1", "dl/dyhat W2 dz2/dz1", None),
    ("b1", "dl/dyhat W2", "missing-activation-jacobian"),
    ("b1", "(W2 (dl/dyhat)^T)^T dz2/dz1", "missing-transpose"),
    ("b1", "(dl/dyhat W2 dz2/dz1)^T", "denominator-layout"),
    ("b1", "∂l/∂z1", "forbidden-symbol"),
    ("W2", "(W1 x + b1) dl/dyhat", "missing-activation"),
    ("W2", "z2 dl/dyhat", "forbidden-symbol"),
    ("W2", "dl/dyhat ReLU(W1 x + b1)", "swapped-order"),
    ("W2", "x dl/dyhat", None),
    ("b2", "-dl/dyhat", "wrong-sign"),
    ("b2", "½ ∂l/∂ŷ", "wrong-factor"),
    ("b2", "(y - W2 ReLU(W1 x + b1) - b2)^T", "wrong-factor"),
    ("b2", "W2 max(0, W1 x + b1) + b2", "forward-table-again"),
]


@pytest.mark.parametrize(("place", "text", "id"), WRONG)
def test_a_wrong_entry_loses_its_own_mark_and_no_other(place: str, text: str, id: str | None) -> None:
    question = "1.2.3" if place in GRADIENTS else "1.2.2"
    found = lost(written(place, text))
    assert set(found) == {f"{question} {place}"}
    status, faults = found[f"{question} {place}"]
    assert status == "failed"
    if id is not None:
        assert faults == (f"matrix_calculus.{id}",)
    said = message(written(place, text), question, place)
    assert "^" in said.splitlines()[-1] or "needs" in said


HUMAN = [
    ("Linear1.output", "see above"),
    ("Linear1.output", r"$W_1 x + b_1 \clubsuit$"),
    ("f.output", "q(W1 x + b1)"),
    ("g.output", "ŷ"),
    ("Loss.input", "ŷ"),
    ("Loss.output", "l(y, ŷ)"),
    ("W1", r"$\frac{\partial l}{\partial \hat y"),
    ("W1", "the input times the gradient"),
    ("b1", "δ W2"),
    ("W2", "x ∂l/∂ŷ ??"),
    ("b2", "(((((((∂l/∂ŷ"),
]


@pytest.mark.parametrize(("place", "text"), HUMAN)
def test_what_cannot_be_read_waits_and_costs_nothing_else(place: str, text: str) -> None:
    question = "1.2.3" if place in GRADIENTS else "1.2.2"
    assert lost(written(place, text)) == {f"{question} {place}": ("needs_human", ())}


def test_an_empty_cell_is_missing() -> None:
    assert lost(cell("f.output", "")) == {"1.2.2 f.output": ("missing", ())}
    assert lost(gradient("b1", "")) == {"1.2.3 b1": ("missing", ())}


HEADINGS = [
    ("1.2.1", "1.2.2", "1.2.3"),
    ("### 1.2.1 Training steps", "### 1.2.2 Forward table", "### 1.2.3 Backward"),
    ("# Q1", "# Q2", "# Q3"),
    ("**Question 1**", "**Question 2**", "**Question 3**"),
    ("1.2 (a)", "1.2 (b)", "1.2 (c)"),
    ("(1)", "(2)", "(3)"),
    ("## 1", "## 2", "## 3"),
    ("## Training steps", "## Forward pass", "## Backward pass"),
    ("Exercise 1.2.1.", "Exercise 1.2.2.", "Exercise 1.2.3."),
    ("1. **Name the 5 programming steps**", "2. **For a single data point**", "3. **Write down the gradient**"),
    ("", "", ""),
]


@pytest.mark.parametrize("headings", HEADINGS)
def test_answers_are_found_under_any_headings(headings: tuple[str, str, str]) -> None:
    parts = zip(headings, (steps_text(), forward_text(), backward_text()), strict=True)
    assert lost("\n\n".join(f"{heading}\n\n{part}" for heading, part in parts)) == {}


FORWARD_LAYOUTS = {
    "one line each": "Linear_1: input = x, output = W1 x + b1\nReLU: input = W1 x + b1, output = ReLU(W1 x + b1)\n"
    "Linear_2: input = ReLU(W1 x + b1), output = W2 ReLU(W1 x + b1) + b2\ng: input = W2 ReLU(W1 x + b1) + b2, "
    "output = W2 ReLU(W1 x + b1) + b2\nLoss: input = yhat, y, output = ||y - yhat||^2",
    "definitions first": "Let $h = W_1x+b_1$, $a = \\max(0,h)$ and $o = W_2 a + b_2$.\n\n| Layer | Input | Output |\n"
    "|---|---|---|\n| Linear_1 | $x$ | $h$ |\n| f | $h$ | $a$ |\n| Linear_2 | $a$ | $o$ |\n| g | $o$ | $o$ |\n"
    "| Loss | $o, y$ | $\\|y-o\\|^2$ |",
    "another numbering": "| Layer | Input | Output |\n|---|---|---|\n| Linear 1 | x | z1 = W1x + b1 |\n"
    "| ReLU | z1 | a1 = max(z1, 0) |\n| Linear 2 | a1 | z2 = W2a1 + b2 |\n| Identity | z2 | ŷ = z2 |\n"
    "| MSE loss | ŷ, y | (ŷ-y)ᵀ(ŷ-y) |",
    "one name for all": "| Layer | Input | Output |\n|---|---|---|\n| Linear 1 | x | z = W1x + b1 |\n"
    "| ReLU | z | z = max(z, 0) |\n| Linear 2 | z | z = W2 z + b2 |\n| Identity | z | ŷ = z |\n| MSE | ŷ, y | ‖ŷ-y‖² |",
    "names and formulas apart": "| Layer | Input | Output | Formula |\n|---|---|---|---|\n| Linear_1 | $x$ | $z_1$ | "
    "$W_1 x + b_1$ |\n| f | $z_1$ | $z_2$ | $ReLU(z_1)$ |\n| Linear_2 | $z_2$ | $z_3$ | $W_2 z_2 + b_2$ |\n"
    "| g | $z_3$ | $ŷ$ | $z_3$ |\n| Loss | $ŷ, y$ | $l$ | $\\|y-ŷ\\|^2$ |",
    "tabs": "Layer\tInput\tOutput\nLinear_1\tx\tW1 x + b1\nf\tW1 x + b1\tmax(0, W1 x + b1)\nLinear_2\tmax(0, W1 "
    "x + b1)\t"
    "W2 max(0, W1 x + b1) + b2\ng\tW2 max(0, W1 x + b1) + b2\tW2 max(0, W1 x + b1) + b2\nLoss\tyhat, y\t||y - yhat||^2",
    "inputs of": "Input of Linear_1: x\nOutput of Linear_1: W1 x + b1\nInput of f: W1 x + b1\nOutput of f: "
    "ReLU(W1 x + b1)\n"
    "Input of Linear_2: ReLU(W1 x + b1)\nOutput of Linear_2: W2 ReLU(W1 x + b1) + b2\nInput of g: W2 ReLU(W1 x "
    "+ b1) + b2\n"
    "Output of g: W2 ReLU(W1 x + b1) + b2\nInput of the loss: yhat, y\nOutput of the loss: ||y - yhat||^2",
}  # fmt: skip
BACKWARD_LAYOUTS = {
    "sentences": "The gradient of the loss with respect to $W^{(1)}$ is $x\\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}$.\n"
    "The gradient of the loss with respect to $b^{(1)}$ is $\\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}$.\n"
    "The gradient of the loss with respect to $W^{(2)}$ is $f(W_1x+b_1)\\frac{∂l}{∂ŷ}$.\n"
    "The gradient of the loss with respect to $b^{(2)}$ is $\\frac{∂l}{∂ŷ}$.",
    "two in a cell": "| Layer | Gradients |\n|---|---|\n| Linear_2 | ∂l/∂W2 = f(W1x+b1) ∂l/∂ŷ, ∂l/∂b2 = ∂l/∂ŷ |\n"
    "| Linear_1 | ∂l/∂W1 = x ∂l/∂ŷ W2 ∂z2/∂z1<br>∂l/∂b1 = ∂l/∂ŷ W2 ∂z2/∂z1 |",
    "parameters across": "| | W1 | b1 | W2 | b2 |\n|---|---|---|---|---|\n| Gradient | x ∂l/∂ŷ W2 ∂z2/∂z1 | "
    "∂l/∂ŷ W2 ∂z2/∂z1 | f(W1x+b1) ∂l/∂ŷ | ∂l/∂ŷ |",
    "layer by layer": "**Linear_2**\n- $W$: $f(W_1x+b_1)\\frac{∂l}{∂ŷ}$\n- $b$: $\\frac{∂l}{∂ŷ}$\n\n**Linear_1**\n"
    "- $W$: $x\\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}$\n- $b$: $\\frac{∂l}{∂ŷ}W_2\\frac{∂z_2}{∂z_1}$",
    "through inner gradients": "∂l/∂z3 = ∂l/∂ŷ ∂ŷ/∂z3\n∂l/∂z2 = ∂l/∂z3 W2\n∂l/∂z1 = ∂l/∂z2 ∂z2/∂z1\n"
    "∂l/∂W2 = f(W1x+b1) ∂l/∂z3\n∂l/∂b2 = ∂l/∂z3\n∂l/∂W1 = x ∂l/∂z1\n∂l/∂b1 = ∂l/∂z1",
    "inner gradients in rows": "| Quantity | Gradient |\n|---|---|\n| $z_3$ | ∂l/∂ŷ ∂ŷ/∂z3 |\n| ∂l/∂z2 | ∂l/∂z3 W2 |\n"
    "| ∂l/∂z1 | ∂l/∂z2 ∂z2/∂z1 |\n| W2 | f(W1x+b1) ∂l/∂z3 |\n| b2 | ∂l/∂z3 |\n| W1| x ∂l/∂z1 |\n| b1 | ∂l/∂z1 |",
    "defined below": "dl/dW1 = x δ1, dl/db1 = δ1\ndl/dW2 = a1 δ2, dl/db2 = δ2\nwhere δ2 = dl/dyhat dyhat/dz3, "
    "δ1 = δ2 W2 dz2/dz1 and a1 = relu(W1 x + b1)",
}  # fmt: skip


@pytest.mark.parametrize("name", FORWARD_LAYOUTS)
def test_a_forward_table_may_have_any_layout(name: str) -> None:
    assert lost(whole(forward=FORWARD_LAYOUTS[name])) == {}


@pytest.mark.parametrize("name", BACKWARD_LAYOUTS)
def test_gradients_may_have_any_layout(name: str) -> None:
    assert lost(whole(backward=BACKWARD_LAYOUTS[name])) == {}


def test_a_name_means_what_belongs_there_even_when_its_row_is_wrong() -> None:
    table = whole(forward="| Layer | Input | Output |\n|---|---|---|\n| Linear_1 | x | z_1 = x W_1 + b_1 |\n"
                  "| f | z_1 | z_2 = z_1 |\n| Linear_2 | z_2 | z_3 = W_2 z_2 + b_2 |\n| g | z_3 | ŷ = z_3 |\n"
                  "| Loss | ŷ, y | ‖y - ŷ‖² |", backward=backward_text({**BACKWARD, "W2": "z_2 ∂l/∂ŷ"}))  # fmt: skip
    assert set(lost(table)) == {"1.2.2 Linear1.output", "1.2.2 f.output"}


def test_an_inner_gradient_of_the_students_own_is_followed() -> None:
    backward = "∂l/∂z1 = ∂l/∂ŷ W2\n∂l/∂W1 = x ∂l/∂z1\n∂l/∂b1 = ∂l/∂z1\n∂l/∂W2 = f(W1 x + b1) ∂l/∂ŷ\n∂l/∂b2 = ∂l/∂ŷ"
    assert set(lost(whole(backward=backward))) == {"1.2.3 W1", "1.2.3 b1"}  # the Jacobian is missing from both


def test_a_forbidden_symbol_stays_forbidden_under_another_name() -> None:
    backward = (
        "Let $\\delta = \\frac{∂l}{∂z_1}$.\n\n∂l/∂W1 = x δ\n∂l/∂b1 = δ\n∂l/∂W2 = f(W1 x + b1) ∂l/∂ŷ\n∂l/∂b2 = ∂l/∂ŷ"
    )
    fault = ("failed", ("matrix_calculus.forbidden-symbol",))
    assert lost(whole(backward=backward)) == {"1.2.3 W1": fault, "1.2.3 b1": fault}


def test_names_alone_answer_nothing() -> None:
    table = "| Layer | Input | Output |\n|---|---|---|\n| Linear_1 | x | z_1 |\n| f | z_1 | z_2 |\n"
    table += "| Linear_2 | z_2 | z_3 |\n| g | z_3 | g(z_3) |\n| Loss | ŷ, y | ‖y - ŷ‖² |"
    found = lost(whole(forward=table))
    assert all(found[f"1.2.2 {label}"][0] == "failed" for label in ("Linear1.output", "f.output", "Linear2.output"))


def test_names_that_define_each_other_define_nothing() -> None:
    table = (
        "| Layer | Input | Output |\n|---|---|---|\n| Linear_1 | x | z_1 = W1 x + b1 |\n| f | z_1 | z_2 = ReLU(z_1) |\n"
    )
    table += "| Linear_2 | z_2 | z_3 = ŷ |\n| g | z_3 | ŷ = z_3 |\n| Loss | ŷ, y | ‖y - ŷ‖² |"
    assert set(lost(whole(forward=table))) == {"1.2.2 Linear2.output"}


@pytest.mark.parametrize("trick", ["∂l/∂W1 = ∂l/∂W1", "z = z", "W1 = x", "0", "∂l/∂W1", "1", "x"])
def test_no_trick_earns_a_gradient(trick: str) -> None:
    assert "1.2.3 W1" in lost(gradient("W1", trick))


def test_the_forward_table_again_gets_nothing_and_is_named() -> None:
    found = lost(whole(backward=forward_text()))
    assert found == {f"1.2.3 {name}": ("failed", ("matrix_calculus.forward-table-again",)) for name in GRADIENTS}
    assert "forward table again" in message(whole(backward=forward_text()), "1.2.3", "W1")


def test_a_forward_table_beside_gradients_is_no_copy() -> None:
    assert lost(whole(backward=forward_text() + "\n\n" + backward_text())) == {}


STEPS_RIGHT = [
    "optimizer.zero_grad()\ny_hat = model(x)\nloss = criterion(y_hat, y)\nloss.backward()\noptimizer.step()",
    "1. Forward pass\n2. Compute the loss\n3. Zero the gradients\n4. Backward pass\n5. Update the weights using "
    "the gradients",
    "First we set the gradients to zero, then we feed x forward through the network, then compute the loss, then call "
    "loss.backward() to get gradients and finally take a step with the optimizer.",
    "1. 梯度清零\n2. 前向传播，得到 ŷ\n3. 计算损失\n4. 反向传播计算梯度\n5. 更新参数",
    "1. Обнулить градиенты\n2. Прямой проход\n3. Вычислить функцию потерь\n4. Обратный проход\n5. Обновить веса",
    "1. Gradienten auf null setzen\n2. Vorwärtspropagation\n3. Verlust berechnen\n4. Rückwärtspropagation\n5. "
    "Gewichte aktualisieren",
    "| Step | What |\n|---|---|\n|1|zero_grad|\n|2|forward|\n|3|loss|\n|4|backward|\n|5|step|",
    "1. $\\hat y = W_2 f(W_1x+b_1)+b_2$\n2. $l=\\|y-\\hat y\\|^2$\n3. $\\frac{\\partial l}{\\partial W_i} = 0$\n"
    "4. $\\frac{\\partial l}{\\partial W_i}$ by the chain rule\n5. $W_i \\leftarrow W_i - \\eta "
    "\\frac{\\partial l}{\\partial W_i}$",
]  # fmt: skip


@pytest.mark.parametrize("steps", STEPS_RIGHT)
def test_five_steps_in_any_words(steps: str) -> None:
    assert lost(whole(steps=steps)) == {}


STEPS_WRONG = [
    ("zero_gradients", "step-left-out", "1. Forward pass\n2. Compute the loss\n3. Backward pass\n4. Update the "
    "weights"),
    ("update", "update-before-backward",
     "1. Zero the gradients\n2. Forward pass\n3. Compute the loss\n4. Update the weights\n5. Backward pass"),
    ("zero_gradients", "zeroed-after-backward",
     "1. Forward pass\n2. Compute the loss\n3. Backward pass\n4. Zero the gradients\n5. Update the weights"),
    ("loss", "loss-before-forward",
     "1. Zero the gradients\n2. Compute the loss\n3. Forward pass\n4. Backward pass\n5. Update the weights"),
    ("update", "update-ascends",
     "1. Zero the gradients\n2. Forward pass\n3. Compute the loss\n4. Backward pass\n"
     "5. Update: $W \\leftarrow W + \\gamma \\frac{\\partial l}{\\partial W}$"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "id", "steps"), STEPS_WRONG)
def test_a_step_left_out_or_out_of_place(step: str, id: str, steps: str) -> None:
    assert lost(whole(steps=steps)) == {f"1.2.1 {step}": ("failed", (f"matrix_calculus.{id}",))}


@pytest.mark.parametrize(
    "steps",
    [
        "1. load the data\n2. define the model\n3. train\n4. test\n5. plot",
        "We do what the lecture says.",
        "1. Forward\n2. Loss\n3. Backward\n4. Step\n5. Zero the gradients for the next batch",
        "1. aaa\n2. bbb\n3. ccc\n4. ddd\n5. eee",
    ],
)
def test_uncertain_steps_wait(steps: str) -> None:
    found = lost(whole(steps=steps))
    assert found
    assert {status for status, _ in found.values()} == {"needs_human"}


# -- hand-ins


def example_sheet() -> Sheet:
    return Sheet.from_notebook(homework.sheet, QUESTIONS)


def test_the_blank_sheet_is_missing_throughout(tmp_path: Path) -> None:
    (tmp_path / "ann.ipynb").write_bytes(homework.sheet.read_bytes())
    (submission,) = discover(tmp_path)
    reports = judge_hand_in(read_hand_in(submission, example_sheet()), 0)
    assert {label.status for report in reports for label in report.labels} == {Status.MISSING}


def test_the_blank_sheet_holds_no_answer() -> None:
    text = homework.sheet.read_text(encoding="utf-8")
    assert "programming steps" in text
    assert "Step 1" not in text
    assert "| :---" not in text


def test_a_photograph_waits(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "page.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (submission,) = discover(tmp_path)
    reports = judge_hand_in(read_hand_in(submission, example_sheet()), 0)
    assert {label.status for report in reports for label in report.labels} == {Status.NEEDS_HUMAN}


@pytest.mark.parametrize("student", sorted(path.name.split(".")[0] for path in EXAMPLES.glob("*.expected.json")))
def test_every_example_gets_what_is_due(student: str) -> None:
    due = json.loads((EXAMPLES / f"{student}.expected.json").read_text(encoding="utf-8"))
    (submission,) = (found for found in discover(EXAMPLES) if found.student.id == student)
    reports = {report.id: report for report in judge_hand_in(read_hand_in(submission, example_sheet()), 11)}
    for question, wanted in due["questions"].items():
        got = {label.label: label for label in reports[question].labels}
        for name, mark in wanted["labels"].items():
            came = (got[name].status.value, got[name].earned, list(got[name].faults))
            assert came == (mark["status"], mark["earned"], mark["faults"]), (question, name, got[name].message)
    assert sum(report.earned for report in reports.values()) == due["score"]
    assert sum(report.pending for report in reports.values()) == due["pending"]


def test_the_rubric_claims_much() -> None:
    """Each claim is a test of its own under `rubrics/`; here it is seen that none has been lost."""
    assert homework.claims is not None
    names = [claim.name for claim in homework.claims()]
    assert sum(name.startswith("variant ") for name in names) >= 10
    assert sum(" reference " not in f" {name}" and not name.startswith("variant ") for name in names) >= 30


# -- nothing ends in a traceback

PIECES = [
    "## 1.2.1",
    "## 1.2.2\n",
    "## 1.2.3\n",
    "| Layer | Input | Output |",
    "|---|---|---|",
    "| Linear_1 | x |",
    "|",
    "||",
    "$",
    "$$",
    r"\begin{align}",
    r"\end{align}",
    r"\begin{tabular}{cc}",
    r"\end{tabular}",
    r"\\",
    "&",
    "\n",
    "\n\n",
    "f:",
    "g ",
    "Loss",
    "input:",
    "output",
    "→",
    "∂l/∂W1 =",
    r"\frac{\partial l}{\partial b_1}",
    "z_1",
    "= ",
    "W1 x + b1",
    "(",
    ")",
    "{",
    "}",
    ",",
    "where ",
    "z1 = z1",
    "δ = ",
    "dl/dyhat",
    "1. zero the gradients",
    "2. ",
    "```",
    "<table><tr><td>",
    "é",
    "\\",
    "^T",
    "²",
    "**",
    "![](a.png)",
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    start = time.process_time()
    reports = judge_hand_in(read_text(text), 0)
    assert [len(report.labels) for report in reports] == [5, 10, 4]
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would


@pytest.mark.parametrize("piece", PIECES)
def test_endless_repetition(piece: str) -> None:
    judge_hand_in(read_text("## 1.2.2\n" + piece * 150), 0)
    judge_hand_in(read_text("## 1.2.3\n" + (piece + "\n") * 150), 0)
