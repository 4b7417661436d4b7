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

    def _prob(self, x):
        e = np.exp(x)
        return e / e.sum(1).reshape(-1, 1)

    def forward(self, predicted_y, y):
        try:
            predicted_y, y = predicted_y.numpy(), y.numpy()
        except AttributeError:
            pass
        loss = -np.trace(y @ np.log(self._prob(predicted_y)).T) / predicted_y.shape[0]
        return loss.item()

    def backward(self, predicted_y, y):
        try:
            predicted_y, y = predicted_y.numpy(), y.numpy()
        except AttributeError:
            pass
        grad = self._prob(predicted_y)
        grad -= y
        grad *= 1 / predicted_y.shape[0]
        return grad
