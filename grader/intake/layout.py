"""The lines of an answer, put together as they are meant: broken formulas joined, rows of numbers stacked, tables
turned into ``label : value``. Reads no labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grader.intake.boxes import BOX
from grader.intake.plain import ROW, SOFT

_BULLET: Final = re.compile(
    rf"[ \t]*(?:>[ ]?|#{{1,6}}[ ]+)*(?:[-*+•‣▪◦][ ]+(?:{SOFT}|(?=[^\d\s.]))|"
    r"(?:\(?\d{1,2}[.)]|\(?[a-hA-H][.)]|\(?i{1,3}[.)]|[①-⑳])[ ]*(?=[^\d\s.,;|&)]))?"
)
_BULLET_AND_VALUE: Final = re.compile(rf"[-*+•‣▪◦][ ]+{SOFT}?(?={BOX})")  # no minus: Markdown makes it a list
_STEP: Final = re.compile(r"[ \t]*(?:step|part|schritt|paso)[ ]?\d{1,2}[ ]?(?:[.:)]|-[ ])[ ]*", re.IGNORECASE)
_OPENS: Final = re.compile(r"[ \t&]*(?:=|:=|[←→⇒≈])")
_STAYS_OPEN: Final = re.compile(r"(?:=|[←→⇒≈]|[-+*@]|\\cdot)[ \t&]*$")
_NUMBER: Final = r"[-+]?[ ]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?"
_ROW_LINE: Final = re.compile(r"[-+\d.,;/|&eE \t()]*\d[-+\d.,;/|&eE \t()]*")
_RULE: Final = re.compile(r"[:+ \t-]*\|[:|+ \t-]*-[:|+ \t-]*|[ \t]*[-=*_]{3,}[ \t]*")


@dataclass(frozen=True)
class Line:
    """One line as it is meant; `offset` of its first character in the text."""

    text: str
    offset: int


def lines(text: str, width: Callable[[str], int] = lambda box: 0) -> list[Line]:
    """The lines of a boxed text. `width` tells the length of a box that is a vector, and 0 of any other.

    >>> [line.text for line in lines("Y\\n = 8 4\\n 14 7")]
    ['Y = 8 4;14 7']
    """
    raw: list[Line] = []
    offset = 0
    for piece in re.split(rf"[\n{ROW}]", text):
        raw.append(Line(piece, offset))
        offset += len(piece) + 1
    joined: list[Line] = []
    blank = True
    for line in _tables(raw):
        bare = line.text.strip(f" \t&{SOFT}")
        if joined and joined[-1].text.rstrip(" \t").endswith("="):
            bare = _BULLET_AND_VALUE.sub("", bare, count=1)
        if not bare or _RULE.fullmatch(bare):
            blank = True
            continue
        if joined and (_OPENS.match(bare) or _STAYS_OPEN.search(joined[-1].text[-40:])):
            joined[-1] = Line(f"{joined[-1].text} {bare}", joined[-1].offset)
        elif joined and not blank and (glue := _continues(joined[-1].text, bare, width)):
            joined[-1] = Line(f"{joined[-1].text}{glue}{bare.strip('| ')}", joined[-1].offset)
        else:
            joined.append(Line(_unmarked(bare), line.offset))
        blank = False
    return joined


def _unmarked(line: str) -> str:
    """The line without bullet, number, heading marks or emphasis at its start."""
    if line.startswith("|") and line.count("|") == 1:
        line = line[1:]
    bullet = _BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    step = _STEP.match(line)
    return (line[step.end() :] if step else line).strip(" *_")


def _continues(previous: str, line: str, width: Callable[[str], int]) -> str | None:
    """What joins a row of numbers to the rows above it, or None when it does not belong there."""
    previous = previous[-400:]
    if re.fullmatch(rf"{BOX}[ ,;.]*", line):
        box = re.search(rf"(?:^|[=:\s])({BOX})[ ,;]*$", previous)
        return ", " if box and width(line[0]) and width(box.group(1)) == width(line[0]) else None
    if not _ROW_LINE.fullmatch(line):
        return None
    tail = previous.rsplit(";", 1)[-1]
    tail = re.split(r"[=:←→⇒≈]", tail)[-1]
    if not _ROW_LINE.fullmatch(tail):
        return None
    return ";" if _count(tail) == _count(line) else None


def _count(row: str) -> int:
    return len(re.findall(_NUMBER, row))


def _tables(raw: list[Line]) -> list[Line]:
    """Markdown tables as lines ``label : value``; a table of bare numbers as rows."""
    result: list[Line] = []
    at = 0
    while at < len(raw):
        end = at
        while end < len(raw) and "|" in raw[end].text:
            end += 1
        if end == at:
            result.append(raw[at])
            at += 1
            continue
        result += _table(raw[at:end])
        at = end
    return result


def _table(block: list[Line]) -> list[Line]:
    header: list[str] = []
    result: list[Line] = []
    rows = [line for line in block if not _RULE.fullmatch(line.text)]
    ruled = len(rows) < len(block)
    for index, line in enumerate(rows):
        cells = [cell.strip(f" \t*{SOFT}") for cell in line.text.strip(f" \t{SOFT}").strip("|").split("|")]
        values = [_is_value(cell) for cell in cells]
        filled = [cell for cell in cells if cell]
        if all(value or not cell for cell, value in zip(cells, values, strict=True)):
            boxes = [i for i, cell in enumerate(cells) if re.search(BOX, cell)]
            if boxes and header:
                result += [Line(f"{header[i]} : {cells[i]}", line.offset) for i in boxes if i < len(header)]
            else:
                result.append(Line(" | ".join(filled), line.offset))
            continue
        if index == 0 and ruled and not any(values):
            header = cells
            continue
        texts = [cell for cell, value in zip(cells, values, strict=True) if cell and not value]
        several = [i for i, cell in enumerate(cells) if re.search(BOX, cell)]
        if len(several) > 1 and header:
            for i in several:
                title = header[i] if i < len(header) else ""
                result.append(Line(f"{texts[0] if values[0] is False else ''} : {title} : {cells[i]}", line.offset))
        else:
            numbers = [cell for cell, value in zip(cells, values, strict=True) if cell and value]
            result.append(Line(" : ".join([*texts, " | ".join(numbers)] if numbers else texts), line.offset))
    return result


def _is_value(cell: str) -> bool:
    return (bool(cell) and not re.search(r"[^\W\d_]", cell.replace("e", ""))) or bool(re.fullmatch(rf"{BOX}", cell))
