# Tarea: perceptrón de dos capas. Todo en funciones.
import numpy as np
import matplotlib.pyplot as plt
import time

inicio = time.time()
ENTRADA = np.array([[0.05, 0.10]])  # una fila por muestra
OBJETIVO = np.array([[0.01, 0.99]])
TASA = 0.5


def sigmoide(v):
    return 1 / (1 + np.exp(-v))


def inicializar():
    # pesos como (entradas, salidas)
    return dict(
        pesos_1=np.array([[0.15, 0.25], [0.20, 0.30]]),
        sesgo_1=0.35,
        pesos_2=np.array([[0.40, 0.50], [0.45, 0.55]]),
        sesgo_2=0.60,
    )


def propagar(red, ent):
    oculta = sigmoide(ent @ red["pesos_1"] + red["sesgo_1"])
    salida = sigmoide(oculta @ red["pesos_2"] + red["sesgo_2"])
    return oculta, salida


def retropropagar(red, ent, obj):
    oculta, salida = propagar(red, ent)
    d_sal = (salida - obj) * salida * (1 - salida)
    d_ocu = d_sal @ red["pesos_2"].T * oculta * (1 - oculta)
    return dict(pesos_1=ent.T @ d_ocu, sesgo_1=d_ocu.sum(), pesos_2=oculta.T @ d_sal, sesgo_2=d_sal.sum())


def actualizar(red, grad):
    for clave in red:
        red[clave] = red[clave] - TASA * grad[clave]


def costo(salida, obj):
    return 0.5 * ((obj - salida) ** 2).sum()


def mostrar(red):
    for clave, valor in red.items():
        print(f"  {clave}: {np.array2string(np.asarray(valor), precision=4)}")


red = inicializar()
print(f"Pérdida inicial: {costo(propagar(red, ENTRADA)[1], OBJETIVO):.4f}")
actualizar(red, retropropagar(red, ENTRADA, OBJETIVO))
print("Después de 1 actualización")
mostrar(red)
actualizar(red, retropropagar(red, ENTRADA, OBJETIVO))
print("Después de 2 actualizaciones")
mostrar(red)

red = inicializar()
perdidas = []
for epoca in range(100):
    perdidas.append(costo(propagar(red, ENTRADA)[1], OBJETIVO))
    if epoca % 10 == 0:
        print(f"Época {epoca:3d}: pérdida = {perdidas[-1]:.5f}")
    g = retropropagar(red, ENTRADA, OBJETIVO)
    actualizar(red, g)
plt.plot(perdidas)
plt.show()
print("Parámetros finales")
mostrar(red)
print("Predicción para (0.06, 0.12):", propagar(red, np.array([[0.06, 0.12]]))[1].round(4))
print("Gradiente de pesos_2:", g["pesos_2"].round(5))
print("tiempo", time.time() - inicio)
