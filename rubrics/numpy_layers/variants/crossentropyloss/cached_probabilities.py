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
        self.probabilities = None

    def forward(self, predicted_y, y):
        N = predicted_y.shape[0]
        exp_logits = np.exp(predicted_y - predicted_y.max(axis=1, keepdims=True))
        self.probabilities = exp_logits / exp_logits.sum(axis=1, keepdims=True)
        return (-y * np.log(self.probabilities)).sum() / N

    def backward(self, predicted_y, y):
        self.probabilities -= y
        return self.probabilities / y.shape[0]
