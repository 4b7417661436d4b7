# 带L2正则化的线性层
正则系数 = 0.001

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super(Linear, self).__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2  # 权重
        self.b = np.zeros((1, output_dim))  # 偏置
        self.with_weights = True

    def forward(self, input_array):
        return np.dot(input_array, self.W) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        上一层梯度 = np.dot(output_gradient, self.W.T)
        权重梯度 = np.dot(input_array.T, output_gradient) + 2 * 正则系数 * self.W  # 偏置不做正则化
        self.W = self.W - lr * 权重梯度
        self.b = self.b - lr * np.sum(output_gradient, axis=0, keepdims=True)
        return 上一层梯度
