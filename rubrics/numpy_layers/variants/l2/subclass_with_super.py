class Linear_L2(Linear):
    """same as above but with weight decay"""
    LAMBDA = 1e-3

    def backward(self, input_array, output_gradient, lr=0.05):
        W_old = self.W.copy()
        res = super().backward(input_array, output_gradient, lr)
        self.W -= lr * 2 * self.LAMBDA * W_old
        return res
