from typing import Optional
import numpy as np
import torch


class Module:
    def __init__(self):
        self.with_weights = False
        pass
    def forward(self):
        pass
    def backward(self):
        pass
    def __call__(self, *inputs, **kwargs):
        return self.forward(*inputs, **kwargs)

class Linear(Module):
    W: np.ndarray
    b: np.ndarray

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__()
        self.W = np.random.normal(0, 1e-2, size=(input_dim, output_dim))
        self.b = np.zeros(shape=(1, output_dim))
        self.with_weights: bool = True

    def forward(self, input_array: "np.ndarray | torch.Tensor") -> np.ndarray:
        x = np.asarray(input_array)
        return x @ self.W + self.b

    def backward(self, input_array: torch.Tensor, output_gradient: np.ndarray, lr: Optional[float] = 0.05) -> np.ndarray:
        if lr is None:
            lr = 0.05
        x: np.ndarray = np.asarray(input_array)
        if (n := x.shape[1]) != self.W.shape[0]:
            raise ValueError(f"expected {self.W.shape[0]} inputs, got {n}")
        res = np.tensordot(output_gradient, self.W, axes=([1], [1]))
        self.W = self.W - lr * np.tensordot(x, output_gradient, axes=([0], [0]))
        self.b = self.b - lr * np.sum(output_gradient, axis=0, keepdims=True)
        return res
