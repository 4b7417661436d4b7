class Linear(Module):
    def __init__(self, input_dim, output_dim, penalty=None, strength=1e-3):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.penalty, self.strength = penalty, strength
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        res = output_gradient @ self.W.T
        dW = input_array.T @ output_gradient
        if self.penalty == "l2":
            dW = dW + 2 * self.strength * self.W
        elif self.penalty == "l1":
            dW = dW + self.strength * np.sign(self.W)
        self.W = self.W - lr * dW
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        return res


layers = [Linear(1, 80, "l2"), ReLU(), Linear(80, 80, "l2"), ReLU(), Linear(80, 1, "l2")]
