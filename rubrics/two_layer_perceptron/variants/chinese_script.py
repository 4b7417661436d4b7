# -*- coding: utf-8 -*-
# 两层感知机 作业
import numpy as np

X = np.array([0.05, 0.1]).reshape(2, 1)  # 输入
Y = np.array([0.01, 0.99]).reshape(2, 1)  # 目标


def sig(z):
    return 1 / (1 + np.exp(-z))


def 初始化():
    return (
        np.array([[0.15, 0.2], [0.25, 0.3]]),
        np.full((2, 1), 0.35),
        np.array([[0.4, 0.45], [0.5, 0.55]]),
        np.full((2, 1), 0.6),
    )


W1, b1, W2, b2 = 初始化()
for 次 in range(2):
    A1 = sig(W1.dot(X) + b1)
    A2 = sig(W2.dot(A1) + b2)
    损失 = np.mean((A2 - Y) ** 2)
    if 次 == 0:
        print("初始损失:", 损失)
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dZ1 = W2.T.dot(dZ2) * A1 * (1 - A1)
    W2 = W2 - 0.5 * dZ2.dot(A1.T)
    b2 = b2 - 0.5 * np.sum(dZ2)
    W1 = W1 - 0.5 * dZ1.dot(X.T)
    b1 = b1 - 0.5 * np.sum(dZ1)
    print("第", 次 + 1, "次更新后")
    print("W1 =", W1)
    print("b1 =", b1)
    print("W2 =", W2)
    print("b2 =", b2)
# 重新训练100轮
W1, b1, W2, b2 = 初始化()
for i in range(100):
    A1 = sig(W1.dot(X) + b1)
    A2 = sig(W2.dot(A1) + b2)
    损失 = np.mean((A2 - Y) ** 2)
    if i % 10 == 0:
        print("第", i, "轮, 损失:", 损失)
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dZ1 = W2.T.dot(dZ2) * A1 * (1 - A1)
    dW2 = dZ2.dot(A1.T)
    W2 = W2 - 0.5 * dW2
    b2 = b2 - 0.5 * np.sum(dZ2)
    W1 = W1 - 0.5 * dZ1.dot(X.T)
    b1 = b1 - 0.5 * np.sum(dZ1)
print("最终参数")
print("W1 =", W1)
print("b1 =", b1)
print("W2 =", W2)
print("b2 =", b2)
X2 = np.array([[0.06], [0.12]])
print("预测:", sig(W2.dot(sig(W1.dot(X2) + b1)) + b2).ravel())
print("W2的梯度:", dW2)
