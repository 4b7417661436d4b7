"""Weights and shifts in lists, under names that say nothing."""
import numpy as np
r = np.random.RandomState(8)
theta = [r.uniform(-1, 1, (2, 10)), r.uniform(-1, 1, (10, 10)), r.uniform(-1, 1, (10, 1))]
shift = [r.uniform(-1, 1, 10), r.uniform(-1, 1, 10), r.uniform(-1, 1, 1)]
data = r.uniform(0, 1, (100, 2))
goal = (data[:, :1] ** 2 + data[:, 1:] ** 2) / 2
lr = 0.05
g = lambda z: 1 / (1 + np.exp(-z))
def cost(p, y): return ((p - y) ** 2).sum()
o = [data[:1]]
for k in range(3):
    s = o[-1] @ theta[k] + shift[k]
    o.append(g(s) if k < 2 else s)
print(cost(o[3], goal[0]))
e = 2 * (o[3] - goal[:1])
answer = []
for k in (2, 1, 0):
    answer.append((o[k].T @ e, e.sum(axis=0)))
    e = e @ theta[k].T * o[k] * (1 - o[k])
