"""Trajectories and whole trainings by themselves: exact fractions and PyTorch say what the courses must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.training import CALLS, LOSSES, Departure, Layer, Net, departure, hot, losses, record_net
from grader.whole_training import LABEL, LOOP, Terms, read_whole, record_whole
from grader.worker.interpreter import execute
from grader.worker.program import Outcome, Run, StepError
from reference_solutions.layers import Linear, MSELoss, ReLU, SimpleNN

CLASSES: Mapping[str, Any] = {"Linear": Linear, "ReLU": ReLU, "MSELoss": MSELoss, "SimpleNN": SimpleNN}
POINTS = [(Fraction(1), Fraction(2)), (Fraction(-3), Fraction(1)), (Fraction(1, 2), Fraction(-1))]


def line(lr: float, steps: int) -> Net:
    """One weight and one bias on three points."""
    X, y = (np.array([[float(point[i])] for point in POINTS]) for i in (0, 1))
    return Net(
        "line", (Layer("Linear", (1, 1), np.array([[0.5]]), np.array([[0.25]])),), "MSELoss", lr, X, y, steps=steps
    )


def two_layers() -> Net:
    rng = np.random.default_rng(1)
    layers = (Layer("Linear", (2, 5), *hot(rng, 2, 5)), Layer("ReLU"), Layer("Linear", (5, 1), *hot(rng, 5, 1)))
    return Net("two layers", layers, "MSELoss", 0.1, rng.uniform(-1, 1, (4, 2)), rng.uniform(-1, 1, (4, 1)))


def run(net: Net, **classes: Any) -> Run:
    return execute(record_net(net), {**CLASSES, **classes})


def test_the_course_of_a_line_is_that_of_exact_fractions() -> None:
    W, b, lr = Fraction(1, 2), Fraction(1, 4), Fraction(1, 16)
    want = []
    for _ in range(8):
        errors = [W * x + b - y for x, y in POINTS]
        want.append(sum(e * e for e in errors) / 3)
        W, b = (
            W - lr * 2 * sum(e * x for e, (x, _) in zip(errors, POINTS, strict=True)) / 3,
            b - lr * 2 * sum(errors) / 3,
        )
    came = run(line(1 / 16, 8))
    assert losses(came) == tuple(float(f"{float(loss):.6g}") for loss in want)
    assert came.outcomes["W of layer 1"].value == pytest.approx(float(W), rel=1e-12)
    assert came.outcomes["b of layer 1"].value == pytest.approx(float(b), rel=1e-12)


def test_the_course_of_two_layers_is_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    net = two_layers()
    W1, b1, W2, b2 = (
        torch.tensor(p, requires_grad=True) for one in (net.layers[0], net.layers[2]) for p in (one.W, one.b)
    )
    X, y = torch.tensor(net.X), torch.tensor(net.y)
    want = []
    for _ in range(net.steps):
        loss = (((X @ W1 + b1).relu() @ W2 + b2 - y) ** 2).mean()
        want.append(loss.item())
        gradients = torch.autograd.grad(loss, (W1, b1, W2, b2))
        with torch.no_grad():
            for parameter, gradient in zip((W1, b1, W2, b2), gradients, strict=True):
                parameter -= net.lr * gradient
    came = run(net)
    got = came.outcomes[LOSSES].value
    assert got is not None and len(got) == 50
    np.testing.assert_allclose(got, want, rtol=1e-9)
    assert came.outcomes["W of layer 3"].value == pytest.approx(W2.detach().numpy(), rel=1e-9)


def test_the_injected_start_is_not_changed_by_training() -> None:
    net = two_layers()
    before = [layer.W.copy() for layer in net.layers if layer.W is not None]
    first, second = run(net), run(net)
    assert departure(first, second) is None
    assert all(np.array_equal(a, b.W) for a, b in zip(before, [net.layers[0], net.layers[2]], strict=True))  # type: ignore[arg-type]


# -- departures


def course(values: Any, W: Any = 1.0, error: StepError | None = None) -> Run:
    labels = {LOSSES: Outcome(np.asarray(values, float)), "W of layer 1": Outcome(np.atleast_2d(W))}
    return Run({CALLS: Outcome(refused="list", error=error), **labels})


WANT = course([4.0, 2.0, 1.0])


def test_where_a_course_departs_is_named() -> None:
    assert departure(course([4.0, 2.0 + 1e-5, 1.0]), WANT) is None
    second = departure(course([4.0, 2.1, 1.5]), WANT)
    assert second is not None and (second.step, second.got, second.want) == (2, 2.1, 2.0)
    assert second.words() == "the loss of step 2 is 2.1 where the reference has 2"
    last = departure(course([4.0, 2.0, 1.0], W=1.01), WANT)
    assert last is not None and (last.what, last.step) == ("W of layer 1", None)
    assert last.words() == "the losses agree, but W of layer 1 ends elsewhere"


def test_what_is_no_number_departs() -> None:
    nan = departure(course([4.0, float("nan"), 1.0]), WANT)
    assert nan is not None and nan.step == 2
    short = departure(course([4.0, 2.0]), WANT)
    assert short is not None and short.refused == "an array of shape (2,)"
    nothing = departure(Run({}), WANT)
    assert nothing is not None and nothing.words() == "losses came back as nothing"


def test_a_loss_of_any_one_entry_shape_counts() -> None:
    assert departure(course([[[4.0]], [[2.0]], [[1.0]]]), WANT) is None


def test_an_error_on_the_way_is_told_though_a_loss_is_left_over() -> None:
    stopped = StepError("backward", "ValueError", "shapes (2,1) and (3,1)", "hw.py", 7)
    found = departure(course([1e5, 1e5, 1e5], error=stopped), WANT)
    assert found is not None
    assert found.words() == "it stops in `backward` with ValueError: shapes (2,1) and (3,1) (hw.py, line 7)"

    class Stops(Linear):
        def backward(self, *_: Any, **__: Any) -> Any:
            raise KeyError("W")

    real = departure(run(two_layers(), Linear=Stops), run(two_layers()))
    assert real is not None and real.error is not None and real.error.type == "KeyError"


def test_losses_end_at_the_first_that_is_no_number() -> None:
    assert losses(course([4.0, 2.0, float("inf"), 1.0])) == (4.0, 2.0)
    assert losses(course([float("nan")])) == losses(None) == losses(Run({})) == ()


def test_shared_activations_are_one_object() -> None:
    class Remembers(ReLU):
        def forward(self, X: Any) -> Any:
            self.mask = X > 0
            return X * self.mask

        def backward(self, X: Any, dY: Any) -> Any:
            return dY * self.mask

    rng = np.random.default_rng(3)
    deep = tuple(layer for n in (2, 4, 4) for layer in (Layer("Linear", (n, 4), *hot(rng, n, 4)), Layer("ReLU")))
    X, y = rng.uniform(-1, 1, (4, 2)), rng.uniform(-1, 1, (4, 1))
    net = Net("deep", (*deep, Layer("Linear", (4, 1), *hot(rng, 4, 1))), "MSELoss", 0.1, X, y)
    apart, together = run(net, ReLU=Remembers), run(replace(net, shared=True), ReLU=Remembers)
    assert departure(apart, run(net)) is None
    assert departure(together, run(net)) is not None
    assert departure(run(replace(net, shared=True)), run(net)) is None


# -- whole trainings


def whole(net: Net, terms: Terms, **classes: Any) -> Any:
    namespace: dict[str, Any] = {}
    exec(compile(LOOP.source, LOOP.name, "exec"), namespace)
    return read_whole(execute(record_whole(net, terms), {**namespace, **CLASSES, **classes}))


def point(lr: float = 1 / 16) -> Net:
    """One sample x = 1, y = 0: the error w + b shrinks by 1 - 4 lr with every update."""
    start = Layer("Linear", (1, 1), np.array([[1.0]]), np.array([[1.0]]))
    return Net("point", (start,), "MSELoss", lr, np.array([[1.0]]), np.array([[0.0]]))


def test_a_whole_training_ends_at_its_threshold() -> None:
    threshold = Fraction(1, 1000)
    seen: list[Fraction] = []
    error = Fraction(2)
    while not seen or seen[-1] > threshold:
        seen.append(error**2)
        error *= Fraction(3, 4)
    came = whole(point(), Terms(1000, float(threshold), 10.0, every=5))
    assert (came.finished, came.updates) == (True, len(seen))
    assert came.loss == pytest.approx(float(seen[-1]), rel=1e-12)
    assert came.curve == pytest.approx([float(loss) for loss in seen[::5]], rel=1e-12)


def test_a_whole_training_ends_after_its_updates_or_its_time() -> None:
    assert (whole(point(), Terms(3, 0.0, 10.0)).updates, whole(point(), Terms(3, 0.0, 10.0)).finished) == (3, True)
    late = whole(point(), Terms(10**9, 0.0, -1.0))
    assert not late.finished and late.updates == 0


def test_a_whole_training_draws_the_start_from_its_seed() -> None:
    net = replace(two_layers(), layers=(Layer("Linear", (2, 5)), Layer("ReLU"), Layer("Linear", (5, 1))))
    one, same, other = (whole(net, Terms(20, 0.0, 10.0, seed=seed)).loss for seed in (4, 4, 5))
    assert one == same != other


def test_a_whole_training_that_stops_or_returns_nonsense_is_told() -> None:
    class Stops(Linear):
        def forward(self, X: Any) -> Any:
            raise ValueError("no")

    assert whole(point(), Terms(3, 0.0, 10.0), Linear=Stops).error.type == "ValueError"
    assert read_whole(Run({LABEL: Outcome(refused="text")})) is None
    assert read_whole(Run({LABEL: Outcome(np.array([1.0, np.nan, 0.0]))})) is None


def test_words_without_a_step() -> None:
    assert Departure("the training", refused="nothing").words() == "the training came back as nothing"
