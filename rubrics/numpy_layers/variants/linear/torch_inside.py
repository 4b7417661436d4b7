# numpy in, numpy out, torch in between
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

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super(Linear, self).__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        x = torch.as_tensor(input_array, dtype=torch.float64)
        out = torch.matmul(x, torch.from_numpy(self.W)) + torch.from_numpy(self.b)
        return out.numpy()

    def backward(self, input_array, output_gradient, lr=0.05):
        x = torch.as_tensor(input_array, dtype=torch.float64)
        g = torch.as_tensor(output_gradient, dtype=torch.float64)
        w = torch.from_numpy(self.W)
        res = torch.mm(g, w.t())
        self.W = (w - lr * torch.mm(x.t(), g)).numpy()
        self.b = self.b - lr * torch.sum(g, dim=0, keepdim=True).numpy()
        return res.numpy()
