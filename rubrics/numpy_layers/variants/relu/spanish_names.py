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
        super().__init__()

    def forward(self, entrada):
        salida = entrada.copy()
        salida[salida < 0] = 0  # los negativos se anulan
        return salida

    def backward(self, entrada, gradiente):
        mascara = np.zeros(entrada.shape)
        mascara[entrada > 0] = 1
        return mascara * gradiente
