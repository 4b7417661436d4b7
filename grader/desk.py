"""One submission at the instructor's desk: every label and case of it as a finding with a readable name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import homework, keys
from grader.client import Worker, torch_available
from grader.course import open_course
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.judges.code import Judged
from grader.messages import what_came
from grader.model import LabelReport, QuestionReport, Status
from grader.prepared import Prepared
from grader.recognise import recognise
from grader.runner import Runner
from grader.worker.program import StepError


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
        """Judge the submission at `path`. Raises NothingToGrade, Uncertain or UnknownHomework with a sentence."""
        one = submission_at(path)
        course = open_course(homework(key or recognise([one], [homework(k) for k in keys()])), seed=0)
        torch = "torch" if torch_available() else "standin"
        ran: dict[str, tuple[Prepared, Judged]] = {}

        def watch(prepared: Prepared, judged: Judged) -> None:
            ran[prepared.question.id] = (prepared, judged)

        with Worker(torch="auto" if torch == "torch" else "standin") as worker:
            report = grade_submission(one, course, Runner(worker, torch, watch=watch))
        return cls(
            tuple(finding for question in report.questions for finding in _findings(question, ran.get(question.id)))
        )


def _findings(question: QuestionReport, ran: tuple[Prepared, Judged] | None) -> Iterator[Finding]:
    for label in question.labels:
        waits = label.status is Status.NEEDS_HUMAN
        if ran is None or waits:
            yield Finding(f"{question.id} {label.label}", "" if label.status is Status.PASSED else _words(label), waits)
        else:
            yield from _by_case(question, label, *ran)


def _by_case(question: QuestionReport, label: LabelReport, prepared: Prepared, judged: Judged) -> Iterator[Finding]:
    failures = {failure.case.case.name: failure for failure in judged.verdicts[label.label].failures}
    for case in prepared.cases:
        if case.case.advice is not None:
            continue
        failure = failures.get(case.case.name)
        words = "" if failure is None else what_came(label.label, failure, _locate)
        if words and failure is judged.verdicts[label.label].failures[0]:
            words = _words(label)
        yield Finding(f"{question.id} {label.label}: {case.case.name}", words)


def _locate(error: StepError) -> str:
    return f"{error.piece}, line {error.line}" if error.piece else ""


def _words(label: LabelReport) -> str:
    return "\n".join(part for part in (label.message, label.hint) if part)
