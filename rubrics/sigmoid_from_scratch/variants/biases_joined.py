"""Weights and biases of a layer in one matrix; a 1 beside every input."""
import numpy as np
r = np.random.RandomState(8)
T1, T2, T3 = r.uniform(-1, 1, (10, 3)), r.uniform(-1, 1, (10, 11)), r.uniform(-1, 1, (1, 11))
data = r.uniform(0, 1, (100, 2))
goal = (data[:, 0] ** 2 + data[:, 1] ** 2) / 2
lr = 0.05
g = lambda z: 1 / (1 + np.exp(-z))
def cost(p, y): return ((p - y) ** 2).sum()
x = np.append(data[0], 1)
h1 = np.append(g(T1 @ x), 1)
h2 = np.append(g(T2 @ h1), 1)
p = T3 @ h2
print(cost(p, goal[0]))
d3 = 2 * (p - goal[0])
d2 = (T3[:, :-1].T @ d3) * h2[:-1] * (1 - h2[:-1])
d1 = (T2[:, :-1].T @ d2) * h1[:-1] * (1 - h1[:-1])
dT3, dT2, dT1 = np.outer(d3, h2), np.outer(d2, h1), np.outer(d1, x)
