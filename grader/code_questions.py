"""All code questions of one submission: one child for the first attempt, fresh ones for whatever went wrong in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.attempt import (
    Attempt,
    begin,
    first_method_only,
    judged,
    missing_module,
    missing_name,
    request,
)
from grader.client import Failure
from grader.frameworks import framework_use
from grader.intake.assemble import assemble
from grader.intake.evidence import Choice, Evidence
from grader.intake.sheet import Sheet
from grader.judges.code import Judged, best, report, status_of, without_runs
from grader.model import LabelReport, QuestionReport, Status
from grader.prepared import Prepared
from grader.reaching import reaches
from grader.runner import Runner
from grader.smaller import smaller_failures
from grader.worker.child import reaching
from grader.worker.request import QuestionReply

FIRST_FLAVOURS = slice(0, 2)
SLOW = ("timeout", "too_big")  # what a busy machine may cause as well
FAILURES = {
    "timeout": (Status.TIMEOUT, "It did not come to an end in time: is there a loop that never stops?"),
    "crashed": (Status.CRASHED, "The Python process that ran it died."),
    "too_big": (Status.TOO_BIG, "It needed far more memory, or returned far more, than this task can ask for."),
    "forbidden": (Status.FORBIDDEN, "It interfered with the process that runs it instead of returning values."),
    "grader_error": (Status.GRADER_ERROR, "The grader itself failed here. No mark is lost; it will be graded again."),
}


@dataclass(frozen=True)
class _Job:
    """What judging one attempt needs beside it."""

    evidence: Evidence
    sheet: Sheet
    runner: Runner


def judge_code_questions(
    prepared: Sequence[Prepared], evidence: Evidence, sheet: Sheet, runner: Runner
) -> dict[str, QuestionReport]:
    """Reports by question id."""
    reports: dict[str, QuestionReport] = {}
    attempts: list[Attempt] = []
    for one in prepared:
        choice, attempt = begin(one, evidence, sheet)
        if attempt is None:
            source = choice.definition.source if choice.definition is not None else ""
            reports[one.question.id] = replace(_nothing_to_run(one, choice), source_digest=source_digest([source]))
        else:
            attempts.append(attempt)
    job = _Job(evidence, sheet, runner)
    if attempts:
        requests = [request(attempt, _torch(attempt, runner), FIRST_FLAVOURS) for attempt in attempts]
        session = runner.run(requests, runner.together)
        touched = False  # whether the code of an earlier question could have changed what this one relies on
        for attempt in attempts:
            settled = _settle(attempt, session.replies[attempt.id], job, touched=touched)
            digest = source_digest(piece.source for piece in attempt.chunk.pieces)
            reports[attempt.id] = replace(settled, source_digest=digest)
            touched |= reaching(attempt.chunk.pieces)
    return reports


def source_digest(sources: Iterable[str]) -> str:
    """Equal for the same code, but for white space at the ends of lines; empty where there is none.

    >>> source_digest(["x = 1  "]) == source_digest(["x = 1"]), source_digest([""])
    (True, '')
    """
    lines = [[line.rstrip() for line in source.rstrip().split("\n")] for source in sources if source.strip()]
    return hashlib.sha256(repr(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16] if lines else ""


def _torch(attempt: Attempt, runner: Runner) -> str:
    return runner.torch if attempt.tensors else "plain"


def _nothing_to_run(prepared: Prepared, choice: Choice) -> QuestionReport:
    entry = prepared.question.entry
    if choice.definition is None and choice.problem:
        message = f"`{entry}` cannot be run: {choice.problem}"
        return without_runs(
            prepared, choice, Status.CRASHED, message, hint="Run the cell once more and mend what it says."
        )
    if choice.definition is not None:
        return without_runs(
            prepared, choice, Status.MISSING, f"`{entry}` is not filled in: it is still the sheet's template."
        )
    near = f" There is `{choice.near}`; the sheet asks for `{entry}`." if choice.near else ""
    return without_runs(prepared, choice, Status.MISSING, f"There is no class `{entry}`.{near}")


def _settle(attempt: Attempt, reply: QuestionReply | Failure, job: _Job, *, touched: bool) -> QuestionReport:
    """From the first reply to the report, with whatever further runs fairness asks for."""
    if isinstance(reply, Failure) and reply.kind in SLOW:  # once more, alone and with all the time there is
        same = request(attempt, _torch(attempt, job.runner), FIRST_FLAVOURS)
        reply = job.runner.run([same], job.runner.alone).replies[attempt.id]
    if isinstance(reply, Failure):
        return _after_failure(attempt, reply, job)
    found = judged(attempt, reply)
    if found.full:
        return _report(attempt, found, job)
    question, definition = attempt.prepared.question, attempt.choice.definition
    name = missing_name(reply, found)
    if name is not None and definition is not None:
        chunk = assemble(job.evidence, {question.entry: definition}, job.sheet, generous=True)
        attempt = replace(attempt, chunk=chunk)
    wants_tensors = attempt.tensors or bool(question.flavours[0])
    if touched or name is not None or wants_tensors:
        torch = job.runner.torch if wants_tensors else "plain"
        session = job.runner.run([request(attempt, torch)], job.runner.alone)
        again = session.replies[attempt.id]
        if isinstance(again, Failure):
            if name is not None:
                return _after_failure(attempt, again, job)
        else:
            found, reply = best([judged(attempt, again), found]), again
    if found.full:
        return _report(attempt, found, job)
    module = missing_module(reply, found)
    if module is not None and found.earned == 0 and not _is_torch(module):
        library = module.split(".")[0]
        message = f"It needs the library `{library}`, which is not there where it was graded; a human looks at it."
        return without_runs(attempt.prepared, attempt.choice, Status.NEEDS_HUMAN, message, pending=True)
    judged_report = _report(attempt, found, job)
    return judged_report if module is None or _is_torch(module) else _without_library(judged_report, module)


def _without_library(report: QuestionReport, module: str) -> QuestionReport:
    """Labels that stopped on the way wait for a human where a library is missing; wrong values stay wrong."""
    why = f"It needs the library `{module.split('.')[0]}`, which is not there where it was graded; a human looks at it."
    labels = tuple(
        replace(label, status=Status.NEEDS_HUMAN, pending=label.possible, faults=(), message=why, hint="", example=None)
        if label.status is Status.CRASHED
        else label
        for label in report.labels
    )
    return replace(report, labels=labels, status=status_of(labels))


def _is_torch(module: str) -> bool:
    return module.split(".")[0] in {"torch", "torchvision"}


def _after_failure(attempt: Attempt, failure: Failure, job: _Job) -> QuestionReport:
    """A class that hangs or dies: what its first method can do is still judged, alone."""
    status, message = FAILURES[failure.kind]
    pending = status is Status.GRADER_ERROR
    question = attempt.prepared.question
    if not pending and len(question.methods) > 1:
        torch = _torch(attempt, job.runner)
        session = job.runner.run([request(attempt, torch, programs=first_method_only(attempt))], job.runner.together)
        reply = session.replies[attempt.id]
        if not isinstance(reply, Failure):
            first = _report(attempt, judged(attempt, reply), job)
            labels = tuple(
                label
                if question.method_of.get(label.label) == question.methods[0]
                else LabelReport(
                    label.label, status, 0.0, label.possible, 0.0, (), f"`{question.methods[1]}`: {message}"
                )
                for label in first.labels
            )
            return replace(first, labels=labels, status=status_of(labels))
    return without_runs(attempt.prepared, attempt.choice, status, message, pending=pending)


def _report(attempt: Attempt, found: Judged, job: _Job) -> QuestionReport:
    standin = attempt.tensors and job.runner.torch == "standin"
    if job.runner.watch is not None:
        job.runner.watch(attempt.prepared, found)
    sources = [piece.source for piece in attempt.chunk.pieces]
    frameworks = framework_use(sources, attempt.prepared.question.frameworks)
    extra = {} if standin else smaller_failures(attempt, found, job.runner)
    judged_report = report(attempt.prepared, found, attempt.choice, frameworks=frameworks, standin=standin, extra=extra)
    signs = tuple(f"reaches outside its task: {sign}" for sign in reaches(sources))
    return replace(judged_report, flags=(*judged_report.flags, *signs))
