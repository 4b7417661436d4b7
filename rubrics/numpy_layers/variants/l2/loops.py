LAMBDA = 0.003

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        res = np.zeros((input_array.shape[0], self.W.shape[1]))
        for i in range(input_array.shape[0]):
            for j in range(self.W.shape[1]):
                res[i, j] = self.b[0, j]
                for t in range(self.W.shape[0]):
                    res[i, j] += input_array[i, t] * self.W[t, j]
        return res

    def backward(self, input_array, output_gradient, lr=0.05):
        res = np.zeros_like(input_array)
        rows, cols = self.W.shape
        for i in range(input_array.shape[0]):
            for t in range(rows):
                for j in range(cols):
                    res[i, t] += output_gradient[i, j] * self.W[t, j]
        for t in range(rows):
            for j in range(cols):
                g = 2 * LAMBDA * self.W[t, j]
                for i in range(input_array.shape[0]):
                    g += input_array[i, t] * output_gradient[i, j]
                self.W[t, j] -= lr * g
        for j in range(cols):
            self.b[0, j] -= lr * sum(output_gradient[:, j])
        return res
