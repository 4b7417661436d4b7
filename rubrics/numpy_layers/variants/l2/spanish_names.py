class L2Linear(Module):
	def __init__(self, entrada, salida, regularizacion=None):
		super().__init__()
		self.W = np.random.randn(entrada, salida) * 1e-2
		self.b = np.zeros((1, salida))
		self.with_weights = True
		self.regularizacion = regularizacion if regularizacion is not None else 0

	def forward(self, datos):
		return datos @ self.W + self.b

	def backward(self, datos, gradiente, tasa=0.05):
		# ojo: el sesgo no se regulariza
		nuevo = gradiente @ self.W.T
		castigo = self.regularizacion * 2 * self.W
		self.W = self.W - tasa * (datos.T @ gradiente + castigo)
		self.b = self.b - tasa * gradiente.sum(axis=0, keepdims=True)
		return nuevo
