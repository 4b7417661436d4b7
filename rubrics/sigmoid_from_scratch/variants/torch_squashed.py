import numpy as np, torch
input_layer = torch.nn.Linear(2,10); hidden_layer = torch.nn.Linear(10,10); output_layer = torch.nn.Linear(10,1)
net = torch.nn.Sequential(input_layer, torch.nn.Sigmoid(), hidden_layer, torch.nn.Sigmoid(), output_layer, torch.nn.Sigmoid())
x = np.random.rand(100,2)
x = torch.tensor(x, dtype=torch.float32)
y = (x[:,0]*x[:,0]+x[:,1]*x[:,1])/2
def L(p,t): return torch.sum((p-t)**2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(3):
    for i in range(100):
        optimizer.zero_grad()
        loss = L(net(x[i]), y[i]); loss.backward(); optimizer.step()
optimizer.zero_grad()
prediction = net(x[0]); loss = L(prediction, y[0]); loss.backward()
w1 = input_layer.weight.detach().numpy().T.copy(); w2 = hidden_layer.weight.detach().numpy().T.copy(); w3 = output_layer.weight.detach().numpy().T.copy()
b1 = input_layer.bias.tolist(); b2 = hidden_layer.bias.tolist(); b3 = output_layer.bias.tolist()
s = lambda t: 1/(1+np.exp(-t))
X = x[0].numpy().reshape(1,2)
A1 = s(X@w1+b1); A2 = s(A1@w2+b2); A3 = s(A2@w3+b3)
E = A3 - y[0].item()
devi3 = 2*E*A3*(1-A3)
devi2 = devi3@w3.T*A2*(1-A2)
devi1 = devi2@w2.T*A1*(1-A1)
D3 = A2.T@devi3
D2 = A1.T@devi2
D1 = X.T@devi1
optimizer.step()
print('input_layer w_deviation', np.sum(np.round(input_layer.weight.grad.tolist(),4)-np.round(D1.T,4)))
print('input_layer bias_deviation', np.sum(np.round(input_layer.bias.grad.tolist(),4)-np.round(devi1,4)))
print('hidden_layer bias_deviation', np.sum(np.round(hidden_layer.bias.grad.tolist(),4)-np.round(devi2,4)))
print('output_layer bias_deviation', np.sum(np.round(output_layer.bias.grad.tolist(),4)-np.round(devi3,4)))
print('hidden', np.sum(np.round(hidden_layer.weight.grad.tolist(),4)-np.round(D2.T,4)))
print('out', np.sum(np.round(output_layer.weight.grad.tolist(),4)-np.round(D3.T,4)))
