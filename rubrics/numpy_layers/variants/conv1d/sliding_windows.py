import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


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
        super().__init__()
        self.W = np.zeros((1, 1 + 2*kernel_size))
        self.b = np.zeros((1, 1))
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def forward(self, input_array):
        p = self.pad_length
        windows = sliding_window_view(np.pad(input_array, [(0, 0), (p, p)]), self.W.size, axis=1)
        return np.tensordot(windows, self.W.ravel(), axes=1) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        p, T = self.pad_length, input_array.shape[1]
        K = self.W.size
        x = sliding_window_view(np.pad(input_array, [(0, 0), (p, p)]), K, axis=1)
        g = sliding_window_view(np.pad(output_gradient, [(0, 0), (K - 1, K - 1)]), K, axis=1)
        res = np.tensordot(g, self.W.ravel()[::-1], axes=1)[:, p:p + T]
        self.W = self.W - lr * np.tensordot(output_gradient, x, axes=2)
        self.b = self.b - lr * output_gradient.sum()
        return res
