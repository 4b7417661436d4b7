"""Which misconceptions the class has, and who has them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from grader.gradebook import Gradebook
from grader.model import FaultInfo, LabelReport, Student, SubmissionReport

_GENERIC = {
    "generic.transposed": "The array is right but transposed.",
    "generic.negated": "The sign is the wrong way round everywhere.",
    "generic.scaled": "Every number is off by the same factor.",
    "generic.shifted": "Every number is off by the same amount.",
    "generic.zeros": "Every number is 0.",
}
"""Relations that say how a wrong array looks where no fault of the rubric explains it."""


@dataclass(frozen=True)
class Misconception:
    """One fault and the students that it was named for; `share` is of all who handed in."""

    fault: FaultInfo
    students: tuple[Student, ...]
    share: float


def likely_fault(label: LabelReport) -> str | None:
    """The id of the most certain misconception behind a lost mark."""
    return label.faults[0] if label.faults and label.earned < label.possible else None


def named_faults(report: SubmissionReport) -> tuple[str, ...]:
    """Ids of the most certain misconceptions of one submission, in the order of the questions, each once."""
    ids = (likely_fault(label) for question in report.questions for label in question.labels)
    return tuple(dict.fromkeys(fault_id for fault_id in ids if fault_id is not None))


def misconceptions(gradebook: Gradebook) -> tuple[Misconception, ...]:
    """The misconceptions that were named in this class, the commonest first."""
    holders: dict[str, list[Student]] = defaultdict(list)
    questions: dict[str, str] = {}
    for report in gradebook.reports:
        for question in report.questions:
            for label in question.labels:
                questions.setdefault(likely_fault(label) or "", question.id)
        for fault_id in named_faults(report):
            holders[fault_id].append(report.student)
    handed_in = max(1, len(gradebook.reports))
    known = {fault.id: fault for fault in gradebook.faults}
    return tuple(
        Misconception(
            # one that the gradebook does not list, from an older rubric, keeps its id for words
            known.get(fault_id) or FaultInfo(fault_id, questions[fault_id], (), _GENERIC.get(fault_id, fault_id), ""),
            tuple(students),
            len(students) / handed_in,
        )
        for fault_id, students in sorted(holders.items(), key=lambda item: (-len(item[1]), item[0]))
    )
