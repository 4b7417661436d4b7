"""HTML to lines and tables: merged cells are repeated, line breaks in a cell are kept."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from grader.intake.reading import MAX_COLUMNS, MAX_ROWS, Line, Table, TextCell, cell, table
from grader.model import Place

MAX_HTML: Final = 3_000_000
_SILENT: Final = frozenset({"script", "style", "head", "title", "svg", "template"})
_BREAKS: Final = frozenset({"br", "p", "div", "li", "ul", "ol", "pre", "hr", "section"} | {f"h{n}" for n in range(1, 7)})


def read_html(text: str, place: Place) -> list[Line | Table]:
    """Lines and tables of a piece of HTML, in order; broken markup is read as far as it goes."""
    parser = _Parser(place)
    parser.feed(text[:MAX_HTML])
    parser.close()
    return parser.finished()


class _Grid:
    """A table being read; cells that span rows stand in `waiting` until their row comes."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.rows: list[list[TextCell]] = []
        self.waiting: dict[int, tuple[int, TextCell]] = {}  # column -> rows left, cell
        self.spans = (1, 1)

    def start_row(self) -> None:
        if len(self.rows) < MAX_ROWS:
            self.rows.append([])
        self._spanned()

    def add(self, text: str) -> None:
        if not self.rows:
            self.start_row()
        row = self.rows[-1]
        down, across = self.spans
        for _ in range(across):
            if len(row) >= MAX_COLUMNS:
                return
            if down > 1:
                self.waiting[len(row)] = (down - 1, cell(text))
            row.append(cell(text))
        self._spanned()

    def _spanned(self) -> None:
        row = self.rows[-1]
        while len(row) in self.waiting and len(row) < MAX_COLUMNS:
            left, spanned = self.waiting.pop(len(row))
            if left > 1:
                self.waiting[len(row)] = (left - 1, spanned)
            row.append(spanned)
            if left > 1:  # the entry is for the next row
                self._keep(len(row) - 1, left - 1, spanned)

    def _keep(self, column: int, left: int, spanned: TextCell) -> None:
        self.waiting[column] = (left, spanned)


class _Parser(HTMLParser):
    def __init__(self, place: Place) -> None:
        super().__init__(convert_charrefs=True)
        self.place = place
        self.parts: list[Line | Table] = []
        self.grids: list[_Grid] = []
        self.silent = 0
        self.title = False
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "table":
            if self.grids:  # a table in a cell: its text belongs to the cell
                self.grids.append(self.grids[-1])
                return
            self._line()
            self.grids.append(_Grid(self.getpos()[0]))
        elif len(self.grids) == 1 and tag == "tr":
            self._cell()
            self.grids[0].start_row()
        elif len(self.grids) == 1 and tag in ("td", "th"):
            self._cell()
            spans = dict(attrs)
            self.grids[0].spans = (_span(spans.get("rowspan")), _span(spans.get("colspan")))
            self.words.append("")
        elif tag in _BREAKS:
            if self.grids:
                self.words.append("\n")
            else:
                self._line()
                self.title = len(tag) == 2 and tag != "br" and tag[0] == "h" and tag[1].isdigit()
        elif tag in ("b", "strong") and not self.grids and not "".join(self.words).strip():
            self.title = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "table" and self.grids:
            if len(self.grids) == 1:
                self._cell()
                self._table()
            self.grids = self.grids[:-1]
        elif len(self.grids) == 1 and tag in ("td", "th", "tr"):
            self._cell()
        elif not self.grids and tag in _BREAKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if not self.grids and "\n" in data:
            *whole, data = data.split("\n")
            for line in whole:
                self.words.append(line)
                self._line()
        if data:
            self.words.append(data)

    def finished(self) -> list[Line | Table]:
        if self.grids:
            self._cell()
            self._table()
            self.grids = []
        self._line()
        return self.parts

    def _cell(self) -> None:
        if self.words:
            text = "".join(self.words)
            self.words = []
            if text.strip() or self.grids[0].rows:
                lines = (" ".join(line.split()) for line in text.split("\n"))
                if text or self.grids[0].spans:
                    self.grids[0].add("\n".join(line for line in lines if line))
            self.grids[0].spans = (1, 1)

    def _table(self) -> None:
        place = Place(self.place.file, self.place.cell, self.place.line)
        found = table(self.grids[0].rows, place)
        if found:
            self.parts.append(found)

    def _line(self) -> None:
        text = " ".join("".join(self.words).split())
        self.words = []
        if text:
            self.parts.append(Line(text, self.place, self.title))
        self.title = False


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MAX_COLUMNS) if value and value.strip().isdecimal() and len(value) < 6 else 1
