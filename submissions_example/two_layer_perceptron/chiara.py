"""Only functions: forward pass, gradients, training. They return what the sheet asks for."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x, W1=((0.15, 0.20), (0.25, 0.30)), b1=0.35, W2=((0.40, 0.45), (0.50, 0.55)), b2=0.60):
    h = sigmoid(np.dot(W1, x) + b1)
    return h, sigmoid(np.dot(W2, h) + b2)


def train(x, target, learning_rate=0.5, epochs=100):
    """Plain gradient descent from the sheet's initial parameters."""
    W1, b1 = np.array([[0.15, 0.20], [0.25, 0.30]]), 0.35
    W2, b2 = np.array([[0.40, 0.45], [0.50, 0.55]]), 0.60
    losses = []
    for _ in range(epochs):
        h, y = forward(x, W1, b1, W2, b2)
        losses.append(np.mean((y - target) ** 2))
        delta2 = (y - target) * y * (1 - y)
        delta1 = W2.T @ delta2 * h * (1 - h)
        dW2 = np.outer(delta2, h)
        W2, b2 = W2 - learning_rate * dW2, b2 - learning_rate * delta2.sum()
        W1, b1 = W1 - learning_rate * np.outer(delta1, x), b1 - learning_rate * delta1.sum()
    prediction = forward(np.array([0.06, 0.12]), W1, b1, W2, b2)[1]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "losses": losses, "prediction": prediction, "grad_W2": dW2}
