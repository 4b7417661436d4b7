import torch

x, t = torch.tensor([0.05, 0.10], dtype=torch.float64), torch.tensor([0.01, 0.99], dtype=torch.float64)


def fresh():
    values = ([[0.15, 0.20], [0.25, 0.30]], 0.35, [[0.40, 0.45], [0.50, 0.55]], 0.60)
    return [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]


def net(p, x):
    return torch.sigmoid(p[2] @ torch.sigmoid(p[0] @ x + p[1]) + p[3])


def train(p, epochs):
    for epoch in range(epochs):
        loss = ((net(p, x) - t) ** 2).mean()
        for q in p:
            q.grad = None
        loss.backward()
        with torch.no_grad():
            for q in p:
                q -= 0.5 * q.grad
        print(f"[{epoch + 1}/{epochs}] mse={loss.item():.6f}")


p = fresh()
train(p, 1)
print(*[q.detach().numpy() for q in p], sep="\n")
train(p, 1)
print(*[q.detach().numpy() for q in p], sep="\n")
p = fresh()
train(p, 100)
print(*p, sep="\n")
print(net(p, torch.tensor([0.06, 0.12], dtype=torch.float64)))
print(p[2].grad)
