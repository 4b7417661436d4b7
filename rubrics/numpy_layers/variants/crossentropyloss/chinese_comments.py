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

class CrossEntropyLoss(Module):
    """交叉熵损失"""
    def __init__(self):
        super(CrossEntropyLoss, self).__init__()

    def forward(self, 预测, 标签):
        样本数 = 预测.shape[0]
        # softmax 概率
        指数 = np.exp(预测)
        概率 = (指数.T / 指数.sum(axis=1)).T
        # 只有正确类别的对数概率有贡献
        损失 = -np.log(np.max(概率 * 标签, axis=1)).sum() / 样本数
        return 损失

    def backward(self, 预测, 标签):
        指数 = np.exp(预测)
        概率 = (指数.T / 指数.sum(axis=1)).T
        return (概率 - 标签) / 预测.shape[0]
