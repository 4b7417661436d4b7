"""The sheet's own trainings in full, with a student's layers: how long they take and where they end.

Run with `--full-training`; and without it only where every layer is right and a trajectory departs all the same. The
student's layers draw their own start, so what counts is whether the outcome lies where the reference's do over several
seeds. Evidence alone: no mark hangs on it, and a training that runs out of time says nothing but that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from grader.client import Failure
from grader.model import Figure
from grader.training import Layer, Net
from grader.whole_training import LOOP, Course, Terms, read_whole, record_epochs, record_whole
from grader.worker.program import Program, StepError
from grader.worker.request import Limits
from reference_solutions.mnist import digits
from reference_solutions.outcomes import frozen
from reference_solutions.training import CLASSIFICATIONS, HIDDEN, REGRESSIONS, Classification, Regression, sine
from rubrics.numpy_layers.spellings import WEIGHTS
from rubrics.numpy_layers.training import courses
from rubrics.numpy_layers.training.courses import Found
from rubrics.numpy_layers.training.parts import OWN, Chain, Parts

ASKED, MODEST = 60.0, 10.0  # seconds a net: where whole trainings were asked for, and where they were not
ENOUGH = 5000  # updates where they were not: all that settles has settled by then
SPREAD = 1.5  # how far outside the reference's seeds an outcome may lie
BRIEF = frozenset({"Q4 ReLU 100", "Q5 none 100"})  # the others take ten seconds and more: only where asked for
SETUPS: Mapping[str, Regression] = {setup.name: setup for setup, _ in REGRESSIONS}
# Q7's 200 epochs with a learning rate of 0.001 take a minute, and for the first twenty its loss hardly moves: Q8's ten
# epochs with 0.01 say as much.
EPOCHS: Mapping[str, Classification] = {setup.name: setup for setup, _ in CLASSIFICATIONS if setup.lr == 0.01}
MEANS, SHARES = 2.5, 0.2  # how far outside the reference's seeds an epoch's mean loss, and the accuracy, may lie


@dataclass(frozen=True)
class Whole:
    """One whole training in words and as a figure; `agrees` is None where nothing can be said."""

    question: str
    words: str
    agrees: bool | None = None
    figure: Figure | None = None


def run(parts: Parts, wanted: Sequence[courses.Course], found: Sequence[Found]) -> tuple[Whole, ...]:
    """The whole trainings: of all nets where they were asked for, else of those whose trajectory departs."""
    known = [course for course in wanted if course.whole in SETUPS or course.whole in EPOCHS]
    chains = {one.course.name: (one.chain, one.flavour) for one in found}
    if parts.material.full_training:
        # where no small net was tried, the inputs are offered as the sheet's own loop passes them
        tried = [
            _one(parts, course, None, ASKED, *chains.get(course.name, (OWN, course.flavours[0]))) for course in known
        ]
    else:
        departed = [one.course for one in found if one.fails and one.course.whole in BRIEF]
        tried = [_one(parts, course, ENOUGH, MODEST, OWN, {}) for course in departed]
    return tuple(outcome for outcome in tried if outcome is not None)


def _one(
    parts: Parts,
    course: courses.Course,
    most: int | None,
    seconds: float,
    chain: Chain,
    flavour: Mapping[str, str],
) -> Whole | None:
    question, name = course.questions[0], course.whole
    classes = parts.classes(course.net, question, course.linear)
    if classes is None:
        return None
    if name in EPOCHS:
        recorded = classifier_program(name, seconds, parts.material.mnist)
        flavour = {**flavour, "others": flavour.get("X", ""), "labels": flavour.get("y", "")}
    else:
        recorded, flavour = program(name, most or SETUPS[name].most, seconds), {}
    kept = {input: kind for input, kind in flavour.items() if kind}
    request = parts.request(f"whole training: {name}", classes, {"0": (recorded, kept)}, chain=chain, extra=[LOOP])
    reply = parts.material.runner.run([request], Limits(seconds=seconds + 5)).replies[request.id]
    if isinstance(reply, Failure):
        said = f"{_title(name)}: {reply.message}"
        return None if reply.kind == "grader_error" else Whole(question, said)
    came = read_whole(reply.runs["0"])
    return _judged(question, name, came, seconds, parts.material.mnist) if came is not None else None


@cache
def classifier_program(name: str, seconds: float, folder: Path | None) -> Program:
    """The program of the sheet's classifier, trained on batches of one."""
    setup, images = EPOCHS[name], digits(folder)
    layers = (*_dense(784, HIDDEN), *_dense(HIDDEN, HIDDEN), Layer("Linear", (HIDDEN, 10)))
    net = Net(name, layers, "CrossEntropyLoss", setup.lr, images.images, images.labels)
    terms = Terms(setup.epochs, 0.0, seconds)
    return record_epochs(net, images.validation_images, images.validation_labels, terms, WEIGHTS)


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


def _judged(question: str, name: str, came: Course, seconds: float, folder: Path | None = None) -> Whole:
    """The outcome in words, beside the reference's over its seeds."""
    title = _title(name)
    if came.error is not None:
        return Whole(question, f"{title}: it stops with {_error(came.error)}.", False)
    if not came.finished:
        return Whole(question, f"{title}: it did not come to its end within {seconds:g} seconds.")
    if not np.isfinite(came.loss):
        return Whole(question, f"{title}: its loss is no number any more after some {came.updates} updates.", False)
    if name in EPOCHS:
        return _recognised(question, name, came, folder)
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


def _error(error: StepError) -> str:
    where = f" ({error.piece}, line {error.line})" if error.piece else ""
    return f"{error.type}{f': {error.message}' if error.message else ''}{where}"


def _recognised(question: str, name: str, came: Course, folder: Path | None) -> Whole:
    """The last epoch's mean loss and the accuracy; the reference's are of the small sample alone."""
    setup, share = EPOCHS[name], came.curve[0] if came.curve else 0.0
    ends = [run.loss for run in frozen().outcomes[name]]
    low, high = min(ends), max(ends)
    least, most = frozen().accuracies(name, setup.epochs) or (0.0, 1.0)
    got = f"{came.loss:.3g}, {share:.1%} of the validation digits recognised"
    want = f"{low:.3g} to {high:.3g}, {least:.1%} to {most:.1%}"
    agrees = None
    if folder is None:
        agrees = low / MEANS <= came.loss <= high * MEANS and least - SHARES <= share <= most + SHARES
    what = f"mean loss of the last of {setup.epochs} epochs (lr {setup.lr:g}) and accuracy"
    said = " on the small sample of digits" if folder is not None else ""
    words = f"{_title(name)}: {what}: {got}; the reference has {want}{said}."
    return Whole(question, words, agrees, Figure(f"{_title(name)}, {what}", got, f"{want}{said}", agrees))


def _losses(name: str, updates: int) -> tuple[float, float]:
    """The reference's least and greatest last loss, or its loss after so many updates where that was earlier."""
    if name == "Q10":  # its data, and so its loss, follow the seed: ours is the first one's
        return frozen().outcomes[name][0].loss, frozen().outcomes[name][0].loss
    runs = frozen().outcomes[name]
    last = min(run.loss for run in runs), max(run.loss for run in runs)
    return last if updates >= SETUPS[name].most else frozen().range_at(name, updates - 1) or last


def _title(name: str) -> str:
    if name in EPOCHS:
        return "Whole training of the classifier"
    setup = SETUPS[name]
    if setup.kind == "conv":
        return "Whole training of the convolutional net"
    if setup.lambda_:
        return f"Whole training with L2 (λ = {setup.lambda_:g}), {setup.samples} samples"
    with_ = "without activations" if setup.activation == "none" else f"with {setup.activation}"
    return f"Whole training {with_}, {setup.samples} samples"
