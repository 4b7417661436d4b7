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
        exp_logits = np.exp(predicted_y)
        probabilities = exp_logits / exp_logits.sum(axis=1, keepdims=True)
        true_class = probabilities[y.astype(bool)]
        return -np.log(true_class).mean()

    def backward(self, predicted_y, y):
        exp_logits = np.exp(predicted_y)
        probabilities = exp_logits / exp_logits.sum(axis=1, keepdims=True)
        probabilities[y == 1] -= 1
        return probabilities / predicted_y.shape[0]
