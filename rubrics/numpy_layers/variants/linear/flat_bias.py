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
        self.b = np.zeros(output_dim)   # (k,) is enough, numpy broadcasts
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        res = output_gradient @ self.W.T
        self.W -= lr * (input_array.T @ output_gradient)
        self.b -= lr * output_gradient.sum(axis=0)
        return res
