"""Negative control: every oracle must reject wrong layers, on the labels that are wrong and no others."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reference_solutions import oracles
from reference_solutions.layers import (
    Array,
    Conv1d,
    CrossEntropyLoss,
    L2Linear,
    Linear,
    Module,
    MSELoss,
    ReLU,
    Sigmoid,
)
from reference_solutions.oracles import Mismatch, compare, observe, observe_loss

LR = 0.7
RNG = np.random.default_rng(11)
# Square, so that a forgotten transpose gives numbers and not an exception.
X, W, b, dY = (RNG.standard_normal(shape) for shape in ((3, 3), (3, 3), (1, 3), (3, 3)))  # noqa: N816
SIGNAL, KERNEL, BIAS, DSIGNAL = (RNG.standard_normal(shape) for shape in ((2, 6), (1, 3), (1, 1), (2, 8)))
LOGITS, LABELS = 2 * RNG.standard_normal((4, 3)), np.eye(3)[[0, 2, 1, 2]]


def labels(mismatches: tuple[Mismatch, ...]) -> set[str]:
    return {mismatch.label for mismatch in mismatches}


# -- wrong Linear layers, each with the labels that it gets wrong


class NoBias(Linear):
    def forward(self, X: Array) -> Array:
        return X @ self.W


class WithoutTransposeOfW(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        return dY @ self.W, dW, db


class WithoutTransposeOfX(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, _, db = super().gradients(X, dY)
        return dX, X @ dY, db


class UnsummedBias(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, _ = super().gradients(X, dY)
        return dX, dW, dY


class AveragedBias(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, _ = super().gradients(X, dY)
        return dX, dW, dY.mean(axis=0, keepdims=True)


class BiasSummedAlongTheWrongAxis(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, _ = super().gradients(X, dY)
        return dX, dW, dY.sum(axis=1, keepdims=True).T


class AveragedGradients(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX, dW / len(X), db / len(X)


class UpdateBeforeDX(Linear):
    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        _, dW, db = self.gradients(X, dY)
        self.update(dW, db, lr)
        return dY @ self.W.T


class Ascent(Linear):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(-dW, -db, lr)


class FixedLearningRate(Linear):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 0.05)


class IgnoresUpstream(Linear):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        return super().gradients(X, np.ones_like(dY))


WRONG_LINEAR: list[tuple[type[Linear], set[str]]] = [
    (NoBias, {"Y"}),
    (WithoutTransposeOfW, {"dX"}),
    (WithoutTransposeOfX, {"W"}),
    (UnsummedBias, {"b"}),
    (AveragedBias, {"b"}),
    (BiasSummedAlongTheWrongAxis, {"b"}),
    (AveragedGradients, {"W", "b"}),
    (UpdateBeforeDX, {"dX"}),
    (Ascent, {"W", "b"}),
    (FixedLearningRate, {"W", "b"}),
    (IgnoresUpstream, {"dX", "W", "b"}),
]


def linear(kind: type[Linear]) -> Linear:
    layer = kind(3, 3)
    layer.W, layer.b = W, b
    return layer


@pytest.mark.parametrize(("kind", "wrong"), WRONG_LINEAR)
def test_loops_reject_a_wrong_linear(kind: type[Linear], wrong: set[str]) -> None:
    want = oracles.linear_by_hand(X.tolist(), W.tolist(), b.tolist(), dY.tolist(), LR)
    assert labels(compare(observe(linear(kind), X, dY, LR), want)) == wrong


@pytest.mark.parametrize(("kind", "wrong"), [pair for pair in WRONG_LINEAR if pair[0] is not NoBias])
def test_differences_reject_a_wrong_linear(kind: type[Linear], wrong: set[str]) -> None:
    want = oracles.layer_by_differences(linear(kind), X, dY, LR)
    assert labels(compare(observe(linear(kind), X, dY, LR), want, rtol=1e-6)) == wrong


def test_differences_see_a_backward_that_does_not_fit_its_forward() -> None:
    """They trust the forward pass: without the bias there, it is the bias's step that is wrong."""
    want = oracles.layer_by_differences(linear(NoBias), X, dY, LR)
    assert labels(compare(observe(linear(NoBias), X, dY, LR), want, rtol=1e-6)) == {"b"}


@pytest.mark.parametrize(("kind", "wrong"), WRONG_LINEAR)
def test_pytorch_rejects_a_wrong_linear(kind: type[Linear], wrong: set[str]) -> None:
    pytest.importorskip("torch")
    assert labels(compare(observe(linear(kind), X, dY, LR), oracles.linear_by_torch(X, W, b, dY, LR))) == wrong


@pytest.mark.parametrize(("kind", "wrong"), WRONG_LINEAR)
def test_the_vector_jacobian_identity_rejects_exactly_a_wrong_dx(kind: type[Linear], wrong: set[str]) -> None:
    mismatch = oracles.vjp_mismatch(
        linear(kind).forward,
        lambda w: np.asarray(observe(linear(kind), X, w, LR)["dX"]),
        X,
        np.random.default_rng(0),
    )
    assert (mismatch is not None) == ("dX" in wrong)


def test_the_vector_jacobian_identity_rejects_a_gradient_of_another_shape() -> None:
    mismatch = oracles.vjp_mismatch(lambda x: x, lambda w: w.sum(axis=0), X, np.random.default_rng(0))
    assert mismatch is not None
    assert (mismatch.kind, mismatch.got, mismatch.want) == ("shape", (3,), (3, 3))


def test_exact_fractions_reject_an_error_of_one_unit_in_the_last_place() -> None:
    one = [[Fraction(1)]]
    want = oracles.linear_by_hand(one, one, one, one, Fraction(1, 4))
    got = {label: np.array(value, dtype=float) for label, value in want.items()}
    assert not compare(got, want, rtol=0)
    got["W"] = np.nextafter(got["W"], 2)
    assert labels(compare(got, want, rtol=0)) == {"W"}


# -- wrong activations


class LeakyReLU(ReLU):
    def forward(self, X: Array) -> Array:
        return np.maximum(X, 0.01 * X)


class ReLUMaskedByTheGradient(ReLU):
    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (dY > 0)


class ReLUTimesOutput(ReLU):
    def backward(self, X: Array, dY: Array) -> Array:
        return dY * self.forward(X)


class ReLUIgnoresUpstream(ReLU):
    def backward(self, X: Array, dY: Array) -> Array:
        return (X > 0).astype(float)


class ReLUWithDerivativeOneAtZero(ReLU):
    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (X >= 0)


class SigmoidOfTheOutput(Sigmoid):
    def backward(self, X: Array, dY: Array) -> Array:
        return super().backward(self.forward(X), dY)


WRONG_RELU = [
    (LeakyReLU, {"Y"}),
    (ReLUMaskedByTheGradient, {"dX"}),
    (ReLUTimesOutput, {"dX"}),
    (ReLUIgnoresUpstream, {"dX"}),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG_RELU)
def test_loops_reject_a_wrong_relu(kind: type[Module], wrong: set[str]) -> None:
    assert labels(compare(observe(kind(), X, dY), oracles.relu_by_hand(X.tolist(), dY.tolist()))) == wrong


def test_loops_see_the_derivative_at_exactly_zero() -> None:
    at_zero, upstream = np.array([[0.0, 1.0]]), np.array([[3.0, 3.0]])
    want = oracles.relu_by_hand(at_zero.tolist(), upstream.tolist())
    (mismatch,) = compare(observe(ReLUWithDerivativeOneAtZero(), at_zero, upstream), want)
    assert (mismatch.label, mismatch.at, mismatch.got, mismatch.want) == ("dX", (0, 0), 3.0, 0.0)


@pytest.mark.parametrize(
    "kind", [LeakyReLU, ReLUMaskedByTheGradient, ReLUTimesOutput, ReLUIgnoresUpstream, SigmoidOfTheOutput]
)
def test_differences_and_the_identity_reject_a_wrong_activation(kind: type[Module]) -> None:
    want = oracles.layer_by_differences(kind(), X, dY)
    assert labels(compare(observe(kind(), X, dY), want, rtol=1e-6)) == {"dX"}
    vjp: Callable[[Array], Array] = lambda w: np.asarray(kind().backward(X, w))  # noqa: E731
    assert oracles.vjp_mismatch(kind().forward, vjp, X, np.random.default_rng(0)) is not None


@pytest.mark.parametrize(
    ("kind", "name", "wrong"),
    [(kind, "relu", wrong) for kind, wrong in WRONG_RELU] + [(SigmoidOfTheOutput, "sigmoid", {"dX"})],
)
def test_pytorch_rejects_a_wrong_activation(kind: type[Module], name: str, wrong: set[str]) -> None:
    pytest.importorskip("torch")
    assert labels(compare(observe(kind(), X, dY), oracles.activation_by_torch(name, X, dY))) == wrong


# -- wrong losses


class SummedMSE(MSELoss):
    def backward(self, P: Array, Y: Array) -> Array:
        return 2 * (P - Y)


class HalvedMSE(MSELoss):
    def backward(self, P: Array, Y: Array) -> Array:
        return (P - Y) / len(Y)


class SummedCrossEntropy(CrossEntropyLoss):
    def forward(self, Z: Array, Y: Array) -> float:
        return super().forward(Z, Y) * len(Z)


class SummedCrossEntropyGradient(CrossEntropyLoss):
    def backward(self, Z: Array, Y: Array) -> Array:
        return super().backward(Z, Y) * len(Z)


class NegatedCrossEntropyGradient(CrossEntropyLoss):
    def backward(self, Z: Array, Y: Array) -> Array:
        return -super().backward(Z, Y)


class GradientWithoutSoftmax(CrossEntropyLoss):
    def backward(self, Z: Array, Y: Array) -> Array:
        return (Z - Y) / len(Z)


class SoftmaxOverTheWholeArray(CrossEntropyLoss):
    def log_softmax(self, Z: Array) -> Array:
        shifted: Array = Z - np.log(np.exp(Z).sum())
        return shifted


WRONG_CROSS_ENTROPY: list[tuple[type[CrossEntropyLoss], set[str]]] = [
    (SummedCrossEntropy, {"loss"}),
    (SummedCrossEntropyGradient, {"gradient"}),
    (NegatedCrossEntropyGradient, {"gradient"}),
    (GradientWithoutSoftmax, {"gradient"}),
    (SoftmaxOverTheWholeArray, {"loss", "gradient"}),
]


@pytest.mark.parametrize("kind", [SummedMSE, HalvedMSE])
def test_loops_and_differences_reject_a_wrong_mse(kind: type[MSELoss]) -> None:
    P, Y = X[:, :1], dY[:, :1]
    assert labels(compare(observe_loss(kind(), P, Y), oracles.mse_by_hand(P.tolist(), Y.tolist()))) == {"gradient"}
    want = oracles.loss_by_differences(kind(), P, Y)
    assert labels(compare(observe_loss(kind(), P, Y), want, rtol=1e-6)) == {"gradient"}


@pytest.mark.parametrize("width", [1, 2])
def test_loops_differences_and_pytorch_agree_that_mse_fits_width_one_alone(width: int) -> None:
    P, Y = X[:, :width], dY[:, :width]
    got = observe_loss(MSELoss(), P, Y)
    expected = set() if width == 1 else {"gradient"}
    assert labels(compare(got, oracles.loss_by_differences(MSELoss(), P, Y), rtol=1e-6)) == expected
    pytest.importorskip("torch")
    assert labels(compare(got, oracles.loss_by_torch("mse_loss", P, Y))) == expected


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CROSS_ENTROPY)
def test_loops_reject_a_wrong_cross_entropy(kind: type[CrossEntropyLoss], wrong: set[str]) -> None:
    want = oracles.cross_entropy_by_hand(LOGITS.tolist(), LABELS.tolist())
    assert labels(compare(observe_loss(kind(), LOGITS, LABELS), want)) == wrong


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CROSS_ENTROPY)
def test_differences_reject_a_gradient_that_is_not_of_this_loss(kind: type[CrossEntropyLoss], wrong: set[str]) -> None:
    want = oracles.loss_by_differences(kind(), LOGITS, LABELS)
    assert labels(compare(observe_loss(kind(), LOGITS, LABELS), want, rtol=1e-6)) == {"gradient"}


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CROSS_ENTROPY)
def test_pytorch_rejects_a_wrong_cross_entropy(kind: type[CrossEntropyLoss], wrong: set[str]) -> None:
    pytest.importorskip("torch")
    want = oracles.loss_by_torch("cross_entropy", LOGITS, LABELS)
    assert labels(compare(observe_loss(kind(), LOGITS, LABELS), want)) == wrong


# -- wrong Conv1d layers


class FlippedKernel(Conv1d):
    def forward(self, X: Array) -> Array:
        Y: Array = self.windows(X, self.pad_length) @ self.W[0, ::-1] + self.b
        return Y


class UnflippedInBackward(Conv1d):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        start, stop = self.pad_length, self.pad_length + X.shape[1]
        return (self.windows(dY, 2 * self.kernel_size) @ self.W[0])[:, start:stop], dW, db


class KeepsThePaddingInDX(Conv1d):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        return self.windows(dY, 2 * self.kernel_size) @ self.W[0, ::-1], dW, db


class AveragedOverTheBatch(Conv1d):
    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX, dW / len(X), db / len(X)


class ConvUpdateBeforeDX(Conv1d):
    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        _, dW, db = self.gradients(X, dY)
        self.update(dW, db, lr)
        return self.gradients(X, dY)[0]


class NoBiasStep(Conv1d):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, 0 * db, lr)


WRONG_CONV1D: list[tuple[type[Conv1d], set[str]]] = [
    (FlippedKernel, {"Y"}),
    (UnflippedInBackward, {"dX"}),
    (KeepsThePaddingInDX, {"dX"}),
    (AveragedOverTheBatch, {"W", "b"}),
    (ConvUpdateBeforeDX, {"dX"}),
    (NoBiasStep, {"b"}),
]


def conv(kind: type[Conv1d]) -> Conv1d:
    layer = kind(1, 2)
    layer.W, layer.b = KERNEL, BIAS
    return layer


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CONV1D)
def test_loops_reject_a_wrong_conv1d(kind: type[Conv1d], wrong: set[str]) -> None:
    want = oracles.conv1d_by_hand(SIGNAL.tolist(), KERNEL.tolist(), BIAS.tolist(), DSIGNAL.tolist(), LR, pad_length=2)
    assert labels(compare(observe(conv(kind), SIGNAL, DSIGNAL, LR), want)) == wrong


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CONV1D)
def test_differences_reject_a_wrong_conv1d(kind: type[Conv1d], wrong: set[str]) -> None:
    """A kernel flipped in forward alone makes the backward that belongs to the right one wrong."""
    want = oracles.layer_by_differences(conv(kind), SIGNAL, DSIGNAL, LR)
    expected = {"dX", "W"} if kind is FlippedKernel else wrong
    assert labels(compare(observe(conv(kind), SIGNAL, DSIGNAL, LR), want, rtol=1e-6)) == expected


@pytest.mark.parametrize(("kind", "wrong"), WRONG_CONV1D)
def test_pytorch_rejects_a_wrong_conv1d(kind: type[Conv1d], wrong: set[str]) -> None:
    pytest.importorskip("torch")
    want = oracles.conv1d_by_torch(SIGNAL, KERNEL, BIAS, DSIGNAL, LR, pad_length=2)
    assert labels(compare(observe(conv(kind), SIGNAL, DSIGNAL, LR), want)) == wrong


# -- wrong L2


class DecayWithoutTheTwo(L2Linear):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        Linear.update(self, dW + self.lambda_ * self.W, db, lr)


class DecayOfTheNewWeights(L2Linear):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        Linear.update(self, dW, db, lr)
        self.W = self.W - lr * 2 * self.lambda_ * self.W


class DecayOfTheBias(L2Linear):
    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db + 2 * self.lambda_ * self.b, lr)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [(L2Linear, set()), (DecayWithoutTheTwo, {"W"}), (DecayOfTheNewWeights, {"W"}), (DecayOfTheBias, {"b"})],
)
def test_differences_of_the_penalised_loss_reject_a_wrong_decay(kind: type[L2Linear], wrong: set[str]) -> None:
    layer = linear(kind)
    assert isinstance(layer, L2Linear)
    layer.lambda_ = 0.2
    want = oracles.layer_by_differences(layer, X, dY, LR, lambda other: 0.2 * float((other.W**2).sum()))
    assert labels(compare(observe(layer, X, dY, LR), want, rtol=1e-6)) == wrong


# -- the comparison itself


@pytest.mark.parametrize(
    ("got", "kind", "at"),
    [
        (None, "missing", ()),
        ([[1.0, 2.0, 3.0]], "shape", ()),
        ([[1.0], [2.0]], "shape", ()),
        ([[1.0, np.nan]], "finite", (0, 1)),
        ([[np.inf, 2.0]], "finite", (0, 0)),
        ([[1.1, 2.5]], "values", (0, 1)),
    ],
)
def test_compare_says_what_differs_and_where(got: Any, kind: str, at: tuple[int, ...]) -> None:
    values = {} if got is None else {"Y": got}
    (mismatch,) = compare(values, {"Y": [[1.0, 2.0]]})
    assert (mismatch.label, mismatch.kind, mismatch.at) == ("Y", kind, at)


def test_compare_scales_its_tolerance_with_the_array() -> None:
    tiny = {"dX": [[1e-12, 2e-12]]}
    assert labels(compare({"dX": [[1e-12, 2.1e-12]]}, tiny, rtol=1e-6)) == {"dX"}
    assert labels(compare({"dX": [[0.0, 0.0]]}, tiny, rtol=1e-6)) == {"dX"}
    assert not compare({"dX": [[1e-12, 2e-12]]}, tiny, rtol=0)


def test_observing_leaves_the_layer_and_its_arguments_alone() -> None:
    class Overwrites(Linear):
        def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
            dX = super().backward(X, dY, lr)
            X[:] = dY[:] = 0
            return dX

    layer, before, upstream = linear(Overwrites), X.copy(), dY.copy()
    first = observe(layer, X, dY, LR)
    assert not compare(observe(layer, X, dY, LR), first, rtol=0)
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(dY, upstream)
