"""Q6 of sheet 004: λ is solved for from a student's own update. Oracles: finite differences of the penalised loss,
exact fractions, PyTorch. Hand-ins are notebooks in which Q1's Linear and Q6's Linear both stand."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rubrics.numpy_layers
from grader.client import Worker, torch_available
from grader.course import Course, open_course
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.model import LabelReport, Status, SubmissionReport
from grader.runner import Runner
from grader.verify import fault_source
from grader.worker.interpreter import execute
from reference_solutions import layers
from rubrics.numpy_layers.faults import linear as linear_faults
from rubrics.numpy_layers.l2 import claims as l2_claims
from rubrics.numpy_layers.l2.claims import notebook, source
from rubrics.numpy_layers.l2.naming import named
from rubrics.numpy_layers.l2.solving import Finding, solve, vectors
from rubrics.numpy_layers.l2.ways import Way, program
from rubrics.numpy_layers.l2.words import speaks_of_lambda

Array = np.ndarray[Any, Any]


class Numeric:
    """A Linear that differentiates the loss sum(dY·Y) + penalty(W, b) by central differences."""

    def __init__(self, penalty: Callable[[Array, Array], float], n: int, k: int) -> None:
        self.penalty, self.W, self.b = penalty, np.zeros((n, k)), np.zeros((1, k))

    def forward(self, X: Array) -> Array:
        return np.asarray(X @ self.W + self.b)

    def backward(self, X: Array, dY: Array, lr: float) -> Array:
        def loss(W: Array, b: Array, X: Array) -> float:
            return float((dY * (X @ W + b)).sum()) + self.penalty(W, b)

        dW = differences(lambda W: loss(W, self.b, X), self.W)
        db = differences(lambda b: loss(self.W, b, X), self.b)
        dX = differences(lambda inputs: loss(self.W, self.b, inputs), X)
        self.W, self.b = self.W - lr * dW, self.b - lr * db
        return dX


def differences(function: Callable[[Array], float], at: Array, h: float = 1e-4) -> Array:
    """The gradient of a function that is quadratic at most, for which central differences are exact."""
    gradient = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = h
        gradient[index] = (function(at + step) - function(at - step)) / (2 * h)
    return gradient


def found(make: Callable[[int, int], Any], seed: int = 0) -> Finding:
    runs = {vector: execute(program(vector, Way()), {"Linear": make}) for vector in vectors(seed)}
    return named(solve(runs), runs)


@pytest.mark.parametrize("lambda_", [0.5, 0.01, 0.002])
def test_lambda_is_what_finite_differences_of_the_penalised_loss_used(lambda_: float) -> None:
    def penalty(W: Array, b: Array) -> float:
        return lambda_ * float((W**2).sum())

    finding = found(lambda n, k: Numeric(penalty, n, k))
    assert finding.lambda_ == pytest.approx(lambda_, rel=1e-4), finding


@pytest.mark.parametrize(
    "penalty",
    [
        lambda W, b: 0.0,
        lambda W, b: -0.01 * float((W**2).sum()),
        lambda W, b: 0.01 * float((W**2).sum() + (b**2).sum()),
        lambda W, b: 0.01 * float(np.abs(W).sum()),
        lambda W, b: 0.01 * float(W.sum() ** 2),
    ],
    ids=["none", "negative", "with b", "L1", "square of the sum"],
)
def test_no_other_penalty_passes(penalty: Callable[[Array, Array], float]) -> None:
    finding = found(lambda n, k: Numeric(penalty, n, k))
    assert not finding.right


def test_lambda_from_exact_fractions() -> None:
    """W ← W - lr (dW + 2λW) by hand in exact arithmetic, λ = 3/1000."""

    class Exact:
        def __init__(self, n: int, k: int) -> None:
            self.W, self.b = np.zeros((n, k)), np.zeros((1, k))

        def forward(self, X: Array) -> Array:
            return np.asarray(X @ self.W + self.b)

        def backward(self, X: Array, dY: Array, lr: float) -> Array:
            x, g, w = (np.vectorize(Fraction, otypes=[object])(array) for array in (X, dY, self.W))
            rate, lambda_ = Fraction(lr), Fraction(3, 1000)
            dX = g @ w.T
            w = w - rate * (x.T @ g + 2 * lambda_ * w)
            self.W = w.astype(float)
            self.b = self.b - lr * dY.sum(axis=0, keepdims=True)
            return np.asarray(dX.astype(float))

    assert found(Exact).lambda_ == pytest.approx(0.003, rel=1e-6)


def test_lambda_from_pytorch() -> None:
    torch = pytest.importorskip("torch")

    class Differentiated:
        def __init__(self, n: int, k: int) -> None:
            self.W, self.b = np.zeros((n, k)), np.zeros((1, k))

        def forward(self, X: Array) -> Array:
            return np.asarray(X @ self.W + self.b)

        def backward(self, X: Array, dY: Array, lr: float) -> Array:
            with torch.enable_grad():  # a hand-in that was tried here before may have turned it off
                x, w, b = (torch.tensor(a, requires_grad=True) for a in (X, self.W, self.b))
                ((torch.tensor(dY) * (x @ w + b)).sum() + 0.04 * (w**2).sum()).backward()
            self.W, self.b = self.W - lr * w.grad.numpy(), self.b - lr * b.grad.numpy()
            return np.asarray(x.grad.numpy())

    assert found(Differentiated).lambda_ == pytest.approx(0.04, rel=1e-6)


@pytest.mark.parametrize("lambda_", [1e-6, 1e-4, 0.01, 1.0])
def test_single_precision_neither_hides_nor_makes_a_lambda(lambda_: float) -> None:
    class Single(layers.L2Linear):
        def update(self, dW: Array, db: Array, lr: float) -> None:
            w: Any = self.W.astype(np.float32)
            step = np.float32(lr) * (dW.astype(np.float32) + 2 * np.float32(self.lambda_) * w)
            self.W = w - step
            self.b = self.b.astype(np.float32) - np.float32(lr) * db.astype(np.float32)

    assert found(lambda n, k: Single(n, k, lambda_)).lambda_ == pytest.approx(lambda_, rel=2e-3)
    assert found(lambda n, k: Single(n, k, 0.0)).fault == "l2.no-decay"


def test_a_lambda_over_the_number_of_samples_is_left_to_a_human() -> None:
    class Mean(layers.L2Linear):
        def gradients(self, X: Array, dY: Array) -> tuple[Array, Array, Array]:
            dX, dW, db = super().gradients(X, dY)
            return dX, dW + 2 * self.lambda_ * self.W / len(X) - 2 * self.lambda_ * self.W, db

    finding = found(lambda n, k: Mean(n, k, 0.1))
    assert not finding.right and finding.doubtful and finding.fault is None


def test_a_class_that_knows_one_seed_s_vectors_loses_at_every_other() -> None:
    known = [vector.W for vector in vectors(0)]

    class Prepared(layers.L2Linear):
        def update(self, dW: Array, db: Array, lr: float) -> None:
            if any(np.array_equal(self.W, W) for W in known):
                super().update(dW, db, lr)
            else:
                layers.Linear.update(self, dW, db, lr)

    assert found(lambda n, k: Prepared(n, k, 0.1), seed=0).right
    for seed in range(1, 6):
        assert found(lambda n, k: Prepared(n, k, 0.1), seed).fault == "l2.no-decay"
        assert found(lambda n, k: layers.L2Linear(n, k, 0.1), seed).lambda_ == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize("seed", range(1, 31))
def test_every_seed_keeps_q6_s_promises(seed: int) -> None:
    """Whichever vectors are drawn: the reference passes, every fault loses the update and is named."""
    claims = takewhile(lambda claim: not claim.confined, l2_claims.claims(rubrics.numpy_layers.homework, seed))
    rows = [claim.check() for claim in claims]
    assert len(rows) > 10 and not [row for row in rows if not row.ok or row.said]


def test_words_for_lambda() -> None:
    assert all(map(speaks_of_lambda, ["lam", "lambda_", "lambd", "L2", "l2_reg", "weightDecay", "penalty", "正则系数"]))
    assert not any(map(speaks_of_lambda, ["layer", "forward", "with_weights", "W", "dW", "lr", "flame", "degree"]))


# -- as hand-ins


@pytest.fixture(scope="module")
def course() -> Course:
    return open_course(rubrics.numpy_layers.homework, seed=0)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    torch = "torch" if torch_available() else "standin"
    with Worker(torch="auto" if torch == "torch" else "standin") as worker:
        yield Runner(worker, torch)


@pytest.fixture
def grade(course: Course, runner: Runner, tmp_path: Path) -> Callable[..., SubmissionReport]:
    def graded(text: str, only: tuple[str, ...] | None = ("Q6",), name: str = "hw.ipynb") -> SubmissionReport:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return grade_submission(submission_at(tmp_path / name), course, runner, only)

    return graded


Grade = Callable[..., SubmissionReport]


def update(report: SubmissionReport) -> LabelReport:
    assert not report.error
    (question,) = [q for q in report.questions if q.id == "Q6"]
    return next(label for label in question.labels if label.label == "update")


def linear(decay: str, before: str = "", init: str = "") -> str:
    """A Linear for Q6 whose gradient of W gains `decay`."""
    return f"""
{before}
class Linear(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.W = np.random.randn(input_dim, output_dim) * 1e-2
        self.b = np.zeros((1, output_dim))
        self.with_weights = True
        {init}

    def forward(self, input_array):
        return input_array @ self.W + self.b

    def backward(self, input_array, output_gradient, lr=0.05):
        res = output_gradient @ self.W.T
        dW = input_array.T @ output_gradient{decay}
        self.W = self.W - lr * dW
        self.b = self.b - lr * output_gradient.sum(axis=0, keepdims=True)
        return res
"""


@pytest.mark.parametrize(
    ("code", "lambda_"),
    [
        (linear(" + 2 * 0.03 * self.W"), 0.03),
        (linear(" + 0.03 * self.W"), 0.015),
        (linear(" + 2 * lam * self.W", before="lam = 0.25"), 0.25),
        (linear(" + 2 * self.reg * self.W", init="self.reg = 1e-5"), 1e-5),
        (linear(" + 2 * lam * self.W", before="lam = 0"), 0.01),
        (linear(" + 2 * lam * self.W", before="import missing_library\nlam = missing_library.choose()"), 0.01),
        (
            linear(" + 2 * lam * self.W") + "\nfor lam in (0, 0.1):\n    model = SimpleNN([Linear(1, 1)], MSELoss())",
            0.01,
        ),
    ],
    ids=[
        "written in",
        "without the 2",
        "global",
        "attribute",
        "global that is off",
        "from a missing library",
        "bound by a loop",
    ],
)
def test_the_lambda_that_is_said_is_the_one_that_was_written(grade: Grade, code: str, lambda_: float) -> None:
    report = grade(notebook(code))
    assert update(report).status is Status.PASSED, update(report).message
    said = re.search(r"λ = ([\d.e-]+\d)", " ".join(report.questions[0].notes))
    assert said is not None and float(said.group(1)) == pytest.approx(lambda_, rel=1e-3)


PLAIN = linear("")
COMPOSED = """
class LinearL2(Module):
    def __init__(self, input_dim, output_dim):
        super().__init__()
        self.inner = Linear(input_dim, output_dim)
        self.with_weights = True
    def forward(self, input_array):
        return self.inner.forward(input_array)
    def backward(self, input_array, output_gradient, lr=0.05):
        decay = 2 * 0.01 * self.inner.W
        res = self.inner.backward(input_array, output_gradient, lr)
        self.inner.W = self.inner.W - lr * decay
        return res
"""
IN_THE_NET = """
class SimpleNN_L2(SimpleNN):
    def backward(self, y):
        old = [layer.W if layer.with_weights else None for layer in self.layers]
        super().backward(y)
        for layer, W in zip(self.layers, old):
            if W is not None:
                layer.W = layer.W - self.lr * 2 * 0.001 * W
"""
IN_THE_LOOP = """
lam = 1e-3
for epoch in range(20000):
    model(x)
    model.backward(y)
    for layer in model.layers:
        if layer.with_weights:
            layer.W -= 0.05 * 2 * lam * layer.W
"""
IN_A_FUNCTION = """
def decay_weights(layers, lr, lam):
    for layer in layers:
        if layer.with_weights:
            layer.W = layer.W * (1 - 2 * lr * lam)
"""
ODD_ARGUMENTS = (
    PLAIN.replace("input_dim, output_dim):", "sizes):")
    .replace("input_dim, output_dim)", "*sizes)")
    .replace("output_dim", "sizes[1]")
)


@pytest.mark.parametrize(
    "code",
    [
        COMPOSED,
        IN_THE_NET,
        PLAIN + IN_THE_NET,
        PLAIN + IN_THE_LOOP,
        IN_THE_LOOP,
        IN_A_FUNCTION,
        PLAIN + IN_A_FUNCTION,
        ODD_ARGUMENTS,
        linear(" + 2 * 0.01 * self.W / len(input_array)"),
        linear(" + 2 * 0.01 * self.W / len(input_array)") + PLAIN,
        linear(" + 2 * 0.01 * self.W").replace("        return input_array @ self.W + self.b", "        pass"),
        linear(" + 2 * 0.01 * self.W").replace("+ self.b", "+ self.b, 0.01 * (self.W ** 2).sum()"),
        linear(" + 2 * 0.01 * self.W").replace("        res =", "        assert 0 < lr < 1\n        res ="),
        linear(" + 2 * lam * self.W").replace("lr=0.05):", "lr=0.05):\n        lam = 0.1 if model.training else 0"),
        linear("")
        .replace("        return res", "        self.dW = dW\n        return res")
        .replace("self.W = self.W - lr * dW", "pass"),
        linear(" + 2 * 0.01 * self.W / self.W.size"),
        linear(" + 2 * 0.01 * self.W").replace("self.W - lr * dW", "np.clip(self.W - lr * dW, -5, 5)"),
        linear(" + 2 * 0.01 * self.W").replace("self.W - lr * dW", "(self.W - lr * dW).astype(np.float16)"),
        linear(" + 2 * self.lam * self.W", init="self.lam = args[0]").replace("output_dim):", "output_dim, *args):"),
    ],
    ids=[
        "composed",
        "in the net",
        "in the net beside a Linear",
        "in the loop beside a Linear",
        "in the loop",
        "in a function",
        "in a function beside a Linear",
        "other arguments",
        "over the samples",
        "over the samples, then a plain one",
        "no forward",
        "forward returns the penalty too",
        "asserts a small lr",
        "λ while training",
        "updated elsewhere",
        "over the weights",
        "W within bounds",
        "half precision",
        "λ out of *args",
    ],
)
def test_what_is_done_elsewhere_or_otherwise_waits_for_a_human(grade: Grade, code: str) -> None:
    label = update(grade(notebook(code)))
    assert label.status is Status.NEEDS_HUMAN and label.pending == 0.5, label


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", Status.MISSING),
        ("# I did not get this one", Status.MISSING),
        (PLAIN.replace("        dW =", "        raise NotImplementedError\n        dW ="), Status.MISSING),
        (PLAIN, Status.FAILED),
        (linear(" - 2 * 0.01 * self.W"), Status.FAILED),
        (linear(" + 2 * 0.01 * self.W[0]"), Status.FAILED),
        (linear("").replace("self.W - lr * dW", "np.ones_like(self.W)"), Status.FAILED),
        (linear(" + 2 * 0.01 * self.W @ self.W"), Status.CRASHED),
    ],
    ids=["nothing", "a comment", "not implemented", "no decay", "grows", "first row for all", "constant", "no fit"],
)
def test_what_is_wrong_for_sure_earns_nothing(grade: Grade, code: str, status: Status) -> None:
    label = update(grade(notebook(code)))
    assert (label.status, label.earned, label.pending) == (status, 0.0, 0.0), label.message
    assert label.message


ANOTHER_NAME = """
class Shrinking(Linear):
    def backward(self, input_array, output_gradient, lr=0.05):
        pull = {0}
        res = super().backward(input_array, output_gradient, lr)
        self.W = self.W - lr * pull
        return res
"""


def test_a_subclass_of_any_name_is_tried_and_its_slips_gain_nothing(grade: Grade) -> None:
    assert update(grade(notebook(ANOTHER_NAME.format("2 * 0.01 * self.W")))).status is Status.PASSED
    for wrong in ("0.01 * np.sign(self.W)", "-2 * 0.01 * self.W", "0 * self.W", "2 * 0.01 * self.W / lr"):
        label = update(grade(notebook(ANOTHER_NAME.format(wrong))))
        assert label.status is not Status.PASSED and label.earned == 0.0, wrong


def test_a_penalty_chosen_by_a_word_is_switched_on_where_nothing_is_chosen(grade: Grade) -> None:
    variants = dict(l2_claims.variants())
    right = variants["penalty_by_name"]
    assert update(grade(notebook(right))).status is Status.PASSED
    for before, after in (
        ("penalty=None", 'penalty="l1"'),
        ("2 * self.strength * self.W", "self.strength * self.W**2"),
    ):
        assert before in right
        assert update(grade(notebook(right.replace(before, after)))).status is not Status.PASSED, after


def q1_with(fault: Any) -> str:
    return fault_source(inspect.getsource(layers), fault, "Linear")


@pytest.mark.parametrize("fault", linear_faults.faults.all, ids=lambda fault: fault.id)
def test_a_slip_of_q1_is_not_charged_again(grade: Grade, fault: Any) -> None:
    """Whatever is wrong in Q1: the same Linear with a right decay loses nothing in Q6; without one it gains nothing."""
    on_top = """
class LinearL2(Linear):
    def backward(self, input_array, output_gradient, lr=0.05):
        decay = {0} * self.W
        res = super().backward(input_array, output_gradient, lr)
        self.W = self.W - lr * decay
        return res
"""
    first = q1_with(fault)
    right, wrong = (update(grade(notebook(on_top.format(factor), first))) for factor in ("2 * 0.01", "0"))
    assert right.status in (Status.PASSED, Status.NEEDS_HUMAN), right
    if fault.id != "linear.weight-decay":  # that one has L2 in Q1 already, and hands it down
        assert wrong.status is not Status.PASSED, wrong


def test_l2_in_q1_alone_waits_for_a_human(grade: Grade) -> None:
    first = linear(" + 2 * 0.01 * self.W")
    label = update(grade(notebook("", first)))
    assert label.status is Status.NEEDS_HUMAN and "Q1" in label.message
    assert update(grade(notebook("", PLAIN))).status is Status.MISSING


def test_a_new_slip_in_q6_is_charged(grade: Grade) -> None:
    late = linear(" + 2 * 0.01 * self.W").replace("        return res", "        return output_gradient @ self.W.T")
    label = update(grade(notebook(late)))
    assert label.status is Status.FAILED and label.faults == ("l2.updates-before-dX",)
    # the same class once more, where Q1 has it too
    first = linear("").replace("        return res", "        return output_gradient @ self.W.T")
    report = grade(notebook(late, first))
    assert update(report).status is Status.PASSED
    assert "not charged again" in " ".join(report.questions[0].notes)


def test_words_alone_leave_the_update_missing_and_the_answer_pending(grade: Grade) -> None:
    document = json.loads(notebook(""))
    document["cells"][-1] = {"cell_type": "markdown", "metadata": {}, "source": "**Your Answer:** the weights shrink."}
    (question,) = grade(json.dumps(document)).questions
    assert [(label.label, label.status, label.pending) for label in question.labels] == [
        ("update", Status.MISSING, 0.0),
        ("answer", Status.NEEDS_HUMAN, 0.5),
    ]


def test_code_alone_leaves_the_answer_missing(grade: Grade) -> None:
    (question,) = grade(notebook(linear(" + 2 * 0.01 * self.W"))).questions
    assert [label.status for label in question.labels] == [Status.PASSED, Status.MISSING]
    assert question.status is Status.PARTIAL and question.earned == 0.5


def test_a_comment_may_be_the_answer(grade: Grade) -> None:
    code = linear(" + 2 * 0.01 * self.W") + "\n# the weights stay smaller and the loss is higher\n"
    (question,) = grade(notebook(code)).questions
    assert [label.status for label in question.labels] == [Status.PASSED, Status.NEEDS_HUMAN]


def test_a_script_without_q6(grade: Grade) -> None:
    """One Linear, no headings: Q6 is missing, whatever is wrong in Q1."""
    parts = [inspect.getsource(layers.Module), linear("")]
    for script in (
        "import numpy as np\n" + "\n".join(parts),
        "import numpy as np\n" + "\n".join(parts).replace(".T", ""),
    ):
        label = update(grade(script, ("Q6",), "hw.py"))
        assert (label.status, label.faults) == (Status.MISSING, ()), label


def test_one_class_with_l2_for_both(grade: Grade) -> None:
    averaged = linear(" + 2 * lam * self.W", before="lam = 0.01").replace(
        "lr * output_gradient.sum", "lr * output_gradient.mean"
    )
    script = "import numpy as np\n" + inspect.getsource(layers.Module) + averaged
    assert update(grade(script, ("Q6",), "hw.py")).status is Status.NEEDS_HUMAN
    right = (
        "import numpy as np\n" + inspect.getsource(layers.Module) + linear(" + 2 * lam * self.W", before="lam = 0.01")
    )
    assert update(grade(right, ("Q6",), "hw.py")).status is Status.PASSED


def test_only_and_unreadable_hand_ins(grade: Grade) -> None:
    first = grade(notebook(linear(" + 2 * 0.01 * self.W")), ("Q1",))
    assert [q.id for q in first.questions] == ["Q1"] and first.questions[0].status is Status.PASSED
    broken = grade("{ this is no notebook", None)
    assert broken.status == "unreadable"
    (question,) = [q for q in broken.questions if q.id == "Q6"]
    assert question.pending == 1.0 and question.status is Status.NEEDS_HUMAN


def test_a_script_with_both_classes(grade: Grade) -> None:
    decayed = source(layers.L2Linear).replace("class Linear(Linear)", "class LinearL2(Linear)")
    parts = [inspect.getsource(part) for part in (layers.Module, layers.Linear)]
    text = "\n\n".join(["import numpy as np\n\nArray = np.ndarray", *map(textwrap.dedent, parts), decayed])
    report = grade(text, ("Q1", "Q6"), "hw.py")
    assert report.questions[0].status is Status.PASSED and update(report).status is Status.PASSED
