# the bias is a scalar according to the sheet, so it is a float here
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
        self.b = 0.0
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def forward(self, input_array):
        w = self.W.flatten()
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        return np.apply_along_axis(lambda r: np.correlate(r, w, 'valid') + self.b, 1, x)

    def backward(self, input_array, output_gradient, lr=0.05):
        w = self.W.flatten()
        x = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        dx = np.apply_along_axis(lambda g: np.convolve(g, w, 'full'), 1, output_gradient)
        dw = np.zeros_like(w)
        for r, g in zip(x, output_gradient):
            dw += np.correlate(r, g, 'valid')
        self.W = (w - lr * dw).reshape(1, -1)
        self.b = self.b - lr * float(np.sum(output_gradient))
        return dx[:, self.pad_length:self.pad_length + input_array.shape[1]]
