"""Programming Assignment 3 - Kwame

Backpropagation and neural networks, as a script because my Jupyter does not start.
"""
import time

import matplotlib.pyplot as plt
import numpy as np


class Module:
    def __init__(self):
        self.with_weights = False

    def __call__(self, *inputs, **kwargs):
        return self.forward(*inputs, **kwargs)


# Q1
class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        grad_W = input_array.T @ output_gradient
        grad_b = output_gradient.sum(axis=0, keepdims=True)
        grad_input = output_gradient @ self.W.T
        self.W = self.W - lr * grad_W
        self.b = self.b - lr * grad_b
        return grad_input


# Q2
# forward:  Y = X W + b = [[8, 4], [14, 7]]
# backward: dX = dY W^T = [[3, 3], [3, 3]]
# updated:  W = [[1.85, 0.85], [1.6, 0.6]]
#           b = [[-0.1, -0.1]]


# Q3
class ReLU(Module):
    def forward(self, input_array):
        return np.clip(input_array, 0, None)

    def backward(self, input_array, output_gradient):
        return output_gradient * np.heaviside(input_array, 0)


class Sigmoid(Module):
    def forward(self, input_array):
        return 1 / (1 + np.exp(-input_array))

    def backward(self, input_array, output_gradient):
        s = self.forward(input_array)
        return output_gradient * s * (1 - s)


class MSELoss(Module):
    def forward(self, predicted_y, y):
        return np.mean((predicted_y - y) ** 2)

    def backward(self, predicted_y, y):
        return (predicted_y - y) * 2 / len(y)


class SimpleNN(Module):
    def __init__(self, layers, loss, lr=0.005):
        super().__init__()
        self.layers = layers
        self.loss = loss
        self.lr = lr
        self.inputs = [None] * len(layers)
        self.loss_value = 1e5

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            self.inputs[i] = x
            x = layer(x)
        self.output = x
        return x

    def backward(self, y):
        self.loss_value = self.loss(self.output, y)
        g = self.loss.backward(self.output, y)
        for layer, x in zip(reversed(self.layers), reversed(self.inputs)):
            g = layer.backward(x, g, self.lr) if layer.with_weights else layer.backward(x, g)


# Q4
def compare(activation, m, steps=500):
    x = np.linspace(-np.pi, np.pi, m).reshape(-1, 1)
    y = np.sin(x)
    model = SimpleNN([Linear(1, 80), activation(), Linear(80, 80), activation(), Linear(80, 1)], MSELoss(), lr=0.05)
    start = time.time()
    for _ in range(steps):
        model(x)
        model.backward(y)
    print(activation.__name__, m, model.loss_value, time.time() - start)


for activation in (ReLU, Sigmoid):
    for m in (100, 1000):
        compare(activation, m)

# Q4 answer: ReLU is faster and reaches a lower loss in the same number of steps. The sigmoid saturates, its
# derivative is at most 0.25, so little gradient is left for the first layer. A bigger sample makes every step slower,
# but the loss after 500 steps is about the same.

# Q5
# Without activation layers the three linear layers collapse into one and the best fit is a straight line
# (loss about 0.203). The activation layers are what makes the model non-linear.


# Q6
class LinearL2(Linear):
    def __init__(self, input_dim, output_dim, lam=1e-3):
        super().__init__(input_dim, output_dim)
        self.lam = lam

    def backward(self, input_array, output_gradient, lr=0.05):
        decay = 2 * self.lam * self.W
        grad_input = super().backward(input_array, output_gradient, lr)
        self.W = self.W - lr * decay
        return grad_input


# L2 keeps the weights small. The training loss is a little higher, the curve is smoother, it should generalise better.


# Q7
class CrossEntropyLoss(Module):
    @staticmethod
    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def forward(self, predicted_y, y):
        return float(-(y * np.log(self.softmax(predicted_y))).sum(axis=1).mean())

    def backward(self, predicted_y, y):
        return (self.softmax(predicted_y) - y) / predicted_y.shape[0]


# Q8
"""
I tried 0.0001, 0.001, 0.01 and 0.1. The smallest two hardly move in 20 epochs, 0.01 is the best, 0.1 diverges.
The plot is in a file that I could not attach here.
"""


# Q10
class Conv1d(Module):
    def __init__(self, kernel_size, pad_length):
        super().__init__()
        self.W = np.zeros((1, 1 + 2 * kernel_size))
        self.b = np.zeros((1, 1))
        self.pad_length = pad_length
        self.with_weights = True

    def columns(self, input_array):
        """every window of the padded signal, by fancy indexing: (B, T_out, K)"""
        padded = np.pad(input_array, ((0, 0), (self.pad_length, self.pad_length)))
        taps = np.arange(self.W.shape[1])
        starts = np.arange(padded.shape[1] - len(taps) + 1)
        self.index = starts[:, None] + taps[None, :]
        return padded[:, self.index], padded.shape

    def forward(self, input_array):
        columns, _ = self.columns(input_array)
        return (columns * self.W[0]).sum(axis=2) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        columns, shape = self.columns(input_array)
        grad_padded = np.zeros(shape)
        spread = output_gradient[:, :, None] * self.W[0]
        for row in range(shape[0]):
            np.add.at(grad_padded[row], self.index, spread[row])
        grad_W = (output_gradient[:, :, None] * columns).sum(axis=(0, 1))[None, :]
        self.W = self.W - lr * grad_W
        self.b = self.b - lr * output_gradient.sum()
        stop = shape[1] - self.pad_length
        return grad_padded[:, self.pad_length:stop]


if __name__ == "__main__":
    x = np.linspace(-np.pi, np.pi, 100).reshape(-1, 1)
    y = np.sin(x)
    model = SimpleNN([Linear(1, 80), ReLU(), Linear(80, 80), ReLU(), Linear(80, 1)], MSELoss(), lr=0.05)
    for epoch in range(4000):
        prediction = model(x)
        model.backward(y)
        if epoch % 500 == 0:
            print(epoch, model.loss_value)
    plt.plot(x, y)
    plt.plot(x, prediction)
    plt.savefig("sine.png")
