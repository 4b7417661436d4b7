"""The lines of `grade tables`: one pass with seeded weights, its values and gradients, to compare by eye."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference_solutions.sigmoid_from_scratch import forward, gradients, labels, loss, random_net


def table_lines(style: str) -> Iterator[str]:
    """The reference's pass for weights of seed 1 and the sheet's point, in a style ("text", "markdown")."""
    net = random_net(np.random.default_rng(1))
    x = np.array([[0.9861, 0.6680]])
    y = labels(x)
    run, g = forward(net, x), gradients(net, x, y)
    rows = [
        ("x", x),
        ("y = (x1² + x2²) / 2", y),
        ("h1", run.after[0]),
        ("h2", run.after[1]),
        ("prediction", run.prediction),
        ("L = (prediction - y)²", np.array(loss(run.prediction, y))),
    ]
    for layer, (weights, biases) in enumerate(zip(g.weights, g.biases, strict=True), start=1):
        rows += [(f"dW{layer}", weights), (f"db{layer}", biases)]
    yield "Weights drawn with seed 1; nothing of this is expected of a hand-in, whose own weights and sample count."
    yield ""
    if style == "markdown":
        yield "| value | shape | numbers |"
        yield "|---|---|---|"
    for name, array in rows:
        shown = " ".join(
            np.array2string(np.squeeze(array), precision=5, threshold=12, edgeitems=2, max_line_width=10_000).split()
        )
        shape = "×".join(map(str, array.shape)) or "1"
        yield f"| {name} | {shape} | {shown} |" if style == "markdown" else f"{name:<22} {shape:<6} {shown}"
