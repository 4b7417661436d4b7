lam = 5e-4

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        self.x = input_array
        return np.matmul(input_array, self.W) + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        res = np.matmul(output_gradient, self.W.T)
        # weight decay: shrink, then step
        self.W *= (1 - 2 * lr * lam)
        self.W -= lr * np.matmul(self.x.T, output_gradient)
        self.b -= lr * output_gradient.sum(0)
        return res
