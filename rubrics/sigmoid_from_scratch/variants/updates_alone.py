"""numpy alone; no gradient is ever kept, each goes straight into its update."""
import numpy as np

rng = np.random.default_rng(4)
A, a = rng.uniform(-1, 1, (10, 2)), rng.uniform(-1, 1, 10)
B, b = rng.uniform(-1, 1, (10, 10)), rng.uniform(-1, 1, 10)
C, c = rng.uniform(-1, 1, (1, 10)), rng.uniform(-1, 1, 1)
points = rng.uniform(0, 1, (100, 2))
labels = (points ** 2).sum(axis=1) / 2
eta = 0.05


def squash(z):
    return 1 / (1 + np.exp(-z))


def loss(p, y):
    return np.sum((p - y) ** 2)


x, y = points[0], labels[0]
u = squash(A @ x + a)
v = squash(B @ u + b)
p = C @ v + c
print("loss", loss(p, y))
out = 2 * (p - y)
mid = C.T @ out * v * (1 - v)
low = B.T @ mid * u * (1 - u)
C, c = C - eta * np.outer(out, v), c - eta * out
B, b = B - eta * np.outer(mid, u), b - eta * mid
A, a = A - eta * np.outer(low, x), a - eta * low
