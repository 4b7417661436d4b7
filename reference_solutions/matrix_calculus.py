"""Sheet 002: the two-layer net x → Linear₁ → ReLU → Linear₂ → identity → ŷ with l = ‖y - ŷ‖². numpy alone.

    z₁ = W₁x + b₁      z₂ = max(0, z₁)      z₃ = W₂z₂ + b₂      ŷ = z₃

Vectors are columns, derivatives in numerator layout: ∂l/∂W has the shape of Wᵀ, ∂l/∂b is a row. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Formula = Callable[[Mapping[str, Any]], Array | float]

FORWARD: Final = (
    ("Linear1", "x", "z1 = W1 x + b1"),
    ("f", "z1", "z2 = ReLU(z1)"),
    ("Linear2", "z2", "z3 = W2 z2 + b2"),
    ("g", "z3", "yhat = z3"),
    ("Loss", "yhat, y", "||y - yhat||^2"),
)
"""Layer, input, output: the sheet's forward table."""

BACKWARD: Final = (
    ("W1", "x dl/dyhat dyhat/dz3 W2 dz2/dz1"),
    ("b1", "dl/dyhat dyhat/dz3 W2 dz2/dz1"),
    ("W2", "ReLU(W1 x + b1) dl/dyhat dyhat/dz3"),
    ("b2", "dl/dyhat dyhat/dz3"),
)
"""Parameter and the gradient of the loss, in the symbols that the sheet allows."""


def values(given: Mapping[str, Array]) -> dict[str, Array | float]:
    """Every quantity of the net, from x (n×1), y (K×1), W1 (h×n), b1 (h×1), W2 (K×h) and b2 (K×1).

    >>> one = {name: np.ones((1, 1)) for name in ("x", "y", "W1", "b1", "W2", "b2")}
    >>> found = values(one)
    >>> found["yhat"].item(), found["l"], found["dl_dW1"].item()
    (3.0, 4.0, 4.0)
    """
    x, y, W1, b1, W2, b2 = (given[name] for name in ("x", "y", "W1", "b1", "W2", "b2"))
    z1 = W1 @ x + b1
    z2 = np.maximum(z1, 0.0)
    z3 = W2 @ z2 + b2
    yhat = z3
    l = float(np.sum((y - yhat) ** 2))  # noqa: E741
    dl_dyhat = 2 * (yhat - y).T
    dyhat_dz3 = np.eye(len(z3))
    dz2_dz1 = np.diagflat(np.where(z1 > 0, 1.0, 0.0))
    dl_dz3 = dl_dyhat @ dyhat_dz3
    dl_dz2 = dl_dz3 @ W2
    dl_dz1 = dl_dz2 @ dz2_dz1
    return {
        **given, "z1": z1, "z2": z2, "z3": z3, "yhat": yhat, "l": l,
        "dl_dyhat": dl_dyhat, "dyhat_dz3": dyhat_dz3, "dz3_dz2": W2, "dz2_dz1": dz2_dz1,
        "dl_dz3": dl_dz3, "dl_dz2": dl_dz2, "dl_dz1": dl_dz1, "dl_dx": dl_dz1 @ W1,
        "dl_dW1": x @ dl_dz1, "dl_db1": dl_dz1, "dl_dW2": z2 @ dl_dz3, "dl_db2": dl_dz3,
    }  # fmt: skip


SLIPS: Final[Mapping[str, Formula]] = {
    "W1x": lambda v: v["W1"] @ v["x"],
    "W2z2": lambda v: v["W2"] @ v["z2"],
    "W2z1+b2": lambda v: v["W2"] @ v["z1"] + v["b2"],
    "relu(z3)": lambda v: np.maximum(v["z3"], 0.0),
    "norm": lambda v: float(np.sqrt(v["l"])),
}
"""Wrong values that have a name of their own."""


def quantity(name: str, given: Mapping[str, Array]) -> Array | float:
    """One of `values`, or of `SLIPS` at them."""
    found = values(given)
    return SLIPS[name](found) if name in SLIPS else found[name]
