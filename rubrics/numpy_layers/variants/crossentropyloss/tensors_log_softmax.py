import numpy as np
import torch
import torch.nn.functional as F


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
        log_p = F.log_softmax(predicted_y, dim=1)
        target = y.argmax(dim=1)
        loss = -log_p[torch.arange(len(target)), target].mean()
        return loss.numpy()

    def backward(self, predicted_y, y):
        grad = F.softmax(predicted_y, dim=-1)
        grad = (grad - y) / y.shape[0]
        return grad.numpy()
