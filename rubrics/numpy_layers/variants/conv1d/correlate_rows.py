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
        self.x = np.pad(input_array, ((0, 0), (self.pad_length,) * 2))
        return np.stack([np.correlate(r, self.W[0]) for r in self.x]) + self.b[0, 0]

    def backward(self, input_array, output_gradient, lr=0.05):
        dW = np.zeros_like(self.W)
        res = []
        for r, g in zip(self.x, output_gradient):
            dW += np.correlate(r, g)
            full = np.correlate(g, self.W[0, ::-1], 'full')
            res.append(full[self.pad_length:len(full) - self.pad_length])
        self.W -= lr * dW
        self.b -= lr * output_gradient.sum(axis=0).sum()
        return np.array(res)
