"""The reference layers against every oracle that applies, and against the numbers printed on sheet 004."""

from __future__ import annotations

import doctest
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_solutions import errata, layers, oracles
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
    SimpleNN,
)
from reference_solutions.oracles import compare, observe, observe_loss

LR = 0.7  # large, so that a gradient taken after the update would be far off
LINEAR_SHAPES = [(5, 4, 3), (1, 4, 3), (3, 1, 5), (4, 2, 1), (3, 3, 3)]  # m, n, k
CONV_SHAPES = [
    (2, 16, 2, 3),
    (2, 16, 1, 0),
    (1, 5, 0, 0),
    (3, 4, 1, 2),
    (1, 5, 2, 0),
    (2, 3, 2, 1),
    (4, 1, 0, 1),
]  # B,T,a,p


def linear_case(m: int, n: int, k: int, layer: type[Linear] = Linear) -> tuple[Linear, Array, Array]:
    rng = np.random.default_rng([m, n, k])
    linear = layer(n, k)
    linear.W, linear.b = rng.standard_normal((n, k)), rng.standard_normal((1, k))
    return linear, rng.standard_normal((m, n)), rng.standard_normal((m, k))


def conv_case(B: int, T: int, a: int, p: int) -> tuple[Conv1d, Array, Array]:
    rng = np.random.default_rng([B, T, a, p])
    conv = Conv1d(a, p)
    conv.W, conv.b = rng.standard_normal((1, 1 + 2 * a)), rng.standard_normal((1, 1))
    return conv, rng.standard_normal((B, T)), rng.standard_normal((B, T + 2 * p - 2 * a))


def logits_case(N: int, C: int) -> tuple[Array, Array]:
    rng = np.random.default_rng([N, C])
    return 3 * rng.standard_normal((N, C)), np.eye(C)[rng.integers(C, size=N)]


def away_from_zero(m: int, n: int) -> Array:
    X = np.random.default_rng([m, n]).standard_normal((m, n))
    return X + 0.1 * np.sign(X)


# -- oracles


@pytest.mark.parametrize("shape", LINEAR_SHAPES)
def test_linear_agrees_with_loops_and_differences(shape: tuple[int, int, int]) -> None:
    linear, X, dY = linear_case(*shape)
    got = observe(linear, X, dY, LR)
    by_hand = oracles.linear_by_hand(X.tolist(), linear.W.tolist(), linear.b.tolist(), dY.tolist(), LR)
    assert not compare(got, by_hand)
    assert not compare(got, oracles.layer_by_differences(linear, X, dY, LR), rtol=1e-6)


@pytest.mark.parametrize("shape", LINEAR_SHAPES)
def test_linear_agrees_with_pytorch(shape: tuple[int, int, int]) -> None:
    pytest.importorskip("torch")
    linear, X, dY = linear_case(*shape)
    want = oracles.linear_by_torch(X, linear.W, linear.b, dY, LR)
    assert not compare(observe(linear, X, dY, LR), want, rtol=1e-12)


@pytest.mark.parametrize("shape", CONV_SHAPES)
def test_conv1d_agrees_with_loops_and_differences(shape: tuple[int, int, int, int]) -> None:
    conv, X, dY = conv_case(*shape)
    got = observe(conv, X, dY, LR)
    by_hand = oracles.conv1d_by_hand(
        X.tolist(), conv.W.tolist(), conv.b.tolist(), dY.tolist(), LR, pad_length=conv.pad_length
    )
    assert not compare(got, by_hand)
    assert not compare(got, oracles.layer_by_differences(conv, X, dY, LR), rtol=1e-6)


@pytest.mark.parametrize("shape", CONV_SHAPES)
def test_conv1d_agrees_with_pytorch(shape: tuple[int, int, int, int]) -> None:
    pytest.importorskip("torch")
    conv, X, dY = conv_case(*shape)
    want = oracles.conv1d_by_torch(X, conv.W, conv.b, dY, LR, pad_length=conv.pad_length)
    assert not compare(observe(conv, X, dY, LR), want, rtol=1e-12)


@pytest.mark.parametrize("activation", [ReLU, Sigmoid])
def test_activations_agree_with_differences(activation: type[Module]) -> None:
    X, dY = away_from_zero(4, 3), np.random.default_rng(1).standard_normal((4, 3))
    assert not compare(observe(activation(), X, dY), oracles.layer_by_differences(activation(), X, dY), rtol=1e-6)


@pytest.mark.parametrize(("activation", "name"), [(ReLU, "relu"), (Sigmoid, "sigmoid")])
def test_activations_agree_with_pytorch(activation: type[Module], name: str) -> None:
    pytest.importorskip("torch")
    X, dY = away_from_zero(4, 3), np.random.default_rng(1).standard_normal((4, 3))
    assert not compare(observe(activation(), X, dY), oracles.activation_by_torch(name, X, dY), rtol=1e-12)


def test_every_layer_keeps_the_vector_jacobian_identity() -> None:
    linear, X_linear, _ = linear_case(5, 4, 3)
    conv, X_conv, _ = conv_case(2, 16, 2, 3)
    cases = [(linear, X_linear), (conv, X_conv), (ReLU(), away_from_zero(4, 3)), (Sigmoid(), away_from_zero(4, 3))]
    for layer, X in cases:

        def vjp(dY: Array, layer: Module = layer, X: Array = X) -> Array:
            return np.asarray(observe(layer, X, dY, LR)["dX"])

        mismatch = oracles.vjp_mismatch(layer.forward, vjp, X, np.random.default_rng(0))
        assert mismatch is None, f"{type(layer).__name__}: {mismatch}"


@pytest.mark.parametrize("shape", [(4, 3), (1, 10), (3, 1), (7, 2)])
def test_cross_entropy_agrees_with_loops_and_differences(shape: tuple[int, int]) -> None:
    Z, Y = logits_case(*shape)
    got = observe_loss(CrossEntropyLoss(), Z, Y)
    by_hand = oracles.cross_entropy_by_hand(Z.tolist(), Y.tolist())
    assert got["loss"] == pytest.approx(by_hand["loss"], rel=1e-12, abs=1e-15)
    np.testing.assert_allclose(got["gradient"], by_hand["gradient"], rtol=1e-9, atol=1e-15)
    assert not compare(got, oracles.loss_by_differences(CrossEntropyLoss(), Z, Y), rtol=1e-6)


def test_cross_entropy_agrees_with_pytorch_even_for_huge_logits() -> None:
    pytest.importorskip("torch")
    Z, Y = logits_case(6, 4)
    for scale in (1.0, 1000.0):
        want = oracles.loss_by_torch("cross_entropy", scale * Z, Y)
        assert np.isfinite(want["loss"])
        assert not compare(observe_loss(CrossEntropyLoss(), scale * Z, Y), want, rtol=1e-12)


def test_mse_agrees_with_exact_fractions_and_differences() -> None:
    P, Y = [[Fraction(1, 2)], [Fraction(-3)], [Fraction(5, 4)]], [[Fraction(2)], [Fraction(1)], [Fraction(1, 8)]]
    p, y = np.array(P, dtype=float), np.array(Y, dtype=float)
    got = observe_loss(MSELoss(), p, y)
    assert not compare(got, oracles.mse_by_hand(P, Y), rtol=1e-15)
    assert not compare(got, oracles.loss_by_differences(MSELoss(), p, y), rtol=1e-6)


small = st.integers(-9, 9)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_linear_and_relu_are_exact_on_small_numbers(data: st.DataObject) -> None:
    m, n, k = (data.draw(st.integers(1, 4), label=name) for name in "mnk")

    def matrix(rows: int, columns: int) -> list[list[Fraction]]:
        row = st.lists(small.map(Fraction), min_size=columns, max_size=columns)
        return data.draw(st.lists(row, min_size=rows, max_size=rows))

    X, W, b, dY, lr = matrix(m, n), matrix(n, k), matrix(1, k), matrix(m, k), Fraction(3, 8)
    linear = Linear(n, k)
    linear.W, linear.b = np.array(W, dtype=float), np.array(b, dtype=float)
    x, dy = np.array(X, dtype=float), np.array(dY, dtype=float)
    assert not compare(observe(linear, x, dy, float(lr)), oracles.linear_by_hand(X, W, b, dY, lr), rtol=0)

    upstream = matrix(m, n)
    want = oracles.relu_by_hand(X, upstream)
    assert not compare(observe(ReLU(), x, np.array(upstream, dtype=float)), want, rtol=0)


# -- Q6


@pytest.mark.parametrize("lambda_", [0.0, 0.03, 2.0])
def test_l2_linear_descends_the_penalised_loss(lambda_: float) -> None:
    linear, X, dY = linear_case(5, 4, 3, L2Linear)
    assert isinstance(linear, L2Linear)
    linear.lambda_ = lambda_
    want = oracles.layer_by_differences(linear, X, dY, LR, lambda layer: lambda_ * float((layer.W**2).sum()))
    assert not compare(observe(linear, X, dY, LR), want, rtol=1e-6)


def test_l2_linear_decays_the_old_weights_and_no_bias() -> None:
    linear, X, dY = linear_case(5, 4, 3, L2Linear)
    assert isinstance(linear, L2Linear)
    linear.lambda_ = 0.5
    plain = Linear(4, 3)
    plain.W, plain.b = linear.W, linear.b
    decayed, undecayed = observe(linear, X, dY, LR), observe(plain, X, dY, LR)
    np.testing.assert_allclose(decayed["W"], undecayed["W"] - LR * 2 * 0.5 * plain.W, rtol=1e-12)
    np.testing.assert_array_equal(decayed["b"], undecayed["b"])
    np.testing.assert_array_equal(decayed["dX"], undecayed["dX"])


# -- numbers printed on the sheet


def test_q2() -> None:
    linear = Linear(2, 2)
    linear.W = np.array([[2.0, 1.0], [2.0, 1.0]])
    printed = {"Y": [[8, 4], [14, 7]], "dX": [[3, 3], [3, 3]], "W": [[1.85, 0.85], [1.6, 0.6]], "b": [[-0.1, -0.1]]}
    got = observe(linear, np.array([[1.0, 3.0], [2.0, 5.0]]), np.ones((2, 2)))  # lr = 0.05 is the default
    assert not compare(got, printed, rtol=1e-15)


def test_relu_example() -> None:
    got = observe(ReLU(), np.array([[2.0, -2.0], [-2.0, 2.0]]), np.ones((2, 2)))
    assert not compare(got, {"Y": [[2, 0], [0, 2]], "dX": [[1, 0], [0, 1]]}, rtol=0)


def test_relu_has_derivative_zero_at_zero() -> None:
    got = observe(ReLU(), np.array([[0.0, -0.0, 1.0]]), np.array([[4.0, -4.0, 4.0]]))
    assert not compare(got, {"dX": [[0, 0, 4]]}, rtol=0)


SIGMOID_PRINTED = {
    "Y": [[0.88079708, 0.26894142], [0.26894142, 0.88079708]],
    "dX": [[0.10499359, 0.19661193], [0.19661193, 0.10499359]],
}


def test_sigmoid_example_belongs_to_the_code_cell() -> None:
    got = observe(Sigmoid(), np.array([[2.0, -1.0], [-1.0, 2.0]]), np.ones((2, 2)))
    assert not compare(got, SIGMOID_PRINTED, rtol=1e-7)


def test_sigmoid_example_does_not_belong_to_the_x_in_the_text() -> None:
    got = observe(Sigmoid(), np.array([[2.0, -2.0], [-2.0, 2.0]]), np.ones((2, 2)))
    assert {(m.label, m.count) for m in compare(got, SIGMOID_PRINTED, rtol=1e-7)} == {("Y", 2), ("dX", 2)}
    assert got["Y"][0, 1] == pytest.approx(1 / (1 + np.e**2))


def test_mse_example() -> None:
    got = observe_loss(MSELoss(), np.array([[1], [1]]), np.array([[1.5], [1.5]]))
    assert not compare(got, {"loss": 0.25, "gradient": [[-0.5], [-0.5]]}, rtol=0)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_mse_backward_is_too_large_by_the_width(width: int) -> None:
    """The sheet's own pair: forward averages over all entries, backward divides by the rows."""
    rng = np.random.default_rng(width)
    P, Y = rng.standard_normal((4, width)), rng.standard_normal((4, width))
    true_gradient = oracles.loss_by_differences(MSELoss(), P, Y)["gradient"]
    np.testing.assert_allclose(MSELoss().backward(P, Y), width * true_gradient, rtol=1e-6)


def test_convolution_example() -> None:
    """[a b c d e f] * [x y z] = [ax+by+cz, ..., dx+ey+fz], read as digits: no two products can be confused."""
    a, b, c, d, e, f = 1.0, 2.0, 3.0, 4.0, 5.0, 6.0
    x, y, z = 1.0, 100.0, 10000.0
    conv = Conv1d(1, 0)
    conv.W = np.array([[x, y, z]])
    printed = [[a * x + b * y + c * z, b * x + c * y + d * z, c * x + d * y + e * z, d * x + e * y + f * z]]
    assert conv.forward(np.array([[a, b, c, d, e, f]])).tolist() == printed


def test_convolution_with_the_printed_subscript_would_not_give_the_worked_example() -> None:
    """The sheet prints K[τ] under the sum; only K[t'] gives its own example."""
    S, K = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), np.array([1.0, 100.0, 10000.0])
    conv = Conv1d(1, 0)
    conv.W = K[np.newaxis]
    as_printed = sum(S[0 + t] * K[0] for t in range(3))
    as_meant = sum(S[0 + t] * K[t] for t in range(3))
    assert conv.forward(S[np.newaxis])[0, 0] == as_meant != as_printed


def test_padding_one_keeps_the_length_and_sees_the_zeros() -> None:
    conv = Conv1d(1, 1)
    conv.W = np.array([[1.0, 10.0, 100.0]])
    assert conv.forward(np.array([[1.0, 2.0, 3.0]])).tolist() == [[210.0, 321.0, 32.0]]


def test_the_sheets_convolutional_net_has_fitting_widths_but_never_learns_its_kernels() -> None:
    np.random.seed(0)
    x, y = np.random.randn(2, 16), np.cos(np.random.randn(2, 1) * np.pi)
    net = [Conv1d(2, 3), ReLU(), Conv1d(1, 0), Linear(16, 64), ReLU(), Linear(64, 80), ReLU(), Linear(80, 1)]
    model = SimpleNN(net, MSELoss(), lr=0.05)
    for _ in range(300):
        model(x)
        model.backward(y)
    first, second = net[0], net[2]
    assert isinstance(first, Conv1d)
    assert isinstance(second, Conv1d)
    assert not first.W.any()
    assert not first.b.any()
    assert not second.W.any()
    prediction = model(x)
    assert prediction[0] == prediction[1]  # it cannot tell its inputs apart, so the best is the mean of y
    assert model.loss_value == pytest.approx(np.var(y), rel=1e-3)


def test_without_activations_the_net_can_only_reach_the_least_squares_line() -> None:
    """Q5's closed form, from the normal equations; the reference net gets there from a hot start."""
    x = np.linspace(-np.pi, np.pi, 100).reshape(-1, 1)
    y = np.sin(x)
    slope = float((x * y).sum() / (x * x).sum())
    line = float(np.mean((slope * x - y) ** 2))
    assert line == pytest.approx(0.2032, abs=5e-5)

    rng = np.random.default_rng(0)
    net = [Linear(1, 8), Linear(8, 1)]
    for layer in net:
        layer.W = rng.standard_normal(layer.W.shape) / np.sqrt(layer.W.shape[0])
    model = SimpleNN(net, MSELoss(), lr=0.02)
    for _ in range(500):
        model(x)
        model.backward(y)
    assert model.loss_value == pytest.approx(line, rel=1e-6)


# -- the interface that probes and answers rely on


def test_initial_parameters_follow_the_sheet() -> None:
    np.random.seed(4)
    linear = Linear(30, 20)
    np.random.seed(4)
    np.testing.assert_array_equal(linear.W, np.random.randn(30, 20) * 1e-2)
    assert linear.b.shape == (1, 20)
    assert not linear.b.any()
    conv = Conv1d(2, 3)
    assert conv.W.shape == (1, 5)
    assert conv.b.shape == (1, 1)
    assert not conv.W.any()
    assert (conv.kernel_size, conv.pad_length) == (2, 3)
    weighted = [layer.with_weights for layer in (linear, L2Linear(1, 1), conv, ReLU(), Sigmoid(), MSELoss())]
    assert weighted == [True, True, True, False, False, False]


def test_arguments_and_arrays_put_into_a_layer_stay_as_they_were() -> None:
    for layer, X, dY in (linear_case(5, 4, 3), linear_case(5, 4, 3, L2Linear), conv_case(2, 16, 2, 3)):
        held = [X, dY, layer.W, layer.b]
        before = [a.copy() for a in held]
        layer.forward(X)
        layer.backward(X, dY, LR)
        for array, copy in zip(held, before, strict=True):
            np.testing.assert_array_equal(array, copy)
        assert not np.array_equal(layer.W, before[2])


def test_gradients_have_the_shape_of_what_they_belong_to() -> None:
    for layer, X, dY in (linear_case(5, 4, 3), conv_case(2, 16, 2, 3)):
        shapes = [gradient.shape for gradient in layer.gradients(X, dY)]
        assert shapes == [X.shape, layer.W.shape, layer.b.shape]


def test_losses_are_python_floats() -> None:
    assert type(MSELoss()(np.ones((2, 1)), np.zeros((2, 1)))) is float
    assert type(CrossEntropyLoss()(np.zeros((2, 3)), np.eye(3)[:2])) is float


def test_simple_nn_is_the_chain_of_its_layers() -> None:
    """One step of the whole net equals the finite differences of its loss, parameter by parameter."""
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((6, 2)), rng.standard_normal((6, 1))
    net: list[Linear | Sigmoid] = [Linear(2, 3), Sigmoid(), Linear(3, 1)]
    first, last = net[0], net[2]
    assert isinstance(first, Linear)
    assert isinstance(last, Linear)
    first.W, last.W = rng.standard_normal((2, 3)), rng.standard_normal((3, 1))

    def loss_with(W: Array) -> float:
        hidden = 1 / (1 + np.exp(-(x @ W + first.b)))
        return float(np.mean((hidden @ last.W + last.b - y) ** 2))

    old, want = first.W, oracles.numerical_gradient(loss_with, first.W)
    start = loss_with(old)
    model = SimpleNN(net, MSELoss(), lr=LR)
    model(x)
    model.backward(y)
    assert model.loss_value == pytest.approx(start)
    np.testing.assert_allclose((old - first.W) / LR, want, rtol=1e-6, atol=1e-9)


def test_simple_nn_wants_forward_before_each_backward() -> None:
    model = SimpleNN([Linear(1, 1)], MSELoss())
    y = np.ones((1, 1))
    with pytest.raises(RuntimeError, match="call forward before backward"):
        model.backward(y)
    model(y)
    model.backward(y)
    with pytest.raises(RuntimeError, match="call forward before backward"):
        model.backward(y)


@pytest.mark.parametrize("module", [errata, layers, oracles])
def test_examples_in_the_docstrings_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
