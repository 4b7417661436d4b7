from collections import namedtuple
from pprint import pprint
import numpy as np

P = namedtuple("P", "W_ih b_h W_ho b_o")


def sig(a):
    return 1.0 / (1.0 + np.exp(-a))


def fresh():
    return P(np.array([[0.15, 0.2], [0.25, 0.3]]), 0.35, np.array([[0.4, 0.45], [0.5, 0.55]]), 0.6)


def fwd(p, x):
    h = sig(p.W_ih @ x + p.b_h)
    return h, sig(p.W_ho @ h + p.b_o)


def update(p, x, t, lr=0.5):
    h, y = fwd(p, x)
    do = (y - t) * y * (1 - y)
    dh = p.W_ho.T @ do * h * (1 - h)
    return P(
        p.W_ih - lr * np.outer(dh, x), p.b_h - lr * dh.sum(), p.W_ho - lr * np.outer(do, h), p.b_o - lr * do.sum()
    ), np.outer(do, h)


x, t = np.array([0.05, 0.1]), np.array([0.01, 0.99])


def mse(p):
    return ((fwd(p, x)[1] - t) ** 2).mean()


history = [fresh()]
grads = []
for _ in range(100):
    nxt, g = update(history[-1], x, t)
    history.append(nxt)
    grads.append(g)
pprint({"loss": mse(history[0])})
pprint(history[1])
pprint(history[2])
pprint([(i, round(mse(history[i]), 5)) for i in range(0, 100, 10)])
pprint(history[100])
pprint({"prediction": fwd(history[-1], np.array([0.06, 0.12]))[1], "grad_W_ho": grads[-1]})
