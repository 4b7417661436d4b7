"""The errata of sheet 004: they load, and what they claim about code is seen to happen in the sheet's own cells."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_solutions import errata, layers
from reference_solutions.errata import Erratum
from reference_solutions.layers import Array, Linear
from reference_solutions.oracles import compare, observe, observe_loss

SHEET = Path(__file__).parents[2] / "rubrics" / "sheets" / "numpy_layers.ipynb"
CELLS: list[dict[str, Any]] = json.loads(SHEET.read_text(encoding="utf-8"))["cells"]
CODE = {cell["id"]: "".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"}
TEXT = "\n\n".join("".join(cell["source"]) for cell in CELLS)


def run(*ids: str) -> dict[str, Any]:
    """The sheet's given cells, run in order with numpy at hand."""
    namespace: dict[str, Any] = {"np": np}
    for cell in ("base-class-code", *ids):
        exec(compile(CODE[cell], cell, "exec"), namespace)
    return namespace


# -- the file


def test_every_erratum_says_what_is_wrong_and_how_it_is_graded() -> None:
    found = errata.load("numpy_layers")
    assert {"sigmoid-example", "mse-width", "conv-starts-at-zero", "conv-subscript", "q6-time", "q6-no-lambda"} <= {
        erratum.id for erratum in found
    }
    assert not any("\n" in text for erratum in found for text in (erratum.truth, erratum.grading))


def test_an_unknown_homework_is_named_with_those_that_exist() -> None:
    with pytest.raises(LookupError, match=r"no errata for 'numpy_layer'.*numpy_layers"):
        errata.load("numpy_layer")


ENTRY = '[[erratum]]\nid = "a"\nwhere = "Q1"\nsays = "s"\ntruth = """one\ntwo"""\ngrading = "g"\n'


def test_line_breaks_count_as_spaces() -> None:
    assert errata.parse(ENTRY, "x.toml") == (Erratum("a", "Q1", "s", "one two", "g"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace('says = "s"\n', ""), "x.toml, entry 1: 'says' must be a text that is not empty"),
        (ENTRY.replace('"s"', "3"), "x.toml, entry 1: 'says' must be a text that is not empty"),
        (ENTRY + 'more = "m"\n', "x.toml, entry 1: unknown field 'more'"),
        (ENTRY + ENTRY, "x.toml: each id may stand once; repeated: a"),
        (ENTRY + "= 3", "x.toml: Invalid statement"),
    ],
)
def test_a_bad_entry_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        errata.parse(text, "x.toml")


# -- the sheet


def test_only_the_magic_and_the_open_template_do_not_parse() -> None:
    def parses(source: str) -> bool:
        try:
            ast.parse(source)
        except SyntaxError:
            return False
        return True

    assert {cell for cell, source in CODE.items() if not parses(source)} == {"introduction-code", "q7-code"}


def test_the_sheet_is_blank_and_has_a_cell_for_every_question() -> None:
    assert all(cell["outputs"] == [] for cell in CELLS if cell["cell_type"] == "code")
    ids = [cell["id"] for cell in CELLS]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if i in {f"q{n}" for n in range(1, 11)}] == [f"q{n}" for n in range(1, 11)]
    assert [i for i in ids if i.endswith("-answer")] == [f"q{n}-answer" for n in (2, 4, 5, 6, 8, 9)]


def test_the_layers_that_the_sheet_gives_are_those_of_the_reference() -> None:
    sheet = run("sigmoid-code", "mse-loss-code")
    rng = np.random.default_rng(0)
    X, dY = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    assert not compare(observe(layers.Sigmoid(), X, dY), observe(sheet["Sigmoid"](), X, dY), rtol=1e-15)
    P, Y = X[:, :2], dY[:, :2]
    assert not compare(observe_loss(layers.MSELoss(), P, Y), observe_loss(sheet["MSELoss"](), P, Y), rtol=1e-15)


def test_the_sheets_own_net_takes_the_same_steps_as_the_reference_net() -> None:
    sheet = run("simple-neural-network-code")
    x = np.linspace(-np.pi, np.pi, 20).reshape(-1, 1)
    y = np.sin(x)

    def trajectory(net: Any) -> list[float]:
        np.random.seed(3)
        model = net([Linear(1, 8), layers.ReLU(), Linear(8, 1)], layers.MSELoss(), lr=0.05)
        losses = [model.loss_value]
        for _ in range(30):
            model(x)
            model.backward(y)
            losses.append(model.loss_value)
        return losses

    assert trajectory(sheet["SimpleNN"]) == trajectory(layers.SimpleNN)


@pytest.mark.parametrize(
    ("theirs", "ours", "arguments"),
    [("Linear", layers.Linear, (3, 2)), ("ReLU", layers.ReLU, ()), ("Conv1d", layers.Conv1d, (2, 3))],
)
def test_the_templates_have_the_attributes_of_the_reference(theirs: str, ours: Any, arguments: tuple[int, ...]) -> None:
    template = run("q1-code", "q3-code", "q10-code")[theirs](*arguments)
    reference = ours(*arguments)
    assert vars(template).keys() == vars(reference).keys()
    for name, value in vars(template).items():
        assert np.shape(value) == np.shape(getattr(reference, name)), name


# -- what the errata claim


def test_linear_twice() -> None:
    assert [cell for cell, source in CODE.items() if "class Linear(" in source] == ["q1-code", "q6-code"]


def test_zeros_template_and_conv_template_res() -> None:
    sheet = run("q1-code", "q10-code")
    assert not sheet["Linear"](3, 2).forward(np.ones((4, 3))).any()
    with pytest.raises(NameError, match="res"):
        sheet["Conv1d"](1, 0).forward(np.ones((1, 3)))


def test_q2_vector_weak() -> None:
    class IgnoresUpstreamAndBias(Linear):
        def forward(self, X: Array) -> Array:
            return X @ self.W

        def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
            return super().gradients(X, np.ones_like(dY))

    right, wrong = Linear(2, 2), IgnoresUpstreamAndBias(2, 2)
    right.W = wrong.W = np.array([[2.0, 1.0], [2.0, 1.0]])
    X, dY = np.array([[1.0, 3.0], [2.0, 5.0]]), np.ones((2, 2))
    assert not compare(observe(wrong, X, dY), observe(right, X, dY), rtol=0)


def test_integer_inputs() -> None:
    res = np.zeros_like(np.array([[1, 3]]))
    res[:] = [[0.5, 1.5]]
    assert res.tolist() == [[0, 1]]
    with pytest.raises(TypeError, match="Cannot cast"):
        res -= 0.05 * np.ones((1, 2))


def test_simple_nn_backward(capsys: pytest.CaptureFixture[str]) -> None:
    model = run("simple-neural-network-code")["SimpleNN"]([Linear(1, 1)], layers.MSELoss())
    y = np.ones((1, 1))
    model.backward(y)
    assert capsys.readouterr().out == "call forward first.\n"
    model(y)
    model.backward(y)
    with pytest.raises(TypeError):
        model.backward(y)


def test_q4_which_activation() -> None:
    assert "ReLU(),  # Sigmoid(),#" in CODE["train-the-model-code"]
    assert "In the training, we use Sigmoid as the activation function." in TEXT


def test_q6_time() -> None:
    assert "time.time()" in CODE["q6-code"]
    assert "import time" not in TEXT


def test_conv_subscript() -> None:
    assert r"s[\tau+t'] K[\tau]" in TEXT
    assert r"S[i, \tau+t'] K[t']" in TEXT


@pytest.mark.parametrize(("dtype", "fits", "overflows"), [(np.float64, 709, 710), (np.float32, 88, 89)])
def test_softmax_overflow(dtype: Any, fits: float, overflows: float) -> None:
    with np.errstate(all="ignore"):
        assert np.isfinite(np.exp(dtype(fits)))
        assert np.isinf(np.exp(dtype(overflows)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cross_entropy_numpy() -> None:
    torch = pytest.importorskip("torch")
    img, W, b = torch.ones(1, 3), np.ones((3, 2)), np.zeros((1, 2))
    assert isinstance(img @ W + b, torch.Tensor)
    assert isinstance(np.dot(img, W) + b, np.ndarray)
