"""A verdict on one place as a report: marks, fault, words. What a place is worth stands in `MARKS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.formula import ForbiddenSymbol, ShapeMismatch, Verdict
from grader.model import FaultInfo, LabelReport, Status, tidy

PREFIX: Final = "matrix_calculus"
STEPS: Final = ("zero_gradients", "forward", "loss", "backward", "update")
ROWS: Final = ("Linear1", "f", "Linear2", "g", "Loss")
GRADIENTS: Final = ("W1", "b1", "W2", "b2")
MARKS: Final[Mapping[str, Mapping[str, float]]] = {
    "1.2.1": dict.fromkeys(STEPS, 1.0),
    "1.2.2": {f"{row}.{side}": 0.5 for row in ROWS for side in ("input", "output")},
    "1.2.3": dict.fromkeys(GRADIENTS, 1.25),
}
"""The sheet gives no points: five a question, shared evenly."""

NOT_READ: Final = "This could not be read with certainty; a human looks at it, and its points wait until then."
SHAPES_HINT: Final = "Write the shape below every factor: with n, h and K all different only one order and layout fits."
HINTS: Final[Mapping[str, str]] = {
    "missing-transpose": SHAPES_HINT,
    "extra-transpose": SHAPES_HINT,
    "swapped-order": SHAPES_HINT,
    "elementwise-for-product": SHAPES_HINT,
    "shape": SHAPES_HINT,
    "denominator-layout": "In numerator layout ∂l/∂W has the shape of the transpose of W, and ∂l/∂b is a row.",
    "forbidden-symbol": "The question lists the variables that may be used; write this name out in them, or define it.",
    "missing-activation": "What has this value gone through before it comes here?",
    "missing-activation-jacobian": "Walk back from the loss layer by layer: each layer adds its factor to the chain.",
    "forward-table-again": "A gradient tells how the loss changes with a parameter; begin with ∂l/∂ŷ and walk back.",
    "wrong-factor": "Compare with the definition on the sheet, constant factors included.",
    "wrong-sign": "Follow the sign from the definition of the loss.",
    "missing-bias": "The sheet defines each linear layer with its bias.",
    "not-squared": "The loss on the sheet is the squared norm.",
    "activation-of-g": "The sheet chooses g to be the identity.",
}
WORDS: Final[Mapping[str, str]] = {
    "missing-transpose": "A transpose is missing.",
    "extra-transpose": "A transpose stands where none belongs.",
    "swapped-order": "The factors of a matrix product stand in the wrong order.",
    "elementwise-for-product": "An elementwise product stands where a matrix product belongs, or the other way round.",
    "denominator-layout": "The answer is in denominator layout; numerator layout is asked for.",
    "missing-activation": "The activation is missing.",
    "missing-activation-jacobian": "The Jacobian of the activation is missing from the chain.",
    "wrong-factor": "A constant factor such as 2 or ½ is missing or does not belong.",
    "wrong-sign": "The sign is wrong.",
    "shape": "The shapes do not fit.",
    "forbidden-symbol": "A symbol is used that the question does not allow and the answer does not define.",
    "forward-table-again": "The forward table is written down again where gradients are asked for.",
    "missing-bias": "The bias is missing.",
    "not-squared": "The norm in the loss is not squared.",
    "activation-of-g": "ReLU is applied where the sheet has the identity.",
    "update-before-backward": "The weights are updated before their gradients are there.",
    "zeroed-after-backward": "The gradients are set to zero after the backward pass: nothing is left to update with.",
    "loss-before-forward": "The loss is computed before the forward pass has given an output.",
    "backward-before-loss": "The backward pass comes before there is a loss.",
    "update-ascends": "The gradient is added to the weights where it must be subtracted.",
    "step-left-out": "One of the five steps is left out.",
}


@dataclass(frozen=True)
class Mark:
    """What became of one place: the verdict's fault and words, ready for a report."""

    status: Status
    message: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()

    def report(self, question: str, label: str) -> LabelReport:
        possible = MARKS[question][label]
        waits = self.status is Status.NEEDS_HUMAN
        return LabelReport(
            label,
            self.status,
            tidy(possible) if self.status is Status.PASSED else 0.0,
            possible,
            tidy(possible) if waits else 0.0,
            (f"{PREFIX}.{self.fault}",) if self.fault else (),
            self.message,
            HINTS.get(self.fault, ""),
            notes=self.notes,
        )


def of_verdict(verdict: Verdict, where: str) -> Mark:
    """A formula's verdict in words that say where; what is unreadable waits for a human."""
    if verdict.status == "right":
        return Mark(Status.PASSED)
    if verdict.status == "unreadable":
        return Mark(Status.NEEDS_HUMAN, f"{where}: {verdict.message or 'no formula could be read.'}\n{NOT_READ}")
    return Mark(Status.FAILED, f"{where}: {verdict.message}", fault_of(verdict))


def fault_of(verdict: Verdict) -> str:
    """The misconception's name: the repair that fits, else the kind of problem; "" where neither tells."""
    if verdict.diagnosis is not None:
        return verdict.diagnosis.id
    if isinstance(verdict.problem, ForbiddenSymbol):
        return "forbidden-symbol"
    return "shape" if isinstance(verdict.problem, ShapeMismatch) else ""


def together(marks: Sequence[Mark]) -> Mark:
    """Several formulas for one place: right where all that can be read are right, a human where they disagree."""
    judged = [mark for mark in marks if mark.status in (Status.PASSED, Status.FAILED)]
    statuses = {mark.status for mark in judged}
    if len(statuses) == 2:
        words = "Several formulas stand here, and not all of them are right. " + NOT_READ
        return Mark(Status.NEEDS_HUMAN, words)
    if judged:
        return judged[-1]
    return marks[0] if marks else Mark(Status.MISSING, "There is no answer here.")


def fault_infos(question: str, ids: Sequence[str]) -> tuple[FaultInfo, ...]:
    """The misconceptions of a question as the gradebook lists them."""
    labels = tuple(MARKS[question])
    return tuple(FaultInfo(f"{PREFIX}.{id}", question, labels, WORDS.get(id, id), HINTS.get(id, "")) for id in ids)
