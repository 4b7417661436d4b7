"""One sheet of a workbook: the few things that every sheet does, so that each looks and prints alike.

All text goes through `Sheet.text`, so that nothing a student wrote can become a formula or a link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell  # type: ignore[import-untyped]

from grader.export.text import cell_text

CREATED = datetime(2000, 1, 1)
"""The creation date in every workbook, so that equal gradebooks give equal bytes."""

CARRIED = "with marks of an earlier workbook"
"""The keyword of a workbook that holds marks or columns typed by a person, so that the next one looks for them."""

INK, PAPER, RULE = "#1f2a37", "#eef2f7", "#c9d3df"
ENTRY = {"valign": "top", "bg_color": "#fff7d6", "border": 1, "border_color": "#d9b84a"}
HEAD = {"bold": True, "font_color": "#ffffff", "bg_color": "#28456b", "border": 1, "border_color": RULE}
STYLES: dict[str, dict[str, Any]] = {
    "head": {**HEAD, "text_wrap": True, "valign": "vcenter", "align": "left", "indent": 1},
    "head number": {**HEAD, "text_wrap": True, "valign": "vcenter", "align": "right"},
    "head bonus": {**HEAD, "bg_color": "#5b4a86", "text_wrap": True, "valign": "vcenter", "align": "right"},
    "head entry": {**HEAD, "bg_color": "#8a6d1b", "text_wrap": True, "valign": "vcenter", "align": "right"},
    "head own": {**HEAD, "bg_color": "#5f6b7a", "text_wrap": True, "valign": "vcenter", "align": "left", "indent": 1},
    "text": {"valign": "top", "align": "left", "indent": 1},
    "wrap": {"valign": "top", "text_wrap": True, "align": "left", "indent": 1},
    "code": {"valign": "top", "text_wrap": True, "font_name": "DejaVu Sans Mono", "font_size": 9},
    "strong": {"valign": "top", "bold": True, "align": "left", "indent": 1},
    "points": {"valign": "top", "num_format": "General"},
    "so far": {
        "valign": "top",
        "num_format": 'General" ?"',
        "bg_color": "#fff0c2",
        "font_color": "#7a4b00",
    },
    "total": {"valign": "top", "num_format": "General", "bold": True, "bg_color": PAPER},
    "share": {"valign": "top", "num_format": "0.0%"},
    "ratio": {"valign": "top", "num_format": "0.00"},
    "count": {"valign": "top", "num_format": "0"},
    "link": {"valign": "top", "align": "left", "indent": 1, "font_color": "#1a56a8", "underline": 1},
    "entry": {**ENTRY, "num_format": "General"},
    "words": {**ENTRY, "text_wrap": True, "align": "left", "indent": 1},
    "waiting": {"bg_color": "#fff0c2", "font_color": "#7a4b00"},
    "alarm": {"bg_color": "#fbd5d5", "font_color": "#8b1a1a"},
    "next": {"top": 1, "top_color": RULE},
    "quiet": {"valign": "top", "align": "center", "font_color": "#6b7785"},
}


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, the style of its heading; `level` 1 can be folded away."""

    title: str
    width: float
    head: str = "head"
    note: str = ""
    hidden: bool = False
    level: int = 0


@dataclass
class Book:
    """A workbook in memory, with one style of each kind."""

    title: str
    carries: bool = False
    buffer: BytesIO = field(default_factory=BytesIO)

    def __post_init__(self) -> None:
        self.workbook = Workbook(
            self.buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        keywords = CARRIED if self.carries else ""
        self.workbook.set_properties({"title": cell_text(self.title)[:250], "created": CREATED, "keywords": keywords})
        self.workbook.set_calc_mode("auto")
        self.forms: dict[str, Any] = {}
        self.styles: dict[str, Any] = {name: self.workbook.add_format(style) for name, style in STYLES.items()}

    def sheet(self, name: str, columns: Sequence[Column], colour: str = INK) -> Sheet:
        """A new sheet with its header row, frozen, and ready to print."""
        return Sheet(self, self.workbook.add_worksheet(name), name, tuple(columns), colour)

    def numbers(self, form: str) -> Any:
        """The style of numbers that are shown in the form that a person chose."""
        if form not in self.forms:
            self.forms[form] = self.workbook.add_format({"valign": "top", "num_format": form})
        return self.forms[form]

    def finish(self) -> bytes:
        """The finished file."""
        self.workbook.close()
        return self.buffer.getvalue()


class Sheet:
    """One sheet with a header in row 1 and a record a row below it. Rows and columns count from 0."""

    def __init__(self, book: Book, worksheet: Any, name: str, columns: tuple[Column, ...], colour: str) -> None:
        self.name, self.columns, self.styles, self.raw, self.book = name, columns, book.styles, worksheet, book
        worksheet.set_tab_color(colour)
        worksheet.set_default_row(15.75)
        worksheet.set_row(0, 30)
        for number, column in enumerate(columns):
            worksheet.set_column(number, number, column.width, None, {"hidden": column.hidden, "level": column.level})
            worksheet.write_string(0, number, cell_text(column.title), self.styles[column.head])
            if column.note:
                worksheet.write_comment(0, number, cell_text(column.note), {"x_scale": 1.6, "y_scale": 0.8})
        worksheet.set_landscape()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        worksheet.repeat_rows(0)
        worksheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        worksheet.set_header(f"&L{_header(book.title)}&R{name}")
        worksheet.set_footer("&RPage &P of &N")
        worksheet.hide_gridlines(1)

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        """Text that stays text, whatever it begins with."""
        if text:
            self.raw.write_string(row, column, cell_text(text), self.styles[style])

    def number(self, row: int, column: int, value: float | None, style: str = "points") -> None:
        """A number; nothing for None."""
        if value is not None:
            self.raw.write_number(row, column, value, self.styles[style])

    def formula(self, row: int, column: int, formula: str, value: float | str, style: str = "points") -> None:
        """A live formula with the value that it has now, for readers that do not calculate."""
        self.raw.write_formula(row, column, formula, self.styles[style], value)

    def own(self, row: int, column: int, value: float | str | bool | date, form: str) -> None:
        """What a person typed into a column of his own; text stays text."""
        if isinstance(value, str):
            self.text(row, column, value, "wrap")
        elif isinstance(value, bool):
            self.raw.write_boolean(row, column, value, self.styles["points"])
        elif isinstance(value, date):
            self.raw.write_datetime(row, column, value, self.book.numbers(form))
        else:
            self.raw.write_number(row, column, value, self.book.numbers(form))

    def link(self, row: int, column: int, target: str, text: str) -> None:
        """A link to a file beside the workbook."""
        self.raw.write_url(row, column, f"external:{target}", self.styles["link"], cell_text(text)[:200])

    def blank(self, row: int, column: int, style: str) -> None:
        """An empty cell to type into."""
        self.raw.write_blank(row, column, None, self.styles[style])

    def lines(self, row: int, *texts: tuple[str, float], most: int = 8) -> None:
        """Make a row high enough for its (text, width) cells, within reason."""
        if any(len(text) > width or "\n" in text for text, width in texts):
            needed = max(sum(1 + int(len(line) / width) for line in text.split("\n")) for text, width in texts)
            self.raw.set_row(row, 15.75 * min(most, needed))

    def colour(self, rows: int, column: int, rule: Mapping[str, Any], width: int = 1) -> None:
        """A conditional format over the records of `width` columns."""
        if rows:
            options = dict(rule)
            if isinstance(options.get("format"), str):
                options["format"] = self.styles[options["format"]]
            self.raw.conditional_format(1, column, rows, column + width - 1, options)

    def finish(self, rows: int, frozen: int = 1) -> None:
        """Freeze the header and the first columns, and put filters on the records."""
        self.raw.freeze_panes(1, frozen)
        if rows:
            self.raw.autofilter(0, 0, rows, len(self.columns) - 1)
            self.raw.ignore_errors({"number_stored_as_text": area(0, 0, rows, len(self.columns) - 1)})


def cell(row: int, column: int) -> str:
    """The name of a cell.

    >>> cell(1, 2)
    'C2'
    """
    return str(xl_rowcol_to_cell(row, column))


def area(first: int, left: int, last: int, right: int) -> str:
    """The name of a range.

    >>> area(1, 0, 9, 2)
    'A2:C10'
    """
    return f"{cell(first, left)}:{cell(last, right)}"


def fixed_column(sheet: str, column: int, last: int) -> str:
    """A column of records on another sheet, for a formula.

    >>> fixed_column("Review", 3, 9)
    'Review!$D$2:$D$10'
    """
    letter = xl_col_to_name(column)
    return f"{sheet}!${letter}$2:${letter}${max(1, last) + 1}"


def _header(title: str) -> str:
    return " ".join(cell_text(title).split()).replace("&", "&&")[:180]
