import numpy as np


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
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = (np.random.randn(input_dim, output_dim) * 1e-2).astype(np.float32)
        self.b = np.zeros((1, output_dim), dtype=np.float32)
        self.with_weights = True

    def forward(self, input_array):
        x = input_array.astype(np.float32)
        return x @ self.W.astype(np.float32) + self.b.astype(np.float32)

    def backward(self, input_array, output_gradient, lr=0.05):
        x = np.float32(input_array)
        g = np.float32(output_gradient)
        w = np.float32(self.W)
        res = g @ w.T
        self.W = w - np.float32(lr) * (x.T @ g)
        self.b = np.float32(self.b) - np.float32(lr) * g.sum(0, keepdims=True)
        return res
