"""A whole answer to the sheet as text, from its entries: what the catalogue of faults and variants is written with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rubrics.matrix_calculus.marks import GRADIENTS, ROWS

STEPS: Final = (
    "Set all gradients to zero.",
    "Forward pass: put x through the network.",
    "Compute the loss.",
    "Backward pass: compute the gradients of the loss.",
    "Update the weights.",
)
FORWARD: Final[Mapping[str, str]] = {
    "Linear1.input": "$x$",
    "Linear1.output": "$W^{(1)}x+b^{(1)}$",
    "f.input": "$W^{(1)}x+b^{(1)}$",
    "f.output": r"$\text{ReLU}(W^{(1)}x+b^{(1)})$",
    "Linear2.input": r"$\text{ReLU}(W^{(1)}x+b^{(1)})$",
    "Linear2.output": r"$W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})+b^{(2)}$",
    "g.input": r"$W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})+b^{(2)}$",
    "g.output": r"$W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})+b^{(2)}$",
    "Loss.input": r"$W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})+b^{(2)}, y$",
    "Loss.output": r"$\Vert y-W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})-b^{(2)}\Vert^2$",
}
_UP = r"\frac{\partial l}{\partial\hat{y}}\frac{\partial\hat{y}}{\partial z_3}"
BACKWARD: Final[Mapping[str, str]] = {
    "W1": rf"$x{_UP}W^{{(2)}}\frac{{\partial z_2}}{{\partial z_1}}$",
    "b1": rf"${_UP}W^{{(2)}}\frac{{\partial z_2}}{{\partial z_1}}$",
    "W2": rf"$\text{{ReLU}}(W^{{(1)}}x+b^{{(1)}}){_UP}$",
    "b2": rf"${_UP}$",
}


def steps_text(steps: tuple[str, ...] = STEPS) -> str:
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def forward_text(cells: Mapping[str, str] = FORWARD) -> str:
    rows = [f"| {row} | {cells[f'{row}.input']} | {cells[f'{row}.output']} |" for row in ROWS]
    return "\n".join(["| Layer | Input | Output |", "|---|---|---|", *rows])


def backward_text(gradients: Mapping[str, str] = BACKWARD) -> str:
    rows = [f"| {name} | {gradients[name]} |" for name in GRADIENTS]
    return "\n".join(["| Parameter | Gradient |", "|---|---|", *rows])


def whole(steps: str = "", forward: str = "", backward: str = "") -> str:
    """All three answers in Markdown under their numbers; what is not given is right."""
    parts = (steps or steps_text(), forward or forward_text(), backward or backward_text())
    return "\n\n".join(f"## 1.2.{number}\n\n{part}" for number, part in enumerate(parts, start=1)) + "\n"
