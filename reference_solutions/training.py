"""Sheet 004's nets and how they are trained: the set-ups as data, the nets, the loops.

``python -m reference_solutions.training --freeze`` computes the outcomes of all set-ups anew (some minutes); those on
file are read by `outcomes`. Formulas of the layers live in `layers`, the digits in `mnist`. Nothing here judges.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_solutions.layers import Conv1d, CrossEntropyLoss, L2Linear, Linear, MSELoss, ReLU, Sigmoid, SimpleNN
from reference_solutions.mnist import Digits, NoDigits, digits, source
from reference_solutions.outcomes import FROZEN, Outcome, document_text, frozen, summary

Array = NDArray[np.float64]

THRESHOLD = 1e-4
MOST = 20_000
HIDDEN = 80
ACTIVATIONS: Mapping[str, Callable[[], Any]] = {"ReLU": ReLU, "Sigmoid": Sigmoid}


@dataclass(frozen=True)
class Regression:
    """One of the sheet's regressions: how the net is built and how long it is trained.

    `activation` is "ReLU", "Sigmoid" or "none"; `lambda_` 0 means no L2; `kind` is "sine" (Q4 to Q6) or "conv" (Q10).
    """

    name: str
    activation: str = "ReLU"
    samples: int = 100
    lambda_: float = 0.0
    kind: str = "sine"
    lr: float = 0.05
    most: int = MOST
    threshold: float = THRESHOLD


REGRESSIONS: tuple[tuple[Regression, int], ...] = (
    (Regression("Q4 ReLU 100"), 5),
    (Regression("Q4 ReLU 1000", samples=1000), 1),
    (Regression("Q4 Sigmoid 100", "Sigmoid"), 2),
    (Regression("Q4 Sigmoid 1000", "Sigmoid", 1000, most=2000), 1),
    (Regression("Q5 none 100", "none"), 3),
    (Regression("Q5 none 1000", "none", 1000, most=5000), 1),
    (Regression("Q6 lambda 0.0001", lambda_=1e-4), 2),
    (Regression("Q6 lambda 0.001", lambda_=1e-3), 2),
    (Regression("Q6 lambda 0.01", lambda_=1e-2), 2),
    (Regression("Q6 lambda 0.1", lambda_=1e-1, most=5000), 1),
    (Regression("Q10", kind="conv"), 3),
)
"""The set-ups and how many seeds each is run with."""


@dataclass(frozen=True)
class Classification:
    """The sheet's classifier: batches of one, in order, `epochs` times through the training digits (Q7, Q8)."""

    name: str
    lr: float
    epochs: int


CLASSIFICATIONS: tuple[tuple[Classification, int], ...] = (
    (Classification("Q7", 1e-3, 200), 2),
    *((Classification(f"Q8 lr {lr:g}", lr, 10), 2) for lr in (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)),
)


def sine(samples: int = 100) -> tuple[Array, Array]:
    """The sheet's data: x evenly from -π to π and y = sin x, both m×1."""
    x = np.linspace(-np.pi, np.pi, samples).reshape(-1, 1)
    return x, np.sin(x)


def sine_net(activation: str = "ReLU", lambda_: float = 0.0, lr: float = 0.05) -> SimpleNN:
    """1-80-80-1 with the sheet's small random start, drawn from numpy's global generator as there."""

    def linear(n: int, k: int) -> Linear:
        return L2Linear(n, k, lambda_) if lambda_ else Linear(n, k)

    between = [ACTIVATIONS[activation]] if activation in ACTIVATIONS else []
    layers: list[Any] = [linear(1, HIDDEN), *(make() for make in between)]
    layers += [linear(HIDDEN, HIDDEN), *(make() for make in between), linear(HIDDEN, 1)]
    return SimpleNN(layers, MSELoss(), lr)


def conv_net(lr: float = 0.05) -> SimpleNN:
    """Q10's net: both kernels start at 0, as on the sheet (erratum `conv-starts-at-zero`)."""
    layers = [Conv1d(2, 3), ReLU(), Conv1d(1, 0), Linear(16, 64), ReLU(), Linear(64, HIDDEN), ReLU(), Linear(HIDDEN, 1)]
    return SimpleNN(layers, MSELoss(), lr)


def conv_data() -> tuple[Array, Array]:
    """Q10's data: two random signals of length 16, and the cosine of a random number for each."""
    x = np.random.randn(2, 16)
    return x, np.cos(np.random.randn(2, 1) * np.pi)


def classifier(lr: float = 1e-3) -> SimpleNN:
    """784-80-80-10 with CrossEntropyLoss (Q7)."""
    layers = [Linear(784, HIDDEN), ReLU(), Linear(HIDDEN, HIDDEN), ReLU(), Linear(HIDDEN, 10)]
    return SimpleNN(layers, CrossEntropyLoss(), lr)


def train(
    model: SimpleNN, X: Array, Y: Array, most: int = MOST, threshold: float = THRESHOLD, seed: int = 0
) -> Outcome:
    """The sheet's loop: until the loss is at most `threshold`, or `most` iterations.

    >>> np.random.seed(0)
    >>> outcome = train(sine_net("none"), *sine(), most=1500)
    >>> round(outcome.loss, 4), outcome.iterations
    (0.2032, 1500)
    """
    begun = time.perf_counter()
    curve = {}
    epoch = 0
    while epoch < most and model.loss_value > threshold:
        model(X)
        model.backward(Y)
        if epoch % (100 if epoch < 2000 else 500) == 0:
            curve[epoch] = model.loss_value
        epoch += 1
    return Outcome(seed, epoch, model.loss_value, time.perf_counter() - begun, curve)


def train_classifier(model: SimpleNN, digits: Digits, epochs: int, seed: int = 0) -> Outcome:
    """The sheet's loop over batches of one; accuracies after epochs 1, 2, 5, 10, 20, 50, 100, 200 and the last."""
    begun = time.perf_counter()
    curve, accuracies = {}, {}
    mean = float("nan")
    for epoch in range(epochs):
        total = 0.0
        for image, label in zip(digits.images, digits.labels, strict=True):
            model(image[np.newaxis])
            model.backward(label[np.newaxis])
            total += model.loss_value
        mean = total / len(digits.images)
        if epoch % 5 == 0 or epoch < 5:
            curve[epoch] = mean
        if epoch + 1 in {1, 2, 5, 10, 20, 50, 100, 200, epochs}:
            accuracies[epoch + 1] = accuracy(model, digits.validation_images, digits.validation_labels)
        if not np.isfinite(mean):
            break
    return Outcome(seed, (epoch + 1) * len(digits.images), mean, time.perf_counter() - begun, curve, accuracies)


def accuracy(model: SimpleNN, images: Array, labels: Array) -> float:
    """The share of images whose greatest logit is their own digit's."""
    return float(np.mean(model(images).argmax(axis=1) == labels.argmax(axis=1)))


def regression(setup: Regression, seed: int) -> Outcome:
    """One run of a set-up: the generator is seeded, then data, weights and training follow."""
    np.random.seed(seed)
    X, Y = sine(setup.samples) if setup.kind == "sine" else conv_data()
    model = sine_net(setup.activation, setup.lambda_, setup.lr) if setup.kind == "sine" else conv_net(setup.lr)
    return train(model, X, Y, setup.most, setup.threshold, seed)


def classification(setup: Classification, digits: Digits, seed: int) -> Outcome:
    """One run of the classifier."""
    np.random.seed(seed)
    with np.errstate(all="ignore"):
        return train_classifier(classifier(setup.lr), digits, setup.epochs, seed)


def classifiers(digits: Digits, seeds: int | None = None) -> Iterator[tuple[str, tuple[Outcome, ...]]]:
    """Every set-up of the classifier run on these digits: its name and its outcomes, one by one (minutes in all).

    `seeds` says how many runs each gets; as many as on file if left out.
    """
    for setup, usual in CLASSIFICATIONS:
        yield setup.name, tuple(classification(setup, digits, seed) for seed in range(seeds or usual))


def freeze(folder: Path | None = None, path: Path = FROZEN, say: Callable[[str], None] = print) -> None:
    """Run every set-up with its seeds and write the file that `outcomes.frozen` reads.

    `folder` holds MNIST's own files; the small sample is taken without it.
    """
    chosen = digits(folder)
    runs = {setup.name: tuple(regression(setup, seed) for seed in range(seeds)) for setup, seeds in REGRESSIONS}
    runs.update(classifiers(chosen))
    for name, outcomes in runs.items():
        say(summary(name, outcomes))
    about = (
        f"numpy {np.__version__}, Python {platform.python_version()}; seeds 0, 1, …; digits: {source(folder)}. "
        "Seconds are of the machine that made this file."
    )
    command = "python -m reference_solutions.training --freeze" + (" --mnist FOLDER" if folder else "")
    setups = {s.name: asdict(s) for s, _ in REGRESSIONS} | {s.name: asdict(s) for s, _ in CLASSIFICATIONS}
    path.write_text(document_text(command, about, setups, runs), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Print the training outcomes on file, or compute them anew."""
    parser = argparse.ArgumentParser(prog="python -m reference_solutions.training", description=main.__doc__)
    parser.add_argument("--freeze", action="store_true", help="run every set-up anew and write the outcomes")
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="take the digits from MNIST's own files")
    wishes = parser.parse_args(arguments)
    if wishes.freeze:
        try:
            freeze(wishes.mnist)
        except NoDigits as error:
            parser.error(str(error))
        return
    if wishes.mnist:
        parser.error("--mnist goes with --freeze: the outcomes on file were computed before.")
    for name, runs in frozen().outcomes.items():
        print(summary(name, runs))


if __name__ == "__main__":
    main()
