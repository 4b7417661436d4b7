import numpy as np


class Module(object):
    def __call__(self, *a):
        return self.forward(*a)


class ReLU(Module):
    def forward(self, x):
        return np.ma.masked_less(x, 0).filled(0)

    def backward(self, x, grad):
        return np.ma.masked_where(x <= 0, grad).filled(0)
