# for every input entry: which outputs did it take part in?
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
        K, p = self.W.shape[1], self.pad_length
        res = np.full((B, T + 2 * p - K + 1), self.b.item())
        for t in range(res.shape[1]):
            for k in range(K):
                if 0 <= t + k - p < T:          # outside there is only padding
                    res[:, t] += input_array[:, t + k - p] * self.W[0, k]
        return res

    def backward(self, input_array, output_gradient, lr=0.05):
        B, T = input_array.shape
        K, p = self.W.shape[1], self.pad_length
        L = output_gradient.shape[1]
        res = np.zeros_like(input_array)
        dW = np.zeros((1, K))
        for j in range(T):
            for k in range(K):
                t = j + p - k
                if 0 <= t < L:
                    res[:, j] += output_gradient[:, t] * self.W[0, k]
                    dW[0, k] += input_array[:, j].dot(output_gradient[:, t])
        self.W -= lr * dW
        self.b -= lr * output_gradient.sum()
        return res
