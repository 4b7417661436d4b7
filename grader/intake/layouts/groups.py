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
_HEADINGS |= {"member", "members", "user", "matriculation number"}
_PROSE = re.compile(r"(?:group|team|gruppe|members?|partners?)\b.*", re.IGNORECASE)
_ID = re.compile(r"[\w.@+'-]{1,80}")


def listed_members(files: Sequence[FileBytes]) -> tuple[tuple[Student, ...], str]:
    """Whom a hand-in names as its members, and the file that does; ((), "") where none does.

    One id a line, with the name after a comma where there is one. A list that is not made of ids says nothing.
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
    for line in text.split("\n")[:100]:
        words = line.strip().lstrip("-*•").strip()
        if not words or words.startswith("#") or (_PROSE.fullmatch(words) and "@" not in words):
            continue
        delimiter = next((sign for sign in ",;\t" if sign in words), ",")
        cells = [cell.strip() for cell in next(csv.reader([words], delimiter=delimiter), [])]
        if not cells or cells[0].casefold() in _HEADINGS:
            continue
        if not _ID.fullmatch(cells[0]):
            return ()
        found.setdefault(cells[0], Student(cells[0], cells[1] if len(cells) > 1 and cells[1] else cells[0]))
    return tuple(found.values()) if len(found) <= MAX_MEMBERS else ()
