"""Any document that may hold tables to a `Reading`: by its ending and first bytes. What is wrong becomes a sentence."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from grader.intake.aside import unpack_aside
from grader.intake.document import Unreadable
from grader.intake.html_tables import read_html
from grader.intake.linked_pictures import linked_pictures
from grader.intake.markdown_tables import read_markdown
from grader.intake.notebook import looks_like_notebook
from grader.intake.notebook_tables import read_notebook_tables
from grader.intake.packaged import is_packaged
from grader.intake.reading import MAX_BYTES, Line, Reading, Table, with_headings
from grader.intake.spreadsheet import read_csv
from grader.intake.text import decode
from grader.model import Picture, Place

log = logging.getLogger(__name__)

_PICTURES: Final = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".heic": "image/heic", ".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp",
}  # fmt: skip
_MARKDOWN: Final = frozenset(
    {".md", ".markdown", ".txt", ".text", ".tex", ".rmd", ".qmd", ".org", ".rst", ".adoc", ".asciidoc"}
)
SUFFIXES: Final = (
    frozenset({".ipynb", ".xlsx", ".xlsm", ".csv", ".tsv", ".docx", ".pdf", ".html", ".htm"})
    | _MARKDOWN
    | set(_PICTURES)
)

CLOSED: Final = frozenset(
    {".odt", ".ods", ".odp", ".doc", ".xls", ".xlsb", ".ppt", ".pptx", ".rtf", ".pages", ".numbers", ".key", ".svg"}
    | {".rar", ".7z", ".djvu", ".xps", ".one", ".note", ".goodnotes", ".eps", ".ps", ".heif", ".avif", ".jfif"}
)  # fmt: skip
"""Kinds of documents that may hold an answer and are not read: a human opens them."""


def read_tables(name: str, data: bytes, sheet_pictures: Collection[str] = ()) -> Reading:
    """Read one document; never raises. `sheet_pictures` are names of pictures that the sheet itself shows.

    >>> reading = read_tables("hw.csv", b"First update,Layer 1\\nParameter,1")
    >>> reading.tables[0].header, reading.tables[0].row_names
    (('First update', 'Layer 1'), ('Parameter',))
    """
    if len(data) > MAX_BYTES:
        return Reading(name, problem=f"{name} is larger than {MAX_BYTES // 1_000_000} MB; a human looks at it.")
    try:
        return _read(name, data, sheet_pictures)
    except Unreadable as error:
        return Reading(name, problem=str(error))
    except (RecursionError, MemoryError):
        return Reading(name, problem=f"{name} is nested too deeply to be read; a human looks at it.")
    except Exception:  # one odd file must not stop a class; it is logged and waits for a human
        log.exception("%s could not be read", name)
        return Reading(name, problem=f"{name} could not be read; a human looks at it.")


def _read(name: str, data: bytes, sheet_pictures: Collection[str]) -> Reading:
    suffix = PurePosixPath(name.lower()).suffix
    parts: list[Line | Table]
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    if not data.strip():
        return Reading(name, notes=(f"{name} is empty.",))
    if suffix in _PICTURES or data[:8] == b"\x89PNG\r\n\x1a\n" or data[:3] == b"\xff\xd8\xff":
        mime = _PICTURES.get(suffix) or ("image/png" if data[:1] == b"\x89" else "image/jpeg")
        return Reading(name, pictures=(Picture(mime, data, Place(name)),))
    if is_packaged(name, data):
        unpacked = unpack_aside(name, data)
        parts, pictures, notes = list(unpacked.parts), unpacked.pictures, unpacked.notes
    elif suffix == ".ipynb" or looks_like_notebook(data):
        reading = read_notebook_tables(name, data, sheet_pictures)
        return replace(reading, parts=with_headings(reading.parts))
    elif suffix in (".csv", ".tsv"):
        parts = read_csv(name, decode(data))
    elif suffix in (".html", ".htm"):
        text = decode(data)
        parts = read_html(text, Place(name))
        pictures, elsewhere = linked_pictures(text, Place(name), sheet_pictures)
    elif suffix in _MARKDOWN:
        text = decode(data)
        parts = read_markdown(text, Place(name))
        pictures, elsewhere = linked_pictures(text, Place(name), sheet_pictures)
    else:
        return Reading(
            name,
            problem=f"{name} is of a kind that is not read; a human looks at it. Tables are read from "
            ".xlsx, .csv, .docx, .pdf, .md and .ipynb files.",
        )
    return Reading(name, with_headings(parts), pictures, "", notes, elsewhere)
