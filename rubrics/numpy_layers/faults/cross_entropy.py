"""CrossEntropyLoss gone wrong (sheet 004, Q7): misconceptions about softmax, its logarithm, the mean, the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.rubric import Faults
from reference_solutions.layers import Array, CrossEntropyLoss

faults = Faults("cross_entropy")

# -- the probabilities, which both labels use


@faults.add(
    "softmax-over-everything",
    labels=["loss", "gradient"],
    words="Your softmax divides by the sum over the whole batch; every sample has a sum of its own.",
    hint="Add up the probabilities of each row: every row should give 1. np.sum without an axis adds up everything.",
)
class SoftmaxOverEverything(CrossEntropyLoss):
    """np.sum without an axis: right for a batch of one, which is all that the sheet trains with."""

    def log_softmax(self, Z: Array) -> Array:
        log_p: Array = Z - np.log(np.exp(Z).sum())
        return log_p


@faults.add(
    "softmax-over-samples",
    labels=["loss", "gradient"],
    words="Your softmax is taken down the columns, over the samples; it belongs to the classes of one sample.",
    hint="Add up the probabilities of each row: every row should give 1. Which axis of N×C are the classes?",
)
class SoftmaxOverSamples(CrossEntropyLoss):
    """axis=0 for axis=1."""

    def log_softmax(self, Z: Array) -> Array:
        log_p: Array = Z - np.log(np.exp(Z).sum(axis=0))
        return log_p


@faults.add(
    "sigmoid-for-softmax",
    labels=["loss", "gradient"],
    words="The probabilities come from a sigmoid of each logit; the sheet asks for softmax.",
    hint="Add up the probabilities of each row: softmax makes every row sum to 1.",
)
class SigmoidForSoftmax(CrossEntropyLoss):
    """The two-class formula used for many classes."""

    def log_softmax(self, Z: Array) -> Array:
        log_p: Array = -np.log(1 + np.exp(-Z))
        return log_p


# -- the loss


class OtherLoss(CrossEntropyLoss):
    """No fault itself: what differs in the faults below is the loss, made from the probabilities P."""

    def forward(self, Z: Array, Y: Array) -> Any:
        return self.loss(np.exp(self.log_softmax(Z)), Y)

    def loss(self, P: Array, Y: Array) -> Any:
        raise NotImplementedError


@faults.add(
    "loss-summed",
    labels=["loss"],
    words="Your loss is the sum over the samples; the sheet divides by their number N.",
    hint="Give the same sample twice: the loss should stay what it was.",
)
class LossSummed(OtherLoss):
    """The 1/N is forgotten; a batch of one cannot show it."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log(P)).sum()


@faults.add(
    "loss-per-sample",
    labels=["loss"],
    words="Your loss is a list with one number a sample; it should be one number, their mean.",
    hint="The sheet's formula has two sums and a 1/N. Which of the two sums is still missing?",
)
class LossPerSample(OtherLoss):
    """The sum over classes alone."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log(P)).sum(axis=1)


@faults.add(
    "loss-mean-over-entries",
    labels=["loss"],
    words="Your loss is the mean over all N·C entries; the sheet divides by the number of samples N only.",
    hint="np.mean divides by everything it sees. By what does the sheet's formula divide?",
)
class LossMeanOverEntries(OtherLoss):
    """np.mean over the whole array: too small by the number of classes."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log(P)).mean()


@faults.add(
    "loss-divided-by-classes",
    labels=["loss"],
    words="Your loss is divided by the number of classes C; the sheet divides by the number of samples N.",
    hint="Which axis of the logits (N×C) counts the samples? Try a batch with more samples than classes.",
)
class LossDividedByClasses(OtherLoss):
    """shape[1] for shape[0]; equal where the batch is square."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log(P)).sum() / P.shape[1]


@faults.add(
    "loss-negative",
    labels=["loss"],
    words="Your loss has the wrong sign: the minus in front of the sum is missing.",
    hint="The logarithm of a probability is never positive; which sign should a loss have?",
)
class LossNegative(OtherLoss):
    """The log-likelihood itself."""

    def loss(self, P: Array, Y: Array) -> Any:
        return (Y * np.log(P)).sum() / len(P)


@faults.add(
    "loss-log2",
    labels=["loss"],
    words="Your loss uses the logarithm to the base 2; the sheet's log is the natural one.",
    hint="Two equal logits should give a loss of ln 2 = 0.6931.",
)
class LossLog2(OtherLoss):
    """Entropy in bits."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log2(P)).sum() / len(P)


@faults.add(
    "loss-log10",
    labels=["loss"],
    words="Your loss uses the logarithm to the base 10; the sheet's log is the natural one.",
    hint="Two equal logits should give a loss of ln 2 = 0.6931.",
)
class LossLog10(OtherLoss):
    """np.log10 for np.log."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log10(P)).sum() / len(P)


@faults.add(
    "loss-without-log",
    labels=["loss"],
    words="Your loss averages the probabilities of the true classes; their logarithm is missing.",
    hint="What should the loss be when the true class has probability 1?",
)
class LossWithoutLog(OtherLoss):
    """-Σ y p in place of -Σ y log p."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * P).sum() / len(P)


@faults.add(
    "loss-binary",
    labels=["loss"],
    words="Your loss also counts (1 - y) log(1 - p) for the wrong classes: that is the binary cross entropy.",
    hint="In the sheet's sum every term has a factor y: what do the classes with y = 0 contribute?",
)
class LossBinary(OtherLoss):
    """The two-class formula, summed over many classes."""

    def loss(self, P: Array, Y: Array) -> Any:
        return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).sum() / len(P)


@faults.add(
    "loss-squared",
    labels=["loss"],
    words="Your loss is the squared distance between probabilities and labels; the sheet asks for the cross entropy.",
    hint="Look for the logarithm in the sheet's formula.",
)
class LossSquared(OtherLoss):
    """MSE on probabilities."""

    def loss(self, P: Array, Y: Array) -> Any:
        return ((P - Y) ** 2).sum() / len(P)


@faults.add(
    "loss-without-softmax",
    labels=["loss"],
    words="Your loss takes the logarithm of the logits themselves; they have to go through softmax first.",
    hint="A logit may be negative, a probability may not. What turns the one into the other?",
)
class LossWithoutSoftmax(CrossEntropyLoss):
    """The predictions read as probabilities; not a number as soon as a true class has a negative logit."""

    def forward(self, Z: Array, Y: Array) -> float:
        with np.errstate(all="ignore"):
            return float(-(Y * np.log(Z)).sum() / len(Z))


@faults.add(
    "loss-logits-for-logs",
    labels=["loss"],
    words="Your loss takes the logits for logarithms of probabilities; the softmax is missing.",
    hint="Add 5 to every logit of a sample: its probabilities stay the same, and so should the loss.",
)
class LossLogitsForLogs(CrossEntropyLoss):
    """log(exp z) without the division by the sum."""

    def forward(self, Z: Array, Y: Array) -> float:
        return float(-(Y * Z).sum() / len(Z))


# -- the gradient


class OtherGradient(CrossEntropyLoss):
    """No fault itself: what differs in the faults below is the gradient, made from the probabilities P."""

    def backward(self, Z: Array, Y: Array) -> Array:
        return self.gradient(np.exp(self.log_softmax(Z)), Y)

    def gradient(self, P: Array, Y: Array) -> Array:
        raise NotImplementedError


@faults.add(
    "gradient-summed",
    labels=["gradient"],
    words="Your gradient is not divided by the number of samples; the loss is a mean, so its gradient has the 1/N too.",
    hint="Compare with a finite difference of your own forward for a batch of two.",
)
class GradientSummed(OtherGradient):
    """Loss and gradient of different scale; a batch of one cannot show it."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return P - Y


@faults.add(
    "gradient-mean-over-entries",
    labels=["gradient"],
    words="Your gradient is divided by N·C; the loss is a mean over the N samples only.",
    hint="Compare with a finite difference of your own forward.",
)
class GradientMeanOverEntries(OtherGradient):
    """y.size for len(y)."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return (P - Y) / P.size


@faults.add(
    "gradient-divided-by-classes",
    labels=["gradient"],
    words="Your gradient is divided by the number of classes C; the loss is a mean over the N samples.",
    hint="Which axis of the logits (N×C) counts the samples? Try a batch with more samples than classes.",
)
class GradientDividedByClasses(OtherGradient):
    """shape[1] for shape[0]; equal where the batch is square."""

    def gradient(self, P: Array, Y: Array) -> Array:
        gradient: Array = (P - Y) / P.shape[1]
        return gradient


@faults.add(
    "gradient-negative",
    labels=["gradient"],
    words="Your gradient has the wrong sign.",
    hint="Raising the true class's logit lowers the loss: which sign must its derivative have?",
)
class GradientNegative(OtherGradient):
    """y - p for p - y: the step then climbs the loss."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return (Y - P) / len(P)


@faults.add(
    "gradient-without-softmax",
    labels=["gradient"],
    words="Your gradient subtracts the labels from the logits; it should be from the probabilities.",
    hint="Add 5 to every logit of a sample: the loss stays the same, and so should its gradient.",
)
class GradientWithoutSoftmax(CrossEntropyLoss):
    """(z - y)/N: the formula p - y with the wrong p."""

    def backward(self, Z: Array, Y: Array) -> Array:
        return (Z - Y) / len(Z)


@faults.add(
    "gradient-of-probabilities",
    labels=["gradient"],
    words="Your gradient is the one with respect to the probabilities; it still has to go through softmax.",
    hint="The loss depends on a logit through every probability of its row. Chain -y/p with the derivative of softmax.",
)
class GradientOfProbabilities(OtherGradient):
    """-y/p without the Jacobian of softmax."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return -Y / P / len(P)


@faults.add(
    "gradient-true-class-only",
    labels=["gradient"],
    words="Your gradient is 0 for all but the true class: softmax was differentiated on its diagonal only.",
    hint="A wrong class's logit takes probability away from the true class, so its derivative is not 0.",
)
class GradientTrueClassOnly(OtherGradient):
    """-y/p · p(1-p): the Jacobian of softmax without its off-diagonal."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return Y * (P - 1) / len(P)


@faults.add(
    "gradient-softmax-twice",
    labels=["gradient"],
    words="Your gradient is multiplied by p(1 - p) once more than needed: p - y already went through softmax.",
    hint="Derive p - y once: with respect to what is it a derivative?",
)
class GradientSoftmaxTwice(OtherGradient):
    """The habit of a sigmoid's backward, on top of the finished result."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return (P - Y) * P * (1 - P) / len(P)


@faults.add(
    "gradient-doubled",
    labels=["gradient"],
    words="Your gradient is twice the right one: the factor 2 belongs to a squared error.",
    hint="Where does a square occur in the cross entropy? Compare with a finite difference of your own forward.",
)
class GradientDoubled(OtherGradient):
    """The sheet's MSELoss.backward, copied with its 2."""

    def gradient(self, P: Array, Y: Array) -> Array:
        return (P - Y) * 2 / len(P)


# -- from one call to the next


@faults.add(
    "keeps-first-probabilities",
    labels=["gradient"],
    words="Your backward uses the probabilities of the first batch that this object ever saw, not of the latest.",
    hint="Send two different batches through one object. What must forward save, and when?",
)
class KeepsFirstProbabilities(CrossEntropyLoss):
    """Saved once, never renewed."""

    def __init__(self) -> None:
        super().__init__()
        self.first: Array | None = None

    def forward(self, Z: Array, Y: Array) -> float:
        self.first = Z if self.first is None else self.first
        return super().forward(Z, Y)

    def backward(self, Z: Array, Y: Array) -> Array:
        return super().backward(Z if self.first is None else self.first, Y)


@faults.add(
    "loss-adds-up",
    labels=["loss"],
    words="The losses of earlier batches are still in yours: they add up from call to call.",
    hint="Call forward twice with the same batch: it must return the same loss twice.",
)
class LossAddsUp(CrossEntropyLoss):
    """`self.loss += ...` that nothing sets back to zero."""

    def __init__(self) -> None:
        super().__init__()
        self.sum = 0.0

    def forward(self, Z: Array, Y: Array) -> float:
        self.sum += super().forward(Z, Y)
        return self.sum
