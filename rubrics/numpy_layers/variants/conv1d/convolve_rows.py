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
        p = self.pad_length
        # np.convolve flips the kernel, so flip it before
        rows = [np.convolve(np.pad(row, p), self.W[0][::-1], mode='valid') for row in input_array]
        return np.array(rows) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        p, T = self.pad_length, input_array.shape[1]
        res = np.array([np.convolve(g, self.W[0], mode='full')[p:p + T] for g in output_gradient])
        dW = sum(np.convolve(np.pad(x, p), g[::-1], mode='valid') for x, g in zip(input_array, output_gradient))
        self.W = self.W - lr * dW.reshape(1, -1)
        self.b = self.b - lr * output_gradient.sum()
        return res
