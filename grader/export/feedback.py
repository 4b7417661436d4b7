"""`feedback/<student>.html`: the one page that a student reads. No network, no script, nothing that was not public."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from pathlib import Path

from grader.export.files import feedback_name, write_atomically
from grader.export.matrix import Table, table, tables
from grader.export.misconceptions import likely_fault
from grader.export.page import Face, face, render
from grader.export.questions import completed, reasons
from grader.export.text import clean, shorten
from grader.model import (
    AnswerText,
    Example,
    FaultInfo,
    Gradebook,
    LabelReport,
    Overall,
    Picture,
    QuestionReport,
    Status,
    SubmissionReport,
)

__all__ = ["feedback_name", "feedback_page", "write_feedback"]

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
_PICTURE_LIMIT = 3_000_000
_TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class ExampleView:
    """An example as tables. `inputs` is empty where the label before it showed the same ones."""

    inputs: tuple[tuple[str, Table], ...]
    same_inputs: bool
    want: Table
    got: Table | None
    got_words: str

    @property
    def other_shape(self) -> bool:
        return self.got is not None and self.got.shape != self.want.shape

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


@dataclass(frozen=True)
class PictureView:
    """A picture that the page carries in itself; `address` is empty for one that it cannot show."""

    address: str
    words: str


@dataclass(frozen=True)
class QuestionView:
    """A question with what the page says about it."""

    report: QuestionReport
    lost: tuple[LostMark, ...]
    notes: tuple[str, ...]
    text: str
    outputs: tuple[str, ...]
    pictures: tuple[PictureView, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing was handed in for it, so that one line says it all."""
        unanswered = all(lost.report.status is Status.MISSING for lost in self.lost)
        return bool(self.lost) and unanswered and self.report.earned == 0 and not self.waits

    @property
    def waits(self) -> bool:
        return face(self.report) is Face.WAITING


def write_feedback(report: SubmissionReport, gradebook: Gradebook, path: Path) -> Path:
    """Write the student's page to `path` (usually `feedback/` and `feedback_name(id)`)."""
    return write_atomically(Path(path), feedback_page(report, gradebook), flush=False)


def feedback_page(report: SubmissionReport, gradebook: Gradebook) -> bytes:
    """The student's page as bytes."""
    if not report.questions:
        report = completed(report, gradebook)
    faults = {fault.id: fault for fault in gradebook.faults}
    views = tuple(_question(question, faults) for question in report.questions)
    full = report.status is Overall.JUDGED and all(face(q) is Face.RIGHT for q in report.questions if not q.bonus)
    return render(
        "feedback.html",
        report=report,
        title=gradebook.title,
        questions=views,
        read=report.status is not Overall.UNREADABLE,
        ours=report.status is Overall.GRADER_ERROR,
        full=full,
        advice=any(view.notes for view in views),
        bonus_earned=sum(q.earned for q in report.questions if q.bonus),
        bonus_left=any(face(q) is not Face.RIGHT for q in report.questions if q.bonus),
    )


def _question(question: QuestionReport, faults: dict[str, FaultInfo]) -> QuestionView:
    answer = question.answer if question.pending > 0 and question.answer is not None else AnswerText()
    notes = [*question.notes, *(note for label in question.labels for note in label.notes)]
    return QuestionView(
        report=question,
        lost=_lost(question, faults),
        notes=tuple(dict.fromkeys(notes)),
        text=shorten(clean(answer.text).strip("\n"), _TEXT_LIMIT),
        outputs=tuple(
            shorten(clean(output).strip("\n"), _TEXT_LIMIT)
            for output in (*answer.code, *answer.outputs)
            if output.strip()
        ),
        pictures=tuple(_picture(picture) for picture in answer.pictures),
    )


def _lost(question: QuestionReport, faults: dict[str, FaultInfo]) -> tuple[LostMark, ...]:
    """The lost marks; labels lost for the same reason without an example of their own are told together."""
    marks: list[LostMark] = []
    shown: tuple[tuple[str, Table], ...] | None = None
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
            mark = replace(mark, example=_example(label.example, inputs, inputs == shown))
            shown = inputs
        elif marks and marks[-1].example is None and _same_reason(marks[-1], mark):
            before = marks.pop()
            mark = replace(
                before,
                labels=before.labels + mark.labels,
                earned=before.earned + mark.earned,
                possible=before.possible + mark.possible,
            )
        marks.append(mark)
    return tuple(marks)


def _same_reason(one: LostMark, other: LostMark) -> bool:
    a, b = one.report, other.report
    return (a.status, a.message, one.cause, one.hint) == (b.status, b.message, other.cause, other.hint)


def _example(example: Example, inputs: tuple[tuple[str, Table], ...], same: bool) -> ExampleView:
    if example.got is None:
        return ExampleView(() if same else inputs, same, table(example.want), None, example.got_words or "nothing")
    want, got = tables(example.want, example.got)
    return ExampleView(() if same else inputs, same, want, got, example.got_words or "")


def _picture(picture: Picture) -> PictureView:
    if picture.mime not in _PICTURES:
        return PictureView("", f"A picture of a kind that a page cannot show ({picture.place}).")
    if len(picture.data) > _PICTURE_LIMIT:
        return PictureView("", f"A picture that is too large to show here ({picture.place}).")
    data = base64.b64encode(picture.data).decode("ascii")
    return PictureView(f"data:{picture.mime};base64,{data}", f"Your picture, {picture.place}")
