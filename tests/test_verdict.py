"""Verdicts and diagnosis on a layer whose right answers are known by heart: scale by w, learn w."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.diagnose import explain, relation
from grader.judges.code import judge
from grader.model import Status
from grader.prepared import Prepared, prepare, run_class
from grader.rubric import Case, CodeQuestion, Faults, Homework, RubricError


class Scale:
    """Y = X w, dX = dY w; w is learned."""

    def __init__(self) -> None:
        self.w = np.ones((1, 1))

    def forward(self, X: np.ndarray) -> np.ndarray:
        return X * self.w

    def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
        dX = dY * self.w
        self.w = self.w - lr * (X * dY).sum()
        return dX


faults = Faults("scale")


@faults.add("late-dX", labels=["dX"], words="w was updated first.", hint="Mind the order.")
class LateDX(Scale):
    """Update before dX."""

    def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
        super().backward(X, dY, lr)
        return dY * self.w


@faults.add("no-update", labels=["w"], words="w is never updated.", hint="Where does lr go?")
class NoUpdate(Scale):
    """Forgotten update."""

    def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
        return dY * self.w


def cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name: str, m: int, n: int, **more: Any) -> Case:
        inputs = {"X": rng.normal(size=(m, n)), "dY": rng.normal(size=(m, n)), "w": rng.normal(size=(1, 1)), "lr": 0.7}
        return Case(name, inputs, **more)

    yield Case("tiny", {"X": np.ones((1, 2)), "dY": np.ones((1, 2)), "w": np.array([[2.0]]), "lr": 0.5}, public=True)
    yield case("square", 3, 3, square=True)
    yield case("ragged", 2, 5)
    yield Case(
        "zero", {"X": np.zeros((1, 1)), "dY": np.ones((1, 1)), "w": np.array([[3.0]]), "lr": 1.0}, costs={"dX": 0.1}
    )
    yield Case(
        "huge", {"X": np.full((1, 1), 1e9), "dY": np.ones((1, 1)), "w": np.array([[3.0]]), "lr": 1.0}, advice="mind"
    )


def probe(layer: Any, case: Case) -> Iterator[tuple[str, Any]]:
    """Scale"""
    scale = layer()
    scale.w = case.w
    yield "Y", scale.forward(case.X)
    yield "dX", scale.backward(case.X, case.dY, case.lr)
    yield "w", scale.w


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    homework = Homework("demo", "Demo", sheet=None, sources=())  # type: ignore[arg-type]
    homework.question(
        "Q1",
        points=3,
        entry="Scale",
        reference=Scale,
        marks={"Y": 1, "dX": 1, "w": 1},
        cases=cases,
        faults=faults,
        method_of={"Y": "forward", "dX": "backward", "w": "backward"},
    )(probe)
    question = homework.questions[0]
    assert isinstance(question, CodeQuestion)
    return prepare(question, seed=3)


def statuses(prepared: Prepared, make: type) -> dict[str, str]:
    return {label: verdict.status.value for label, verdict in judged(prepared, make).verdicts.items()}


def judged(prepared: Prepared, make: type) -> Any:
    return judge(prepared, {c.case.name: run_class(prepared.question, make, c.program) for c in prepared.cases})


def test_the_reference_earns_everything(prepared: Prepared) -> None:
    assert judged(prepared, Scale).full
    assert judged(prepared, Scale).earned == 3


def test_one_mistake_costs_its_own_label_and_is_named(prepared: Prepared) -> None:
    found = judged(prepared, LateDX)
    assert statuses(prepared, LateDX) == {"Y": "passed", "dX": "failed", "w": "passed"}
    assert [fault.id for fault in explain(prepared, found.runs, ["dX"])["dX"]] == ["scale.late-dX"]


def test_two_mistakes_at_once_are_both_named(prepared: Prepared) -> None:
    class Both(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            return dY * (self.w - lr * (X * dY).sum())

    found = judged(prepared, Both)
    named = explain(prepared, found.runs, ["dX", "w"])
    assert {label: faults[0].id for label, faults in named.items()} == {"dX": "scale.late-dX", "w": "scale.no-update"}


def test_another_mistake_is_not_given_a_name_that_does_not_fit(prepared: Prepared) -> None:
    class Odd(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            return super().backward(X, dY, lr) + 0.01

    assert explain(prepared, judged(prepared, Odd).runs, ["dX"]) == {}


def test_an_error_on_ragged_cases_is_charged_to_the_label_that_is_wrong_elsewhere(prepared: Prepared) -> None:
    class Transposes(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            dX = X.T * dY * 0 + dY.T * self.w  # raises unless square
            super().backward(X, dY, lr)
            return dX

    assert statuses(prepared, Transposes) == {"Y": "passed", "dX": "failed", "w": "passed"}


def test_an_error_that_nothing_else_explains_costs_every_label_it_kept_back(prepared: Prepared) -> None:
    class Ragged(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            if X.shape[0] != X.shape[1]:
                raise ValueError("only square ones")
            return super().backward(X, dY, lr)

    assert statuses(prepared, Ragged) == {"Y": "passed", "dX": "crashed", "w": "crashed"}


def test_what_was_updated_before_the_error_keeps_its_mark(prepared: Prepared) -> None:
    class Late(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            super().backward(X, dY, lr)
            raise ValueError("dX is missing")

    assert statuses(prepared, Late) == {"Y": "passed", "dX": "crashed", "w": "passed"}


def test_a_special_case_costs_its_share_and_no_more(prepared: Prepared) -> None:
    class AtZero(Scale):
        def backward(self, X: np.ndarray, dY: np.ndarray, lr: float) -> np.ndarray:
            return super().backward(X, dY, lr) + (X == 0)

    verdict = judged(prepared, AtZero).verdicts["dX"]
    assert (verdict.status, verdict.earned) == (Status.PARTIAL, 0.9)


def test_advice_costs_nothing(prepared: Prepared) -> None:
    class Overflows(Scale):
        def forward(self, X: np.ndarray) -> np.ndarray:
            return np.where(X > 1e8, np.inf, X) * self.w

    verdict = judged(prepared, Overflows).verdicts["Y"]
    assert (verdict.status, verdict.advice) == (Status.PASSED, ("mind",))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a: 3 * a, "generic.scaled"),
        (lambda a: -a, "generic.negated"),
        (lambda a: a.T, "generic.transposed"),
        (lambda a: a + 2, "generic.shifted"),
        (lambda a: 0 * a, "generic.zeros"),
    ],
)
def test_a_plain_relation_is_recognised(change: Any, expected: str) -> None:
    rng = np.random.default_rng(5)
    wants = [rng.normal(size=shape) for shape in ((2, 3), (3, 3), (1, 4))]
    found = relation([(change(want), want) for want in wants], 1e-5)
    assert found is not None
    assert found[0] == expected
    assert relation([(rng.normal(size=want.shape), want) for want in wants], 1e-5) is None


def test_a_rubric_that_contradicts_itself_is_refused() -> None:
    homework = Homework("demo", "Demo", sheet=None, sources=())  # type: ignore[arg-type]
    declare = homework.question(
        "Q1", points=1, entry="Scale", reference=Scale, marks={"Y": 1}, cases=cases, faults=faults
    )
    with pytest.raises(RubricError, match="which is no label"):
        declare(probe)
    bare = homework.question("Q2", points=1, entry="Scale", reference=Scale, marks={"Y": 1}, cases=cases)
    bare(probe)
    question = homework.questions[0]
    assert isinstance(question, CodeQuestion)
    with pytest.raises(RubricError, match="the marks name"):
        prepare(question, 0)
