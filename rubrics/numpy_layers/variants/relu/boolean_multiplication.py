import numpy as np

class ReLU:
    with_weights = False

    def forward(self, x):
        return x*(x>0)

    def backward(self, x, g):
        return g*(x>0).astype(int)

    def __call__(self, x):
        return self.forward(x)
