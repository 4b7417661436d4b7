import numpy as np

class Module(object):
	def __init__(self):
		self.with_weights = False

	def __call__(self, *inputs, **kwargs):
		return self.forward(*inputs, **kwargs)


class Linear(Module):
	def __init__(self, input_dim, output_dim):
		super(Linear, self).__init__()
		self.W = np.random.randn(input_dim, output_dim) * 1e-2
		self.b = np.zeros((1, output_dim))
		self.with_weights = True

	def forward(self, input_array):
		return np.add(np.dot(input_array, self.W), self.b)

	def backward(self, input_array, output_gradient, lr = 0.05):
		res = np.dot(self.W, output_gradient.T).T
		dW = np.dot(output_gradient.T, input_array).T
		db = np.sum(output_gradient, axis = 0, keepdims = True)
		self.W = np.subtract(self.W, np.multiply(lr, dW))
		self.b = np.subtract(self.b, np.multiply(lr, db))
		return res
