# لایه خطی
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

class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super(Linear, self).__init__()
        # مقداردهی اولیه وزن‌ها
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True

    def forward(self, input_array):
        # انتشار رو به جلو
        out = input_array.dot(self.W)
        for i in range(out.shape[0]):
            out[i] += self.b.reshape(-1)
        return out

    def backward(self, input_array, output_gradient, lr=0.05):
        # گرادیان نسبت به ورودی، قبل از به‌روزرسانی
        res = output_gradient.dot(self.W.T)
        grad_w = np.zeros_like(self.W)
        grad_b = np.zeros_like(self.b)
        for x, g in zip(input_array, output_gradient):
            grad_w += np.outer(x, g)
            grad_b += g
        self.W -= lr * grad_w
        self.b -= lr * grad_b
        return res
