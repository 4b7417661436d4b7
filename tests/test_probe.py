"""The recorder: a probe becomes the steps that it takes, and may not look at a student's values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.probe import ProbeError, record
from grader.rubric import Case
from grader.worker.interpreter import execute

CASE = Case("small", {"X": np.array([[1.0, -2.0]]), "lr": 0.5})


class Doubler:
    W = 2.0

    def forward(self, X: np.ndarray) -> np.ndarray:
        return X * self.W

    def backward(self, X: np.ndarray, lr: float) -> np.ndarray:
        self.W -= lr
        return X * self.W


def probe(layer: Any, case: Case) -> Iterator[tuple[str, Any]]:
    made = layer()
    made.W = 3.0
    yield "Y", made.forward(case.X)
    yield "dX", made.backward(case.X, lr=case.lr)
    yield "W", made.W


def programme() -> Any:
    return record(probe, ["Layer"], CASE, CASE.inputs)


def test_the_steps_run_on_a_class_as_the_probe_itself_would() -> None:
    run = execute(programme(), {"Layer": Doubler})
    assert {label: outcome.value.tolist() for label, outcome in run.outcomes.items() if outcome.value is not None} == {
        "Y": [[3.0, -6.0]],
        "dX": [[2.5, -5.0]],
        "W": 2.5,
    }


def test_inputs_are_known_by_name_and_sent_as_fresh_copies() -> None:
    program = programme()
    assert program.names == ("X",)

    class Vandal(Doubler):
        def forward(self, X: np.ndarray) -> np.ndarray:
            X *= 10
            return X

    run = execute(program, {"Layer": Vandal})
    assert run.edited == ("X",)
    dX = run.outcomes["dX"].value
    assert dX is not None
    assert dX.tolist() == [[2.5, -5.0]]  # backward got the X that was sent, not the spoilt one
    assert CASE.X.tolist() == [[1.0, -2.0]]


def test_a_result_is_taken_when_it_is_returned_not_later() -> None:
    class Keeper(Doubler):
        def forward(self, X: np.ndarray) -> np.ndarray:
            self.kept = X * self.W
            return self.kept

        def backward(self, X: np.ndarray, lr: float) -> np.ndarray:
            self.kept[:] = 0
            return super().backward(X, lr)

    Y = execute(programme(), {"Layer": Keeper}).outcomes["Y"].value
    assert Y is not None
    assert Y.tolist() == [[3.0, -6.0]]


def test_a_step_that_raises_loses_what_depends_on_it_and_nothing_else() -> None:
    class Half(Doubler):
        def forward(self, X: np.ndarray) -> np.ndarray:
            raise ValueError("not today")

    outcomes = execute(programme(), {"Layer": Half}).outcomes
    assert outcomes["Y"].error is not None
    assert outcomes["Y"].error.step == "forward"
    assert outcomes["dX"].value is not None
    assert outcomes["W"].value is not None
    assert outcomes["W"].after is None


def test_a_value_read_after_a_failed_call_says_so() -> None:
    class Stops(Doubler):
        def backward(self, X: np.ndarray, lr: float) -> np.ndarray:
            raise SystemExit

    outcome = execute(programme(), {"Layer": Stops}).outcomes["W"]
    assert outcome.value is not None
    assert outcome.after is not None
    assert outcome.after.type == "SystemExit"


def test_a_class_that_is_not_there_is_an_error_by_name() -> None:
    error = execute(programme(), {}).outcomes["Y"].error
    assert error is not None
    assert error.missing_name == "Layer"


@pytest.mark.parametrize(
    "peek",
    [lambda y: bool(y), lambda y: y + 1, lambda y: list(y), lambda y: y == 1, lambda y: y[0], float],
)
def test_a_probe_that_looks_at_a_value_is_refused(peek: Any) -> None:
    def looking(layer: Any, case: Case) -> Iterator[tuple[str, Any]]:
        y = layer().forward(case.X)
        peek(y)
        yield "Y", y

    with pytest.raises(ProbeError):
        record(looking, ["Layer"], CASE, CASE.inputs)


def test_a_label_yielded_twice_is_refused() -> None:
    def twice(layer: Any, case: Case) -> Iterator[tuple[str, Any]]:
        yield "Y", layer()
        yield "Y", layer()

    with pytest.raises(ProbeError, match="twice"):
        record(twice, ["Layer"], CASE, CASE.inputs)


def test_another_spelling_of_an_attribute_is_found() -> None:
    class Renamed:
        weight = 2.0

        def forward(self, X: np.ndarray) -> np.ndarray:
            return X * self.weight

        def backward(self, X: np.ndarray, lr: float) -> np.ndarray:
            return X

    program = record(probe, ["Layer"], CASE, CASE.inputs, {"W": ("weight",)})
    outcomes = execute(program, {"Layer": Renamed}).outcomes
    assert outcomes["Y"].value is not None
    assert outcomes["Y"].value.tolist() == [[3.0, -6.0]]
    assert outcomes["W"].value == 3.0
    assert execute(programme(), {"Layer": Renamed}).outcomes["Y"].value.tolist() == [[2.0, -4.0]]  # type: ignore[union-attr]
