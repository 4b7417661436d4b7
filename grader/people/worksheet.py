"""Moodle's grading worksheet with headings in any language: its columns are told by their order and by what they hold.

The order is the same everywhere: "Participant 12" in the site's words; name and address, where they are shown; a
status; then the grade, the highest one that is possible (the same in all rows), and whether the grade can be changed.
"""

from __future__ import annotations

import re

from grader.people.csv_file import CsvFile, points_in

_PARTICIPANT = re.compile(r"(\D+)\d+")
_COMMENTS = re.compile(r"feedback|[ck]om+ent", re.IGNORECASE)


def worksheet_columns(file: CsvFile) -> dict[str, int]:
    """The columns by what they hold ("moodle", "name", "email", "grade", "most", "open", "comments"), counted from 0.

    Empty where the file is no such worksheet. A name is told by the address beside it only: where Moodle hides who
    handed in, the status stands in its place.
    """
    rows = [[cell.strip() for cell in file.values(row)] for row in range(1, len(file.raw)) if file.raw[row] != ("",)]
    headings = file.values(0) if file.raw else []
    if not rows or any(len(row) != len(headings) for row in rows):
        return {}
    cells = list(zip(*rows, strict=True))
    words = {found[1] if (found := _PARTICIPANT.fullmatch(cell)) else "" for cell in cells[0]}
    most = [at for at in range(2, len(cells) - 1) if _is_highest(cells[at]) and _is_grade(cells[at - 1], cells[at][0])]
    if len(words) > 1 or words == {""} or len(most) != 1 or len(set(cells[0])) < len(rows):
        return {}
    columns = {"moodle": 0, "grade": most[0] - 1, "most": most[0], "open": most[0] + 1}
    addresses = [
        at for at in range(2, most[0] - 1) if any(cells[at]) and all("@" in cell for cell in cells[at] if cell)
    ]
    if addresses:
        columns |= {"name": 1, "email": addresses[0]}
    comments = [at for at in range(most[0] + 2, len(headings)) if _COMMENTS.search(headings[at])]
    return columns | ({"comments": comments[0]} if len(comments) == 1 else {})


def _is_highest(cells: tuple[str, ...]) -> bool:
    return len(set(cells)) == 1 and (points_in(cells[0]) or 0.0) > 0


def _is_grade(cells: tuple[str, ...], highest: str) -> bool:
    """Whether the column holds points, or nothing yet."""
    most = points_in(highest)
    held = [points_in(cell) for cell in cells if cell not in ("", "-")]
    return most is not None and all(points is not None and 0 <= points <= most for points in held)
