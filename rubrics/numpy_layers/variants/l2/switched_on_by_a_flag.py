class Linear(Module):
    def __init__(self, input_dim, output_dim, use_l2=False, strength=1e-3):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.use_l2, self.strength = use_l2, strength
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        dW = input_array.T @ output_gradient
        if self.use_l2:
            dW = dW + 2 * self.strength * self.W
        db = output_gradient.sum(axis=0, keepdims=True)
        dX = output_gradient @ self.W.T
        self.W, self.b = self.W - lr * dW, self.b - lr * db
        return dX
