import numpy as np


class Module:
    def __init__(self):
        self.with_weights = False
        pass
    def forward(self):
        pass
    def backward(self):
        pass
    def __call__(self, *inputs, **kwargs):
        return self.forward(*inputs, **kwargs)

class Conv1d(Module):
    def __init__(self, kernel_size, pad_length):
        super(Conv1d, self).__init__()
        self.W = np.zeros((1, 1 + 2*kernel_size))
        self.b = np.zeros((1, 1))
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def patches(self, x):
        p, K = self.pad_length, self.W.shape[1]
        x = np.pad(x, ((0, 0), (p, p)))
        return np.stack([x[:, t:t + K] for t in range(x.shape[1] - K + 1)], axis=1)

    def forward(self, x):
        return np.einsum('btk,k->bt', self.patches(x), self.W[0]) + self.b

    def backward(self, x, dy, lr=0.05):
        B, T = x.shape
        L, K, p = dy.shape[1], self.W.shape[1], self.pad_length
        # S[t, k, j] = 1 where output t reads padded entry j through weight k
        S = (np.arange(L)[:, None, None] + np.arange(K)[None, :, None] == np.arange(T + 2 * p)).astype(float)
        dx = np.einsum('bt,k,tkj->bj', dy, self.W[0], S)[:, p:p + T]
        self.W -= lr * np.einsum('bt,btk->k', dy, self.patches(x))
        self.b -= lr * np.einsum('bt->', dy)
        return dx
