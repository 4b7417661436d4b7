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

    def forward(self, predicted_y, y):
        z = np.float32(predicted_y)
        z = z - np.amax(z, axis=1, keepdims=True)
        exp_logits = np.exp(z)
        self.p = exp_logits / np.sum(exp_logits, axis=1, keepdims=True)
        return np.float32(-np.sum(np.float32(y) * np.log(self.p)) / len(z))

    def backward(self, predicted_y, y):
        self.forward(predicted_y, y)
        return (self.p - y.astype(np.float32)) / np.float32(len(y))
