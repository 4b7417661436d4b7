"""Sheet 004, Programming Assignment 3: Linear, ReLU, CrossEntropyLoss and Conv1d in numpy. 14 points, bonus 1½.

Here stand the questions and their probes; cases, faults and right variants have files of their own beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import reference_solutions
from grader.model import AnswerText, LabelReport
from grader.rubric import AnswerQuestion, Case, Homework, HumanQuestion
from reference_solutions import errata, mnist
from reference_solutions.layers import Conv1d, CrossEntropyLoss, Linear, ReLU
from rubrics.numpy_layers import cases, derivation, hand_numbers, tables
from rubrics.numpy_layers.claims import claims
from rubrics.numpy_layers.faults import conv1d as conv1d_faults
from rubrics.numpy_layers.faults import cross_entropy as cross_entropy_faults
from rubrics.numpy_layers.faults import linear as linear_faults
from rubrics.numpy_layers.faults import relu as relu_faults
from rubrics.numpy_layers.finish import finish
from rubrics.numpy_layers.l2.report import L2
from rubrics.numpy_layers.spellings import L2_WORDS, WEIGHTS

Values = Iterator[tuple[str, Any]]

homework: Homework = Homework(
    "numpy_layers",
    "Programming Assignment 3: Backpropagation and Neural Networks",
    oracles=[
        "finite differences (the vector-Jacobian identity)",
        "PyTorch float64",
        "naive loops",
        "exact fractions (Linear, ReLU)",
        "the numbers that the sheet prints",
    ],
    sheet=Path(__file__).parent.parent / "sheets" / "numpy_layers.ipynb",
    sources=[Path(__file__).parent, Path(reference_solutions.__file__).parent],
    finish=finish,
    claims=lambda: claims(homework),
    tables=tables.lines,
    digits=mnist.digits,
    errata=[f"{erratum.where}: {erratum.truth} {erratum.grading}" for erratum in errata.load("numpy_layers")],
    fingerprint=(
        "Conv1d",
        "CrossEntropyLoss",
        "SimpleNN",
        "MSELoss",
        "Linear",
        "ReLU",
        "input_array",
        "output_gradient",
    ),
)

# What an input is offered as: an ndarray where nothing is said, else a tensor. The `_backward` inputs belong to the
# advice cases, where backward is given something else than forward saw; the `_before` ones to an earlier batch.


def _flavour(**kinds: str) -> dict[str, str]:
    """One flavour: the kind of each input, and of those that stand for it elsewhere."""
    return {f"{name}{role}": kind for name, kind in kinds.items() for role in ("", "_backward", "_before")}


LAYER_FLAVOURS = [{}, *(_flavour(X=kind, dY=kind) for kind in ("float64", "float32"))]
LOSS_FLAVOURS = [
    _flavour(logits="float64", y="float32"),  # what the sheet's own training loop passes
    {},
    _flavour(logits="float64", y="float64"),
    _flavour(logits="float32", y="float32"),
    _flavour(y="float32"),
    _flavour(logits="float64"),
]


@homework.question(
    "Q1",
    points=2,
    entry="Linear",
    reference=Linear,
    faults=linear_faults.faults,
    marks={"Y": 1, "dX": 1, "W": 1, "b": 1},
    cases=cases.linear_cases,
    method_of={"Y": "forward", "dX": "backward", "W": "backward", "b": "backward"},
    squeezed=["b"],
    flavours=LAYER_FLAVOURS,
    spellings=WEIGHTS,
    frameworks=["Linear", "LazyLinear", "Bilinear", "linear", "Dense"],
    avoid=L2_WORDS,
)
def linear(layer: Any, case: Case) -> Values:
    """Linear: forward pass, gradient with respect to the input, update of W and b"""
    lin = layer(case.n, case.k)
    if "X_before" in case.inputs:
        lin.W, lin.b = case.W_before, case.b
        lin.forward(case.X_before)
        lin.backward(case.X_before, case.dY_before, case.lr)
    lin.W, lin.b = case.W, case.b
    yield "Y", lin.forward(case.X)
    yield "dX", lin.backward(case.inputs.get("X_backward", case.X), case.dY, case.lr)
    yield "W", lin.W
    yield "b", lin.b


def _hand_numbers(question: AnswerQuestion, answer: AnswerText) -> tuple[LabelReport, ...]:
    return hand_numbers.judge(question, answer)


homework.add(
    AnswerQuestion(
        "Q2",
        "A linear layer worked out by hand: Y, dX and the updated W and b",
        points=2.0,
        bonus=False,
        marks={"Y": 0.5, "dX": 0.5, "W": 0.5, "b": 0.5},
        judge=_hand_numbers,
        faults=hand_numbers.faults(),
    )
)


@homework.question(
    "Q3",
    points=2,
    entry="ReLU",
    reference=ReLU,
    faults=relu_faults.faults,
    marks={"Y": 1, "dX": 1},
    cases=cases.relu_cases,
    method_of={"Y": "forward", "dX": "backward"},
    flavours=LAYER_FLAVOURS,
    frameworks=["ReLU", "LeakyReLU", "relu", "relu_", "threshold", "threshold_"],
)
def relu(layer: Any, case: Case) -> Values:
    """ReLU: forward pass and gradient with respect to the input"""
    activation = layer()
    if "X_before" in case.inputs:
        activation.forward(case.X_before)
        activation.backward(case.X_before, case.dY_before)
    yield "Y", activation.forward(case.X)
    yield "dX", activation.backward(case.inputs.get("X_backward", case.X), case.dY)


homework.add(
    HumanQuestion(
        "Q4",
        "Sigmoid against ReLU, 100 samples against 1000: speed, loss, and why",
        points=2,
        bonus=False,
        look_for="running time and final loss for both activations and for at least two sample sizes; the differences "
        "described; reasons: sigmoid saturates and its gradients vanish, more samples make each step dearer",
    )
)
homework.add(
    HumanQuestion(
        "Q5",
        "The net without activation layers",
        points=2,
        bonus=False,
        look_for="without activations the net is one linear map: it ends at the least-squares line, a loss near 0.2; "
        "activations make it able to bend",
    )
)
homework.add(L2)


@homework.question(
    "Q7",
    points=2,
    entry="CrossEntropyLoss",
    reference=CrossEntropyLoss,
    faults=cross_entropy_faults.faults,
    marks={"loss": 1, "gradient": 1},
    cases=cases.cross_entropy_cases,
    method_of={"loss": "forward", "gradient": "backward"},
    squeezed=["loss"],
    rtol={"loss": 5e-4},
    flavours=LOSS_FLAVOURS,
    frameworks=["CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss", "CategoricalCrossentropy", "log_loss"],
)
def cross_entropy(layer: Any, case: Case) -> Values:
    """CrossEntropyLoss: the mean loss of a batch, and its gradient with respect to the logits"""
    loss = layer()
    if "logits_before" in case.inputs:
        loss.forward(case.logits_before, case.y_before)
        loss.backward(case.logits_before, case.y_before)
    yield "loss", loss.forward(case.logits, case.y)
    yield "gradient", loss.backward(case.inputs.get("logits_backward", case.logits), case.y)


homework.add(
    HumanQuestion(
        "Q8",
        "Learning rates: their effect on convergence and accuracy, with a plot",
        points=1,
        bonus=False,
        look_for="several learning rates, a plot of accuracy or loss against them, the best one named; too small "
        "learns slowly, too large diverges",
    )
)


def _derivation(question: AnswerQuestion, answer: AnswerText) -> tuple[LabelReport, ...]:
    return derivation.judge(question, answer)


homework.add(
    AnswerQuestion(
        derivation.QUESTION,
        "The gradients of a 1-d convolution, derived",
        points=0.5,
        bonus=True,
        marks=derivation.MARKS,
        judge=_derivation,
        faults=derivation.faults(),
    )
)


@homework.question(
    "Q10",
    points=1,
    bonus=True,
    entry="Conv1d",
    reference=Conv1d,
    faults=conv1d_faults.faults,
    marks={"Y": 1, "dX": 1, "W": 1, "b": 1},
    cases=cases.conv1d_cases,
    method_of={"Y": "forward", "dX": "backward", "W": "backward", "b": "backward"},
    squeezed=["W", "b"],
    flavours=LAYER_FLAVOURS,
    spellings=WEIGHTS,
    frameworks=[
        "Conv1d",
        "LazyConv1d",
        "Conv2d",
        "conv1d",
        "conv2d",
        "conv_transpose1d",
        "conv1d_weight",
        "conv1d_input",
    ],
)
def conv1d(layer: Any, case: Case) -> Values:
    """Conv1d: forward pass, gradient with respect to the input, update of W and b"""
    conv = layer(case.half_width, case.pad)
    if "X_before" in case.inputs:
        conv.W, conv.b = case.W_before, case.b
        conv.forward(case.X_before)
        conv.backward(case.X_before, case.dY_before, case.lr)
    conv.W, conv.b = case.W, case.b
    yield "Y", conv.forward(case.X)
    yield "dX", conv.backward(case.inputs.get("X_backward", case.X), case.dY, case.lr)
    yield "W", conv.W
    yield "b", conv.b
