class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05, l2_lambda=0.0):
        res = output_gradient @ self.W.T
        dW = np.einsum("mi,mj->ij", input_array, output_gradient)
        if l2_lambda > 0:
            dW = dW + l2_lambda * 2 * self.W
        self.W = self.W - lr * dW
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        return res
