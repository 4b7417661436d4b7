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
        return np.clip(input_array, 0, None)

    def backward(self, input_array, output_gradient):
        return output_gradient * np.clip(np.sign(input_array), 0, 1)
