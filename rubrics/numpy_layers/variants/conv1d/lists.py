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
        w = [float(v) for v in self.W[0]]
        result = []
        for signal in input_array:
            s = [0] * self.pad_length + list(signal) + [0] * self.pad_length
            result.append([sum(a * b for a, b in zip(s[t:], w)) + self.b[0][0] for t in range(len(s) - len(w) + 1)])
        return result

    def backward(self, input_array, output_gradient, lr=0.05):
        w = [float(v) for v in self.W[0]]
        new_w = list(w)
        dx = []
        for signal, gradient in zip(input_array, output_gradient):
            s = [0] * self.pad_length + list(signal) + [0] * self.pad_length
            ds = [0] * len(s)
            for t, g in enumerate(gradient):
                for k in range(len(w)):
                    ds[t + k] += g * w[k]
                    new_w[k] -= lr * g * s[t + k]
            dx.append(ds[self.pad_length:self.pad_length + len(signal)])
        self.W = [new_w]
        self.b = [[self.b[0][0] - lr * sum(sum(g) for g in output_gradient)]]
        return dx
