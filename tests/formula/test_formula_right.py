"""Right answers to sheet 002 in many notations, and the sheet's backward table against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from grader.formula import Problem, evaluate, parse

W1 = [
    "x dl/dyhat dyhat/dz3 W2 dz2/dz1",
    "x (dl/dyhat) (dyhat/dz3) W2 (dz2/dz1)",
    "x @ dl_dyhat @ dyhat_dz3 @ W2 @ dz2_dz1",
    "x.dot(dl/dyhat).dot(W2).dot(dz2/dz1)",
    "np.dot(x, dl_dyhat) @ W2 @ dz2_dz1",
    "x * dl/dŷ * dŷ/dz₃ * W₂ * dz₂/dz₁",
    "x ∂l/∂ŷ ∂ŷ/∂z3 W^{[2]} ∂z2/∂z1",
    "x · ∂l/∂ŷ · W⁽²⁾ · ∂z₂/∂z₁",
    "𝐱 ∂l/∂𝐲̂ ∂𝐲̂/∂𝐳₃ 𝐖₂ ∂𝐳₂/∂𝐳₁",
    "**x** dl/d**yhat** **W2** d**z2**/d**z1**",
    "(dz2dz1 W2T dldyhat^T x.T).T",
    "x × ∂L/∂y_hat × W_2 × ∂z_2/∂z_1",
    "x (∂l/∂ŷ W_2 ⊙ 1(W1 x + b1 > 0)^T)",
    "2*x*(W2*max(0,W1*x+b1)+b2-y)^T*W2*diag(f'(W1x+b1))",
    "-2 x (y - W2 ReLU(W1 x + b1) - b2)ᵀ W2 ∂z2/∂z1",
    "dW1 = x dl/dyhat W2 dz2/dz1",
    "Gradient: x dl/dyhat W2 dz2/dz1",
    "x dl/dyhat dyhat/dz3 W<sub>2</sub> dz2/dz1",
    "transpose(transpose(dl/dyhat W2 dz2/dz1) transpose(x))",
    "x I (dl/dyhat) W2 dz2/dz1 I",
    r"\boldsymbol{x}\frac{\partial l}{\partial\boldsymbol{\hat{y}}}\frac{\partial\boldsymbol{\hat{y}}}"
    r"{\partial\boldsymbol{z}_3}\boldsymbol{W^{(2)}}\frac{\partial\boldsymbol{z}_2}{\partial\boldsymbol{z}_1}",
    r"$$\mathbf x \, \frac{∂l}{∂\boldsymbol{\hat{y}}} \frac{∂\boldsymbol{\hat{y}}}{∂\boldsymbol{z}_3} "
    r"\mathbf{W}^{(2)} \frac{∂\boldsymbol{z}2}{∂\boldsymbol{z}1}$$",
    r"\frac{\partial l}{\partial W^{(1)}} = \bm{x} \cdot \dfrac{\partial l}{\partial \hat{\bm y}} \cdot \bm W_2 "
    r"\cdot \dfrac{\partial \bm z_2}{\partial \bm z_1}",
    r"\left(\left(\frac{\partial z_2}{\partial z_1}\right)^\top {W^{(2)}}^T \left(\frac{\partial l}{\partial \hat y}"
    r"\right)^{\mathsf T} x^{T}\right)^{\intercal}",
    r"\begin{align} \frac{\partial l}{\partial W_1} &= x \frac{\partial l}{\partial z_1} \\ &= x \frac{\partial l}"
    r"{\partial \hat y} \frac{\partial \hat y}{\partial z_3} W_2 \frac{\partial z_2}{\partial z_1}. \end{align}",
    r"x \frac{dl}{d\hat{\bf y}} \frac{\mathrm{d}\hat y}{\mathrm{d} z_3} {\bf W}_2 \frac{dz_2}{dz_1}",
    r"x \cdot \frac{\partial \mathcal{L}}{\partial \vec{\hat{y}}} \cdot W^{(2)} \cdot \frac{\partial \vec{z_2}}"
    r"{\partial \vec{z_1}}",
    r"\pmb{x}\,\partial l_{MSE}/\partial\hat{\pmb{y}}\;\pmb{W}^2\quad\partial \pmb z_2/\partial \pmb z_1",
    r"x \frac{\partial \ell(y, \hat y)}{\partial \hat y} W^{2} \operatorname{diag}"
    r"\left(\mathbb{1}[W_1 x + b_1 > 0]\right)",
    r"-2\mathbf{x}(\mathbf{y}-\mathbf{W}_2 (\mathbf{W}_1\mathbf{x}+\mathbf{b}_1)^+ -\mathbf{b}_2)^\top W_2 "
    r"\mathrm{diag}(1_{W_1 x + b_1>0})",
    r"\displaystyle\Bigl[ W^{(2)T} \big(\frac{\partial l}{\partial \hat{y}}\big)^T \odot f'(W^{(1)}x+b^{(1)}) "
    r"\Bigr] x^T \Rightarrow x \frac{\partial l}{\partial \hat y} W^{(2)} \frac{\partial z_2}{\partial z_1}",
    r"{\left( \frac{\partial z_2}{\partial z_1}^T W_2^{\mathrm T} "
    r"\frac{\partial l}{\partial \hat y}^T x^\prime \right)}'",
    r"x \left\{ \frac{\partial l}{\partial \hat y} W^{(2)} \right\} \frac{\partial z_2}{\partial z_1}",
    r"\frac{2}{2} x \frac{\partial l}{\partial \hat y} W^{(2)} \frac{\partial z_2}{\partial z_1}",
]
B1 = [
    "dl/dyhat W2 dz2/dz1",
    r"\frac{\partial l}{\partial \boldsymbol{b^{(1)}}} = \frac{\partial l}{\partial \hat{y}} \boldsymbol{W^{(2)}}"
    r" \frac{\partial z_2}{\partial z_1}",
    "(W2^T dldyhat^T)^T dz2dz1",
    "(W₂ᵀ (∂l/∂ŷ)ᵀ ∘ f'(W₁x + b₁))ᵀ",
    r"\left(W^{(2)\top} \frac{\partial l}{\partial \hat y}^\top \odot \text{ReLU}'(W^{(1)} x + b^{(1)})\right)^\top",
]
W2 = [
    "ReLU(W1 x + b1) dl/dyhat dyhat/dz3",
    r"\text{ReLU}(\boldsymbol{W^{(1)}}\boldsymbol{x} + \boldsymbol{b^{(1)}}) \frac{\partial l}{\partial \hat{y}}",
    r"\operatorname{ReLU}\left(W_1x+b_1\right)\frac{\partial l}{\partial \hat y}\frac{\partial \hat y}{\partial z_3}",
    r"\max(0, W_1 x + b_1) \frac{\partial l}{\partial \hat y}",
    r"\max\{0, W^1 x + b^1\} \frac{\partial l}{\partial \hat y}",
    "relu(W1@x+b1) @ dl_dyhat",
    "np.maximum(0, W1 @ x + b1) @ dl_dyhat",
    "f(W1x+b1) ∂l/∂ŷ",
    "ReLU(W[1] x + b[1]) (∂l)/(∂ŷ)",
    "((dl/dyhat)^T ReLU(x^T W1^T + b1^T))^T",
    r"(x^T W_1^T + b_1^T)^{+\top} \dfrac{\partial l}{\partial \hat y}",
]
B2 = [
    "dl/dyhat dyhat/dz3",
    "∂l/∂ŷ",
    "2(W2 ReLU(W1 x + b1) + b2 - y)^T",
    r"\frac{\partial l}{\partial b_2} = \frac{\partial l}{\partial \hat y}\frac{\partial \hat y}{\partial z_3}"
    r"\frac{\partial z_3}{\partial b_2} = \frac{\partial l}{\partial \hat y}\frac{\partial \hat y}{\partial z_3}",
]
Z1 = [r"\boldsymbol{z}_1 = \boldsymbol{W^{(1)}}\boldsymbol{x} + \boldsymbol{b^{(1)}}", "W1x+b1", "b_1 + W_1 x",
      "(x'W1' + b1')'"]  # fmt: skip
Z2 = [r"\boldsymbol{z}_2 = \text{ReLU}(\boldsymbol{W}^{(1)}\boldsymbol{x} + \boldsymbol{b}^{(1)})", "f(W1 x + b1)",
      "max(W1 x + b1, 0)", "ReLU[W_1 x + b_1]", "(W1x+b1) ⊙ 1[W1x+b1 > 0]"]  # fmt: skip
LOSS = [r"\Vert \boldsymbol{y} - \boldsymbol{\hat{y}} \Vert^2", "||y - yhat||^2", "‖y-ŷ‖²", r"\|\hat y - y\|_2^2",
        "(y-ŷ)^T(y-ŷ)", r"\lVert y-\hat{y} \rVert_{2}^{2}", r"\vert\vert y-\hat y\vert\vert^2_2",
        r"(\hat{\mathbf y}-\mathbf y)\cdot(\hat{\mathbf y}-\mathbf y)",
        "y^T y - 2 y^T ŷ + ŷ^T ŷ", "|y - ŷ|^2", "norm(y-yhat)**2"]  # fmt: skip

TABLE = [
    (entry, text)
    for entry, texts in (("W1", W1), ("b1", B1), ("W2", W2), ("b2", B2), ("z1", Z1), ("z2", Z2), ("loss", LOSS))
    for text in texts
]


@pytest.mark.parametrize(("entry", "text"), TABLE)
def test_a_right_formula_is_right_in_every_notation(judges, entry, text):
    verdict = judges[entry].judge(text)
    assert verdict.status == "right", verdict.message


def test_the_table_has_enough_notations_of_the_backward_table():
    assert len(W1 + B1 + W2 + B2) >= 40


@pytest.mark.parametrize(("entry", "text"), [(e, t) for e, t in TABLE if e in ("W1", "b1", "W2", "b2")][::6])
def test_the_same_formula_answers_no_other_entry(judges, entry, text):
    others = [other for other in ("W1", "b1", "W2", "b2", "z1", "z2", "loss") if other != entry]
    assert all(judges[other].judge(text).status != "right" for other in others)


def loss(v) -> float:
    hidden = np.maximum(v["W1"] @ v["x"] + v["b1"], 0.0)
    return float(np.sum((v["y"] - v["W2"] @ hidden - v["b2"]) ** 2))


@pytest.mark.parametrize(
    ("parameter", "texts"), [("W1", W1), ("b1", B1), ("W2", W2), ("b2", B2)], ids=["W1", "b1", "W2", "b2"]
)
def test_the_backward_table_is_the_transpose_of_the_finite_differences(net, parameter, texts):
    """In numerator layout ∂l/∂W has the shape of W^T."""
    trial = net.draw(np.random.default_rng(3))
    values = {name: np.array(value, dtype=float) for name, value in trial.values.items()}
    slope, step = np.zeros_like(values[parameter]), 1e-6
    for place in np.ndindex(*slope.shape):
        ends = []
        for sign in (1, -1):
            moved = {**values, parameter: values[parameter].copy()}
            moved[parameter][place] += sign * step
            ends.append(loss(moved))
        slope[place] = (ends[0] - ends[1]) / (2 * step)
    got = evaluate(parse(texts[0], net), trial.values)
    assert not isinstance(got, Problem)
    np.testing.assert_allclose(got, slope.T, rtol=1e-5, atol=1e-5)
