import numpy as np
class Linear:
    def __init__(self, i, o):
        self.W = np.random.randn(i, o); self.b = np.random.randn(1, o)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dy):
        self.dW = self.x.T @ dy
        self.db = dy.sum(axis=0, keepdims=True)
        return dy @ self.W.T
class Sigmoid:
    def forward(self, x):
        self.y = 1/(1+np.exp(-x)); return self.y
    def backward(self, dy): return dy*self.y*(1-self.y)
class Net:
    def __init__(self):
        self.layers = [Linear(2,10), Sigmoid(), Linear(10,10), Sigmoid(), Linear(10,1)]
    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x
    def backward(self, dy):
        for l in reversed(self.layers): dy = l.backward(dy)
        return dy
data = np.random.rand(100,2)
y = (data[:,0]**2+data[:,1]**2)/2
net = Net()
lr = .05
pred = net.forward(data[0:1])
loss = (pred-y[0])**2
net.backward(2*(pred-y[0]))
for l in net.layers:
    if hasattr(l,'W'):
        l.W -= lr*l.dW; l.b -= lr*l.db
