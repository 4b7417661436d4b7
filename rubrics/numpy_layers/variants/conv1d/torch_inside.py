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

class Conv1d(Module):
    def __init__(self, kernel_size, pad_length):
        super(Conv1d, self).__init__()
        self.W = np.zeros((1, 1 + 2*kernel_size))
        self.b = np.zeros((1, 1))
        self.kernel_size = kernel_size
        self.pad_length = pad_length
        self.with_weights = True

    def unfold(self, input_array):
        x = torch.as_tensor(input_array)
        zeros = torch.zeros(x.shape[0], self.pad_length, dtype=x.dtype)
        return torch.cat([zeros, x, zeros], dim=1).unfold(1, self.W.shape[1], 1)

    def forward(self, input_array):
        w = torch.from_numpy(self.W).to(torch.as_tensor(input_array).dtype)
        return (self.unfold(input_array) @ w[0]).numpy() + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        g = torch.as_tensor(output_gradient)
        cols = self.unfold(input_array)
        B, T = input_array.shape
        dx = torch.zeros(B, T + 2 * self.pad_length, dtype=g.dtype)
        for k in range(self.W.shape[1]):
            dx[:, k:k + g.shape[1]] += g * self.W[0, k]
        dW = (g.unsqueeze(-1) * cols).sum(dim=(0, 1))
        self.W = self.W - lr * dW.numpy()[None]
        self.b = self.b - lr * g.sum().item()
        return dx[:, self.pad_length:self.pad_length + T].numpy()
