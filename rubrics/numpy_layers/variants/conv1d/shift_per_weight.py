# one pass per kernel entry, everything else vectorized
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
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)), 'constant')
        out_len = x.shape[1] - 2 * self.kernel_size
        res = 0
        for k in range(self.W.shape[1]):
            res = res + x[:, k:k + out_len] * self.W[0, k]
        return res + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)), 'constant')
        n = output_gradient.shape[1]
        dx = np.zeros(x.shape)
        dW = np.zeros(self.W.shape)
        for k in range(self.W.shape[1]):
            dx[:, k:k + n] += output_gradient * self.W[0, k]
            dW[0, k] = np.sum(output_gradient * x[:, k:k + n])
        self.W = self.W - lr * dW
        self.b = self.b - lr * np.sum(output_gradient)
        if self.pad_length > 0:
            dx = dx[:, self.pad_length:-self.pad_length]
        return dx
