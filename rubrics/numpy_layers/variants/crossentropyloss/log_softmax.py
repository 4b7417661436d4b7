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

class CrossEntropyLoss(Module):
    def __init__(self):
        super(CrossEntropyLoss, self).__init__()

    def log_softmax(self, z):
        m = np.max(z, axis=1, keepdims=True)
        return z - m - np.log(np.sum(np.exp(z - m), axis=1, keepdims=True))

    def forward(self, predicted_y, y):
        return float(-(y * self.log_softmax(predicted_y)).sum(axis=-1).mean())

    def backward(self, predicted_y, y):
        return (np.exp(self.log_softmax(predicted_y)) - y) / predicted_y.shape[0]
