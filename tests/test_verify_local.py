"""`grade verify --local`: nothing that needs the confined worker is tried, and what is left still speaks."""

from __future__ import annotations

from itertools import islice

import pytest

from grader import bench, client, verify
from grader.catalogue import homework, keys


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is asked for is a failure."""

    def refused(*_: object, **__: object) -> object:
        raise AssertionError("a worker was started")

    for module in (client, bench):
        monkeypatch.setattr(module, "Worker", refused)


@pytest.mark.usefixtures("no_worker")
def test_what_is_tried_here_starts_no_worker() -> None:
    proof = verify.Proof(homework("numpy_layers"))
    here = list(proof.claims(worker=False))
    names = [claim.name for claim in here]
    assert not any("worker" in name or "variant" in name for name in names)
    assert any(name.startswith("Q6 ") for name in names) and any(name.startswith("training: ") for name in names)
    assert all(claim.check().ok for claim in islice(here, 0, None, 60))
    everything = list(proof.claims())
    assert set(names) < {claim.name for claim in everything}
    with pytest.raises(AssertionError, match="a worker was started"):
        next(claim for claim in everything if claim.confined).check()


@pytest.mark.parametrize("key", keys())
def test_only_the_worker_s_claims_are_left_out(key: str) -> None:
    proof = verify.Proof(homework(key))
    assert not any(claim.confined for claim in proof.claims(worker=False))
    assert any(True for _ in proof.claims())


def test_a_homework_with_nothing_to_try_here_says_so() -> None:
    (line,) = verify.matrix_lines("sigmoid_from_scratch", ())
    assert "leave out --local" in line
