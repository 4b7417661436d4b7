"""What a homework that judges questions itself gets to see: files, what intake made of them, a way to run code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.intake.discover import Submission
from grader.intake.evidence import Evidence
from grader.intake.sheet import Sheet
from grader.runner import Runner


@dataclass(frozen=True)
class Material:
    """One submission. `evidence.unreadable` may be set: a table handed in as a spreadsheet is no notebook.

    `runner` runs programs in the confined worker; nothing else may run a student's code. `seed` draws hidden cases.
    `wanted` are the questions to be judged; with `full_training` whole training loops are run on request, on the digits
    of MNIST's own files where `mnist` names their folder.
    """

    submission: Submission
    evidence: Evidence
    sheet: Sheet
    runner: Runner
    seed: int
    wanted: frozenset[str] = frozenset()
    full_training: bool = False
    mnist: Path | None = None
