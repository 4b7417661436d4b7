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
        return [[max(0, x) for x in row] for row in input_array]

    def backward(self, input_array, output_gradient):
        return [[g if x > 0 else 0 for x, g in zip(xs, gs)] for xs, gs in zip(input_array, output_gradient)]
