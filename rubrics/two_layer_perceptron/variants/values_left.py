import numpy as np

x = np.array([[0.05], [0.10]])
target = np.array([[0.01], [0.99]])
W_h, W_o = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])
b_h, b_o = 0.35, 0.60
historial = []
estados = []
for epoca in range(100):
    h = 1 / (1 + np.exp(-(W_h @ x + b_h)))
    y = 1 / (1 + np.exp(-(W_o @ h + b_o)))
    historial.append(np.mean((y - target) ** 2))
    delta_o = (y - target) * y * (1 - y)
    delta_h = (W_o.T @ delta_o) * h * (1 - h)
    grad_o = delta_o @ h.T
    W_o, b_o = W_o - 0.5 * grad_o, b_o - 0.5 * delta_o.sum()
    W_h, b_h = W_h - 0.5 * delta_h @ x.T, b_h - 0.5 * delta_h.sum()
    if epoca < 2:
        estados.append({"W_h": W_h, "b_h": b_h, "W_o": W_o, "b_o": b_o})
error_inicial = historial[0]
h = 1 / (1 + np.exp(-(W_h @ np.array([[0.06], [0.12]]) + b_h)))
pred = 1 / (1 + np.exp(-(W_o @ h + b_o)))
