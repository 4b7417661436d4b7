"""Whole training loops: a net from its own start, until its loss is small enough or for some epochs.

A loop of 20,000 steps is no list of recorded steps, so the loop itself travels, as a piece of ours beside the student's
classes. Evidence only: student code could change the loop in its own process. Knows no homework and runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.probe import record
from grader.training import Array, Net
from grader.worker.program import Program, Run, StepError
from grader.worker.request import Source

SEED_NAME, LOOP_NAME, EPOCHS_NAME = "graders_seed", "graders_loop", "graders_epochs"
LOOP = Source(
    "the grader's training loop",
    '''
import time as _time
import numpy as _np


def graders_seed(seed):
    """Layers draw their start from numpy's global generator."""
    _np.random.seed(seed)


def graders_loop(model, X, y, most, threshold, seconds, every):
    """Whether it came to its end in time, how many updates, the last loss, then the loss at every `every`-th."""
    begun, count, loss, curve = _time.monotonic(), 0, 1e5, []
    while count < most and loss > threshold:
        if _time.monotonic() - begun > seconds:
            return [0.0, count, loss, *curve]
        loss = graders_update(model, X, y)
        if count % every == 0:
            curve.append(loss)
        count += 1
    return [1.0, count, loss, *curve]


def graders_update(model, X, y):
    """One update; the loss before it."""
    model(X)
    model.backward(y)
    loss = model.loss_value
    return float(loss if isinstance(loss, float) else loss.reshape(-1)[0] if hasattr(loss, "reshape") else loss)


def graders_epochs(model, X, y, others, labels, most, seconds):
    """Whether it came to its end in time, how many updates, the last epoch's mean loss, the share recognised."""
    begun, count, mean = _time.monotonic(), 0, 0.0
    for _ in range(most):
        total = 0.0
        for n in range(len(X)):
            if _time.monotonic() - begun > seconds:
                return [0.0, count, mean, 0.0]
            total += graders_update(model, X[n : n + 1], y[n : n + 1])
            count += 1
        mean = total / len(X)
    hits = [
        _np.argmax(_np.asarray(model(others[n : n + 1]))) == _np.argmax(_np.asarray(labels[n : n + 1]))
        for n in range(len(others))
    ]
    return [1.0, count, mean, sum(hits) / len(hits)]
''',
)
LABEL = "outcome"


@dataclass(frozen=True)
class Terms:
    """How long a loop goes on: `most` updates, or until the loss is at most `threshold`, and never beyond `seconds`.

    `every` is the distance of the losses that come back.
    """

    most: int
    threshold: float
    seconds: float
    every: int = 500
    seed: int = 0


@dataclass(frozen=True)
class Course:
    """What a whole training came to; `finished` is False where the time ran out, `error` set where it stopped.

    After epochs over batches of one, `loss` is the last epoch's mean, and `curve` holds the accuracy alone (0 to 1).
    """

    finished: bool = False
    updates: int = 0
    loss: float = float("nan")
    curve: tuple[float, ...] = ()
    error: StepError | None = None


def record_whole(net: Net, terms: Terms, spellings: Mapping[str, Sequence[str]] | None = None) -> Program:
    """The program of one whole training: layers that draw their own start, the chain, the loop (`LOOP` must travel)."""
    limits = (terms.most, terms.threshold, terms.seconds, terms.every)
    return _recorded(net, terms, LOOP_NAME, {}, limits, spellings)


def record_epochs(
    net: Net, others: Array, labels: Array, terms: Terms, spellings: Mapping[str, Sequence[str]] | None = None
) -> Program:
    """The program of `terms.most` epochs over batches of one, in order, then of recognising `others` (inputs "others"
    and "labels", both one row a sample)."""
    given = {"others": others, "labels": labels}
    return _recorded(net, terms, EPOCHS_NAME, given, (terms.most, terms.seconds), spellings)


def _recorded(
    net: Net,
    terms: Terms,
    loop: str,
    given: Mapping[str, Array],
    limits: Sequence[float],
    spellings: Mapping[str, Sequence[str]] | None,
) -> Program:
    entries = (*net.entries, SEED_NAME, loop)

    def probe(*subjects: Any) -> Iterator[tuple[str, Any]]:
        named = dict(zip(entries, subjects[:-1], strict=True))
        named[SEED_NAME](terms.seed)
        layers = []
        for layer in net.layers:
            one = named[layer.entry](*layer.arguments)
            if layer.W is not None:
                one.W, one.b = layer.W, layer.b
            layers.append(one)
        model = named[net.chain](layers, named[net.loss](), lr=net.lr)
        yield LABEL, named[loop](model, net.X, net.y, *given.values(), *limits)

    return record(probe, entries, net, {"X": net.X, "y": net.y, **given}, spellings)


def read_whole(run: Run) -> Course | None:
    """What came back, checked; None where it is not what the loop returns."""
    outcome = run.outcomes[LABEL]
    if outcome.error is not None:
        return Course(error=outcome.error)
    if (
        outcome.value is None
        or outcome.value.dtype.kind not in "fi"
        or outcome.value.ndim != 1
        or outcome.value.size < 3
    ):
        return None
    finished, updates, loss, *curve = (float(number) for number in outcome.value)
    if not (np.isfinite(updates) and updates >= 0):
        return None
    return Course(finished == 1.0, int(updates), loss, tuple(curve))
