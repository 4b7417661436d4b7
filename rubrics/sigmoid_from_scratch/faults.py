"""The catalogue: every misconception with its words, and the wrong gradients that it would give (see `slips`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grader.model import Array, FaultInfo
from reference_solutions.sigmoid_from_scratch import Gradients, Net
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.slips import (
    Backward,
    BeforeActivation,
    LossForError,
    Negated,
    NegatedNoTwo,
    NoBiasForward,
    NoFirstActivation,
    NoOutputSlope,
    NoSecondActivation,
    NoSlope,
    NoSlopeFirst,
    NoSlopeSecond,
    NoTranspose,
    NoTwo,
    OtherActivation,
    OtherSlope,
    OutputSlope,
    OutputSlopeOfZ,
    SigmoidForSlope,
    SlopeFromZ,
    SlopeOfActivation,
    SquashedForward,
    SummedBias,
    WeightsIgnored,
    WrongLayer,
    stepped_first,
)


@dataclass(frozen=True)
class Fault:
    """`make` gives the wrong gradients of a net on points; None for faults that are told otherwise than by values."""

    id: str
    question: str
    words: str
    hint: str
    why: str
    make: Callable[[Net, Array, Array], Gradients] | None = None
    labels: tuple[str, ...] = ()

    def info(self) -> FaultInfo:
        return FaultInfo(f"sigmoid.{self.id}", self.question, self.labels, self.words, self.hint, self.why)


def _made(kind: type[Backward]) -> Callable[[Net, Array, Array], Gradients]:
    return lambda net, x, y: kind(net)(x, y)


_HINT = "Write the chain rule from the loss to these parameters, one factor a step, and look which factor is not there."


def _value(id: str, kind: type[Backward], words: str, hint: str = _HINT) -> Fault:
    return Fault(id, "Q7", words, hint, kind.__doc__ or words, _made(kind), GRADIENTS)


FAULTS: Final[tuple[Fault, ...]] = (
    _value(
        "no-derivative",
        NoSlope,
        "The derivative of the sigmoid is missing on the way back.",
        "What is ∂h/∂z of a sigmoid unit? It belongs into the error of both hidden layers.",
    ),
    _value(
        "no-derivative-first",
        NoSlopeFirst,
        "The derivative of the sigmoid of the first hidden layer is missing.",
        "On the way back the error passes the first hidden layer's sigmoid, too.",
    ),
    _value(
        "no-derivative-second",
        NoSlopeSecond,
        "The derivative of the sigmoid of the second hidden layer is missing.",
        "On the way back the error passes the second hidden layer's sigmoid, too.",
    ),
    _value(
        "no-factor-two",
        NoTwo,
        "The factor 2 of the loss is missing: the derivative of (p - y)² is 2 (p - y).",
        "Differentiate L = (p - y)² by p.",
    ),
    _value(
        "negated",
        Negated,
        "The gradient has the wrong sign: y - p where the derivative has p - y.",
        "Does the loss grow or shrink when the prediction grows?",
    ),
    _value("negated-no-two", NegatedNoTwo, "The gradient starts from y - p; the derivative of (p - y)² is 2 (p - y)."),
    _value("loss-for-derivative", LossForError, "The loss itself is sent back in place of its derivative 2 (p - y)."),
    _value(
        "derivative-twice",
        SlopeOfActivation,
        "The sigmoid's derivative is taken at the activation h, not at z.",
        "With h = σ(z) the derivative is h (1 - h); σ'(h) applies the sigmoid once more.",
    ),
    _value("derivative-from-z", SlopeFromZ, "The sigmoid's derivative is h (1 - h); z (1 - z) was used."),
    _value("sigmoid-for-derivative", SigmoidForSlope, "The sigmoid itself stands where its derivative belongs."),
    _value(
        "output-derivative",
        OutputSlope,
        "The output layer is linear, but p (1 - p) was put into its error.",
        "Which activation stands behind the last layer of your net?",
    ),
    _value(
        "output-derivative-of-z",
        OutputSlopeOfZ,
        "The output layer is linear, but a sigmoid's derivative was put there.",
        "Which activation stands behind the last layer of your net?",
    ),
    _value("no-output-derivative", NoOutputSlope, "The net has a sigmoid on its output; its derivative is missing."),
    _value(
        "wrong-order-derivatives",
        OtherSlope,
        "The derivatives of the two hidden layers are exchanged.",
        "The error of a layer takes the derivative of that layer's own sigmoid.",
    ),
    _value(
        "wrong-order-activations",
        OtherActivation,
        "The activations of the two hidden layers are exchanged.",
        "The gradient by a layer's weights is its error times what goes into that layer.",
    ),
    _value(
        "before-activation",
        BeforeActivation,
        "The value before the sigmoid is used where the activation belongs.",
        "What does a layer's weight matrix multiply in the forward pass: z or h?",
    ),
    _value(
        "not-transposed",
        NoTranspose,
        "The weights in the middle are not transposed on the way back.",
        "z = W h forwards means Wᵀ times the error backwards.",
    ),
    _value("skips-a-layer", WrongLayer, "The error of the first hidden layer skips the second one."),
    _value("weights-ignored", WeightsIgnored, "The error passes to the layer below without that layer's weights."),
    _value(
        "bias-summed",
        SummedBias,
        "All units of the layer share one number as the gradient by their biases.",
        "Each unit has a bias of its own; sum over samples, not over units.",
    ),
    _value("forward-without-biases", NoBiasForward, "Your own forward pass leaves out the biases."),
    _value(
        "forward-first-sigmoid", NoFirstActivation, "Your forward pass has no sigmoid after the first hidden layer."
    ),
    _value(
        "forward-second-sigmoid", NoSecondActivation, "Your forward pass has no sigmoid after the second hidden layer."
    ),
    _value("forward-squashed", SquashedForward, "Your own forward pass has a sigmoid on the output; the net has none."),
    Fault(
        "stepped-first",
        "Q7",
        "A layer's weights were updated before the error was sent back through them.",
        "Compute all gradients first, then update.",
        "right formulas on new weights",
        stepped_first,
        GRADIENTS,
    ),
    Fault(
        "transposed",
        "Q7",
        "The gradient is transposed: its rows should be those of the weights.",
        "A gradient has the shape of its weights, entry for entry.",
        "the other layers' gradients are not",
        None,
        GRADIENTS,
    ),
    Fault(
        "bias-missing",
        "Q7",
        "There is no gradient by the biases.",
        "What is ∂z/∂b? The error of the layer is all it takes.",
        "the net has biases, and no value is named or used as their gradient",
        None,
        ("db1", "db2", "db3"),
    ),
    Fault(
        "copied",
        "Q7",
        "This is autograd's own result, not one that was computed from scratch.",
        "Compute it from the weights, the sample and the activations alone.",
        "with automatic differentiation made crooked, it comes out just as crooked",
        None,
        GRADIENTS,
    ),
    Fault(
        "scaled",
        "Q7",
        "All entries are off by the same factor.",
        "Which constant factor stands in the loss's derivative?",
        "proportional to the right gradient",
        None,
        GRADIENTS,
    ),
    Fault(
        "not-halved",
        "Q3",
        "The labels are x1² + x2², without the half.",
        "y = (x1² + x2²) / 2.",
        "",
        None,
        ("labels",),
    ),
    Fault(
        "square-of-sum",
        "Q3",
        "The labels are (x1 + x2)² / 2: the square of the sum, not the sum of the squares.",
        "Square each coordinate first.",
        "",
        None,
        ("labels",),
    ),
    Fault(
        "half-sum",
        "Q3",
        "The labels are (x1 + x2) / 2: the squares are missing.",
        "y = (x1² + x2²) / 2.",
        "",
        None,
        ("labels",),
    ),
    Fault("half-loss", "Q4", "The loss has a factor ½ that the sheet's has not.", "L = (p - y)².", "", None, ("loss",)),
    Fault("absolute", "Q4", "The loss is |p - y|, not its square.", "L = (p - y)².", "", None, ("loss",)),
    Fault("signed", "Q4", "The loss is p - y without the square.", "L = (p - y)².", "", None, ("loss",)),
    Fault("root", "Q4", "The loss is a square root.", "L = (p - y)², without a root.", "", None, ("loss",)),
    Fault(
        "normal-data",
        "Q2",
        "The points are drawn from a normal distribution; uniform is asked for.",
        "rand, not randn.",
        "",
        None,
        ("data",),
    ),
    Fault(
        "whole-batch",
        "Q5",
        "All points went through the net at once; the sheet asks for one.",
        "Use x[0] and y[0].",
        "",
        None,
        ("pass",),
    ),
    Fault("other-rate", "Q5", "The learning rate is not 0.05.", "Step 5 gives the learning rate.", "", None, ("rate",)),
    Fault(
        "accumulated",
        "Q6",
        "The gradients of two backward passes were added up: PyTorch adds to what is there.",
        "Call zero_grad() before the second backward().",
        "",
        None,
        ("autograd",),
    ),
)
BY_ID: Final = {fault.id: fault for fault in FAULTS}
