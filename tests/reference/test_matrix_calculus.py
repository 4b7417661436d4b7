"""The reference of sheet 002 against finite differences and PyTorch, in numerator layout; its errata load."""

from __future__ import annotations

import numpy as np
import pytest

from reference_solutions import errata
from reference_solutions.matrix_calculus import BACKWARD, FORWARD, quantity, values

SIZES = {"x": (4, 1), "y": (3, 1), "W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1)}


@pytest.fixture
def given() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {name: rng.normal(size=size) for name, size in SIZES.items()}


def loss(given: dict[str, np.ndarray]) -> float:
    """The sheet's definition, written out once more."""
    hidden = np.clip(given["W1"] @ given["x"] + given["b1"], 0, None)
    return float(np.linalg.norm(given["y"] - given["W2"] @ hidden - given["b2"]) ** 2)


def slope(given: dict[str, np.ndarray], name: str, step: float = 1e-6) -> np.ndarray:
    """∂l/∂name by central differences; in numerator layout it has the shape of the transpose."""
    result = np.zeros(given[name].T.shape)
    for row, column in np.ndindex(*given[name].shape):
        ends = []
        for sign in (1, -1):
            moved = given[name].copy()
            moved[row, column] += sign * step
            ends.append(loss({**given, name: moved}))
        result[column, row] = (ends[0] - ends[1]) / (2 * step)
    return result


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2", "x"])
def test_gradients_are_the_slopes_of_the_loss(given, name):
    np.testing.assert_allclose(quantity(f"dl_d{name}", given), slope(given, name), rtol=1e-6, atol=1e-6)


def test_the_slopes_would_tell_a_missing_jacobian(given):
    found = values(given)
    wrong = given["x"] @ found["dl_dz3"] @ given["W2"]
    assert not np.allclose(wrong, slope(given, "W1"), rtol=1e-3)


def test_the_loss_is_the_sheets(given):
    assert values(given)["l"] == pytest.approx(loss(given))


def test_the_jacobians_by_differences(given):
    found, step = values(given), 1e-6
    for top, bottom, function in (("z2", "z1", lambda z: np.maximum(z, 0)), ("yhat", "z3", lambda z: z)):
        z = np.asarray(found[bottom])
        columns = [
            (function(z + step * e[:, None]) - function(z - step * e[:, None])) / (2 * step) for e in np.eye(len(z))
        ]
        np.testing.assert_allclose(found[f"d{top}_d{bottom}"], np.hstack(columns), atol=1e-8)


def test_pytorch_agrees(given):
    torch = pytest.importorskip("torch")
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in given.items()}
    hidden = torch.relu(leaves["W1"] @ leaves["x"] + leaves["b1"])
    ((leaves["y"] - leaves["W2"] @ hidden - leaves["b2"]) ** 2).sum().backward()
    for name in ("W1", "b1", "W2", "b2", "x"):
        np.testing.assert_allclose(quantity(f"dl_d{name}", given), leaves[name].grad.numpy().T)


def test_relu_has_slope_0_at_0(given):
    dead = {**given, "W1": np.zeros_like(given["W1"]), "b1": np.zeros_like(given["b1"])}
    assert not np.any(quantity("dl_dW1", dead))


def test_the_tables_have_the_sheets_rows():
    assert [row[0] for row in FORWARD] == ["Linear1", "f", "Linear2", "g", "Loss"]
    assert [row[0] for row in BACKWARD] == ["W1", "b1", "W2", "b2"]


def test_the_errata_say_what_the_sheet_gets_wrong():
    found = {erratum.id: erratum for erratum in errata.load("matrix_calculus")}
    assert "forward table" in found["backward-is-forward"].says
    assert {"named-intermediates", "rows-of-the-backward-table", "no-points"} <= set(found)
