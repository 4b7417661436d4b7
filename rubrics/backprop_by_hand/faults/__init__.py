"""What goes wrong in sheet 000: each misconception is the right way with one method changed.

Used twice: on a student's own numbers it names a wrong cell; run from the start it gives the whole hand-in of
somebody with that misconception.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Key, Own, Slip
from grader.model import FaultInfo
from reference_solutions import backprop_by_hand as reference
from reference_solutions.backprop_by_hand import Pass
from rubrics.backprop_by_hand.steps import EXPECTED, HALF, KINDS, LAYERS, POINT, RIGHT, TARGET, Steps, key, loss_key

PREFIX = "by_hand"


@dataclass(frozen=True)
class Misconception:
    """A fault of the catalogue: its words, its way of computing, and the tables that come out of it."""

    info: FaultInfo
    steps: Steps
    repeats: bool = False

    @property
    def tables(self) -> dict[Key, Matrix]:
        return self.steps.tables()

    @property
    def slip(self) -> Slip:
        return Slip(self.info, self.steps.cell, self.repeats)


_ALL: list[Misconception] = []


def _fault(name: str, *, words: str, hint: str, repeats: bool = False) -> Callable[[type[Steps]], type[Steps]]:
    def decorate(made: type[Steps]) -> type[Steps]:
        own = made().tables()
        wrong = [
            wanted for wanted in EXPECTED if own[wanted] != EXPECTED[wanted] and own[wanted] != RIGHT.cell(wanted, own)
        ]
        wrong = wrong or [wanted for wanted in EXPECTED if own[wanted] != EXPECTED[wanted]]
        labels = tuple(dict.fromkeys(k.label for k in wrong if k.question == wrong[0].question))
        info = FaultInfo(f"{PREFIX}.{name}", wrong[0].question, labels, words, hint, inspect.getdoc(made) or "")
        _ALL.append(Misconception(info, made(), repeats))
        return made

    return decorate


class _OwnDelta(Steps):
    """A weight's gradient with δ worked out again by this way, for those whose bias table is right."""

    def weight_gradient(self, update: int, layer: int, own: Own) -> Matrix:
        return self.outer(self.delta(update, layer, own), self.into(update, layer, own))


@_fault(
    "one-path",
    words="Only one of the paths back to this layer was counted; each unit of the next layer sends a gradient back.",
    hint="How many units of the next layer does this unit feed? Add up what comes back from all of them.",
)
class OnePath(_OwnDelta):
    """A hidden unit gets the sum over all units behind it; with one path alone layer 1 has 11.5 instead of 23."""

    def back(self, weight: Matrix, delta: Matrix) -> Matrix:
        return reference.matmul(reference.transpose(weight[:1]), delta[:1])


@_fault(
    "second-from-start",
    words="The second update starts from the initial parameters again, not from those that the first one made.",
    hint="Which parameters does the net have after the first update?",
    repeats=True,
)
class SecondFromStart(Steps):
    """The second table repeats the first: its parameters, and with them all that follows."""

    def parameter(self, update: int, kind: str, layer: int, own: Own) -> Matrix | None:
        return own[key(update - 1, kind, layer, "parameter")] if update > 1 else None

    def cell(self, wanted: Key, own: Own) -> Matrix | None:
        if not (wanted.question.startswith("update2") or wanted == loss_key(2)):
            return None
        if wanted.label.endswith(".parameter"):
            return super().cell(wanted, own)
        again = all(
            own[key(2, kind, layer, "parameter")] == own[key(1, kind, layer, "parameter")]
            for kind in KINDS
            for layer in LAYERS
        )
        if not again:
            return None
        if wanted == loss_key(2):
            return own[loss_key(1)]
        return own[Key(wanted.question.replace("update2", "update1"), wanted.label)]


@_fault(
    "gradients-reused",
    words="This is the gradient of the first update; with the updated parameters the net has another one.",
    hint="Do the forward pass again with the updated parameters, and see which units still let something through.",
)
class GradientsReused(Steps):
    """The second update takes the gradients of the first one over."""

    def delta(self, update: int, layer: int, own: Own) -> Matrix:
        return super().delta(update, layer, own) if update == 1 else own[key(update - 1, "bias", layer, "gradient")]

    def weight_gradient(self, update: int, layer: int, own: Own) -> Matrix:
        if update == 1:
            return super().weight_gradient(update, layer, own)
        return own[key(update - 1, "weight", layer, "gradient")]


@_fault(
    "relu-derivative-ignored",
    words="The derivative of ReLU was left out: where its input is not positive, no gradient passes.",
    hint="Look at the sign of each unit's input in the forward pass before you pass a gradient through it.",
)
class ReluDerivativeIgnored(_OwnDelta):
    """The forward pass uses ReLU and the backward pass does not."""

    def gate(self, gradient: Matrix, sums: Matrix) -> Matrix:
        return gradient


@_fault(
    "dead-unit-overlooked",
    words="A unit with a negative input was passed on as it is; ReLU makes it 0, forwards and backwards.",
    hint="What does ReLU give for a negative number?",
)
class DeadUnitOverlooked(_OwnDelta):
    """The net without ReLU: nothing changes in the first update; in the second all units are dead."""

    def forward(self, update: int, own: Own) -> Pass[Fraction]:
        inputs, sums = [POINT], []
        for layer in self.parameters(update, own):
            sums.append(reference.add(reference.matmul(layer.weight, inputs[-1]), layer.bias))
            inputs.append(sums[-1])
        return Pass(tuple(inputs[:-1]), tuple(sums))

    def gate(self, gradient: Matrix, sums: Matrix) -> Matrix:
        return gradient


class _Rate(Steps):
    """Another learning rate than the sheet's."""


def _rate(text: str) -> None:
    made = type(f"Rate{text.replace('.', '_')}", (_Rate,), {"rate": Fraction(text), "__doc__": _Rate.__doc__})
    _fault(
        "learning-rate",
        words=f"The learning rate {text} was used; the sheet gives {float(reference.RATE):g}.",
        hint="Look up the learning rate in the sheet.",
    )(made)


for _text in ("0.1", "0.001", "1", "0.02", "0.05", "0.005"):
    _rate(_text)


@_fault(
    "sign-of-update",
    words="The step goes the wrong way: rate × gradient was added, and it has to be subtracted.",
    hint="In which direction does the loss get smaller?",
)
class SignOfUpdate(Steps):
    """Gradient ascent."""

    rate = -reference.RATE


@_fault(
    "sign-of-gradient",
    words="The sign of this gradient is wrong; the error is y - y*, output minus target.",
    hint="Take the derivative of ½ (y - y*)² with respect to y once more.",
)
class SignOfGradient(Steps):
    """y* - y at the output; all gradients turn their sign."""

    def error(self, update: int, own: Own) -> Matrix:
        return reference.scaled(Fraction(-1), super().error(update, own))


class _Negated(Steps):
    def delta(self, update: int, layer: int, own: Own) -> Matrix:
        return reference.scaled(Fraction(-1), super().delta(update, layer, own))

    def weight_gradient(self, update: int, layer: int, own: Own) -> Matrix:
        return reference.scaled(Fraction(-1), super().weight_gradient(update, layer, own))


@_fault(
    "loss-without-half",
    words="The factor ½ of the loss is missing; with it the derivative of ½ (y - y*)² is y - y*.",
    hint="Compare your loss with the sheet's formula.",
)
class LossWithoutHalf(Steps):
    """(y - y*)² for the loss, and 2 (y - y*) for its derivative."""

    def error(self, update: int, own: Own) -> Matrix:
        return reference.scaled(Fraction(2), super().error(update, own))

    def loss(self, update: int, own: Own) -> Matrix:
        error = reference.subtract(self.forward(update, own).output, TARGET)
        return ((sum((entry * entry for row in error for entry in row), Fraction(0)),),)


@_fault(
    "without-input",
    words="The gradient of a weight is δ times what goes into it; that factor is missing.",
    hint="By how much does z change when this weight grows by 1? That is the input of the layer.",
)
class WithoutInput(Steps):
    """dW = δ, as for a bias."""

    def outer(self, delta: Matrix, inputs: Matrix) -> Matrix:
        return tuple((row[0],) * len(inputs) for row in delta)


@_fault(
    "own-output-for-input",
    words="δ was multiplied by what comes out of the layer; the gradient of a weight needs what goes into it.",
    hint="Which number does this weight multiply in the forward pass?",
)
class OwnOutputForInput(Steps):
    """dW = δ aᵀ with the layer's own output for a."""

    def into(self, update: int, layer: int, own: Own) -> Matrix:
        forward = self.forward(update, own)
        return forward.inputs[layer] if layer < LAYERS[-1] else forward.output

    def outer(self, delta: Matrix, inputs: Matrix) -> Matrix:
        return super().outer(delta, inputs)

    def weight_gradient(self, update: int, layer: int, own: Own) -> Matrix:
        made = super().weight_gradient(update, layer, own)
        wanted = own[key(update, "weight", layer, "parameter")]
        if len(made[0]) == len(wanted[0]):
            return made
        return tuple((row[0],) * len(wanted[0]) for row in made)


@_fault(
    "updated-first",
    words="The weights behind this layer were already updated when the gradient was taken back through them.",
    hint="Work out all gradients with the old weights first, then update.",
)
class UpdatedFirst(_OwnDelta):
    """Backpropagation through the weights that this very update has just changed."""

    def behind(self, update: int, layer: int, own: Own) -> Matrix:
        old, slope = (own[key(update, "weight", layer + 1, row)] for row in ("parameter", "gradient"))
        return reference.descend(old, self.rate, slope)


@_fault(
    "bias-left-out",
    words="The forward pass was done without the biases.",
    hint="z is W a + b in every layer.",
)
class BiasLeftOut(_OwnDelta):
    """z = W a."""

    def forward(self, update: int, own: Own) -> Pass[Fraction]:
        layers = [
            reference.Parameters(layer.weight, reference.scaled(Fraction(0), layer.bias))
            for layer in self.parameters(update, own)
        ]
        return reference.forward_pass(layers, POINT)


@_fault(
    "relu-at-output",
    words="The output was treated like a hidden unit; there is no ReLU behind the last layer.",
    hint="Look at the drawing: what follows layer 3?",
)
class ReluAtOutput(Steps):
    """ReLU(y) at the end: in the second update the output counts as 0 and passes no gradient."""

    def error(self, update: int, own: Own) -> Matrix:
        output = self.forward(update, own).output
        return reference.gate(reference.subtract(reference.relu(output), TARGET), output)

    def loss(self, update: int, own: Own) -> Matrix:
        error = reference.subtract(reference.relu(self.forward(update, own).output), TARGET)
        return ((sum((HALF * entry * entry for row in error for entry in row), Fraction(0)),),)


@_fault(
    "not-updated",
    words="The parameter was not changed although its gradient is not 0.",
    hint="Subtract rate × gradient.",
)
class NotUpdated(Steps):
    """The updated value repeats the old one."""

    def updated(self, update: int, kind: str, layer: int, own: Own) -> Matrix:
        return own[key(update, kind, layer, "parameter")]


@_fault(
    "step-for-value",
    words="This is the step, rate × gradient; the updated value is the parameter minus that step.",
    hint="Subtract the step from the parameter.",
)
class StepForValue(Steps):
    """rate × gradient where the updated value belongs."""

    def updated(self, update: int, kind: str, layer: int, own: Own) -> Matrix:
        return reference.scaled(self.rate, own[key(update, kind, layer, "gradient")])


FAULTS = tuple(_ALL)
_SIGN = next(fault for fault in FAULTS if fault.info.id == f"{PREFIX}.sign-of-gradient")
SLIPS = (*(fault.slip for fault in FAULTS), Slip(_SIGN.info, _Negated().cell))
