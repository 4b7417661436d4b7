"""Sheet 003, its reading alone: figures, digits, moments, curves and JSON; nothing is run here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.evidence import Cell, Definition, Evidence
from grader.model import Place
from reference_solutions.two_layer_perceptron import START, TARGET, Parameters, Perceptron, X
from rubrics.two_layer_perceptron import recorder
from rubrics.two_layer_perceptron.compare import agrees, curve_shares, same
from rubrics.two_layer_perceptron.figures import figures
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.nested import unnested
from rubrics.two_layer_perceptron.runnables import runnables
from rubrics.two_layer_perceptron.running import TRAVELLING
from rubrics.two_layer_perceptron.tables import table_lines
from rubrics.two_layer_perceptron.verdicts import judge_source
from rubrics.two_layer_perceptron.words import layer, moment

RIGHT = Perceptron().outcomes()


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789.,;:=-+eE[]()|# \nWb_tensorlosepch{}\\/$", max_size=300))
def test_no_text_stops_the_reader(text: str) -> None:
    """Whatever stands there, it is read and judged without an error, and junk earns nothing."""
    verdicts = judge_source(Answers(figures(text, Place("x")), strict=True))
    assert not any(verdict.kind == "right" for name, verdict in verdicts.items() if name != "forward.loss")


def test_digits() -> None:
    assert agrees(0.3406, 4, 0.3406372) and not agrees(0.3407, 4, 0.3406372)
    assert agrees(0.341, 3, 0.3406372) and not agrees(0.34, 2, 0.3406372)
    assert agrees(0.0080, 4, 0.00798903)
    assert same(np.array([[0.1498, 0.2498], [0.1996, 0.2995]]), np.full((2, 2), 4), RIGHT.update1.W1)  # transposed
    assert not same(np.array([[0.1498, 0.1996], [0.2995, 0.2498]]), np.full((2, 2), 4), RIGHT.update1.W1)


def test_rounding_and_cutting_off_are_not_mixed() -> None:
    want = np.array([0.149598, 0.199195])
    assert same(np.array([0.1496, 0.1992]), np.array([4, 4]), want)
    assert same(np.array([0.1495, 0.1991]), np.array([4, 4]), want)
    assert not same(np.array([0.1496, 0.1991]), np.array([4, 4]), want)


def test_a_curve_is_shifted_as_a_whole() -> None:
    losses = RIGHT.losses
    assert curve_shares({e + 1: (float(losses[e]), 17) for e in range(0, 100, 10)}, losses) == 1
    assert curve_shares({e: (float(losses[e + e // 50]), 17) for e in range(0, 100, 10)}, losses) < 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tensor([0.3406], requires_grad=True)", [[0.3406]]),
        ("tensor(0.2984, dtype=torch.float64, grad_fn=<MseLossBackward0>)", [0.2984]),
        ("{'W1': array([[0.1, 0.2],\n   [0.3, 0.4]]), 'b1': np.float64(0.35)}", [[[0.1, 0.2], [0.3, 0.4]], 0.35]),
        (r"$W = \begin{pmatrix} 0.1 & 0.2 \\ 0.3 & 0.4 \end{pmatrix}$", [[[0.1, 0.2], [0.3, 0.4]]]),
        ("w1 = 0,1498; w2 = 0,1996; w3 = 0,2498", [0.1498, 0.1996, 0.2498]),
        ("[[-1.1495e+00 -1.1076]\n [ 1.5021  1.557 ]]", [[[-1.1495, -1.1076], [1.5021, 1.557]]]),
        ("no numbers here, only W1 and linear2", []),
    ],
)  # fmt: skip
def test_figures(text: str, values: list[Any]) -> None:
    assert [figure.value.tolist() for figure in figures(text, Place("x"))] == values


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("After 1 update", 1),
        ("2nd Backward pass", 2),
        ("after two updates", 2),
        ("Initial weight of the model", 0),
        ("Reinitializing the model and looping over Epoch", None),
        ("After 100 epochs", 100),
        ("final parameters", 100),
        ("after 10 epochs", None),
        ("Backward pass", None),
    ],
)
def test_moments(words: str, when: int | None) -> None:
    assert moment(words) == when


def test_what_travels_to_the_worker_knows_no_expected_value() -> None:
    folder = Path(recorder.__file__).parent
    text = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in TRAVELLING)
    for value in (RIGHT.loss, float(RIGHT.update1.b1), float(RIGHT.update2.b2), *RIGHT.prediction):
        assert f"{value:.3f}" not in text


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_tables_hold_every_number_of_the_sheet(style: str) -> None:
    text = "\n".join(table_lines(style))
    for printed in (
        "0.298371",
        "0.1498",
        "0.3406",
        "0.5614",
        "0.5498",
        "0.3327",
        "0.4991",
        "0.1752",
        "0.0118",
        "1.2642",
    ):
        assert printed in text
    for printed in ("-1.1495", "-0.3011", "0.1111", "0.8918"):
        assert printed in text


def test_upper_indices_name_a_layer_or_a_step() -> None:
    one, other = figures(
        r"$W^{(1)} = \begin{bmatrix} 0.1 & 0.2 \\ 0.3 & 0.4 \end{bmatrix}$, $w_5^{(2)} = 0.3171$", Place("x")
    )
    assert (one.value.shape, layer(one.label)) == ((2, 2), 1)
    assert (float(other.value), moment(other.label)) == (0.3171, 2)
    assert moment(figures("$w_5^{(100)} = -1.1495$", Place("x"))[0].label) == 100


def test_json_is_written_out_and_what_is_none_is_left() -> None:
    assert unnested('got {"update1": {"b1": 0.3406, "W1": [[1, 2.50]]}} done').split("\n") == [
        "got ", "update1 b1: 0.3406", "update1 W1: [[1, 2.50]]", " done",
    ]  # fmt: skip
    for text in ("{'b1': 0.34}", '{"b1": 0.34', r"\frac{1}{2}", '{"a": ' * 5000):
        assert unnested(text) == text


def test_the_hidden_layers_last_gradient_is_that_of_finite_differences() -> None:
    net, before = Perceptron(), Perceptron().outcomes(99).final

    def loss(W1: Any) -> float:
        return net.loss(net.forward(Parameters(W1, before.b1, before.W2, before.b2), X)[1], TARGET)

    for index in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[index] = 1e-5
        slope = (loss(before.W1 + step) - loss(before.W1 - step)) / 2e-5
        assert RIGHT.hidden_gradient[index] == pytest.approx(slope, rel=1e-5)
    assert not np.allclose(RIGHT.hidden_gradient, net.gradients(START, X, TARGET).W1, rtol=1e-2)


def _evidence(**imports: str) -> Evidence:
    cells = tuple(Cell(f"{name}.py", None, 1, "code", "pass") for name in imports)
    definitions = tuple(
        Definition(
            (wanted,), "import", f"import {wanted}", Place(f"{name}.py"), 0, tree=ast.parse(f"import {wanted}").body[0]
        )
        for name, wanted in imports.items()
        if wanted
    )
    return Evidence(tuple(f"{name}.py" for name in imports), cells, definitions)


def test_an_imported_file_is_run_with_the_one_that_needs_it() -> None:
    (main,) = runnables(_evidence(net="", main="net"))
    assert (main.name, [module.name for module in main.modules]) == ("main.py", ["net.py"])
    assert [one.name for one in runnables(_evidence(first="", second=""))] == ["first.py", "second.py"]
    assert [one.name for one in runnables(_evidence(a="b", b="a"))] == ["a.py", "b.py"]  # each needs the other
