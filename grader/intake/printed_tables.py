"""Tables in plain text: pipes, frames of dashes, or columns that are lined up with spaces, as print and pandas do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from grader.intake.reading import MAX_ROWS, TextCell, cell, table
from grader.intake.reading import Line as TextLine
from grader.intake.reading import Table as TextTable
from grader.model import Place

_UPRIGHT: Final = "│┃║▏▕¦"
_LEVEL: Final = "─━═╌╍"
_CORNERS: Final = "┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╒╕╘╛╞╡╤╧╪╭╮╯╰┏┓┗┛┣┫┳┻╋┡┩╇"
DRAWN: Final = frozenset(f"|{_UPRIGHT}{_LEVEL}{_CORNERS}")
"""Characters that a frame is drawn with."""
_FRAME: Final = str.maketrans(dict.fromkeys(_UPRIGHT, "|") | dict.fromkeys(_LEVEL, "-") | dict.fromkeys(_CORNERS, "+"))
_Span = tuple[int, int, str]
_RULE: Final = re.compile(r"[\s|:+=\-–—]*[-=+–—]{2,}[\s|:+=\-–—]*")
_DOUBLED: Final = re.compile(r"\|\|(?:[^|]*\|\|)+|\|[^|]+(?:\|\|[^|]+)+")  # wikis part cells by two
_GAP: Final = re.compile(r"\t| {2,}")
_DECIMALS: Final = re.compile(r"(?:(?:^| )[-+]?\d*\.\d+(?:e[-+]?\d+)?){1,60}$", re.IGNORECASE)
_WORDS: Final = re.compile(r"\S+")
_BETWEEN: Final = "does not stand clearly in one column"
_WORD: Final = re.compile(r"\S+(?: \S+)*")


def read_printed(
    lines: Sequence[str], place: Place, first: int = 1, *, aligned: bool = True
) -> list[TextLine | TextTable]:
    """Lines and tables of plain text. Lines count from `first`; `aligned` looks for columns of spaces."""
    parts: list[TextLine | TextTable] = []
    at = 0
    while at < len(lines):
        if lines[at].startswith("{|"):  # a wiki's table is source, and read as lines
            end = next((n for n in range(at, len(lines)) if lines[n].startswith("|}")), len(lines))
            parts += [
                TextLine(line.strip(), Place(place.file, place.cell, first + n))
                for n, line in enumerate(lines[at:end], at)
                if line.strip()
            ]
            at = end + 1
            continue
        end = _run(lines, at, _piped)
        if lines[at].startswith("|==="):  # AsciiDoc, where blank lines part the rows
            end = next((n + 1 for n in range(at + 1, len(lines)) if lines[n].startswith("|===")), end)
        rows = _pipe_rows([line for line in lines[at:end] if line.strip()]) if end > at else []
        if not rows and aligned:
            end = _run(lines, at, _columned)
            end = next((n for n in range(at + 1, end - 1) if _piped(lines[n]) and _piped(lines[n + 1])), end)
            rows = _aligned_rows(lines[at:end]) if end - at > 1 else []
        found = table(rows, Place(place.file, place.cell, first + at)) if len(rows) > 1 else None
        if found:
            parts.append(found)
            at = end
            continue
        text = lines[at].strip()
        if text and not _RULE.fullmatch(text):
            parts.append(TextLine(text, Place(place.file, place.cell, first + at)))
        at += 1
    return parts


def _run(lines: Sequence[str], at: int, belongs: object) -> int:
    end = at
    while end < len(lines) and end - at < MAX_ROWS and belongs(lines[end]):  # type: ignore[operator]
        end += 1
    return end


def _piped(line: str) -> bool:
    line = line.translate(_FRAME)
    return line.count("|") > 0 or bool(line.strip() and "+" in line and _RULE.fullmatch(line))


def _columned(line: str) -> bool:
    line = line.translate(_FRAME)
    return bool(line.strip()) and (
        bool(_RULE.fullmatch(line)) or _GAP.search(line.strip()) is not None or line.startswith("  ")
    )


def _pipe_rows(lines: Sequence[str]) -> list[list[TextCell]]:
    """Rows between pipes. Where rules part every row, a row may have several lines."""
    groups: list[list[list[str]]] = [[]]
    for line in lines:
        line = line.translate(_FRAME)
        if _RULE.fullmatch(line):
            groups.append([])
        else:
            groups[-1].append(_pipe_cells(line))
    filled = [group for group in groups if group]
    if not filled:
        return []
    framed = len(filled) > 2 and lines[0].translate(_FRAME).strip().startswith("+")
    rows = []
    for group in filled:
        if framed and len(group) > 1 and not all(map(_complete, group)):
            width = max(len(row) for row in group)
            rows.append([cell("\n".join(row[n] for row in group if n < len(row) and row[n])) for n in range(width)])
        else:
            rows += [[cell(text) for text in row] for row in group]
    return rows


def _complete(row: Sequence[str]) -> bool:
    """Whether a line of a frame is a row by itself: no cell is blank, no bracket left open."""
    return all(text and text.count("[") == text.count("]") for text in row)


def _pipe_cells(line: str) -> list[str]:
    line = line.strip()
    if _DOUBLED.fullmatch(line):
        line = line.replace("||", "|")
    line = line[1:] if line.startswith("|") else line
    line = line[:-1] if line.endswith("|") and not line.endswith("\\|") else line
    return [part.replace("\\|", "|").strip() for part in re.split(r"(?<!\\)\|", line)]


def _aligned_rows(lines: Sequence[str]) -> list[list[TextCell]]:
    """Rows of columns lined up with spaces; what is left blank is told by where the rest stands."""
    spans = []
    for line in lines:
        line = line.translate(_FRAME).expandtabs(8) if "\t" not in line.strip() else line.translate(_FRAME)
        if _RULE.fullmatch(line) or not line.strip():
            continue
        if "\t" in line:
            spans.append([(-1, -1, part.strip()) for part in line.split("\t")])
        else:
            spans.append([(m.start(), m.end(), m.group()) for m in _WORD.finditer(line)])
    if len(spans) < 2:
        return []
    spans = _parted(_cut(_levelled(spans)))
    widest = max(spans, key=len)
    if len(widest) < 2:
        return []
    rows = []
    for row in spans:
        if len(row) == len(widest) or row[0][0] < 0 or widest[0][0] < 0:
            rows.append([cell(text) for *_, text in row])
            continue
        placed: list[list[str]] = [[] for _ in widest]
        for start, end, text in row:
            column = max(range(len(widest)), key=lambda n: _nearness(widest[n], start, end))
            placed[column].append(text)
        rows.append([cell(" ".join(texts), _BETWEEN if len(texts) > 1 else "") for texts in placed])
    return rows


def _levelled(spans: list[list[_Span]]) -> list[list[_Span]]:
    """The rows with their names parted where those of other rows begin, as pandas prints several levels of them."""
    begins = Counter(row[0][0] for row in spans if len(row) > 1)
    levels = {start for start, rows in begins.items() if start > 0 and rows > 1}
    if not levels:
        return spans
    levelled = []
    for (start, _, text), *rest in spans:
        words = [(m.start(), start + m.start()) for m in _WORDS.finditer(text)]
        cuts = [at for at, column in words if not at or (start >= 0 and column in levels)]
        names = [text[at:end].rstrip() for at, end in pairwise([*cuts, len(text)])]
        parts = [(start + at, start + at + len(name), name) for at, name in zip(cuts, names, strict=True)]
        levelled.append([*parts, *rest])
    return levelled


def _cut(spans: list[list[_Span]]) -> list[list[_Span]]:
    """The rows with words apart that each end where a column of numbers does: pandas sets columns to the right."""
    ends = [
        {start + m.end() for start, _, text in row for m in _WORDS.finditer(text) if _DECIMALS.fullmatch(m.group())}
        for row in spans
        if row[0][0] >= 0
    ]
    numbers = [row for row in ends if len(row) > 1]
    edges = set.intersection(*numbers) if len(numbers) > 1 else set()
    rows = []
    for row in spans:
        pieces = []
        for start, end, text in row:
            words = [m.end() for m in _WORDS.finditer(text)]
            cuts = words[:-1] if all(start + word in edges for word in words) else []
            for left, right in pairwise([0, *cuts, len(text)]):
                piece = text[left:right]
                lead = len(piece) - len(piece.lstrip())
                pieces.append(
                    (start + left + lead if start >= 0 else start, start + right if start >= 0 else end, piece.strip())
                )
        rows.append(pieces)
    return rows


def _parted(spans: list[list[_Span]]) -> list[list[_Span]]:
    """The rows with numbers apart that one space parts, as pandas sets wide columns, where that fits the header."""
    parted = [spans[0]]
    for row in spans[1:]:
        new: list[_Span] = []
        for start, end, text in row:
            tail = _DECIMALS.search(text) if start >= 0 else None
            cut = tail.start() if tail else len(text)
            if cut:
                new.append((start, start + cut if tail else end, text[:cut].rstrip()))
            new += [(start + cut + m.start(), start + cut + m.end(), m.group()) for m in _WORDS.finditer(text[cut:])]
        parted.append(new)
    names = len(spans[0])  # those of rows may stand in several levels
    fits = all(
        len(row) in (names, names + 1) or sum(bool(_DECIMALS.fullmatch(text)) for *_, text in row) == names
        for row in parted[1:]
    )
    return (
        parted if len(spans[0]) > 1 and fits and not any(_DECIMALS.fullmatch(text) for *_, text in spans[0]) else spans
    )


def _nearness(span: tuple[int, int, str], start: int, end: int) -> float:
    """How well two stretches of a line fit together: their overlap, or minus the gap between them."""
    overlap = min(span[1], end) - max(span[0], start)
    return overlap if overlap > 0 else overlap - 1.0
