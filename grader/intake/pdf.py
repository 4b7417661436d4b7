"""PDF files to lines and tables by their text layer; pages without one become pictures for a human.

Needs pdfplumber (the extra `pdf`). Nothing is executed, no attachment opened, no link followed.
"""

from __future__ import annotations

import io
import logging
import textwrap
from dataclasses import replace
from typing import Any, Final

from grader.intake.document import Unreadable
from grader.intake.pdf_columns import read_columns
from grader.intake.printed_tables import DRAWN, read_printed
from grader.intake.reading import Line, Table, cell, table
from grader.model import Picture, Place

MAX_PAGES: Final = 30
MAX_CHARS: Final = 60_000  # on one page
_RESOLUTION: Final = 90


def read_pdf(name: str, data: bytes) -> tuple[list[Line | Table], tuple[Picture, ...], tuple[str, ...]]:
    """Lines, tables, pictures of the pages without text, and notes. Raises Unreadable."""
    try:
        import pdfplumber
    except ImportError:
        raise Unreadable(
            f"{name} is a PDF, and reading PDFs needs pdfplumber (pip install 'backprop-grader[pdf]'). "
            "A human looks at it."
        ) from None
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    parts: list[Line | Table] = []
    pictures: list[Picture] = []
    notes: tuple[str, ...] = ()
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > MAX_PAGES:
                notes = (f"{name} has {len(document.pages)} pages; only the first {MAX_PAGES} were read.",)
            for number, page in enumerate(document.pages[:MAX_PAGES], start=1):
                place = Place(f"{name}, page {number}")
                characters = len(page.chars)
                if characters > MAX_CHARS:
                    notes = (*notes, f"Page {number} of {name} holds too much text to be read.")
                    continue
                found = _page(page, place) if characters else []
                parts += found
                if page.images or (not any(isinstance(part, Table) for part in found) and not characters):
                    pictures += _picture(page, place)
                page.close()
    except Exception as error:  # a damaged file fails in many ways
        raise Unreadable(
            f"{name} is not a PDF that can be opened. Print it to PDF again, or hand in the source."
        ) from error
    return parts, tuple(pictures), notes


def _page(page: Any, place: Place) -> list[Line | Table]:
    """A page's ruled tables and the lines between, from top to bottom; without rules, columns by where words stand.

    Pipes and frames drawn with characters are read as in plain text.
    """
    ruled = []
    for found in page.find_tables():
        rows = [[cell(text or "") for text in row] for row in found.extract()]
        read = table(rows, place)
        if read and len(read.rows) > 1 and max(map(len, read.rows)) > 1:
            ruled.append((found.bbox, read))
    if not ruled:
        if not any(character["text"] in DRAWN for character in page.chars):
            return read_columns(page, place)
        text = textwrap.dedent(page.extract_text(layout=True) or "")
        parts = read_printed([line for line in text.split("\n") if line.strip()], place)
        return [replace(part, merged_above=False) if isinstance(part, Table) else part for part in parts]
    lines: list[tuple[float, Line | Table]] = [(bbox[1], read) for bbox, read in ruled]
    for line in page.extract_text_lines(return_chars=False):
        middle = (line["top"] + line["bottom"]) / 2
        if not any(bbox[1] <= middle <= bbox[3] and line["x0"] < bbox[2] and line["x1"] > bbox[0] for bbox, _ in ruled):
            lines.append((line["top"], Line(line["text"], place)))
    return [part for _, part in sorted(lines, key=lambda entry: entry[0])]


def _picture(page: Any, place: Place) -> list[Picture]:
    rendered = io.BytesIO()
    width, height = float(page.width), float(page.height)
    resolution = int(min(_RESOLUTION, 72 * 2000 / max(width, height, 1)))
    if resolution < 10:
        return []
    page.to_image(resolution=resolution).original.convert("RGB").save(rendered, format="PNG")
    return [Picture("image/png", rendered.getvalue(), place)]
