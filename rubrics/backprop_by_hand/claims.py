"""The rubric's promises: every misconception is caught and named, every right hand-in keeps its 30 points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec

from grader.intake.reading import Reading
from grader.intake.tables import read_tables
from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Key
from grader.model import QuestionReport, Status
from grader.rubric import Claim, Row
from rubrics.backprop_by_hand.faults import FAULTS, Misconception
from rubrics.backprop_by_hand.steps import EXPECTED
from rubrics.backprop_by_hand.variants import VARIANTS, markdown

Judge = Callable[[Sequence[Reading]], tuple[QuestionReport, ...]]


def claims(judge: Judge) -> Iterator[Claim]:
    """A claim a variant and a misconception; PDF variants only where PDFs can be read."""
    for name, make in VARIANTS.items():
        if find_spec("pdfplumber") or not name.startswith("pdf"):
            yield Claim(f"variant {name}", partial(_variant, judge, name, make))
    for fault in FAULTS:
        yield Claim(f"fault {fault.info.id}: {fault.info.words}", partial(_fault, judge, fault))


def _variant(judge: Judge, name: str, make: Callable[[Mapping[Key, Matrix]], tuple[str, bytes]]) -> Row:
    lost, named = _lost(judge([read_tables(*make(EXPECTED))]))
    said = "a right hand-in loses marks" if lost else ""
    return Row("tables", "variant", name, "here", (), lost, named, said)


def _fault(judge: Judge, fault: Misconception) -> Row:
    lost, named = _lost(judge([read_tables("hand-in.md", markdown(fault.tables))]))
    said = "" if fault.info.id in named else f"is named {', '.join(named) or 'nothing'}"
    return Row(fault.info.question, "fault", fault.info.id, "here", fault.info.labels, lost, named, said)


def _lost(reports: Sequence[QuestionReport]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The cells without their mark, and the misconceptions named for them."""
    labels = [(q.id, label) for q in reports for label in q.labels if label.status is not Status.PASSED]
    named = dict.fromkeys(label.faults[0] for _, label in labels if label.faults)
    return tuple(f"{question}.{label.label}" for question, label in labels), tuple(named)
