class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = (np.random.randn(input_dim, output_dim) * 1e-2).astype(np.float32)
        self.b = np.zeros((1, output_dim), dtype=np.float32)
        self.lam = np.float32(1e-4)
        self.with_weights = True

    def forward(self, input_array):
        return input_array.astype(np.float32) @ self.W.astype(np.float32) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        x, g = input_array.astype(np.float32), output_gradient.astype(np.float32)
        w = self.W.astype(np.float32)
        res = g @ w.T
        self.W = w - np.float32(lr) * (x.T @ g + 2 * self.lam * w)
        self.b = self.b - np.float32(lr) * g.sum(axis=0, keepdims=True)
        return res
