# a convolution is a linear layer with a band matrix, so reuse Q1
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

class Conv1d(Module):
    def __init__(self, kernel_size, pad_length):
        super(Conv1d, self).__init__()
        self.W = np.zeros((1, 1 + 2*kernel_size))
        self.b = np.zeros((1, 1))
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def band(self, w, T):
        full = T + 2 * self.pad_length
        out = full - w.shape[0] + 1
        M = np.zeros((full, out))
        for t in range(out):
            M[t:t + w.shape[0], t] = w
        return M[self.pad_length:self.pad_length + T]

    def forward(self, X):
        return X @ self.band(self.W[0], X.shape[1]) + self.b

    def backward(self, X, G, lr=0.05):
        T = X.shape[1]
        dX = G @ self.band(self.W[0], T).T
        dM = X.T @ G
        dW = [np.sum(dM * self.band(e, T)) for e in np.eye(self.W.shape[1])]
        self.W = self.W - lr * np.array([dW])
        self.b = self.b - lr * G.sum()
        return dX
