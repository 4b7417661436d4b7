# coming from MATLAB, so I use np.matrix and *
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
        self.W = np.matrix(np.random.randn(input_dim, output_dim) * 1e-2)
        self.b = np.matrix(np.zeros((1, output_dim)))
        self.with_weights = True

    def forward(self, input_array):
        X = np.asmatrix(input_array)
        return X * self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        X = np.asmatrix(input_array)
        G = np.asmatrix(output_gradient)
        res = G * self.W.T
        self.W = self.W - lr * (X.T * G)
        self.b = self.b - lr * G.sum(axis=0)
        return res
