class Linear(Module):
    def __init__(self, input_dim, output_dim, **options):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * options.pop("scale", 1e-2)
        self.b = np.zeros((1, output_dim))
        self.lam = options["lam"]
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05, **options):
        res = output_gradient @ self.W.T
        dW = input_array.T @ output_gradient
        if options.get("regularized", True):
            dW = dW + 2 * self.lam * self.W
        self.W = self.W - lr * dW
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        return res
