# I did it with loops, I find them easier to check against the formulas
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

    def forward(self, input_array):
        m, n = input_array.shape
        k = self.W.shape[1]
        res = np.zeros((m, k))
        for i in range(m):
            for j in range(k):
                s = 0
                for l in range(n):
                    s += input_array[i][l] * self.W[l][j]
                res[i][j] = s + self.b[0][j]
        return res

    def backward(self, input_array, output_gradient, lr=0.05):
        m, n = input_array.shape
        k = self.W.shape[1]
        res = np.zeros_like(input_array)
        for i in range(m):
            for l in range(n):
                for j in range(k):
                    res[i, l] += output_gradient[i, j] * self.W[l, j]
        for l in range(n):
            for j in range(k):
                g = 0
                for i in range(m):
                    g += input_array[i, l] * output_gradient[i, j]
                self.W[l, j] = self.W[l, j] - lr * g
        for j in range(k):
            self.b[0, j] -= lr * sum(output_gradient[i, j] for i in range(m))
        return res
