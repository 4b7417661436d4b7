"""Independent ways to the values that a layer must give, and a comparison that says what differs and where.

Three kinds, none of which knows a formula of `layers`:
- differences: gradients from the forward pass alone, by central finite differences;
- by hand: the sheet's sums written out as loops over plain numbers, exact where the numbers are Fractions;
- PyTorch: float64 autograd (ImportError where it is not installed).

Each gives labelled values (Y, dX, W, b; loss, gradient), where W and b are the parameters after one step of size lr.
`observe` reads the same labels off a layer, `compare` returns mismatches as data: an empty tuple is agreement.
"""

from __future__ import annotations

import copy
import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = Mapping[str, Any]
Matrix = Sequence[Sequence[Any]]  # rows of ints, floats or Fractions


# -- values, observed and compared


@dataclass(frozen=True)
class Mismatch:
    """A label that disagrees: `kind` is missing, shape, finite or values; `at` is the worst entry, `count` how many."""

    label: str
    kind: str
    got: Any
    want: Any
    at: tuple[int, ...] = ()
    count: int = 1
    allowed: float = 0.0

    def __str__(self) -> str:
        place = f"{self.label}[{','.join(map(str, self.at))}]" if self.at else self.label
        facts = f"{self.kind}, {self.count} off, {self.allowed:.1e} allowed"
        return f"{place} = {self.got}, but should be {self.want} ({facts})"


def compare(got: Values, want: Values, rtol: float = 1e-9) -> tuple[Mismatch, ...]:
    """Every label of `want` that `got` lacks, or that differs by more than rtol · max|want|.

    >>> print(*compare({"Y": [[1, 2]]}, {"Y": [[1, 3]]}, rtol=0))
    Y[0,1] = 2.0, but should be 3.0 (values, 1 off, 0.0e+00 allowed)
    """
    found = (_mismatch(label, got.get(label), value, rtol) for label, value in want.items())
    return tuple(mismatch for mismatch in found if mismatch is not None)


def _mismatch(label: str, got: Any, want: Any, rtol: float) -> Mismatch | None:
    if got is None:
        return Mismatch(label, "missing", None, np.shape(want))
    a, b = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    if a.shape != b.shape:
        return Mismatch(label, "shape", a.shape, b.shape)
    allowed = rtol * float(np.abs(b).max(initial=0.0))
    off = ~(np.abs(a - b) <= allowed)  # so that nan is off
    if not off.any():
        return None
    distance = np.where(off, np.nan_to_num(np.abs(a - b), nan=np.inf), -1.0)
    at = tuple(int(i) for i in np.unravel_index(int(distance.argmax()), a.shape))
    kind = "values" if np.isfinite(a).all() else "finite"
    return Mismatch(label, kind, float(a[at]), float(b[at]), at, int(off.sum()), allowed)


def observe(layer: Any, X: Array, dY: Array, lr: float = 0.05) -> dict[str, Any]:
    """Y, dX and, with weights, W and b after one step, of a copy of `layer`: forward first, then backward, on one X."""
    layer = copy.deepcopy(layer)
    Y = layer.forward(X.copy())
    if not layer.with_weights:
        return {"Y": Y, "dX": layer.backward(X.copy(), dY.copy())}
    dX = layer.backward(X.copy(), dY.copy(), lr)
    return {"Y": Y, "dX": dX, "W": layer.W, "b": layer.b}


def observe_loss(loss: Any, P: Array, Y: Array) -> dict[str, Any]:
    """The loss and its gradient, of a copy of `loss`."""
    loss = copy.deepcopy(loss)
    return {"loss": loss.forward(P.copy(), Y.copy()), "gradient": loss.backward(P.copy(), Y.copy())}


# -- differences: nothing but the forward pass


def numerical_gradient(f: Callable[[Array], Any], x: Array, w: Any = 1.0, step: float = 1e-6) -> Array:
    """The gradient of ⟨w, f(x)⟩ with respect to x, entry by entry, by central differences.

    The error is near 1e-9 for values of order one; keep x away from kinks by more than `step`.

    >>> print(numerical_gradient(lambda x: x**2, np.array([1.0, -3.0])).round(6))
    [ 2. -6.]
    """
    gradient = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[at] = step
        gradient[at] = np.sum(w * (f(x + nudge) - f(x - nudge))) / (2 * step)
    return gradient


def vjp_mismatch(
    f: Callable[[Array], Array], vjp: Callable[[Array], Array], x: Array, rng: np.random.Generator
) -> Mismatch | None:
    """The identity ⟨v, vjp(w)⟩ = ⟨w, jvp(v)⟩ in random directions v and w, jvp(v) by a central difference of f along v.

    One number stands for the whole Jacobian: a vjp that is wrong anywhere misses it with probability one.
    """
    v, w, step = rng.standard_normal(x.shape), rng.standard_normal(np.shape(f(x))), 1e-6
    jvp = (f(x + step * v) - f(x - step * v)) / (2 * step)
    terms, gradient = w * jvp, np.asarray(vjp(w))
    if gradient.shape != x.shape:
        return Mismatch("vjp", "shape", gradient.shape, x.shape)
    got, want, allowed = float(np.sum(v * gradient)), float(np.sum(terms)), 1e-6 * float(np.abs(terms).sum())
    return None if abs(got - want) <= allowed else Mismatch("vjp", "values", got, want, allowed=allowed)


def layer_by_differences(
    layer: Any, X: Array, dY: Array, lr: float = 0.05, penalty: Callable[[Any], float] = lambda layer: 0.0
) -> dict[str, Any]:
    """dX, and W and b after one step, from the layer's own forward pass.

    `penalty(layer)` is what the loss gains from the parameters alone, as the λ‖W‖² of Q6.
    """

    def changed(name: str) -> Callable[[Array], Any]:
        def objective(value: Array) -> Any:
            other = copy.deepcopy(layer)
            setattr(other, name, value)
            return np.sum(dY * other.forward(X)) + penalty(other)

        return objective

    values = {"dX": numerical_gradient(copy.deepcopy(layer).forward, X, dY)}
    for name in ("W", "b") if layer.with_weights else ():
        before = getattr(layer, name)
        values[name] = before - lr * numerical_gradient(changed(name), before)
    return values


def loss_by_differences(loss: Any, P: Array, Y: Array) -> dict[str, Any]:
    """The gradient of a loss with respect to its predictions, from its own forward pass."""
    return {"gradient": numerical_gradient(lambda p: loss.forward(p, Y), P)}


# -- by hand: the sheet's sums as loops over plain numbers; Fractions in, Fractions out


def linear_by_hand(X: Matrix, W: Matrix, b: Matrix, dY: Matrix, lr: Any) -> dict[str, Any]:
    """Sheet 004, Q1: Y = XW + b, dX = dY Wᵀ, dW = Xᵀ dY, db = 1ᵀ dY."""
    m, n, k = range(len(X)), range(len(W)), range(len(W[0]))
    return {
        "Y": [[sum(X[i][j] * W[j][c] for j in n) + b[0][c] for c in k] for i in m],
        "dX": [[sum(dY[i][c] * W[j][c] for c in k) for j in n] for i in m],
        "W": [[W[j][c] - lr * sum(X[i][j] * dY[i][c] for i in m) for c in k] for j in n],
        "b": [[b[0][c] - lr * sum(dY[i][c] for i in m) for c in k]],
    }


def relu_by_hand(X: Matrix, dY: Matrix) -> dict[str, Any]:
    """Sheet 004, Q3: the derivative is 1 for x > 0, otherwise 0."""
    return {
        "Y": [[x if x > 0 else 0 for x in row] for row in X],
        "dX": [[g if x > 0 else 0 for x, g in zip(*rows, strict=True)] for rows in zip(X, dY, strict=True)],
    }


def mse_by_hand(P: Matrix, Y: Matrix) -> dict[str, Any]:
    """Sheet 004, MSE Loss, for predictions of width 1: Σ (p-y)² / m."""
    errors = [p[0] - y[0] for p, y in zip(P, Y, strict=True)]
    return {"loss": sum(e * e for e in errors) / len(P), "gradient": [[2 * e / len(P)] for e in errors]}


def cross_entropy_by_hand(Z: Matrix, Y: Matrix) -> dict[str, Any]:
    """Sheet 004, Q7, as printed and unshifted: p = e^z / Σ e^z, -1/N ΣΣ y log p. For logits of moderate size."""
    P = [[math.exp(z) / math.fsum(map(math.exp, row)) for z in row] for row in Z]
    entries = [(y, p) for ys, ps in zip(Y, P, strict=True) for y, p in zip(ys, ps, strict=True)]
    gradient = [[(p - y) / len(Z) for y, p in zip(ys, ps, strict=True)] for ys, ps in zip(Y, P, strict=True)]
    return {"loss": -math.fsum(y * math.log(p) for y, p in entries) / len(Z), "gradient": gradient}


def conv1d_by_hand(X: Matrix, W: Matrix, b: Matrix, dY: Matrix, lr: Any, pad_length: int) -> dict[str, Any]:
    """Sheet 004, Q10: Y[i,τ] = Σ S[i,τ+t] K[t] + b over the padded signal S, and its gradients term by term."""
    K, T, bias = W[0], len(X[0]), b[0][0]
    S = [[0] * pad_length + list(row) + [0] * pad_length for row in X]
    taps = range(T + 2 * pad_length - len(K) + 1)
    Y = [[sum(row[tau + t] * K[t] for t in range(len(K))) + bias for tau in taps] for row in S]
    dS, dK, db = [[0 * bias] * len(row) for row in S], [0 * bias] * len(K), 0 * bias
    for i in range(len(S)):
        for tau in taps:
            db += dY[i][tau]
            for t in range(len(K)):
                dK[t] += dY[i][tau] * S[i][tau + t]
                dS[i][tau + t] += dY[i][tau] * K[t]
    return {
        "Y": Y,
        "dX": [row[pad_length : pad_length + T] for row in dS],
        "W": [[K[t] - lr * dK[t] for t in range(len(K))]],
        "b": [[bias - lr * db]],
    }


# -- PyTorch


def _torch() -> Any:
    return importlib.import_module("torch")  # here and not above: numpy alone must be enough for everything else


def linear_by_torch(X: Array, W: Array, b: Array, dY: Array, lr: float) -> dict[str, Any]:
    """torch.nn.functional.linear and its autograd. torch keeps weights as k×n."""
    torch = _torch()
    return _layer_by_torch(lambda x, w, c: torch.nn.functional.linear(x, w.T, c), X, dY, lr, {"W": W, "b": b})


def conv1d_by_torch(X: Array, W: Array, b: Array, dY: Array, lr: float, pad_length: int) -> dict[str, Any]:
    """torch.nn.functional.conv1d, one channel in and out, and its autograd."""
    torch = _torch()

    def forward(x: Any, w: Any, c: Any) -> Any:
        return torch.nn.functional.conv1d(x[:, None], w[:, None], c[0], padding=pad_length)[:, 0]

    return _layer_by_torch(forward, X, dY, lr, {"W": W, "b": b})


def activation_by_torch(name: str, X: Array, dY: Array) -> dict[str, Any]:
    """torch.relu or torch.sigmoid, by name, and its autograd."""
    torch = _torch()
    return _layer_by_torch(getattr(torch, name), X, dY, 0.0, {})


def _layer_by_torch(
    forward: Callable[..., Any], X: Array, dY: Array, lr: float, parameters: Mapping[str, Array]
) -> dict[str, Any]:
    torch = _torch()
    x, *params = (torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (X, *parameters.values()))
    Y = forward(x, *params)
    Y.backward(torch.tensor(dY, dtype=torch.float64))
    stepped = {name: (p - lr * p.grad).detach().numpy() for name, p in zip(parameters, params, strict=True)}
    return {"Y": Y.detach().numpy(), "dX": x.grad.numpy(), **stepped}


def loss_by_torch(name: str, P: Array, Y: Array) -> dict[str, Any]:
    """torch.nn.functional.mse_loss or cross_entropy (with one-hot labels), by name, and its autograd."""
    torch = _torch()
    p = torch.tensor(P, dtype=torch.float64, requires_grad=True)
    loss = getattr(torch.nn.functional, name)(p, torch.tensor(Y, dtype=torch.float64))
    loss.backward()
    return {"loss": loss.item(), "gradient": p.grad.numpy()}
