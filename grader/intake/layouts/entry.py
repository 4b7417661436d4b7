"""What a layout sees and what it makes of it: the children of a download, and the hand-ins among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.archive import FileBytes
from grader.model import Student

NEARLY_ALL = 0.8
_WORK = frozenset({".ipynb", ".py", ".zip"})


@dataclass(frozen=True)
class Entry:
    """One child of the download: a folder with all its files, or one file. Zips are not opened yet.

    `files` are named from inside the entry; `root` is where it stands on disk (for an entry of a zip: the zip).
    """

    name: str
    root: Path
    files: tuple[FileBytes, ...]
    folder: bool

    @property
    def is_work(self) -> bool:
        """Whether it may be somebody's hand-in: a list of students or a readme that lies beside is none."""
        return self.folder or any(file.suffix in _WORK for file in self.files)


@dataclass(frozen=True)
class HandIn:
    """What a layout makes of one or several entries; the fields are those of `Submission`."""

    student: Student
    root: Path
    files: tuple[FileBytes, ...]
    submitted: str | None = None
    lms: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Student, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The entries as one layout reads them. `strangers` fit no hand-in of it; `remarks` are for the instructor."""

    layout: str
    handins: tuple[HandIn, ...]
    strangers: tuple[Entry, ...] = ()
    remarks: tuple[str, ...] = ()


Layout = Callable[[Sequence[Entry]], Reading | None]
"""Reads a download; None where it is none of this layout."""


def nearly_all(fitting: int, strangers: Sequence[Entry]) -> bool:
    """Whether so many entries fit that the few others are the exception."""
    others = sum(entry.is_work for entry in strangers)
    return fitting > 0 and fitting >= NEARLY_ALL * (fitting + others)


def almost(layout: str, fitting: int, entries: Sequence[Entry]) -> Reading | None:
    """A reading without hand-ins that says why: many names are of this layout, but not nearly all."""
    if fitting < 2 or fitting < 0.3 * len(entries):
        return None
    words = f"{fitting} of {len(entries)} names look like a download from {layout}, the others do not."
    return Reading(layout, (), remarks=(f"{words} So every name was taken for a student's; check the list.",))


def shown_name(words: str) -> str:
    """A name as people write it, from a name in a file's name.

    >>> shown_name("li_wei")
    'Li Wei'
    """
    parts = words.replace("_", " ").split()
    return " ".join(part.capitalize() if part.islower() else part for part in parts) or words
