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
        self.W = np.zeros(1 + 2*kernel_size)     # (K,) instead of (1,K)
        self.b = np.zeros(1)
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def forward(self, input_array):
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        K = len(self.W)
        return np.array([[row[t:t + K] @ self.W + self.b[0] for t in range(len(row) - K + 1)] for row in x])

    def backward(self, input_array, output_gradient, lr=0.05):
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        K = len(self.W)
        dx = np.zeros_like(x)
        dW = np.zeros(K)
        for t in range(output_gradient.shape[1]):
            g = output_gradient[:, t]
            dx[:, t:t + K] += np.outer(g, self.W)
            dW += g @ x[:, t:t + K]
        self.W -= lr * dW
        self.b -= lr * output_gradient.sum()
        return dx[:, self.pad_length:dx.shape[1] - self.pad_length]
