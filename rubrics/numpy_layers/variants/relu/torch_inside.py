import numpy as np
import torch


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
        t = torch.as_tensor(input_array)
        return torch.clamp(t, min=0).numpy()

    def backward(self, input_array, output_gradient):
        t = torch.as_tensor(input_array)
        g = torch.as_tensor(output_gradient)
        return (g * (t > 0)).numpy()
