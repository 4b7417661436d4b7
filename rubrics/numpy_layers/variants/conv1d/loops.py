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

    def forward(self, input_array):
        B, T = input_array.shape
        p = self.pad_length
        K = 2 * self.kernel_size + 1
        x = np.zeros((B, T + 2 * p))
        x[:, p:p + T] = input_array
        L = T + 2 * p - K + 1
        res = np.zeros((B, L))
        for i in range(B):
            for t in range(L):
                for k in range(K):
                    res[i, t] += x[i, t + k] * self.W[0, k]
                res[i, t] += self.b[0, 0]
        return res

    def backward(self, input_array, output_gradient, lr=0.05):
        B, T = input_array.shape
        p = self.pad_length
        K = 2 * self.kernel_size + 1
        x = np.zeros((B, T + 2 * p))
        x[:, p:p + T] = input_array
        L = output_gradient.shape[1]
        dx = np.zeros_like(x)
        dw = np.zeros_like(self.W)
        db = 0.0
        for i in range(B):
            for t in range(L):
                g = output_gradient[i, t]
                db += g
                for k in range(K):
                    dx[i, t + k] += g * self.W[0, k]
                    dw[0, k] += g * x[i, t + k]
        self.W -= lr * dw
        self.b -= lr * db
        return dx[:, p:p + T]
