import math


def s(v):
    return 1 / (1 + math.exp(-v))


def entrenar(n):
    w = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    b = [0.35, 0.60]
    L = []
    g = None
    for _ in range(n):
        h = [s(w[0] * 0.05 + w[1] * 0.1 + b[0]), s(w[2] * 0.05 + w[3] * 0.1 + b[0])]
        o = [s(w[4] * h[0] + w[5] * h[1] + b[1]), s(w[6] * h[0] + w[7] * h[1] + b[1])]
        L.append(((o[0] - 0.01) ** 2 + (o[1] - 0.99) ** 2) / 2)
        d = [(o[0] - 0.01) * o[0] * (1 - o[0]), (o[1] - 0.99) * o[1] * (1 - o[1])]
        e = [(d[0] * w[4] + d[1] * w[6]) * h[0] * (1 - h[0]), (d[0] * w[5] + d[1] * w[7]) * h[1] * (1 - h[1])]
        g = [d[0] * h[0], d[0] * h[1], d[1] * h[0], d[1] * h[1]]
        grad = [e[0] * 0.05, e[0] * 0.1, e[1] * 0.05, e[1] * 0.1] + g
        w = [a - 0.5 * q for a, q in zip(w, grad)]
        b = [b[0] - 0.5 * sum(e), b[1] - 0.5 * sum(d)]
    return w, b, L, g


def main():
    A, B, C = entrenar(1), entrenar(2), entrenar(100)
    print(f"first loss {A[2][0]:.6f}")
    print(f"{'param':<8}{'step 1':>10}{'step 2':>10}{'final':>10}")
    for i in range(8):
        print(f"{'w' + str(i + 1):<8}{A[0][i]:>10.5f}{B[0][i]:>10.5f}{C[0][i]:>10.5f}")
    for i in range(2):
        print(f"{'b' + str(i + 1):<8}{A[1][i]:>10.5f}{B[1][i]:>10.5f}{C[1][i]:>10.5f}")
    print("epoch  loss")
    for i in range(0, 100, 10):
        print(f"{i:5d}  {C[2][i]:.6f}")
    w, b = C[0], C[1]
    h = [s(w[0] * 0.06 + w[1] * 0.12 + b[0]), s(w[2] * 0.06 + w[3] * 0.12 + b[0])]
    print("prediction: %.4f %.4f" % (s(w[4] * h[0] + w[5] * h[1] + b[1]), s(w[6] * h[0] + w[7] * h[1] + b[1])))
    print("gradients of w5..w8: " + "  ".join(f"{q:.5f}" for q in C[3]))


main()
