import numpy as np

class Module(object):
	def __init__(self):
		self.with_weights = False

	def __call__(self, *entradas):
		return self.forward(*entradas)


class Conv1d(Module):
	def __init__(self, tamano, relleno):
		super(Conv1d, self).__init__()
		self.W = np.zeros((1, 1 + 2*tamano))
		self.b = np.zeros((1, 1))
		self.kernel_size = tamano
		self.pad_length = relleno
		self.with_weights = True

	def rellenar(self, señal):
		# ceros a ambos lados
		ceros = np.zeros((len(señal), self.pad_length))
		return np.hstack((ceros, señal, ceros))

	def forward(self, señal):
		s = self.rellenar(señal)
		ancho = self.W.shape[1]
		columnas = [np.dot(s[:, i:i+ancho], self.W.T) for i in range(s.shape[1] - ancho + 1)]
		return np.hstack(columnas) + self.b

	def backward(self, señal, gradiente, tasa = 0.05):
		s = self.rellenar(señal)
		ancho = self.W.shape[1]
		ds = np.zeros(s.shape)
		dW = np.zeros(self.W.shape)
		for i in range(gradiente.shape[1]):
			g = gradiente[:, i:i+1]
			ds[:, i:i+ancho] += np.dot(g, self.W)
			dW += np.dot(g.T, s[:, i:i+ancho])
		self.W = self.W - tasa * dW
		self.b = self.b - tasa * np.sum(gradiente, axis = (0, 1), keepdims = True)
		return ds[:, self.pad_length:self.pad_length + señal.shape[1]]
