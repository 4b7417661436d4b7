"""The sheets about the class and the homework: `Misconceptions`, `Items`, `Rubric` and `About`."""

from __future__ import annotations

from collections import Counter

from grader.export.items import TENTHS, items
from grader.export.misconceptions import misconceptions
from grader.export.sheet import Book, Column, area
from grader.gradebook import Gradebook
from grader.model import tidy


def add_misconceptions_sheet(book: Book, gradebook: Gradebook) -> None:
    """The misconceptions that were named, the commonest first, with who has them."""
    columns = (
        Column("Misconception", 56),
        Column("Question", 16),
        Column("Students", 10, "head number"),
        Column("Share", 9, "head number", "Of all who handed in."),
        Column("Hint for the student", 56),
        Column("Who", 60),
        Column("Why it is one", 50),
        Column("Fault", 30),
    )
    sheet = book.sheet("Misconceptions", columns, "#6b4a8f")
    found = misconceptions(gradebook)
    for number, one in enumerate(found, start=1):
        who = ", ".join(student.id for student in one.students)
        sheet.text(number, 0, one.fault.words, "wrap")
        sheet.text(number, 1, one.fault.question)
        sheet.number(number, 2, len(one.students), "count")
        sheet.number(number, 3, round(one.share, 4), "share")
        sheet.text(number, 4, one.fault.hint, "wrap")
        sheet.text(number, 5, who, "wrap")
        sheet.text(number, 6, one.fault.why, "wrap")
        sheet.text(number, 7, one.fault.id)
        sheet.lines(number, (one.fault.words, 58), (one.fault.hint, 58), (who, 62), (one.fault.why, 52))
    sheet.colour(len(found), 3, {"type": "data_bar", "bar_color": "#c9b8df", "bar_solid": True, "min_type": "num",
                                 "min_value": 0, "max_type": "num", "max_value": 1})  # fmt: skip
    sheet.finish(len(found))


def add_items_sheet(book: Book, gradebook: Gradebook) -> None:
    """How each question went: shares of its points, discrimination, and a histogram by tenths."""
    tenths = [f"{10 * n}–{10 * n + 10} %" for n in range(TENTHS)]
    columns = (
        Column("Question", 16),
        Column("Title", 66),
        Column("Points", 8, "head number"),
        Column("Judged", 8, "head number", "Students whose answer is judged; the figures are about them."),
        Column("Waiting", 9, "head number", "Students whose answer waits for a human."),
        Column("Mean", 9, "head number", "Mean share of the points."),
        Column("Share full", 9, "head number"),
        Column("Share zero", 9, "head number"),
        Column(
            "Discrimination",
            15,
            "head number",
            "Correlation with the points of all other questions: above 0.3 the question tells strong hand-ins from "
            "weak ones, below 0 something is odd.",
        ),
        Column("Histogram", 16, note="Students by tenths of the points, from none to full."),
        *(Column(tenth, 9, "head number") for tenth in tenths),
    )
    sheet = book.sheet("Items", columns, "#2f6f62")
    found = items(gradebook)
    first = len(columns) - TENTHS
    for number, item in enumerate(found, start=1):
        sheet.text(number, 0, item.question.id, "strong")
        sheet.text(number, 1, item.question.title, "wrap")
        sheet.lines(number, (item.question.title, 84))
        sheet.number(number, 2, item.question.possible)
        sheet.number(number, 3, item.judged, "count")
        sheet.number(number, 4, item.waiting, "count")
        sheet.number(number, 5, _rounded(item.mean), "share")
        sheet.number(number, 6, _rounded(item.full), "share")
        sheet.number(number, 7, _rounded(item.zero), "share")
        sheet.number(number, 8, _rounded(item.discrimination), "ratio")
        sheet.raw.add_sparkline(
            number,
            first - 1,
            {"range": f"Items!{area(number, first, number, first + TENTHS - 1)}", "type": "column",
             "series_color": "#2f6f62", "min": 0},
        )  # fmt: skip
        for place, count in enumerate(item.tenths):
            sheet.number(number, first + place, count, "count")
    last = len(found)
    sheet.colour(last, 5, {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "num",
                           "max_value": 1, "min_color": "#f6c9c4", "max_color": "#cfe8d3"})  # fmt: skip
    sheet.colour(last, 8, {"type": "cell", "criteria": "<", "value": 0, "format": "alarm"})
    sheet.colour(last, first, {"type": "2_color_scale", "min_color": "#ffffff", "max_color": "#9fc9bf"}, width=TENTHS)
    sheet.finish(last, frozen=2)


def add_rubric_sheet(book: Book, gradebook: Gradebook) -> None:
    """What each label of each question is worth, with the sum of the points that are no bonus."""
    columns = (
        Column("Question", 14),
        Column("Title", 70),
        Column("Label", 18),
        Column("Points", 9, "head number"),
        Column("Bonus", 9),
        Column("What a person looks for", 90),
    )
    sheet = book.sheet("Rubric", columns, "#4d5b6b")
    rows = [(info, label, points) for info in gradebook.questions for label, points in info.labels]
    for number, (info, label, points) in enumerate(rows, start=1):
        sheet.text(number, 0, info.id, "strong")
        sheet.text(number, 1, info.title, "wrap")
        sheet.text(number, 2, label)
        sheet.number(number, 3, points)
        sheet.text(number, 4, "bonus" if info.bonus else "")
        look_for = info.look_for if label == info.labels[-1][0] else ""
        sheet.text(number, 5, look_for, "wrap")
        sheet.lines(number, (info.title, 90), (look_for, 96), most=3)
    sheet.finish(len(rows))
    if rows:
        points_cells, bonus_cells = area(1, 3, len(rows), 3), area(1, 4, len(rows), 4)
        for number, (words, kind) in enumerate((("Possible", ""), ("Bonus", "bonus")), start=len(rows) + 2):
            value = tidy(sum(points for info, _, points in rows if info.bonus == bool(kind)))
            sheet.text(number, 2, words, "strong")
            criterion = '"bonus"' if kind else '"<>bonus"'
            sheet.formula(number, 3, f"=ROUND(SUMIFS({points_cells},{bonus_cells},{criterion}),6)", value, "total")


def add_about_sheet(book: Book, gradebook: Gradebook) -> None:
    """Where the figures come from, and what is known to be wrong in the homework sheet itself."""
    sheet = book.sheet("About", (Column("What", 26), Column("Value", 110)), "#8895a3")
    status = Counter(report.status.value for report in gradebook.reports)
    lines = [
        ("Homework", f"{gradebook.title} ({gradebook.homework})"),
        ("Submissions", str(len(gradebook.reports))),
        *((f"  {word}", str(count)) for word, count in sorted(status.items())),
        *gradebook.about,
        *(("Erratum of the sheet" if n == 0 else "", erratum) for n, erratum in enumerate(gradebook.errata)),
        (
            "How to mark",
            "Type points for what waits into the yellow cells of the sheet Review, or points for a whole question into "
            "its override in Scores. The totals follow at once, and the next run reads and keeps what you typed.",
        ),
        ("Pending", "Points that wait for a human are in no total until you type a mark for them."),
        ("Percent", "Total divided by the points without bonus."),
    ]
    for number, (what, value) in enumerate(lines, start=1):
        sheet.text(number, 0, what, "strong")
        sheet.text(number, 1, value, "wrap")
        sheet.lines(number, (value, 112))
    sheet.raw.freeze_panes(1, 0)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
