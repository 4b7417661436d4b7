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
        e = np.exp(predicted_y)
        self.p = e / (e.sum(axis=1)[:, None] + 1e-9)
        loss = -np.sum(np.multiply(y, np.log(self.p + 1e-9))) / y.shape[0]
        return loss

    def backward(self, predicted_y, y):
        grad = self.p.copy()
        grad[range(y.shape[0]), np.argmax(y, axis=1)] -= 1
        grad /= y.shape[0]
        return grad
