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

    def index(self, out_len):
        return np.arange(out_len)[:, None] + np.arange(self.W.shape[1])[None, :]

    def forward(self, input_array):
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        cols = x[:, self.index(x.shape[1] - self.W.shape[1] + 1)]
        return (cols @ self.W.T)[:, :, 0] + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        idx = self.index(output_gradient.shape[1])
        cols = x[:, idx]
        dcols = output_gradient[:, :, None] * self.W[0]
        dx = np.zeros_like(x)
        np.add.at(dx, (slice(None), idx), dcols)
        dW = (output_gradient.reshape(1, -1) @ cols.reshape(-1, self.W.shape[1]))
        self.W -= lr * dW
        self.b -= lr * output_gradient.sum(keepdims=True)
        return dx[:, self.pad_length: self.pad_length + input_array.shape[1]]
