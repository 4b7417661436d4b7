# In plain Python, with the names of the picture.
from math import exp


def s(z):
    return 1 / (1 + exp(-z))


def run(n, show=()):
    w1, w2, w3, w4, w5, w6, w7, w8, b1, b2 = 0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55, 0.35, 0.60
    for epoch in range(n):
        h1, h2 = s(w1 * 0.05 + w2 * 0.10 + b1), s(w3 * 0.05 + w4 * 0.10 + b1)
        o1, o2 = s(w5 * h1 + w6 * h2 + b2), s(w7 * h1 + w8 * h2 + b2)
        e = ((o1 - 0.01) ** 2 + (o2 - 0.99) ** 2) / 2
        if epoch in show:
            print(f"Epoch {epoch}: error = {e:.5f}")
        d1, d2 = (o1 - 0.01) * o1 * (1 - o1), (o2 - 0.99) * o2 * (1 - o2)
        g1, g2 = (d1 * w5 + d2 * w7) * h1 * (1 - h1), (d1 * w6 + d2 * w8) * h2 * (1 - h2)
        q5, q6, q7, q8 = d1 * h1, d1 * h2, d2 * h1, d2 * h2
        w5, w6, w7, w8 = w5 - 0.5 * q5, w6 - 0.5 * q6, w7 - 0.5 * q7, w8 - 0.5 * q8
        w1, w2 = w1 - 0.5 * g1 * 0.05, w2 - 0.5 * g1 * 0.10
        w3, w4 = w3 - 0.5 * g2 * 0.05, w4 - 0.5 * g2 * 0.10
        b1, b2 = b1 - 0.5 * (g1 + g2), b2 - 0.5 * (d1 + d2)
    for i, w in enumerate((w1, w2, w3, w4, w5, w6, w7, w8), start=1):
        print(f"w{i} = {w:.4f}")
    print(f"b1 = {b1:.4f}, b2 = {b2:.4f}")
    h1, h2 = s(w1 * 0.06 + w2 * 0.12 + b1), s(w3 * 0.06 + w4 * 0.12 + b1)
    return s(w5 * h1 + w6 * h2 + b2), s(w7 * h1 + w8 * h2 + b2), ((q5, q6), (q7, q8))


print("one update")
run(1, show=(0,))
print("two updates")
run(2)
print("a hundred")
a, b, g = run(100, show=range(0, 100, 10))
print("prediction:", round(a, 4), round(b, 4))
print("gradient:", g)
