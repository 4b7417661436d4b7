import numpy as np


class TwoLayerPerceptron:
    def __init__(self, n_in=2, n_hidden=2, n_out=2):
        self.weights1 = np.array([[0.15, 0.20], [0.25, 0.30]])
        self.bias1 = 0.35
        self.weights2 = np.array([[0.40, 0.45], [0.50, 0.55]])
        self.bias2 = 0.60

    def feed_forward(self, inputs):
        self.inputs = np.asarray(inputs)
        self.hidden = 1 / (1 + np.exp(-(self.weights1 @ self.inputs + self.bias1)))
        self.output = 1 / (1 + np.exp(-(self.weights2 @ self.hidden + self.bias2)))
        return self.output

    def back_propagate(self, targets):
        delta2 = (self.output - targets) * self.output * (1 - self.output)
        delta1 = self.weights2.T @ delta2 * self.hidden * (1 - self.hidden)
        self.grad2, self.grad1 = np.outer(delta2, self.hidden), np.outer(delta1, self.inputs)
        self.gradb2, self.gradb1 = delta2.sum(), delta1.sum()

    def update(self, learning_rate=0.5):
        self.weights1 -= learning_rate * self.grad1
        self.bias1 -= learning_rate * self.gradb1
        self.weights2 -= learning_rate * self.grad2
        self.bias2 -= learning_rate * self.gradb2
