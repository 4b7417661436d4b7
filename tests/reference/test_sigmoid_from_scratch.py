"""The reference of sheet 001 against finite differences, PyTorch and the sheet's own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference_solutions import errata
from reference_solutions.sigmoid_from_scratch import (
    LISTED,
    PRINTED,
    SQUASHED,
    Activations,
    Array,
    Net,
    forward,
    gradients,
    labels,
    loss,
    random_net,
)

SHAPES: list[tuple[tuple[int, ...], Activations]] = [
    ((2, 10, 10, 1), PRINTED),
    ((2, 10, 10, 1), SQUASHED),
    ((2, 10, 10, 1), LISTED),
    ((2, 7, 4, 1), (("tanh",), ("sigmoid", "sigmoid"), ())),
    ((2, 5, 1), (("sigmoid",), ("sigmoid",))),
]


def sample(seed: int, rows: int = 1) -> tuple[Array, Array]:
    x = np.random.default_rng(seed).uniform(0, 1, (rows, 2))
    return x, labels(x)


def by_differences(net: Net, x: Array, y: Array, part: str, layer: int, step: float = 1e-6) -> Array:
    """∂L by one array of parameters, entry by entry."""
    arrays = getattr(net, part)
    found: Array = np.zeros_like(arrays[layer])
    for place in np.ndindex(found.shape):
        values = []
        for sign in (1, -1):
            moved = arrays[layer].copy()
            moved[place] += sign * step
            trial = replace(net, **{part: (*arrays[:layer], moved, *arrays[layer + 1 :])})
            values.append(loss(forward(trial, x).prediction, y))
        found[place] = (values[0] - values[1]) / (2 * step)
    return found


@pytest.mark.parametrize(("widths", "activations"), SHAPES)
@pytest.mark.parametrize("rows", [1, 3])
def test_gradients_are_those_of_finite_differences(
    widths: tuple[int, ...], activations: Activations, rows: int
) -> None:
    net = random_net(np.random.default_rng(5), widths, activations)
    x, y = sample(6, rows)
    g = gradients(net, x, y)
    for layer in range(len(net.weights)):
        for part, got in (("weights", g.weights[layer]), ("biases", g.biases[layer])):
            want = by_differences(net, x, y, part, layer)
            assert got.shape == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-9)


def test_the_oracle_sees_a_missing_factor() -> None:
    """Negative control: half of the gradient is not within the tolerance used above."""
    net = random_net(np.random.default_rng(5))
    x, y = sample(6)
    want = by_differences(net, x, y, "weights", 2)
    assert not np.allclose(gradients(net, x, y).weights[2] / 2, want, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("activations", [PRINTED, SQUASHED, LISTED])
def test_pytorch_agrees(activations: Activations) -> None:
    torch = pytest.importorskip("torch")
    net = random_net(np.random.default_rng(8), activations=activations)
    x, y = sample(9)
    parameters = [
        torch.tensor(p, requires_grad=True) for pair in zip(net.weights, net.biases, strict=True) for p in pair
    ]
    h = torch.tensor(x)
    for layer, kinds in enumerate(activations):
        h = torch.nn.functional.linear(h, parameters[2 * layer], parameters[2 * layer + 1])
        for _ in kinds:
            h = torch.sigmoid(h)
    value = ((h.reshape(-1) - torch.tensor(y)) ** 2).sum()
    got = torch.autograd.grad(value, parameters)
    g = gradients(net, x, y)
    assert value.item() == pytest.approx(loss(forward(net, x).prediction, y), rel=1e-12)
    for layer in range(3):
        np.testing.assert_allclose(g.weights[layer], got[2 * layer].numpy(), rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(g.biases[layer], got[2 * layer + 1].numpy(), rtol=1e-9, atol=1e-15)


def test_the_sheets_own_point_and_label_fit() -> None:
    assert float(labels(np.array([0.9861, 0.6680]))) == pytest.approx(0.7093, abs=5e-5)


def test_the_sheets_two_losses_fit_neither_each_other_nor_the_prediction() -> None:
    """The erratum: -0.72003 against 0.7093 is neither 0.025985185 nor 0.68349."""
    due = loss(np.array([-0.72003]), np.array([0.7093]))
    assert due == pytest.approx(2.0430, abs=5e-4)
    assert min(abs(due - 0.025985185), abs(due - 0.68349)) > 1
    truth = next(erratum.truth for erratum in errata.load("sigmoid_from_scratch") if erratum.id == "two-losses")
    assert "2.0430" in truth


def test_a_large_weight_does_not_overflow() -> None:
    net = Net((np.array([[1e4, -1e4]]),), (np.array([0.0]),), (("sigmoid",),))
    with np.errstate(all="raise"):
        assert forward(net, np.array([1.0, 0.0])).prediction.item() == 1.0
        assert forward(net, np.array([0.0, 1.0])).prediction.item() == 0.0
