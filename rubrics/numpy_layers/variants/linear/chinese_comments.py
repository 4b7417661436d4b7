# 线性层：前向传播与反向传播
import numpy as np


class Module:
    def __init__(self):
        self.with_weights = False
        pass
    def forward(self):
        pass
    def backward(self):
        pass
    def __call__(self, *inputs, **kwargs):
        return self.forward(*inputs, **kwargs)

class Linear(Module):
    """全连接层"""
    def __init__(self, 输入维度, 输出维度):
        super(Linear, self).__init__()
        self.W = np.random.randn(输入维度, 输出维度) * 1e-2  # 权重
        self.b = np.zeros((1, 输出维度))  # 偏置
        self.with_weights = True

    def forward(self, 输入):
        # 前向：y = xW + b
        结果 = np.dot(输入, self.W) + self.b
        return 结果

    def backward(self, 输入, 梯度, 学习率=0.05):
        # 先算输入的梯度，再更新参数！
        结果 = np.dot(梯度, self.W.T)
        self.W -= 学习率 * np.dot(输入.T, 梯度)
        self.b -= 学习率 * np.sum(梯度, axis=0, keepdims=True)
        return 结果
