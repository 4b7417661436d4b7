def l2_penalty(W, lam):
    return lam * np.sum(W ** 2)

def l2_gradient(W, lam=1e-2):
    """derivative of the penalty, one entry at a time"""
    return np.array([[2 * lam * w for w in row] for row in W])

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.weight = np.random.randn(input_dim, output_dim) * 1e-2
        self.bias = np.zeros(output_dim)
        self.with_weights = True

    def forward(self, input_array):
        return input_array @ self.weight + self.bias

    def _grads(self, input_array, output_gradient):
        return input_array.T @ output_gradient + l2_gradient(self.weight), output_gradient.sum(axis=0)

    def backward(self, input_array, output_gradient, lr=0.05):
        dX = output_gradient @ self.weight.T
        dW, db = self._grads(input_array, output_gradient)
        self.weight -= lr * dW
        self.bias -= lr * db
        return dX
