"""One label over all cases of its question: passed or not, and on what grounds. Data in, data out; no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.compare import Mismatch, compare
from grader.model import Status, tidy
from grader.prepared import Prepared, PreparedCase
from grader.worker.program import Outcome, Run


@dataclass(frozen=True)
class Failure:
    """A case that a label failed: where, how, and what came."""

    case: PreparedCase
    mismatch: Mismatch
    outcome: Outcome


@dataclass(frozen=True)
class Verdict:
    """What one label earned. `failures` are ordered: the cases that speak for the verdict, public and small ones first.

    `advice` holds notes that cost nothing.
    """

    label: str
    status: Status
    earned: float
    failures: tuple[Failure, ...] = ()
    advice: tuple[str, ...] = ()


def verdicts(prepared: Prepared, runs: Mapping[str, Run]) -> dict[str, Verdict]:
    """Judge every label of a question by the runs of a student's class, keyed by case name.

    A step that raises loses the labels that depend on it and no others. Where `backward` raises in one case because
    one label is computed wrongly (a forgotten transpose on a ragged case), the labels that it had not reached are
    judged by the cases in which they were.
    """
    question = prepared.question
    wrong: dict[str, list[Failure]] = {label: [] for label in question.marks}
    unreached: dict[str, list[Failure]] = {label: [] for label in question.marks}
    right: dict[str, list[PreparedCase]] = {label: [] for label in question.marks}
    special: dict[str, list[Failure]] = {label: [] for label in question.marks}
    advice: dict[str, list[str]] = {label: [] for label in question.marks}
    for case in prepared.cases:
        for label in question.marks:
            outcome = _outcome(runs, case, label)
            mismatch = compare(
                outcome, case.want[label], rtol=question.rtol.get(label, 1e-5), squeezed=label in question.squeezed
            )
            if mismatch is None:
                right[label].append(case)
                continue
            failure = Failure(case, mismatch, outcome)
            if case.case.advice is not None:
                # an error says nothing about what the advice is for
                if outcome.value is not None and case.case.advice not in advice[label]:
                    advice[label].append(case.case.advice)
            elif case.case.costs is not None:
                special[label].append(failure)
            elif outcome.error is not None or _after_own_method(prepared, label, outcome):
                unreached[label].append(failure)
            else:
                wrong[label].append(failure)
    return {
        label: _verdict(prepared, label, wrong, unreached, right[label], special[label], advice[label])
        for label in question.marks
    }


def _verdict(
    prepared: Prepared,
    label: str,
    wrong: Mapping[str, list[Failure]],
    unreached: Mapping[str, list[Failure]],
    right: list[PreparedCase],
    special: list[Failure],
    advice: list[str],
) -> Verdict:
    marks = prepared.question.marks[label]
    if wrong[label]:
        return Verdict(label, Status.FAILED, 0.0, _ordered(wrong[label] + unreached[label]))
    if unreached[label] and not _excused(prepared, label, wrong, unreached, right):
        return Verdict(label, Status.CRASHED, 0.0, _ordered(unreached[label]))
    costs = {
        failure.case.case.name: failure.case.case.costs[label]
        for failure in special
        if failure.case.case.costs and label in failure.case.case.costs
    }
    if costs:
        return Verdict(label, Status.PARTIAL, tidy(marks * (1 - sum(costs.values()))), _ordered(special), tuple(advice))
    return Verdict(label, Status.PASSED, marks, (), tuple(advice))


def _excused(
    prepared: Prepared,
    label: str,
    wrong: Mapping[str, list[Failure]],
    unreached: Mapping[str, list[Failure]],
    right: list[PreparedCase],
) -> bool:
    """Whether the errors that kept a label from being reached are another label's doing, and it is right elsewhere."""
    if not any(case.case.square and case.case.ordinary for case in right):
        return False
    method = prepared.question.method_of.get(label)
    siblings = [other for other, owner in prepared.question.method_of.items() if owner == method and other != label]
    if any(wrong[sibling] for sibling in siblings):
        return True
    others = [other for other, owner in prepared.question.method_of.items() if owner != method]
    failed_first = {failure.case.case.name for other in others for failure in unreached[other]}
    return all(failure.case.case.name in failed_first for failure in unreached[label])


def _after_own_method(prepared: Prepared, label: str, outcome: Outcome) -> bool:
    return outcome.after is not None and outcome.after.step == prepared.question.method_of.get(label)


def _outcome(runs: Mapping[str, Run], case: PreparedCase, label: str) -> Outcome:
    run = runs.get(case.case.name)
    found = run.outcomes.get(label) if run is not None else None
    return found if found is not None else Outcome(refused="no value at all")


def _ordered(failures: list[Failure]) -> tuple[Failure, ...]:
    """Public before hidden, values before errors, small before large."""
    return tuple(
        sorted(
            failures,
            key=lambda f: (
                not f.case.case.public,
                f.outcome.error is not None or f.outcome.after is not None,
                sum(a.size for a in f.case.program.arrays),
            ),
        )
    )
