import numpy as np


class Perceptron:
    """Weights as (inputs, outputs), one row a sample, the bias one number."""

    def __init__(self, lr=0.5):
        self.w_hidden = np.array([[0.15, 0.25], [0.20, 0.30]])
        self.b_hidden = 0.35
        self.w_out = np.array([[0.40, 0.50], [0.45, 0.55]])
        self.b_out = 0.60
        self.lr = lr

    @staticmethod
    def sigmoid(z):
        return 1.0 / (1.0 + np.exp(-z))

    def forward(self, x):
        self.x = x
        self.h = self.sigmoid(x @ self.w_hidden + self.b_hidden)
        self.y = self.sigmoid(self.h @ self.w_out + self.b_out)
        return self.y

    def backward(self, t):
        d_out = (self.y - t) * self.y * (1 - self.y)
        d_hidden = (d_out @ self.w_out.T) * self.h * (1 - self.h)
        self.grad_out = self.h.T @ d_out
        self.grad_hidden = self.x.T @ d_hidden
        self.w_out = self.w_out - self.lr * self.grad_out
        self.b_out = self.b_out - self.lr * d_out.sum()
        self.w_hidden = self.w_hidden - self.lr * self.grad_hidden
        self.b_hidden = self.b_hidden - self.lr * d_hidden.sum()


x = np.array([[0.05, 0.10]])
t = np.array([[0.01, 0.99]])
net = Perceptron()
y = net.forward(x)
print("loss after the first forward pass", np.mean((y - t) ** 2))
for step in (1, 2):
    net.forward(x)
    net.backward(t)
    print("step", step)
    print(net.w_hidden, net.b_hidden)
    print(net.w_out, net.b_out)

net = Perceptron()
for epoch in range(100):
    y = net.forward(x)
    loss = np.mean((y - t) ** 2)
    if epoch % 10 == 0:
        print(epoch, loss, y)
    net.backward(t)
print("trained:", net.w_hidden, net.b_hidden, net.w_out, net.b_out)
print("prediction", net.forward(np.array([[0.06, 0.12]])))
print("gradient", net.grad_out)
