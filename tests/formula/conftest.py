"""The symbols and entries of sheet 002 (backward and forward table) that the tests of the formula reader share.

What is wanted is written in numpy here, so that the reader is never its own oracle.
"""

from __future__ import annotations

import numpy as np
import pytest

from grader.formula import Entry, Judge, Mistake, Symbol, Symbols, derivative


def relu(z):
    return np.maximum(z, 0.0)


@pytest.fixture(scope="session")
def net() -> Symbols:
    """Numerator layout: ∂l/∂ŷ is 1×K. The derivatives belong to the drawn net, g is the identity."""
    return Symbols(
        (
            Symbol("x", ("n", 1)),
            Symbol("y", ("K", 1)),
            Symbol("W1", ("h", "n")),
            Symbol("b1", ("h", 1)),
            Symbol("W2", ("K", "h")),
            Symbol("b2", ("K", 1)),
            Symbol("z1", ("h", 1), lambda v: v["W1"] @ v["x"] + v["b1"]),
            Symbol("z2", ("h", 1), lambda v: relu(v["z1"])),
            Symbol("z3", ("K", 1), lambda v: v["W2"] @ v["z2"] + v["b2"]),
            Symbol("yhat", ("K", 1), lambda v: v["z3"]),
            derivative("l", "yhat", (1, "K"), lambda v: 2 * (v["yhat"] - v["y"]).T),
            derivative("z2", "z1", ("h", "h"), lambda v: np.diag((v["z1"] > 0).astype(float).ravel())),
            derivative("yhat", "z3", ("K", "K"), draw="identity"),
        ),
        functions={"f": "relu", "g": "identity"},
        names_only={"l": ("L", "loss", "l_{MSE}", r"\mathcal{L}")},
    )


@pytest.fixture(scope="session")
def entries(net: Symbols) -> dict[str, Entry]:
    hidden = ("z1", "z2", "z3", "yhat")
    forward = Mistake("forward-table", "W1 x + b1", "This is the forward table again.")
    common = {"symbols": net, "forbidden": hidden, "jacobians": ("dz2_dz1",), "mistakes": (forward,)}
    return {
        "W1": Entry(lambda v: v["x"] @ v["dl_dyhat"] @ v["W2"] @ v["dz2_dz1"], **common),
        "b1": Entry(lambda v: v["dl_dyhat"] @ v["W2"] @ v["dz2_dz1"], **common),
        "W2": Entry(lambda v: v["z2"] @ v["dl_dyhat"], **common),
        "b2": Entry(lambda v: v["dl_dyhat"], **common),
        "z1": Entry(lambda v: v["W1"] @ v["x"] + v["b1"], net, forbidden=hidden),
        "z2": Entry(lambda v: relu(v["W1"] @ v["x"] + v["b1"]), net, forbidden=hidden),
        "loss": Entry(lambda v: float(np.sum((v["y"] - v["yhat"]) ** 2)), net),
    }


@pytest.fixture(scope="session")
def judges(entries: dict[str, Entry]) -> dict[str, Judge]:
    return {name: Judge(entry, np.random.default_rng(20)) for name, entry in entries.items()}
