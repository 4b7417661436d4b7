# max(0,x) = (x+|x|)/2
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
        return (input_array + np.abs(input_array)) / 2

    def backward(self, input_array, output_gradient):
        mask = np.sign(self.forward(input_array))
        return np.multiply(mask, output_gradient)
