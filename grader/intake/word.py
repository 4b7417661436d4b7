"""Word documents to lines and tables: text and equations in reading order, deleted and hidden text left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree import ElementTree

from grader.intake.document import Unreadable
from grader.intake.office import checked_package, pictures
from grader.intake.reading import MAX_COLUMNS, Line, Table, TextCell, cell, table
from grader.model import Picture, Place

_DEEPEST: Final = 60
_SKIPPED: Final = frozenset(
    {"del", "moveFrom", "Fallback", "instrText", "rPr", "pPr", "tblPr", "tcPr", "trPr", "sectPr"}
)


def read_docx(name: str, data: bytes) -> tuple[list[Line | Table], tuple[Picture, ...]]:
    """Lines, tables and pictures of a .docx. Raises Unreadable."""
    parts = checked_package(name, data, "word/")
    try:
        root = ElementTree.fromstring(parts["word/document.xml"])
    except (KeyError, ElementTree.ParseError, ValueError):
        raise Unreadable(f"{name} is not a Word document that can be opened. Save it again as .docx.") from None
    return list(_blocks(root, name, 0)), pictures(name, parts)


def _blocks(element: ElementTree.Element, name: str, depth: int) -> Iterator[Line | Table]:
    for child in element if depth < _DEEPEST else ():
        tag = _tag(child)
        if tag == "p":
            text = " ".join(_text(child, 0).split())
            if text:
                yield Line(text, Place(name), _is_heading(child))
        elif tag == "tbl":
            rows = [list(_nearest(row, "tc")) for row in _nearest(child, "tr")]
            if any(list(_nearest(held, "tbl")) for row in rows for held in row):  # it only sets out the page
                for held in (held for row in rows for held in row):
                    yield from _blocks(held, name, depth + 1)
                continue
            found = table([list(_cells(row)) for row in rows], Place(name))
            if found:
                yield found
        elif tag not in _SKIPPED:
            yield from _blocks(child, name, depth + 1)


def _nearest(element: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """The parts of a kind in an element, without those inside other such parts or inside a table in it."""
    for child in element:
        if _tag(child) == tag:
            yield child
        elif _tag(child) != "tbl":
            yield from _nearest(child, tag)


def _cells(row: Iterable[ElementTree.Element]) -> Iterator[TextCell]:
    """A row's cells, merged ones repeated across; those merged downwards are empty below the first."""
    for child in row:
        across, continued = 1, False
        for mark in child.iter():
            if _tag(mark) == "gridSpan":
                value = _value(mark)
                across = min(int(value), MAX_COLUMNS) if value.isdecimal() and len(value) < 4 else 1
            elif _tag(mark) == "vMerge":
                continued = _value(mark) != "restart"
        paragraphs = (" ".join(_text(part, 0).split()) for part in child.iter() if _tag(part) == "p")
        text = "" if continued else "\n".join(line for line in paragraphs if line)
        drawn = not text and any(_tag(part) in ("drawing", "pict", "object") for part in child.iter())
        for _ in range(max(across, 1)):
            yield cell(text, "holds a picture" if drawn else "")


def _text(element: ElementTree.Element, depth: int) -> str:
    """Text in reading order. Fractions, brackets and matrices of equations keep their meaning."""
    if depth > _DEEPEST:
        return ""
    tag = _tag(element)
    if tag in _SKIPPED:
        return ""
    if tag == "t":
        return element.text or ""
    if tag in ("tab", "br", "cr"):
        return " "
    if tag == "noBreakHyphen":
        return "-"
    if tag == "f":  # a fraction
        parts = [_text(child, depth + 1) for child in element if _tag(child) in ("num", "den")]
        return "/".join(part if part.isalnum() else f"({part})" for part in parts)
    if tag == "mr":  # a row of a matrix
        return ", ".join(_text(child, depth + 1) for child in element) + "; "
    inside = "".join(_text(child, depth + 1) for child in element)
    if tag == "r":
        look = _look(element)
        return "" if "vanish" in look else f"~~{inside}~~" if inside and look & {"strike", "dstrike"} else inside
    if tag == "m":
        return f"[{inside.rstrip('; ')}]"
    if tag == "d":  # brackets; those of a matrix are there already
        return inside if inside.startswith("[") else f"({inside})"
    if tag == "sub" or tag == "sup":
        return f"{'_' if tag == 'sub' else '^'}{inside}"
    return inside


def _look(run: ElementTree.Element) -> frozenset[str]:
    """How a run is set: the names of its properties that are on."""
    marks = (mark for child in run if _tag(child) == "rPr" for mark in child)
    return frozenset(_tag(mark) for mark in marks if _value(mark) not in ("0", "false", "off", "none"))


def _is_heading(paragraph: ElementTree.Element) -> bool:
    for mark in paragraph.iter():
        if _tag(mark) == "pStyle":
            return _value(mark).lower().startswith(("heading", "title", "berschrift", "1", "2", "3"))
    return False


def _value(mark: ElementTree.Element) -> str:
    return next((value for key, value in mark.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
