"""The sheet `Scores`: one row a student, totals as live formulas that carry their present values."""

from __future__ import annotations

from collections import defaultdict

from grader.export import review_sheet as review
from grader.export.files import feedback_link
from grader.export.misconceptions import named_faults
from grader.export.review_sheet import ReviewRow
from grader.export.sheet import Book, Column, Sheet, area, cell, fixed_column
from grader.export.text import counted, one_line
from grader.model import Gradebook, Overall, SubmissionReport, tidy

NAME = "Scores"


def add_scores_sheet(book: Book, gradebook: Gradebook, rows: list[ReviewRow]) -> None:
    """Write the sheet. The gradebook's reports are complete and in the order of the keys that `rows` carry."""
    first, last = 2, 1 + len(gradebook.questions)
    human, total, pending, share, status, faults, flags, page, key = range(last + 1, last + 10)
    possible = tidy(sum(info.possible for info in gradebook.questions if not info.bonus))
    words = {fault.id: fault.words for fault in gradebook.faults}
    sheet = book.sheet(NAME, _columns(gradebook, possible), "#28456b")

    keys, marks = _review(review.KEY, rows), _review(review.MARK, rows)
    waiting = _review(review.WAITING, rows)
    by_hand: dict[int, float] = defaultdict(float)
    still_open: dict[int, float] = defaultdict(float)
    for row in rows:
        by_hand[row.key] += row.given
        still_open[row.key] += row.open
    for number, report in enumerate(gradebook.reports, start=1):
        score, wait = tidy(report.score + by_hand[number]), tidy(still_open[number])
        sheet.text(number, 0, report.student.id, "strong")
        sheet.text(number, 1, one_line(report.student.name))
        for column, question in enumerate(report.questions, start=first):
            sheet.number(number, column, question.earned, "so far" if question.pending > 0 else "points")
        own = cell(number, key)
        machine = f"SUM({area(number, first, number, last)})" if gradebook.questions else "0"
        sheet.formula(number, human, f"=ROUND(SUMIFS({marks},{keys},{own}),6)", tidy(by_hand[number]))
        sheet.formula(number, total, f"=ROUND({machine}+{cell(number, human)},6)", score, "total")
        still = f'SUMIFS({waiting},{keys},{own})-SUMIFS({waiting},{keys},{own},{marks},">=0")'
        sheet.formula(number, pending, f"=ROUND({still},6)", wait)
        if possible:
            value = round(score / possible, 4)
            sheet.formula(number, share, f"=ROUND({cell(number, total)}/{possible:g},4)", value, "share")
        else:
            sheet.number(number, share, 0.0, "share")
        if report.status is Overall.PROVISIONAL and report.pending > 0:
            settled = f'=IF({cell(number, pending)}>0,"{Overall.PROVISIONAL.value}","{Overall.JUDGED.value}")'
            now = Overall.PROVISIONAL if wait > 0 else Overall.JUDGED
            sheet.formula(number, status, settled, now.value, "text")
        else:
            sheet.text(number, status, report.status.value)
        sheet.text(number, faults, "; ".join(words.get(fault, fault).rstrip(".") for fault in named_faults(report)))
        sheet.text(number, flags, "; ".join([*report.flags, *_question_flags(report)]))
        sheet.link(number, page, feedback_link(report.student.id), "open")
        sheet.number(number, key, number, "count")

    count = len(gradebook.reports)
    for place, info in enumerate(gradebook.questions):
        judged = [row for row, report in enumerate(gradebook.reports, start=1) if report.questions[place].pending == 0]
        _colour_runs(sheet, first + place, judged, _scale(info.possible))
    sheet.colour(count, total, {"type": "data_bar", "bar_color": "#9db8d9", "bar_solid": True, "min_type": "num",
                                "min_value": 0, "max_type": "num", "max_value": max(possible, 1)})  # fmt: skip
    sheet.colour(count, pending, {"type": "cell", "criteria": ">", "value": 0, "format": "waiting"})
    for state, style in (
        (Overall.PROVISIONAL, "waiting"),
        (Overall.UNREADABLE, "alarm"),
        (Overall.GRADER_ERROR, "alarm"),
    ):
        sheet.colour(count, status, {"type": "cell", "criteria": "==", "value": f'"{state.value}"', "format": style})
    sheet.raw.print_area(0, 0, count, status)  # the misconceptions have a sheet of their own to print
    sheet.finish(count, frozen=2)


def _colour_runs(sheet: Sheet, column: int, rows: list[int], rule: dict[str, object]) -> None:
    """One colour scale over the given rows of a column; what waits for a human has no place on the scale."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    if runs:
        ranges = " ".join(area(start, column, end, column) for start, end in runs)
        sheet.raw.conditional_format(runs[0][0], column, runs[0][1], column, {**rule, "multi_range": ranges})


def _columns(gradebook: Gradebook, possible: float) -> list[Column]:
    columns = [Column("Student", 18), Column("Name", 24)]
    for info in gradebook.questions:
        bonus = ", bonus" if info.bonus else ""
        note = f"{info.title}\n{counted(info.possible, 'point')}{bonus}"
        columns.append(Column(info.id, max(7, len(info.id) + 3), "head bonus" if info.bonus else "head number", note))
    return [
        *columns,
        Column("Human marks", 9, "head number", "The marks that you type into the sheet Review, added up."),
        Column("Total", 8, "head number", "What is earned so far, bonus and your own marks included."),
        Column("Pending", 9, "head number", "Points that still wait for a mark in the sheet Review; in no total yet."),
        Column("Percent", 9, "head number", f"Total of {counted(possible, 'point')}; a bonus can lift it over 100 %."),
        Column("Status", 12),
        Column("Misconceptions", 56),
        Column("Flags", 30),
        Column("Page", 8),
        Column("Key", 6, "head number", hidden=True),
    ]


def _review(column: int, rows: list[ReviewRow]) -> str:
    return fixed_column(review.NAME, column, len(rows))


def _question_flags(report: SubmissionReport) -> list[str]:
    return [f"{question.id}: {flag}" for question in report.questions for flag in question.flags]


def _scale(possible: float) -> dict[str, object]:
    """From rose through pale yellow to green, pale enough to read the number on in print."""
    return {
        "type": "3_color_scale",
        "min_type": "num",
        "min_value": 0,
        "mid_type": "num",
        "mid_value": possible / 2,
        "max_type": "num",
        "max_value": possible or 1,
        "min_color": "#f6c9c4",
        "mid_color": "#fdf3d0",
        "max_color": "#cfe8d3",
    }
