import torch
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
        super().__init__()

    def forward(self, predicted_y, y):
        N = predicted_y.shape[0]
        exp_logits = torch.exp(predicted_y - predicted_y.max(dim=1, keepdim=True)[0])
        self.probabilities = exp_logits / exp_logits.sum(dim=1, keepdim=True)
        loss = -(y * torch.log(self.probabilities + 1e-9)).sum(dim=1).mean()
        return loss.numpy()

    def backward(self, predicted_y, y):
        grad = (self.probabilities - y).div(predicted_y.size(0))
        return grad.numpy()
