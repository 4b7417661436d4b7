"""A CSV file of another program, kept so that it can be written back with nothing changed but the cells filled in.

Encoding, byte order mark, delimiter, line ends and every untouched cell stay byte for byte as they were.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

MAX_BYTES = 50_000_000
_ENCODINGS = ("utf-8", "cp1252", "latin-1")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINE_END = re.compile("\r\n|\n|\r")


@dataclass(frozen=True)
class CsvFile:
    """Rows of cells as they are written, quotes included; `ends` are the line ends, one a row.

    Rows are numbered from 0, the heading being row 0 as a rule.
    """

    path: Path
    raw: tuple[tuple[str, ...], ...]
    ends: tuple[str, ...]
    delimiter: str
    encoding: str
    mark: bytes = b""

    def cell(self, row: int, column: int) -> str:
        """What the cell holds; empty where the row is too short."""
        cells = self.raw[row]
        return _held(cells[column]) if column < len(cells) else ""

    def values(self, row: int) -> list[str]:
        return [_held(cell) for cell in self.raw[row]]

    def with_cells(self, cells: Mapping[tuple[int, int], str]) -> CsvFile:
        """The same file with these (row, column) cells filled in."""
        raw = [list(row) for row in self.raw]
        for (row, column), value in cells.items():
            raw[row] += [""] * (column + 1 - len(raw[row]))
            raw[row][column] = self._written(value)
        return replace(self, raw=tuple(map(tuple, raw)))

    def with_column(self, at: int, heading: str) -> CsvFile:
        """The same file with an empty column before column `at`, under this heading."""
        raw = [list(row) for row in self.raw]
        for number, row in enumerate(raw):
            if row != [""]:
                row += [""] * (at - len(row))
                row.insert(at, self._written(heading) if number == 0 else "")
        return replace(self, raw=tuple(map(tuple, raw)))

    def with_row(self, at: int, values: list[str]) -> CsvFile:
        """The same file with a row before row `at`."""
        row = tuple(map(self._written, values))
        end = self.ends[0] or "\r\n"
        ends = (*self.ends[: at - 1], end, *self.ends[at - 1 :]) if at else (end, *self.ends)
        return replace(self, raw=(*self.raw[:at], row, *self.raw[at:]), ends=ends)

    def bytes(self) -> bytes:
        """The file as it is to be written. A character that its encoding lacks makes it UTF-8 with a mark."""
        text = "".join(self.delimiter.join(row) + end for row, end in zip(self.raw, self.ends, strict=True))
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError:
            return codecs.BOM_UTF8 + text.encode("utf-8", "replace")

    def _written(self, value: str) -> str:
        if not any(sign in value for sign in (self.delimiter, '"', "\n", "\r")) and value == value.strip():
            return value
        return '"' + value.replace('"', '""') + '"'


def read_csv(path: Path) -> CsvFile:
    """The file's cells. Raises ValueError with a sentence that names the file and the place."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB: it is no list of students.")
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}.") from error
    mark, encoding, text = _decoded(data)
    if "\0" in text or data.startswith(b"PK"):
        raise ValueError(f"{path} is no CSV file. Save the list as CSV (comma separated) and give that.")
    first = _LINE_END.split(_QUOTED.sub("", text[:100_000]), maxsplit=1)[0]
    delimiter = max(",;\t", key=first.count)
    raw, ends = _split(text, delimiter, path)
    return CsvFile(path, raw, ends, delimiter, encoding, mark)


def points_in(text: str) -> float | None:
    """The points that a cell holds, with a point or a comma; None where it is no number.

    >>> points_in("10,50"), points_in("-")
    (10.5, None)
    """
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return mark, encoding, data[len(mark) :].decode(encoding, "replace")
    for encoding in _ENCODINGS:
        try:
            return b"", encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes everything")


def _split(text: str, delimiter: str, path: Path) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The text as rows of cells as written, and the rows' line ends."""
    cell = re.compile(rf'[ \t]*"(?:[^"]|"")*"[^{re.escape(delimiter)}\r\n]*|[^{re.escape(delimiter)}\r\n]*')
    rows: list[tuple[str, ...]] = []
    ends: list[str] = []
    row: list[str] = []
    at = 0
    while at < len(text):
        found = cell.match(text, at)
        assert found is not None  # the second form matches nothing as well
        if found[0].lstrip().startswith('"') and found[0].count('"') % 2:
            raise ValueError(f"{path}, row {len(rows) + 1}: a quotation mark is opened and never closed.")
        row.append(found[0])
        at = found.end()
        end = _LINE_END.match(text, at)
        if at < len(text) and end is None:
            at += 1
            if at == len(text):
                row.append("")
            continue
        rows.append(tuple(row))
        ends.append(end[0] if end else "")
        row = []
        at = end.end() if end else at
    if row:
        rows.append(tuple(row))
        ends.append("")
    return tuple(rows), tuple(ends)


def _held(raw: str) -> str:
    inner = raw.strip()
    if len(inner) > 1 and inner[0] == inner[-1] == '"':
        return inner[1:-1].replace('""', '"')
    return raw
