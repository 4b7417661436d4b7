"""Conv1d gone wrong (sheet 004, Q10): flipped kernels, lost padding, sums that were not taken, wrong steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.rubric import Faults
from reference_solutions.layers import Array, Conv1d

faults = Faults("conv1d")

# -- forward


@faults.add(
    "forward-flipped",
    labels=["Y"],
    words="Your forward runs the kernel backwards: the last weight meets the first entry of the signal.",
    hint="On the sheet [a b c …] with [x y z] begins with ax + by + cz. np.convolve turns the kernel round.",
)
class ForwardFlipped(Conv1d):
    """Convolution in the mathematical sense; np.convolve for np.correlate. Symmetric kernels hide it."""

    def forward(self, X: Array) -> Array:
        return self.windows(X, self.pad_length) @ self.W[0, ::-1] + self.b


@faults.add(
    "forward-without-b",
    labels=["Y"],
    words="Your forward leaves out the bias b.",
    hint="b is added to every position of the output; it starts at zero, so a fresh layer does not show it.",
)
class ForwardWithoutB(Conv1d):
    """The template's b is zero."""

    def forward(self, X: Array) -> Array:
        return super().forward(X) - self.b


@faults.add(
    "forward-without-padding",
    labels=["Y"],
    words="Your forward does not pad the signal.",
    hint="pad_length zeros belong at both ends of every signal. How long is Y then?",
)
class ForwardWithoutPadding(Conv1d):
    """Right for pad_length 0, as in the second layer of the sheet's net."""

    def forward(self, X: Array) -> Array:
        Y: Array = self.windows(X, 0) @ self.W[0] + self.b
        return Y


@faults.add(
    "forward-pads-batch",
    labels=["Y"],
    words="Your forward pads the batch as well: signals of zeros were added above and below the others.",
    hint="np.pad with a single number pads every axis. Only the time axis gets zeros.",
)
class ForwardPadsBatch(Conv1d):
    """np.pad(X, p) on a B×T array."""

    def forward(self, X: Array) -> Array:
        return super().forward(np.pad(X, ((self.pad_length, self.pad_length), (0, 0))))


@faults.add(
    "forward-pads-one-side",
    labels=["Y"],
    words="Your forward pads the signal at its end only; zeros belong at both ends.",
    hint="With padding 1 the output is two entries longer than without. Which zero meets the first weight?",
)
class ForwardPadsOneSide(Conv1d):
    """(0, p) for (p, p)."""

    def forward(self, X: Array) -> Array:
        return super().forward(X)[:, self.pad_length :]


@faults.add(
    "forward-last-position-missing",
    labels=["Y"],
    words="Your output is one entry short: the kernel stops before its last position.",
    hint="A kernel of K entries fits at L - K + 1 places of a signal of length L. range(n) ends at n - 1.",
)
class ForwardLastPositionMissing(Conv1d):
    """L - K places counted for L - K + 1."""

    def forward(self, X: Array) -> Array:
        return super().forward(X)[:, :-1]


@faults.add(
    "padding-at-one-end",
    labels=["Y", "dX", "W"],
    words="All of the padding stands at the end of the signal; half of it belongs in front.",
    hint="For padding 1 the sheet's padded signal is [0 a b c d e f 0].",
)
class PaddingAtOneEnd(Conv1d):
    """Lengths are right, everything is shifted by p."""

    def windows(self, S: Array, pad: int) -> Array:
        if pad != self.pad_length:
            return super().windows(S, pad)
        return super().windows(np.pad(S, ((0, 0), (0, 2 * pad))), 0)

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        back = super().windows(dY, 2 * self.kernel_size) @ self.W[0, ::-1]
        return back[:, : X.shape[1]], dW, db


@faults.add(
    "last-weight-unused",
    labels=["Y", "dX", "W"],
    words="The last weight of the kernel is never used: your loops take the kernel to be 2a long.",
    hint="kernel_size a is the half width: the kernel has 1 + 2a entries. range(2 * a) leaves one out.",
)
class LastWeightUnused(Conv1d):
    """The middle entry forgotten in the count."""

    def forward(self, X: Array) -> Array:
        return self.windows(X, self.pad_length)[..., :-1] @ self.W[0, :-1] + self.b

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        start, stop = self.pad_length, self.pad_length + X.shape[1]
        last = np.pad(dY, ((0, 0), (2 * self.kernel_size, 0)))[:, start:stop] * self.W[0, -1]
        dW[0, -1] = 0
        return dX - last, dW, db


# -- dX


class OtherDX(Conv1d):
    """No fault itself: what differs below is dX, made from the gradient of the padded signal, B×(T+2p)."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        _, dW, db = super().gradients(X, dY)
        padded = self.windows(dY, 2 * self.kernel_size) @ self.W[0, ::-1]
        return self.dX(X, dY, padded), dW, db

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        raise NotImplementedError


@faults.add(
    "updates-before-dX",
    labels=["dX"],
    words="W was updated before dX was computed, so dX comes from the new W.",
    hint="Which W did forward use to make Y? dX belongs to that one: mind the order of the lines in backward.",
)
class UpdatesBeforeDX(Conv1d):
    """It trains just as well, so only a large lr shows it."""

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        super().backward(X, dY, lr)
        return self.gradients(X, dY)[0]


@faults.add(
    "dX-flipped",
    labels=["dX"],
    words="Your dX slides the kernel over dY in the wrong direction.",
    hint="Without padding, a takes part in the first output only, and there it meets x: what is dL/da, then?",
)
class DXFlipped(OtherDX):
    """Correlation for convolution on the way back; symmetric kernels hide it."""

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        back: Array = self.windows(dY, 2 * self.kernel_size) @ self.W[0]
        return back[:, self.pad_length : self.pad_length + X.shape[1]]


@faults.add(
    "dX-keeps-padding",
    labels=["dX"],
    words="Your dX still has the entries that belong to the padding: it is longer than X.",
    hint="dX has the shape of X. Whose gradients are the first and the last entries?",
)
class DXKeepsPadding(OtherDX):
    """The sheet's NOTE about the padded ones, overlooked."""

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        return padded


@faults.add(
    "dX-empty-without-padding",
    labels=["dX"],
    words="With padding 0 your dX is empty: the slice [pad:-pad] becomes [0:0].",
    hint="-0 is 0, and [0:0] holds nothing. Count the end of the slice from the front instead.",
)
class DXEmptyWithoutPadding(OtherDX):
    """The sheet's own net has a layer with padding 0."""

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        return padded[:, self.pad_length : -self.pad_length]


@faults.add(
    "dX-cut-from-the-left",
    labels=["dX"],
    words="Your dX takes the first entries of the padded signal's gradient; X starts after the padding.",
    hint="For padding 1 the padded signal is [0 a b c …]: at which index does a stand?",
)
class DXCutFromTheLeft(OtherDX):
    """[:T] for [p:p+T]."""

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        return padded[:, : X.shape[1]]


@faults.add(
    "dX-cut-from-the-right",
    labels=["dX"],
    words="Your dX takes the last entries of the padded signal's gradient; X ends before the padding does.",
    hint="For padding 1 the padded signal is [… e f 0]: at which index does f stand?",
)
class DXCutFromTheRight(OtherDX):
    """[2p:] for [p:p+T]."""

    def dX(self, X: Array, dY: Array, padded: Array) -> Array:
        return padded[:, 2 * self.pad_length :]


@faults.add(
    "dX-times-lr",
    labels=["dX"],
    words="Your dX is multiplied by the learning rate; lr belongs to the update of W and b only.",
    hint="dX is a derivative: it should be the same for every lr.",
)
class DXTimesLr(Conv1d):
    """The gradient shrinks by lr with every layer."""

    def backward(self, X: Array, dY: Array, lr: float = 0.05) -> Array:
        return lr * super().backward(X, dY, lr)


# -- the gradients of W and b


class OtherDW(Conv1d):
    """No fault itself: what differs in the faults below is dW and nothing else."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX, self.dW(X, dY, dW), db

    def dW(self, X: Array, dY: Array, right: Array) -> Array:
        raise NotImplementedError


@faults.add(
    "dW-flipped",
    labels=["W"],
    words="Your gradient of W is turned round: the first weight gets the gradient of the last.",
    hint="The first weight meets S[τ] in output τ, the last one S[τ + 2a]. Which of them gets the first sum?",
)
class DWFlipped(OtherDW):
    """np.convolve for np.correlate."""

    def dW(self, X: Array, dY: Array, right: Array) -> Array:
        return right[:, ::-1]


@faults.add(
    "dW-without-padding",
    labels=["W"],
    words="Your gradient of W leaves out the outputs at the ends, as if the signal had not been padded.",
    hint="An output whose window reaches into the padding still depends on the weights that meet the signal.",
)
class DWWithoutPadding(OtherDW):
    """The padded signal used in forward, the bare one in backward."""

    def dW(self, X: Array, dY: Array, right: Array) -> Array:
        inner = dY[:, self.pad_length : dY.shape[1] - self.pad_length]
        dW: Array = np.einsum("bt,btk->k", inner, self.windows(X, 0))[np.newaxis]
        return dW


@faults.add(
    "dW-not-summed",
    labels=["W"],
    words="The gradient of W is not summed over the batch: W grew a row for every signal.",
    hint="Look at W.shape after backward with two signals. One kernel serves every signal.",
)
class DWNotSummed(OtherDW):
    """numpy broadcasts 1×K against B×K without a word."""

    def dW(self, X: Array, dY: Array, right: Array) -> Array:
        dW: Array = np.einsum("bt,btk->bk", dY, self.windows(X, self.pad_length))
        return dW


@faults.add(
    "dW-averaged",
    labels=["W"],
    words="The gradient of W is divided by the number of signals; it is a plain sum over the batch.",
    hint="A loss that is a mean has put its 1/B into dY already.",
)
class DWAveraged(OtherDW):
    """The mean belongs to the loss."""

    def dW(self, X: Array, dY: Array, right: Array) -> Array:
        return right / len(X)


class OtherDb(Conv1d):
    """No fault itself: what differs in the faults below is db and nothing else."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, _ = super().gradients(X, dY)
        return dX, dW, self.db(dY)

    def db(self, dY: Array) -> Any:
        raise NotImplementedError


@faults.add(
    "db-not-summed-over-batch",
    labels=["b"],
    words="The gradient of b is summed over the positions but not over the batch: b grew a row for every signal.",
    hint="b is a single number. Over which axes of dY must the sum run?",
)
class DbNotSummedOverBatch(OtherDb):
    """axis=1 alone."""

    def db(self, dY: Array) -> Any:
        return dY.sum(axis=1, keepdims=True)


@faults.add(
    "db-one-a-position",
    labels=["b"],
    words="The gradient of b is summed over the batch but not over the positions: b grew an entry for each of them.",
    hint="b is a single number, added at every position. Over which axes of dY must the sum run?",
)
class DbOneAPosition(OtherDb):
    """axis=0 alone, as in a linear layer."""

    def db(self, dY: Array) -> Any:
        return dY.sum(axis=0, keepdims=True)


@faults.add(
    "db-averaged",
    labels=["b"],
    words="The gradient of b is the mean of dY; it should be the sum.",
    hint="b is added at every position of every signal: what does the chain rule do with all these paths?",
)
class DbAveraged(OtherDb):
    """np.mean for np.sum."""

    def db(self, dY: Array) -> Any:
        return dY.mean(keepdims=True)


@faults.add(
    "db-averaged-over-batch",
    labels=["b"],
    words="The gradient of b is divided by the number of signals; it is a plain sum.",
    hint="A loss that is a mean has put its 1/B into dY already.",
)
class DbAveragedOverBatch(OtherDb):
    """The mean belongs to the loss."""

    def db(self, dY: Array) -> Any:
        return dY.sum(keepdims=True) / len(dY)


# -- the step


@faults.add(
    "averages-over-the-batch",
    labels=["W", "b"],
    words="The gradients of W and b are divided by the number of signals.",
    hint="They are plain sums over the batch; a loss that is a mean has put its 1/B into dY already.",
)
class AveragesOverTheBatch(Conv1d):
    """It cancels with a loss that forgets its 1/B: right from end to end, wrong in isolation."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        return dX, dW / len(X), db / len(X)


@faults.add(
    "ignores-dY",
    labels=["dX", "W", "b"],
    words="Your backward does not use dY: all three gradients are those of a dY of all ones.",
    hint="Double dY: dX and both steps should double too.",
)
class IgnoresDY(Conv1d):
    """The upstream gradient is left out of the chain rule."""

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        return super().gradients(X, np.ones_like(dY))


@faults.add(
    "without-lr",
    labels=["W", "b"],
    words="The step of W and b is not multiplied by the learning rate.",
    hint="W ← W - lr · dW. Call backward with lr=0: nothing should move.",
)
class WithoutLr(Conv1d):
    """A learning rate of 1."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 1.0)


@faults.add(
    "fixed-lr",
    labels=["W", "b"],
    words="The step of W and b is always taken with 0.05; the lr that backward is given is not used.",
    hint="Call backward with two values of lr: the steps should differ.",
)
class FixedLr(Conv1d):
    """The sheet's default typed in."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, 0.05)


@faults.add(
    "adds-the-gradient",
    labels=["W", "b"],
    words="The gradient is added to W and b: that climbs the loss instead of going down.",
    hint="The gradient points to where the loss grows. Which way should the step go?",
)
class AddsTheGradient(Conv1d):
    """Gradient ascent."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, db, -lr)


@faults.add(
    "no-update",
    labels=["W", "b"],
    words="W and b are the same after backward as before: the update is missing, or was made on copies.",
    hint="A new value must be stored in self.W and self.b to last beyond the call.",
)
class NoUpdate(Conv1d):
    """Only dX is returned."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        pass


@faults.add(
    "W-not-updated",
    labels=["W"],
    words="b is updated, W is not.",
    hint="Look at self.W before and after backward.",
)
class WNotUpdated(Conv1d):
    """One of the two update lines is missing."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(np.zeros_like(dW), db, lr)


@faults.add(
    "b-not-updated",
    labels=["b"],
    words="W is updated, b is not.",
    hint="The template's comment mentions W alone, but b is a parameter too. Look at self.b before and after backward.",
)
class BNotUpdated(Conv1d):
    """The template's own comment says: compute the gradient and update W."""

    def update(self, dW: Array, db: Array, lr: float) -> None:
        super().update(dW, np.zeros_like(db), lr)


# -- from one call to the next


@faults.add(
    "gradients-add-up",
    labels=["W", "b"],
    words="The gradients of an earlier batch are still in yours: they add up from call to call.",
    hint="Call backward twice on one layer and print dW each time. It must start afresh with every call.",
)
class GradientsAddUp(Conv1d):
    """`self.dW += ...` that nothing sets back to zero; the first step on a fresh layer is right."""

    def __init__(self, kernel_size: int, pad_length: int) -> None:
        super().__init__(kernel_size, pad_length)
        self.sums: tuple[Any, Any] = (0, 0)

    def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
        dX, dW, db = super().gradients(X, dY)
        self.sums = (self.sums[0] + dW, self.sums[1] + db)
        return dX, *self.sums
