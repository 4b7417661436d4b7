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

    def forward(self, predicted_y, y):
        N = predicted_y.shape[0]
        e = np.exp(predicted_y)
        p = e / (e @ np.ones((y.shape[1], 1)))
        ones_n, ones_c = np.ones((1, N)), np.ones((y.shape[1], 1))
        return -(ones_n @ (y * np.log(p)) @ ones_c) / N

    def backward(self, predicted_y, y):
        e = np.exp(predicted_y)
        return (e / (e @ np.ones((y.shape[1], 1))) - y) / predicted_y.shape[0]
