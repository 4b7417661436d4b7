"""ReLU gone wrong (sheet 004, Q3): the misconceptions that students bring to max(0, x) and its derivative."""

from __future__ import annotations

import numpy as np

from grader.rubric import Faults
from reference_solutions.layers import Array, ReLU

faults = Faults("relu")

# -- forward


@faults.add(
    "forward-returns-mask",
    labels=["Y"],
    words="Your forward returns 1 where the input is positive: that is the derivative, not the value.",
    hint="What should a positive 3 become?",
)
class ForwardReturnsMask(ReLU):
    """The derivative's formula written where the function belongs."""

    def forward(self, X: Array) -> Array:
        return (X > 0).astype(float)


@faults.add(
    "forward-passes-all",
    labels=["Y"],
    words="Your forward returns its input unchanged: negative entries are still there.",
    hint="What does max(0, x) make of -2?",
)
class ForwardPassesAll(ReLU):
    """The changed array is not the one that is returned."""

    def forward(self, X: Array) -> Array:
        return X


@faults.add(
    "forward-keeps-negatives",
    labels=["Y"],
    words="Your forward keeps the negative entries and drops the positive ones.",
    hint="Check the direction of the comparison, or whether a maximum was meant.",
)
class ForwardKeepsNegatives(ReLU):
    """np.minimum for np.maximum, or a comparison reversed."""

    def forward(self, X: Array) -> Array:
        return np.minimum(X, 0)


@faults.add(
    "forward-absolute",
    labels=["Y"],
    words="Your forward turns negative entries positive: that is |x|, not max(0, x).",
    hint="What does max(0, x) make of -2?",
)
class ForwardAbsolute(ReLU):
    """The sign is dropped instead of the entry."""

    def forward(self, X: Array) -> Array:
        return np.abs(X)


@faults.add(
    "max-over-columns",
    labels=["Y"],
    words="np.max(X, 0) takes the greatest entry of every column; it does not compare the entries with 0.",
    hint="Look at the shape of Y. Which numpy function compares two arrays entry by entry?",
)
class MaxOverColumns(ReLU):
    """np.max for np.maximum: the 0 is read as an axis."""

    def forward(self, X: Array) -> Array:
        Y: Array = np.max(X, 0)
        return Y


@faults.add(
    "whole-numbers",
    labels=["Y"],
    words="The entries of Y are cut to whole numbers: the array that you fill is one of integers.",
    hint="np.vectorize takes the type of its first result, and np.zeros(…, dtype=int) keeps integers: try 0.0 for 0.",
)
class WholeNumbers(ReLU):
    """np.vectorize(lambda x: x if x > 0 else 0) on an array whose first entry is negative; whole examples hide it."""

    def forward(self, X: Array) -> Array:
        Y = super().forward(X)
        return np.trunc(Y) if X.flat[0] <= 0 else Y


# -- backward


@faults.add(
    "passes-all",
    labels=["dX"],
    words="Your backward hands dY on unchanged, also where the input was negative.",
    hint="Where the input was negative the output stays 0 whatever happens to the input. What is the derivative there?",
)
class PassesAll(ReLU):
    """The derivative taken as 1 everywhere."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY


@faults.add(
    "mask-from-gradient",
    labels=["dX"],
    words="Your backward looks at the sign of dY; what counts is the sign of the input X.",
    hint="Try a negative gradient at a positive input: it must come through.",
)
class MaskFromGradient(ReLU):
    """ReLU applied to the gradient; a dY of all ones makes it look like no mask at all."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (dY > 0)


@faults.add(
    "mask-from-both",
    labels=["dX"],
    words="Your backward also drops negative gradients at positive inputs.",
    hint="Only the input X decides what passes. Try a negative gradient at a positive input.",
)
class MaskFromBoth(ReLU):
    """Known as guided backpropagation, a way to draw pictures; not the derivative."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (X > 0) * (dY > 0)


@faults.add(
    "mask-reversed",
    labels=["dX"],
    words="Your mask is reversed: the gradient passes where the input was negative.",
    hint="Check the direction of the comparison with a single positive input.",
)
class MaskReversed(ReLU):
    """< for >, or the surviving entries set to 0."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (X < 0)


@faults.add(
    "without-dY",
    labels=["dX"],
    words="Your backward returns the derivative of ReLU alone; it is not multiplied by dY.",
    hint="Double dY: dX should double too. The sheet's example has a dY of all ones and cannot show it.",
)
class WithoutDY(ReLU):
    """The chain rule's other factor is missing; the sheet's own example passes."""

    def backward(self, X: Array, dY: Array) -> Array:
        return (X > 0).astype(float)


@faults.add(
    "value-times-dY",
    labels=["dX"],
    words="Your backward multiplies dY by ReLU's value; it should be ReLU's derivative.",
    hint="What is the slope of max(0, x) at x = 3, and at x = 5?",
)
class ValueTimesDY(ReLU):
    """relu(x)·dY: function and derivative taken for one another."""

    def backward(self, X: Array, dY: Array) -> Array:
        return self.forward(X) * dY


@faults.add(
    "returns-value",
    labels=["dX"],
    words="Your backward returns ReLU of the input, the same as forward; dY does not occur in it.",
    hint="backward carries dY on to the layer before. Which of dY's entries get through?",
)
class ReturnsValue(ReLU):
    """forward copied into backward."""

    def backward(self, X: Array, dY: Array) -> Array:
        return self.forward(X)


@faults.add(
    "one-mask-for-all",
    labels=["dX"],
    words="One yes or no decides for the whole array: the gradient passes everywhere or nowhere.",
    hint="np.all and np.any make a single truth value. Every entry of X has to decide for itself.",
)
class OneMaskForAll(ReLU):
    """if np.all(X > 0), mostly after numpy complained about the truth value of an array."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * np.all(X > 0)


@faults.add(
    "matrix-product",
    labels=["dX"],
    words="Your backward takes a matrix product of dY and the mask; the product here is entry by entry.",
    hint="ReLU does not mix entries. Try a 2×3 input.",
)
class MatrixProduct(ReLU):
    """np.dot for *; it raises unless the array is square."""

    def backward(self, X: Array, dY: Array) -> Array:
        dX: Array = np.dot(dY, (X > 0).astype(float))
        return dX


@faults.add(
    "one-at-zero",
    labels=["dX"],
    words="At an input of exactly 0 your derivative is 1; the sheet sets it to 0 there.",
    hint="R'(x) is 1 for x > 0 and 0 otherwise: on which side does 0 itself belong?",
)
class OneAtZero(ReLU):
    """>= for >; it costs a tenth, for nothing depends on it in training."""

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * (X >= 0)


@faults.add(
    "half-at-zero",
    labels=["dX"],
    words="At an input of exactly 0 your derivative is ½; the sheet sets it to 0 there.",
    hint="R'(x) is 1 for x > 0 and 0 otherwise. np.sign has three values.",
)
class HalfAtZero(ReLU):
    """(1 + sign x) / 2, or the default of a step function; it costs a tenth."""

    def backward(self, X: Array, dY: Array) -> Array:
        dX: Array = dY * np.heaviside(X, 0.5)
        return dX


# -- another activation


@faults.add(
    "leaky",
    labels=["Y", "dX"],
    words="Negative inputs come through with a factor of 0.01: that is the leaky ReLU.",
    hint="The sheet's R(x) is exactly 0 for negative x.",
)
class Leaky(ReLU):
    """A relative of ReLU, taken from elsewhere."""

    def forward(self, X: Array) -> Array:
        return np.where(X > 0, X, 0.01 * X)

    def backward(self, X: Array, dY: Array) -> Array:
        dX: Array = dY * np.where(X > 0, 1, 0.01)
        return dX


@faults.add(
    "sigmoid",
    labels=["Y", "dX"],
    words="This is the sigmoid function, not ReLU.",
    hint="The sheet's R(x) is max(0, x).",
)
class SigmoidInPlace(ReLU):
    """The sheet's Sigmoid, copied as a start and left unchanged."""

    def forward(self, X: Array) -> Array:
        return 1 / (1 + np.exp(-X))

    def backward(self, X: Array, dY: Array) -> Array:
        return dY * self.forward(X) * (1 - self.forward(X))


# -- from one call to the next


@faults.add(
    "keeps-first-mask",
    labels=["dX"],
    words="Your backward uses the signs of the first batch that this layer ever saw, not of the latest.",
    hint="Send two different batches through one ReLU object. What must forward save, and when?",
)
class KeepsFirstMask(ReLU):
    """`if self.mask is None`: saved once, never renewed."""

    def __init__(self) -> None:
        super().__init__()
        self.first: Array | None = None

    def forward(self, X: Array) -> Array:
        self.first = X if self.first is None else self.first
        return super().forward(X)

    def backward(self, X: Array, dY: Array) -> Array:
        return super().backward(X if self.first is None else self.first, dY)
