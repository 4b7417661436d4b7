import torch
torch.manual_seed(0)
w1 = torch.randn(2,10, requires_grad=True); b1 = torch.randn(10, requires_grad=True)
w2 = torch.randn(10,10, requires_grad=True); b2 = torch.randn(10, requires_grad=True)
w3 = torch.randn(10,1, requires_grad=True); b3 = torch.randn(1, requires_grad=True)
X = torch.rand(100,2)
Y = (X**2).sum(1)/2
lr = 0.05
def model(x):
    h1 = torch.sigmoid(x@w1+b1)
    h2 = torch.sigmoid(h1@w2+b2)
    return h2@w3+b3
x, y = X[:1], Y[:1]
pred = model(x)
loss = ((pred-y)**2).sum()
loss.backward()
with torch.no_grad():
    a1 = torch.sigmoid(x@w1+b1); a2 = torch.sigmoid(a1@w2+b2); out = a2@w3+b3
    delta3 = 2*(out-y.view(1,1))
    gw3 = a2.t()@delta3; gb3 = delta3.sum(0)
    delta2 = delta3@w3.t()*a2*(1-a2)
    gw2 = a1.t()@delta2; gb2 = delta2.sum(0)
    delta1 = delta2@w2.t()*a1*(1-a1)
    gw1 = x.t()@delta1; gb1 = delta1.sum(0)
for name, g, p in [("w1",gw1,w1),("b1",gb1,b1),("w2",gw2,w2),("b2",gb2,b2),("w3",gw3,w3),("b3",gb3,b3)]:
    print(name, (g-p.grad).abs().max().item())
