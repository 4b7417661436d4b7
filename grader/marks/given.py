"""Marks that persons give: given by command, withdrawn, joined to a gradebook, and judged whether they can count.

What was typed into a workbook is read in `grader.marks.typed`; points are added up in `grader.final`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.export.marks import answer_digest, cell_value, hand_in_digest, said
from grader.export.questions import tidied
from grader.export.text import cell_text, points
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark
from grader.marks.typed import same
from grader.model import Overall, QuestionReport, SubmissionReport, tidy
from grader.store import Store, stored_name

COMMAND = "grade mark"
_SHOWN = 10


class NoSuchMark(Exception):
    """A mark that cannot be given; the message is a sentence."""


def with_marks(gradebook: Gradebook, marks: Iterable[HumanMark]) -> Gradebook:
    """The gradebook with the store's marks: those that cannot count have no points, stale ones say so.

    A mark counts where it is a number from 0 to what waits (or, for a whole question, to its points). One of a student
    or question that is not in the gradebook stays in it, and counts nothing.
    """
    reports = {report.student.id: report for report in tidied(gradebook).reports}
    ids = {stored_name(student): student for student in reports}
    shown = {cell_text(student): student for student in reports}
    joined: dict[tuple[str, str, Extent], HumanMark] = {}
    for mark in marks:
        if mark.points is None and not mark.typed and not mark.comment:
            continue  # withdrawn
        student = ids.get(mark.student) or shown.get(mark.student) or mark.student
        named = _checked(replace(mark, student=student), reports.get(student))
        joined[student, mark.question, mark.extent] = named
    for (student, question, extent), mark in list(joined.items()):
        whole = joined.get((student, question, Extent.WHOLE))
        if extent is Extent.PENDING and mark.comment and whole is not None and not whole.comment:
            joined[student, question, Extent.WHOLE] = replace(whole, comment=mark.comment)
    return replace(gradebook, marks=tuple(joined[key] for key in sorted(joined)))


def idle_marks(gradebook: Gradebook) -> tuple[str, ...]:
    """Sentences for the terminal about marks that count nothing, or for one student of a group alone."""
    asked = {report.student.id: {question.id for question in report.questions} for report in tidied(gradebook).reports}

    def gone(mark: HumanMark) -> bool:
        return mark.student not in asked and cell_value(mark) is not None

    def unasked(mark: HumanMark) -> bool:
        known = asked.get(mark.student, set())
        return bool(known) and mark.question != WHOLE_HAND_IN and mark.question not in known and bool(mark.typed)

    def unfit(mark: HumanMark) -> bool:
        return bool(mark.typed) and not gone(mark) and not unasked(mark)

    return (
        *_listed("that count nothing, being out of range or no longer wanted", gradebook, unfit),
        *_listed("kept for questions that were not judged this time, counting nothing now", gradebook, unasked),
        *_listed("kept for students who are not among the hand-ins, counting nothing now", gradebook, gone),
        *apart_from_group(gradebook, gradebook.marks),
    )


def apart_from_group(gradebook: Gradebook, marks: Iterable[HumanMark]) -> tuple[str, ...]:
    """A sentence about those of the marks that others of the student's group, with the same hand-in, were not given."""
    reports = {report.student.id: report for report in gradebook.reports}
    by_files: dict[tuple[str, ...], list[SubmissionReport]] = {}
    for report in gradebook.reports:
        by_files.setdefault(report.files, []).append(report)
    where = []
    for mark in marks:
        own = reports.get(mark.student)
        if own is None or mark.points is None:
            continue
        others = [
            other.student.id
            for other in by_files[own.files]
            if _together(own, other) and not _has_mark(gradebook, other.student.id, mark.question)
        ]
        if others:
            where.append(f"{mark.student} {mark.question} (not {', '.join(others)})")
    where = list(dict.fromkeys(where))
    more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
    words = "A mark is one student's alone; the others of the group, who handed in the same, have none for"
    return (f"{words}: {', '.join(where[:_SHOWN])}{more}.",) if where else ()


def _together(one: SubmissionReport, other: SubmissionReport) -> bool:
    """Whether two students have one hand-in: each report of a group's names the other members in a note of its own."""
    return one is not other and any(one.student.name in note for note in set(other.notes) - set(one.notes))


def _has_mark(gradebook: Gradebook, student: str, question: str) -> bool:
    held = gradebook.marks_by_question.get((student, question), {})
    return any(cell_value(mark) is not None for mark in held.values())


def remarks_on(gradebook: Gradebook) -> tuple[str, ...]:
    """Sentences for the terminal about marks that a person should look at again; the workbook says it at length."""
    return (
        *_listed("whose answer has changed since", gradebook, lambda mark: mark.stale),
        *idle_marks(gradebook),
        *_listed("that contradict another one", gradebook, lambda mark: bool(mark.conflict)),
    )


def _listed(words: str, gradebook: Gradebook, chosen: Callable[[HumanMark], bool]) -> tuple[str, ...]:
    where = [f"{mark.student} {mark.question}" for mark in gradebook.marks if chosen(mark)]
    more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
    return (f"Marks {words} (see the sheet Review): {', '.join(where[:_SHOWN])}{more}.",) if where else ()


def _checked(mark: HumanMark, report: SubmissionReport | None) -> HumanMark:
    if report is None:
        return mark
    question = _question(report, mark.question)
    most = limit(report, mark.question, mark.extent)
    if mark.points is not None and not 0 <= mark.points <= most:
        mark = replace(mark, points=None, typed=f"{mark.points:.12g}")
    counts = mark.points is not None
    answer = answer_digest(question) if question else hand_in_digest(report)
    return replace(mark, stale=counts and bool(mark.answer) and mark.answer != answer)


def limit(report: SubmissionReport, question_id: str, extent: Extent) -> float:
    """The most that a mark can be; below 0 where there is nothing that it could stand for."""
    if question_id == WHOLE_HAND_IN:
        unread = report.status is Overall.UNREADABLE and not report.pending and extent is Extent.PENDING
        return tidy(report.possible + report.bonus) if unread else -1.0
    question = _question(report, question_id)
    if question is None:
        return -1.0
    return question.possible if extent is Extent.WHOLE else (question.pending or -1.0)


def _question(report: SubmissionReport, question_id: str) -> QuestionReport | None:
    return next((question for question in report.questions if question.id == question_id), None)


def give(
    store: Store,
    gradebook: Gradebook,
    student: str,
    question_id: str,
    value: float | None,
    comment: str,
    read: Sequence[HumanMark],
) -> HumanMark:
    """Keep the points that a person gives for a whole question; None takes an earlier override back.

    Without a `comment` that of the mark before stays: points are often corrected, and words are not to be lost by it.
    `read` are marks that were read just now from the workbook: where they say something else, both are shown.

    Raises:
        NoSuchMark: the student or the question is unknown, or the points are out of range.
    """
    book = tidied(gradebook)
    report = next((report for report in book.reports if student == report.student.id), None)
    if report is None:
        raise NoSuchMark(f"There is no hand-in of {student!r} in {gradebook.homework}.{_alike(student, book)}")
    question = _question(report, question_id)
    if question is None:
        known = ", ".join(question.id for question in report.questions)
        raise NoSuchMark(f"{gradebook.homework} has no question {question_id!r}. Its questions are: {known}.")
    if value is not None and not 0 <= value <= question.possible:
        raise NoSuchMark(
            f"{points(value)} is no possible mark: {question_id} takes 0 to {points(question.possible)} points."
        )
    where = (stored_name(student), question_id, Extent.WHOLE)
    before = (one.comment for one in store.marks() if (one.student, one.question, one.extent) == where)
    mark = HumanMark(
        student,
        question_id,
        value,
        Extent.WHOLE,
        comment or next(before, ""),
        datetime.now(UTC).isoformat(timespec="seconds"),
        COMMAND,
        answer_digest(question),
    )
    others = [other for other in read if (other.student, other.question) == (cell_text(student), question_id)]
    for other in others:
        whole = other.points if other.extent is Extent.WHOLE else tidy(question.earned + (other.points or 0.0))
        if value is not None and other.points is not None and not same(whole, value):
            conflict = f"There are two marks: {said(other)} and {said(mark)}. The latter counts, as the later one."
            mark = replace(mark, conflict=conflict)
    store.add_mark(mark)
    return mark


def take_back(store: Store, gradebook: Gradebook, student: str, question_id: str) -> HumanMark:
    """Withdraw the mark that counts for a question; returns what it was. It stays in the history.

    Raises:
        NoSuchMark: no person gave that question a mark.
    """
    marks = gradebook.marks_by_question.get((student, question_id), {})
    given = next((marks[e] for e in (Extent.WHOLE, Extent.PENDING) if cell_value(marks.get(e)) is not None), None)
    if given is None:
        raise NoSuchMark(f"No person has given {student!r} a mark for {question_id!r} in {gradebook.homework}.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    store.add_mark(HumanMark(student, question_id, None, given.extent, "", at, COMMAND))
    return given


def _alike(student: str, gradebook: Gradebook) -> str:
    import difflib

    ids = {report.student.id.casefold(): report.student.id for report in gradebook.reports}
    close = [ids[one] for one in difflib.get_close_matches(student.casefold(), ids, n=3)]
    return f" Did you mean {' or '.join(close)}?" if close else ""
