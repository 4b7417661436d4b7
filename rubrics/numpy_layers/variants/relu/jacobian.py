# the full chain rule: every sample has a diagonal Jacobian
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

    def forward(self, input_array):
        return np.array([np.diag((x > 0).astype(float)) @ x for x in input_array])

    def backward(self, input_array, output_gradient):
        res = []
        for x, g in zip(input_array, output_gradient):
            J = np.diag((x > 0) * 1.0)
            res.append(g @ J)
        return np.vstack(res)
