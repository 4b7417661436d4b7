"""Sheet 001 in styles that hide values: packed, in updates alone, in other files; and ways to come by them unearned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from grader.bench import Bench
from grader.client import torch_available
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.model import LabelReport, Status, SubmissionReport
from grader.worker.request import Limits
from reference_solutions.sigmoid_from_scratch import Net, gradients, labels, random_net
from rubrics.sigmoid_from_scratch import homework, running
from rubrics.sigmoid_from_scratch.claims import VARIANTS, edited
from rubrics.sigmoid_from_scratch.derived import parts, updates
from rubrics.sigmoid_from_scratch.doubts import one_moved
from rubrics.sigmoid_from_scratch.libraries import assert_close, expit
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.trace import Trace, Value

needs_torch = pytest.mark.skipif(not torch_available(), reason="PyTorch is not installed")
PLAIN = (VARIANTS / "plain.py").read_text(encoding="utf-8")
ALL = {f"Q7.{label}" for label in GRADIENTS}
WAITS = dict.fromkeys(ALL, Status.NEEDS_HUMAN)

TORCH = """
import torch, numpy as np
torch.manual_seed(4)
net = torch.nn.Sequential(
    torch.nn.Linear(2, 10), torch.nn.Sigmoid(), torch.nn.Linear(10, 10), torch.nn.Sigmoid(), torch.nn.Linear(10, 1)
)
x = torch.rand(100, 2)
y = (x[:, 0] ** 2 + x[:, 1] ** 2) / 2
def L(predict, y):
    return torch.sum((predict - y) ** 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
optimizer.zero_grad()
prediction = net(x[0])
loss = L(prediction, y[0])
loss.backward()
"""
OWN = """
W1, b1, W2, b2, W3, b3 = [p.detach().numpy().copy() for p in net.parameters()]
s = lambda z: 1 / (1 + np.exp(-z))
h1 = s(W1 @ x[0].numpy() + b1); h2 = s(W2 @ h1 + b2); p = W3 @ h2 + b3
print(np.sum((p - y[0].numpy()) ** 2))
t = 2 * (p - y[0].numpy())
r = W3.T @ t * h2 * (1 - h2)
q = W2.T @ r * h1 * (1 - h1)
"""
LISTED = "answers = [np.outer(q, x[0]), q, np.outer(r, h1), r, np.outer(t, h2), t]\n"
COMPARED = "for mine, its in zip(answers, net.parameters()):\n    print(np.abs(mine - its.grad.numpy()).max())\n"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with closing(Bench(homework)) as bench:
        yield bench


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LIMITS", Limits(seconds=90.0))


def lost(report: SubmissionReport, *questions: str) -> dict[str, Status]:
    return {
        f"{q.id}.{label.label}": label.status
        for q in report.questions
        for label in q.labels
        if label.status is not Status.PASSED and (not questions or q.id in questions)
    }


def label(report: SubmissionReport, question: str, name: str) -> LabelReport:
    return next(one for q in report.questions if q.id == question for one in q.labels if one.label == name)


# --- right in styles that hide it -------------------------------------------------------------------------------------


@needs_torch
def test_a_bias_of_one_number_counts_beside_the_other_gradients(bench: Bench) -> None:
    assert lost(bench.grade("hand_in.py", TORCH + OWN + LISTED + COMPARED)) == {}
    wrong = bench.grade("hand_in.py", TORCH + OWN.replace("t = 2 *", "t =") + LISTED + COMPARED)
    assert set(lost(wrong, "Q7")) == ALL


@needs_torch
@pytest.mark.parametrize(("sign", "left"), [("-", set()), ("+", {"Q7.dW1", "Q7.dW2", "Q7.dW3"})])
def test_gradients_that_stand_in_updates_alone(sign: str, left: set[str], bench: Bench) -> None:
    """float32, after the optimiser has taken its own step; the other sign is another update."""
    update = f"""
W3 {sign}= 0.05 * np.outer(t, h2); b3 {sign}= 0.05 * t
W2 {sign}= 0.05 * np.outer(r, h1); b2 {sign}= 0.05 * r
W1 {sign}= 0.05 * np.outer(q, x[0]); b1 {sign}= 0.05 * q
optimizer.step()
for mine, its in zip((W1, b1, W2, b2, W3, b3), net.parameters()):
    print(np.abs(mine - its.detach().numpy()).max())
"""
    report = bench.grade("hand_in.py", TORCH + OWN + update)
    assert set(lost(report, "Q7")) == left
    assert ("Q8.comparison" in lost(report)) is bool(left)


@needs_torch
def test_the_optimisers_own_step_is_nobodys_gradient(bench: Bench) -> None:
    shared = "W1, b1, W2, b2, W3, b3 = [p.data.numpy() for p in net.parameters()]\noptimizer.step()\n"
    report = bench.grade("hand_in.py", TORCH + shared)
    assert set(lost(report, "Q7")) == {*ALL, "Q7.forward"} and report.score <= 8.0


@pytest.mark.parametrize(
    ("variant", "edits", "wrong"),
    [
        ("any_names", (("* o[k] * (1 - o[k])", ""),), {"Q7.dW1", "Q7.db1", "Q7.dW2", "Q7.db2"}),
        ("biases_joined", (("np.outer(d1, x)", "np.outer(d2, x)"),), {"Q7.dW1", "Q7.db1"}),
        ("updates_alone", (("out = 2 * (p - y)", "out = p - y"),), ALL),
        ("units_one_by_one", (("e * n.o * (1 - n.o)", "e * n.o"),), {"Q7.dW1", "Q7.db1", "Q7.dW2", "Q7.db2"}),
    ],
)
def test_a_slip_in_a_style_that_hides_it(
    variant: str, edits: tuple[tuple[str, str], ...], wrong: set[str], bench: Bench
) -> None:
    """The variants are right, which their claims show; one slip in each costs what it spoils."""
    text = (VARIANTS / f"{variant}.py").read_text(encoding="utf-8")
    assert set(lost(bench.grade("hand_in.py", edited(text, edits)), "Q7")) == wrong


def test_parts_and_updates_give_the_gradients_back() -> None:
    """Against arrays that are packed, and stepped, here."""
    rng = np.random.default_rng(2)
    net = random_net(rng)
    g = gradients(net, rng.uniform(0, 1, (1, 2)), np.array([0.3]))

    def value(path: str, array: np.ndarray, at: int = 0) -> Value:
        return Value(path, array, "array", "", 1, 1, at)

    joined = [value(f"G{k}", np.column_stack([w, b])) for k, (w, b) in enumerate(zip(g.weights, g.biases, strict=True))]
    flat = value(
        "theta", np.concatenate([part.ravel() for pair in zip(g.weights, g.biases, strict=True) for part in pair])
    )
    for packed in (joined, [flat]):
        found = [part.array for part in parts(packed, net)]
        for want in (*g.weights, *g.biases):
            assert any(one.shape == want.shape and np.array_equal(one, want) for one in found)
    assert not list(parts([value("other", np.zeros((7, 4)))], net))

    before, after = value("W", net.weights[1]), value("W", net.weights[1] - 0.05 * g.weights[1], 1)
    steps = list(updates(Trace(values=[before, after]), net, [0.05]))
    assert len(steps) == 1 and np.allclose(steps[0].array, g.weights[1], rtol=1e-6, atol=1e-12)
    other = value("W", net.weights[1] + 1), value("W", net.weights[1], 1)
    assert not list(updates(Trace(values=list(other)), net, [0.05]))


# --- other files, libraries that are not there ------------------------------------------------------------------------

MODULE = """
import numpy as np
import seaborn
def backprop(x, y, W, b):
    a = [x]
    for k in range(3):
        z = W[k] @ a[-1] + b[k]
        a.append(z if k == 2 else 1 / (1 + np.exp(-z)))
    d, dW, db = 2 * (a[-1] - y), [0, 0, 0], [0, 0, 0]
    for k in (2, 1, 0):
        dW[k], db[k] = np.outer(d, a[k]), d
        d = W[k].T @ d * a[k] * (1 - a[k])
    return a[-1], dW, db
if __name__ == "__main__":
    raise SystemExit
"""
MAIN = """
from backprop import backprop
W = [net[k].weight.detach().numpy() for k in (0, 2, 4)]
b = [net[k].bias.detach().numpy() for k in (0, 2, 4)]
p, dW, db = backprop(x[0].numpy(), y[0].numpy(), W, b)
for k in range(3):
    print(np.abs(dW[k] - net[2 * k].weight.grad.numpy()).max(), np.abs(db[k] - net[2 * k].bias.grad.numpy()).max())
"""
STOLEN = """
import torch
def backprop(x, y, W, b):
    P = [torch.tensor(part, requires_grad=True) for part in (*W, *b)]
    a = torch.tensor(x)
    for k in range(3):
        a = P[k] @ a + P[3 + k]
        a = a if k == 2 else torch.sigmoid(a)
    g = [one.numpy() for one in torch.autograd.grad(((a - float(y)) ** 2).sum(), P)]
    return a, g[:3], g[3:]
"""


@needs_torch
@pytest.mark.parametrize(("module", "left"), [(MODULE, set()), (STOLEN, ALL)])
def test_a_module_beside_the_judged_file(module: str, left: set[str], tmp_path: Path, bench: Bench) -> None:
    """What stands in another file is run where it is imported, and is no hiding place for automatic differentiation."""
    (tmp_path / "main.py").write_text(TORCH + MAIN, encoding="utf-8")
    (tmp_path / "backprop.py").write_text(module, encoding="utf-8")
    report = grade_submission(submission_at(tmp_path), bench.course, bench.runner)
    assert set(lost(report, "Q7")) & ALL == left
    assert ("Q8.comparison" in lost(report)) is bool(left)


def test_stand_ins_of_libraries() -> None:
    z = np.array([-800.0, -2.0, 0.0, 3.0])
    assert np.allclose(expit(z), [0, 1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-3))], rtol=1e-12)
    assert_close([1.0, 2.0], [1.0, 2.0 + 1e-9])
    for other in ([1.0, 2.001], [1.0], [1.0, [2.0]]):
        with pytest.raises(AssertionError):
            assert_close([1.0, 2.0], other)


def testexpit_is_there(bench: Bench) -> None:
    text = PLAIN.replace("import numpy as np", "import numpy as np\nfrom scipy.special import expit", 1)
    assert "Q7.forward" not in lost(
        bench.grade("hand_in.py", text + "\nown = expit(z1)\nassert abs(own - h1).max() < 1e-9\n")
    )


# --- not earned -------------------------------------------------------------------------------------------------------


def test_typed_gradients_wait(bench: Bench) -> None:
    held: dict[str, np.ndarray] = {}
    exec(PLAIN, held)  # our own variant
    typed = "".join(f"{name} = np.array({held[name].round(7).tolist()})\n" for name in GRADIENTS)
    report = bench.grade("hand_in.py", PLAIN.partition("dz3 = ")[0] + typed)
    assert {k: v for k, v in lost(report, "Q7").items() if k in ALL} == WAITS
    other = typed.replace("[[", "[[9", 1)
    assert lost(bench.grade("hand_in.py", PLAIN.partition("dz3 = ")[0] + other), "Q7")["Q7.dW1"] is Status.FAILED


DIFFERENCES = """
numbers = [W1, b1, W2, b2, W3, b3]
found = []
for P in numbers:
    G = np.zeros_like(P)
    for i in np.ndindex(P.shape):
        o = P[i]
        P[i] = o + 1e-5
        up = loss_function(W3 @ sigmoid(W2 @ sigmoid(W1 @ x0 + b1) + b2) + b3, y0)
        P[i] = o - 1e-5
        G[i] = (up - loss_function(W3 @ sigmoid(W2 @ sigmoid(W1 @ x0 + b1) + b2) + b3, y0)) / 2e-5
        P[i] = o
    found.append(G)
"""


def test_differences_by_a_step_without_a_name_wait(bench: Bench) -> None:
    alone = PLAIN.partition("dz3 = ")[0] + DIFFERENCES + "dW1, db1, dW2, db2, dW3, db3 = found\n"
    assert {k: v for k, v in lost(bench.grade("hand_in.py", alone), "Q7").items() if k in ALL} == WAITS
    assert lost(bench.grade("hand_in.py", PLAIN + DIFFERENCES), "Q7") == {}


def test_one_parameter_that_is_moved_alone() -> None:
    net = random_net(np.random.default_rng(5))
    moved, all_moved = net.weights[1].copy(), net.weights[1] + 1e-3
    moved[3, 4] += 1e-4
    for array, told in ((moved, True), (moved.T, True), (all_moved, False), (net.weights[1], False)):
        assert one_moved(Trace(values=[Value("W", array, "array", "", 1, 1, 0)]), net) is told
    blank = Net(net.weights, (np.zeros(10), *net.biases[1:]))
    filled = np.eye(10)[0] * 1e-3  # an array that is filled entry by entry is no moved parameter
    assert not one_moved(Trace(values=[Value("db", filled, "array", "", 1, 1, 0)]), blank)


RULES = """
class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, W, b):
        ctx.save_for_backward(x, W)
        return W @ x + b
    @staticmethod
    def backward(ctx, g):
        x, W = ctx.saved_tensors
        return W.t() @ g, torch.outer(g, x), g
P = [p.detach().clone().requires_grad_() for p in net.parameters()]
h = torch.sigmoid(Linear.apply(x[0], P[0], P[1]))
L(Linear.apply(torch.sigmoid(Linear.apply(h, P[2], P[3])), P[4], P[5]), y[0]).backward()
dW1, db1, dW2, db2, dW3, db3 = [p.grad.numpy() for p in P]
"""


@needs_torch
def test_backward_rules_of_ones_own_wait(bench: Bench) -> None:
    assert {k: v for k, v in lost(bench.grade("hand_in.py", TORCH + RULES), "Q7").items() if k in ALL} == WAITS


@needs_torch
def test_what_is_compared_with_itself_earns_nothing(bench: Bench) -> None:
    same = "g1, g2, g3 = [net[k].weight.grad.numpy() for k in (0, 2, 4)]\nprint(np.allclose(g1, net[0].weight.grad))\n"
    assert lost(bench.grade("hand_in.py", TORCH + same))["Q8.comparison"] is Status.FAILED


@needs_torch
def test_a_second_backward_pass_of_the_same_sample_waits(bench: Bench) -> None:
    twice = TORCH.replace("loss.backward()", "loss.backward(retain_graph=True)\nloss.backward()")
    assert lost(bench.grade("hand_in.py", twice), "Q6") == {"Q6.autograd": Status.NEEDS_HUMAN}
    cleared = twice.replace(")\nloss.backward()", ")\noptimizer.zero_grad()\nloss.backward()")
    assert lost(bench.grade("hand_in.py", cleared), "Q6") == {}


@needs_torch
def test_the_loss_that_was_differentiated_counts(bench: Bench) -> None:
    """Half the loss in the function, the whole of it printed: step 4 is wrong, gradients of that loss are right."""
    half = TORCH.replace("return torch.sum", "return 0.5 * torch.sum") + OWN.replace("t = 2 *", "t =") + LISTED
    assert lost(bench.grade("hand_in.py", half + COMPARED)) == {"Q4.loss": Status.FAILED}


# --- what is not found ------------------------------------------------------------------------------------------------


@needs_torch
def test_a_net_without_biases_waits(bench: Bench) -> None:
    without = TORCH.replace("10)", "10, bias=False)").replace("Linear(10, 1)", "Linear(10, 1, bias=False)")
    own = (
        OWN.replace("W1, b1, W2, b2, W3, b3", "W1, W2, W3")
        .replace(" + b1", "")
        .replace(" + b2", "")
        .replace(" + b3", "")
    )
    report = bench.grade(
        "hand_in.py", without + own + "dW1, dW2, dW3 = np.outer(q, x[0]), np.outer(r, h1), np.outer(t, h2)"
    )
    waiting = lost(report, "Q1", "Q7")
    assert {"Q1.net", "Q7.db3"} <= set(waiting) and set(waiting.values()) == {Status.NEEDS_HUMAN}


def test_a_net_that_is_not_found_waits(bench: Bench) -> None:
    """Values that the recorder cannot see: nothing is charged where the chain rule stands in the code."""
    hidden = "def run():\n" + "".join(f"    {line}\n" for line in PLAIN.split("\n")) + "\n"
    unseen = "exec(" + repr(PLAIN) + ", {})\n"
    assert lost(bench.grade("hand_in.py", hidden + "run()\n"), "Q1", "Q5", "Q7") == {}
    report = bench.grade("hand_in.py", f"# h2 * (1 - h2)\nimport numpy as np\nx = np.random.rand(100, 2)\n{unseen}")
    assert set(lost(report, "Q7").values()) == {Status.NEEDS_HUMAN}


def test_a_rate_in_a_function(bench: Bench) -> None:
    assert "Q5.rate" not in lost(bench.grade("hand_in.py", PLAIN.replace("lr = 0.05", "step = 5e-2")))
    assert "Q5.rate" in lost(bench.grade("hand_in.py", PLAIN.replace("lr = 0.05", "step = 5e-3")))


# --- what a student is shown ------------------------------------------------------------------------------------------


def test_a_wrong_gradient_stands_beside_the_right_one(bench: Bench) -> None:
    """In the layout of the student's own weights, for the student's own numbers: (inputs, outputs) here."""
    turned = (VARIANTS / "any_names.py").read_text(encoding="utf-8")
    report = bench.grade("hand_in.py", edited(turned, (("e = 2 * (o[3] - goal[:1])", "e = o[3] - goal[:1]"),)))
    held: dict[str, list[np.ndarray]] = {}
    exec(turned, held)  # our own variant, before the slip
    start = np.random.RandomState(8)
    net = Net(
        tuple(start.uniform(-1, 1, shape).T for shape in ((2, 10), (10, 10), (10, 1))),
        tuple(start.uniform(-1, 1, width) for width in (10, 10, 1)),
    )
    point = held["data"][:1]
    right = gradients(net, point, labels(point))
    for layer in (1, 2):
        example = label(report, "Q7", f"dW{layer}").example
        assert example is not None and np.shape(example.want) == np.shape(example.got)
        assert np.allclose(example.want, right.weights[layer - 1].T, rtol=1e-4, atol=1e-12)
        assert np.allclose(2 * np.asarray(example.got), example.want, rtol=1e-4)
    assert label(report, "Q4", "loss").example is None
