"""The file under the store: opened, checked, begun, taken over from an earlier form, set aside where it is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

SCHEMA_VERSION = 2
_APPLICATION = 0x67726164  # "grad": tells our files from other SQLite databases
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_FIRST_FORM = """
CREATE TABLE results (
    number  INTEGER PRIMARY KEY,    -- in the order of arrival
    student TEXT NOT NULL,
    key     TEXT NOT NULL,          -- digest of everything that the result depends on
    at      TEXT NOT NULL,          -- UTC, ISO 8601
    report  TEXT NOT NULL           -- JSON
);
CREATE INDEX results_by_student ON results (student, key);
"""
_SECOND_FORM = """
CREATE TABLE marks (
    number   INTEGER PRIMARY KEY,   -- in the order of arrival: the last one of a question and extent counts
    student  TEXT NOT NULL,
    question TEXT NOT NULL,
    extent   TEXT NOT NULL,         -- "pending" or "whole"
    points   REAL,                  -- NULL: withdrawn, or only a comment
    typed    TEXT NOT NULL,         -- what was typed where it is no number
    comment  TEXT NOT NULL,
    at       TEXT NOT NULL,         -- UTC, ISO 8601
    source   TEXT NOT NULL,         -- where it was typed
    answer   TEXT NOT NULL,         -- digest of what the person judged
    conflict TEXT NOT NULL,         -- which other mark it contradicts, in words
    old      REAL                   -- the points that it replaces
);
CREATE INDEX marks_by_student ON marks (student, question, extent);
CREATE TABLE readings (
    digest TEXT PRIMARY KEY,        -- of a workbook whose marks are in the table above
    name   TEXT NOT NULL,
    at     TEXT NOT NULL
);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    run    TEXT NOT NULL            -- JSON: the results by number, what was said about the run, the policy's verdicts
);
"""


class StoreError(Exception):
    """The store cannot be used; the message is a sentence for the instructor."""


class Database:
    """An SQLite file of the grader's, to be used by one thread, as a context manager.

    Raises:
        StoreError: see `grader.store.Store`.
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
            raise _Damaged(" ".join(str(error).split())) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        with closing(connection.execute("PRAGMA quick_check(1)")) as cursor:
            (verdict,) = cursor.fetchone()
        if verdict != "ok":
            raise _Damaged(" ".join(verdict.split()))

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
        if not tables or version < SCHEMA_VERSION:
            for statement in ((_FIRST_FORM if not tables else "") + _SECOND_FORM).split(";\n"):
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
            "everything is graded afresh, and marks given by hand are read from the workbook."
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
            if code == sqlite3.SQLITE_READONLY:
                raise StoreError(
                    f"The store {self.path} cannot be written: it or its folder is write-protected. Make both "
                    "writable, or work on a copy of the folder."
                ) from error
            raise StoreError(f"The store {self.path} cannot be used: {error}.") from error


class _Damaged(Exception):
    """The file is no database, or one with broken pages."""
