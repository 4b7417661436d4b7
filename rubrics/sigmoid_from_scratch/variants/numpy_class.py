import numpy as np


class Net:
    """2-10-10-1, a sample a row, weights (in, out)."""

    def __init__(self):
        self.W1 = np.random.randn(2, 10)
        self.b1 = np.zeros((1, 10))
        self.W2 = np.random.randn(10, 10)
        self.b2 = np.zeros((1, 10))
        self.W3 = np.random.randn(10, 1)
        self.b3 = np.zeros((1, 1))

    def forward(self, x):
        self.a1 = 1 / (1 + np.exp(-(x @ self.W1 + self.b1)))
        self.a2 = 1 / (1 + np.exp(-(self.a1 @ self.W2 + self.b2)))
        self.out = self.a2 @ self.W3 + self.b3
        return self.out

    def backward(self, x, y, lr=0.05):
        d3 = 2 * (self.out - y)
        gW3, gb3 = self.a2.T @ d3, d3.sum(0, keepdims=True)
        d2 = d3 @ self.W3.T * self.a2 * (1 - self.a2)
        gW2, gb2 = self.a1.T @ d2, d2.sum(0, keepdims=True)
        d1 = d2 @ self.W2.T * self.a1 * (1 - self.a1)
        gW1, gb1 = x.T @ d1, d1.sum(0, keepdims=True)
        self.W3 -= lr * gW3
        self.b3 -= lr * gb3
        self.W2 -= lr * gW2
        self.b2 -= lr * gb2
        self.W1 -= lr * gW1
        self.b1 -= lr * gb1


np.random.seed(3)
X = np.random.uniform(0, 1, (100, 2))
Y = (X ** 2).sum(axis=1) / 2
net = Net()
prediction = net.forward(X[:1])
loss = ((prediction - Y[0]) ** 2).sum()
print("loss", loss)
net.backward(X[:1], Y[0])
