"""The layers of sheet 004 (Programming Assignment 3), forward and backward, one formula a line.

Shapes: m samples in rows, n inputs, k outputs. X is m×n, W is n×k, b is 1×k; a gradient has the shape of what it
belongs to. As on the sheet, `backward` also takes the gradient step; dX always comes from the W before that step.
Training loops, tables and what the sheet gets wrong live elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Module:
    """What a layer is: a forward pass, a backward pass, and whether it has weights to learn (sheet 004, Base Class)."""

    def __init__(self) -> None:
        self.with_weights = False

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def backward(self, *inputs: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.forward(*inputs, **kwargs)


class Linear(Module):
    """Y = XW + b (sheet 004, Q1). W is n×k, small and random; b is 1×k, zero.

    The example is the sheet's own Q2:

    >>> linear = Linear(2, 2)
    >>> linear.W = np.array([[2.0, 1.0], [2.0, 1.0]])
    >>> X, dY = np.array([[1.0, 3.0], [2.0, 5.0]]), np.ones((2, 2))
    >>> print(linear(X))
    [[ 8.  4.]
     [14.  7.]]
    >>> print(linear.backward(X, dY, lr=0.05))
    [[3. 3.]
     [3. 3.]]
    >>> print(linear.W, linear.b)
    [[1.85 0.85]
     [1.6  0.6 ]] [[-0.1 -0.1]]
    """

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__()
        self.W: Array = np.random.randn(input_dim, output_dim) * 1e-2
        self.b: Array = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, X: Array) -> Array:
        """X (m×n) to Y (m×k)."""
        return X @ self.W + self.b

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        """Take one gradient step on W and b, and return dX (m×n), for the input X (m×n) and the gradient dY (m×k)."""
        dX, dW, db = self.gradients(X, dY)
        self.update(dW, db, lr)
        return dX

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        """dX (m×n), dW (n×k) and db (1×k) at the present W."""
        dX = dY @ self.W.T
        dW = X.T @ dY
        db = dY.sum(axis=0, keepdims=True)
        return dX, dW, db

    def update(self, dW: Array, db: Array, lr: float) -> None:
        """One step of gradient descent. W and b are bound anew: an array that a caller put there stays as it was."""
        self.W = self.W - lr * dW
        self.b = self.b - lr * db


class L2Linear(Linear):
    """Linear whose weights decay: the loss gains λ‖W‖², so dW gains 2λW; b is left alone (sheet 004, Q6).

    The sheet names no λ; `lambda_` is ours. Without data the weights shrink by 1 - 2·lr·λ a step:

    >>> linear = L2Linear(1, 1, lambda_=0.5)
    >>> linear.W = np.array([[8.0]])
    >>> dX = linear.backward(np.zeros((1, 1)), np.zeros((1, 1)), lr=0.25)
    >>> print(linear.W, linear.b)
    [[6.]] [[0.]]
    """

    def __init__(self, input_dim: int, output_dim: int, lambda_: float = 1e-3) -> None:
        super().__init__(input_dim, output_dim)
        self.lambda_ = lambda_

    def update(self, dW: Array, db: Array, lr: float) -> None:
        """One step of gradient descent on the loss with its penalty."""
        super().update(dW + 2 * self.lambda_ * self.W, db, lr)


class ReLU(Module):
    """Y = max(0, X), element by element; the derivative at exactly 0 is 0 (sheet 004, Q3).

    >>> relu = ReLU()
    >>> X = np.array([[2.0, -2.0], [-2.0, 0.0]])
    >>> print(relu(X))
    [[2. 0.]
     [0. 0.]]
    >>> print(relu.backward(X, np.full((2, 2), 5.0)))
    [[5. 0.]
     [0. 0.]]
    """

    def forward(self, X: Array) -> Array:
        """X to Y, of the same shape."""
        return np.maximum(X, 0)

    def backward(self, X: Array, dY: Array) -> Array:
        """dY to dX, of the same shape: passed on where the input X was positive."""
        return dY * (X > 0)


class Sigmoid(Module):
    """Y = 1 / (1 + e⁻ˣ), element by element (sheet 004, Sigmoid).

    >>> sigmoid = Sigmoid()
    >>> print(sigmoid(np.array([[0.0]])), sigmoid.backward(np.array([[0.0]]), np.array([[8.0]])))
    [[0.5]] [[2.]]
    """

    def forward(self, X: Array) -> Array:
        """X to Y, of the same shape."""
        return 1 / (1 + np.exp(-X))

    def backward(self, X: Array, dY: Array) -> Array:
        """dY to dX, of the same shape."""
        Y = self.forward(X)
        return dY * Y * (1 - Y)


class MSELoss(Module):
    """The mean squared error of predictions P against targets Y, both m×1 (sheet 004, MSE Loss).

    The sheet's own pair: `forward` averages over all entries, `backward` divides by the rows alone. They agree for the
    width 1 that every net of the sheet has, and for no other (erratum `mse-width`).

    >>> mse = MSELoss()
    >>> P, Y = np.array([[1.0], [1.0]]), np.array([[1.5], [1.5]])
    >>> print(mse(P, Y), mse.backward(P, Y).tolist())
    0.25 [[-0.5], [-0.5]]
    """

    def forward(self, P: Array, Y: Array) -> float:
        """The loss, a number."""
        return float(np.mean((P - Y) ** 2))

    def backward(self, P: Array, Y: Array) -> Array:
        """The gradient with respect to P, of its shape."""
        return (P - Y) * 2 / len(Y)


class CrossEntropyLoss(Module):
    """The mean over rows of -Σ y log softmax(z), for logits Z and one-hot labels Y, both N×C (sheet 004, Q7).

    Every row is shifted by its greatest logit, which changes nothing but keeps e^z finite. ndarrays in, ndarrays out.

    >>> cross_entropy = CrossEntropyLoss()
    >>> Z, Y = np.array([[1000.0, 1000.0]]), np.array([[1.0, 0.0]])
    >>> print(round(cross_entropy(Z, Y), 6), cross_entropy.backward(Z, Y))
    0.693147 [[-0.5  0.5]]
    """

    def log_softmax(self, Z: Array) -> Array:
        """The logarithms of the predicted probabilities, N×C."""
        shifted: Array = Z - Z.max(axis=1, keepdims=True)
        log_sum: Array = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return shifted - log_sum

    def forward(self, Z: Array, Y: Array) -> float:
        """The loss, a number."""
        return float(-(Y * self.log_softmax(Z)).sum() / len(Z))

    def backward(self, Z: Array, Y: Array) -> Array:
        """The gradient with respect to the logits, N×C."""
        return (np.exp(self.log_softmax(Z)) - Y) / len(Z)


class Conv1d(Module):
    """Slide one kernel along B signals of length T, zero-padded by p at both ends (sheet 004, Q10).

    `kernel_size` is the sheet's a, the half width: W is 1×(1+2a), b is 1×1, both zero at first as on the sheet, and
    Y is B×(T+2p-2a). The kernel is not flipped: for S = [a b c d e f] and K = [x y z] the first output is ax+by+cz.

    >>> conv = Conv1d(1, 1)
    >>> conv.W = np.array([[1.0, 10.0, 100.0]])
    >>> X, dY = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[1.0, 0.0, 0.0, 0.0]])
    >>> print(conv(X))
    [[210. 321. 432.  43.]]
    >>> print(conv.backward(X, dY, lr=1.0))
    [[ 10. 100.   0.   0.]]
    >>> print(conv.W, conv.b)
    [[ 1.  9. 98.]] [[-1.]]
    """

    def __init__(self, kernel_size: int, pad_length: int) -> None:
        super().__init__()
        self.W: Array = np.zeros((1, 1 + 2 * kernel_size))
        self.b: Array = np.zeros((1, 1))
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def windows(self, S: Array, pad: int) -> Array:
        """Every stretch of S (B×T) that the kernel meets once S is zero-padded by `pad`: B×(T+2·pad-2a)×(1+2a)."""
        padded = np.pad(S, ((0, 0), (pad, pad)))
        return sliding_window_view(padded, self.W.shape[1], axis=1)

    def forward(self, X: Array) -> Array:
        """X (B×T) to Y (B×(T+2p-2a))."""
        Y: Array = self.windows(X, self.pad_length) @ self.W[0] + self.b
        return Y

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        """Take one gradient step on W and b, and return dX (B×T), for the input X and the gradient dY (shaped as Y)."""
        dX, dW, db = self.gradients(X, dY)
        self.update(dW, db, lr)
        return dX

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        """dX (B×T), dW (1×(1+2a)) and db (1×1) at the present W."""
        start, stop = self.pad_length, self.pad_length + X.shape[1]
        # Padded entry i meets W[t'] in output i - t', so dY slides past the kernel backwards; the padding's share goes.
        dX = (self.windows(dY, 2 * self.kernel_size) @ self.W[0, ::-1])[:, start:stop]
        dW = np.einsum("bt,btk->k", dY, self.windows(X, self.pad_length))[np.newaxis]
        db = dY.sum(keepdims=True)
        return dX, dW, db

    def update(self, dW: Array, db: Array, lr: float) -> None:
        """One step of gradient descent. W and b are bound anew: an array that a caller put there stays as it was."""
        self.W = self.W - lr * dW
        self.b = self.b - lr * db


class SimpleNN(Module):
    """Layers in a row with a loss at the end (sheet 004, Simple Neural Network).

    `backward(Y)` follows the latest `forward(X)`: it keeps the loss as `loss_value`, and every layer with weights takes
    a step of size `lr`.

    >>> model = SimpleNN([Linear(1, 1)], MSELoss(), lr=0.25)
    >>> model.layers[0].W = np.array([[1.0]])
    >>> X, Y = np.array([[1.0]]), np.array([[3.0]])
    >>> for step in range(3):
    ...     print(model(X))
    ...     model.backward(Y)
    [[1.]]
    [[3.]]
    [[3.]]
    >>> model.loss_value
    0.0
    """

    def __init__(self, layers: Sequence[Any], loss: Any, lr: float = 0.005) -> None:
        super().__init__()
        self.layers = layers
        self.loss = loss
        self.inputs: list[Any] = []
        self.output: Any = None
        self.loss_value = 1e5
        self.lr = lr

    def forward(self, X: Array) -> Any:
        """X through every layer; each layer's input is kept for `backward`."""
        self.inputs = []
        self.output = X
        for layer in self.layers:
            self.inputs.append(self.output)
            self.output = layer(self.output)
        return self.output

    def backward(self, Y: Array) -> None:
        """Pass the loss's gradient back, last layer first. Raises RuntimeError where no forward came before."""
        if self.output is None:
            raise RuntimeError("call forward before backward: there is no prediction to compare with Y")
        self.loss_value = self.loss(self.output, Y)
        gradient = self.loss.backward(self.output, Y)
        for layer, X in zip(reversed(self.layers), reversed(self.inputs), strict=True):
            step = [self.lr] if layer.with_weights else []
            gradient = layer.backward(X, gradient, *step)
        self.output = None
