import numpy as np
from dataclasses import dataclass, field


@dataclass
class Linear:
    input_dim: int
    output_dim: int
    with_weights: bool = True
    W: np.ndarray = field(init=False, repr=False)
    b: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        self.W = np.random.randn(self.input_dim, self.output_dim) * 1e-2
        self.b = np.zeros((1, self.output_dim))

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        return x @ self.W + self.b

    def backward(self, x, grad, eta=0.05):
        out = grad @ self.W.T
        self.W = self.W - eta * x.T @ grad
        self.b = self.b - eta * grad.sum(0)
        return out
