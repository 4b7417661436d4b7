"""Sheet 000: forward pass, gradients and two updates of a small ReLU net, worked out as one does by hand.

The same lines work for `float` and for `fractions.Fraction`, which is exact. Matrices are tuples of rows: a weight is
(outputs, inputs) as in the sheet's script, a bias (outputs, 1), an input (inputs, 1). Nothing here judges a student.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Generic, TypeVar

N = TypeVar("N", float, Fraction)
Matrix = tuple[tuple[N, ...], ...]

WIDTHS = (1, 2, 2, 1)
INPUT, TARGET = 4, 1
RATE = Fraction(1, 100)
WEIGHT, BIAS = 1, Fraction(-1, 2)
UPDATES = 2


@dataclass(frozen=True)
class Parameters(Generic[N]):
    """One linear layer: `weight` is (outputs, inputs), `bias` (outputs, 1)."""

    weight: Matrix[N]
    bias: Matrix[N]


@dataclass(frozen=True)
class Pass(Generic[N]):
    """A forward pass: `inputs[l]` goes into layer l, `sums[l]` into the ReLU behind it; the output has no ReLU."""

    inputs: tuple[Matrix[N], ...]
    sums: tuple[Matrix[N], ...]

    @property
    def output(self) -> Matrix[N]:
        return self.sums[-1]


@dataclass(frozen=True)
class Step(Generic[N]):
    """One column of the sheet's tables: the parameter before the update, its gradient, and the parameter after it."""

    parameter: Matrix[N]
    gradient: Matrix[N]
    updated: Matrix[N]


@dataclass(frozen=True)
class LayerUpdate(Generic[N]):
    """What one update does to one layer."""

    weight: Step[N]
    bias: Step[N]


@dataclass(frozen=True)
class Update(Generic[N]):
    """One update of the whole net; `output` and `loss` are those before it."""

    layers: tuple[LayerUpdate[N], ...]
    output: Matrix[N]
    loss: N


@dataclass(frozen=True)
class HandTables(Generic[N]):
    """Everything that the sheet asks for."""

    updates: tuple[Update[N], ...]

    @property
    def losses(self) -> tuple[N, ...]:
        return tuple(update.loss for update in self.updates)


def hand_tables(
    number: Callable[[int | Fraction], N],
    *,
    widths: Sequence[int] = WIDTHS,
    x: Sequence[int | Fraction] = (INPUT,),
    target: Sequence[int | Fraction] = (TARGET,),
    rate: int | Fraction = RATE,
    weight: int | Fraction = WEIGHT,
    bias: int | Fraction = BIAS,
    start: Sequence[Parameters[N]] | None = None,
    updates: int = UPDATES,
) -> HandTables[N]:
    """The tables of sheet 000, or of any net of its kind; `number` is `Fraction` or `float`.

    Every weight starts at `weight` and every bias at `bias`, unless `start` gives the layers. Raises ValueError where
    the sizes do not fit together.

    >>> tables = hand_tables(Fraction)
    >>> [str(loss) for loss in tables.losses]
    ['529/8', '104329/80000']
    >>> float(tables.updates[0].layers[0].weight.gradient[0][0])
    92.0
    """
    if start is None:
        start = [
            Parameters(_filled(number(weight), rows, columns), _filled(number(bias), rows, 1))
            for columns, rows in pairwise(widths)
        ]
    if not start or len(x) != len(start[0].weight[0]) or len(target) != len(start[-1].weight):
        raise ValueError(f"input and target need {widths[0]} and {widths[-1]} numbers, for widths {tuple(widths)}")
    layers = tuple(start)
    point, wanted = column([number(value) for value in x]), column([number(value) for value in target])
    done = []
    for _ in range(updates):
        forward = forward_pass(layers, point)
        gradients = backward_pass(layers, forward, wanted)
        after = tuple(
            Parameters(descend(p.weight, number(rate), g.weight), descend(p.bias, number(rate), g.bias))
            for p, g in zip(layers, gradients, strict=True)
        )
        steps = tuple(
            LayerUpdate(Step(p.weight, g.weight, u.weight), Step(p.bias, g.bias, u.bias))
            for p, g, u in zip(layers, gradients, after, strict=True)
        )
        done.append(Update(steps, forward.output, loss(forward.output, wanted, number(Fraction(1, 2)))))
        layers = after
    return HandTables(tuple(done))


def forward_pass(layers: Sequence[Parameters[N]], x: Matrix[N]) -> Pass[N]:
    """z = W a + b in every layer, a = ReLU(z) between them."""
    inputs, sums = [x], []
    for layer in layers:
        sums.append(add(matmul(layer.weight, inputs[-1]), layer.bias))
        inputs.append(relu(sums[-1]))
    return Pass(tuple(inputs[:-1]), tuple(sums))


def backward_pass(layers: Sequence[Parameters[N]], forward: Pass[N], target: Matrix[N]) -> tuple[Parameters[N], ...]:
    """The gradients of ½ Σ (y - y*)²: dW = δ aᵀ and db = δ; δ is y - y* at the end, (Wᵀ δ) ∘ ReLU'(z) before."""
    delta = subtract(forward.output, target)
    gradients = []
    for at in reversed(range(len(layers))):
        gradients.append(Parameters(matmul(delta, transpose(forward.inputs[at])), delta))
        if at:
            delta = gate(matmul(transpose(layers[at].weight), delta), forward.sums[at - 1])
    return tuple(reversed(gradients))


def loss(output: Matrix[N], target: Matrix[N], half: N) -> N:
    """½ Σ (y - y*)², the sheet's quadratic loss; `half` is ½ as the number type in use."""
    squares = [error * error for row in subtract(output, target) for error in row]
    return half * sum(squares[1:], squares[0])


def matmul(left: Matrix[N], right: Matrix[N]) -> Matrix[N]:
    """The matrix product; raises ValueError where the inner sizes differ."""
    if any(len(row) != len(right) for row in left):
        raise ValueError("the sizes of two matrices do not fit together")
    return tuple(tuple(_dot(row, entries) for entries in zip(*right, strict=True)) for row in left)


def transpose(matrix: Matrix[N]) -> Matrix[N]:
    return tuple(zip(*matrix, strict=True))


def add(left: Matrix[N], right: Matrix[N]) -> Matrix[N]:
    return tuple(tuple(a + b for a, b in zip(*rows, strict=True)) for rows in zip(left, right, strict=True))


def subtract(left: Matrix[N], right: Matrix[N]) -> Matrix[N]:
    return tuple(tuple(a - b for a, b in zip(*rows, strict=True)) for rows in zip(left, right, strict=True))


def scaled(factor: N, matrix: Matrix[N]) -> Matrix[N]:
    return tuple(tuple(factor * entry for entry in row) for row in matrix)


def descend(parameter: Matrix[N], rate: N, gradient: Matrix[N]) -> Matrix[N]:
    """One step of gradient descent."""
    return subtract(parameter, scaled(rate, gradient))


def relu(matrix: Matrix[N]) -> Matrix[N]:
    return tuple(tuple(entry if entry > 0 else 0 * entry for entry in row) for row in matrix)


def gate(gradient: Matrix[N], sums: Matrix[N]) -> Matrix[N]:
    """ReLU's backward pass: the gradient where the sum was positive, 0 where it was not (0 included)."""
    return tuple(
        tuple(g if z > 0 else 0 * g for g, z in zip(*rows, strict=True)) for rows in zip(gradient, sums, strict=True)
    )


def column(entries: Sequence[N]) -> Matrix[N]:
    """A column of numbers."""
    return tuple((entry,) for entry in entries)


def _filled(entry: N, rows: int, columns: int) -> Matrix[N]:
    return ((entry,) * columns,) * rows


def _dot(left: Sequence[N], right: Sequence[N]) -> N:
    products = [a * b for a, b in zip(left, right, strict=True)]
    return sum(products[1:], products[0])
