"""The sheet `Review`: one row for whatever waits for a human, with a cell for the mark and one for a comment."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from grader.export.files import feedback_link
from grader.export.marks import NO_MARK, SEEN, Value, cell_value, notices, said, shown_comment
from grader.export.own_columns import OwnColumns
from grader.export.scores_layout import NAME as SCORES
from grader.export.scores_layout import ScoresLayout
from grader.export.sheet import Book, Column, Sheet, area, cell, fixed_column
from grader.export.text import clean, one_line, points, shorten
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark
from grader.model import AnswerText, Figure, Overall, QuestionReport, Status, Student, SubmissionReport

NAME = "Review"
COLUMNS = (
    Column("Student", 18),
    Column("Name", 22),
    Column("Question", 16),
    Column("Why it waits", 34),
    Column("Answer", 60),
    Column("Evidence", 54),
    Column("Page", 10),
    Column("Machine", 9, "head number", "Points that the grader gave to this question already."),
    Column("Max", 7, "head number", "The most that your mark can add."),
    Column("Mark", 8, "head number", "Type the points to add, from 0 to Max. Scores counts them at once."),
    Column("Comment", 40, note="Words for the student: they stand on the student's page."),
    Column("Waiting", 8, "head number", hidden=True),
    Column("Key", 6, "head number", hidden=True),
    Column("Overridden", 6, "head number", "1 where an override in Scores stands for the question.", hidden=True),
    Column("Counts", 6, "head number", "What the mark adds to the total.", hidden=True),
    Column("Open", 6, "head number", "What still waits.", hidden=True),
)
MACHINE, MAX, MARK, COMMENT, WAITING, KEY, OVERRIDDEN, COUNTS, OPEN = range(7, 16)

_LONGEST = 4_000


@dataclass(frozen=True)
class ReviewRow:
    """One thing for a human. `most` is what the mark may add, `waiting` what is pending in the total until then.

    `place` is the question's among those of the gradebook; None where there is no such question. `counts` is off where
    the course counts no bonus.
    """

    key: int
    report: SubmissionReport
    question: str
    why: str
    answer: str = ""
    evidence: str = ""
    machine: float = 0.0
    most: float = 0.0
    waiting: float = 0.0
    place: int | None = None
    counts: bool = True
    marks: Mapping[Extent, HumanMark] = field(default_factory=dict)

    @property
    def mark(self) -> Value:
        return cell_value(self.marks.get(Extent.PENDING))

    @property
    def overridden(self) -> bool:
        mark = self.marks.get(Extent.WHOLE)
        return mark is not None and mark.points is not None

    @property
    def valid(self) -> bool:
        return isinstance(self.mark, float) and 0 <= self.mark <= self.most

    @property
    def given(self) -> float:
        """The points that the mark adds: none for an empty cell, words, a number out of range, or an override."""
        mark = self.mark
        return mark if isinstance(mark, float) and self.valid and self.counts and not self.overridden else 0.0

    @property
    def open(self) -> float:
        """What still waits: a possible number or an override settles the whole row."""
        return 0.0 if self.valid or self.overridden else self.waiting


def review_rows(gradebook: Gradebook) -> list[ReviewRow]:
    """What waits, student by student; the key is the student's place among the reports, from 1.

    A key that is a number, unlike an id, cannot be mistaken by a spreadsheet's comparison ("007" equals "7" there).
    Marks that have nothing to stand beside any more get a row that counts nothing.
    """
    rows = [row for key, report in enumerate(gradebook.reports, start=1) for row in _rows(gradebook, key, report)]
    keys = {report.student.id: key for key, report in enumerate(gradebook.reports, start=1)}
    questions = {info.id for info in gradebook.questions} | {WHOLE_HAND_IN}
    for (student, question), marks in gradebook.marks_by_question.items():
        key = keys.get(student, 0)
        if not key or question not in questions:
            report = gradebook.reports[key - 1] if key else SubmissionReport(Student(student, ""), "", Overall.JUDGED)
            gone = f"{question} is not among the questions judged" if key else "This student is not among the hand-ins"
            kept = [f"{gone}: {said(mark)} is kept and counts nothing." for mark in marks.values()]
            why = "\n".join([*kept, *(f"{notice} {SEEN}" for notice in notices(marks))])
            rows.append(ReviewRow(key, report, question, why, marks=marks))
    return rows


def _rows(gradebook: Gradebook, key: int, report: SubmissionReport) -> Iterator[ReviewRow]:
    student = report.student.id
    marks = gradebook.marks_by_question.get((student, WHOLE_HAND_IN), {})
    known = {f"{question.id}: {flag}" for question in report.questions for flag in question.flags}
    flags = [flag for flag in report.flags if flag not in known]
    if report.status is Overall.UNREADABLE or flags or marks:
        most = report.possible + report.bonus if report.status is Overall.UNREADABLE and not report.pending else 0.0
        why = "\n".join(filter(None, (report.error or "", *flags, *_about(marks, most))))
        notes = "\n".join(report.notes)
        yield ReviewRow(key, report, WHOLE_HAND_IN, why, "", notes, report.score, most, marks=marks)
    look_for = {info.id: info.look_for for info in gradebook.questions}
    for place, question in enumerate(report.questions):
        marks = gradebook.marks_by_question.get((student, question.id), {})
        about = _about(marks, question.pending)
        if question.pending > 0 or question.flags or about:
            yield ReviewRow(
                key,
                report,
                question.id,
                "\n".join(filter(None, (_why(report, question, look_for.get(question.id, "")), *about))),
                _answer(question.answer),
                _evidence(question),
                question.earned,
                question.pending,
                question.pending,
                place,
                gradebook.rule.bonus or not question.bonus,
                marks,
            )


def _about(marks: Mapping[Extent, HumanMark], most: float) -> list[str]:
    """What is to be said about the marks of one question, in the column that tells why it waits."""
    lines = [f"{notice} {SEEN}" for notice in notices(marks)]
    for extent, mark in marks.items():
        if mark.typed:
            kept = said(mark)[0].upper() + said(mark)[1:]
            range_ = "of the question" if extent is Extent.WHOLE else f"({points(most)})"
            nothing = extent is Extent.PENDING and most <= 0
            lines.append(
                f"{kept} is kept and counts nothing: "
                + ("nothing waits here." if nothing else f"it is no number from 0 to the maximum {range_}.")
            )
        elif extent is Extent.WHOLE and mark.points is not None and most > 0:
            lines.append(f"An override in Scores gives {points(mark.points)} for the whole question.")
    return lines


def add_review_sheet(book: Book, gradebook: Gradebook, rows: list[ReviewRow], own: OwnColumns) -> None:
    """Write the sheet; the mark cells take numbers from 0 to the row's maximum and nothing else."""
    layout = ScoresLayout.of(gradebook)
    own = own.beside(COLUMNS)
    sheet = book.sheet(NAME, [*COLUMNS, *own.columns], "#b7791f")
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
        sheet.text(number, COMMENT, shown_comment(row.marks)[1], "words")
        sheet.number(number, WAITING, row.waiting)
        sheet.number(number, KEY, row.key, "count")
        own.write(sheet, number, student.id, row.question)
        _formulas(sheet, number, row, gradebook, layout)
        sheet.lines(number, (row.why, 34), (row.answer, 66), (row.evidence, 56), most=12)
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
        another = {"type": "formula", "criteria": "=$A2<>$A1", "format": "next"}
        sheet.colour(last, 0, another, width=MARK)  # the cells to type into have borders of their own
    sheet.finish(last, frozen=3)


def _formulas(sheet: Sheet, number: int, row: ReviewRow, gradebook: Gradebook, layout: ScoresLayout) -> None:
    """What the row counts for, live: a possible mark counts, unless an override in Scores stands for the question."""
    mark, most, waiting = cell(number, MARK), cell(number, MAX), cell(number, WAITING)
    if row.place is None:
        sheet.number(number, OVERRIDDEN, 0.0, "count")
    else:
        keys = fixed_column(SCORES, layout.key, layout.rows)
        typed = fixed_column(SCORES, layout.override + row.place, layout.rows)
        found = f"INDEX({typed},MATCH({cell(number, KEY)},{keys},0))"
        top = f"{gradebook.questions[row.place].possible:.12g}"
        formula = f"=IF(ISNUMBER({found}),IF(AND({found}>=0,{found}<={top}),1,0),0)"
        sheet.formula(number, OVERRIDDEN, formula, float(row.overridden), "count")
    valid = f"IF(ISNUMBER({mark}),AND({mark}>=0,{mark}<={most}),FALSE)"
    overridden = f"{cell(number, OVERRIDDEN)}=1"
    counts = f"=IF({overridden},0,IF({valid},{mark},0))" if row.counts else "=0"
    sheet.formula(number, COUNTS, counts, row.given)
    sheet.formula(number, OPEN, f"=IF({overridden},0,IF({valid},0,{waiting}))", row.open)


def _why(report: SubmissionReport, question: QuestionReport, look_for: str) -> str:
    reasons = []
    if question.pending > 0:
        waiting = [label for label in question.labels if label.pending > 0]
        ours = any(label.status is Status.GRADER_ERROR for label in waiting) or question.status is Status.GRADER_ERROR
        what = ", ".join(label.label for label in waiting)
        reasons.append(
            f"The grader failed here, not the student ({what})." if ours else f"For a person to judge ({what})."
        )
        reasons += [f"Look for: {look_for}."] if look_for and not ours else []
        reasons += [label.message for label in waiting if label.message]
        if ours and report.error:
            reasons.append(report.error)
    reasons += [f"Flag: {flag}" for flag in question.flags]
    return "\n".join(dict.fromkeys(reasons))


def _answer(answer: AnswerText | None) -> str:
    return "" if answer is None else shorten(clean(answer.text).strip(), _LONGEST)


def _evidence(question: QuestionReport) -> str:
    lines = [_figure(figure) for figure in question.figures]
    if question.answer is not None:
        lines += [f"Code:\n{_compact(code)}" for code in question.answer.code]
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


def _compact(code: str) -> str:
    """Code without the empty lines that the template leaves between a student's own, and without a common margin."""
    return textwrap.dedent("\n".join(line for line in clean(code).split("\n") if line.strip()))


def _figure(figure: Figure) -> str:
    """A reported number beside the reference's, with a sign that says whether they agree."""
    sign = {True: "✓", False: "✗", None: "•"}[figure.agrees]
    return f"{sign} {one_line(figure.what)}: {one_line(figure.got)} (reference: {one_line(figure.want)})"
