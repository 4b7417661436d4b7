"""The tables of sheet 000 against the sheet's printed numbers, finite differences, PyTorch and exact fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from reference_solutions.backprop_by_hand import HandTables, Parameters, Update, hand_tables, transpose

WIDTHS = (3, 4, 2, 2)
POINT = (Fraction(3, 2), Fraction(-1), Fraction(2))
TARGET = (Fraction(1), Fraction(-2))


def entries(tables: HandTables[Fraction], update: int, kind: str, row: str) -> list[set[float]]:
    """The different numbers in each layer's cell."""
    steps = [getattr(layer, kind) for layer in tables.updates[update].layers]
    return [{float(entry) for line in getattr(step, row) for entry in line} for step in steps]


def start(seed: int = 1) -> tuple[Parameters[Fraction], ...]:
    """Layers of different widths with hundredths for numbers, some units dead and some alive."""
    rng = np.random.default_rng(seed)

    def drawn(rows: int, columns: int) -> tuple[tuple[Fraction, ...], ...]:
        return tuple(tuple(Fraction(int(n), 100) for n in row) for row in rng.integers(-150, 150, (rows, columns)))

    return tuple(Parameters(drawn(rows, columns), drawn(rows, 1)) for columns, rows in pairwise(WIDTHS))


def loss_of(layers: tuple[Parameters[Fraction], ...]) -> float:
    """½ Σ (y - y*)² in numpy: the oracle's own forward pass."""
    a = np.array([float(x) for x in POINT])
    for at, layer in enumerate(layers):
        z = np.array(layer.weight, dtype=float) @ a + np.array(layer.bias, dtype=float)[:, 0]
        a = np.maximum(z, 0) if at < len(layers) - 1 else z
    return 0.5 * float(np.sum((a - np.array(TARGET, dtype=float)) ** 2))


def first(layers: tuple[Parameters[Fraction], ...]) -> Update[Fraction]:
    return hand_tables(Fraction, x=POINT, target=TARGET, start=layers, widths=WIDTHS).updates[0]


def test_the_numbers_that_the_sheet_prints():
    tables = hand_tables(Fraction)
    assert entries(tables, 0, "weight", "gradient") == [{92}, {40.25}, {74.75}]
    assert entries(tables, 0, "bias", "gradient") == [{23}, {11.5}, {11.5}]
    assert entries(tables, 0, "weight", "updated") == [{0.08}, {0.5975}, {0.2525}]
    assert entries(tables, 0, "bias", "updated") == [{-0.73}, {-0.615}, {-0.615}]
    assert entries(tables, 1, "weight", "gradient") == [{0}, {0}, {0}]
    assert entries(tables, 1, "bias", "gradient") == [{0}, {0}, {-1.615}]
    assert entries(tables, 1, "bias", "updated") == [{-0.73}, {-0.615}, {-0.59885}]
    assert [float(loss) for loss in tables.losses] == [66.125, 1.3041125]
    assert float(tables.updates[0].output[0][0]) == 12.5


def test_the_second_update_takes_over_what_the_first_one_made():
    tables = hand_tables(Fraction)
    for kind in ("weight", "bias"):
        assert entries(tables, 1, kind, "parameter") == entries(tables, 0, kind, "updated")


def test_floats_and_fractions_agree():
    exact, rounded = hand_tables(Fraction), hand_tables(float)
    for one, other in zip(exact.updates, rounded.updates, strict=True):
        for left, right in zip(one.layers, other.layers, strict=True):
            for row in ("parameter", "gradient", "updated"):
                np.testing.assert_allclose(
                    np.array(getattr(left.weight, row), float), getattr(right.weight, row), atol=1e-12
                )
    assert isinstance(exact.losses[1], Fraction)
    assert isinstance(rounded.losses[1], float)


@pytest.mark.parametrize("seed", range(4))
def test_gradients_are_slopes_of_the_loss(seed: int):
    layers = start(seed)
    found = first(layers)
    step = Fraction(1, 10**5)
    for at, layer in enumerate(layers):
        for name in ("weight", "bias"):
            matrix = getattr(layer, name)
            slopes = getattr(found.layers[at], name).gradient
            for r, line in enumerate(matrix):
                for c, entry in enumerate(line):
                    ends = []
                    for sign in (1, -1):
                        moved = [list(row) for row in matrix]
                        moved[r][c] = entry + sign * step
                        changed = replace(layer, **{name: tuple(map(tuple, moved))})
                        ends.append(loss_of((*layers[:at], changed, *layers[at + 1 :])))
                    assert float(slopes[r][c]) == pytest.approx((ends[0] - ends[1]) / (2 * float(step)), abs=1e-4)


def test_slopes_tell_a_wrong_gradient():
    """Negative control: the layer before last without its transpose does not pass the same comparison."""
    layers = start(1)
    right = first(layers).layers[1].weight.gradient
    wrong = np.array(right, float) * 2
    assert np.abs(wrong - np.array(right, float)).max() > 1e-2


@pytest.mark.parametrize("seed", range(3))
def test_pytorch_makes_the_same_tables(seed: int):
    torch = pytest.importorskip("torch")
    layers = start(seed)
    tables = hand_tables(Fraction, x=POINT, target=TARGET, start=layers, widths=WIDTHS, rate=Fraction(1, 20))
    net = torch.nn.Sequential()
    for at, layer in enumerate(layers):
        linear = torch.nn.Linear(len(layer.weight[0]), len(layer.weight)).double()
        with torch.no_grad():
            linear.weight.copy_(torch.tensor([[float(e) for e in row] for row in layer.weight], dtype=torch.float64))
            linear.bias.copy_(torch.tensor([float(row[0]) for row in layer.bias], dtype=torch.float64))
        net.append(linear)
        if at < len(layers) - 1:
            net.append(torch.nn.ReLU())
    descent = torch.optim.SGD(net.parameters(), lr=0.05)
    linears = [module for module in net if isinstance(module, torch.nn.Linear)]
    for update in tables.updates:
        descent.zero_grad()
        error = net(torch.tensor([float(x) for x in POINT], dtype=torch.float64)) - torch.tensor([1.0, -2.0])
        loss = (error**2).sum() / 2
        loss.backward()
        assert float(update.loss) == pytest.approx(loss.item())
        for linear, ours in zip(linears, update.layers, strict=True):
            np.testing.assert_allclose(linear.weight.grad.numpy(), np.array(ours.weight.gradient, float), atol=1e-9)
            np.testing.assert_allclose(linear.bias.grad.numpy(), np.array(ours.bias.gradient, float)[:, 0], atol=1e-9)
        descent.step()
        for linear, ours in zip(linears, update.layers, strict=True):
            np.testing.assert_allclose(linear.weight.detach().numpy(), np.array(ours.weight.updated, float), atol=1e-9)


def test_a_unit_at_exactly_zero_lets_nothing_through():
    tables = hand_tables(Fraction, x=(1,), weight=1, bias=-1, widths=(1, 1, 1), target=(5,))
    assert entries(tables, 0, "weight", "gradient") == [{0}, {0}]
    assert entries(tables, 0, "bias", "gradient")[1] != {0}


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="need 1 and 1 numbers"):
        hand_tables(Fraction, x=(1, 2))


def test_transpose_turns_rows_into_columns():
    assert transpose(((1.0, 2.0), (3.0, 4.0))) == ((1.0, 3.0), (2.0, 4.0))
