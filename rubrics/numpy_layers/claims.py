"""What this rubric promises beside its code questions, in one row: `grade verify` and pytest try them all."""

from __future__ import annotations

from collections.abc import Iterator

from grader.rubric import Claim, Homework
from rubrics.numpy_layers.l2 import claims as l2_claims
from rubrics.numpy_layers.training import claims as training_claims


def claims(homework: Homework) -> Iterator[Claim]:
    """Q6's, then those of the trajectories."""
    yield from l2_claims.claims(homework)
    yield from training_claims.claims(homework)
