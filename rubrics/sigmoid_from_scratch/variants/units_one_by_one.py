"""Every unit is an object of its own; no arrays anywhere."""

import math
import random

random.seed(2)


class Neuron:
    def __init__(self, n):
        self.w = [random.uniform(-1, 1) for _ in range(n)]
        self.b = random.uniform(-1, 1)

    def out(self, xs, squash):
        self.xs = xs
        z = sum(w * x for w, x in zip(self.w, xs)) + self.b
        self.o = 1 / (1 + math.exp(-z)) if squash else z
        return self.o


class Layer:
    def __init__(self, n, m, squash):
        self.neurons = [Neuron(n) for _ in range(m)]
        self.squash = squash

    def forward(self, xs):
        return [n.out(xs, self.squash) for n in self.neurons]

    def backward(self, errors):
        for n, e in zip(self.neurons, errors):
            n.delta = e * n.o * (1 - n.o) if self.squash else e
            n.dw = [n.delta * x for x in n.xs]
            n.db = n.delta
        return [sum(n.delta * n.w[i] for n in self.neurons) for i in range(len(self.neurons[0].w))]


class Net:
    def __init__(self):
        self.layers = [Layer(2, 10, True), Layer(10, 10, True), Layer(10, 1, False)]

    def forward(self, xs):
        for layer in self.layers:
            xs = layer.forward(xs)
        return xs[0]

    def backward(self, error):
        errors = [error]
        for layer in reversed(self.layers):
            errors = layer.backward(errors)


points = [(random.uniform(0, 1), random.uniform(0, 1)) for _ in range(100)]
labels = [(a * a + b * b) / 2 for a, b in points]
lr = 0.05


def loss(p, y):
    return (p - y) ** 2


net = Net()
p = net.forward(points[0])
print("loss", loss(p, labels[0]))
net.backward(2 * (p - labels[0]))
for layer in net.layers:
    print([n.dw for n in layer.neurons], [n.db for n in layer.neurons])
