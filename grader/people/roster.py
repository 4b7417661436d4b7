"""The roster: who is in the course, from any of the lists that learning management systems hand out.

Here it is read; whose hand-in is whose is settled in `grader.people.matching`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.people.csv_file import CsvFile, read_csv
from grader.people.worksheet import worksheet_columns


@dataclass(frozen=True)
class RosterStudent:
    """One person of the course. `keys` are their ids by kind; `row` counts the rows of the file from 0."""

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    row: int = 0

    @property
    def shown(self) -> str:
        """The name as it is spoken: "Haddad, Amal" is Amal Haddad."""
        last, comma, first = self.name.partition(",")
        return f"{first.strip()} {last.strip()}".strip() if comma and "," not in first else self.name

    @property
    def label(self) -> str:
        """The name with one id, to tell two of the same name apart in a sentence."""
        known = next((self.keys[kind] for kind in _KINDS if kind in self.keys), "")
        return f"{self.name} ({known})" if self.name and known and known != self.name else self.name or known


@dataclass(frozen=True)
class Roster:
    """The people of a course and the file that lists them. `form` is "canvas", "moodle", "gradescope", "classroom"
    or "plain"; `columns` are the file's columns by what they hold ("email"), counted from 0."""

    form: str
    file: CsvFile
    columns: Mapping[str, int]
    students: tuple[RosterStudent, ...]


_KINDS = ("id", "login", "email", "canvas", "moodle", "github")
_HEADINGS = {
    "id": ("sis user id", "sid", "id number", "identifier", "roster_identifier", "id", "student id", "student"),
    "login": ("sis login id", "username", "login", "user name"),
    "email": ("email address", "email", "e-mail"),
    "github": ("github_username", "github username", "github"),
    "name": ("full name", "name", "student", "student name"),
    "first": ("first name", "firstname", "first_name"),
    "last": ("last name", "lastname", "last_name", "surname"),
    "group": ("group", "group name", "group_name", "team"),
    "role": ("role",),
}
_WORKSHEET = {
    "grade": "grade",
    "most": "maximum grade",
    "open": "grade can be changed",
    "comments": "feedback comments",
}


def read_roster(path: Path) -> Roster:
    """The roster in `path`. Raises ValueError with a sentence that names the file and the place."""
    try:
        file = read_csv(path)
    except ValueError as error:
        raise ValueError(f"The roster cannot be used. {error}") from error
    headings = [" ".join(cell.split()).casefold() for cell in file.values(0)] if file.raw else []
    for form, (told_by, reader) in _FORMS.items():
        if all(any(name in headings for name in names) for names in told_by):
            columns = _columns(headings, form)
            return Roster(form, file, columns, tuple(reader(file, columns)))
    if columns := worksheet_columns(file):
        return Roster("moodle", file, columns, tuple(_of_moodle(file, columns)))
    raise ValueError(
        f"The roster {path} needs the columns id and name in its first row; or give the file as Canvas, Moodle, "
        "Gradescope or GitHub Classroom wrote it, with its headings in English (set your language to English there "
        "before the download)."
    )


def _columns(headings: list[str], form: str) -> dict[str, int]:
    found = {}
    for kind, names in _HEADINGS.items():
        present = [headings.index(name) for name in names if name in headings]
        if present:
            found[kind] = present[0]
    if form not in ("plain", "classroom"):
        found.pop("group", None)  # there it is a tutorial or a section, not who hands in together
    if form == "canvas":
        found["canvas"] = headings.index("id")
        if "sis user id" not in headings:
            found.pop("id", None)
    if form == "moodle":
        found["moodle"] = headings.index("identifier")
        found |= {kind: headings.index(name) for kind, name in _WORKSHEET.items() if name in headings}
        if "id number" in headings:
            found["id"] = headings.index("id number")
        else:
            found.pop("id", None)
    if form in ("canvas", "moodle") and "section" in headings:
        found["section"] = headings.index("section")
    return found


def _people(file: CsvFile, columns: Mapping[str, int]) -> list[RosterStudent]:
    """A person a row; rows without a name and an id are none."""
    people = []
    for row in range(1, len(file.raw)):
        value = {kind: file.cell(row, column).strip() for kind, column in columns.items()}
        name = value.get("name") or " ".join(filter(None, (value.get("first"), value.get("last"))))
        keys = {kind: value[kind] for kind in _KINDS if value.get(kind)}
        if (name or keys) and value.get("role", "student").casefold() in ("student", ""):
            people.append(RosterStudent(name, keys, value.get("group", ""), row))
    return people


def _of_canvas(file: CsvFile, columns: Mapping[str, int]) -> list[RosterStudent]:
    """Without the rows "Points Possible" and "Manual Posting", which are nobody's, and the test student."""
    return [
        one
        for one in _people(file, columns)
        if "Points Possible" not in one.name and one.keys and one.name not in ("Student, Test", "Test Student")
    ]


def _of_moodle(file: CsvFile, columns: Mapping[str, int]) -> list[RosterStudent]:
    """The number at the end of "Participant 123", in whatever language Moodle speaks, is what its downloads carry."""
    people = []
    for one in _people(file, columns):
        number = re.search(r"\d+$", one.keys.get("moodle", ""))
        if number:
            people.append(RosterStudent(one.name, {**one.keys, "moodle": number[0]}, one.group, one.row))
    return people


_PLAIN_IDS = ("id", "student id", "sid", "login", "student", "username", "id number", "email", "email address")

_FORMS: dict[str, tuple[tuple[tuple[str, ...], ...], Callable[[CsvFile, Mapping[str, int]], list[RosterStudent]]]] = {
    "canvas": ((("student", "lastname"), ("id",), ("section",)), _of_canvas),
    "moodle": ((("identifier",), ("full name", "email address", "last modified (grade)")), _of_moodle),
    "gradescope": ((("sid",), ("email",), ("first name", "name")), _people),
    "classroom": ((("identifier", "roster_identifier"), ("github_username",)), _people),
    "plain": ((_PLAIN_IDS, ("name", "first name", "full name")), _people),
}
"""How each form is told: for each tuple of headings, one must be there; the first form that fits is it."""
