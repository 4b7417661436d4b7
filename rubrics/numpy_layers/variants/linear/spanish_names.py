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

class Linear(Module):
    def __init__(self, entrada, salida):
        super().__init__()
        # inicialización de los pesos
        self.W = np.random.randn(entrada, salida) * 1e-2
        self.b = np.zeros((1, salida))
        self.with_weights = True

    def forward(self, datos):
        resultado = datos @ self.W
        resultado = resultado + self.b
        return resultado

    def backward(self, datos, gradiente, tasa=0.05):
        # ojo: el gradiente de la entrada usa los pesos viejos
        gradiente_entrada = gradiente @ np.transpose(self.W)
        gradiente_pesos = np.transpose(datos) @ gradiente
        gradiente_sesgo = np.sum(gradiente, axis=0)
        self.W = self.W - tasa * gradiente_pesos
        self.b = self.b - tasa * gradiente_sesgo
        print("gradiente", gradiente_entrada.shape)
        return gradiente_entrada
