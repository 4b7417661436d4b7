"""When each student handed in: from a CSV (`--times`), from what the LMS says, or from the last commit; and only on
request from the files' dates, which a copy or a download changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.catalogue import keys
from grader.intake.submission import Submission
from grader.model import Student
from grader.people.csv_file import read_csv
from grader.people.matching import name_forms
from grader.policy.commit import commit_time

BY_COMMIT = "the date of the last commit"
BY_FILE = "the file's date"

# Column names, without case and punctuation. Beside plain ones: those of Canvas, Moodle, Gradescope, GitHub Classroom.
_ID = (
    *("id", "student", "student id", "sid", "identifier", "user id", "sis id", "sis user id", "sis login id"),
    *("github username", "roster identifier", "username", "user name", "login", "email", "email address"),
)
_NAME = ("name", "full name", "student name")
_NAME_PARTS = (("first name", "last name"), ("first name", "surname"))
_TIME = (
    *("time", "submitted", "submitted at", "submission time", "submission timestamp", "submission date"),
    *("last modified submission", "handed in", "turned in", "timestamp", "created at"),
)
_HOMEWORK = ("homework", "homework key")
_WRITTEN_OUT = tuple(
    f"{weekday}{day}, {clock}"
    for weekday in ("%A, ", "")
    for day in ("%d %B %Y", "%B %d, %Y")
    for clock in ("%I:%M %p", "%H:%M")
)
_NOTHING = frozenset({"", "-", "–", "none", "null", "n/a", "nan"})
_YEARS = range(1990, 2200)


class TimesError(ValueError):
    """The times cannot be read; the message is a sentence that names the file and the line."""


@dataclass(frozen=True)
class HandIn:
    """When a student handed in (None: nobody knows), and by what, where the student should know ("the file's date").

    `late` is what the LMS says of lateness where it gives no time ("marked LATE by Canvas").
    """

    at: datetime | None = None
    by: str = ""
    late: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a file of times: what names the student, column by column, and the time."""

    names: Mapping[str, str]
    at: datetime | None
    homework: str | None
    line: int


@dataclass(frozen=True)
class Times:
    """A file of submission times."""

    path: Path
    rows: tuple[Row, ...]
    by_homework: bool  # whether a column tells the homeworks apart

    def of(
        self, key: str, students: Sequence[Student], aliases: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, datetime | None]:
        """The times of these students, by id; who is not in the file is left out.

        `aliases` are what an LMS calls them, by id. Of several columns that could hold the id, the one counts that
        fits most of the class. Who is not found there is looked for by name: one line's, and one student's.

        Raises:
            TimesError: the file gives one student two times.
        """
        found = {}
        rows = [row for row in self.rows if row.homework in (None, key)]
        for student, matches in self._matches(rows, students, aliases or {}):
            times = {row.at for row in matches if row.at is not None}
            if len(times) > 1:
                lines = " and ".join(str(row.line) for row in matches)
                raise TimesError(f"{self.path} gives {student.id} different times in lines {lines}; keep one of them.")
            if matches:
                found[student.id] = next(iter(times), None)
        return found

    def unmatched(self, students: Sequence[Student], aliases: Mapping[str, Collection[str]] | None = None) -> list[str]:
        """The lines with a time that fit none of these students, as "line 3 (amal)"."""
        fitting = set()
        for key in {row.homework for row in self.rows}:
            rows = [row for row in self.rows if row.homework == key]
            fitting |= {row.line for _, matches in self._matches(rows, students, aliases or {}) for row in matches}
        lost = [row for row in self.rows if row.at is not None and row.line not in fitting]
        return [f"line {row.line} ({next(filter(None, row.names.values()), '')})" for row in lost]

    def _matches(
        self, rows: Sequence[Row], students: Sequence[Student], aliases: Mapping[str, Collection[str]]
    ) -> Iterator[tuple[Student, list[Row]]]:
        columns = dict.fromkeys(column for row in rows for column in row.names if column != "name")
        called = {one.id: [_folded(name) for name in (one.id, *aliases.get(one.id, ()))] for one in students}
        tables = [self._table(rows, column) for column in columns]
        best = max(
            tables, key=lambda table: sum(any(n in table for n in called[one.id]) for one in students), default={}
        )
        names: dict[str, list[Row]] = {}
        for row in rows:
            for form in name_forms(row.names.get("name", "")):
                names.setdefault(form, []).append(row)
        named = {
            one.id: {row.line: row for form in name_forms(one.name) for row in names.get(form, ())} for one in students
        }
        claims = Counter(line for fits in named.values() for line in fits)
        for student in students:
            by_id = next((best[name] for name in called[student.id] if name in best), None)
            fits = [row for line, row in named[student.id].items() if claims[line] == 1]
            yield student, by_id or (fits if len(named[student.id]) == 1 else [])

    @staticmethod
    def _table(rows: Sequence[Row], column: str) -> dict[str, list[Row]]:
        table: dict[str, list[Row]] = {}
        for row in rows:
            if row.names.get(column):
                table.setdefault(_folded(row.names[column]), []).append(row)
        return table


def read_times(path: Path, zone: ZoneInfo | None = None) -> Times:
    """The times in a CSV. `zone` is the clock of times that are written without an offset.

    Raises:
        TimesError: the file cannot be read, has not the columns, or a time in it cannot be understood.
    """
    try:
        sheet = read_csv(Path(path))
    except ValueError as error:
        raise TimesError(str(error)) from error
    titles = sheet.values(0) if sheet.raw else []
    header = [_plain(title) for title in titles]
    named = {title: header.index(title) for title in header if title in (*_ID, *_NAME)}
    parts = next(([header.index(p) for p in pair] for pair in _NAME_PARTS if set(pair) <= set(header)), [])
    times = [header.index(title) for title in _TIME if title in header]
    homework = next((header.index(title) for title in _HOMEWORK if title in header), None)
    if not (named or parts) or not times:
        lacking = "a column id" if times else "a column time" if named or parts else "the columns id and time"
        raise TimesError(f"{path} needs {lacking} in its first row, which reads: {', '.join(titles)[:200]}.")
    rows = []
    for number in range(1, len(sheet.raw)):
        cells = [sheet.cell(number, column).strip() for column in range(len(header))]
        if not any(cells):
            continue
        names = {("name" if title in _NAME else title): cells[place] for title, place in named.items()}
        if parts:
            names.setdefault("name", " ".join(cells[place] for place in parts))
        try:
            at = moment(cells[times[0]], zone)
            key = _key(cells[homework]) if homework is not None else None
        except ValueError as error:
            raise TimesError(f"{path}, line {number + 1}: {error}") from None
        rows.append(Row(names, at, key, number + 1))
    return Times(Path(path), tuple(rows), homework is not None)


def moment(text: str, zone: ZoneInfo | None) -> datetime | None:
    """The time that a text names; None for a text that says there is none.

    ISO 8601 ("2026-03-01T23:59:00+01:00"), as Gradescope and GitHub Classroom write it ("2026-03-01 23:59:00 -0800",
    "… UTC"), or written out as Moodle does ("Sunday, 1 March 2026, 11:59 PM"; in the United
    States "Sunday, March 1, 2026, 11:59 PM").

    Raises:
        ValueError: it cannot be understood, or has no offset and there is no `zone`.

    >>> moment("2026-03-01 23:59:00 -0800", None).isoformat()
    '2026-03-01T23:59:00-08:00'
    """
    text = " ".join(text.split())
    if text.casefold() in _NOTHING:
        return None
    found = _iso(text) or _written_out(text)
    if found is None or found.year not in _YEARS:
        raise ValueError(f'"{text[:60]}" is no time; write it like 2026-03-01T23:59:00+01:00.')
    if found.tzinfo is None:
        if zone is None:
            raise ValueError(
                f'"{text[:60]}" has no offset from UTC; write it like 2026-03-01T23:59:00+01:00, or give the policy a '
                'timezone = "…" at the top.'
            )
        return found.replace(tzinfo=zone)
    return found


def handed_in(submission: Submission, listed: Mapping[str, datetime | None], zone: ZoneInfo | None) -> HandIn:
    """When a submission was handed in: as the file of times says, else as the LMS, else as the last commit."""
    if submission.student.id in listed:
        return HandIn(listed[submission.student.id])
    if submission.submitted:
        try:
            return HandIn(moment(submission.submitted, zone))
        except ValueError:
            return HandIn(late=_told_late(submission))
    committed = commit_time(submission.root) if submission.root.is_dir() else None
    return HandIn(committed, BY_COMMIT) if committed else HandIn(late=_told_late(submission))


def by_file_dates(submission: Submission) -> HandIn:
    """The latest date of a submission's files, which is the day of a download as often as that of the work."""
    try:
        latest = max(path.stat().st_mtime for path in {file.path for file in submission.files} or {submission.root})
    except OSError:
        return HandIn()
    return HandIn(datetime.fromtimestamp(latest).astimezone(), BY_FILE)


def _told_late(submission: Submission) -> str:
    return submission.lms.get("late", "")


def _iso(text: str) -> datetime | None:
    text = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", text)
    text = re.sub(r"\s+(?=[+-]\d\d:?(?:\d\d)?$)", "", text)
    try:
        date.fromisoformat(text)
        return None  # a day without its time
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written_out(text: str) -> datetime | None:
    for form in _WRITTEN_OUT:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _key(text: str) -> str:
    if text not in keys():
        near = get_close_matches(text, keys(), n=1)
        advice = f'did you mean "{near[0]}"?' if near else f"it may be: {', '.join(keys())}."
        raise ValueError(f'"{text[:60]}" is no homework; {advice}')
    return text


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", title.casefold()).split())


def _folded(name: str) -> str:
    """An identifier to compare by; Moodle writes "Participant 12" for its number 12."""
    return re.sub(r"^participant (?=\d)", "", " ".join(name.casefold().split()))
