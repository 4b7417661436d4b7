"""Judges a class by the runs of its probe: verdicts, diagnosis and words become one question report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.diagnose import explain, relation
from grader.intake.evidence import Choice
from grader.messages import example, origin, what_came
from grader.model import LabelReport, QuestionReport, Status
from grader.prepared import Prepared
from grader.rubric import Fault
from grader.verdict import Failure, Verdict, verdicts
from grader.worker.program import Run, StepError

STANDIN = (
    "This answer works with PyTorch tensors and PyTorch is not installed where it was graded; "
    "a human looks at it, or it is graded again with PyTorch. No mark is lost."
)


@dataclass(frozen=True)
class Judged:
    """One question judged from one set of runs: kept until it is known whether another flavour earns more."""

    verdicts: Mapping[str, Verdict]
    runs: Mapping[str, Run]

    @property
    def earned(self) -> float:
        return sum(verdict.earned for verdict in self.verdicts.values())

    @property
    def full(self) -> bool:
        return all(verdict.status is Status.PASSED for verdict in self.verdicts.values())

    def errors(self) -> list[StepError]:
        """Every error that kept a label from being judged."""
        found = []
        for run in self.runs.values():
            for outcome in run.outcomes.values():
                error = outcome.error or outcome.after
                if error is not None:
                    found.append(error)
        return found


def judge(prepared: Prepared, runs: Mapping[str, Run]) -> Judged:
    """Verdicts over one flavour's runs (case name -> run)."""
    return Judged(verdicts(prepared, runs), runs)


def best(judged: Sequence[Judged]) -> Judged:
    """The flavour that earns the most; the first of equals."""
    return max(judged, key=lambda one: one.earned)


def report(
    prepared: Prepared,
    judged: Judged,
    choice: Choice,
    *,
    frameworks: Sequence[str] = (),
    standin: bool = False,
    extra: Mapping[str, Failure] | None = None,
) -> QuestionReport:
    """The report of a question whose class ran.

    `standin`: it ran under the numpy-backed stand-in for PyTorch, which may only give marks. `extra` holds small
    failing cases searched for labels that failed hidden cases only.
    """
    lost = [label for label, verdict in judged.verdicts.items() if verdict.status is not Status.PASSED]
    explained = explain(prepared, judged.runs, lost)
    labels = []
    for label, verdict in judged.verdicts.items():
        labels.append(
            _label(prepared, verdict, judged, choice, explained.get(label, ()), standin, (extra or {}).get(label))
        )
    if frameworks:
        labels = [_for_a_human(label) for label in labels]
    notes = [*choice.notes]
    edited = sorted({name for run in judged.runs.values() for name in run.edited})
    if edited:
        # an earlier call's X is called `X_before`: to the student it is the same argument
        plain = [name for name in edited if not any(name.startswith(f"{other}_") for other in edited)]
        notes.append(
            f"Your code changes what it is given ({', '.join(plain)}) in place. Here that does no harm, but whoever "
            "passes an array in rarely expects it back changed: work on a copy."
        )
    for verdict in judged.verdicts.values():
        notes += [advice for advice in verdict.advice if advice not in notes]
    return finished(
        prepared,
        labels,
        choice,
        notes=tuple(notes),
        flags=tuple(f"uses a framework's own work: {name}" for name in frameworks),
    )


def finished(
    prepared: Prepared,
    labels: Sequence[LabelReport],
    choice: Choice,
    *,
    notes: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> QuestionReport:
    """Labels put together into their question."""
    question = prepared.question
    return QuestionReport(
        id=question.id,
        title=question.title,
        possible=question.points,
        bonus=question.bonus,
        status=status_of(labels),
        labels=tuple(labels),
        place=choice.definition.place if choice.definition else None,
        notes=tuple(notes),
        flags=tuple(flags),
    )


def without_runs(
    prepared: Prepared, choice: Choice, status: Status, message: str, *, hint: str = "", pending: bool = False
) -> QuestionReport:
    """The report of a question that could not be run at all: every label has one status and one reason."""
    labels = [
        LabelReport(label, status, 0.0, marks, marks if pending else 0.0, (), message, hint)
        for label, marks in prepared.question.marks.items()
    ]
    return finished(prepared, labels, choice, notes=choice.notes)


def status_of(labels: Sequence[LabelReport]) -> Status:
    """A question's status from its labels'."""
    statuses = {label.status for label in labels}
    if Status.GRADER_ERROR in statuses:
        return Status.GRADER_ERROR
    if Status.NEEDS_HUMAN in statuses:
        return Status.NEEDS_HUMAN
    if statuses == {Status.PASSED}:
        return Status.PASSED
    if any(label.earned > 0 for label in labels):
        return Status.PARTIAL
    return statuses.pop() if len(statuses) == 1 else Status.FAILED


def _label(
    prepared: Prepared,
    verdict: Verdict,
    judged: Judged,
    choice: Choice,
    faults: Sequence[Fault],
    standin: bool,
    extra: Failure | None,
) -> LabelReport:
    label, marks = verdict.label, prepared.question.marks[verdict.label]
    if verdict.status is Status.PASSED:
        return LabelReport(label, Status.PASSED, marks, marks)
    name = prepared.question.method_of.get(label, "")
    wrote = {wanted: written for written, wanted in choice.misspelt}
    if name in wrote:
        message = f"There is no `{name}`: you wrote `{wrote[name]}`, and the sheet asks for `{name}`."
        return LabelReport(label, Status.MISSING, 0.0, marks, 0.0, (), message)
    method = choice.definition.method(name) if choice.definition else None
    if method is not None and method.blank:
        what = origin(prepared.cases[0].program, label)
        return LabelReport(
            label, Status.MISSING, 0.0, marks, 0.0, (), f"`{method.name}` is not filled in, so {what} is missing."
        )
    if standin:
        return LabelReport(label, Status.NEEDS_HUMAN, 0.0, marks, marks, (), STANDIN)
    failure = verdict.failures[0]
    shown = extra if extra is not None and not failure.case.case.public else failure
    if not shown.case.case.public:
        shown = failure

    def locate(error: StepError) -> str:
        return f"{error.piece}, line {error.line}" if error.piece else ""

    message = what_came(label, shown, locate)
    ids = tuple(fault.id for fault in faults)
    hint = ""
    if faults:
        message = f"{message} {faults[0].words}"
        hint = faults[0].hint
    else:
        found = _relation(prepared, judged, label)
        if found is not None:
            ids, message = (found[0],), f"{message} {found[1]}"
    if "__init__" in wrote:
        message = f"You wrote `{wrote['__init__']}`; Python calls `__init__` when an object is made. {message}"
    if verdict.status is Status.PARTIAL:
        message = f"{message} All other cases are right, so this costs only part of the mark."
    status = Status.TOO_BIG if verdict.status is Status.CRASHED and _out_of_memory(failure) else verdict.status
    return LabelReport(label, status, verdict.earned, marks, 0.0, ids, message, hint, example(label, shown))


def _out_of_memory(failure: Failure) -> bool:
    error = failure.outcome.error or failure.outcome.after
    return error is not None and error.type.endswith("MemoryError")


def _relation(prepared: Prepared, judged: Judged, label: str) -> tuple[str, str] | None:
    pairs = []
    for case in prepared.cases:
        run = judged.runs.get(case.case.name)
        outcome = run.outcomes.get(label) if run else None
        if case.case.ordinary and outcome is not None and outcome.value is not None and outcome.after is None:
            pairs.append((outcome.value, case.want[label]))
    return relation(pairs, prepared.question.rtol.get(label, 1e-5))


def _for_a_human(label: LabelReport) -> LabelReport:
    if label.earned == 0:
        return label
    return replace(
        label,
        status=Status.NEEDS_HUMAN,
        earned=0.0,
        pending=label.earned,
        message="The values are right, but a framework's own layer or automatic differentiation does the work; "
        "a human decides what that is worth.",
    )
