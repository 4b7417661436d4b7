"""PDF files to lines and tables by their text layer; pages without one become pictures for a human.

Needs pdfplumber (the extra `pdf`). Nothing is executed, no attachment opened, no link followed.
"""

from __future__ import annotations

import io
import logging
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from grader.intake.document import Unreadable
from grader.intake.pdf_columns import read_columns, rows_of
from grader.intake.printed_tables import DRAWN, read_printed
from grader.intake.reading import Line, Table, cell, table
from grader.model import Picture, Place

MAX_PAGES: Final = 30
MAX_CHARS: Final = 60_000  # on one page
_NEAR: Final = 40  # points between a table and its heading
_SCAN: Final = 0.8  # of the page
_RESOLUTION: Final = 90
_Box = tuple[float, float, float, float]  # left, top, right, bottom
_Order = tuple[float, float, float]


def read_pdf(name: str, data: bytes) -> tuple[list[Line | Table], tuple[Picture, ...], tuple[str, ...]]:
    """Lines, tables, pictures of the pages that were scanned or drawn, and notes. Raises Unreadable."""
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
                found = _page(page, place) if characters and not _is_scan(page) else []
                parts += found
                if page.images or page.curves or page.annots or not characters:  # perhaps written with a pen
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
    boxes = [bbox for bbox, _ in ruled]
    placed: list[tuple[_Order, Line | Table]] = [(_order(bbox, boxes), read) for bbox, read in ruled]
    for row in rows_of(page):
        middle = (row.top + row.bottom) / 2
        free = [p for p in row.pieces if not any(_holds(bbox, p.x0, p.x1, middle) for bbox in boxes)]
        above = [_below(p.x0, p.x1, row.bottom, boxes) for p in free]
        if any(above):
            placed += [
                ((*_order(bbox, boxes)[:2], row.top) if bbox else (row.top, 0.0, 0.0), Line(piece.text, place))
                for piece, bbox in zip(free, above, strict=True)
            ]
        elif free:
            placed.append(((row.top, 0.0, 0.0), Line(" ".join(piece.text for piece in free), place)))
    return [part for _, part in sorted(placed, key=lambda entry: entry[0])]


def _holds(bbox: _Box, x0: float, x1: float, middle: float) -> bool:
    return bbox[1] <= middle <= bbox[3] and x0 < bbox[2] and x1 > bbox[0]


def _beside(bbox: _Box, boxes: Sequence[_Box]) -> list[_Box]:
    """The tables that stand at the same height, itself among them."""
    return [other for other in boxes if other[1] < bbox[3] and other[3] > bbox[1]]


def _order(bbox: _Box, boxes: Sequence[_Box]) -> _Order:
    """Where a table comes in the order of reading: those beside one another from left to right."""
    return min(other[1] for other in _beside(bbox, boxes)), bbox[0], bbox[1]


def _below(x0: float, x1: float, bottom: float, boxes: Sequence[_Box]) -> _Box | None:
    """The one of several tables beside one another above which a piece of text stands as its heading."""
    near = [bbox for bbox in boxes if 0 <= bbox[1] - bottom < _NEAR and x0 < bbox[2] and x1 > bbox[0]]
    return near[0] if len(near) == 1 and len(_beside(near[0], boxes)) > 1 else None


def _is_scan(page: Any) -> bool:
    """Whether one picture fills the page: text over it is what a machine guessed from the scan."""
    whole = float(page.width * page.height)
    return any((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) > _SCAN * whole for image in page.images)


def _picture(page: Any, place: Place) -> list[Picture]:
    rendered = io.BytesIO()
    width, height = float(page.width), float(page.height)
    resolution = int(min(_RESOLUTION, 72 * 2000 / max(width, height, 1)))
    if resolution < 10:
        return []
    page.to_image(resolution=resolution).original.convert("RGB").save(rendered, format="PNG")
    return [Picture("image/png", rendered.getvalue(), place)]
