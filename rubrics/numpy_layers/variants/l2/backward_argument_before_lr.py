class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lam, lr=0.05):
        res = output_gradient @ self.W.T
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        self.W = self.W - lr * input_array.T @ output_gradient - 2 * lr * lam * self.W
        return res
