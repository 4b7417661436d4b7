import numpy as np


def windows(x, width):
    B, T = x.shape
    s0, s1 = x.strides
    return np.lib.stride_tricks.as_strided(x, shape=(B, T - width + 1, width), strides=(s0, s1, s1), writeable=False)


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

    def padded(self, x, n):
        zeros = np.zeros((x.shape[0], n))
        return np.ascontiguousarray(np.concatenate([zeros, x, zeros], axis=1))

    def forward(self, input_array):
        return windows(self.padded(input_array, self.pad_length), self.W.shape[1]).dot(self.W[0]) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        K = self.W.shape[1]
        full = windows(self.padded(output_gradient, K - 1), K).dot(np.flip(self.W[0]))
        res = full[:, self.pad_length:full.shape[1] - self.pad_length]
        x = windows(self.padded(input_array, self.pad_length), K)
        self.W -= lr * (x * output_gradient[:, :, None]).sum(axis=(0, 1))
        self.b -= lr * output_gradient.sum()
        return res
