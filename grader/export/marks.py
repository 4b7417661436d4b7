"""Marks of persons in a workbook: how their cells look, what is said about them, and what each cell was written with.

The hidden sheet `Written` remembers the latter, so that only changes are taken for typed, whatever other program saved
the file meanwhile. What a mark counts for, and which of two counts, is not decided here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.export.sheet import Book, Column
from grader.export.text import cell_text, points
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark
from grader.model import QuestionReport, SubmissionReport, tidy

NAME = "Written"
NO_MARK = "–"
"""What stands in a mark cell that takes no mark."""

SEEN = "(delete this sentence when you have seen it)"
"""Ends each sentence about a mark that a person should look at again."""

Value = float | str | None
"""What stands in a cell for a mark: a number, words, or nothing."""


@dataclass(frozen=True)
class Written:
    """What the workbook was written with for one question of one student.

    `answer` is the digest of what the person sees, `earned` the grader's points. `marks` are the cells' values with the
    digest of what was judged then; `comment` is a digest, and `owner` the mark that it belongs to; `noticed` says that
    a sentence waits to be deleted; `standing` is what the policy made of the student: factor, minus and cap.
    """

    answer: str = ""
    earned: float | None = None
    marks: Mapping[Extent, tuple[Value, str]] = field(default_factory=dict)
    comment: str = ""
    owner: Extent = Extent.PENDING
    noticed: bool = False
    standing: tuple[float | None, ...] = ()


def answer_digest(question: QuestionReport) -> str:
    """Equal as long as a person would judge the same: what was handed in, and what the grader said of each label.

    >>> from grader.model import Status
    >>> one = QuestionReport("Q1", "Linear", 2.0, False, Status.MISSING)
    >>> answer_digest(one) == answer_digest(QuestionReport("Q1", "Another title", 2.0, False, Status.MISSING))
    True
    """
    answer = question.answer
    seen = [
        (one.label, one.status.value, tidy(one.earned), tidy(one.possible), tidy(one.pending))
        for one in question.labels
    ]
    parts: list[object] = [tidy(question.possible), seen]
    if answer is not None:
        pictures = [(picture.mime, hashlib.sha256(picture.data).hexdigest()) for picture in answer.pictures]
        parts += [answer.text, answer.outputs, answer.code, pictures]
    if question.source_digest:
        parts.append(question.source_digest)
    return _digest(repr(parts))


def hand_in_digest(report: SubmissionReport) -> str:
    """The same for a hand-in that is judged as a whole."""
    return _digest(repr((report.error, report.files)))


def cell_value(mark: HumanMark | None) -> Value:
    """What a cell for this mark holds.

    >>> cell_value(HumanMark("amal", "Q1", None, Extent.WHOLE, typed="5")), cell_value(None)
    (5.0, None)
    """
    if mark is None:
        return None
    return mark.points if mark.points is not None else value_of(mark.typed)


def value_of(value: object) -> Value:
    """A number where one was typed, also as text with a comma; else words, or nothing.

    >>> value_of("1,5"), value_of(2), value_of(".5"), value_of(" two "), value_of(" ")
    (1.5, 2.0, 0.5, 'two', None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    words = str(value).strip()
    return float(words.replace(",", ".")) if re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", words) else (words or None)


def shown_comment(marks: Mapping[Extent, HumanMark]) -> tuple[Extent, str]:
    """The comment that stands in Review, and which mark it belongs to: that of the override before the other."""
    for extent in (Extent.WHOLE, Extent.PENDING):
        if extent in marks and marks[extent].comment:
            return extent, marks[extent].comment
    return (Extent.WHOLE if cell_value(marks.get(Extent.WHOLE)) is not None else Extent.PENDING), ""


def notices(marks: Mapping[Extent, HumanMark]) -> list[str]:
    """Sentences about marks that a person should look at again."""
    lines = []
    for mark in marks.values():
        if mark.stale:
            lines.append(f"The answer has changed since {said(mark)} was given.")
        if mark.conflict:
            lines.append(mark.conflict)
    return lines


def said(mark: HumanMark) -> str:
    """A mark in words: its points, where it was typed and when.

    >>> said(HumanMark("amal", "Q1", 1.5, Extent.WHOLE, at="2026-03-01T10:00:00+00:00", source="Scores"))
    'the mark 1.5 (Scores, 2026-03-01 10:00 UTC)'
    """
    value = cell_value(mark)
    words = points(value) if isinstance(value, float) else f"“{value}”" if value else "none"
    when = f", {mark.at[:16].replace('T', ' ')} UTC" if mark.at else ""
    return f"the mark {words} ({mark.source or 'workbook'}{when})"


def add_written_sheet(book: Book, gradebook: Gradebook) -> None:
    """The hidden sheet: one row a student, with what stands in the cells that a person may change."""
    sheet = book.sheet(NAME, (Column("Student", 18), Column("Written", 80)))
    documents: dict[str, dict[str, Any]] = {}
    for report in gradebook.reports:
        document = documents.setdefault(report.student.id, {})
        for question in report.questions:
            document[question.id] = {"answer": answer_digest(question), "earned": question.earned}
        document[WHOLE_HAND_IN] = {"answer": hand_in_digest(report)}
        if (standing := gradebook.standings.get(report.student.id)) is not None:
            document[WHOLE_HAND_IN]["standing"] = [standing.factor, standing.minus, standing.cap]
    for (student, question_id), marks in gradebook.marks_by_question.items():
        part = documents.setdefault(student, {}).setdefault(question_id, {})
        part |= {extent.value: [cell_value(mark), mark.answer] for extent, mark in marks.items()}
        owner, comment = shown_comment(marks)
        part["comment"], part["owner"] = _digest(cell_text(comment).strip()), owner.value
        part["noticed"] = bool(notices(marks))
    for number, (student, document) in enumerate(documents.items(), start=1):
        sheet.text(number, 0, student)
        sheet.text(number, 1, json.dumps(document, separators=(",", ":")))
    sheet.raw.very_hidden()


def same_comment(written: Written, comment: str) -> bool:
    """Whether the comment is the one that the workbook was written with."""
    return (written.comment or _digest("")) == _digest(cell_text(comment).strip())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
