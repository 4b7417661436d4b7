"""The rubric of sheet 001: example students, faults in code that is right otherwise, copies, reports, odd styles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.bench import Bench
from grader.client import torch_available
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.model import Overall, Status, SubmissionReport
from grader.worker.request import Limits
from reference_solutions.sigmoid_from_scratch import gradients, labels, random_net
from rubrics.sigmoid_from_scratch import homework, running
from rubrics.sigmoid_from_scratch.claims import EDITS, VARIANTS, edited
from rubrics.sigmoid_from_scratch.faults import FAULTS
from rubrics.sigmoid_from_scratch.names import layer_of, meaning
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.report import judge_report
from rubrics.sigmoid_from_scratch.steps import uneven

EXAMPLES = Path(__file__).parents[2] / "submissions_example" / "sigmoid_from_scratch"
STUDENTS = sorted(path.name.removesuffix(".expected.json") for path in EXAMPLES.glob("*.expected.json"))
PLAIN = (VARIANTS / "plain.py").read_text(encoding="utf-8")
needs_torch = pytest.mark.skipif(not torch_available(), reason="PyTorch is not installed")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with closing(Bench(homework)) as bench:
        yield bench


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a script may take is counted in CPU time; on a busy machine the clock runs much faster."""
    monkeypatch.setattr(running, "LIMITS", Limits(seconds=90.0))


def lost(report: SubmissionReport, *questions: str) -> dict[str, Status]:
    return {
        f"{q.id}.{label.label}": label.status
        for q in report.questions
        for label in q.labels
        if label.status is not Status.PASSED and (not questions or q.id in questions)
    }


# --- the example class ------------------------------------------------------------------------------------------------


def hand_in(student: str) -> Path:
    return next(
        path for path in EXAMPLES.iterdir() if path.stem == student and not path.name.endswith(".expected.json")
    )


@pytest.mark.parametrize("student", STUDENTS)
def test_student_gets_what_is_due(student: str, bench: Bench) -> None:
    path = hand_in(student)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    if bench.standin and any("torch" in file.read_text(encoding="utf-8") for file in files):
        pytest.skip("PyTorch is not installed")
    due: Json = json.loads((EXAMPLES / f"{student}.expected.json").read_text(encoding="utf-8"))
    report = grade_submission(submission_at(path), bench.course, bench.runner)
    assert (report.status.value, report.score, report.pending) == (due["status"], due["score"], due["pending"])
    for question in report.questions:
        want = due["questions"][question.id]
        assert (question.status.value, question.earned, question.pending) == (
            want["status"],
            want["earned"],
            want["pending"],
        )
        for label in question.labels:
            mark = want.get("labels", {}).get(label.label)
            if mark is not None:
                assert (label.status.value, label.earned) == (mark["status"], mark["earned"])
                assert list(label.faults[: max(1, len(mark.get("faults", [])))]) == mark.get("faults", [])
    for flag in due.get("flags", []):
        assert any(came.startswith(flag) for came in report.flags)
    if due.get("flags") == []:
        assert report.flags == ()


def test_every_answer_that_loses_a_mark_says_why(bench: Bench) -> None:
    for path in (hand_in("ivan"), hand_in("dalia")):
        for question in grade_submission(submission_at(path), bench.course, bench.runner).questions:
            for label in question.labels:
                assert label.status is Status.PASSED or label.message


# --- faults and variants ----------------------------------------------------------------------------------------------


def test_the_rubric_promises_much() -> None:
    """Each promise is a test of its own under `rubrics/`; here it is seen that none has been lost."""
    names = [claim.name for claim in homework.claims()] if homework.claims else []
    assert {f"variant {path.name}" for path in VARIANTS.iterdir() if path.is_file()} < set(names)
    assert len(names) > 25


def test_an_edit_that_is_not_there_is_no_fault() -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        edited(PLAIN, (("no such line", ""),))


def test_faults_differ_from_the_right_gradients() -> None:
    """Each fault's gradients are wrong somewhere, on a net where it can show: printed, or squashed."""
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 1, (1, 2))
    nets = [random_net(rng), random_net(rng, activations=(("sigmoid",), ("sigmoid",), ("sigmoid",)))]
    for fault in FAULTS:
        if fault.make is None:
            continue
        differs = False
        for net in nets:
            right, wrong = gradients(net, x, labels(x)), fault.make(net, x, labels(x))
            pairs = zip((*right.weights, *right.biases), (*wrong.weights, *wrong.biases), strict=True)
            differs |= any(a.shape != b.shape or not np.allclose(a, b, rtol=1e-3) for a, b in pairs)
        assert differs, fault.id


def test_faults_in_the_catalogue_are_tried() -> None:
    tried = {fault for fault, _, _ in EDITS} | {"copied", "accumulated", "whole-batch", "absolute", "signed", "root"}
    # those that another test of this file, or another fault's edit, stands for
    tried |= {"no-output-derivative", "stepped-first"} | {f.id for f in FAULTS if f.id.startswith("forward-")}
    assert {fault.id for fault in FAULTS} == tried


@pytest.mark.parametrize(
    ("fault", "edits"),
    [
        (
            "forward-without-biases",
            (("W1 @ x0 + b1", "W1 @ x0"), ("W2 @ h1 + b2", "W2 @ h1"), ("W3 @ h2 + b3", "W3 @ h2")),
        ),
        ("forward-second-sigmoid", (("h2 = sigmoid(z2)", "h2 = z2"), ("(W3.T @ dz3) * h2 * (1 - h2)", "(W3.T @ dz3)"))),
        (
            "forward-squashed",
            (("W3 @ h2 + b3", "sigmoid(W3 @ h2 + b3)"), ("2 * (p - y0)", "2 * (p - y0) * p * (1 - p)")),
        ),
    ],
)  # fmt: skip
@needs_torch
def test_a_wrong_forward_pass_beside_the_right_net(
    fault: str, edits: tuple[tuple[str, str], ...], bench: Bench
) -> None:
    """The net is PyTorch's; the student's own forward pass for the same weights is another one."""
    report = bench.grade("hand_in.py", with_torch(edited(PLAIN, edits)))
    named = {label.faults[0] for q in report.questions for label in q.labels if label.faults and q.id == "Q7"}
    assert f"sigmoid.{fault}" in named
    assert lost(report, "Q7")["Q7.dW1"] is Status.FAILED


def with_torch(text: str) -> str:
    """The plain variant with a net of PyTorch's of the same weights, its pass and its gradients."""
    head, mark, rest = text.partition("# 5. and 7.")
    torch = """
import torch
net = torch.nn.Sequential(
    torch.nn.Linear(2, 10), torch.nn.Sigmoid(), torch.nn.Linear(10, 10), torch.nn.Sigmoid(), torch.nn.Linear(10, 1)
).double()
with torch.no_grad():
    for layer, W, b in ((0, W1, b1), (2, W2, b2), (4, W3, b3)):
        net[layer].weight.copy_(torch.tensor(W))
        net[layer].bias.copy_(torch.tensor(b))
prediction = net(torch.tensor(x[0]))
torch_loss = torch.sum((prediction - y[0]) ** 2)
torch_loss.backward()
"""
    return f"{head}{torch}{mark}{rest}"


# --- what is not one's own --------------------------------------------------------------------------------------------

COPIES = {
    "attribute": "dW1, db1, dW2, db2, dW3, db3 = [p.grad.clone().numpy() for p in net.parameters()]",
    "list": "dW1, db1, dW2, db2, dW3, db3 = [np.array(getattr(p, 'gr' + 'ad').tolist()) for p in net.parameters()]",
    "autograd.grad": "dW1, db1, dW2, db2, dW3, db3 = torch.autograd.grad("
    "((net(torch.tensor(x[0])) - y[0]) ** 2).sum(), list(net.parameters()))",
    "update": """before = [p.detach().clone() for p in net.parameters()]
torch.optim.SGD(net.parameters(), lr=0.05).step()
dW1, db1, dW2, db2, dW3, db3 = [(a - p.detach()) / 0.05 for a, p in zip(before, net.parameters())]""",
    "hook": """got = {}
for name, p in net.named_parameters():
    p.register_hook(lambda g, name=name: got.__setitem__(name, g.clone()))
((net(torch.tensor(x[0])) - y[0]) ** 2).sum().backward()
dW1, db1, dW2, db2, dW3, db3 = (got[n] for n in ("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"))""",
}


@needs_torch
@pytest.mark.parametrize("way", COPIES)
def test_autograds_own_gradients_earn_nothing(way: str, bench: Bench) -> None:
    head = with_torch(PLAIN).partition("dz3 = ")[0]
    report = bench.grade("hand_in.py", head + COPIES[way])
    gradient_labels = {name: status for name, status in lost(report, "Q7").items() if name[3:] in GRADIENTS}
    assert gradient_labels == {f"Q7.{label}": Status.FAILED for label in GRADIENTS}
    faults = {label.faults[0] for q in report.questions if q.id == "Q7" for label in q.labels if label.faults}
    assert faults == {"sigmoid.copied"}
    assert any("autograd's results" in flag for flag in report.flags)


@needs_torch
def test_a_chain_that_starts_from_autograd_waits_for_a_human(bench: Bench) -> None:
    text = with_torch(PLAIN).replace("torch_loss.backward()", "prediction.retain_grad()\ntorch_loss.backward()")
    report = bench.grade("hand_in.py", text.replace("dz3 = 2 * (p - y0)", "dz3 = prediction.grad.numpy()"))
    assert {lost(report, "Q7")[f"Q7.{label}"] for label in GRADIENTS} == {Status.NEEDS_HUMAN}


@needs_torch
def test_the_same_hand_in_with_its_own_gradients_earns_them(bench: Bench) -> None:
    """Negative control of the copies: nothing but the last lines differs."""
    assert lost(bench.grade("hand_in.py", with_torch(PLAIN))).keys() == {"Q8.comparison"}


def test_finite_differences_wait_for_a_human(bench: Bench) -> None:
    numeric = """
def total(W1, b1, W2, b2, W3, b3):
    return loss_function(W3 @ sigmoid(W2 @ sigmoid(W1 @ x0 + b1) + b2) + b3, y0)

params, grads = [W1, b1, W2, b2, W3, b3], []
for p_ in params:
    g = np.zeros_like(p_)
    for i in np.ndindex(p_.shape):
        keep, eps = p_[i], 1e-5
        p_[i] = keep + eps
        up = total(*params)
        p_[i] = keep - eps
        down = total(*params)
        p_[i] = keep
        g[i] = (up - down) / (2 * eps)
    grads.append(g)
dW1, db1, dW2, db2, dW3, db3 = grads
"""
    report = bench.grade("hand_in.py", PLAIN.partition("dz3 = ")[0] + numeric)
    assert {lost(report, "Q7")[f"Q7.{label}"] for label in GRADIENTS} == {Status.NEEDS_HUMAN}


# --- odd but right ----------------------------------------------------------------------------------------------------

ODD = {
    "nested lists": PLAIN.replace("print(dW1, dW2, dW3)", "gradient_list = [dW1.tolist(), dW2.tolist(), dW3.tolist()]"),
    "a dict": PLAIN.partition("dz3 = ")[0] + """
grads = {}
d = 2 * (p - y0)
grads["W3"], grads["b3"] = np.outer(d, h2), d
d = (W3.T @ d) * h2 * (1 - h2)
grads["W2"], grads["b2"] = np.outer(d, h1), d
d = (W2.T @ d) * h1 * (1 - h1)
grads["W1"], grads["b1"] = np.outer(d, x0), d
""",
    "weights updated at once": PLAIN + """
W3 = W3 - lr * dW3; b3 = b3 - lr * db3
W2 -= lr * dW2; b2 -= lr * db2
W1 -= lr * dW1; b1 -= lr * db1
p = W3 @ sigmoid(W2 @ sigmoid(W1 @ x0 + b1) + b2) + b3
""",
    "columns": """
import numpy as np
rand = np.random.uniform
w1, w2, w3 = rand(-1, 1, (2, 10)), rand(-1, 1, (10, 10)), rand(-1, 1, (10, 1))
bias1, bias2, bias3 = rand(-1, 1, (1, 10)), rand(-1, 1, (1, 10)), rand(-1, 1, (1, 1))
data = rand(0, 1, size=(100, 2))
target = 0.5 * (data[:, [0]] ** 2 + data[:, [1]] ** 2)
learning_rate = 0.05
f = lambda t: 1 / (1 + np.exp(-t))
a0 = data[[3]]
a1 = f(a0 @ w1 + bias1)
a2 = f(a1 @ w2 + bias2)
out = a2 @ w3 + bias3
cost = (out - target[3]) ** 2
delta_out = 2 * (out - target[3])
grad_w3, grad_bias3 = a2.T @ delta_out, delta_out
delta_2 = delta_out @ w3.T * (a2 - a2 ** 2)
grad_w2, grad_bias2 = a1.T @ delta_2, delta_2
delta_1 = delta_2 @ w2.T * (a1 - a1 ** 2)
grad_w1, grad_bias1 = a0.T @ delta_1, delta_1
""",
    "main": "import numpy as np\n\ndef main():\n"
    + "\n".join(f"    {line}" for line in PLAIN.replace("import numpy as np", "").split("\n"))
    + "\nif __name__ == '__main__':\n    main()\n",
}  # fmt: skip


@pytest.mark.parametrize("style", ODD)
def test_an_odd_style_loses_nothing(style: str, bench: Bench) -> None:
    report = bench.grade("hand_in.py", ODD[style])
    assert lost(report, "Q1", "Q2", "Q3", "Q4", "Q5", "Q7") == {}


def test_functions_that_nothing_calls_are_run(bench: Bench) -> None:
    names = "x, y, W1, b1, W2, b2, W3, b3"
    functions = f"""
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def backward({names}):
    h1 = sigmoid(W1 @ x + b1)
    h2 = sigmoid(W2 @ h1 + b2)
    p = W3 @ h2 + b3
    d3 = 2 * (p - y)
    dW3, db3 = np.outer(d3, h2), d3
    d2 = (W3.T @ d3) * h2 * (1 - h2)
    dW2, db2 = np.outer(d2, h1), d2
    d1 = (W2.T @ d2) * h1 * (1 - h1)
    dW1, db1 = np.outer(d1, x), d1
    return dW1, db1, dW2, db2, dW3, db3
"""
    report = bench.grade("hand_in.py", functions)
    assert lost(report, "Q7") == {}
    assert any("nothing in the hand-in calls this" in flag for flag in report.flags)
    wrong = bench.grade("hand_in.py", functions.replace("d3 = 2 * (p - y)", "d3 = p - y"))
    assert {label.faults[0] for q in wrong.questions if q.id == "Q7" for label in q.labels if label.faults} == {
        "sigmoid.no-factor-two"
    }


def test_a_loop_without_end_costs_only_what_is_in_it(bench: Bench) -> None:
    report = bench.grade("hand_in.py", "while True:\n    training = 1\n" + PLAIN)
    assert lost(report, "Q1", "Q2", "Q3", "Q4", "Q5", "Q7") == {}


def test_a_missing_library_costs_nothing(bench: Bench) -> None:
    report = bench.grade("hand_in.py", "import no_such_library, seaborn\n" + PLAIN)
    assert lost(report, "Q1", "Q2", "Q3", "Q4", "Q5", "Q7") == {}


@needs_torch
@pytest.mark.parametrize(
    "weights",
    [
        "W1, W2, W3 = W1 - 0.1, W2 - 0.1, W3 - 0.1",
        "W1, W2, W3 = rng.random((10, 2)), rng.random((10, 10)), rng.random((1, 10))",
    ],
)
def test_gradients_at_other_weights_are_right_there(weights: str, bench: Bench) -> None:
    """From scratch at weights that have been updated, or were drawn anew: right formulas; the comparison must wait."""
    text = with_torch(PLAIN).replace("# 5. and 7.", f"{weights}\n# 5. and 7.")
    compared = "print(np.abs(dW1 - net[0].weight.grad.numpy()).max())"
    assert lost(bench.grade("hand_in.py", f"{text}\n{compared}")) == {"Q8.comparison": Status.NEEDS_HUMAN}
    assert lost(bench.grade("hand_in.py", f"{with_torch(PLAIN)}\n{compared}")) == {}


def test_unseeded_numbers_are_the_same_in_every_run(bench: Bench) -> None:
    wrong = PLAIN.replace("default_rng(7)", "default_rng()").replace("dz3 = 2 * (p - y0)", "dz3 = p - y0")
    first, again = bench.grade("hand_in.py", wrong), bench.grade("hand_in.py", wrong)
    said, said_again = (
        [(label.earned, label.message) for q in report.questions for label in q.labels] for report in (first, again)
    )
    assert said == said_again and any("came to" in message for _, message in said)


def test_a_follow_through_of_half_the_loss(bench: Bench) -> None:
    """½ (p - y)² costs step 4; p - y is its right derivative."""
    edits = (
        ("return np.sum((p - y) ** 2)", "return 0.5 * np.sum((p - y) ** 2)"),
        ("dz3 = 2 * (p - y0)", "dz3 = p - y0"),
    )
    assert lost(bench.grade("hand_in.py", edited(PLAIN, edits)), "Q4", "Q7").keys() == {"Q4.loss"}


@needs_torch
def test_gradients_that_pile_up_are_named(bench: Bench) -> None:
    """A backward pass of other samples before, and no zero_grad() between."""
    text = with_torch(PLAIN)
    other = "((net(torch.tensor(x[7:9])) - 1) ** 2).sum().backward()\n"
    for between, status in (("", Status.FAILED), ("net.zero_grad()\n", None)):
        report = bench.grade("hand_in.py", text.replace("prediction = net", f"{other}{between}prediction = net"))
        assert lost(report, "Q6").get("Q6.autograd") is status


def test_without_pytorch_a_human_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.bench.torch_available", lambda: False)
    with closing(Bench(homework)) as bench:
        report = bench.grade("hand_in.py", with_torch(PLAIN))
    assert (report.score, report.pending, report.status) == (0.0, 14.0, Overall.PROVISIONAL)


# --- reports ----------------------------------------------------------------------------------------------------------

REPORT = """
1. The network
Sequential(
(0): Linear(in_features=2, out_features=10, bias=True)
(1): Sigmoid()
(2): Linear(in_features=10, out_features=10, bias=True)
(3): Sigmoid()
(4): Linear(in_features=10, out_features=1, bias=True)
)
2. Data: `x = torch.rand(100, 2)`
3. Labels: x[0] = tensor([0.9861, 0.6680]), y[0] = tensor(0.7093)
4. Loss: `def L(p, y): return torch.sum((p - y)**2)`
5. learning rate 0.05. prediction = 0.5481, Loss = 0.02599
6. Gradients: [[0.1, 0.2]]
7. From scratch: see the photographs of my derivation.
8. loss deviation = 0.0, gradient deviation = 0.00001
"""


def test_a_consistent_report_keeps_what_can_be_checked() -> None:
    found = judge_report(REPORT, False)
    kinds = {label: mark.kind for label, mark in found.marks.items() if not label.startswith("Q7")}
    assert kinds == {
        "Q1.net": "right", "Q2.data": "right", "Q3.labels": "right", "Q4.loss": "right", "Q5.pass": "right",
        "Q5.rate": "right", "Q6.autograd": "unclear", "Q8.comparison": "right",
    }  # fmt: skip
    assert {mark.kind for label, mark in found.marks.items() if label.startswith("Q7")} == {"unclear"}
    assert found.flags == ()


@pytest.mark.parametrize(
    ("old", "new", "label", "kind"),
    [
        ("tensor(0.7093)", "tensor(1.4186)", "Q3.labels", "wrong"),
        ("tensor(0.7093)", "tensor(0.3333)", "Q3.labels", "unclear"),
        ("Loss = 0.02599", "Loss = 0.68349", "Q5.pass", "unclear"),
        ("6. Gradients", "Loss = 0.68349\n6. Gradients", "Q5.pass", "unclear"),
        ("deviation = 0.00001", "deviation = 0.4", "Q8.comparison", "unclear"),
    ],
)
def test_a_contradiction_is_seen(old: str, new: str, label: str, kind: str) -> None:
    assert judge_report(REPORT.replace(old, new), False).marks[label].kind == kind


def test_two_losses_for_one_pass_are_flagged() -> None:
    flags = judge_report(REPORT.replace("6. Gradients", "Loss = 0.68349\n6. Gradients"), False).flags
    assert flags and "two different losses" in flags[0]


@pytest.mark.parametrize("junk", ["[" * 5000, "1. " * 2000, "x[0] = (" * 500, "loss = " + "9" * 4000, "\x00\ud800"])
def test_junk_is_read_without_an_error(junk: str) -> None:
    assert all(mark.kind != "right" for mark in judge_report(junk, False).marks.values())


# --- small parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "layer"),
    [("dW1", "W", 1), ("grad_b2", "b", 2), ("dL_dW3", "W", 3), ("self.dw2", "W", 2), ("grads['db1']", "b", 1),
     ("delta3", "z", 3), ("output_bias_grad", "b", 3), ("d_input_weight", "W", 1)],
)  # fmt: skip
def test_names_of_gradients(name: str, kind: str, layer: int) -> None:
    said = meaning(name)
    assert said is not None
    assert (said.kind, layer_of(name, [name])) == (kind, layer)


@pytest.mark.parametrize("name", ["W1", "b2", "x", "data", "prediction", "loss", "h1", "net.0.weight"])
def test_names_of_other_things(name: str) -> None:
    assert meaning(name) is None


def test_evenness_tells_uniform_from_normal() -> None:
    rng = np.random.default_rng(0)
    uniform = [uneven(rng.uniform(-1, 3, 100)) for _ in range(200)]
    normal = [uneven(rng.normal(size=100)) for _ in range(200)]
    assert np.mean(np.array(uniform) < 1.63) > 0.96
    assert np.mean(np.array(normal) < 1.63) < 0.5
