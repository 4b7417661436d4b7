"""Sheet 000 one cell at a time: what each cell is, given the numbers in the cells before it, whoever wrote them.

The reference's tables come out when every cell follows from right ones. `faults` overrides single methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Key, Own
from reference_solutions import backprop_by_hand as reference
from reference_solutions.backprop_by_hand import Parameters, Pass

TABLES: Final = reference.hand_tables(Fraction)
UPDATES: Final = range(1, len(TABLES.updates) + 1)
LAYERS: Final = range(1, len(TABLES.updates[0].layers) + 1)
KINDS: Final = ("weight", "bias")
ROWS: Final = ("parameter", "gradient", "updated")
POINT: Final[Matrix] = reference.column([Fraction(reference.INPUT)])
TARGET: Final[Matrix] = reference.column([Fraction(reference.TARGET)])
HALF: Final = Fraction(1, 2)


def key(update: int, kind: str, layer: int, row: str) -> Key:
    """The key of a cell; updates and layers count from 1.

    >>> key(1, "weight", 3, "gradient")
    Key(question='update1.weight', label='L3.gradient')
    """
    return Key(f"update{update}.{kind}", f"L{layer}.{row}")


def loss_key(update: int) -> Key:
    """The key of a loss."""
    return Key("loss", f"update{update}")


def _expected() -> dict[Key, Matrix]:
    cells: dict[Key, Matrix] = {}
    for number, update in zip(UPDATES, TABLES.updates, strict=True):
        for layer, steps in zip(LAYERS, update.layers, strict=True):
            for kind, step in (("weight", steps.weight), ("bias", steps.bias)):
                cells[key(number, kind, layer, "parameter")] = step.parameter
                cells[key(number, kind, layer, "gradient")] = step.gradient
                cells[key(number, kind, layer, "updated")] = step.updated
        cells[loss_key(number)] = ((update.loss,),)
    return cells


def _order() -> tuple[Key, ...]:
    """Parameters, gradients from the last layer to the first (a bias's gradient is its δ), loss, updated values."""
    keys: list[Key] = []
    for update in UPDATES:
        keys += [key(update, kind, layer, "parameter") for kind in KINDS for layer in LAYERS]
        keys += [key(update, kind, layer, "gradient") for layer in reversed(LAYERS) for kind in ("bias", "weight")]
        keys.append(loss_key(update))
        keys += [key(update, kind, layer, "updated") for kind in KINDS for layer in LAYERS]
    return tuple(keys)


EXPECTED: Final[Mapping[Key, Matrix]] = _expected()
ORDER: Final = _order()
_PARTS: Final = {
    key(update, kind, layer, row): (update, kind, layer, row)
    for update in UPDATES
    for kind in KINDS
    for layer in LAYERS
    for row in ROWS
}


class Steps:
    """The right way to every cell. A method gets the numbers before the cell in `own` and returns the cell's matrix."""

    rate: Fraction = reference.RATE

    def cell(self, wanted: Key, own: Own) -> Matrix | None:
        """The cell `wanted`; None where the sheet itself gives it or the numbers before do not fit together."""
        try:
            if wanted.question == "loss":
                return self.loss(int(wanted.label.removeprefix("update")), own)
            update, kind, layer, row = _PARTS[wanted]
            if row == "parameter":
                return self.parameter(update, kind, layer, own)
            if row == "updated":
                return self.updated(update, kind, layer, own)
            if kind == "bias":
                return self.delta(update, layer, own)
            return self.weight_gradient(update, layer, own)
        except ValueError:
            return None

    def tables(self) -> dict[Key, Matrix]:
        """Every cell as it comes out when each follows from the ones before: a whole hand-in done this way."""
        own: dict[Key, Matrix] = {}
        for wanted in ORDER:
            found = self.cell(wanted, own)
            own[wanted] = EXPECTED[wanted] if found is None else found
        return own

    def parameter(self, update: int, kind: str, layer: int, own: Own) -> Matrix | None:
        """Given at first, later what the update before made of it."""
        return own[key(update - 1, kind, layer, "updated")] if update > 1 else None

    def updated(self, update: int, kind: str, layer: int, own: Own) -> Matrix:
        """parameter - rate × gradient"""
        old, slope = (own[key(update, kind, layer, row)] for row in ("parameter", "gradient"))
        return reference.descend(old, self.rate, slope)

    def delta(self, update: int, layer: int, own: Own) -> Matrix:
        """A bias's gradient: the error at the output, and (Wᵀ δ) ∘ ReLU'(z) of the layer behind elsewhere."""
        if layer == LAYERS[-1]:
            return self.error(update, own)
        sums = self.forward(update, own).sums[layer - 1]
        return self.gate(
            self.back(self.behind(update, layer, own), own[key(update, "bias", layer + 1, "gradient")]), sums
        )

    def weight_gradient(self, update: int, layer: int, own: Own) -> Matrix:
        """δ aᵀ, with δ as it stands in the bias's table."""
        return self.outer(own[key(update, "bias", layer, "gradient")], self.into(update, layer, own))

    def loss(self, update: int, own: Own) -> Matrix:
        """½ (y - y*)²; where y - y* stands in the tables, rounded as it may be, from there."""
        error = reference.subtract(self.forward(update, own).output, TARGET)
        written = own[key(update, "bias", LAYERS[-1], "gradient")]
        if all(abs(w - e) <= abs(e) / 200 for w, e in zip(written[0], error[0], strict=True)):
            error = written
        return ((sum((HALF * entry * entry for row in error for entry in row), Fraction(0)),),)

    def error(self, update: int, own: Own) -> Matrix:
        """y - y*"""
        return reference.subtract(self.forward(update, own).output, TARGET)

    def forward(self, update: int, own: Own) -> Pass[Fraction]:
        """The forward pass with the parameters of an update."""
        return reference.forward_pass(self.parameters(update, own), POINT)

    def parameters(self, update: int, own: Own) -> list[Parameters[Fraction]]:
        """The layers before an update."""
        return [Parameters(*(own[key(update, kind, layer, "parameter")] for kind in KINDS)) for layer in LAYERS]

    def behind(self, update: int, layer: int, own: Own) -> Matrix:
        """The weight through which δ comes back to `layer`."""
        return own[key(update, "weight", layer + 1, "parameter")]

    def into(self, update: int, layer: int, own: Own) -> Matrix:
        """What goes into a layer."""
        return self.forward(update, own).inputs[layer - 1]

    def back(self, weight: Matrix, delta: Matrix) -> Matrix:
        return reference.matmul(reference.transpose(weight), delta)

    def gate(self, gradient: Matrix, sums: Matrix) -> Matrix:
        return reference.gate(gradient, sums)

    def outer(self, delta: Matrix, inputs: Matrix) -> Matrix:
        return reference.matmul(delta, reference.transpose(inputs))


RIGHT: Final = Steps()
