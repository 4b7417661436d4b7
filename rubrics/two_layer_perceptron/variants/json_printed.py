"""Everything in one dictionary, printed as JSON on a single line."""
import json

import numpy as np

x, t = np.array([0.05, 0.10]), np.array([0.01, 0.99])


def begin():
    return {"W1": np.array([[0.15, 0.20], [0.25, 0.30]]), "b1": 0.35, "W2": np.array([[0.40, 0.45], [0.50, 0.55]]), "b2": 0.60}


def activate(z):
    return 1.0 / (1.0 + np.exp(-z))


def through(p, x):
    hidden = activate(p["W1"] @ x + p["b1"])
    return hidden, activate(p["W2"] @ hidden + p["b2"])


def slopes(p):
    hidden, out = through(p, x)
    d2 = (out - t) * out * (1 - out)
    d1 = (p["W2"].T @ d2) * hidden * (1 - hidden)
    return {"W1": np.outer(d1, x), "b1": d1.sum(), "W2": np.outer(d2, hidden), "b2": d2.sum()}


def main():
    lists = lambda p: {k: np.asarray(v).tolist() for k, v in p.items()}
    error = lambda p: float(np.mean((through(p, x)[1] - t) ** 2))
    results, p, losses = {"initial_loss": error(begin())}, begin(), {}
    for epoch in range(100):
        if epoch % 10 == 0:
            losses[epoch] = error(p)
        g = slopes(p)
        p = {k: p[k] - 0.5 * g[k] for k in p}
        if epoch < 2:
            results[f"update{epoch + 1}"] = lists(p)
    results |= {"losses": losses, "final": lists(p)}
    results["prediction"] = through(p, np.array([0.06, 0.12]))[1].tolist()
    results["last_gradient_W2"] = g["W2"].tolist()
    print(json.dumps(results))


main()
