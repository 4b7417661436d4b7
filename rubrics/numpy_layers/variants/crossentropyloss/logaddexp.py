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

class CrossEntropyLoss(Module):
    def __init__(self):
        super(CrossEntropyLoss, self).__init__()

    def forward(self, z, t):
        lse = np.logaddexp.reduce(z, axis=1)
        true_logit = np.take_along_axis(z, t.argmax(1)[:, None], axis=1).ravel()
        return (lse - true_logit).mean()

    def backward(self, z, t):
        p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, np.newaxis])
        return np.einsum('nc,->nc', p - t, 1.0 / z.shape[0])
