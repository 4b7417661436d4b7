"""The reference of sheet 003 against finite differences, PyTorch, the sheet's printed numbers and Mazur's page."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from reference_solutions import errata
from reference_solutions.two_layer_perceptron import (
    ASKED,
    EPOCHS,
    RATE,
    START,
    TARGET,
    Array,
    Mazur,
    Parameters,
    Perceptron,
    X,
)

NET = Perceptron()
FOUND = NET.outcomes()
PARTS = [field.name for field in fields(Parameters)]


def numerical(parameters: Parameters, part: str, x: Array, t: Array, step: float = 1e-6) -> Array:
    """Central differences of the loss by every entry of one parameter."""
    value = np.asarray(getattr(parameters, part), dtype=float)
    slopes = np.zeros_like(value)
    for place in np.ndindex(*value.shape):
        sides = []
        for sign in (1, -1):
            moved = value.copy()
            moved[place] += sign * step
            sides.append(NET.loss(NET.forward(replace(parameters, **{part: moved}), x)[1], t))
        slopes[place] = (sides[0] - sides[1]) / (2 * step)
    return slopes


# -- finite differences


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("seed", range(4))
def test_gradients_are_slopes_of_the_loss(part: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = {"W1": (2, 2), "b1": (), "W2": (2, 2), "b2": ()}
    point = Parameters(**{name: np.asarray(rng.standard_normal(shape)) for name, shape in shapes.items()})
    x, t = rng.standard_normal(2), rng.uniform(size=2)
    np.testing.assert_allclose(
        getattr(NET.gradients(point, x, t), part), numerical(point, part, x, t), rtol=1e-6, atol=1e-9
    )


def test_a_wrong_gradient_is_no_slope() -> None:
    """Negative control: the gradient of one unit's bias is not that of the shared one."""
    y = NET.forward(START, X)[1]
    one_unit = (NET.dloss(y, TARGET) * y * (1 - y))[0]
    assert abs(one_unit - numerical(START, "b2", X, TARGET)) > 1e-2


# -- PyTorch


def test_pytorch_takes_the_same_hundred_steps() -> None:
    torch = pytest.importorskip("torch")
    p: dict[str, Any] = {
        name: torch.tensor(getattr(START, name), dtype=torch.float64, requires_grad=True) for name in PARTS
    }

    def net(x: Array) -> Any:
        hidden = torch.sigmoid(p["W1"] @ torch.tensor(x) + p["b1"])
        return torch.sigmoid(p["W2"] @ hidden + p["b2"])

    losses = []
    states = []
    for _ in range(EPOCHS):
        loss = torch.nn.functional.mse_loss(net(X), torch.tensor(TARGET))
        for value in p.values():
            value.grad = None
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for value in p.values():
                value -= RATE * value.grad
        states.append({name: value.detach().numpy().copy() for name, value in p.items()})
    np.testing.assert_allclose(FOUND.losses[:EPOCHS], losses, rtol=1e-12)
    for ours, theirs in ((FOUND.update1, states[0]), (FOUND.update2, states[1]), (FOUND.final, states[-1])):
        for name in PARTS:
            np.testing.assert_allclose(getattr(ours, name), theirs[name], rtol=1e-11, err_msg=name)
    np.testing.assert_allclose(FOUND.prediction, net(ASKED).detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(FOUND.gradient, p["W2"].grad.numpy(), rtol=1e-11)


# -- the sheet's printed numbers


PRINTED: dict[str, tuple[Any, ...]] = {
    "update1": ([[0.1498, 0.1996], [0.2498, 0.2995]], 0.3406, [[0.3589, 0.4087], [0.5113, 0.5614]], 0.5498),
    "update2": ([[0.1496, 0.1992], [0.2495, 0.2991]], 0.3327, [[0.3171, 0.3666], [0.5232, 0.5733]], 0.4991),
    "final": ([[0.1731, 0.2462], [0.2726, 0.3452]], 1.2642, [[-1.1495, -1.1076], [1.5021, 1.5570]], -0.3011),
}
PRINTED_LOSSES = [
    0.2983711063861847, 0.17523802816867828, 0.10270833224058151, 0.06461693346500397, 0.04308116436004639,
    0.03048398159444332, 0.022741930559277534, 0.017712488770484924, 0.014273736625909805, 0.01181731652468443,
]  # fmt: skip
PRINTED_OUTPUTS = {0: [0.7514, 0.7729], 50: [0.1893, 0.8202], 90: [0.1203, 0.8829]}


@pytest.mark.parametrize("state", PRINTED)
def test_the_sheet_prints_these_parameters(state: str) -> None:
    for name, printed in zip(PARTS, PRINTED[state], strict=True):
        np.testing.assert_allclose(getattr(getattr(FOUND, state), name), printed, rtol=0, atol=5.001e-5, err_msg=name)


def test_the_sheet_prints_these_losses_and_outputs() -> None:
    np.testing.assert_allclose(FOUND.losses[:100:10], PRINTED_LOSSES, rtol=1e-6)
    assert FOUND.loss == pytest.approx(0.2983711, abs=5e-8)
    for epoch, output in PRINTED_OUTPUTS.items():
        np.testing.assert_allclose(FOUND.outputs[epoch], output, rtol=0, atol=5.001e-5)


def test_the_sheet_prints_this_prediction_and_this_gradient() -> None:
    np.testing.assert_allclose(FOUND.prediction, [0.1111, 0.8918], rtol=0, atol=5e-5)
    np.testing.assert_allclose(FOUND.gradient, [[0.0080, 0.0080], [-0.0076, -0.0076]], rtol=0, atol=5e-5)
    with pytest.raises(AssertionError):  # one epoch later it is another one
        np.testing.assert_allclose(FOUND.afterwards, [[0.0080, 0.0080], [-0.0076, -0.0076]], rtol=0, atol=5e-5)


# -- Mazur's page


def test_mazurs_page_has_these_numbers() -> None:
    net = Mazur()
    found = net.outcomes()
    hidden, output = net.forward(START, X)
    np.testing.assert_allclose(hidden, [0.593269992, 0.596884378], rtol=0, atol=5e-10)
    np.testing.assert_allclose(output, [0.75136507, 0.772928465], rtol=0, atol=5e-9)
    assert found.loss == pytest.approx(0.298371109, abs=5e-10)
    np.testing.assert_allclose(
        found.update1.W2, [[0.35891648, 0.408666186], [0.511301270, 0.561370121]], rtol=0, atol=5e-9
    )
    np.testing.assert_allclose(
        found.update1.W1, [[0.149780716, 0.19956143], [0.24975114, 0.29950229]], rtol=0, atol=5e-9
    )
    assert (float(found.final.b1), float(found.final.b2)) == (0.35, 0.60)
    assert found.losses[1] == pytest.approx(0.291027924, rel=1e-6)


def test_mazurs_ten_thousand_rounds() -> None:
    """The page's last numbers are not exact to their last digits; they agree to three."""
    last = next(islice(Mazur().epochs(START, X, TARGET), 10_000, None))
    assert last.loss == pytest.approx(0.0000351085, rel=1e-3)
    np.testing.assert_allclose(last.output, [0.015912196, 0.984065734], rtol=2e-4)


def test_the_sheet_and_mazur_part_at_the_biases() -> None:
    other = Mazur().outcomes()
    np.testing.assert_array_equal(FOUND.update1.W1, other.update1.W1)
    np.testing.assert_array_equal(FOUND.update1.W2, other.update1.W2)
    assert abs(FOUND.losses[1] - other.losses[1]) > 1e-3


# -- the errata


def test_errata_claims_hold() -> None:
    known = {erratum.id: erratum for erratum in errata.load("two_layer_perceptron")}
    assert {"no-points", "shared-bias", "mazur-biases", "mean-of-two", "last-gradient"} <= known.keys()
    y = NET.forward(START, X)[1]
    assert NET.loss(y, TARGET) == pytest.approx(0.5 * np.sum((y - TARGET) ** 2), rel=1e-15)
    text = known["last-gradient"].truth
    for value in (FOUND.gradient, FOUND.afterwards):
        assert all(f"{entry:.4f}" in text for entry in value.ravel())
