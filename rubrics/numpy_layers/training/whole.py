"""The sheet's own trainings in full, with a student's layers: how long they take and where they end.

Run with `--full-training`; and without it only where every layer is right and a trajectory departs all the same. The
student's layers draw their own start, so what counts is whether the outcome lies where the reference's do over several
seeds. Evidence alone: no mark hangs on it, and a training that runs out of time says nothing but that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from grader.client import Failure
from grader.model import Figure
from grader.training import Layer, Net
from grader.whole_training import LOOP, Course, Terms, read_whole, record_whole
from grader.worker.program import Program
from grader.worker.request import Limits
from reference_solutions.outcomes import frozen
from reference_solutions.training import HIDDEN, REGRESSIONS, Regression, sine
from rubrics.numpy_layers.spellings import WEIGHTS
from rubrics.numpy_layers.training import courses
from rubrics.numpy_layers.training.courses import Found
from rubrics.numpy_layers.training.parts import Parts, Programs

ASKED, MODEST = 60.0, 10.0  # seconds a net: where whole trainings were asked for, and where they were not
ENOUGH = 5000  # updates where they were not: all that settles has settled by then
SPREAD = 1.5  # how far outside the reference's seeds an outcome may lie
LONG = frozenset({"Q4 Sigmoid 100", "Q10"})  # take ten seconds and more: only where asked for
SETUPS: Mapping[str, Regression] = {setup.name: setup for setup, _ in REGRESSIONS}


@dataclass(frozen=True)
class Whole:
    """One whole training in words and as a figure; `agrees` is None where nothing can be said."""

    question: str
    words: str
    agrees: bool | None = None
    figure: Figure | None = None


def run(parts: Parts, wanted: Sequence[courses.Course], found: Sequence[Found]) -> tuple[Whole, ...]:
    """The whole trainings: of all nets where they were asked for, else of those whose trajectory departs."""
    if parts.material.full_training:
        tried = [_one(parts, course, course.whole, None, ASKED) for course in wanted if course.whole]
    else:
        departed = [one.course for one in found if one.fails and one.course.whole]
        tried = [_one(parts, c, c.whole, ENOUGH, MODEST) for c in departed if c.whole not in LONG]
    return tuple(outcome for outcome in tried if outcome is not None)


def _one(parts: Parts, course: courses.Course, name: str, most: int | None, seconds: float) -> Whole | None:
    classes = parts.classes(course.net, course.questions[0])
    if classes is None:
        return None
    programs: Programs = {"0": (program(name, most or SETUPS[name].most, seconds), {})}
    request = parts.request(f"whole training: {name}", classes, programs, extra=[LOOP])
    reply = parts.material.runner.run([request], Limits(seconds=seconds + 5)).replies[request.id]
    if isinstance(reply, Failure):
        said = f"{_title(name)}: {reply.message}"
        return None if reply.kind == "grader_error" else Whole(course.questions[0], said)
    came = read_whole(reply.runs["0"])
    return _judged(course.questions[0], name, came, seconds) if came is not None else None


@cache
def program(name: str, most: int, seconds: float) -> Program:
    """The program of one of the sheet's trainings, with all of the sheet's sizes."""
    setup = SETUPS[name]
    return record_whole(net(setup), Terms(most, setup.threshold, seconds), WEIGHTS)


def net(setup: Regression) -> Net:
    """The sheet's net: its layers draw their own start."""
    if setup.kind == "conv":
        convolutions = (Layer("Conv1d", (2, 3)), Layer("ReLU"), Layer("Conv1d", (1, 0)))
        deep = (*_dense(16, 64), *_dense(64, HIDDEN), Layer("Linear", (HIDDEN, 1)))
        rng = np.random.RandomState(0)  # the data of the reference's seed 0
        X, y = rng.randn(2, 16), np.cos(rng.randn(2, 1) * np.pi)
        return Net(setup.name, (*convolutions, *deep), "MSELoss", setup.lr, X, y)
    X, y = sine(setup.samples)
    layers = (*_dense(1, HIDDEN, setup.activation), *_dense(HIDDEN, HIDDEN, setup.activation))
    return Net(setup.name, (*layers, Layer("Linear", (HIDDEN, 1))), "MSELoss", setup.lr, X, y)


def _dense(n: int, k: int, activation: str = "ReLU") -> tuple[Layer, ...]:
    linear = Layer("Linear", (n, k))
    return (linear,) if activation == "none" else (linear, Layer(activation))


def _judged(question: str, name: str, came: Course, seconds: float) -> Whole:
    """The outcome in words, beside the reference's over its seeds."""
    title = _title(name)
    if came.error is not None:
        return Whole(question, f"{title}: it stops in `{came.error.step}` with {came.error.type}.", False)
    if not came.finished:
        return Whole(question, f"{title}: it did not come to its end within {seconds:g} seconds.")
    if not np.isfinite(came.loss):
        return Whole(question, f"{title}: its loss is no number any more after some {came.updates} updates.", False)
    fewest = frozen().iterations(name)
    if fewest is not None and came.loss <= SETUPS[name].threshold:
        what, got = f"updates until the loss is {SETUPS[name].threshold:g}", float(came.updates)
        low, high = (float(count) for count in fewest)
    else:
        what, got = f"loss after {came.updates} updates", came.loss
        low, high = _losses(name, came.updates)
    agrees = low / SPREAD <= got <= high * SPREAD
    want = f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"{low:.4g} to {high:.4g}"
    words = f"{title}: {what}: {got:.4g}; the reference has {want}."
    return Whole(question, words, agrees, Figure(f"{title}, {what}", f"{got:.4g}", want, agrees))


def _losses(name: str, updates: int) -> tuple[float, float]:
    """The reference's least and greatest last loss, or its loss after so many updates where that was earlier."""
    if name == "Q10":  # its data, and so its loss, follow the seed: ours is the first one's
        return frozen().outcomes[name][0].loss, frozen().outcomes[name][0].loss
    runs = frozen().outcomes[name]
    last = min(run.loss for run in runs), max(run.loss for run in runs)
    return last if updates >= SETUPS[name].most else frozen().range_at(name, updates - 1) or last


def _title(name: str) -> str:
    setup = SETUPS[name]
    if setup.kind == "conv":
        return "Whole training of the convolutional net"
    with_ = "without activations" if setup.activation == "none" else f"with {setup.activation}"
    return f"Whole training {with_}, {setup.samples} samples"
