import numpy as np

s = lambda z: 1 / (1 + np.exp(-z))
x = np.array([0.05, 0.10, 1.0])
t = np.array([0.01, 0.99])


def start():
    return np.array([[0.15, 0.20, 0.35], [0.25, 0.30, 0.35]]), np.array([[0.40, 0.45, 0.60], [0.50, 0.55, 0.60]])


def step(A, B):
    h = np.append(s(A @ x), 1.0)
    y = s(B @ h)
    d2 = (y - t) * y * (1 - y)
    d1 = (B.T @ d2)[:2] * h[:2] * (1 - h[:2])
    gB = np.outer(d2, h)
    gB[:, 2] = d2.sum()  # the bias is shared
    gA = np.outer(d1, x)
    gA[:, 2] = d1.sum()
    return A - 0.5 * gA, B - 0.5 * gB, np.mean((y - t) ** 2), gB


A, B = start()
A, B, L, _ = step(A, B)
print("loss", L)
print("after 1 step:")
print(A)
print(B)
A, B, L, _ = step(A, B)
print("after 2 steps:")
print(A)
print(B)
A, B = start()
for e in range(100):
    A, B, L, g = step(A, B)
    if e % 10 == 0:
        print("epoch", e, "loss", L)
print("after 100:")
print(A)
print(B)
xx = np.array([0.06, 0.12, 1.0])
print("prediction", s(B @ np.append(s(A @ xx), 1)))
print("gradient", g[:, :2])
