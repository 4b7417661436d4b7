"""`course.xlsx`: several homeworks of one course side by side, weighted as the policy says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.export.files import is_open_elsewhere, keep_edited, write_or_step_aside
from grader.export.questions import tidied
from grader.export.sheet import Book, Column, Sheet, cell
from grader.export.text import one_line
from grader.export.typed import is_edited
from grader.final import final_score, pending
from grader.gradebook import Gradebook
from grader.model import SubmissionReport, tidy

_POSSIBLE, _WEIGHT = 2, 3  # columns of the sheet Weights


def write_course(gradebooks: Sequence[Gradebook], path: Path) -> Path:
    """Write the workbook; returns the path that was written (another name where it is open elsewhere).

    Nothing is read from it. Where a person has saved the one that stood there, that one is kept as
    `course (edited 1).xlsx` and so on.

    Args:
        gradebooks: one a homework; its `rule.weight` is its share of the course (None: it counts nothing there). For
            those who are `excused` from it their other weights are scaled up.

    Raises:
        ExportError: the folder cannot be written to, or a report does not fit its homework.
    """
    path = Path(path)
    data = course_bytes(gradebooks)
    if is_edited(path) and not is_open_elsewhere(path):
        keep_edited(path)
    return write_or_step_aside(path, data)


def weights_in(path: Path) -> Mapping[str, float]:
    """The homeworks of the workbook at `path` with their weights; none where it cannot be read."""
    from openpyxl import load_workbook

    try:
        rows = load_workbook(path, data_only=True)["Weights"].iter_rows(min_row=2, values_only=True)
        return {str(row[0]): float(str(row[_WEIGHT])) for row in rows if row[0] is not None}
    except Exception:  # whatever is wrong with a file that passed through other programs
        return {}


def course_bytes(gradebooks: Sequence[Gradebook]) -> bytes:
    """The workbook as bytes; equal gradebooks give equal bytes."""
    ordered = sorted((tidied(book) for book in gradebooks), key=lambda book: book.homework)
    book = Book("Course")
    sheet = book.sheet("Course", _columns(ordered), "#28456b")
    reports = [{report.student.id: report for report in one.reports} for one in ordered]
    names = {who: report.student.name for found in reports for who, report in found.items()}
    for row, student in enumerate(sorted(names), start=1):
        sheet.text(row, 0, student, "strong")
        sheet.text(row, 1, one_line(names[student]))
        _student(sheet, row, student, ordered, [found.get(student) for found in reports])
    course = 2 + 2 * len(ordered)
    sheet.colour(len(names), course + 1, {"type": "cell", "criteria": ">", "value": 0, "format": "waiting"})
    sheet.finish(len(names), frozen=2)
    _weights(book, ordered)
    return book.finish()


def _student(
    sheet: Sheet,
    row: int,
    student: str,
    books: Sequence[Gradebook],
    reports: Sequence[SubmissionReport | None],
) -> None:
    """One row: points and percentage of each homework, the weighted percentage, what waits, and what is odd."""
    weighed, above, below, waiting, notes = [], 0.0, 0.0, 0.0, []
    for number, (one, report) in enumerate(zip(books, reports, strict=True)):
        points, percent = 2 + 2 * number, 3 + 2 * number
        weight, weight_cell = one.rule.weight or 0.0, _fixed(number, _WEIGHT)
        score = final_score(one, report) if report is not None else 0.0
        if report is not None:
            sheet.number(row, points, score, "so far" if pending(one, report) else "points")
            waiting += pending(one, report)
        if student in one.excused:
            notes.append(f"{one.homework}: excused")
            continue
        if report is None:
            notes.append(f"{one.homework}: no hand-in")
        possible = _possible(one)
        share = round(score / possible, 6) if possible else 0.0
        formula = f"=IF({_fixed(number, _POSSIBLE)}=0,0,ROUND(N({cell(row, points)})/{_fixed(number, _POSSIBLE)},6))"
        sheet.formula(row, percent, formula, share, "share")
        weighed.append((cell(row, percent), weight_cell))
        above, below = above + share * weight, below + weight
    course = 2 + 2 * len(books)
    if weighed:
        top = "+".join(f"{part}*{weight}" for part, weight in weighed)
        all_weights = "+".join(weight for _, weight in weighed)
        value = round(above / below, 4) if below else 0.0
        sheet.formula(row, course, f"=IF({all_weights}=0,0,ROUND(({top})/({all_weights}),4))", value, "share")
    sheet.number(row, course + 1, tidy(waiting))
    sheet.text(row, course + 2, "; ".join(notes))


def _columns(books: Sequence[Gradebook]) -> list[Column]:
    columns = [Column("Student", 18), Column("Name", 24)]
    for one in books:
        note = f"{one.title}\nThe total of {one.homework}/grades.xlsx when this workbook was written."
        width = max(10, len(one.homework) + 2)
        columns.append(Column(one.homework, width, "head number", note))
        columns.append(Column(f"{one.homework} percent", width, "head number"))
    weights = "The percentages, weighted by the sheet Weights over the homeworks that count for the student."
    return [
        *columns,
        Column("Course percent", 10, "head number", weights),
        Column("Pending", 9, "head number", "Points that still wait for a human; in no total yet."),
        Column("Notes", 40),
    ]


def _weights(book: Book, books: Sequence[Gradebook]) -> None:
    columns = [Column("Homework", 24), Column("Title", 44), Column("Possible", 10, "head number")]
    sheet = book.sheet("Weights", [*columns, Column("Weight", 10, "head number")], "#5b4a86")
    for row, one in enumerate(books, start=1):
        sheet.text(row, 0, one.homework, "strong")
        sheet.text(row, 1, one_line(one.title))
        sheet.number(row, _POSSIBLE, _possible(one))
        sheet.number(row, _WEIGHT, one.rule.weight or 0.0, "share")
    sheet.finish(len(books))


def _possible(book: Gradebook) -> float:
    return tidy(sum(info.possible for info in book.questions if not info.bonus))


def _fixed(number: int, column: int) -> str:
    """A cell of the sheet Weights, as a formula on another sheet names it."""
    letter = "ABCD"[column]
    return f"Weights!${letter}${number + 2}"
