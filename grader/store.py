"""The store: one SQLite file a homework, with every result and every human mark ever given, and what each run said.

Nothing in it is deleted or overwritten. A finished result survives `kill -9` of the grader: each `put` is a transaction
of its own in a write-ahead log. Reports are kept as JSON (`grader.export.archive`), a run as `grader.past_run` says;
what a key stands for is the caller's business, and what a mark means that of `grader.marks.given`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.database import SCHEMA_VERSION, Database, StoreError
from grader.export.archive import report_from_store, report_to_store
from grader.export.errors import ExportError
from grader.gradebook import Extent, Gradebook, HumanMark
from grader.model import SubmissionReport
from grader.past_run import PastRun, run_from_store, run_to_store

__all__ = ["SCHEMA_VERSION", "Entry", "MarkEntry", "Store", "StoreError", "stored_name"]

_MARK = "student, question, extent, points, typed, comment, at, source, answer, conflict"


@dataclass(frozen=True)
class Entry:
    """One result of one student, as it was given at one time."""

    key: str
    at: datetime
    report: SubmissionReport


@dataclass(frozen=True)
class MarkEntry:
    """One human mark in the history of a student; `old` are the points that it replaced, None where there were none."""

    mark: HumanMark
    old: float | None


class Store(Database):
    """Results by student and key. To be used by one thread, as a context manager.

    A damaged file is set aside under another name and a new one begun; `notice` then holds the sentence that says so.

    Raises:
        StoreError: the path cannot be opened or written, is locked by another run, belongs to another program or to
            a later version of the grader.

    >>> with Store(":memory:") as store:
    ...     store.get("amal", "a digest") is None
    True
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._present: dict[str, int] = {}  # the row of each student's result that was found or put last

    def get(self, student_id: str, key: str) -> SubmissionReport | None:
        """The latest result of a student under this key; None where there is none that can be read."""
        with self._sentences():
            row = self._connection.execute(
                "SELECT number, report FROM results WHERE student = ? AND key = ? ORDER BY number DESC LIMIT 1",
                (stored_name(student_id), key),
            ).fetchone()
        report = None if row is None else _report(row[1])
        if report is not None:
            self._present[stored_name(student_id)] = row[0]
        return report

    def put(self, report: SubmissionReport, key: str, when: datetime) -> None:
        """Keep a result. It is safe from a killed process when this returns; earlier results stay."""
        text = json.dumps(report_to_store(report), allow_nan=False)
        at = when.astimezone(UTC).isoformat(timespec="seconds")
        with self._sentences(), self._connection:
            cursor = self._connection.execute(
                "INSERT INTO results (student, key, at, report) VALUES (?, ?, ?, ?)",
                (stored_name(report.student.id), key, at, text),
            )
        self._present[stored_name(report.student.id)] = cursor.lastrowid or 0

    def history(self, student_id: str) -> list[Entry]:
        """Every result of a student that can be read, earliest first."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT key, at, report FROM results WHERE student = ? ORDER BY number", (stored_name(student_id),)
            ).fetchall()
        entries = ((key, at, _report(text)) for key, at, text in rows)
        return [Entry(key, datetime.fromisoformat(at), report) for key, at, report in entries if report is not None]

    def marks(self) -> tuple[HumanMark, ...]:
        """The last mark for each question and extent, withdrawn ones too (`points` None); students by `stored_name`."""
        with self._sentences():
            rows = self._connection.execute(
                f"SELECT {_MARK} FROM marks WHERE number IN "
                "(SELECT max(number) FROM marks GROUP BY student, question, extent) ORDER BY student, number"
            ).fetchall()
        return tuple(_mark(row) for row in rows)

    def mark_history(self, student_id: str) -> tuple[MarkEntry, ...]:
        """Every mark that a person ever gave a student, earliest first."""
        with self._sentences():
            rows = self._connection.execute(
                f"SELECT {_MARK}, old FROM marks WHERE student = ? ORDER BY number",
                (stored_name(student_id),),
            ).fetchall()
        return tuple(MarkEntry(_mark(row[:-1]), row[-1]) for row in rows)

    def add_mark(self, mark: HumanMark) -> None:
        """Keep a mark. It is safe from a killed process when this returns; earlier marks stay in the history."""
        with self._sentences(), self._connection:
            self._insert(mark)

    def take_marks(self, marks: Sequence[HumanMark], digest: str, name: str, when: datetime) -> None:
        """Keep what was read from one workbook, and that it was read: both or, from a killed process, neither."""
        at = when.astimezone(UTC).isoformat(timespec="seconds")
        with self._sentences(), self._connection:
            for mark in marks:
                self._insert(mark)
            self._connection.execute("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", (digest, stored_name(name), at))

    def has_read(self, digest: str) -> bool:
        """Whether the marks of a workbook with these bytes were taken already."""
        with self._sentences():
            row = self._connection.execute("SELECT 1 FROM readings WHERE digest = ?", (digest,)).fetchone()
        return row is not None

    def keep_run(self, gradebook: Gradebook, when: datetime) -> None:
        """Keep what a run has made, so that later commands need not grade again; one like the last adds nothing."""
        text = json.dumps(run_to_store(gradebook, self._present, stored_name), allow_nan=False)
        with self._sentences(), self._connection:
            last = self._connection.execute("SELECT run FROM runs ORDER BY number DESC LIMIT 1").fetchone()
            if last is None or last[0] != text:
                at = when.astimezone(UTC).isoformat(timespec="seconds")
                self._connection.execute("INSERT INTO runs (at, run) VALUES (?, ?)", (at, text))

    def last_run(self) -> PastRun | None:
        """What the last run has made; None where there was none, or it is of a form that this version does not read."""
        with self._sentences():
            row = self._connection.execute("SELECT run FROM runs ORDER BY number DESC LIMIT 1").fetchone()
        try:
            return None if row is None else run_from_store(json.loads(row[0]), self._numbered)
        except (ExportError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _numbered(self, number: int) -> SubmissionReport:
        with self._sentences():
            row = self._connection.execute("SELECT report FROM results WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise ValueError(f"there is no result {number}")
        return report_from_store(json.loads(row[0]))

    def _insert(self, mark: HumanMark) -> None:
        where = (stored_name(mark.student), mark.question, mark.extent.value)
        old = self._connection.execute(
            "SELECT points FROM marks WHERE student = ? AND question = ? AND extent = ? ORDER BY number DESC LIMIT 1",
            where,
        ).fetchone()
        self._connection.execute(
            f"INSERT INTO marks ({_MARK}, old) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *where,
                mark.points,
                stored_name(mark.typed),
                stored_name(mark.comment),
                mark.at,
                mark.source,
                mark.answer,
                mark.conflict,
                old[0] if old else None,
            ),
        )


def stored_name(student_id: str) -> str:
    """A student's id as the store has it: what a file name holds of undecodable bytes is written out."""
    return student_id.encode("utf-8", "backslashreplace").decode("utf-8")


def _report(text: str) -> SubmissionReport | None:
    """The stored report; None where it is of a form that this version does not read, so that it is graded again."""
    try:
        return report_from_store(json.loads(text))
    except (ExportError, ValueError, RecursionError):
        return None


def _mark(row: Sequence[Any]) -> HumanMark:
    student, question, extent, points, typed, comment, at, source, answer, conflict = row
    return HumanMark(
        student, question, points, Extent(extent), comment, at, source, answer, conflict=conflict, typed=typed
    )
