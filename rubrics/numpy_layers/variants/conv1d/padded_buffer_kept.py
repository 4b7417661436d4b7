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
        self.padded_input = None

    def forward(self, input_array):
        batch, length = input_array.shape
        self.padded_input = np.zeros((batch, length + 2 * self.pad_length))
        self.padded_input[:, self.pad_length:self.pad_length + length] = input_array
        out_length = self.padded_input.shape[1] - 2 * self.kernel_size
        res = np.empty((batch, out_length))
        for t in range(out_length):
            res[:, t] = np.sum(self.padded_input[:, t:t + 2 * self.kernel_size + 1] * self.W, axis=1)
        res += self.b
        return res

    def backward(self, input_array, output_gradient, lr=0.05):
        padded_gradient = np.zeros_like(self.padded_input)
        dW = np.zeros_like(self.W)
        for t in range(output_gradient.shape[1]):
            window = slice(t, t + 2 * self.kernel_size + 1)
            padded_gradient[:, window] += output_gradient[:, t:t + 1] * self.W
            dW += np.sum(output_gradient[:, [t]] * self.padded_input[:, window], axis=0, keepdims=True)
        self.W = self.W - lr * dW
        self.b = self.b - lr * np.sum(output_gradient)
        stop = padded_gradient.shape[1] - self.pad_length
        return padded_gradient[:, self.pad_length:stop]
