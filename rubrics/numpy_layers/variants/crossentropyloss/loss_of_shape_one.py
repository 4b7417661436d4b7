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
        p = e / e.sum(axis=1, keepdims=True)
        per_class = -np.sum(y * np.log(p), axis=0, keepdims=True) / N
        return per_class.sum(axis=1)

    def backward(self, predicted_y, y):
        N = predicted_y.shape[0]
        e = np.exp(predicted_y)
        p = e / e.sum(axis=1, keepdims=True)
        return (p - y) / N
