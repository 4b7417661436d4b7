import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def init():
    return {
        "W1": np.array([[0.15, 0.2], [0.25, 0.3]]),
        "b1": 0.35,
        "W2": np.array([[0.4, 0.45], [0.5, 0.55]]),
        "b2": 0.6,
    }


def forward(p, x):
    h = sigmoid(p["W1"] @ x + p["b1"])
    return h, sigmoid(p["W2"] @ h + p["b2"])


def grads(p, x, t):
    h, y = forward(p, x)
    d2 = (y - t) * y * (1 - y)
    d1 = p["W2"].T @ d2 * h * (1 - h)
    return {"W1": np.outer(d1, x), "b1": d1.sum(), "W2": np.outer(d2, h), "b2": d2.sum()}


def step(p, g, lr=0.5):
    return {k: p[k] - lr * g[k] for k in p}


x, t = np.array([0.05, 0.1]), np.array([0.01, 0.99])
p0 = init()
E = 0.5 * np.sum((t - forward(p0, x)[1]) ** 2)
p1 = step(p0, grads(p0, x, t))
p2 = step(p1, grads(p1, x, t))
print(f"E_total = {E:.9f}")
print("after 1 update:", {k: np.round(v, 4) for k, v in p1.items()})
print("after 2 updates:", {k: np.round(v, 4) for k, v in p2.items()})

if __name__ == "__main__":
    p = init()
    for i in range(1, 101):
        y = forward(p, x)[1]
        g = grads(p, x, t)
        if i % 20 == 0 or i == 1:
            print(f"epoch {i}/100  loss {np.mean((y - t) ** 2):.6f}")
        p = step(p, g)
    print({k: np.round(v, 4) for k, v in p.items()})
    print("net(0.06, 0.12) =", forward(p, np.array([0.06, 0.12]))[1].round(4))
    print("dE/dW2 =", g["W2"].round(5))
