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

class ReLU(Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return np.where(x > 0, x, 0)

    def backward(self, x, grad):
        return np.where(x <= 0, 0, grad)
