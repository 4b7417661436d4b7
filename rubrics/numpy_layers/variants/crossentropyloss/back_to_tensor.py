# converts everything to tensors first, so .numpy() from the template works for both
import numpy as np
import torch


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
        predicted_y = torch.as_tensor(predicted_y)
        y = torch.as_tensor(y)
        N = predicted_y.shape[0]
        exp_logits = predicted_y.exp()
        probabilities = exp_logits / exp_logits.sum(1, True)
        loss = -1 / N * (y * probabilities.log()).sum()
        return loss.numpy()

    def backward(self, predicted_y, y):
        predicted_y = torch.as_tensor(predicted_y)
        y = torch.as_tensor(y)
        N = predicted_y.shape[0]
        grad = torch.softmax(predicted_y, 1)
        grad[y == 1] -= 1
        grad /= N
        return grad.numpy()
