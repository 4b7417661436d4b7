"""L2 regularisation gone wrong (sheet 004, Q6): what students do to W, b and dX where W ← W - lr (dW + 2λW) is meant.

Every fault has a λ of its own; `l2` judges by whether any λ makes the update right, and names a fault where one of
these gives the student's very update.
"""

from __future__ import annotations

import numpy as np

from grader.model import FaultInfo
from grader.rubric import Faults
from reference_solutions.layers import Array, L2Linear

faults = Faults("l2")


def infos(question: str) -> tuple[FaultInfo, ...]:
    """The misconceptions as the gradebook lists them."""
    return tuple(FaultInfo(f.id, question, f.labels, f.words, f.hint, f.why) for f in faults.all)


@faults.add(
    "no-decay",
    labels=["update"],
    words="W moves by lr dW alone: nothing pulls it towards 0.",
    hint="With dY all zero a regularised W still shrinks. What is the derivative of λ‖W‖² with respect to W?",
)
class NoDecay(L2Linear):
    """Q1's Linear once more, or a λ that is never used."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.W = self.W - lr * dW
        self.b = self.b - lr * db


@faults.add(
    "grows",
    labels=["update"],
    words="The sign is the wrong way round: W is pushed away from 0.",
    hint="The penalty's gradient 2λW is added to dW, and then the whole is subtracted.",
)
class Grows(L2Linear):
    """W - lr (dW - 2λW), or W - lr dW + lr 2λW."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW - 2 * self.lambda_ * self.W)


@faults.add(
    "decays-b",
    labels=["update"],
    words="The bias decays as well; the sheet's penalty holds the weights alone.",
    hint="Which parameters stand in λ Σ ‖W_i‖²?",
)
class DecaysB(L2Linear):
    """b - lr (db + 2λb)."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.W = self.W - lr * (dW + 2 * self.lambda_ * self.W)
        self.b = self.b - lr * (db + 2 * self.lambda_ * self.b)


@faults.add(
    "decays-new-W",
    labels=["update"],
    words="The decay is taken from the W that was updated already; both parts of the gradient belong to the old W.",
    hint="Compute dW + 2λW first, and change W once.",
)
class DecaysNewW(L2Linear):
    """Two updates in a row: W -= lr dW, then W -= lr 2λW."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.W = self.W - lr * dW
        self.W = self.W - lr * 2 * self.lambda_ * self.W
        self.b = self.b - lr * db


@faults.add(
    "sign-of-W",
    labels=["update"],
    words="The step follows the sign of W and not its size: that is L1 regularisation.",
    hint="The derivative of W² is 2W; that of |W| is its sign.",
)
class SignOfW(L2Linear):
    """dW + λ sign(W)."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW + self.lambda_ * np.sign(self.W))


@faults.add(
    "decay-without-lr",
    labels=["update"],
    words="The decay is not multiplied by lr, so the λ that it amounts to changes with the learning rate.",
    hint="2λW is part of the gradient: the learning rate multiplies all of it.",
)
class DecayWithoutLr(L2Linear):
    """W - lr dW - 2λW."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * dW - 2 * self.lambda_ * self.W


@faults.add(
    "lr-twice",
    labels=["update"],
    words="The decay is multiplied by lr twice, so the λ that it amounts to changes with the learning rate.",
    hint="Multiply by lr once, when dW and 2λW have been added.",
)
class LrTwice(L2Linear):
    """W - lr (dW + lr 2λW)."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW + lr * 2 * self.lambda_ * self.W)


@faults.add(
    "adds-the-penalty",
    labels=["update"],
    words="Every entry moves by the same amount: the penalty ‖W‖² itself was added to dW, and not its derivative.",
    hint="What is the derivative of ‖W‖² with respect to one entry of W?",
)
class AddsThePenalty(L2Linear):
    """dW + λ Σ W²."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW + self.lambda_ * (self.W**2).sum())


@faults.add(
    "squares-W",
    labels=["update"],
    words="The decay follows W² and not W, so negative weights are pushed the wrong way.",
    hint="What is the derivative of W² with respect to W?",
)
class SquaresW(L2Linear):
    """dW + λ W²: the penalty's entries in place of their derivatives."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW + self.lambda_ * self.W**2)


@faults.add(
    "decay-alone",
    labels=["update"],
    words="W decays, but the gradient dW of the loss is gone from its update.",
    hint="The penalty's gradient is added to dW; it does not replace it.",
)
class DecayAlone(L2Linear):
    """W - lr 2λW."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.W = self.W - lr * 2 * self.lambda_ * self.W
        self.b = self.b - lr * db


@faults.add(
    "decays-by-norm",
    labels=["update"],
    words="The decay follows W/‖W‖: that is the derivative of ‖W‖, and the sheet's penalty is ‖W‖².",
    hint="Differentiate λ Σ W² entry by entry: no root is left.",
)
class DecaysByNorm(L2Linear):
    """dW + λ W/‖W‖."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.b = self.b - lr * db
        self.W = self.W - lr * (dW + self.lambda_ * self.W / np.linalg.norm(self.W))


@faults.add(
    "updates-before-dX",
    labels=["update"],
    words="dX comes from the W that was updated already.",
    hint="Compute dX before W changes.",
)
class UpdatesBeforeDX(L2Linear):
    """The commonest bug of Q1, new in Q6."""

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        super().backward(X, dY, lr)
        return dY @ self.W.T


@faults.add(
    "dX-decays",
    labels=["update"],
    words="The penalty was put into dX as well; it depends on W alone, so nothing of it goes to the layer before.",
    hint="dX stays dY Wᵀ: there is no need to pass the penalty back.",
)
class DXDecays(L2Linear):
    """dX = (dY) Wᵀ + 2λ Σ W: the penalty passed back."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX + 2 * self.lambda_ * self.W.sum(axis=1), dW, db
