"""Trajectories of sheet 004 from hand-in to report: right layers pass in any style, chains that fail are said, and
nothing that happens in a training costs a mark. `grade verify` tries every fault and variant; here stands a sample."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import reference_solutions.layers
from grader.bench import Bench
from grader.client import Worker, torch_available
from grader.course import Course, open_course
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.intake.read import read_submission
from grader.material import Material
from grader.model import SubmissionReport
from grader.runner import Runner
from grader.training import LOSSES, departure
from grader.whole_training import LOOP, Terms, read_whole, record_whole
from grader.worker.interpreter import execute
from grader.worker.request import Limits
from reference_solutions.layers import L2Linear, Linear
from reference_solutions.outcomes import frozen
from reference_solutions.training import conv_data, regression
from rubrics.numpy_layers import homework
from rubrics.numpy_layers.faults import simple_nn
from rubrics.numpy_layers.training import claims as training_claims
from rubrics.numpy_layers.training import evidence as training
from rubrics.numpy_layers.training import nets
from rubrics.numpy_layers.training import whole as whole_training
from rubrics.numpy_layers.training.courses import courses, worth_running
from rubrics.numpy_layers.training.parts import Parts

GOOD = "trains as it should"
FAILS = "the chain fails although every layer is right"

LAYERS = training_claims.others("none of them")  # the four layers, and nothing that the sheet gives

CHAIN = '''
class SimpleNN(Module):
    """My own."""
    def __init__(self, layers, loss, lr=0.005):
        super().__init__()
        self.layers, self.loss, self.lr = layers, loss, lr
        self.loss_value = 1e5
    def forward(self, X):
        self.seen = [X]
        for layer in self.layers:
            self.seen.append(layer.forward(self.seen[-1]))
        return self.seen[-1]
    def backward(self, y):
        self.loss_value = self.loss.forward(self.seen[-1], y)
        grad = self.loss.backward(self.seen[-1], y)
        for layer, X in zip(self.layers[::-1], self.seen[-2::-1]):
            if layer.with_weights:
                grad = layer.backward(X, grad, self.lr)
            else:
                grad = layer.backward(X, grad)
'''


@pytest.fixture(scope="module")
def course() -> Course:
    return open_course(homework, 0)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Worker() as worker:
        yield Runner(worker, "torch" if torch_available() else "standin")


@pytest.fixture(autouse=True)
def no_whole_training(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where a test is about it: it takes seconds."""
    if "whole" not in request.node.name:
        monkeypatch.setattr(training, "whole_training", SimpleNamespace(run=lambda *_: ()))


class Desk:
    """Grades texts."""

    def __init__(self, course: Course, runner: Runner, folder: Path) -> None:
        self.course, self.runner, self.folder = course, runner, folder

    def graded(self, source: str, *only: str) -> SubmissionReport:
        return grade_submission(submission_at(self.written(source)), self.course, self.runner, only or None)

    def written(self, source: str) -> Path:
        path = self.folder / ("hw.ipynb" if source.startswith("{") else "hw.py")
        path.write_text(source, encoding="utf-8")
        return path

    def material(self, source: str) -> Material:
        submission = submission_at(self.written(source))
        evidence = read_submission(submission, self.course.sheet)
        return Material(submission, evidence, self.course.sheet, self.runner, 0)


@pytest.fixture
def desk(course: Course, runner: Runner, tmp_path: Path) -> Desk:
    return Desk(course, runner, tmp_path)


def said(report: SubmissionReport, question: str) -> tuple[list[str], list[str]]:
    """What training added beside a question: notes and flags."""
    one = next(q for q in report.questions if q.id == question)
    words = ("train", "SimpleNN", "MSELoss", "activation object", "sine net")
    return (
        [n for n in one.notes if any(w in n for w in words)],
        [f for f in one.flags if any(w in f for w in words)],
    )


def marks(report: SubmissionReport) -> list[tuple[str, float, float, str]]:
    return [(q.id, q.earned, q.pending, q.status.value) for q in report.questions]


def notebook(*cells: str) -> str:
    """Cells in order: one that begins with # and a space is Markdown."""
    made: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": cell}
        if cell.startswith("#### ")
        else {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@cache
def layer(name: str) -> str:
    return inspect.getsource(getattr(reference_solutions.layers, name))


# -- the nets


def test_every_net_moves_far_and_settles() -> None:
    """A start that hardly moved would let faults pass; a diverging one would amplify rounding."""
    for one in (one for seed in range(12) for one in courses(seed)):
        curve = one.reference.outcomes[LOSSES].value
        assert curve is not None and curve.shape == (50,)
        assert nets.settles(one.reference) and curve[-1] < 0.5 * curve[0], one.name


def test_a_course_known_from_one_seed_is_no_other_seed_s() -> None:
    first, second = courses(0), courses(1)
    for one, other in zip(first, second, strict=True):
        assert departure(one.reference, other.reference, rtol=1e-3) is not None, one.name
        assert departure(nets.course(one.net, {}), one.reference, rtol=1e-12) is None, one.name


def test_the_reference_s_course_is_pytorch_s() -> None:
    """The classifier and the convolutional net by autograd, in double precision."""
    torch = pytest.importorskip("torch")
    for net in (nets.classifier(0), nets.conv_net(0), nets.sine_net("Sigmoid", 0)):
        parameters = [
            [torch.tensor(p, requires_grad=True) for p in (one.W, one.b)] if one.W is not None else []
            for one in net.layers
        ]
        X, y, want = torch.tensor(net.X), torch.tensor(net.y), []
        flat = [p for pair in parameters for p in pair]
        for _ in range(net.steps):
            value = X
            for one, own in zip(net.layers, parameters, strict=True):
                if one.entry == "Linear":
                    value = value @ own[0] + own[1]
                elif one.entry == "Conv1d":
                    weight = own[0].reshape(1, 1, -1)
                    value = torch.nn.functional.conv1d(value[:, None], weight, padding=one.arguments[1])[:, 0] + own[1]
                else:
                    value = value.relu() if one.entry == "ReLU" else value.sigmoid()
            if net.loss == "MSELoss":
                loss = ((value - y) ** 2).mean()
            else:
                loss = torch.nn.functional.cross_entropy(value, y.argmax(dim=1))
            want.append(loss.item())
            with torch.no_grad():
                for parameter, gradient in zip(flat, torch.autograd.grad(loss, flat), strict=True):
                    parameter -= net.lr * gradient
        got = nets.reference(net).outcomes
        assert got[LOSSES].value == pytest.approx(np.array(want), rel=1e-9)
        last = next(label for label in reversed(net.parameters) if label.startswith("W"))
        assert got[last].value == pytest.approx(flat[-2].detach().numpy(), rel=1e-7)


def test_single_precision_stays_on_the_course() -> None:
    """And does so by a factor of ten, while the nearest fault is a factor of ten away on the other side."""

    class Single(Linear):
        def forward(self, X: Any) -> Any:
            return (X.astype(np.float32) @ self.W.astype(np.float32) + self.b.astype(np.float32)).astype(np.float64)

    for one in (one for seed in (0, 5) for one in courses(seed)):
        run = nets.course(one.net, {"Linear": Single})
        assert departure(run, one.reference, rtol=1e-5) is None, one.name
        slips = [fault for faults in training_claims.FAULTS.values() for fault in faults if fault.id.endswith("-dX")]
        for fault in slips:
            entry = next(e for e, faults in training_claims.FAULTS.items() if fault in faults)
            if entry in one.net.entries:
                off = nets.course(one.net, {entry: fault.make})
                assert departure(off, one.reference, rtol=1e-3) is not None, (one.name, fault.id)


def test_l2_s_course_depends_on_its_lambda() -> None:
    net = nets.sine_net("ReLU", 0)
    run = nets.course(net, {"Linear": lambda n, k: L2Linear(n, k, 0.01)})
    assert departure(run, nets.l2_reference(net, 0.01)) is None
    assert departure(run, nets.l2_reference(net, 0.0101)) is not None
    assert departure(nets.reference(net), nets.l2_reference(net, 1e-4)) is not None


# -- the promises (each is kept under `rubrics`)


def test_every_fault_and_every_variant_of_a_layer_is_promised() -> None:
    names = [claim.name for claim in training_claims.claims(homework)]
    assert len(set(names)) == len(names)
    for part in ("here", "in the worker", "variant"):
        assert sum(part in name for name in names) > 70


def test_a_claim_can_fail() -> None:
    """Negative controls: a right class declared as a fault, a wrong one as a variant."""
    fault = training_claims.FAULTS["ReLU"][0]
    row = training_claims.fault_here("ReLU", replace(fault, make=reference_solutions.layers.ReLU), 0)
    assert not row.ok and "takes the reference's course" in row.said
    bench = Bench(homework)
    try:
        wrong = layer("ReLU").replace("(X > 0)", "(X > -0.5)")
        assert not training_claims.variant_in_worker(bench, "ReLU", "wrong", wrong).ok
    finally:
        bench.close()


def test_the_list_of_exceptions_names_faults_that_exist() -> None:
    known = {fault.id for faults in training_claims.FAULTS.values() for fault in faults}
    assert set(training_claims.SAME_COURSE) <= known and len(known) > 100


# -- from hand-in to report


def test_right_layers_are_noted_beside_every_question(desk: Desk) -> None:
    report = desk.graded(LAYERS)
    for question in ("Q4", "Q5", "Q7", "Q8", "Q10"):
        notes, flags = said(report, question)
        assert [GOOD in note for note in notes] == [True] and not flags, question
    assert not any(q.curves for q in report.questions)
    assert desk.graded(LAYERS) == report  # the same hand-in, the same report


def test_marks_are_the_same_without_training(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    source = LAYERS + CHAIN.replace("grad, self.lr", "grad")
    report = desk.graded(source)
    monkeypatch.setattr(training, "with_evidence", lambda *_, **__: {})
    assert marks(desk.graded(source)) == marks(report)


def test_layers_that_are_wrong_are_not_trained(desk: Desk) -> None:
    wrong = LAYERS.replace("X > 0", "X >= 0")
    assert wrong != LAYERS
    report = desk.graded(wrong)
    assert said(report, "Q4") == said(report, "Q10") == ([], [])
    assert GOOD in said(report, "Q5")[0][0]  # its net has no ReLU


def test_a_rewritten_chain_that_is_right_passes(desk: Desk) -> None:
    notes, flags = said(desk.graded(LAYERS + CHAIN, "Q4"), "Q4")
    assert GOOD in notes[0] and not flags


SLIPS = {
    simple_nn.StepOfItsOwn: ("grad = layer.backward(X, grad, self.lr)", "grad = layer.backward(X, grad)"),
    simple_nn.FirstLayerLeftOut: ("self.layers[::-1], self.seen[-2::-1]", "self.layers[:0:-1], self.seen[-2:0:-1]"),
}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: str(slip.__name__))
def test_a_broken_chain_is_said_and_named(desk: Desk, slip: Any) -> None:
    right, wrong = SLIPS[slip]
    report = desk.graded(LAYERS + CHAIN.replace(right, wrong), "Q1", "Q3", "Q4")
    notes, flags = said(report, "Q4")
    assert flags[0].startswith(FAILS) and "your own SimpleNN" in notes[0] and simple_nn.WORDS[slip] in notes[0]
    (curve,) = next(q for q in report.questions if q.id == "Q4").curves
    assert len(curve.got) == len(curve.want) == 50 and curve.got[0] == curve.want[0] and curve.got[1] != curve.want[1]


def test_every_known_slip_of_a_chain_is_named_somewhere_and_no_right_chain_is() -> None:
    tried = [nets.sine_net("ReLU", 0), nets.sine_net("Sigmoid", 0), nets.sine_net("", 0), nets.classifier(0)]
    for make, words in simple_nn.WORDS.items():
        named = {simple_nn.name_of(net, nets.course(net, {"SimpleNN": make})) for net in tried}
        assert words in named <= {words, ""}
    assert {simple_nn.name_of(net, nets.reference(net)) for net in tried} == {""}


def test_the_student_s_own_loss_is_named(desk: Desk) -> None:
    loss = layer("MSELoss").replace("* 2 / len(Y)", "/ len(Y)")
    notes, flags = said(desk.graded(f"{LAYERS}\n{loss}", "Q1", "Q5"), "Q5")
    assert "your own MSELoss does not train them" in notes[0] and flags[0].startswith(FAILS)


STATEFUL = """
class ReLU(Module):
    def forward(self, X):
        self.mask = X > 0
        return X * self.mask
    def backward(self, X, dY):
        return dY * self.mask
"""
SHARED = "\nact = ReLU()\nlayers = [Linear(1, 80), act, Linear(80, 80), act, Linear(80, 1)]\n"


def test_one_activation_object_in_several_places_is_said_where_it_matters(desk: Desk) -> None:
    report = desk.graded(LAYERS + STATEFUL + SHARED, "Q3", "Q4")
    notes, flags = said(report, "Q4")
    assert any(GOOD in note for note in notes)
    assert any("one object for each place" in note for note in notes) and flags[0].startswith(FAILS)
    for harmless in (LAYERS + SHARED, LAYERS + STATEFUL + SHARED.replace("act, ", "ReLU(), ")):
        notes, flags = said(desk.graded(harmless, "Q3", "Q4"), "Q4")
        assert len(notes) == 1 and not flags


def test_a_layer_that_is_right_for_a_call_or_two_is_said(desk: Desk) -> None:
    """What single calls cannot see: the learning rate fades with the calls."""
    tired = LAYERS.replace(
        "dX, dW, db = self.gradients(X, dY)\n        self.update(dW, db, lr)",
        "self.n = getattr(self, 'n', 0) + 1\n        dX, dW, db = self.gradients(X, dY)\n"
        "        self.update(dW, db, lr if self.n < 5 else lr / self.n)",
        1,
    )
    assert tired != LAYERS
    report = desk.graded(tired, "Q1", "Q3", "Q4")
    assert next(q for q in report.questions if q.id == "Q1").earned == 2.0
    notes, flags = said(report, "Q4")
    assert "Each layer is right by itself" in notes[0] and "step 6" in notes[0] and flags


def test_q6_s_linear_is_trained_with_its_own_lambda(desk: Desk) -> None:
    l2 = layer("Linear").replace("self.W - lr * dW", "self.W - lr * (dW + 2 * 0.003 * self.W)")
    cells = ["#### Q1", LAYERS, "#### Q6", l2, "#### Q7", CHAIN.replace("grad, self.lr", "grad")]
    report = desk.graded(notebook(*cells))
    notes, flags = said(report, "Q6")
    assert any("λ = 0.003" in note and GOOD in note for note in notes) and not flags
    # A chain that was rewritten for Q7 speaks about Q7, not about what stands above it.
    assert said(report, "Q4")[1] == said(report, "Q5")[1] == []
    assert said(report, "Q7")[1] and said(report, "Q10")[1]


STEP = """                grad = layer.backward(X, grad, self.lr)
"""
KEPT = """                W, b = layer.W, layer.b
                grad = layer.backward(X, grad, 1.0)
                layer.dW, layer.W = W - layer.W, W
                layer.db, layer.b = b - layer.b, b
"""
SGD = """
class SGD:
    def __init__(self, model, lr):
        self.model, self.lr = model, lr
    def step(self):
        for layer in self.model.layers:
            if layer.with_weights:
                layer.W = layer.W - self.lr * layer.dW
                layer.b = layer.b - self.lr * layer.db
"""
MOMENTUM = """                W = layer.W
                grad = layer.backward(X, grad, self.lr)
                layer.velocity = layer.W - W + 0.5 * getattr(layer, "velocity", 0.0)
                layer.W = W + layer.velocity
"""
OUTSIDE = """
class SimpleNN(Module):
    def __init__(self, layers, loss, lr=0.005):
        self.layers = layers
    def forward(self, X):
        self.seen = [X]
        for layer in self.layers:
            self.seen.append(layer.forward(self.seen[-1]))
        return self.seen[-1]

def train(model, loss, X, y, lr):
    grad = loss.backward(model(X), y)
    for layer, X in zip(model.layers[::-1], model.seen[-2::-1]):
        grad = layer.backward(X, grad, lr) if layer.with_weights else layer.backward(X, grad)
"""
ASKED = """        self.loss_value = self.loss.forward(self.seen[-1], y)
        grad = self.loss.backward(self.seen[-1], y)
"""
COUNTING = CHAIN.replace("self.loss_value = 1e5", "self.loss_value, self.seen_so_far = 1e5, 0").replace(
    ASKED, ASKED + "        self.seen_so_far += 1\n"
)
OTHERS = {
    "more arguments": CHAIN.replace("loss, lr=0.005)", "loss, epochs, lr=0.005)"),
    "the loss first": CHAIN.replace("layers, loss, lr=0.005", "loss, layers, lr=0.005"),
    "layers one by one": CHAIN.replace("layers, loss, lr=0.005", "*layers, loss=None, lr=0.005"),
    "another name": CHAIN.replace("def backward", "def learn"),
    "given the gradient": CHAIN.replace(ASKED, "").replace("backward(self, y)", "backward(self, grad)"),
    "no loss_value": CHAIN.replace("self.loss_value = self.loss.forward(self.seen[-1], y)", "pass"),
    "half the loss": CHAIN.replace(
        "= self.loss.forward(self.seen[-1], y)", "= self.loss.forward(self.seen[-1], y) / 2"
    ),
    "an optimiser beside it": CHAIN.replace(STEP, KEPT) + SGD,
    "a loop outside": OUTSIDE,
    "momentum": CHAIN.replace(STEP, MOMENTUM),
    "a rate that falls with a count": COUNTING.replace(
        "grad, self.lr)", "grad, self.lr * 0.9 ** (self.seen_so_far // 9))"
    ),
    "a rate that falls by itself": CHAIN.replace(ASKED, ASKED + "        self.lr *= 0.99\n"),
    "gradients clipped": CHAIN.replace(ASKED, ASKED + "        grad = np.clip(grad, -0.05, 0.05)\n"),
    "weights that decay": CHAIN.replace(
        STEP, STEP + "                layer.W = layer.W - self.lr * 2 * 0.01 * layer.W  \n"
    ).replace("self.loss_value = 1e5", "self.loss_value, self.lam = 1e5, 0.01"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_chain_of_another_design_is_no_failure(desk: Desk, what: str) -> None:
    assert OTHERS[what] != CHAIN
    notes, flags = said(desk.graded(LAYERS + OTHERS[what], "Q1", "Q3", "Q4"), "Q4")
    assert GOOD in notes[0] and "SimpleNN" in notes[0] and not flags


BROKEN = {
    "a step that never comes": CHAIN.replace(STEP, KEPT.replace("dW", "_").replace("db", "_")),
    "a known slip beside momentum": CHAIN.replace(STEP, STEP.replace(", self.lr", "")).replace(
        "self.loss_value = 1e5", "self.loss_value, self.momentum = 1e5, 0.0"
    ),
    "a decay that makes it worse": CHAIN.replace("grad, self.lr)", "grad, -self.lr)  # decay").replace(
        "self.loss_value = 1e5", "self.loss_value, self.decay = 1e5, 0.0"
    ),
    "half the step beside a count": COUNTING.replace("grad, self.lr)", "grad, self.lr / 2)"),
    "the gradient of nothing": CHAIN.replace(ASKED, "        grad = y\n"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_no_word_excuses_a_chain_that_fails(desk: Desk, what: str) -> None:
    assert BROKEN[what] != CHAIN
    _, flags = said(desk.graded(LAYERS + BROKEN[what], "Q1", "Q3", "Q4"), "Q4")
    assert flags and flags[0].startswith(FAILS)


def test_half_the_step_is_not_taken_for_the_layers_own_default(desk: Desk) -> None:
    notes, flags = said(desk.graded(LAYERS + CHAIN.replace("grad, self.lr)", "grad, self.lr / 2)"), "Q4", "Q10"), "Q4")
    assert flags and not any(words in note for words in simple_nn.WORDS.values() for note in notes)


def test_layers_that_do_not_fit_the_sheet_s_chain_are_no_failure(desk: Desk) -> None:
    bare = "\nclass ReLU:\n    def forward(self, X):\n        return np.maximum(X, 0)\n"
    bare += "    def backward(self, X, dY):\n        return dY * (X > 0)\n"
    notes, flags = said(desk.graded(LAYERS + bare, "Q1", "Q3", "Q4"), "Q4")
    assert GOOD in notes[0] and "not in the sheet's SimpleNN" in notes[0] and not flags


def test_an_own_chain_is_not_blamed_for_layers_that_stop_in_the_sheet_s_as_well(desk: Desk) -> None:
    """A `.dot` that takes arrays alone, and a loss that takes tensors alone: right by themselves, in no plain chain."""
    pytest.importorskip("torch")
    picky = LAYERS.replace("X @ self.W", "X.dot(self.W)")
    assert picky != LAYERS
    loss = """
import torch
class CrossEntropyLoss(Module):
    def forward(self, Z, y):
        return (-(y * torch.log_softmax(Z, dim=1)).sum() / len(Z)).numpy()
    def backward(self, Z, y):
        return ((torch.exp(Z) / torch.exp(Z).sum(dim=1, keepdim=True) - y) / len(Z)).numpy()
"""
    notes, flags = said(desk.graded(picky + loss + CHAIN, "Q7"), "Q7")
    assert GOOD in notes[0] and not flags
    skipped = CHAIN.replace("self.layers[::-1], self.seen[-2::-1]", "self.layers[:0:-1], self.seen[-2:0:-1]")
    assert said(desk.graded(picky + loss + skipped, "Q4"), "Q4")[1]


# -- nothing that happens in a training costs anything


HANGS = "\nclass Sigmoid(Module):\n    def forward(self, X):\n        while True: X = X + 0\n"
DIES = "\nimport os\nclass Sigmoid(Module):\n    def forward(self, X):\n        os._exit(3)\n"


@pytest.mark.parametrize(("source", "words"), [(HANGS, "did not come to an end"), (DIES, "ended the Python process")])
def test_a_training_that_hangs_or_dies_costs_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.setattr(training, "LIMITS", Limits(seconds=4.0))
    right, report = desk.graded(LAYERS), desk.graded(LAYERS + source)
    assert marks(right) == marks(report)
    notes, flags = said(report, "Q4")
    assert len(notes) == 1 and GOOD in notes[0] and words in flags[0]
    assert said(report, "Q10") == said(right, "Q10")


def test_a_fault_of_the_grader_s_own_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("ours")

    right = desk.graded(LAYERS)
    monkeypatch.setattr(training, "run_courses", broken)
    with caplog.at_level(logging.CRITICAL):
        report = desk.graded(LAYERS)
    assert marks(report) == marks(right) and report.status == right.status
    assert said(report, "Q4") == ([], [])


def test_what_is_missing_is_not_trained(desk: Desk) -> None:
    parts = Parts(desk.material("x = 1\n"))
    assert training.run_courses(parts, courses(0)) == ()
    report = desk.graded("x = 1\n")
    assert report.score == 0 and not any(q.flags for q in report.questions)


def test_only_what_is_asked_for_is_trained() -> None:
    assert worth_running({}, courses(0)) == ()


# -- whole trainings


def namespace() -> dict[str, Any]:
    own: dict[str, Any] = dict(nets.REFERENCE)
    exec(compile(LOOP.source, LOOP.name, "exec"), own)
    return own


@pytest.mark.parametrize("name", ["Q4 ReLU 100", "Q5 none 100"])
def test_the_whole_nets_are_those_whose_outcomes_are_frozen(name: str) -> None:
    """The same seed gives the same loss to the last digit, by another way of building the net."""
    setup = replace(whole_training.SETUPS[name], most=150)
    came = read_whole(execute(record_whole(whole_training.net(setup), Terms(150, setup.threshold, 60.0)), namespace()))
    assert came is not None and came.loss == regression(setup, 0).loss


def test_the_convolutional_data_are_those_of_the_frozen_outcome() -> None:
    net = whole_training.net(whole_training.SETUPS["Q10"])
    np.random.seed(0)
    X, y = conv_data()
    assert np.array_equal(net.X, X) and np.array_equal(net.y, y)


def test_a_whole_training_is_held_against_the_frozen_outcomes(desk: Desk) -> None:
    relu = courses(0)[0]
    parts = Parts(replace(desk.material(LAYERS), full_training=True))
    (one,) = whole_training.run(parts, [relu], ())
    assert one.question == "Q4" and one.agrees and one.figure is not None and one.figure.agrees
    assert whole_training.run(Parts(desk.material(LAYERS)), [relu], ()) == ()  # not asked, and nothing departed


def test_where_a_trajectory_departs_the_whole_training_is_run_too(desk: Desk) -> None:
    """A tenth of the step: the layers are right, and the net is far from the least-squares line where it should be."""
    report = desk.graded(LAYERS + CHAIN.replace("grad, self.lr", "grad, self.lr / 100"), "Q1", "Q5")
    question = next(q for q in report.questions if q.id == "Q5")
    assert question.flags[0].startswith(FAILS) and "Whole training" in question.flags[1]
    (figure,) = (figure for figure in question.figures if figure.what.startswith("Whole training"))
    assert figure.agrees is False and figure.want == "0.2032" and float(figure.got) > 0.4


def test_a_whole_training_without_time_says_only_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_training, "ASKED", 0.05)
    parts = Parts(replace(desk.material(LAYERS), full_training=True))
    (one,) = whole_training.run(parts, [courses(0)[0]], ())
    assert one.agrees is None and one.figure is None and "within 0.05 seconds" in one.words


def test_the_classifier_is_trained_whole_on_the_small_sample(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    short = replace(whole_training.EPOCHS["Q8 lr 0.01"], epochs=1)
    whole_training.classifier_program.cache_clear()
    monkeypatch.setattr(whole_training, "EPOCHS", {"Q8 lr 0.01": short})
    try:
        course = next(one for one in courses(0) if one.questions[0] == "Q7")
        asked = Parts(replace(desk.material(LAYERS), full_training=True))
        (one,) = whole_training.run(asked, [course], ())
        reference = frozen().outcomes["Q8 lr 0.01"][0]
        # one epoch by the reference's own start, seed 0: what is on file for it
        assert f"{reference.curve[0]:.3g}, {reference.accuracies[1]:.1%}" in one.words and one.question == "Q7"
        assert one.agrees is False  # ten epochs end elsewhere
        assert whole_training.run(Parts(desk.material(LAYERS)), [course], ()) == ()
    finally:
        whole_training.classifier_program.cache_clear()


TENSORS = """
import torch
class CrossEntropyLoss(Module):
    def forward(self, Z, y):
        return (-(y * torch.log_softmax(Z, dim=1)).sum() / len(Z)).numpy()
    def backward(self, Z, y):
        return (torch.softmax(Z, dim=1) - y).numpy() / len(Z) / 2
"""


@pytest.mark.parametrize("source", [TENSORS, TENSORS.replace("y).numpy()", "oops).numpy()")])
def test_a_wrong_loss_that_takes_tensors_is_trained_whole_as_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """It was not tried on the small net, for it is wrong; and where it stops, the student's own line is said."""
    pytest.importorskip("torch")
    short = replace(whole_training.EPOCHS["Q8 lr 0.01"], epochs=1)
    whole_training.classifier_program.cache_clear()
    monkeypatch.setattr(whole_training, "EPOCHS", {"Q8 lr 0.01": short})
    try:
        course = next(one for one in courses(0) if one.questions[0] == "Q7")
        (one,) = whole_training.run(Parts(replace(desk.material(LAYERS + source), full_training=True)), [course], ())
    finally:
        whole_training.classifier_program.cache_clear()
    if source is TENSORS:
        assert "recognised" in one.words and one.agrees is False
    else:
        assert "stops with NameError: name 'oops'" in one.words and "hw.py, line" in one.words, one.words
    assert "graders_" not in one.words


def test_a_design_of_one_s_own_is_trained_whole_in_the_sheet_s_chain(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorter = replace(whole_training.SETUPS["Q5 none 100"], most=1500)  # it has settled by then
    monkeypatch.setattr(whole_training, "SETUPS", {"Q5 none 100": shorter})
    parts = Parts(replace(desk.material(LAYERS + OTHERS["a loop outside"]), full_training=True))
    line = [one for one in courses(0) if one.whole == "Q5 none 100"]
    (one,) = whole_training.run(parts, line, training.run_courses(parts, line))
    assert one.agrees is True and "0.2032" in one.words
