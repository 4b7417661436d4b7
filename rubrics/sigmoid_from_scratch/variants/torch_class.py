import numpy as np
import torch, torch.nn as nn
class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2,10)
        self.fc2 = nn.Linear(10,10)
        self.fc3 = nn.Linear(10,1)
        self.act = nn.Sigmoid()
    def forward(self, x):
        h1 = self.act(self.fc1(x))
        h2 = self.act(self.fc2(h1))
        return self.fc3(h2)
net = MyNet()
data = torch.FloatTensor(np.random.uniform(0,1,size=(100,2)))
labels = ((data[:,0]**2 + data[:,1]**2)/2).unsqueeze(1)
criterion = nn.MSELoss(reduction='sum')
opt = torch.optim.SGD(net.parameters(), lr=5e-2)
opt.zero_grad()
out = net(data[0:1])
loss = criterion(out, labels[0:1])
loss.backward()
def sig(v): return 1.0/(1.0+np.exp(-v))
def forward_scratch(params, x):
    cache = {}
    cache['A0'] = x
    for l in (1,2,3):
        cache['Z%d'%l] = params['W%d'%l] @ cache['A%d'%(l-1)] + params['b%d'%l]
        cache['A%d'%l] = sig(cache['Z%d'%l]) if l < 3 else cache['Z%d'%l]
    return cache['A3'], cache
def backward_scratch(params, cache, y):
    grads = {}
    dZ = 2*(cache['A3'] - y)
    for l in (3,2,1):
        grads['W%d'%l] = dZ @ cache['A%d'%(l-1)].T
        grads['b%d'%l] = dZ
        if l > 1:
            dA = params['W%d'%l].T @ dZ
            dZ = dA * cache['A%d'%(l-1)] * (1-cache['A%d'%(l-1)])
    return grads
params = {}
for i, layer in enumerate([net.fc1, net.fc2, net.fc3], 1):
    params['W%d'%i] = layer.weight.data.numpy().astype(float)
    params['b%d'%i] = layer.bias.data.numpy().astype(float).reshape(-1,1)
p, cache = forward_scratch(params, data[0].numpy().reshape(2,1))
grads = backward_scratch(params, cache, labels[0].item())
for i, layer in enumerate([net.fc1, net.fc2, net.fc3], 1):
    assert np.allclose(grads['W%d'%i], layer.weight.grad.numpy(), atol=1e-5)
    assert np.allclose(grads['b%d'%i].ravel(), layer.bias.grad.numpy(), atol=1e-5)
print('all the same')
