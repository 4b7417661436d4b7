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
    def __init__(self,input_dim,output_dim):
        super(Linear, self).__init__()
        # initilize weights
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        # the linear layer's parameters should be updated
        self.with_weights = True
        
    def forward(self, input_array):
        res = np.zeros((input_array.shape[0], self.W.shape[1]))
        
        ## start of your code
        res = np.dot(input_array, self.W) + self.b
        ## end of your code
        
        return res

    def backward(self, input_array, output_gradient, lr = 0.05):
        res = np.zeros_like(input_array)
        ## start of your code
        # 1. compute new output_gradient, which will be backward-passed to previous layer
        res = np.dot(output_gradient, self.W.T)
        # 2. compute the gradient and update W, b
        grad_W = np.dot(input_array.T, output_gradient)
        grad_b = np.sum(output_gradient, axis=0, keepdims=True)
        self.W = self.W - lr * grad_W
        self.b = self.b - lr * grad_b
        ## end of your code
        
        return res
