"""How students name the results of question Q2 of sheet 004: Y, dX, and W and b after the step.

Names are compared in the one form of `grader.intake.labels`, where ∂L/∂X, grad_X and "gradient w.r.t. X" are all dX.
"""

from __future__ import annotations

from typing import Final

from grader.intake.labels import LabelWords
from reference_solutions.layers import Array


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(";") if name.strip())


_FORWARD: Final = _listed(
    "forward; forward propagation; forward pass; forwards; fwd; forward prop; forwardpropagation; feedforward; output;"
    "outputs; prediction; 前向; 正向; adelante"
)
_BACKWARD: Final = _listed(
    "backward; backward propagation; backward pass; backwards; bwd; back propagation; backpropagation; backprop;"
    "back prop; backwards propagation; backwards pass"
)
_UPDATE: Final = _listed(
    "updated parameters; updated; update; updates; parameter update; parameters; new parameters; updating; parameter;"
    "after update; after updating; update step; gradient descent; 更新; 参数; actualización"
)
_FRESH: Final = _listed(
    "updated; update; new; after; becomes; final; next; updating; learned; optimized; 更新; neu; nuevo; nuevos"
)
_STALE: Final = _listed("gradient; gradients; initial; given; original; old; before; known; 题目; 梯度; 初始")
_AFTER_THE_STEP: Final = _listed(
    "#_new; #_updated; #_update; #_upd; #_next; #_after; #_1; #_2; #_tplus1; #_nplus1; #_kplus1; #_iplus1; #_final;"
    "#_star; #'; #new; #updated; new_#; updated_#; update_#; new #"
)
_BEFORE_THE_STEP: Final = _listed(
    "#_old; #_0; #_t; #_prev; #_initial; #_init; #_orig; old_#; old #; initial #; given #;"
    "original #; delta#; delta #; Δ#"
)


def _after(symbol: str) -> tuple[str, ...]:
    """The ways to write a parameter after the step: W_new, W', W^{(1)}, new_W, …"""
    return tuple(name.replace("#", symbol) for name in _AFTER_THE_STEP)


def _before(symbol: str) -> tuple[str, ...]:
    """The ways to write a parameter before the step: W_old, W_0, …"""
    return tuple(name.replace("#", symbol) for name in _BEFORE_THE_STEP)


def words(W: Array, b: Array) -> dict[str, LabelWords]:
    """The words for each of the four results; `W` and `b` are the values that the question gives."""
    return {
        "Y": LabelWords(
            names=_listed(
                "Y; f(X); f(X, W); XW+b; X W; X@W; X*W; XW; WX+b; XW+0; forward_res; Y_hat; Z; forward(X);"
                "forward output; forward result; output Y; y_pred; 输出; 前向输出"
            ),
            headings=_FORWARD,
            never=_listed("dY; doutput; doutputs; dforward; df; dZ; dL; upstream"),
        ),
        "dX": LabelWords(
            names=_listed(
                "dX; d_x; d_input; dinput; dinputs; dY W^T; dY@W^T; dY W.T; dY.dot(W.T); dx_input; L_X; dout W^T;"
                "df W^T; doutput W^T; backward_res; backward output; backward result; passed back; passed backward;"
                "previous layer; returned gradient; gradient returned; downstream gradient; new output_gradient;"
                "输入的梯度; 输入梯度; gradient nach X; gradient par rapport à X"
            ),
            headings=(
                *_BACKWARD,
                *(f"output of {of}{name}" for of in ("", "the ") for name in _BACKWARD),
                *(f"{name} output" for name in _BACKWARD),
                *_listed("反向; 后向; atrás"),
            ),
            never=_listed("dW; db; dY; dweight; dweights; dbias; X^T dY; X^T"),
        ),
        "W": LabelWords(
            names=(
                *_listed("W; weight; weights; weight matrix; updated weight matrix; W - …; 权重; peso; pesos"),
                *_after("W"),
                *_after("weight"),
                *_after("weights"),
            ),
            headings=_UPDATE,
            never=(
                *_listed(
                    "dW; dweight; dweights; ddw; dparameters; W^T; X^T dY; X.T dY; X^T @ dY; lr dW; lr * dW;"
                    "weight gradient; initial weights"
                ),
                *_before("W"),
                *_STALE,
            ),
            given=W,
            fresh=(*_FRESH, *_after("W")),
        ),
        "b": LabelWords(
            names=(
                *_listed("b; bias; biases; bias vector; b - …; 0 - …; 偏置; sesgo"),
                *_after("b"),
                *_after("bias"),
                *_after("biases"),
            ),
            headings=_UPDATE,
            never=(
                *_listed(
                    "db; dbias; dbiases; ddb; sum dY; np.sum(dY); lr db; lr * db; 1^T dY; bias gradient; initial bias"
                ),
                *_before("b"),
                *_STALE,
            ),
            given=b,
            fresh=(*_FRESH, *_after("b")),
        ),
    }
