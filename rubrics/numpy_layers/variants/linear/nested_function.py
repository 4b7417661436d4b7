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
        super(Linear, self).__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, x):
        affine = lambda v: v @ self.W + self.b[0]
        return np.array([affine(v) for v in x])

    def backward(self, x, grad, lr=0.05):
        def one_sample(v, g):
            return self.W @ g, np.outer(v, g), g

        parts = [one_sample(v, g) for v, g in zip(x, grad)]

        def step(p, index):
            total = 0
            for part in parts:
                total = total + part[index]
            return p - lr * total

        res = np.stack([p[0] for p in parts])
        self.W = step(self.W, 1)
        self.b = step(self.b, 2)
        return res
