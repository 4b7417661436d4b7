"""PDF, Word and Excel files, which other people's libraries unpack: what each kind is read by, and with what result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from grader.intake.pdf import read_pdf
from grader.intake.reading import Line, Table
from grader.intake.spreadsheet import read_xlsx
from grader.intake.word import read_docx
from grader.model import Picture

_WORD: Final = frozenset({".docx", ".docm"})
_EXCEL: Final = frozenset({".xlsx", ".xlsm", ".csv", ".tsv"})  # a worksheet is also handed in as "grades.csv"


@dataclass(frozen=True)
class Unpacked:
    """What stands in one file, and what the reader of it should know."""

    parts: tuple[Line | Table, ...]
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()


def is_packaged(name: str, data: bytes) -> bool:
    """Whether a file is of one of these kinds, by its first bytes and its ending.

    >>> is_packaged("hw.md", b"%PDF-1.7"), is_packaged("hw.docx", b"PK.."), is_packaged("hw.docx", b"Layer 1")
    (True, True, False)
    """
    suffix = PurePosixPath(name.lower()).suffix
    return data[:5] == b"%PDF-" or suffix == ".pdf" or (data[:2] == b"PK" and suffix in _WORD | _EXCEL)


def unpack(name: str, data: bytes) -> Unpacked:
    """Read one of them. Raises Unreadable, and whatever else a library makes of a damaged file."""
    suffix = PurePosixPath(name.lower()).suffix
    if data[:5] == b"%PDF-" or suffix == ".pdf":
        parts, pictures, notes = read_pdf(name, data)
        return Unpacked(tuple(parts), pictures, notes)
    parts, pictures = read_docx(name, data) if suffix in _WORD else read_xlsx(name, data)
    return Unpacked(tuple(parts), pictures)
