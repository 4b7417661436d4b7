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
        res = np.zeros_like(input_array)
        for i in range(input_array.shape[0]):
            for j in range(input_array.shape[1]):
                if input_array[i][j] > 0:
                    res[i][j] = input_array[i][j]
                else:
                    res[i][j] = 0
        return res

    def backward(self, input_array, output_gradient):
        res = np.zeros_like(input_array)
        for i in range(input_array.shape[0]):
            for j in range(input_array.shape[1]):
                if input_array[i][j] > 0:
                    res[i][j] = output_gradient[i][j]
        return res
