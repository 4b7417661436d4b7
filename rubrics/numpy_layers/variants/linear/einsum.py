import numpy as np

class Linear:
    def __init__(self, n, k):
        self.W = np.random.randn(n, k) * 1e-2
        self.b = np.zeros((1, k))
        self.with_weights = True

    def forward(self, X):
        return np.einsum('mn,nk->mk', X, self.W) + self.b

    def backward(self, X, dY, lr=0.05):
        dX = np.einsum('mk,nk->mn', dY, self.W)
        self.W -= lr * np.einsum('mn,mk->nk', X, dY)
        self.b -= lr * np.einsum('mk->k', dY)
        return dX

    __call__ = forward
