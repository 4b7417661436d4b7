"""Canvas: the gradebook file with this homework's column filled in, ready for "Import" in the gradebook.

Canvas finds the student by ID, then by SIS User ID, SIS Login ID and name; the assignment by the number in brackets
after its title, then by the title. A title that it does not know becomes a new assignment, whose points stand in the
row "Points Possible". An empty cell takes a mark away, so cells without a hand-in are left as they are.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from grader.export.errors import ExportError
from grader.export.files import write_atomically
from grader.export.lms.order import Order, by_row, column_named, grade_of, harmless, matched_with, number, own_list
from grader.people.csv_file import CsvFile, points_in
from grader.people.roster import Roster

_WITH_ID = re.compile(r".*\s\(\d+\)")
_TOTALS = re.compile(r"(?:Current|Final|Override) (?:Score|Points|Grade|Status)")
_KEPT = ("EX", "N/A")


def to_canvas(order: Order) -> list[Path]:
    """`canvas.csv`: the gradebook file given as roster, completed; without one, a file of these students alone."""
    roster = own_list(order, "canvas", "gradebook file of Canvas")
    data = _new_file(order) if roster is None else _completed(order, roster).bytes()
    return [write_atomically(order.out / "canvas.csv", data)]


def _completed(order: Order, roster: Roster) -> CsvFile:
    file, column = _with_assignment(order, roster)
    reports = by_row(order, matched_with(order, roster))
    shift = len(file.raw) - len(roster.file.raw)  # a row "Points Possible" that was put in
    cells: dict[tuple[int, int], str] = {}
    for row, report in reports.items():
        grade, there = grade_of(order, report), file.cell(row + shift, column).strip()
        if there in _KEPT and grade is not None:
            order.say(f"{report.student.id}: Canvas says {there} in this column, which was kept instead of {grade:g}.")
        elif grade is not None:
            cells[row + shift, column] = number(grade)
    return file.with_cells(cells)


def _with_assignment(order: Order, roster: Roster) -> tuple[CsvFile, int]:
    """The file with the column that the marks go into, and which one it is."""
    headings = roster.file.values(0)
    if order.assignment is not None:
        column = column_named(order, roster, order.assignment)
    else:
        titles = {_bare(order.gradebook.title), _bare(order.gradebook.homework)}
        found = [at for at, heading in enumerate(headings) if _bare(re.sub(r"\s\(\d+\)$", "", heading)) in titles]
        if len(found) != 1:
            return _with_new_column(order, roster, several=len(found) > 1)
        column = found[0]
    points = _points_row(roster.file)
    there = (
        roster.file.cell(points, column).strip() if points else ""
    )  # "(read only)", in Canvas's language, for others
    if column in roster.columns.values() or _TOTALS.search(headings[column]) or (there and points_in(there) is None):
        raise ExportError(f"The column {headings[column]!r} is not one that Canvas takes marks for an assignment from.")
    if there and points_in(there) != order.possible:
        order.say(f"{headings[column]} counts {there} points in Canvas, {order.possible:g} here; marks are not scaled.")
    order.say(f"The marks are in the column {headings[column]!r}.")
    return roster.file, column


def _with_new_column(order: Order, roster: Roster, several: bool) -> tuple[CsvFile, int]:
    """The file with a new column: after the other assignments and before the totals, where Canvas looks for one."""
    headings = roster.file.values(0)
    assignments = [at for at, heading in enumerate(headings) if _WITH_ID.fullmatch(heading)]
    totals = [at for at, heading in enumerate(headings) if _TOTALS.search(heading)]
    at = assignments[-1] + 1 if assignments else min(totals, default=len(headings))
    title = _new_title(order.gradebook.title)
    file = roster.file
    points = _points_row(file)
    if points is None:
        file, points = file.with_row(1, ["    Points Possible", *[""] * (len(headings) - 1)]), 1
    file = file.with_column(at, title).with_cells({(points, at): number(order.possible)})
    why = "several columns could be it" if several else "no column has its title"
    order.say(
        f"There is a new column {title!r}, for {why}; Canvas will offer to make a new assignment of it. "
        "Name an existing column with --assignment."
    )
    return file, at


def _new_file(order: Order) -> bytes:
    """A file with the columns that Canvas asks for; it finds the students by the ids that are known."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", _new_title(order.gradebook.title)])
    writer.writerow(["    Points Possible", "", "", "", "", number(order.possible)])
    for report in order.gradebook.reports:
        grade, student = grade_of(order, report), report.student
        known = order.lms.get(student.id, {})
        login = "" if known.keys() & {"canvas", "moodle"} else student.id  # a number of an LMS is nobody's login
        ids = (known.get("canvas", ""), known.get("sid", ""), login)
        mark = "" if grade is None else number(grade)
        writer.writerow([harmless(student.name), *map(harmless, ids), "", mark])
    order.say(
        "Written without a gradebook file, so Canvas finds the students only where the ids or names here are its own. "
        "Surer: export the gradebook from Canvas and give it with --roster."
    )
    return text.getvalue().encode("utf-8")


def _points_row(file: CsvFile) -> int | None:
    return next((row for row in range(1, min(len(file.raw), 5)) if "Points Possible" in file.cell(row, 0)), None)


def _new_title(title: str) -> str:
    """A title that Canvas takes for one: a number in brackets at the end would be the id of another assignment."""
    title = re.sub(r"\s\((\d+)\)$", r" \1", harmless(title))
    return _TOTALS.sub(lambda found: found[0].replace(" ", "-"), title)


def _bare(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold().replace("_", " ")))
