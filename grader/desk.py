"""One submission at the instructor's desk: every label and case of it as a finding with a readable name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import homework, keys
from grader.client import Worker, torch_available
from grader.course import Course, open_course
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.model import LabelReport, QuestionReport, Status
from grader.recognise import recognise
from grader.runner import Runner


@dataclass(frozen=True)
class Finding:
    """A label of a question: `words` says what is wrong (empty where it is right); `waits` that a human judges."""

    name: str
    words: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Desk:
    """A judged submission, laid out."""

    findings: tuple[Finding, ...]

    @classmethod
    def judge(cls, path: Path, key: str | None) -> Desk:
        """Judge the submission at `path`. Raises NothingToGrade or Uncertain with a sentence."""
        found = (submission_at(path),)
        course = open_course(homework(key or recognise(found, [homework(k) for k in keys()])), seed=0)
        torch = "torch" if torch_available() else "standin"
        with Worker(torch="auto" if torch == "torch" else "standin") as worker:
            runner = Runner(worker, torch)
            return cls(
                tuple(f for one in found for f in _findings(course, grade_submission(one, course, runner).questions))
            )


def _findings(course: Course, questions: tuple[QuestionReport, ...]) -> Iterator[Finding]:
    for question in questions:
        for label in question.labels:
            yield Finding(f"{question.id} {label.label}", _words(label), label.status is Status.NEEDS_HUMAN)


def _words(label: LabelReport) -> str:
    if label.status is Status.PASSED:
        return ""
    return "\n".join(part for part in (label.message, label.hint) if part)
