"""Question Q2 of sheet 004, worked out by hand: what the sheet gives, what it expects, the words for it, the slips.

No expected number is typed in: the reference layer computes them, and faulty variants of it the wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.judges.numbers import WrongValue, judge_numbers
from grader.model import AnswerText, FaultInfo, LabelReport
from grader.rubric import AnswerQuestion
from reference_solutions.layers import Array, Linear
from rubrics.numpy_layers.hand_words import words

QUESTION: Final = "Q2"
X: Final = np.array([[1.0, 3.0], [2.0, 5.0]])
W: Final = np.array([[2.0, 1.0], [2.0, 1.0]])
B: Final = np.zeros((1, 2))
DY: Final = np.ones((2, 2))
LR: Final = 0.05
WORDS: Final = words(W, B)
PRINTED: Final = ("forward:", "backward:", "W:", "b:")  # what the sheet's own comparison cell prints


def expected() -> dict[str, Array]:
    """Y, dX and the updated W and b, by the reference layer on the sheet's numbers."""
    layer = Linear(2, 2)
    layer.W, layer.b = W.copy(), B.copy()
    Y = layer.forward(X)
    dX = layer.backward(X, DY, LR)
    return {"Y": Y, "dX": dX, "W": layer.W, "b": layer.b}


def givens() -> dict[str, Array | float]:
    """What the question states; restating it is no answer."""
    return {"X": X, "W": W, "b": B, "dY": DY, "lr": LR, "m": 2.0}


@dataclass(frozen=True)
class Slip:
    """One way to go wrong by hand: `value` makes the wrong number of `label` from the right gradients."""

    name: str
    label: str
    words: str
    hint: str
    value: Callable[[Array, Array, Array], Array]  # of dX, dW, db

    @property
    def id(self) -> str:
        return f"hand.{self.name}"


_STEP_HINT = "Write the update down in symbols first: the old value, minus the learning rate times the gradient."
_SHAPES_HINT = "Write the shapes below each product, as if m, n and k were different numbers."
_SUM_HINT = "Every sample adds to the bias of its unit: 1ᵀ dY sums dY over the rows."

SLIPS: Final = (
    Slip(
        "forward-by-W-transposed", "Y", "That is X times the transpose of W.", _SHAPES_HINT, lambda dX, dW, db: X @ W.T
    ),
    Slip(
        "forward-swapped",
        "Y",
        "That is WX: the factors stand in the wrong order.",
        _SHAPES_HINT,
        lambda dX, dW, db: W @ X,
    ),
    Slip(
        "forward-elementwise",
        "Y",
        "That multiplies X and W entry by entry; XW is a matrix product.",
        "Entry (i, j) of XW is row i of X times column j of W.",
        lambda dX, dW, db: X * W,
    ),
    Slip(
        "forward-from-updated-W",
        "Y",
        "That is XW with the W after the update.",
        "The forward pass comes before the update.",
        lambda dX, dW, db: X @ (W - LR * dW) - LR * db,
    ),
    Slip(
        "dX-without-transpose",
        "dX",
        "That is dY W; the transpose of W is missing.",
        _SHAPES_HINT,
        lambda dX, dW, db: DY @ W,
    ),
    Slip(
        "dX-swapped",
        "dX",
        "That is Wᵀ dY: the factors stand in the wrong order.",
        _SHAPES_HINT,
        lambda dX, dW, db: W.T @ DY,
    ),
    Slip(
        "dX-from-updated-W",
        "dX",
        "That comes from the updated W; dX belongs to the W before the step.",
        "Which W made Y in the forward pass? dX is taken at that one.",
        lambda dX, dW, db: DY @ (W - LR * dW).T,
    ),
    Slip(
        "dX-is-dW",
        "dX",
        "That is the gradient with respect to W.",
        "The backward pass hands on the gradient of X.",
        lambda dX, dW, db: dW,
    ),
    Slip(
        "dX-is-W-transposed",
        "dX",
        "That is the transpose of W, not yet multiplied by dY.",
        "By the chain rule the derivative of the layer is multiplied by the gradient that comes in.",
        lambda dX, dW, db: W.T,
    ),
    Slip(
        "dX-is-dY",
        "dX",
        "That is dY itself.",
        "dY is the gradient of the output; go one step further back, through W.",
        lambda dX, dW, db: DY,
    ),
    Slip("W-is-dW", "W", "That is the gradient dW; the updated W is asked for.", _STEP_HINT, lambda dX, dW, db: dW),
    Slip("W-not-updated", "W", "That is W as it was given: the step is missing.", _STEP_HINT, lambda dX, dW, db: W),
    Slip("W-added", "W", "The step was added where it must be subtracted.", _STEP_HINT, lambda dX, dW, db: W + LR * dW),
    Slip("W-without-lr", "W", "The learning rate was left out.", _STEP_HINT, lambda dX, dW, db: W - dW),
    Slip(
        "W-is-step",
        "W",
        "That is the learning rate times dW: the step alone, not yet taken from W.",
        _STEP_HINT,
        lambda dX, dW, db: LR * dW,
    ),
    Slip(
        "W-gradient-not-transposed",
        "W",
        "The gradient used there is X dY; the transpose of X is missing.",
        _SHAPES_HINT,
        lambda dX, dW, db: W - LR * X @ DY,
    ),
    Slip(
        "W-gradient-swapped",
        "W",
        "The gradient used there is dY Xᵀ: the factors stand in the wrong order.",
        _SHAPES_HINT,
        lambda dX, dW, db: W - LR * DY @ X.T,
    ),
    Slip(
        "W-gradient-transposed",
        "W",
        "The gradient used there is the transpose of dW.",
        _SHAPES_HINT,
        lambda dX, dW, db: W - LR * dW.T,
    ),
    Slip(
        "W-averaged",
        "W",
        "The gradient was averaged over the samples; on this sheet it is a sum.",
        "XᵀdY sums over the samples, and the sheet divides by nothing.",
        lambda dX, dW, db: W - LR * dW / len(X),
    ),
    Slip("W-by-dX", "W", "dX was used for the step where dW is needed.", _STEP_HINT, lambda dX, dW, db: W - LR * dX),
    Slip("W-by-dY", "W", "dY was used for the step where dW is needed.", _STEP_HINT, lambda dX, dW, db: W - LR * DY),
    Slip("b-is-db", "b", "That is the gradient db; the updated b is asked for.", _STEP_HINT, lambda dX, dW, db: db),
    Slip("b-not-updated", "b", "That is b as it was given: the step is missing.", _STEP_HINT, lambda dX, dW, db: B),
    Slip("b-added", "b", "The step was added where it must be subtracted.", _STEP_HINT, lambda dX, dW, db: B + LR * db),
    Slip("b-without-lr", "b", "The learning rate was left out.", _STEP_HINT, lambda dX, dW, db: B - db),
    Slip(
        "b-averaged",
        "b",
        "The gradient was averaged over the samples, or one sample was forgotten.",
        _SUM_HINT,
        lambda dX, dW, db: B - LR * db / len(X),
    ),
    Slip(
        "b-not-summed",
        "b",
        "The gradient of b was not summed over the samples.",
        _SUM_HINT,
        lambda dX, dW, db: B - LR * DY,
    ),
    Slip(
        "b-summed-over-all",
        "b",
        "The gradient of b was summed over everything; each unit has its own sum.",
        _SUM_HINT,
        lambda dX, dW, db: B - LR * np.full_like(db, DY.sum()),
    ),
)


def wrong_values() -> dict[str, dict[str, WrongValue]]:
    """Every slip's value, by label and id; a slip that gives the right number here is left out."""
    layer = Linear(2, 2)
    layer.W, layer.b = W.copy(), B.copy()
    gradients = layer.gradients(X, DY)
    right = expected()
    result: dict[str, dict[str, WrongValue]] = {label: {} for label in right}
    for slip in SLIPS:
        value = slip.value(*gradients)
        if value.shape != right[slip.label].shape or not np.allclose(value, right[slip.label]):
            result[slip.label][slip.id] = WrongValue(value, slip.words, slip.hint)
    return result


def faults() -> tuple[FaultInfo, ...]:
    """The slips as the gradebook lists them."""
    why = "The number is the one that this slip gives with the sheet's own X, W and dY."
    return tuple(FaultInfo(slip.id, QUESTION, (slip.label,), slip.words, slip.hint, why) for slip in SLIPS)


def judge(question: AnswerQuestion, answer: AnswerText) -> tuple[LabelReport, ...]:
    """One report for each of Y, dX, W and b."""
    return judge_numbers(
        question,
        answer,
        expected=expected(),
        words=WORDS,
        faults=wrong_values(),
        givens=givens(),
        printed_by_sheet=PRINTED,
    )
