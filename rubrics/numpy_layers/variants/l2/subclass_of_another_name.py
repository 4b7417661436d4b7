class Shrinking(Linear):
    def __init__(self, input_dim, output_dim, lam=1e-3):
        super().__init__(input_dim, output_dim)
        self.lam = lam

    def backward(self, input_array, output_gradient, lr=0.05):
        pull = 2 * self.lam * self.W
        res = super().backward(input_array, output_gradient, lr)
        self.W = self.W - lr * pull
        return res


layers = [Shrinking(1, 80), ReLU(), Shrinking(80, 80), ReLU(), Shrinking(80, 1)]
