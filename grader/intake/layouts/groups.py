"""Groups that hand in once: a `group.txt`, `members.txt` or `team.csv` among the files lists who they are."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from grader.intake.archive import BadFile, FileBytes
from grader.intake.text import decode
from grader.model import Student

MAX_MEMBERS = 10
_FILE = re.compile(r"(?:group|groups|team|members|teammates|partners)\.(?:txt|csv)", re.IGNORECASE)
_HEADINGS = frozenset({"id", "ids", "student", "students", "student id", "sid", "login", "username", "email", "name"})
_HEADINGS |= {"full name", "member", "members", "user", "matriculation number"}
_PROSE = re.compile(r"(?:group|team|gruppe|members?|partners?)\b.*", re.IGNORECASE)
_ID = re.compile(r"[\w.@+'-]{1,80}")


def listed_members(files: Sequence[FileBytes]) -> tuple[tuple[Student, ...], str]:
    """Whom a hand-in names as its members, and the file that does; ((), "") where none does.

    One id a line, with the name after a comma where there is one; a line of headings may order them otherwise. A list
    that is not made of ids says nothing.
    """
    for file in files:
        if "/" in file.name or not _FILE.fullmatch(file.name):
            continue
        try:
            students = _members(decode(file.read()))
        except BadFile:
            continue
        if students:
            return students, file.name
    return (), ""


def _members(text: str) -> tuple[Student, ...]:
    found: dict[str, Student] = {}
    of_id, of_name = 0, 1
    for line in text.split("\n")[:100]:
        words = line.strip().lstrip("-*•").strip()
        if not words or words.startswith("#") or (_PROSE.fullmatch(words) and "@" not in words):
            continue
        delimiter = next((sign for sign in ",;\t" if sign in words), ",")
        cells = [cell.strip() for cell in next(csv.reader([words], delimiter=delimiter), [])]
        headings = [cell.casefold() for cell in cells]
        if not found and headings and headings[0] in _HEADINGS:
            of_name = next((at for at, heading in enumerate(headings) if "name" in heading.split()), 1)
            of_id = next((at for at, heading in enumerate(headings) if heading in _HEADINGS and at != of_name), 0)
            continue
        cells += [""] * (max(of_id, of_name) + 1 - len(cells))
        if not _ID.fullmatch(cells[of_id]):
            return ()
        found.setdefault(cells[of_id], Student(cells[of_id], cells[of_name] or cells[of_id]))
    return tuple(found.values()) if len(found) <= MAX_MEMBERS else ()
