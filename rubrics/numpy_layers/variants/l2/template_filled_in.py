## L2 regularization

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
        res = input_array @ self.W + self.b
        ## end of your code
        
        return res

    def backward(self, input_array, output_gradient, lr = 0.05):
        res = np.zeros_like(input_array)
        ## start of your code
        res = output_gradient @ self.W.T
        dW = input_array.T @ output_gradient + 2 * 0.0001 * self.W
        db = np.sum(output_gradient, axis=0, keepdims=True)
        self.W = self.W - lr * dW
        self.b = self.b - lr * db
        ## end of your code
        
        return res

layers = [Linear(1, 80), ReLU(), Linear(80, 80), ReLU(), Linear(80, 1)]
loss = MSELoss()
model = SimpleNN(layers, loss, lr=0.05)
