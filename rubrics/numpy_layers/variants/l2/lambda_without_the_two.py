class Linear(Module):
    def __init__(self, input_dim, output_dim, lam=0.02):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.lam = lam
        self.with_weights = True

    def forward(self, input_array):
        return input_array.dot(self.W) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        # d/dW of lam/2 * ||W||^2 is lam * W
        dw = input_array.T.dot(output_gradient) + self.lam * self.W
        dx = output_gradient.dot(self.W.T)
        self.W = self.W - lr * dw
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        return dx
