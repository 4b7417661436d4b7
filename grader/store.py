"""The store: one SQLite file a homework, with every result ever given. Nothing in it is deleted or overwritten.

A finished result survives `kill -9` of the grader: each `put` is a transaction of its own in a write-ahead log.
Reports are kept as JSON (`grader.export.archive`); what a key stands for is the caller's business.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.export.archive import report_from_store, report_to_store
from grader.export.errors import ExportError
from grader.model import SubmissionReport

SCHEMA_VERSION = 1
_APPLICATION = 0x67726164  # "grad": tells our files from other SQLite databases
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_SCHEMA = """
CREATE TABLE results (
    number  INTEGER PRIMARY KEY,    -- in the order of arrival
    student TEXT NOT NULL,
    key     TEXT NOT NULL,          -- digest of everything that the result depends on
    at      TEXT NOT NULL,          -- UTC, ISO 8601
    report  TEXT NOT NULL           -- JSON
);
CREATE INDEX results_by_student ON results (student, key);
"""


class StoreError(Exception):
    """The store cannot be used; the message is a sentence for the instructor."""


@dataclass(frozen=True)
class Entry:
    """One result of one student, as it was given at one time."""

    key: str
    at: datetime
    report: SubmissionReport


class Store:
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
        self.path = Path(path)
        self.notice = ""
        try:
            self._connection = self._open()
        except _Damaged as damage:
            self.notice = self._set_aside(damage)
            try:
                self._connection = self._open()
            except _Damaged as error:
                raise StoreError(f"{self.path} cannot be begun anew: {error}.") from error

    def get(self, student_id: str, key: str) -> SubmissionReport | None:
        """The latest result of a student under this key; None where there is none that can be read."""
        with self._sentences():
            row = self._connection.execute(
                "SELECT report FROM results WHERE student = ? AND key = ? ORDER BY number DESC LIMIT 1",
                (_name(student_id), key),
            ).fetchone()
        return None if row is None else _report(row[0])

    def put(self, report: SubmissionReport, key: str, when: datetime) -> None:
        """Keep a result. It is safe from a killed process when this returns; earlier results stay."""
        text = json.dumps(report_to_store(report), allow_nan=False)
        at = when.astimezone(UTC).isoformat(timespec="seconds")
        with self._sentences(), self._connection:
            self._connection.execute(
                "INSERT INTO results (student, key, at, report) VALUES (?, ?, ?, ?)",
                (_name(report.student.id), key, at, text),
            )

    def history(self, student_id: str) -> list[Entry]:
        """Every result of a student that can be read, earliest first."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT key, at, report FROM results WHERE student = ? ORDER BY number", (_name(student_id),)
            ).fetchall()
        entries = ((key, at, _report(text)) for key, at, text in rows)
        return [Entry(key, datetime.fromisoformat(at), report) for key, at, report in entries if report is not None]

    def close(self) -> None:
        """Close the file; nothing is waiting to be written."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        try:
            if str(self.path) != ":memory:":
                self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=10)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The store {self.path} cannot be opened: {error}.") from error
        try:
            with self._sentences():
                self._check(connection)
                connection.execute("PRAGMA journal_mode = WAL")  # where it is not to be had, the default is as safe
                connection.execute("PRAGMA synchronous = NORMAL")
                self._begin(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise _Damaged(str(error)) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        with closing(connection.execute("PRAGMA quick_check(1)")) as cursor:
            (verdict,) = cursor.fetchone()
        if verdict != "ok":
            raise _Damaged(verdict)

    def _begin(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if owner == _APPLICATION and version > SCHEMA_VERSION:
            raise StoreError(
                f"The store {self.path} was written by a later version of the grader (form {version}, this one "
                f"knows {SCHEMA_VERSION}). Update the grader, or choose another --out folder."
            )
        if tables and owner != _APPLICATION:
            raise StoreError(f"{self.path} is a database of another program. Choose another --out folder.")
        if not tables:
            for statement in _SCHEMA.strip().split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.commit()

    def _set_aside(self, damage: _Damaged) -> str:
        """Rename the damaged file, with its log if it has one, and say so in a sentence."""
        number = 1
        while (aside := self.path.with_name(f"{self.path.stem} (damaged {number}){self.path.suffix}")).exists():
            number += 1
        try:
            self.path.rename(aside)
            for end in ("-wal", "-shm"):
                part = self.path.with_name(self.path.name + end)
                if part.exists():
                    part.rename(aside.with_name(aside.name + end))
        except OSError as error:
            raise StoreError(f"The store {self.path} is damaged ({damage}) and cannot be renamed: {error}.") from error
        return (
            f"The store {self.path} is damaged ({damage}). It was kept as {aside.name} and a new one begun: "
            "everything is graded afresh."
        )

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn what SQLite reports into a `StoreError`, but let damage through while the file is being opened."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _DAMAGE:
                if not hasattr(self, "_connection"):
                    raise
                raise StoreError(
                    f"The store {self.path} is damaged ({error}). Run the grader again: it will be set aside."
                ) from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(
                    f"The store {self.path} is in use by another run of the grader. Wait for it to end, then try again."
                ) from error
            raise StoreError(f"The store {self.path} cannot be used: {error}.") from error


class _Damaged(Exception):
    """The file is no database, or one with broken pages."""


def _name(student_id: str) -> str:
    return student_id.encode("utf-8", "backslashreplace").decode("utf-8")  # a file name may hold undecodable bytes


def _report(text: str) -> SubmissionReport | None:
    """The stored report; None where it is of a form that this version does not read, so that it is graded again."""
    try:
        return report_from_store(json.loads(text))
    except (ExportError, ValueError, RecursionError):
        return None
