"""The lost marks of a question as a page shows them: the reason, the likely cause, an example, what to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from grader.export.matrix import Table, table, tables
from grader.export.misconceptions import likely_fault
from grader.export.page import Face, face
from grader.export.pictures.drawing import NO_DRAWING
from grader.export.pictures.heat_map import heat_map
from grader.export.questions import reasons
from grader.model import Example, FaultInfo, LabelReport, QuestionReport

Inputs = tuple[tuple[str, Table], ...]


@dataclass(frozen=True)
class ExampleView:
    """An example as tables. `inputs` is empty where the label before it showed the same ones.

    `want` is None where expected values are not shown; `heat` is a drawing of where the two differ, or empty.
    """

    inputs: Inputs
    same_inputs: bool
    want: Table | None
    got: Table | None
    got_words: str
    heat: Markup = NO_DRAWING

    @property
    def other_shape(self) -> bool:
        return self.want is not None and self.got is not None and self.got.shape != self.want.shape

    @property
    def marked(self) -> bool:
        entries = [] if self.got is None else [e for part in self.got.slices for row in part.rows for e in row]
        return any(entry.off for entry in entries)


@dataclass(frozen=True)
class LostMark:
    """One lost mark, or several that were lost for the same reason."""

    labels: tuple[str, ...]
    report: LabelReport
    earned: float
    possible: float
    cause: str
    hint: str
    example: ExampleView | None


def lost_marks(
    question: QuestionReport, faults: Mapping[str, FaultInfo], *, shown: bool = True
) -> tuple[LostMark, ...]:
    """The lost marks; labels lost for the same reason without an example of their own are told together.

    Without `shown` nothing tells what was expected.
    """
    marks: list[LostMark] = []
    before: Inputs | None = None
    for label in reasons(question):
        if face(label) is not Face.WRONG:
            continue
        fault = faults.get(likely_fault(label) or "")
        mark = LostMark(
            labels=(label.label,) if label.label else (),
            report=label,
            earned=label.earned,
            possible=label.possible,
            cause=fault.words if fault is not None and fault.words.rstrip(".") not in label.message else "",
            hint=label.hint or (fault.hint if fault is not None else ""),
            example=None,
        )
        if label.example is not None:
            inputs = tuple((name, table(value)) for name, value in label.example.inputs)
            mark = replace(mark, example=_example(label, label.example, inputs, inputs == before, shown))
            before = inputs
        elif marks and marks[-1].example is None and _same_reason(marks[-1], mark):
            last = marks.pop()
            mark = replace(
                last,
                labels=last.labels + mark.labels,
                earned=last.earned + mark.earned,
                possible=last.possible + mark.possible,
            )
        marks.append(mark)
    return tuple(marks)


def _same_reason(one: LostMark, other: LostMark) -> bool:
    a, b = one.report, other.report
    return (a.status, a.message, one.cause, one.hint) == (b.status, b.message, other.cause, other.hint)


def _example(label: LabelReport, example: Example, inputs: Inputs, same: bool, shown: bool) -> ExampleView:
    view = ExampleView(() if same else inputs, same, None, None, example.got_words or "")
    if example.got is None:
        view = replace(view, got_words=example.got_words or "nothing")
        return replace(view, want=table(example.want)) if shown else view
    want, got = tables(example.want, example.got)
    if not shown:
        return replace(view, got=got)
    return replace(view, want=want, got=got, heat=heat_map(example.want, example.got, name=label.label))
