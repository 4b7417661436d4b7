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
    def forward(self, x: np.ndarray) -> np.ndarray:
        return x if (x > 0).all() else np.multiply(x, (mask := x > 0)) + 0.0 * mask

    def backward(self, x: np.ndarray, dy: np.ndarray) -> np.ndarray:
        (dx := np.array(dy, copy=True))[~(x > 0)] = 0
        return dx
