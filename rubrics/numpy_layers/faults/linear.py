"""Linear gone wrong (sheet 004, Q1): the misconceptions that students bring to Y = XW + b and its three gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.rubric import Faults
from reference_solutions.layers import Array, Linear

faults = Faults("linear")

# -- forward


@faults.add(
    "forward-without-b",
    labels=["Y"],
    words="Your forward returns XW: the bias b is left out.",
    hint="Give b a value other than 0 and look at Y again; b starts at zero, so a fresh layer does not show it.",
)
class ForwardWithoutB(Linear):
    """The template's b is zero, so the sheet's own example cannot see it."""

    def forward(self, X: Array) -> Array:
        return X @ self.W


@faults.add(
    "forward-with-W-transposed",
    labels=["Y"],
    words="Your forward multiplies X by the transpose of W.",
    hint="W is n×k on this sheet (inputs by outputs). Try three inputs and two outputs and write the shapes below XW.",
)
class ForwardWithWTransposed(Linear):
    """The layout of PyTorch (outputs by inputs); it runs as long as n = k."""

    def forward(self, X: Array) -> Array:
        return X @ self.W.T + self.b


# -- dX


@faults.add(
    "updates-before-dX",
    labels=["dX"],
    words="W was updated before dX was computed, so dX comes from the new W.",
    hint="Which W did forward use to make Y? dX belongs to that one: mind the order of the lines in backward.",
)
class UpdatesBeforeDX(Linear):
    """The commonest slip, in published solutions too; it trains just as well, so only a large lr shows it."""

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        super().backward(X, dY, lr)
        return dY @ self.W.T


class OtherDX(Linear):
    """No fault itself: what differs in the faults below is dX and nothing else."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        return self.dX(X, dY), dW, db

    def dX(self, X: Array, dY: Array) -> Array:
        raise NotImplementedError


@faults.add(
    "dX-without-transpose",
    labels=["dX"],
    words="Your dX multiplies dY by W where its transpose is needed.",
    hint="dY is m×k and dX must be m×n. Write the shapes below the product, with n different from k.",
)
class DXWithoutTranspose(OtherDX):
    """It raises unless n = k; there it gives wrong numbers of the right shape."""

    def dX(self, X: Array, dY: Array) -> Array:
        return dY @ self.W


@faults.add(
    "dX-factors-swapped",
    labels=["dX"],
    words="The factors of dX stand in the wrong order: a matrix product does not commute.",
    hint="Row i of dX should depend on row i of dY alone. Which factor must then stand on the left?",
)
class DXFactorsSwapped(OtherDX):
    """The column-vector formula Wᵀ dY, taken over to a sheet whose samples are rows."""

    def dX(self, X: Array, dY: Array) -> Array:
        return self.W.T @ dY


@faults.add(
    "dX-W-times-dY",
    labels=["dX"],
    words="Your dX is W times dY: the order of the factors is that of column vectors, and the transpose is missing.",
    hint="Samples are rows here. Write the shapes below the product for five samples, four inputs, three outputs.",
)
class DXWTimesDY(OtherDX):
    """Right for y = Wᵀx with one sample in a column."""

    def dX(self, X: Array, dY: Array) -> Array:
        return self.W @ dY


@faults.add(
    "dX-transposed",
    labels=["dX"],
    words="Your dX is the transpose of what is asked for: samples ended up in its columns.",
    hint="dX has the shape of X, m×n. Compare dX.shape with X.shape for more samples than inputs.",
)
class DXTransposed(OtherDX):
    """W dYᵀ has the right numbers, laid out by columns."""

    def dX(self, X: Array, dY: Array) -> Array:
        return self.W @ dY.T


@faults.add(
    "dX-without-dY",
    labels=["dX"],
    words="Your dX does not depend on dY: the gradient that comes from the next layer is not passed on.",
    hint="By the chain rule dX is a product with dY in it. Double dY: dX should double too.",
)
class DXWithoutDY(OtherDX):
    """All ones in place of dY; a test whose dY is all ones, such as the sheet's, cannot see it."""

    def dX(self, X: Array, dY: Array) -> Array:
        return np.ones_like(dY) @ self.W.T


@faults.add(
    "dX-is-W-transposed",
    labels=["dX"],
    words="Your dX is the transpose of W: the derivative of the layer by itself, not yet chained with dY.",
    hint="The loss reaches X through Y. What does the chain rule multiply with the derivative of Y?",
)
class DXIsWTransposed(OtherDX):
    """The local derivative without the upstream gradient."""

    def dX(self, X: Array, dY: Array) -> Array:
        return self.W.T


@faults.add(
    "dX-times-X",
    labels=["dX"],
    words="Your dX is multiplied by X, element by element; Y is linear in X, so X does not occur in dX.",
    hint="Differentiate Y = XW + b with respect to X: what is left of X?",
)
class DXTimesX(OtherDX):
    """The pattern of an activation's backward carried over to a linear layer."""

    def dX(self, X: Array, dY: Array) -> Array:
        return (dY @ self.W.T) * X


@faults.add(
    "dX-uses-X",
    labels=["dX"],
    words="Your dX multiplies X by the transpose of W; the gradient that flows back is dY.",
    hint="backward receives two arrays. Which of them carries ∂L/∂Y?",
)
class DXUsesX(OtherDX):
    """The two arguments of backward taken for one another; it raises unless n = k."""

    def dX(self, X: Array, dY: Array) -> Array:
        return X @ self.W.T


@faults.add(
    "dX-returns-dW",
    labels=["dX"],
    words="Your backward returns the gradient with respect to W; it should return that with respect to X.",
    hint="The layer before this one needs ∂L/∂X. Which shape must the returned array have?",
)
class DXReturnsDW(OtherDX):
    """Both are computed; the wrong one is handed on."""

    def dX(self, X: Array, dY: Array) -> Array:
        return X.T @ dY


@faults.add(
    "dX-times-lr",
    labels=["dX"],
    words="Your dX is multiplied by the learning rate; lr belongs to the update of W and b only.",
    hint="dX is a derivative: it should be the same for every lr.",
)
class DXTimesLr(Linear):
    """In a deep net the gradient then shrinks by lr with every layer."""

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        return lr * super().backward(X, dY, lr)


@faults.add(
    "dX-averaged",
    labels=["dX"],
    words="Your dX is divided by the number of samples.",
    hint="Where a mean over the batch is taken at all, the loss has already put its 1/m into dY.",
)
class DXAveraged(OtherDX):
    """Hidden in a net by a smaller learning rate."""

    def dX(self, X: Array, dY: Array) -> Array:
        return dY @ self.W.T / len(X)


# -- the gradient of W


class OtherDW(Linear):
    """No fault itself: what differs in the faults below is dW and nothing else."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, _, db = super().gradients(X, dY)
        return dX, self.dW(X, dY), db

    def dW(self, X: Array, dY: Array) -> Array:
        raise NotImplementedError


@faults.add(
    "dW-transposed",
    labels=["W"],
    words="Your gradient of W is the transpose of the right one.",
    hint="The gradient of W has the shape of W, n×k. Write the shapes below your product, with n different from k.",
)
class DWTransposed(OtherDW):
    """dYᵀ X in place of Xᵀ dY; it raises, or is broadcast, unless n = k."""

    def dW(self, X: Array, dY: Array) -> Array:
        return dY.T @ X


@faults.add(
    "dW-without-transpose",
    labels=["W"],
    words="Your gradient of W multiplies X by dY; X has to be transposed first.",
    hint="X is m×n and dY is m×k; the sum runs over the m samples. Which axis must stand inside the product?",
)
class DWWithoutTranspose(OtherDW):
    """It raises unless n = m; the sheet's example has m = n = k."""

    def dW(self, X: Array, dY: Array) -> Array:
        return X @ dY


@faults.add(
    "dW-averaged",
    labels=["W"],
    words="Your gradient of W is divided by the number of samples.",
    hint="The sheet's gradient of W is a plain sum over the samples. Where does a 1/m, if any, come from?",
)
class DWAveraged(OtherDW):
    """The mean belongs to the loss and is in dY already."""

    def dW(self, X: Array, dY: Array) -> Array:
        return X.T @ dY / len(X)


@faults.add(
    "dW-without-dY",
    labels=["W"],
    words="Your gradient of W does not depend on dY: it sums X alone.",
    hint="Double dY: the step of W should double too.",
)
class DWWithoutDY(OtherDW):
    """All ones in place of dY; a test whose dY is all ones cannot see it."""

    def dW(self, X: Array, dY: Array) -> Array:
        return X.T @ np.ones_like(dY)


@faults.add(
    "weight-decay",
    labels=["W"],
    words="W decays by 2λW with λ = 0.01: that is the L2 regularisation of Q6, and Q1 asks for the layer without it.",
    hint="With dY all zero, W should stay as it is.",
)
class WeightDecay(OtherDW):
    """Q6's Linear handed in for Q1, with the λ that most of its solutions take."""

    def dW(self, X: Array, dY: Array) -> Array:
        return X.T @ dY + 2 * 0.01 * self.W


# -- the gradient of b


class OtherDb(Linear):
    """No fault itself: what differs in the faults below is db and nothing else."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, _ = super().gradients(X, dY)
        return dX, dW, self.db(X, dY)

    def db(self, X: Array, dY: Array) -> Any:
        raise NotImplementedError


@faults.add(
    "db-not-summed",
    labels=["b"],
    words="The gradient of b is not summed over the samples: b grew a row for each of them.",
    hint="Look at b.shape after backward with two samples. One b serves every sample: what becomes of their gradients?",
)
class DbNotSummed(OtherDb):
    """numpy broadcasts 1×k against m×k without a word."""

    def db(self, X: Array, dY: Array) -> Any:
        return dY


@faults.add(
    "db-wrong-axis",
    labels=["b"],
    words="The gradient of b is summed along the wrong axis: over the outputs instead of over the samples.",
    hint="b has one entry an output. Which axis of dY (m×k) must disappear?",
)
class DbWrongAxis(OtherDb):
    """axis=1 for axis=0; on square shapes the result even fits."""

    def db(self, X: Array, dY: Array) -> Any:
        return dY.sum(axis=1)


@faults.add(
    "db-wrong-axis-kept",
    labels=["b"],
    words="The gradient of b is summed over the outputs (and kept as a column) instead of over the samples.",
    hint="b has one entry an output. Look at b.shape after backward: which axis of dY (m×k) should have gone?",
)
class DbWrongAxisKept(OtherDb):
    """axis=1 with keepdims=True: m×1 against 1×k is broadcast to m×k."""

    def db(self, X: Array, dY: Array) -> Any:
        return dY.sum(axis=1, keepdims=True)


@faults.add(
    "db-averaged",
    labels=["b"],
    words="The gradient of b is averaged over the samples; the sheet sums it, as it sums that of W.",
    hint="∂L/∂b = 1ᵀ ∂L/∂Y: is there a 1/m in it?",
)
class DbAveraged(OtherDb):
    """np.mean for np.sum: b is the weak spot of otherwise right layers."""

    def db(self, X: Array, dY: Array) -> Any:
        return dY.mean(axis=0, keepdims=True)


@faults.add(
    "db-one-number",
    labels=["b"],
    words="The gradient of b is one number, the sum over all of dY; every output has a bias of its own.",
    hint="np.sum without an axis adds up everything. b is 1×k: its gradient has k entries.",
)
class DbOneNumber(OtherDb):
    """np.sum(dY) without an axis, broadcast over b."""

    def db(self, X: Array, dY: Array) -> Any:
        return np.full_like(self.b, dY.sum())


@faults.add(
    "db-from-dW",
    labels=["b"],
    words="b is updated with the mean of W's gradient over the inputs; b has a gradient of its own.",
    hint="Differentiate Y = XW + b with respect to b. Does X occur in it?",
)
class DbFromDW(OtherDb):
    """The gradient of W squeezed into the shape of b."""

    def db(self, X: Array, dY: Array) -> Any:
        return (X.T @ dY).mean(axis=0, keepdims=True)


@faults.add(
    "db-is-dW",
    labels=["b"],
    words="b is updated with the gradient of W: X is in it, and b grew to the shape of W.",
    hint="Differentiate Y = XW + b with respect to b. Does X occur in it? Look at b.shape after backward.",
)
class DbIsDW(OtherDb):
    """The same step for W and b; broadcasting hides that the shapes differ."""

    def db(self, X: Array, dY: Array) -> Any:
        return X.T @ dY


# -- the step


@faults.add(
    "averages-over-the-batch",
    labels=["W", "b"],
    words="The gradients of W and b are divided by the number of samples.",
    hint="The sheet's gradients are plain sums over the samples; a loss that is a mean has its 1/m in dY already.",
)
class AveragesOverTheBatch(Linear):
    """It cancels with a loss that forgets its 1/m: right from end to end, wrong in isolation."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX, dW / len(X), db / len(X)


@faults.add(
    "first-sample-only",
    labels=["W", "b"],
    words="Only the first sample of the batch reaches the gradients of W and b.",
    hint="Try a batch of two samples: each of them should move W and b.",
)
class FirstSampleOnly(Linear):
    """A batch of one, baked in."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, _, _ = super().gradients(X, dY)
        return dX, np.outer(X[0], dY[0]), dY[:1]


@faults.add(
    "ignores-dY",
    labels=["dX", "W", "b"],
    words="Your backward does not use dY: all three gradients are those of a dY of all ones.",
    hint="Double dY: dX and both steps should double too. The sheet's example has a dY of all ones and cannot show it.",
)
class IgnoresDY(Linear):
    """The upstream gradient is left out of the chain rule; the sheet's own example passes."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        return super().gradients(X, np.ones_like(dY))


@faults.add(
    "without-lr",
    labels=["W", "b"],
    words="The step of W and b is not multiplied by the learning rate.",
    hint="W ← W - lr · dW. Call backward with lr=0: nothing should move.",
)
class WithoutLr(Linear):
    """A learning rate of 1."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 1.0)


@faults.add(
    "fixed-lr",
    labels=["W", "b"],
    words="The step of W and b is always taken with 0.05; the lr that backward is given is not used.",
    hint="Call backward with two values of lr: the steps should differ.",
)
class FixedLr(Linear):
    """The sheet's default typed in; its own example passes."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 0.05)


@faults.add(
    "adds-the-gradient",
    labels=["W", "b"],
    words="The gradient is added to W and b: that climbs the loss instead of going down.",
    hint="The gradient points to where the loss grows. Which way should the step go?",
)
class AddsTheGradient(Linear):
    """Gradient ascent."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, -lr)


@faults.add(
    "steps-twice",
    labels=["W", "b"],
    words="W and b take their step twice in one call of backward.",
    hint="Print W before and after backward and compare the difference with lr · dW.",
)
class StepsTwice(Linear):
    """Two update lines, or a factor 2 from the loss put here as well."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 2 * lr)


@faults.add(
    "no-update",
    labels=["W", "b"],
    words="W and b are the same after backward as before: the update is missing, or was made on copies.",
    hint="A new value must be stored in self.W and self.b to last beyond the call.",
)
class NoUpdate(Linear):
    """Gradients right, never applied; or applied to local names."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        pass


@faults.add(
    "W-not-updated",
    labels=["W"],
    words="b is updated, W is not.",
    hint="Look at self.W before and after backward.",
)
class WNotUpdated(Linear):
    """One of the two update lines is missing."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(np.zeros_like(dW), db, lr)


@faults.add(
    "b-not-updated",
    labels=["b"],
    words="W is updated, b is not.",
    hint="b is a parameter too. Look at self.b before and after backward.",
)
class BNotUpdated(Linear):
    """The sheet's formula for the step mentions W alone."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, np.zeros_like(db), lr)


@faults.add(
    "step-replaces-the-weights",
    labels=["W", "b"],
    words="W and b are replaced by -lr times their gradients; the old values are lost.",
    hint="`W =- step` assigns; compare it with `W -= step`.",
)
class StepReplacesTheWeights(Linear):
    """The typing slip =- for -=, which Python reads as an assignment of a negative number."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        self.W, self.b = -lr * dW, -lr * db


# -- from one call to the next


@faults.add(
    "gradients-add-up",
    labels=["W", "b"],
    words="The gradients of an earlier batch are still in yours: they add up from call to call.",
    hint="Call backward twice on one layer and print dW each time. It must start afresh with every call.",
)
class GradientsAddUp(Linear):
    """`self.dW += ...` that nothing sets back to zero; the first step on a fresh layer is right."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__(input_dim, output_dim)
        self.sums: tuple[Any, Any] = (0, 0)

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        self.sums = (self.sums[0] + dW, self.sums[1] + db)
        return dX, *self.sums


@faults.add(
    "dW-adds-up",
    labels=["W"],
    words="The gradient of W of an earlier batch is still in yours: it adds up from call to call.",
    hint="Call backward twice on one layer and print dW each time. It must start afresh with every call.",
)
class DWAddsUp(Linear):
    """The same slip for W alone."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__(input_dim, output_dim)
        self.sum: Any = 0

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        self.sum = self.sum + dW
        return dX, self.sum, db


@faults.add(
    "keeps-first-transpose",
    labels=["dX"],
    words="dX uses the W that your layer had in its first step: its transpose was kept and never taken again.",
    hint="W changes with every step. Take its transpose anew in every call of backward.",
)
class KeepsFirstTranspose(Linear):
    """`if self.WT is None: self.WT = self.W.T`; the first step on a fresh layer is right."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__(input_dim, output_dim)
        self.WT: Any = None

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        if self.WT is None:
            self.WT = np.array(self.W).T
        _, dW, db = super().gradients(X, dY)
        return dY @ self.WT, dW, db


@faults.add(
    "momentum",
    labels=["W", "b"],
    words="Your step carries on the steps before it (momentum); the sheet asks for plain gradient descent.",
    hint="The sheet's step is W ← W - lr · dW: it knows nothing of earlier batches.",
)
class Momentum(Linear):
    """v = 0.9 v + dW, as PyTorch has it: the first step is right."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__(input_dim, output_dim)
        self.velocity: tuple[Any, Any] = (0, 0)

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        self.velocity = (0.9 * self.velocity[0] + dW, 0.9 * self.velocity[1] + db)
        return dX, *self.velocity
