"""What runs student code for a grading thread: a worker, and what goes by the name of torch in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grader.client import Session, Worker
from grader.judges.code import Judged
from grader.prepared import Prepared
from grader.worker.request import Limits, QuestionRequest


@dataclass
class Runner:
    """One worker with its limits. `torch` is "torch" where PyTorch is installed, else "standin".

    `watch` is told of every code question whose class ran, with the runs that were judged. `together` bounds a question
    that shares its child with others, `alone` one that has a child of its own.
    """

    worker: Worker
    torch: str
    together: Limits = field(default_factory=lambda: Limits(seconds=2.0))
    alone: Limits = field(default_factory=lambda: Limits(seconds=6.0))
    confinement: tuple[str, ...] = ()
    watch: Callable[[Prepared, Judged], None] | None = None

    def run(self, questions: Sequence[QuestionRequest], limits: Limits) -> Session:
        session = self.worker.run(questions, limits)
        self.confinement = session.confinement
        return session
