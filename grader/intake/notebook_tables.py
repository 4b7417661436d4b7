"""A notebook's lines and tables: Markdown cells, and what code cells printed or displayed."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from grader.intake.html_tables import read_html
from grader.intake.linked_pictures import linked_pictures
from grader.intake.markdown_tables import read_markdown
from grader.intake.notebook import read_notebook
from grader.intake.printed_tables import read_printed
from grader.intake.reading import Line, Reading, Table
from grader.intake.text import decode
from grader.model import Picture, Place

MAX_CODE: Final = 100_000
_MARKUP: Final = re.compile(r"<table\b|\\begin\{(?:tabular|array)")  # printed as source


def read_notebook_tables(name: str, data: bytes, sheet_pictures: Collection[str] = ()) -> Reading:
    """Lines, tables and pictures of a notebook. Raises `grader.intake.document.Unreadable`.

    Pictures named in `sheet_pictures` are the sheet's own and left out. Of a code cell only its outputs count.
    """
    document = read_notebook(name, data)
    rich = _rich_outputs(data)
    parts: list[Line | Table] = []
    pictures: list[Picture] = []
    elsewhere: list[str] = []
    for number, block in enumerate(document.blocks, start=1):
        place = Place(name, block.number)
        if block.kind == "markdown":
            parts += read_markdown(block.source, place)
            if not any(known in block.source for known in sheet_pictures):
                pictures += block.pictures
            written, named = linked_pictures(block.source, place, sheet_pictures)
            pictures += written
            elsewhere += () if block.pictures else named
            continue
        pictures += block.pictures
        shown = rich.get(number, [])
        for kind, text in shown:
            if kind == "html":
                parts += read_html(text, place)
            elif kind == "markdown" or _MARKUP.search(text):
                parts += read_markdown(text, place)
            else:
                parts += read_printed(text.split("\n"), place)
    code = "\n".join(block.source for block in document.blocks if block.kind == "code")
    return Reading(name, tuple(parts), tuple(pictures), elsewhere=tuple(elsewhere), code=code[:MAX_CODE])


def _rich_outputs(data: bytes) -> dict[int, list[tuple[str, str]]]:
    """The outputs of each code cell, counted from 1: HTML where there is some, else Markdown, else plain text."""
    tree = json.loads(decode(data), strict=False)  # it was parsed before, so it can be parsed
    sheets = [tree, *(sheet for sheet in _list(tree.get("worksheets")) if isinstance(sheet, Mapping))]
    cells = [cell for sheet in sheets for cell in _list(sheet.get("cells")) if isinstance(cell, Mapping)]
    found: dict[int, list[tuple[str, str]]] = {}
    for number, cell in enumerate(cells, start=1):
        for output in _list(cell.get("outputs")):
            if isinstance(output, Mapping) and output.get("output_type") not in ("error", "pyerr"):
                data_shown = output.get("data")
                shown: Mapping[str, Any] = data_shown if isinstance(data_shown, Mapping) else {}
                kinds = (("html", shown.get("text/html")), ("markdown", shown.get("text/markdown")))
                plain = shown.get("text/plain") or output.get("text")
                best = next(((kind, _text(text)) for kind, text in kinds if _text(text)), ("plain", _text(plain)))
                found.setdefault(number, []).append(best)
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return value[:500_000] if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
