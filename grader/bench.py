"""Hand-ins given as text, graded one at a time as the command grades them: what a rubric's claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.client import Worker, torch_available
from grader.course import Course, open_course
from grader.grade import grade_submission
from grader.intake.discover import Submission, submission_at
from grader.intake.read import read_submission
from grader.material import Material
from grader.model import SubmissionReport
from grader.rubric import Homework
from grader.runner import Runner


class Bench:
    """One homework ready to be tried. The course is opened and the worker started with the first hand-in."""

    def __init__(self, homework: Homework, seed: int = 0) -> None:
        self.homework = homework
        self.seed = seed
        self._open = ExitStack()

    @cached_property
    def course(self) -> Course:
        return open_course(self.homework, self.seed)

    @cached_property
    def runner(self) -> Runner:
        torch = "torch" if torch_available() else "standin"
        return Runner(self._open.enter_context(Worker(torch="auto" if torch == "torch" else "standin")), torch)

    @property
    def standin(self) -> bool:
        """Whether a stand-in answers for PyTorch: it may leave a right answer waiting, never lose it a mark."""
        return self.runner.torch == "standin"

    def grade(self, name: str, text: str, only: Sequence[str] | None = None) -> SubmissionReport:
        """The report of a hand-in that is one file of this name."""
        with _handed_in(name, text) as submission:
            return grade_submission(submission, self.course, self.runner, only)

    def material(self, name: str, text: str) -> Material:
        """The same hand-in, read and not judged."""
        with _handed_in(name, text) as submission:
            evidence = read_submission(submission, self.course.sheet)
            return Material(submission, evidence, self.course.sheet, self.runner, self.seed)

    def close(self) -> None:
        """End the worker, where one was started."""
        self._open.close()


@contextmanager
def _handed_in(name: str, text: str) -> Iterator[Submission]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        yield submission_at(path)
