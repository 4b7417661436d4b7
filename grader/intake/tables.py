"""Any document that may hold tables to a `Reading`: by its ending and first bytes. What is wrong becomes a sentence."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Final

from grader.intake.document import Unreadable
from grader.intake.html_tables import read_html
from grader.intake.markdown_tables import read_markdown
from grader.intake.notebook import looks_like_notebook
from grader.intake.notebook_tables import read_notebook_tables
from grader.intake.pdf import read_pdf
from grader.intake.reading import MAX_BYTES, Line, Reading, Table, with_headings
from grader.intake.spreadsheet import read_csv, read_xlsx
from grader.intake.text import decode
from grader.intake.word import read_docx
from grader.model import Picture, Place

log = logging.getLogger(__name__)

_PICTURES: Final = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".heic": "image/heic", ".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp",
}  # fmt: skip
_MARKDOWN: Final = frozenset({".md", ".markdown", ".txt", ".text", ".tex", ".rmd", ".qmd"})
SUFFIXES: Final = (
    frozenset({".ipynb", ".xlsx", ".xlsm", ".csv", ".tsv", ".docx", ".pdf", ".html", ".htm"})
    | _MARKDOWN
    | set(_PICTURES)
)


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
    if not data.strip():
        return Reading(name, notes=(f"{name} is empty.",))
    if suffix in _PICTURES or data[:8] == b"\x89PNG\r\n\x1a\n" or data[:3] == b"\xff\xd8\xff":
        mime = _PICTURES.get(suffix) or ("image/png" if data[:1] == b"\x89" else "image/jpeg")
        return Reading(name, pictures=(Picture(mime, data, Place(name)),))
    if data[:5] == b"%PDF-" or suffix == ".pdf":
        parts, pictures, notes = read_pdf(name, data)
    elif data[:2] == b"PK" and suffix in (".docx", ".docm"):
        parts, pictures = read_docx(name, data)
    elif data[:2] == b"PK" and suffix in (".xlsx", ".xlsm", ".csv", ".tsv"):
        parts = read_xlsx(name, data)
    elif suffix == ".ipynb" or looks_like_notebook(data):
        parts, pictures = read_notebook_tables(name, data, sheet_pictures)
    elif suffix in (".csv", ".tsv"):
        parts = read_csv(name, decode(data))
    elif suffix in (".html", ".htm"):
        parts = read_html(decode(data), Place(name))
    elif suffix in _MARKDOWN:
        parts = read_markdown(decode(data), Place(name))
    else:
        return Reading(
            name,
            problem=f"{name} is of a kind that is not read; a human looks at it. Tables are read from "
            ".xlsx, .csv, .docx, .pdf, .md and .ipynb files.",
        )
    return Reading(name, with_headings(parts), pictures, "", notes)
