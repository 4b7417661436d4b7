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
        super(ReLU, self).__init__()

    def forward(self, x):
        return np.maximum(x, 0, x)

    def backward(self, x, delta):
        np.copyto(delta, 0.0, where=x <= 0)
        return delta
