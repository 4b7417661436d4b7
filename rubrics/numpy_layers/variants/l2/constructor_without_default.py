class LinearL2(Module):
    def __init__(self, input_dim, output_dim, weight_decay):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.weight_decay = weight_decay
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        res = output_gradient @ self.W.T
        grad_W = input_array.T @ output_gradient
        grad_W += 2 * self.weight_decay * self.W
        self.W -= lr * grad_W
        self.b -= lr * np.sum(output_gradient, axis=0, keepdims=True)
        return res

for wd in [0, 1e-4, 1e-2]:
    model = SimpleNN([LinearL2(1, 80, wd), ReLU(), LinearL2(80, 1, wd)], MSELoss(), lr=0.05)
