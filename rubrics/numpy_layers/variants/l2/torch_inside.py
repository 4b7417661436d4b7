import torch

class Linear(Module):
    def __init__(self, input_dim, output_dim, reg=1e-3):
        super().__init__()
        self.W = torch.randn(input_dim, output_dim).double() * 1e-2
        self.b = torch.zeros(1, output_dim).double()
        self.reg = reg
        self.with_weights = True

    def forward(self, input_array):
        return torch.as_tensor(input_array, dtype=torch.float64) @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        x = torch.as_tensor(input_array, dtype=torch.float64)
        g = torch.as_tensor(output_gradient, dtype=torch.float64)
        res = torch.mm(g, self.W.t())
        self.W = self.W - lr * (torch.mm(x.t(), g) + 2 * self.reg * self.W)
        self.b = self.b - lr * g.sum(dim=0, keepdim=True)
        return res
