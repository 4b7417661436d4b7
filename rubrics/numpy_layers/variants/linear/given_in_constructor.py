import numpy as np


class Linear:
    def __init__(self, input_dim, output_dim):
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

        def backward(X, G, lr=0.05):
            passed_on = G @ self.W.T
            self.W, self.b = self.W - lr * X.T @ G, self.b - lr * G.sum(0, keepdims=True)
            return passed_on

        self.forward = lambda X: X @ self.W + self.b
        self.backward = backward
