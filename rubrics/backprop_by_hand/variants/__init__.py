"""One hand-in of sheet 000 written down in many ways: formats, layouts, names, and forms of a cell.

Each writer takes the tables (a matrix for every key), so that right hand-ins and faulty ones can be written alike.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final
from xml.sax.saxutils import escape

import xlsxwriter  # type: ignore[import-untyped]

from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Own
from rubrics.backprop_by_hand.steps import KINDS, LAYERS, ROWS, UPDATES, key, loss_key

Grid = list[list[str]]
Write = Callable[[Matrix], str]
VARIANTS: Final[dict[str, Callable[[Own], tuple[str, bytes]]]] = {}
_ORDINALS: Final = {1: "First", 2: "Second"}
_PLURALS: Final = {"weight": "Weights", "bias": "Biases"}


def _variant(make: Callable[[Own], tuple[str, bytes]]) -> Callable[[Own], tuple[str, bytes]]:
    VARIANTS[make.__name__] = make
    return make


def one(matrix: Matrix) -> str:
    """One number for the whole layer, as the sheet does; rows in brackets where the numbers differ."""
    entries = {entry for row in matrix for entry in row}
    return f"{float(matrix[0][0]):.10g}" if len(entries) == 1 else nested(matrix)


def nested(matrix: Matrix) -> str:
    """[[92], [92]]"""
    return "[" + ", ".join("[" + ", ".join(f"{float(e):.10g}" for e in row) + "]" for row in matrix) + "]"


def flat(matrix: Matrix) -> str:
    """[92, 92]"""
    return "[" + ", ".join(f"{float(e):.10g}" for row in matrix for e in row) + "]"


def bare(matrix: Matrix) -> str:
    """92, 92"""
    return flat(matrix)[1:-1]


def both(matrix: Matrix) -> str:
    """92 (both)"""
    return f"{one(matrix)} (both)" if len(matrix) * len(matrix[0]) == 2 else one(matrix)


def fraction(matrix: Matrix) -> str:
    """23/2"""
    return str(matrix[0][0])


def tensor(matrix: Matrix) -> str:
    """tensor([[92.], [92.]]), as PyTorch prints a parameter"""
    rows = ", ".join("[" + ", ".join(f"{float(e):.4f}" for e in row) + "]" for row in matrix)
    return f"tensor([{rows}], requires_grad=True)"


def named(matrix: Matrix) -> str:
    """w1=92; w2=92"""
    return "; ".join(f"w{n}={float(e):.10g}" for n, e in enumerate((e for row in matrix for e in row), start=1))


def comma(matrix: Matrix) -> str:
    """0,08"""
    return one(matrix).replace(".", ",")


def minus(matrix: Matrix) -> str:
    """−0.73, with a true minus sign"""
    return one(matrix).replace("-", "\u2212")


def three(matrix: Matrix) -> str:
    """Three significant digits, trailing zeros kept"""
    value = float(matrix[0][0])
    return "0" if not value else f"{value:#.3g}".rstrip(".") if abs(value) < 100 else f"{value:.3g}"


def latex(matrix: Matrix) -> str:
    r"""$\frac{23}{2}$"""
    value = matrix[0][0]
    sign = "-" if value < 0 else ""
    if value.denominator == 1:
        return f"${value}$"
    return f"${sign}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}$"


def grid(own: Own, update: int, kind: str, write: Write = one) -> Grid:
    """The sheet's table of an update: header row, then Parameter, Gradient and Updated."""
    rows = [["", *(f"Layer {layer}" for layer in LAYERS)]]
    for row in ROWS:
        rows.append([row.capitalize(), *(write(own[key(update, kind, layer, row)]) for layer in LAYERS)])
    return rows


def four(own: Own, write: Write = one) -> list[tuple[str, Grid]]:
    """All tables with the sheet's headings."""
    return [(f"{_ORDINALS[u]} update - {kind}", grid(own, u, kind, write)) for u in UPDATES for kind in KINDS]


def pipes(rows: Grid) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def loss_of(own: Own, update: int) -> str:
    return f"{float(own[loss_key(update)][0][0]):.10g}"


def losses(own: Own) -> str:
    return "\n\n".join(f"Loss before the {_ORDINALS[u].lower()} update: {loss_of(own, u)}" for u in UPDATES)


def markdown(own: Own, write: Write = one, heading: str = "**{}**") -> bytes:
    """The sheet's layout in Markdown."""
    tables = [f"{heading.format(title)}\n\n{pipes(rows)}" for title, rows in four(own, write)]
    return "\n\n".join([*tables, losses(own), ""]).encode()


def notebook(cells: Sequence[Mapping[str, object]]) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def md_cell(source: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code_cell(source: str, *outputs: Mapping[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": list(outputs)}


def stream(text: str) -> dict[str, object]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def html_table(rows: Grid) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f"<table border='1'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def aligned(rows: Grid) -> str:
    """Columns lined up to the right, as pandas prints them."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    )


def docx(paragraphs_and_tables: Sequence[str | Grid]) -> bytes:
    """A small Word document."""

    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t xml:space='preserve'>{escape(text)}</w:t></w:r></w:p>"

    body = []
    for part in paragraphs_and_tables:
        if isinstance(part, str):
            body.append(paragraph(part))
        else:
            rows = "".join("<w:tr>" + "".join(f"<w:tc>{paragraph(c)}</w:tc>" for c in row) + "</w:tr>" for row in part)
            body.append(f"<w:tbl><w:tblPr/>{rows}</w:tbl>")
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
        f'wordprocessingml/2006/main"><w:body>{"".join(body)}</w:body></w:document>'
    )
    types = (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    links = (
        '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="word/document.xml"/></Relationships>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("[Content_Types].xml", types), ("_rels/.rels", links), ("word/document.xml", document)):
            archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


def pdf(
    pages: Sequence[Sequence[tuple[float, float, str]]], lines: Sequence[tuple[float, float, float, float]] = ()
) -> bytes:
    """A small PDF with a text layer: (x, y from the top, text) on every page; `lines` are ruled on all of them."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, page in enumerate(pages):
        drawn = [f"{a} {842 - b} m {c} {842 - d} l S" for a, b, c, d in lines]
        for x, y, text in page:
            safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            drawn.append(f"BT /F1 10 Tf {x} {842 - y} Td ({safe}) Tj ET")
        content = "\n".join(drawn).encode("cp1252", errors="replace")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    out = bytearray(b"%PDF-1.4\n")
    starts = []
    for number, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{start:010d} 00000 n \n".encode() for start in starts)
    return bytes(out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n".encode())


@_variant
def sheet_layout(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own)


@_variant
def nested_lists(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, nested, "## {}")


@_variant
def flat_lists(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, flat, "### {}:")


@_variant
def bare_lists(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, bare)


@_variant
def said_once_for_both(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, both)


@_variant
def fractions(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, fraction)


@_variant
def latex_fractions(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, latex)


@_variant
def tensors(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, tensor)


@_variant
def named_entries(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, named)


@_variant
def decimal_commas(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, comma)


@_variant
def true_minus_signs(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, minus)


@_variant
def three_digits(own: Own) -> tuple[str, bytes]:
    return "hw.md", markdown(own, three)


@_variant
def headings_in_levels(own: Own) -> tuple[str, bytes]:
    parts = ["# Homework 2-1", f"The losses are {loss_of(own, 1)} and {loss_of(own, 2)}."]
    for update in UPDATES:
        parts.append(f"## Iteration {update}")
        for kind in KINDS:
            parts += [f"### {_PLURALS[kind]}", pipes(grid(own, update, kind))]
    return "hw.md", "\n\n".join(parts).encode()


@_variant
def counted_from_zero(own: Own) -> tuple[str, bytes]:
    parts = []
    for update in UPDATES:
        for kind in KINDS:
            parts += [f"Iters {update - 1} ({kind})", pipes(grid(own, update, kind))]
        parts.append(f"Loss at iteration {update - 1}: {loss_of(own, update)}")
    return "hw.md", "\n\n".join(parts).encode()


@_variant
def layers_as_rows(own: Own) -> tuple[str, bytes]:
    parts = []
    for update in UPDATES:
        for kind in KINDS:
            rows = [["", "Parameter", "Gradient", "Update"]]
            rows += [[f"L{n}", *(one(own[key(update, kind, n, row)]) for row in ROWS)] for n in LAYERS]
            parts += [f"Update {update} ({_PLURALS[kind].lower()})", pipes(rows)]
    return "hw.md", ("\n\n".join(parts) + "\n\n" + losses(own)).encode()


@_variant
def one_table_of_eight_columns(own: Own) -> tuple[str, bytes]:
    rows = [["Iteration", "Layer", "W", "dL/dW", "W'", "b", "dL/db", "b'"]]
    for update in UPDATES:
        for layer in LAYERS:
            cells = [one(own[key(update, kind, layer, row)]) for kind in KINDS for row in ROWS]
            rows.append([str(update), str(layer), *cells])
    return "hw.md", f"{pipes(rows)}\n\nloss = [{loss_of(own, 1)}, {loss_of(own, 2)}]".encode()


@_variant
def symbols_for_names(own: Own) -> tuple[str, bytes]:
    parts = []
    for update in UPDATES:
        for kind, letter in zip(KINDS, "Wb", strict=True):
            rows = [["", "Hidden 1", "Hidden 2", "Output"]]
            names = (f"${letter}$", f"$\\partial L/\\partial {letter}$", f"${letter}'$")
            rows += [
                [name, *(one(own[key(update, kind, n, row)]) for n in LAYERS)]
                for name, row in zip(names, ROWS, strict=True)
            ]
            parts += [f"**{letter}, iteration {update}**", pipes(rows)]
        parts.append(f"L = {loss_of(own, update)} (iteration {update})")
    return "hw.md", "\n\n".join(parts).encode()


@_variant
def old_and_new(own: Own) -> tuple[str, bytes]:
    parts = []
    for update, ordinal in zip(UPDATES, ("1st", "2nd"), strict=True):
        for kind in KINDS:
            rows = [[kind, "layer1", "layer2", "layer3"]]
            names = ("old value", "gradient", "new value")
            rows += [
                [name, *(one(own[key(update, kind, n, row)]) for n in LAYERS)]
                for name, row in zip(names, ROWS, strict=True)
            ]
            parts += [f"{ordinal} iteration", pipes(rows)]
    return "hw.md", ("\n\n".join(parts) + "\n\n" + losses(own)).encode()


@_variant
def without_headings(own: Own) -> tuple[str, bytes]:
    return "hw.md", ("\n\nNext:\n\n".join(pipes(rows) for _, rows in four(own)) + "\n\n" + losses(own)).encode()


@_variant
def chinese(own: Own) -> tuple[str, bytes]:
    parts = []
    for update, ordinal in zip(UPDATES, "一二", strict=True):
        for kind, word in zip(KINDS, ("權重", "偏差"), strict=True):
            rows = [["", "第一層", "第二層", "第三層"]]
            names = ("參數", "梯度", "更新後")
            rows += [
                [name, *(one(own[key(update, kind, n, row)]) for n in LAYERS)]
                for name, row in zip(names, ROWS, strict=True)
            ]
            parts += [f"### 第{ordinal}次更新 - {word}", pipes(rows)]
        parts.append(f"第{ordinal}次損失 = {loss_of(own, update)}")
    return "hw.md", "\n\n".join(parts).encode()


@_variant
def html_in_markdown(own: Own) -> tuple[str, bytes]:
    parts = [f"#### {title}\n\n{html_table(rows)}" for title, rows in four(own, nested)]
    return "hw.md", ("\n\n".join(parts) + "\n\n" + losses(own)).encode()


@_variant
def notebook_markdown(own: Own) -> tuple[str, bytes]:
    cells = [md_cell(f"**{title}**\n\n{pipes(rows)}") for title, rows in four(own)]
    return "hw.ipynb", notebook([*cells, md_cell(losses(own))])


@_variant
def notebook_prints(own: Own) -> tuple[str, bytes]:
    text = "\n\n".join(f"{title}\n{aligned(rows)}" for title, rows in four(own))
    told = "".join(f"loss {u}: {loss_of(own, u)}\n" for u in UPDATES)
    return "hw.ipynb", notebook([code_cell("print(tables)", stream(text + "\n\n" + told))])


@_variant
def notebook_data_frames(own: Own) -> tuple[str, bytes]:
    cells = []
    for title, rows in four(own):
        data = {"text/html": html_table(rows), "text/plain": aligned(rows)}
        cells += [
            md_cell(f"### {title}"),
            code_cell("df", {"output_type": "execute_result", "data": data, "metadata": {}}),
        ]
    return "hw.ipynb", notebook([*cells, md_cell(losses(own))])


@_variant
def notebook_framed(own: Own) -> tuple[str, bytes]:
    text = []
    for title, rows in four(own):
        widths = [max(len(row[at]) for row in rows) + 2 for at in range(len(rows[0]))]
        rule = "+" + "+".join("-" * width for width in widths) + "+"
        lines = ["|" + "|".join(f" {c}".ljust(w) for c, w in zip(row, widths, strict=True)) + "|" for row in rows]
        text += [
            title,
            rule,
            lines[0],
            rule.replace("-", "="),
            *(part for line in lines[1:] for part in (line, rule)),
            "",
        ]
    return "hw.ipynb", notebook([code_cell("show()", stream("\n".join(text))), md_cell(losses(own))])


@_variant
def workbook_one_sheet(own: Own) -> tuple[str, bytes]:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet("HW2-1")
    at = 0
    for title, rows in four(own):
        sheet.write_string(at, 0, title)
        for down, row in enumerate(rows, start=1):
            for across, text in enumerate(row):
                _put(sheet, at + down, across, text)
        at += len(rows) + 2
    sheet.write_row(at, 0, ["", "First", "Second"])
    sheet.write_row(at + 1, 0, ["Loss", *(float(loss_of(own, u)) for u in UPDATES)])
    book.close()
    return "hw.xlsx", packed.getvalue()


@_variant
def workbook_sheet_by_sheet(own: Own) -> tuple[str, bytes]:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    for title, rows in four(own, nested):
        sheet = book.add_worksheet(title)
        for down, row in enumerate(rows):
            for across, text in enumerate(row):
                _put(sheet, down, across, text)
    sheet = book.add_worksheet("loss")
    for update in UPDATES:
        sheet.write_row(update, 0, [f"Loss {update}", float(loss_of(own, update))])
    book.close()
    return "hw.xlsx", packed.getvalue()


@_variant
def workbook_merged(own: Own) -> tuple[str, bytes]:
    """Two updates side by side under merged headings."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet()
    for update in UPDATES:
        left = 2 + (update - 1) * len(LAYERS)
        sheet.merge_range(0, left, 0, left + len(LAYERS) - 1, f"Update {update}")
        for layer in LAYERS:
            sheet.write_string(1, left + layer - 1, f"Layer {layer}")
    for down, kind in enumerate(KINDS):
        top = 2 + down * len(ROWS)
        sheet.merge_range(top, 0, top + len(ROWS) - 1, 0, kind.capitalize())
        for n, row in enumerate(ROWS):
            sheet.write_string(top + n, 1, row.capitalize())
            for update in UPDATES:
                for layer in LAYERS:
                    _put(
                        sheet, top + n, 1 + (update - 1) * len(LAYERS) + layer, one(own[key(update, kind, layer, row)])
                    )
    for update in UPDATES:
        sheet.write_string(9 + update, 0, f"Loss {update}")
        sheet.write_number(9 + update, 1, float(loss_of(own, update)))
    book.close()
    return "hw.xlsx", packed.getvalue()


@_variant
def workbook_formulas(own: Own) -> tuple[str, bytes]:
    """Updated values as formulas, with the results that Excel saves beside them."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet()
    at = 0
    for title, rows in four(own):
        sheet.write_string(at, 0, title)
        for down, row in enumerate(rows, start=1):
            for across, text in enumerate(row):
                if down == len(rows) - 1 + 1 and across:
                    sheet.write_formula(at + down, across, f"=B{at + 2}-0.01*B{at + 3}", None, float(Fraction(text)))
                else:
                    _put(sheet, at + down, across, text)
        at += len(rows) + 1
    sheet.write_row(at, 0, ["Iteration", "Loss"])
    for update in UPDATES:
        sheet.write_row(at + update, 0, [update, float(loss_of(own, update))])
    book.close()
    return "hw.xlsx", packed.getvalue()


def _put(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, text: str) -> None:
    try:
        sheet.write_number(row, column, float(text))
    except ValueError:
        sheet.write_string(row, column, text)


def _csv(own: Own, delimiter: str, write: Write) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for title, rows in four(own, write):
        writer.writerows([[title], *rows, []])
    writer.writerows([["Loss", *(write(own[loss_key(u)]) for u in UPDATES)]])
    return out.getvalue()


@_variant
def comma_separated(own: Own) -> tuple[str, bytes]:
    return "hw.csv", _csv(own, ",", one).encode()


@_variant
def comma_separated_lists(own: Own) -> tuple[str, bytes]:
    return "hw.csv", _csv(own, ",", nested).encode("utf-8-sig")


@_variant
def semicolons_and_decimal_commas(own: Own) -> tuple[str, bytes]:
    return "hw.csv", _csv(own, ";", comma).encode("cp1252")


@_variant
def tab_separated(own: Own) -> tuple[str, bytes]:
    return "hw.tsv", _csv(own, "\t", flat).encode()


@_variant
def long_format(own: Own) -> tuple[str, bytes]:
    """One line a layer: update, kind, layer, and the three values."""
    lines = ["update,kind,layer,parameter,gradient,updated"]
    for update in UPDATES:
        for kind in KINDS:
            for layer in LAYERS:
                cells = (one(own[key(update, kind, layer, row)]) for row in ROWS)
                lines.append(",".join([str(update), kind, str(layer), *cells]))
    lines += ["", "iteration,loss", *(f"{u},{loss_of(own, u)}" for u in UPDATES)]
    return "hw.csv", "\n".join(lines).encode()


@_variant
def word(own: Own) -> tuple[str, bytes]:
    parts: list[str | Grid] = [part for title, rows in four(own, flat) for part in (title, rows)]
    return "hw.docx", docx([*parts, *losses(own).split("\n\n")])


@_variant
def pdf_ruled(own: Own) -> tuple[str, bytes]:
    """Two pages with ruled tables."""
    xs, top, height = [60.0, 140.0, 250.0, 360.0, 470.0], (100.0, 300.0), 22.0
    lines = []
    for start in top:
        for n in range(5):
            lines += [(xs[0], start + n * height, xs[-1], start + n * height)]
        lines += [(x, start, x, start + 4 * height) for x in xs]
    pages = []
    for update in UPDATES:
        words = [(60.0, 500.0, f"Loss before the {_ORDINALS[update].lower()} update: {loss_of(own, update)}")]
        for start, kind in zip(top, KINDS, strict=True):
            words.append((60.0, start - 10, f"{_ORDINALS[update]} update - {kind}"))
            for down, row in enumerate(grid(own, update, kind)):
                words += [(x + 4, start + down * height + 15, c) for x, c in zip(xs, row, strict=False) if c]
        pages.append(words)
    return "hw.pdf", pdf(pages, lines)


@_variant
def pdf_plain(own: Own) -> tuple[str, bytes]:
    """One page, columns without rules."""
    return "hw.pdf", _unruled(own, (60.0, 160.0, 260.0, 360.0), 16)


@_variant
def pdf_narrow(own: Own) -> tuple[str, bytes]:
    """One page without rules, columns so narrow that the header's names stand hardly further apart than its words."""
    return "hw.pdf", _unruled(own, (60.0, 115.0, 155.0, 195.0), 13)


def _unruled(own: Own, columns: tuple[float, ...], step: float) -> bytes:
    words: list[tuple[float, float, str]] = []
    y = 60.0
    for title, rows in four(own):
        words.append((60.0, y, title))
        for row in rows:
            y += step
            words += [(x, y, c) for x, c in zip(columns, row, strict=True) if c]
        y += 2 * step
    for update in UPDATES:
        words.append((60.0, y, f"Loss before the {_ORDINALS[update].lower()} update: {loss_of(own, update)}"))
        y += step
    return pdf([words])
