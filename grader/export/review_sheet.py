"""The sheet `Review`: one row for whatever waits for a human, with a cell for the mark and one for a comment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.export.files import feedback_link
from grader.export.marks import NO_MARK, STALE, Typed, TypedMark
from grader.export.sheet import Book, Column, area, cell
from grader.export.text import cell_text, clean, one_line, points, shorten
from grader.model import AnswerText, Overall, QuestionReport, Status, Student, SubmissionReport

NAME = "Review"
COLUMNS = (
    Column("Student", 18),
    Column("Name", 22),
    Column("Question", 10),
    Column("Why it waits", 34),
    Column("Answer", 64),
    Column("Evidence", 44),
    Column("Page", 10),
    Column("Machine", 9, "head number", "Points that the grader gave to this question already."),
    Column("Max", 7, "head number", "The most that your mark can add."),
    Column("Mark", 8, "head number", "Type the points to add, from 0 to Max. Scores counts them at once."),
    Column("Comment", 40, note="Words for the student or for yourself."),
    Column("Waiting", 8, "head number", hidden=True),
    Column("Key", 6, "head number", hidden=True),
)
MACHINE, MAX, MARK, COMMENT, WAITING, KEY = 7, 8, 9, 10, 11, 12
WHOLE = "all"
"""What stands in the column Question where the whole hand-in waits."""

_LONGEST = 4_000


@dataclass(frozen=True)
class ReviewRow:
    """One thing for a human. `most` is what the mark may add, `waiting` what is pending in the total until then."""

    key: int
    report: SubmissionReport
    question: str
    why: str
    answer: str
    evidence: str
    machine: float
    most: float
    waiting: float
    mark: float | str | None = None
    comment: str = ""

    @property
    def given(self) -> float:
        """The points that the mark adds: none for an empty cell, or for words."""
        return self.mark if isinstance(self.mark, float) else 0.0

    @property
    def open(self) -> float:
        """What still waits: a number settles the whole row."""
        return 0.0 if isinstance(self.mark, float) and self.mark >= 0 else self.waiting


def review_rows(reports: tuple[SubmissionReport, ...]) -> list[ReviewRow]:
    """What waits, student by student; the key is the student's place in `reports`, from 1.

    A key that is a number, unlike an id, cannot be mistaken by a spreadsheet's comparison ("007" equals "7" there).
    """
    rows = []
    for key, report in enumerate(reports, start=1):
        if report.status is Overall.UNREADABLE or report.flags:
            most = report.possible + report.bonus if report.status is Overall.UNREADABLE else 0.0
            why = "\n".join(filter(None, (report.error or "", *report.flags)))
            rows.append(ReviewRow(key, report, WHOLE, why, "", "\n".join(report.notes), report.score, most, 0.0))
        for question in report.questions:
            if question.pending > 0 or question.flags:
                rows.append(
                    ReviewRow(
                        key,
                        report,
                        question.id,
                        _why(report, question),
                        _answer(question.answer),
                        _evidence(question),
                        question.earned,
                        question.pending,
                        question.pending,
                    )
                )
    return rows


def with_marks(rows: list[ReviewRow], reports: tuple[SubmissionReport, ...], typed: Typed) -> list[ReviewRow]:
    """The rows with what was typed for them before; what has no row any more gets one that counts nothing."""
    left = dict(typed.marks)
    marked = []
    for row in rows:
        before = left.pop((cell_text(row.report.student.id), cell_text(row.question)), None)
        if before is not None and (row.most > 0 or before.mark is None):
            stale = before.mark is not None and (before.stale or before.answer != cell_text(row.answer))
            why = f"{row.why}\n{STALE}" if stale else row.why
            row = replace(row, why=why, mark=before.mark, comment=before.comment)
        elif before is not None:
            row = replace(row, comment=_remembered(before))
        marked.append(row)
    keys = {cell_text(report.student.id): key for key, report in enumerate(reports, start=1)}
    for (student, question), before in left.items():
        key = keys.get(student, 0)
        report = reports[key - 1] if key else SubmissionReport(Student(student, ""), "", Overall.JUDGED)
        why = "This no longer waits for a mark." if key else "This student is not among the hand-ins any more."
        marked.append(ReviewRow(key, report, question, why, "", "", 0.0, 0.0, 0.0, comment=_remembered(before)))
    return marked


def _remembered(before: TypedMark) -> str:
    if before.mark is None:
        return before.comment
    mark = points(before.mark) if isinstance(before.mark, float) else before.mark
    return f"Earlier mark: {mark}. {before.comment}".strip()


def add_review_sheet(book: Book, rows: list[ReviewRow]) -> None:
    """Write the sheet; the mark cells take numbers from 0 to the row's maximum and nothing else."""
    sheet = book.sheet(NAME, COLUMNS, "#b7791f")
    for number, row in enumerate(rows, start=1):
        student = row.report.student
        sheet.text(number, 0, student.id, "strong")
        sheet.text(number, 1, one_line(student.name))
        sheet.text(number, 2, row.question)
        sheet.text(number, 3, row.why, "wrap")
        sheet.text(number, 4, row.answer, "code")
        sheet.text(number, 5, row.evidence, "wrap")
        sheet.link(number, 6, feedback_link(student.id), "open")
        sheet.number(number, MACHINE, row.machine)
        sheet.number(number, MAX, row.most)
        if row.most <= 0:
            sheet.text(number, MARK, NO_MARK, "quiet")
        elif isinstance(row.mark, float):
            sheet.number(number, MARK, row.mark, "entry")
        elif row.mark:
            sheet.text(number, MARK, row.mark, "entry")
        else:
            sheet.blank(number, MARK, "entry")
        sheet.blank(number, COMMENT, "words")
        sheet.text(number, COMMENT, row.comment, "words")
        sheet.number(number, WAITING, row.waiting)
        sheet.number(number, KEY, row.key, "count")
        sheet.lines(number, (row.why, 34), (row.answer, 70), (row.evidence, 46), most=12)
    last = len(rows)
    if rows:
        mark, most = cell(1, MARK), f"${cell(1, MAX)}"
        sheet.raw.data_validation(
            area(1, MARK, last, MARK),
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": 0,
                "maximum": f"={most}",
                "input_title": "Mark",
                "input_message": "Points to add: from 0 to the number under Max. Leave it empty to decide later.",
                "error_title": "Not a possible mark",
                "error_message": "Type a number from 0 to the number under Max, or leave the cell empty.",
            },
        )
        wrong = f'=AND({mark}<>"",{mark}<>"{NO_MARK}",OR(NOT(ISNUMBER({mark})),{mark}<0,{mark}>{most}))'
        sheet.colour(last, MARK, {"type": "formula", "criteria": wrong, "format": "alarm"})
    sheet.finish(last, frozen=3)


def _why(report: SubmissionReport, question: QuestionReport) -> str:
    reasons = []
    if question.pending > 0:
        waiting = [label for label in question.labels if label.pending > 0]
        ours = any(label.status is Status.GRADER_ERROR for label in waiting) or question.status is Status.GRADER_ERROR
        what = ", ".join(label.label for label in waiting)
        reasons.append(
            f"The grader failed here, not the student ({what})." if ours else f"For a person to judge ({what})."
        )
        reasons += [label.message for label in waiting if label.message]
        if ours and report.error:
            reasons.append(report.error)
    reasons += [f"Flag: {flag}" for flag in question.flags]
    return "\n".join(dict.fromkeys(reasons))


def _answer(answer: AnswerText | None) -> str:
    return "" if answer is None else shorten(clean(answer.text).strip(), _LONGEST)


def _evidence(question: QuestionReport) -> str:
    lines = []
    if question.answer is not None:
        lines += [f"Code:\n{code}" for code in question.answer.code]
        lines += [f"Printed: {output.strip()}" for output in question.answer.outputs if output.strip()]
        if question.answer.pictures:
            lines.append(f"{len(question.answer.pictures)} picture(s): see the page.")
        lines += [f"At {place}" for place in question.answer.places]
    if question.place is not None:
        lines.append(f"At {question.place}")
    judged = [label for label in question.labels if label.pending == 0]
    if judged and question.pending > 0:
        figures = ", ".join(f"{label.label} {points(label.earned)}/{points(label.possible)}" for label in judged)
        lines.append(f"Judged already: {figures}")
    lines += question.notes
    return shorten(clean("\n".join(dict.fromkeys(lines))), _LONGEST)
