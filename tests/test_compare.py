"""The comparison: what it lets pass, what it catches, and what it says of a mismatch."""

from __future__ import annotations

import numpy as np
import pytest

from grader.compare import Rung, compare
from grader.worker.convert import outcome_of
from grader.worker.program import Outcome, StepError


def given(value: object) -> Outcome:
    return outcome_of(value)


WANT = np.array([[1.0, -200.0], [3.5, 0.0]])


@pytest.mark.parametrize(
    "value",
    [
        WANT,
        WANT.astype(np.float32),
        WANT.tolist(),
        np.asmatrix(WANT),
        np.asfortranarray(WANT),
        WANT[::-1][::-1],
        WANT + 0j,
    ],
    ids=["float64", "float32", "list", "matrix", "fortran", "strided", "complex without imaginary part"],
)
def test_the_same_numbers_in_any_container_agree(value: object) -> None:
    assert compare(given(value), WANT) is None


@pytest.mark.parametrize("factor", [0.999, 1.001, -1.0, 2.0, 0.0])
def test_a_scaled_result_never_agrees(factor: float) -> None:
    assert compare(given(factor * WANT), WANT) is not None


def test_a_small_wrong_gradient_is_not_certified_by_an_absolute_tolerance() -> None:
    tiny = 1e-9 * WANT
    assert compare(given(np.zeros_like(tiny)), tiny) is not None
    assert compare(given(tiny), tiny) is None


def test_the_greatest_difference_is_where_it_is_said_to_be() -> None:
    got = WANT.copy()
    got[1, 0] = 4.0
    mismatch = compare(given(got), WANT)
    assert mismatch is not None
    assert (mismatch.rung, mismatch.at, mismatch.got, mismatch.want) == (Rung.VALUES, (1, 0), 4.0, 3.5)
    assert (mismatch.wrong, mismatch.total) == (1, 4)


@pytest.mark.parametrize(
    ("value", "rung"), [(WANT.T[:1], Rung.SHAPE), (WANT * np.nan, Rung.FINITE), (None, Rung.ARRAY)]
)
def test_the_first_rung_that_fails_speaks(value: object, rung: Rung) -> None:
    mismatch = compare(given(value), WANT)
    assert mismatch is not None
    assert mismatch.rung is rung


@pytest.mark.parametrize("value", ["12", object(), [[1], [1, 2]], int, NotImplemented, np.array(["a"]), 1j], ids=str)
def test_what_is_no_array_of_numbers_is_refused_with_words(value: object) -> None:
    mismatch = compare(given(value), np.array(1.0))
    assert mismatch is not None
    assert mismatch.rung is Rung.ARRAY
    assert mismatch.refused


def test_axes_of_length_one_count_only_where_shapes_are_exact() -> None:
    bias = np.array([[1.0, 2.0]])
    assert compare(given([1.0, 2.0]), bias, squeezed=True) is None
    assert compare(given([1.0, 2.0]), bias) is not None
    assert compare(given([[1.0], [2.0]]), bias, squeezed=True) is None
    assert compare(given([1.0, 2.0, 3.0]), bias, squeezed=True) is not None


def test_an_error_is_not_reached() -> None:
    mismatch = compare(Outcome(error=StepError("forward", "ValueError", "no")), WANT)
    assert mismatch is not None
    assert mismatch.rung is Rung.REACHED


def test_an_array_that_claims_to_be_equal_to_everything_is_judged_by_its_numbers() -> None:
    class Sly(np.ndarray):
        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return True

        def __array__(self, *_: object, **__: object) -> np.ndarray:  # type: ignore[override]
            return WANT

        def __array_ufunc__(self, *_: object, **__: object) -> np.ndarray:  # type: ignore[override]
            return WANT

    assert compare(given(np.zeros((2, 2)).view(Sly)), WANT) is not None
