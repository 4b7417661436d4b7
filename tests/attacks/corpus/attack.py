"""What an attack is, and the few shapes of source that most of them take.

A submission here answers Q1 (Linear) and Q3 (ReLU) of sheet 004, 2 points each, and nothing else. One of the two is
honest as a rule; the attack sits in the other.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LINEAR = """
class Linear:
    def __init__(self, n, k):
        self.W, self.b = np.zeros((n, k)), np.zeros((1, k))
    def forward(self, X):
        return X @ self.W + self.b
    def backward(self, X, dY, lr=0.05):
        dX = dY @ self.W.T
        self.W, self.b = self.W - lr * X.T @ dY, self.b - lr * dY.sum(0, keepdims=True)
        return dX
"""
RELU = """
class ReLU:
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return dY * (X > 0)
"""
NUMPY = "import numpy as np\n"
HONEST = NUMPY + LINEAR + RELU
WRONG_RELU = RELU.replace("np.maximum(X, 0)", "X").replace("dY * (X > 0)", "dY")


@dataclass(frozen=True)
class Attack:
    """`build` puts the hand-in into the class's folder. `score` is what the honest part earns, to the point.

    `status` is the submission's status; `questions` maps question ids to statuses that it must have. `breach` says
    that the attack is stopped by a layer and gains points, or leaves a trace, where there is none.
    """

    name: str
    build: Callable[[Path], object]
    score: float
    status: str = "judged"
    questions: tuple[tuple[str, str], ...] = ()
    student: str | None = None  # the id in the results, where it is not the name

    @property
    def id(self) -> str:
        return self.student if self.student is not None else self.name


def script(name: str, source: str, score: float, **more: str) -> Attack:
    """A hand-in that is one script. `more` maps question ids to the statuses that they must have."""

    def build(folder: Path) -> None:
        (folder / f"{name}.py").write_text(source, "utf-8")

    return Attack(name, build, score, "judged", tuple(more.items()))


def in_linear(name: str, body: str, score: float, before: str = "", **more: str) -> Attack:
    """`body` runs at the start of `Linear.forward`; both classes are honest otherwise. `before` stands above them."""
    indented = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
    linear = LINEAR.replace("        return X @ self.W + self.b", f"{indented}\n        return X @ self.W + self.b")
    return script(name, NUMPY + textwrap.dedent(before) + linear + RELU, score, **more)


def in_relu(
    name: str, body: str, score: float, before: str = "", backward: str = "return dY * (X > 0)", **more: str
) -> Attack:
    """`ReLU.forward` is `body`; Linear is honest, and so is `ReLU.backward` if nothing else is said."""
    methods = [("forward(self, X)", body), ("backward(self, X, dY)", backward)]
    relu = "class ReLU:\n" + "".join(
        f"    def {head}:\n{textwrap.indent(textwrap.dedent(text).strip(), ' ' * 8)}\n" for head, text in methods
    )
    return script(name, NUMPY + LINEAR + textwrap.dedent(before) + relu, score, **more)


def gains(name: str, body: str) -> Attack:
    """ReLU is right only where `body` got through (it returns something true): then it would earn 4 instead of 2."""
    attempt = "def attempt():\n" + textwrap.indent(textwrap.dedent(body).strip(), " " * 4) + "\n"
    relu = """
class ReLU:
    def __init__(self):
        try:
            self.won = bool(attempt())
        except BaseException:
            self.won = False
    def forward(self, X):
        return np.maximum(X, 0) if self.won else X - 7
    def backward(self, X, dY):
        return dY * (X > 0) if self.won else dY - 7
"""
    return script(name, NUMPY + LINEAR + attempt + relu, 2.0, Q3="failed")
