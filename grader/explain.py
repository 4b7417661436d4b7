"""`grade explain`: why a student lost marks, with the evidence, in plain text for the instructor's terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from grader import final
from grader.export.lost_marks import ExampleView, LostMark, WaitingMark, advice, lost_marks, waiting_marks
from grader.export.matrix import Entry, Table
from grader.export.page import Face, face, figures_of, words_of
from grader.export.questions import completed, tidied
from grader.export.text import clean, counted, one_line, points
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark
from grader.lookup import homework_folder, questions_called, student_called
from grader.model import AnswerText, FaultInfo, LabelReport, Overall, Place, QuestionReport, SubmissionReport
from grader.session import WrongUse, stored_gradebook
from grader.store import Store
from grader.summary import terminal_width

_WIDE = 100  # characters of a line, where the terminal has room for them
_MOST_TEXT = 40  # lines of an answer


def explain(results: Path, student: str, question: str | None = None) -> list[str]:
    """The lines for one student of a graded homework; `results` is its folder or the `results.jsonl` in it.

    The folder above will do where it holds one homework alone.

    Raises:
        WrongUse: there are no results, no such student or no such question; a sentence says what there is.
        StoreError, ExportError: what is stored cannot be read.
    """
    folder = homework_folder(results.parent if results.is_file() else results)
    gradebook = tidied(stored_gradebook(folder))
    report = _with_evidence(folder, student_called(gradebook, student))
    return list(explain_report(report, gradebook, question))


def explain_report(report: SubmissionReport, gradebook: Gradebook, question: str | None = None) -> Iterator[str]:
    """Everything about one question, or all that is not simply right about every question."""
    report = completed(report, gradebook)
    chosen = questions_called(report, question)
    if not chosen:
        known = ", ".join(one.id for one in report.questions)
        raise WrongUse(f"{gradebook.homework} has no question {question!r}. Its questions are: {known}.")
    faults = {fault.id: fault for fault in gradebook.faults}
    yield from _head(report, gradebook)
    right = [one.id for one in chosen if question is None and _plainly_right(one, report, gradebook)]
    if question is None and report.status in (Overall.UNREADABLE, Overall.GRADER_ERROR):
        # the reason is said above, once
        chosen = [one for one in chosen if (report.student.id, one.id) in gradebook.marks_by_question]
    for one in chosen:
        if one.id not in right:
            yield ""
            yield from _question(one, report, gradebook, faults, whole=question is not None)
    if right:
        yield ""
        yield from _wrapped(f"Full points: {', '.join(right)}.", "")


def _with_evidence(folder: Path, report: SubmissionReport) -> SubmissionReport:
    """The report with its examples and answers, which only the store has; as it is where the store has it no more."""
    store = folder / "store.sqlite"
    if any(question.title for question in report.questions) or not store.is_file():
        return report
    with Store(store) as opened:
        kept = [entry.report for entry in opened.history(report.student.id)]
    same = [full for full in kept if (full.score, full.pending) == (report.score, report.pending)]
    return same[-1] if same else report


def _head(report: SubmissionReport, gradebook: Gradebook) -> Iterator[str]:
    student = report.student
    who = one_line(student.name)
    if student.name != student.id:
        who += f" ({one_line(student.id)})"
    open_ = final.pending(gradebook, report)
    score = points(final.final_score(gradebook, report))
    line = f"{who}, {gradebook.homework}: {score} of {counted(report.possible, 'point')}"
    yield line + (f", {points(open_)} more wait for a human" if open_ else "")
    standing = gradebook.standings.get(student.id, final.NO_STANDING)
    if standing.words:
        raw = points(final.raw_score(gradebook, report))
        lead = f"{raw} for the answers. " if raw != score else ""
        yield from _wrapped(lead + standing.words[:1].upper() + standing.words[1:], "  ")
    if report.error:
        yield from _wrapped(f"{report.status.value.replace('_', ' ')}: {report.error}", "  ")
    if report.files:
        yield from _wrapped(f"Read: {', '.join(report.files)}", "  ")
    for note in report.notes:
        yield from _wrapped(note, "  ")
    told = {f"{question.id}: {flag}" for question in report.questions for flag in question.flags}
    for flag in (flag for flag in report.flags if flag not in told):
        yield from _wrapped(f"Flag: {flag}", "  ")
    for mark in gradebook.marks_by_question.get((student.id, WHOLE_HAND_IN), {}).values():
        yield from _wrapped(_said(mark), "  ")


def _plainly_right(question: QuestionReport, report: SubmissionReport, gradebook: Gradebook) -> bool:
    marked = (report.student.id, question.id) in gradebook.marks_by_question
    return face(question) is Face.RIGHT and not (marked or question.flags)


def _question(
    question: QuestionReport,
    report: SubmissionReport,
    gradebook: Gradebook,
    faults: Mapping[str, FaultInfo],
    *,
    whole: bool,
) -> Iterator[str]:
    student = report.student.id
    earned, open_ = final.points_of(question, final.mark_of(gradebook, student, question.id))
    waits = f", {points(open_)} pending" if open_ else ""
    yield f"{question.id}  {points(earned)} of {points(question.possible)}{waits}  {one_line(question.title)}".rstrip()
    if question.place:
        yield f"  Judged: {_place(question.place)}"
    for mark in gradebook.marks_by_question.get((student, question.id), {}).values():
        yield from _wrapped(_said(mark), "  ")
    for flag in question.flags:
        yield from _wrapped(f"Flag: {flag}", "  ")
    for lost in lost_marks(question, faults):
        yield from _lost(lost, faults)
    for waiting in waiting_marks(question) if open_ else ():
        yield from _waiting(waiting)
    yield from _reported(question)
    if whole:
        for note in advice(question):
            yield from _wrapped(f"Note: {note}", "  ")
        yield from _right(question)
    if (whole or open_) and question.answer is not None:
        yield from _answer(question.answer)


def _waiting(waiting: WaitingMark) -> Iterator[str]:
    line = f"{', '.join(waiting.labels)}  {points(waiting.pending)} pending: {words_of(waiting.report)}"
    yield from _wrapped(line, "  ")
    yield from _wrapped(waiting.words, "    ")


def _reported(question: QuestionReport) -> Iterator[str]:
    """The figures of the answer beside the reference's, the verdict first so that the eye finds what differs."""
    figures = figures_of(question)
    if figures:
        yield "  Reported, and the reference's:"
    for figure in figures:
        verdict = {True: "agrees ", False: "DIFFERS", None: "       "}[figure.agrees]
        line = f"    {verdict}  {one_line(figure.what)}: {one_line(figure.got)} | {one_line(figure.want)}"
        yield from wrap(line, terminal_width(_WIDE), subsequent_indent=" " * 13, drop_whitespace=True)


def _right(question: QuestionReport) -> Iterator[str]:
    right = [label.label for label in question.labels if face(label) is Face.RIGHT]
    if right:
        yield from _wrapped(f"Right: {', '.join(right)}", "  ")


def _lost(lost: LostMark, faults: Mapping[str, FaultInfo]) -> Iterator[str]:
    named = ", ".join(lost.labels)
    lead = f"{named}  " if named else ""
    yield from _wrapped(f"{lead}{points(lost.earned)} of {points(lost.possible)}: {words_of(lost.report)}", "  ")
    for message in (*lost.messages, lost.ending):
        yield from _wrapped(message, "    ")
    yield from _misconceptions(lost.report, faults)
    if lost.example:
        yield from _example(lost.example)
    if lost.hint:
        yield from _wrapped(f"To try: {lost.hint}", "    ")


def _misconceptions(label: LabelReport, faults: Mapping[str, FaultInfo]) -> Iterator[str]:
    for number, id in enumerate(label.faults):
        words = f": {faults[id].words}" if id in faults and faults[id].words.rstrip(".") not in label.message else ""
        yield from _wrapped(f"{'or' if number else 'Misconception'} {id}{words}", "    ")


def _example(example: ExampleView) -> Iterator[str]:
    if example.same_inputs:
        yield "    On the same example:"
    for name, value in example.inputs:
        yield from _block(f"    {one_line(name)} = ", value)
    if example.want is not None:
        yield from _block("    expected ", example.want)
    if example.got is not None:
        yield from _block("    got      ", example.got)
    if example.got_words:
        yield from _wrapped(f"got      {example.got_words}", "    ")


def _block(lead: str, value: Table) -> Iterator[str]:
    """A table beside its name, its columns aligned; "≠" before each entry that differs."""
    if value.scalar is not None:
        yield f"{lead}{_entry(value.scalar)}"
    for part in value.slices:
        texts = [[_entry(entry) for entry in row] for row in part.rows]
        if part.top:
            texts = [["", *part.top], *([side, *row] for side, row in zip(part.side, texts, strict=True))]
        widths = [max(len(row[at]) for row in texts) for at in range(len(texts[0]))]
        title = f"{part.title} " if part.title else ""
        for number, row in enumerate(texts):
            begin = f"{lead}{title}" if number == 0 else " " * len(lead + title)
            yield begin + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        lead = " " * len(lead)
    if value.left_out:
        yield f"{lead}{value.left_out}"


def _entry(entry: Entry) -> str:
    return f"≠{entry.text}" if entry.off else entry.text


def _answer(answer: AnswerText) -> Iterator[str]:
    parts = [("The answer", answer.text), *(("Code", code) for code in answer.code)]
    parts += [("Printed", output) for output in answer.outputs]
    for what, text in parts:
        rows = clean(text).strip("\n").split("\n")
        if text.strip():
            yield f"  {what}:"
            yield from (f"    | {row}" for row in rows[:_MOST_TEXT])
            if len(rows) > _MOST_TEXT:
                yield f"    | … {len(rows) - _MOST_TEXT} more lines"
    for picture in answer.pictures:
        yield f"  A picture: {_place(picture.place)}"


def _said(mark: HumanMark) -> str:
    whole = "the whole hand-in" if mark.question == WHOLE_HAND_IN else "the whole question"
    extent = whole if mark.extent is Extent.WHOLE else "what waited"
    given = "only a comment" if mark.points is None else f"{points(mark.points)} for {extent}"
    if mark.points is None and mark.typed:
        given = f"{mark.typed!r}, which does not count"
    told = ", ".join(part for part in (mark.source, mark.at) if part)
    words = f"A person's mark: {given}" + (f" ({told})" if told else "")
    words += f": {mark.comment}" if mark.comment else ""
    if mark.stale:
        words += " [the answer has changed since]"
    return words + (f" [{mark.conflict}]" if mark.conflict else "")


def _place(place: Place) -> str:
    return one_line(str(place))


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """Sentences in lines that fit; rows that begin with four spaces are quoted and stay as they are."""
    for row in clean(text).split("\n"):
        if row.startswith("    "):
            yield indent + row
        elif row.strip():
            yield from wrap(row.strip(), terminal_width(_WIDE), initial_indent=indent, subsequent_indent=indent)
