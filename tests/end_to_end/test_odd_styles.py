"""Odd but right students of sheet 004 keep every mark; wrong ones lose theirs, and only there. One batch for all.

What each one is due was decided from the sheet, before grading; the expected numbers are the rubric's business.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from grader.attempt import Attempt, first_method_only
from grader.catalogue import homework
from grader.cli import main
from grader.course import open_course
from grader.intake.evidence import Choice, Chunk
from grader.judges.numbers import judge_numbers
from grader.model import AnswerText, Status
from grader.rubric import AnswerQuestion
from grader.worker.interpreter import execute
from reference_solutions.layers import Linear
from rubrics.numpy_layers import hand_numbers
from rubrics.numpy_layers.hand_words import words

KEY = "numpy_layers"
HEADINGS = {"Q1": "Linear", "Q2": "Example", "Q3": "ReLU", "Q7": "Cross-entropy", "Q10": "Conv1d"}

MODULE = """
import numpy as np
class Module:
    def __init__(self):
        self.with_weights = False
    def __call__(self, *inputs):
        return self.forward(*inputs)
"""

LINEAR = """
class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        {init}
    def forward(self, input_array):
        return input_array @ self.W + self.b
    def backward(self, input_array, output_gradient, lr=0.05):
        res = output_gradient @ self.W.T
        dW = input_array.T @ output_gradient
        db = output_gradient.sum(axis=0, keepdims=True)
        {step}
        self.W = self.W - lr * dW
        self.b = self.b - lr * db
        return res
"""

STAR_LINEAR = """
from numpy import *
class Linear(Module):
    def __init__(self, input_dim, output_dim):
        self.W = random.randn(input_dim, output_dim) * 1e-2
        self.b = zeros((1, output_dim))
    def forward(self, input_array):
        return dot(input_array, self.W) + self.b
    def backward(self, input_array, output_gradient, lr=0.05):
        res = dot(output_gradient, self.W.T)
        self.W = self.W - lr * dot(input_array.T, output_gradient)
        self.b = self.b - lr * sum(output_gradient, axis=0)
        return res
"""

ADDMM_LINEAR = """
import torch
class Linear(Module):
    def __init__(self, input_dim, output_dim):
        self.W = torch.randn(input_dim, output_dim, dtype=torch.double) * 1e-2
        self.b = torch.zeros(1, output_dim, dtype=torch.double)
    def forward(self, input_array):
        return torch.addmm(self.b, torch.as_tensor(input_array).double(), self.W)
    def backward(self, input_array, output_gradient, lr=0.05):
        x, g = torch.as_tensor(input_array).double(), torch.as_tensor(output_gradient).double()
        res = g @ self.W.T
        self.W -= lr * (x.T @ g)
        self.b -= lr * g.sum(dim=0, keepdim=True)
        return res
"""

RELU = """
class ReLU(Module):
    def __init__(self):
        super().__init__()
        self.mask = None
    def forward(self, input_array):
        {keep}
        return np.maximum(input_array, 0)
    def backward(self, input_array, output_gradient):
        return output_gradient * self.mask
"""

RELU_STOPS = """
class ReLU(Module):
    def forward(self, input_array):
        return np.maximum(input_array, 0)
    def backward(self, input_array, output_gradient):
        assert input_array.shape == (2, 2)
        return output_gradient * (input_array > 0)
"""

LOSS = """
class CrossEntropyLoss(Module):
    def __init__(self):
        super().__init__()
        self.total, self.p = 0, None
    def forward(self, predicted_y, y):
        z, y = np.asarray(predicted_y), np.asarray(y)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        loss = -(y * np.log(p)).sum() / len(y)
        {keep}
        return loss
    def backward(self, predicted_y, y):
        return (self.p - np.asarray(y)) / len(self.p)
"""

CONV = """
{imports}
class Conv1d(Module):
    def __init__(self, kernel_size, pad_length):
        super().__init__()
        self.W = np.zeros((1, 1 + 2 * kernel_size))
        self.b = np.zeros((1, 1))
        self.pad_length = pad_length
        {init}
    def forward(self, input_array):
        p = self.pad_length
        self.x = np.pad(input_array, ((0, 0), (p, p)))
        windows = [np.correlate(row, self.W[0], "valid") for row in self.x]
        return {result}
    def backward(self, input_array, output_gradient, lr=0.05):
        full = np.array([np.convolve(g, self.W[0]) for g in output_gradient])
        dW = sum(np.correlate(row, g, "valid") for row, g in zip(self.x, output_gradient))
        {step}
        self.W = self.W - lr * dW
        self.b = self.b - lr * output_gradient.sum()
        return full[:, self.pad_length : self.pad_length + input_array.shape[1]]
"""
PLAIN_CONV = {"imports": "", "init": "", "step": "", "result": "np.array(windows) + self.b"}

HAND = """
Y = [[8, 4], [14, 7]]

{dX}

W = [[1.85, 0.85], [1.6, 0.6]]

{b}
"""

RIGHT = {
    "Q1": LINEAR.format(init="", step=""),
    "Q2": HAND.format(dX="dX = [[3, 3], [3, 3]]", b="b = [[-0.1, -0.1]]"),
    "Q3": RELU.format(keep="self.mask = input_array > 0"),
    "Q7": LOSS.format(keep="self.p = p"),
    "Q10": CONV.format(**PLAIN_CONV),
}

# student: (question, its source or answer)
ODD = {
    "plain": ("Q1", RIGHT["Q1"]),
    "star-import": ("Q1", STAR_LINEAR),
    "keeps-gradients-afresh": (
        "Q1",
        LINEAR.format(init="self.dW = 0", step="self.dW = 0 * self.dW + dW\n        dW = self.dW"),
    ),
    "gradient-passed-back": (
        "Q2",
        HAND.format(dX="The gradient passed back is [[3, 3], [3, 3]].", b="b = [[-0.1, -0.1]]"),
    ),
    "own-words-for-dX": ("Q2", HAND.format(dX="Rückwärts: [[3, 3], [3, 3]]", b="b = [[-0.1, -0.1]]")),
    "bias-as-column": (
        "Q2",
        HAND.format(dX="dX = [[3, 3], [3, 3]]", b="$$\\mathbf b_{new}^T=\\begin{bmatrix}-0.1\\\\-0.1\\end{bmatrix}$$"),
    ),
}

# student: (question, its source, labels lost, the misconception named)
WRONG = {
    "adds-up-W-and-b": (
        "Q1",
        LINEAR.format(
            init="self.dW, self.db = 0, 0",
            step="self.dW, self.db = self.dW + dW, self.db + db\n        dW, db = self.dW, self.db",
        ),
        {"W", "b"},
        "linear.gradients-add-up",
    ),
    "adds-up-W": (
        "Q1",
        LINEAR.format(init="self.dW = 0", step="self.dW = self.dW + dW\n        dW = self.dW"),
        {"W"},
        "linear.dW-adds-up",
    ),
    "momentum": (
        "Q1",
        LINEAR.format(
            init="self.vW, self.vb = 0, 0",
            step="self.vW, self.vb = 0.9 * self.vW + dW, 0.9 * self.vb + db\n        dW, db = self.vW, self.vb",
        ),
        {"W", "b"},
        "linear.momentum",
    ),
    "first-mask": (
        "Q3",
        RELU.format(keep="self.mask = input_array > 0 if self.mask is None else self.mask"),
        {"dX"},
        "relu.keeps-first-mask",
    ),
    "first-probabilities": (
        "Q7",
        LOSS.format(keep="self.p = p if self.p is None else self.p"),
        {"gradient"},
        "cross_entropy.keeps-first-probabilities",
    ),
    "loss-adds-up": (
        "Q7",
        LOSS.format(keep="self.p = p; self.total += loss; loss = self.total"),
        {"loss"},
        "cross_entropy.loss-adds-up",
    ),
    "conv-adds-up": (
        "Q10",
        CONV.format(**{**PLAIN_CONV, "init": "self.dW = 0", "step": "dW = self.dW = self.dW + dW"}),
        {"W"},
        None,
    ),
    "two-by-two-only": ("Q3", RELU_STOPS, {"dX"}, None),
}
MISSING_LIBRARY = CONV.format(
    **{**PLAIN_CONV, "imports": "from nosuchlibrary import add_bias", "result": "add_bias(np.array(windows), self.b)"}
)
WRONG_AND_MISSING_LIBRARY = MISSING_LIBRARY.replace("self.W - lr * dW", "self.W + lr * dW")


def notebook(changed: str, source: str) -> str:
    """A hand-in in which one question is answered by `source`, the others plainly."""
    cells = [cell("code", MODULE)]
    for question, title in HEADINGS.items():
        answer = source if question == changed else RIGHT[question]
        kind = "markdown" if question == "Q2" else "code"
        cells += [cell("markdown", f"#### {question}. {title}"), cell(kind, answer)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def cell(kind: str, source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
    return {**made, "outputs": [], "execution_count": None} if kind == "code" else made


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("class")
    students = {**ODD, **{name: (question, source) for name, (question, source, _, _) in WRONG.items()}}
    students |= {
        "library": ("Q10", MISSING_LIBRARY),
        "library-and-wrong": ("Q10", WRONG_AND_MISSING_LIBRARY),
        "addmm": ("Q1", ADDMM_LINEAR),
    }
    for name, (question, source) in students.items():
        (folder / f"{name}.ipynb").write_text(notebook(question, source), encoding="utf-8")
    out = tmp_path_factory.mktemp("grades")
    done = CliRunner().invoke(main, [str(folder), "--homework", KEY, "--out", str(out), "--quiet"])
    assert done.exit_code == 0, done.output
    lines = (out / KEY / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found = {line["student"]["id"]: line["questions"] for line in map(json.loads, lines)}
    assert set(found) == set(students)
    return found


def lost(questions: dict[str, Any]) -> dict[str, set[str]]:
    """The labels that did not earn all of their marks, by question; those of the human questions are left out."""
    found = {
        question: {name for name, label in questions[question]["labels"].items() if label["earned"] < label["possible"]}
        for question in HEADINGS
    }
    return {question: labels for question, labels in found.items() if labels}


@pytest.mark.parametrize("student", ODD)
def test_odd_but_right_keeps_every_mark(student: str, results: dict[str, Any]) -> None:
    assert lost(results[student]) == {}


@pytest.mark.parametrize("student", WRONG)
def test_wrong_loses_its_own_marks_and_no_other(student: str, results: dict[str, Any]) -> None:
    question, _, labels, fault = WRONG[student]
    assert lost(results[student]) == {question: labels}
    if fault is not None:
        named = {results[student][question]["labels"][label]["faults"][0] for label in labels}
        assert named == {fault}


@pytest.mark.parametrize(
    "name", ["dL_dX", "dLdX", "$\\partial \\mathcal{L} / \\partial X$", "$\\partial \\mathcal L/\\partial X$"]
)
def test_dX_by_its_quotient(name: str) -> None:
    """The ways to write the derivative on one line; a wrong number under each of them is read, and lost."""
    right = HAND.format(dX=f"{name}: [[3, 3], [3, 3]]", b="b = [-0.1, -0.1]")
    wrong = HAND.format(dX=f"{name}: [[4, 2], [4, 2]]", b="b = [-0.1, -0.1]")
    assert hand_statuses(right) == [Status.PASSED] * 4
    assert hand_statuses(wrong)[1] is Status.FAILED


def test_a_placeholder_is_no_description() -> None:
    """ "Backward: TODO" says nothing about dX; "all threes" does, and a human reads it."""
    assert hand_statuses("Y = [[8, 4], [14, 7]]\n\nBackward: TODO")[1] is Status.MISSING
    assert hand_statuses("Y = [[8, 4], [14, 7]]\n\nBackward: all threes")[1] is Status.NEEDS_HUMAN


def test_torch_arithmetic_is_not_a_layer(results: dict[str, Any]) -> None:
    """`torch.addmm` multiplies and adds: XW + b had to be known. Without PyTorch it may wait, but is not flagged."""
    pytest.importorskip("torch")
    assert lost(results["addmm"]) == {}


def test_what_stops_for_want_of_a_library_waits(results: dict[str, Any]) -> None:
    right, wrong = (results[name]["Q10"]["labels"] for name in ("library", "library-and-wrong"))
    assert {name: right[name]["status"] for name in ("Y", "dX", "W", "b")} == {
        "Y": "needs_human", "dX": "passed", "W": "passed", "b": "passed",
    }  # fmt: skip
    assert wrong["W"]["status"] == "failed" and wrong["W"]["pending"] == 0


def test_a_stop_is_no_relation_between_numbers(results: dict[str, Any]) -> None:
    label = results["two-by-two-only"]["Q3"]["labels"]["dX"]
    assert "AssertionError" in label["message"] and "times what it should be" not in label["message"]


def test_a_backward_that_hangs_leaves_forward_to_judge() -> None:
    """What is asked of such a class has every forward label in every case, and never calls backward."""

    class Hangs(Linear):
        def backward(self, X: Any, dY: Any, lr: float = 0.05) -> Any:
            raise AssertionError("backward was called")

    course = open_course(homework(KEY), seed=0)
    prepared = course.prepared["Q1"]
    attempt = Attempt(prepared, Choice(None), Chunk((), ("Linear",)), tensors=False)
    programs = first_method_only(attempt)
    assert set(programs) == {case.case.name for case in prepared.cases}
    for case in prepared.cases:
        outcomes = execute(programs[case.case.name], {"Linear": Hangs}).outcomes
        assert set(outcomes) == {"Y"}
        Y = outcomes["Y"].value
        assert Y is not None
        np.testing.assert_allclose(Y, case.case.X @ case.case.W + case.case.b)


def hand_statuses(text: str) -> Sequence[Status]:
    question = next(q for q in homework(KEY).questions if isinstance(q, AnswerQuestion) and q.id == "Q2")
    reports = judge_numbers(
        question, AnswerText(text), expected=hand_numbers.expected(),
        words=words(hand_numbers.W, hand_numbers.B), givens=hand_numbers.givens(),
    )  # fmt: skip
    return [report.status for report in reports]


def test_a_right_value_under_unknown_words_counts_only_where_it_stands_alone() -> None:
    """Negative controls: a list of attempts waits for a human, a value named as something else is not taken."""
    passed, waits = Status.PASSED, Status.NEEDS_HUMAN
    alone = HAND.format(dX="Rückwärts: [[3, 3], [3, 3]]", b="b = [-0.1, -0.1]")
    assert hand_statuses(alone) == [passed] * 4
    attempts = HAND.format(dX="Rückwärts: [[4, 2], [4, 2]]\n\noder: [[3, 3], [3, 3]]", b="b = [-0.1, -0.1]")
    assert hand_statuses(attempts)[1] is waits
    named = HAND.format(dX="dW = [[3, 3], [3, 3]]", b="b = [-0.1, -0.1]")
    assert hand_statuses(named)[1] is not passed
