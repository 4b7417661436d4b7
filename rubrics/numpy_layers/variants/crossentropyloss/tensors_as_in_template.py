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
        N = predicted_y.shape[0]
        
        # start of your code
        # Compute probabilities using softmax
        exp_logits = torch.exp(predicted_y)
        probabilities = exp_logits / torch.sum(exp_logits, dim=1, keepdim=True)
        
        # Calculate cross-entropy loss
        loss = -torch.sum(y * torch.log(probabilities)) / N
        # end of your code
        return loss.numpy()

    def backward(self, predicted_y, y):
        N = predicted_y.shape[0]

        # start of your code
        exp_logits = torch.exp(predicted_y)
        probabilities = exp_logits / torch.sum(exp_logits, dim=1, keepdim=True)
        grad = (probabilities - y) / N
        # end of your code
        return grad.numpy()
