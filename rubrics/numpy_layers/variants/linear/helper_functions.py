import numpy as np

DEFAULT_LR = 0.05
INIT_SCALE = 1e-2


def matmul(a, b):
    return np.dot(a, b)


def column_sums(a):
    return np.add.reduce(a, axis=0)[None, :]


def linear_gradients(x, w, upstream):
    """returns dx, dw, db"""
    return matmul(upstream, w.T), matmul(x.T, upstream), column_sums(upstream)


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
        self.W = np.random.randn(input_dim, output_dim) * INIT_SCALE
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        return matmul(input_array, self.W) + self.b

    def backward(self, input_array, output_gradient, lr=DEFAULT_LR):
        dx, dw, db = linear_gradients(input_array, self.W, output_gradient)
        self.W, self.b = self.W - lr * dw, self.b - lr * db
        return dx
