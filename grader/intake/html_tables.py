"""HTML to lines and tables: merged cells are repeated, line breaks in a cell and what is crossed out are kept."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from grader.intake.reading import MAX_COLUMNS, MAX_ROWS, Line, Table, TextCell, cell, table
from grader.model import Place

MAX_HTML: Final = 3_000_000
_SILENT: Final = frozenset({"script", "style", "svg", "template"})
_STRUCK: Final = frozenset({"s", "del", "strike"})
_HEADINGS: Final = frozenset(f"h{n}" for n in range(1, 7))
_BREAKS: Final = frozenset({"br", "p", "div", "li", "ul", "ol", "pre", "hr", "section"}) | _HEADINGS


@dataclass(frozen=True)
class _Span:
    text: str
    down: int
    across: int


def read_html(text: str, place: Place) -> list[Line | Table]:
    """Lines and tables of a piece of HTML, in order; broken markup is read as far as it goes."""
    parser = _Parser(place)
    parser.feed(text[:MAX_HTML])
    parser.close()
    return parser.finished()


class _Parser(HTMLParser):
    def __init__(self, place: Place) -> None:
        super().__init__(convert_charrefs=True)
        self.place = place
        self.parts: list[Line | Table] = []
        self.rows: list[list[_Span]] = []
        self.depth = 0  # of tables; a table in a cell is text of that cell
        self.cell: tuple[int, int] | None = None  # spans of the cell that is open
        self.silent = 0
        self.title = False
        self.caption = False
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "table":
            if not self.depth:
                self._line()
            self.depth += 1
        elif self.depth == 1 and tag == "tr":
            self._cell()
            self.rows.append([])
        elif self.depth == 1 and tag in ("td", "th"):
            self._cell()
            spans = dict(attrs)
            self.cell = (_span(spans.get("rowspan")), _span(spans.get("colspan")))
        elif self.depth == 1 and tag == "caption":
            self._cell()
            self.caption = True
        elif self.depth and tag in _BREAKS:
            self.words.append("\n")
        elif tag in _BREAKS:
            self._line()
            self.title = tag in _HEADINGS
        elif tag in _STRUCK:
            self.words.append("~~")
        elif tag in ("b", "strong") and not self.depth and not "".join(self.words).strip():
            self.title = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "table" and self.depth:
            if self.depth == 1:
                self._table()
            self.depth -= 1
        elif self.depth == 1 and tag in ("td", "th", "tr"):
            self._cell()
        elif self.caption and tag == "caption":
            self.caption = False
            self._line()
        elif not self.depth and tag in _BREAKS:
            self._line()
        elif tag in _STRUCK:
            self.words.append("~~")

    def handle_data(self, data: str) -> None:
        if self.silent or (self.depth and self.cell is None and not self.caption):
            return
        *whole, rest = data.split("\n") if not self.depth else [data]
        for line in whole:
            self.words.append(line)
            self._line()
        self.words.append(rest)

    def finished(self) -> list[Line | Table]:
        if self.depth:
            self._table()
            self.depth = 0
        self._line()
        return self.parts

    def _cell(self) -> None:
        if self.cell is not None:
            if not self.rows:
                self.rows.append([])
            lines = (" ".join(line.split()) for line in "".join(self.words).split("\n"))
            self.rows[-1].append(_Span("\n".join(line for line in lines if line), *self.cell))
        self.cell, self.words, self.caption = None, [], False

    def _table(self) -> None:
        self._cell()
        found = table(_grid(self.rows[:MAX_ROWS]), self.place)
        if found:
            self.parts.append(found)
        self.rows = []

    def _line(self) -> None:
        text = " ".join("".join(self.words).split())
        self.words = []
        if text:
            self.parts.append(Line(text, self.place, self.title))
        self.title = False


def _grid(rows: list[list[_Span]]) -> list[list[TextCell]]:
    """The cells in their columns, merged ones repeated."""
    hanging: dict[int, tuple[int, TextCell]] = {}  # column -> rows still to fill, with what
    grid = []
    for spans in rows:
        row: list[TextCell] = []
        waiting, hanging = hanging, {}

        def put(
            entry: TextCell, down: int, row: list[TextCell] = row, below: dict[int, tuple[int, TextCell]] = hanging
        ) -> None:
            if len(row) < MAX_COLUMNS:
                if down > 1:
                    below[len(row)] = (down - 1, entry)
                row.append(entry)

        for span in spans:
            for _ in range(span.across):
                while len(row) in waiting and len(row) < MAX_COLUMNS:
                    down, entry = waiting[len(row)]
                    put(entry, down)
                put(cell(span.text), span.down)
        while len(row) in waiting and len(row) < MAX_COLUMNS:
            down, entry = waiting[len(row)]
            put(entry, down)
        grid.append(row)
    return grid


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MAX_COLUMNS) if value and value.strip().isdecimal() and len(value) < 6 else 1
