"""The sheet `Scores`: one row a student, totals as live formulas that carry their present values."""

from __future__ import annotations

from collections import defaultdict

from grader.export import review_sheet as review
from grader.export.files import feedback_link
from grader.export.marks import cell_value, notices, said
from grader.export.misconceptions import named_faults
from grader.export.own_columns import OwnColumns
from grader.export.review_sheet import ReviewRow
from grader.export.scores_layout import FIRST, NAME, PERSON, STUDENT, ScoresLayout, override_title
from grader.export.sheet import Book, Column, Sheet, area, cell, fixed_column
from grader.export.text import cell_text, counted, one_line, points
from grader.final import NO_STANDING, final_score, raw_score
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook
from grader.model import Overall, QuestionInfo, SubmissionReport, tidy


def add_scores_sheet(book: Book, gradebook: Gradebook, rows: list[ReviewRow], own: OwnColumns) -> None:
    """Write the sheet. The gradebook's reports are complete and in the order of the keys that `rows` carry."""
    layout = ScoresLayout.of(gradebook)
    possible = tidy(sum(info.possible for info in gradebook.questions if not info.bonus))
    words = {fault.id: fault.words for fault in gradebook.faults}
    columns = _columns(gradebook, layout, possible)
    own = own.beside(columns)
    sheet = book.sheet(NAME, [*columns, *own.columns], "#28456b")

    still_open: dict[int, float] = defaultdict(float)
    for row in rows:
        still_open[row.key] += row.open
    for number, report in enumerate(gradebook.reports, start=1):
        wait = tidy(still_open[number])
        sheet.text(number, STUDENT, report.student.id, "strong")
        sheet.text(number, PERSON, one_line(report.student.name))
        for column, question in enumerate(report.questions, start=FIRST):
            sheet.number(number, column, question.earned, "so far" if question.pending > 0 else "points")
        _totals(sheet, number, report, gradebook, layout, rows)
        still = f"SUMIFS({_review(review.OPEN, rows)},{_review(review.KEY, rows)},{cell(number, layout.key)})"
        sheet.formula(number, layout.pending, f"=ROUND({still},6)", wait)
        if possible:
            value = round(final_score(gradebook, report) / possible, 4)
            sheet.formula(number, layout.share, f"=ROUND({cell(number, layout.total)}/{possible:g},4)", value, "share")
        else:
            sheet.number(number, layout.share, 0.0, "share")
        if report.status is Overall.PROVISIONAL and report.pending > 0:
            waits = f"{cell(number, layout.pending)}>0"
            settled = f'=IF({waits},"{Overall.PROVISIONAL.value}","{Overall.JUDGED.value}")'
            now = Overall.PROVISIONAL if wait > 0 else Overall.JUDGED
            sheet.formula(number, layout.status, settled, now.value, "text")
        else:
            sheet.text(number, layout.status, report.status.value)
        _overrides(sheet, number, report, gradebook, layout)
        faults = "; ".join(words.get(fault, fault).rstrip(".") for fault in named_faults(report))
        sheet.text(number, layout.faults, faults)
        sheet.text(number, layout.flags, "; ".join(_flags(report, gradebook)))
        sheet.link(number, layout.page, feedback_link(report.student.id), "open")
        sheet.number(number, layout.key, number, "count")
        own.write(sheet, number, report.student.id)

    count = len(gradebook.reports)
    for place, info in enumerate(gradebook.questions):
        judged = [row for row, report in enumerate(gradebook.reports, start=1) if report.questions[place].pending == 0]
        _colour_runs(sheet, FIRST + place, judged, _scale(info.possible))
        _validate(sheet, count, layout.override + place, info)
    sheet.colour(count, layout.total, {"type": "data_bar", "bar_color": "#9db8d9", "bar_solid": True, "min_type": "num",
                                       "min_value": 0, "max_type": "num", "max_value": max(possible, 1)})  # fmt: skip
    sheet.colour(count, layout.pending, {"type": "cell", "criteria": ">", "value": 0, "format": "waiting"})
    for state, style in (
        (Overall.PROVISIONAL, "waiting"),
        (Overall.UNREADABLE, "alarm"),
        (Overall.GRADER_ERROR, "alarm"),
    ):
        rule = {"type": "cell", "criteria": "==", "value": f'"{state.value}"', "format": style}
        sheet.colour(count, layout.status, rule)
    sheet.raw.print_area(0, 0, count, layout.status)  # the misconceptions have a sheet of their own to print
    sheet.finish(count, frozen=2)


def _totals(
    sheet: Sheet,
    number: int,
    report: SubmissionReport,
    gradebook: Gradebook,
    layout: ScoresLayout,
    rows: list[ReviewRow],
) -> None:
    """What a person's marks change, and the total: an override in place of the grader's points, else both added up."""
    raw, total = raw_score(gradebook, report), final_score(gradebook, report)
    counted_in = [gradebook.rule.bonus or not info.bonus for info in gradebook.questions]
    machine = tidy(sum(q.earned for q, counts in zip(report.questions, counted_in, strict=True) if counts))
    own = cell(number, layout.key)
    by_hand = f"SUMIFS({_review(review.COUNTS, rows)},{_review(review.KEY, rows)},{own})"
    earned = "0"
    if gradebook.questions:
        last = layout.questions - 1
        graded = area(number, FIRST, number, FIRST + last)
        typed = area(number, layout.override, number, layout.override + last)
        most = ",".join(f"{info.possible:.12g}" for info in gradebook.questions)
        some = "" if all(counted_in) else ",{" + ",".join(str(int(counts)) for counts in counted_in) + "}"
        valid = f"--ISNUMBER({typed}),--({typed}>=0),--({typed}<={{{most}}}){some}"
        by_hand += f"+SUMPRODUCT({valid},{typed})-SUMPRODUCT({valid},{graded})"
        earned = f"SUM({graded})" if all(counted_in) else f"SUMPRODUCT({graded}{some})"
    sheet.formula(number, layout.human, f"=ROUND({by_hand},6)", tidy(raw - machine))
    before = f"ROUND({earned}+{cell(number, layout.human)},6)"
    if layout.policy:
        standing = gradebook.standings.get(report.student.id, NO_STANDING)
        sheet.formula(number, layout.points, f"={before}", raw)
        sheet.text(number, layout.late, standing.words)
        sheet.number(number, layout.factor, standing.factor, "share")
        sheet.number(number, layout.minus, standing.minus)
        sheet.number(number, layout.cap, standing.cap)
        cap = cell(number, layout.cap)
        left = f"MAX(0,{cell(number, layout.points)}*{cell(number, layout.factor)}-{cell(number, layout.minus)})"
        before = f'ROUND(IF({cap}="",{left},MIN({cap},{left})),6)'
    if gradebook.rule.step:
        step = f"{gradebook.rule.step:.12g}"
        before = f"ROUND(INT({before}/{step}+0.5+0.000000001)*{step},6)"
    sheet.formula(number, layout.total, f"={before}", total, "total")


def _overrides(sheet: Sheet, number: int, report: SubmissionReport, gradebook: Gradebook, layout: ScoresLayout) -> None:
    """The cells for the points of whole questions, each with a note that says who gave them."""
    for column, question in enumerate(report.questions, start=layout.override):
        mark = gradebook.marks_by_question.get((report.student.id, question.id), {}).get(Extent.WHOLE)
        value = cell_value(mark)
        if isinstance(value, float):
            sheet.number(number, column, value, "entry")
        elif value:
            sheet.text(number, column, value, "entry")
        else:
            sheet.blank(number, column, "entry")
        if mark is not None and value is not None:
            note = "\n".join(filter(None, (said(mark)[0].upper() + said(mark)[1:], mark.comment)))
            sheet.raw.write_comment(number, column, cell_text(note), {"x_scale": 1.4, "y_scale": 0.7})


def _validate(sheet: Sheet, count: int, column: int, info: QuestionInfo) -> None:
    if not count:
        return
    top, where = points(info.possible), cell(1, column)
    sheet.raw.data_validation(
        area(1, column, count, column),
        {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": info.possible,
            "input_title": f"{info.id[:20]} override",
            "input_message": f"Points for the whole question, from 0 to {top}, in place of the grader's. Empty: none.",
            "error_title": "Not a possible mark",
            "error_message": f"Type a number from 0 to {top}, or leave the cell empty.",
        },
    )
    wrong = f'=AND({where}<>"",OR(NOT(ISNUMBER({where})),{where}<0,{where}>{info.possible:.12g}))'
    sheet.colour(count, column, {"type": "formula", "criteria": wrong, "format": "alarm"})


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


def _columns(gradebook: Gradebook, layout: ScoresLayout, possible: float) -> list[Column]:
    columns = [Column("Student", 18), Column("Name", 24)]
    for info in gradebook.questions:
        bonus = ", bonus" if info.bonus else ""
        note = f"{info.title}\n{counted(info.possible, 'point')}{bonus}\nThe grader's points. Yours go into “override”."
        columns.append(Column(info.id, max(7, len(info.id) + 3), "head bonus" if info.bonus else "head number", note))
    human = "What your marks change: those in the sheet Review, and the overrides to the right."
    columns.append(Column("Human marks", 9, "head number", human))
    if layout.policy:
        columns += [
            Column("Points", 8, "head number", "What is earned so far, before lateness; your own marks included."),
            Column("Late", 48, note="What the course's policy says about this hand-in."),
            Column("Factor", 8, "head number", "The share of the points that is left."),
            Column("Minus", 8, "head number", "Points taken off after that."),
            Column("Cap", 7, "head number", "The most that the total can be."),
        ]
    total = "What is earned so far, your own marks included" + (" and the policy applied." if layout.policy else ".")
    bonus = "" if gradebook.rule.bonus else " A bonus does not count in this course."
    rounded = f" Rounded to steps of {points(gradebook.rule.step)}." if gradebook.rule.step else ""
    return [
        *columns,
        Column("Total", 8, "head number", total + bonus + rounded),
        Column("Pending", 9, "head number", "Points that still wait for a mark in the sheet Review; in no total yet."),
        Column("Percent", 9, "head number", f"Total of {counted(possible, 'point')}; a bonus can lift it over 100 %."),
        Column("Status", 12),
        *(
            Column(override_title(info.id), max(9.5, len(info.id) + 2), "head entry", _override_note(info), level=1)
            for info in gradebook.questions
        ),
        Column("Misconceptions", 56),
        Column("Flags", 40),
        Column("Page", 8),
        Column("Key", 6, "head number", hidden=True),
    ]


def _override_note(info: QuestionInfo) -> str:
    return f"Type points from 0 to {points(info.possible)} to replace what the grader gave for {info.id}."


def _review(column: int, rows: list[ReviewRow]) -> str:
    return fixed_column(review.NAME, column, len(rows))


def _flags(report: SubmissionReport, gradebook: Gradebook) -> list[str]:
    """What is odd about the hand-in, each thing once, and the marks that a person should look at again."""
    flags = [*report.flags, *(f"{question.id}: {flag}" for question in report.questions for flag in question.flags)]
    for question in (*(question.id for question in report.questions), WHOLE_HAND_IN):
        marks = gradebook.marks_by_question.get((report.student.id, question), {})
        flags += [f"{question}: {notice}" for notice in notices(marks)]
    return list(dict.fromkeys(flags))


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
