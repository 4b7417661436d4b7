import numpy as np


class Perceptron:
    def __init__(self):
        self.pesos = [np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])]
        self.sesgos = [0.35, 0.60]

    def activar(self, z):
        return 1 / (1 + np.exp(-z))

    def hacia_adelante(self, entrada):
        self.a = [np.array(entrada)]
        for w, b in zip(self.pesos, self.sesgos):
            self.a.append(self.activar(w @ self.a[-1] + b))
        return self.a[-1]

    def hacia_atras(self, objetivo, tasa=0.5):
        d2 = (self.a[2] - objetivo) * self.a[2] * (1 - self.a[2])
        d1 = self.pesos[1].T @ d2 * self.a[1] * (1 - self.a[1])
        self.pesos[1] = self.pesos[1] - tasa * np.outer(d2, self.a[1])
        self.sesgos[1] -= tasa * d2.sum()
        self.pesos[0] = self.pesos[0] - tasa * np.outer(d1, self.a[0])
        self.sesgos[0] -= tasa * d1.sum()


red = Perceptron()
x = [0.05, 0.10]
t = np.array([0.01, 0.99])
error_inicial = ((red.hacia_adelante(x) - t) ** 2).mean()
print("error inicial", error_inicial)
red.hacia_atras(t)
print("tras 1 paso", red.pesos, red.sesgos)
red.hacia_adelante(x)
red.hacia_atras(t)
print("tras 2 pasos", red.pesos, red.sesgos)
red = Perceptron()
errores = []
for i in range(100):
    errores.append(((red.hacia_adelante(x) - t) ** 2).mean())
    w_ant = red.pesos[1].copy()
    red.hacia_atras(t)
print(errores[::10])
print(red.pesos, red.sesgos)
print("prediccion", red.hacia_adelante([0.06, 0.12]))
print("gradiente", (w_ant - red.pesos[1]) / 0.5)
