"""Moodle: the grading worksheet with marks and comments filled in, and the feedback pages as one zip.

Moodle reads the columns Identifier ("Participant 123"), Grade and Last modified (grade) of the worksheet, under their
names in the language that it speaks, and in the zip ("Upload multiple feedback files in a zip") folders named like
those of its own download.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.export.errors import ExportError
from grader.export.files import feedback_name, write_atomically
from grader.export.lms.order import Order, by_row, column_named, grade_of, harmless, matched_with, number, own_list
from grader.export.text import one_line, points
from grader.final import mark_of, points_of
from grader.model import Student, SubmissionReport
from grader.people.csv_file import CsvFile, points_in
from grader.people.roster import Roster

_LOCKED = frozenset({"no", "nein", "non", "nee"})


def to_moodle(order: Order) -> list[Path]:
    """`moodle.csv` and, where feedback pages are there, `feedback.zip`."""
    roster = own_list(order, "moodle", "grading worksheet of Moodle")
    if roster is None:
        participants = {student: known["moodle"] for student, known in order.lms.items() if "moodle" in known}
        data = _new_worksheet(order, participants)
    else:
        matched = matched_with(order, roster)
        data = _completed(order, roster, by_row(order, matched)).bytes()
        participants = {student: one.keys["moodle"] for student, one in matched.found.items()}
    written = [write_atomically(order.out / "moodle.csv", data)]
    zipped = _feedback_zip(order, participants)
    if zipped is not None:
        written.append(write_atomically(order.out / "feedback.zip", zipped))
    return written


def _completed(order: Order, roster: Roster, reports: Mapping[int, SubmissionReport]) -> CsvFile:
    file, columns = roster.file, roster.columns
    grades = columns.get("grade") if order.assignment is None else column_named(order, roster, order.assignment)
    if grades is None:
        raise ExportError(f"{file.path.name} has no column Grade. Name the one for the marks with --assignment.")
    comments, most, open_to_change = columns.get("comments"), columns.get("most"), columns.get("open")
    cells: dict[tuple[int, int], str] = {}
    for row, report in reports.items():
        grade, who = grade_of(order, report), report.student.id
        if open_to_change is not None and file.cell(row, open_to_change).strip().casefold() in _LOCKED:
            order.say(f"{who}: Moodle says that this grade cannot be changed, so the row was left as it is.")
            continue
        if grade is not None:
            cells[row, grades] = number(grade)
            if most is not None and (limit := points_in(file.cell(row, most))) is not None and grade > limit:
                order.say(f"{who} has {grade:g} points; Moodle takes at most {limit:g} and will skip the row.")
        if comments is not None:
            there = file.cell(row, comments).strip()
            if there and not there.startswith(_heading(order)):
                order.say(f"{who}: the comment that stands in the worksheet was kept.")
            else:
                cells[row, comments] = _comment(order, report)
    return file.with_cells(cells)


def _new_worksheet(order: Order, participants: Mapping[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"])
    for report in order.gradebook.reports:
        grade, participant = grade_of(order, report), participants.get(report.student.id)
        writer.writerow(
            [
                f"Participant {participant}" if participant else harmless(report.student.id),
                harmless(report.student.name),
                "" if grade is None else number(grade),
                number(order.possible),
                "-",
                _comment(order, report),
            ]
        )
    order.say(
        "Written without a grading worksheet. Surer: download it from Moodle (View all submissions, Download grading "
        "worksheet) and give it with --roster."
    )
    return text.getvalue().encode("utf-8")


def _heading(order: Order) -> str:
    """How our comments begin, so that a later export takes their place and nobody else's."""
    return f"<p>{html.escape(one_line(order.gradebook.title))}: "


def _comment(order: Order, report: SubmissionReport) -> str:
    """The points of every question, as the HTML that Moodle takes a comment for; the reasons are on the page."""
    grade = grade_of(order, report)
    total = "not judged yet" if grade is None else f"{points(grade)} of {points(order.possible)} points"
    items = []
    for question in report.questions:
        earned, waiting = points_of(question, mark_of(order.gradebook, report.student.id, question.id))
        words = f"{question.id}: {points(earned)} of {points(question.possible)}"
        words += " (bonus)" if question.bonus else ""
        words += f", {points(waiting)} {'waits' if waiting == 1 else 'wait'} for your instructor" if waiting else ""
        items.append(f"<li>{html.escape(words)}</li>")
    return f"{_heading(order)}{total}</p><ul>{''.join(items)}</ul>"


def _feedback_zip(order: Order, participants: Mapping[str, str]) -> bytes | None:
    """One folder a student, named as Moodle names it; None where no page is there or nobody's number is known."""
    held = io.BytesIO()
    without = []
    count = 0
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for report in order.gradebook.reports:
            page = order.out / "feedback" / feedback_name(report.student.id)
            participant = participants.get(report.student.id)
            if not page.is_file():
                continue
            if participant is None:
                without.append(report.student.id)
                continue
            member = zipfile.ZipInfo(
                f"{_folder(report.student, participant)}/feedback.html"
            )  # the same bytes each time
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, page.read_bytes())
            count += 1
    if without:
        some = ", ".join(without[:10]) + (", …" if len(without) > 10 else "")
        order.say(f"Not in feedback.zip, for their participant number in Moodle is not known: {some}.")
    return held.getvalue() if count else None


def _folder(student: Student, participant: str) -> str:
    """`Full Name_123_assignsubmission_file_`; the name must not hold what separates the parts."""
    name = " ".join(re.sub(r"[^\w\s'.,()-]|_", " ", one_line(student.name)).split()).strip(". ")
    return f"{name[:80] or 'student'}_{participant}_assignsubmission_file_"
