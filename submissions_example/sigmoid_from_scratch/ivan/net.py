import numpy as np

rng = np.random.default_rng(21)
sigmoid = lambda z: 1 / (1 + np.exp(-z))

# 1. the network, 2-10-10-1
W1, b1 = rng.uniform(-0.7, 0.7, (10, 2)), rng.uniform(-0.7, 0.7, 10)
W2, b2 = rng.uniform(-0.3, 0.3, (10, 10)), rng.uniform(-0.3, 0.3, 10)
W3, b3 = rng.uniform(-0.3, 0.3, (1, 10)), rng.uniform(-0.3, 0.3, 1)

# 2. and 3. data and labels
x = rng.uniform(0, 1, (100, 2))
y = x[:, 0] ** 2 + x[:, 1] ** 2


# 4. the loss
def loss_function(p, y):
    return np.sum((p - y) ** 2)


# 5. and 7. one pass with one sample, and the way back
lr = 0.05
x0, y0 = x[0], y[0]
z1 = W1 @ x0 + b1
h1 = sigmoid(z1)
z2 = W2 @ h1 + b2
h2 = sigmoid(z2)
p = W3 @ h2 + b3
loss = loss_function(p, y0)
print("loss", loss)

dz3 = p - y0
dW3 = np.outer(dz3, h2)
dz2 = (W3.T @ dz3) * h2 * (1 - h2)
dW2 = np.outer(dz2, h1)
dz1 = (W2.T @ dz2) * h1 * (1 - h1)
dW1 = np.outer(dz1, x0)
print(dW1, dW2, dW3)
