"""One student's hand-in, or one group's: whose it is, its files, and what the download says about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.archive import BadFile, FileBytes
from grader.model import Student

CODE = frozenset({".ipynb", ".py"})
_TEXT = CODE | {".md", ".txt", ".markdown", ".tex", ".csv"}


@dataclass(frozen=True)
class Submission:
    """One student's files, sorted by name. `problem` says why they could not even be listed (a damaged zip).

    `submitted` is when it was handed in (ISO 8601), where the download says so. `lms` holds the student's ids there
    by kind ("canvas", "moodle", "sid", "email", "github") and "late" where the download marks it. `members` are all
    who handed it in together, each of whom gets the same report; empty for one student alone. `remarks` go into the
    report's notes.
    """

    student: Student
    root: Path
    files: tuple[FileBytes, ...] = ()
    problem: str | None = None
    submitted: str | None = None
    lms: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Student, ...] = ()
    remarks: tuple[str, ...] = ()

    def digest(self) -> str:
        """Equal for equal names and contents, so that an unchanged submission need not be judged again."""
        digest = hashlib.sha256((self.problem or "").encode())
        for file in self.files:
            digest.update(repr(file.name).encode())
            digest.update(hashlib.sha256(_bytes_of(file)).digest())
        return digest.hexdigest()

    def text(self) -> str:
        """The raw text of notebooks, scripts and prose, to tell which homework they are."""
        return "\n".join(_bytes_of(file).decode("utf-8", "replace") for file in self.files if file.suffix in _TEXT)


def _bytes_of(file: FileBytes) -> bytes:
    try:
        return file.read()
    except BadFile as error:
        return str(error).encode()
