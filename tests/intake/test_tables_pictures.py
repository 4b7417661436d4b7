"""What only a human can read is never taken for nothing: pictures in documents, ink on a page, links to elsewhere."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from grader.intake.tables import read_tables
from grader.model import QuestionReport
from rubrics.backprop_by_hand import judge
from rubrics.backprop_by_hand.variants import pdf

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def package(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_", "."), data)
    return packed.getvalue()


def docx(body: str, **media: bytes) -> bytes:
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return package(word__document_xml=document.encode(), **media)


def workbook(picture: bytes | None) -> bytes:
    import openpyxl

    packed = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(packed)
    if picture:
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr("xl/media/image1.png", picture)
    return packed.getvalue()


def waiting(name: str, data: bytes) -> float:
    reports: tuple[QuestionReport, ...] = judge([read_tables(name, data)])
    return round(sum(label.pending for report in reports for label in report.labels), 2)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


URI = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.mark.parametrize(
    ("name", "data", "without"),
    [
        ("hw.docx", docx(paragraph("HW2-1"), word__media__image1_emf=b"\x01\x00"), docx(paragraph("HW2-1"))),
        ("hw.xlsx", workbook(PNG), workbook(None)),
        ("hw.md", f"# HW\n\n![mine]({URI})".encode(), b"# HW"),
        ("hw.html", f"<h1>HW</h1><img src='{URI}'>".encode(), b"<h1>HW</h1>"),
        ("hw.md", b"# HW\n\n![mine](scan.jpg)", b"# HW\n\n![run](https://example.org/badge.svg)"),
        ("hw.md", b"# HW\n\n![mine](https://example.org/x.jpg)", b"# HW"),
    ],
    ids=["drawing in Word", "picture in Excel", "in Markdown", "in HTML", "not handed in", "on the web"],
)
def test_a_picture_in_a_document_waits_for_a_human(name: str, data: bytes, without: bytes) -> None:
    assert waiting(name, data) == 30.0
    assert waiting(name, without) == 0.0


def test_the_picture_in_a_text_is_kept_for_the_review() -> None:
    (picture,) = read_tables("hw.md", f"![mine]({URI})".encode()).pictures
    assert (picture.mime, picture.data) == ("image/png", PNG)


TEMPLATE = [
    (60.0, 100.0, "First update - weight"),
    *((60.0 + 110 * n, 120.0, text) for n, text in enumerate(("", "Layer 1", "Layer 2", "Layer 3")) if text),
    *((60.0 + 110 * n, 140.0, t) for n, t in enumerate(("Parameter", "value_layer1", "value_layer2", "value_layer3"))),
    *((60.0 + 110 * n, 160.0, t) for n, t in enumerate(("Gradient", "grad_layer1", "grad_layer2", "grad_layer3"))),
]


@pytest.mark.parametrize("typed", [[(60.0, 60.0, "HW2-1 by me")], TEMPLATE], ids=["under a title", "over the template"])
def test_what_was_written_with_a_pen_waits_for_a_human(typed: list[tuple[float, float, str]]) -> None:
    pytest.importorskip("pdfplumber")
    bare = pdf([typed])
    head, _, rest = bare.partition(b"stream\n")
    ink = b"60 500 m 65 520 70 480 75 510 c S\n"
    length = len(rest.partition(b"\nendstream")[0])
    drawn = head.replace(b"/Length %d" % length, b"/Length %d" % (length + len(ink))) + b"stream\n" + ink + rest
    assert waiting("hw.pdf", drawn) == 30.0
    assert waiting("hw.pdf", bare) == 0.0


def test_a_word_table_that_only_sets_out_the_page() -> None:
    def cell(inside: str) -> str:
        return f"<w:tc>{inside}</w:tc>"

    rows = (("", "Layer 1", "Layer 2", "Layer 3"), ("Gradient", "92", "40.25", "74.75"))
    inner = "".join(f"<w:tr>{''.join(cell(paragraph(text)) for text in row)}</w:tr>" for row in rows)
    held = cell(f"{paragraph('First update - weight')}<w:tbl>{inner}</w:tbl>") + cell(paragraph("my notes"))
    reading = read_tables("hw.docx", docx(f"<w:tbl><w:tr>{held}</w:tr></w:tbl>"))
    (table,) = reading.tables
    assert [[entry.text for entry in row] for row in table.rows] == [list(row) for row in rows]
    assert table.heading == "First update - weight"
    assert reading.text.endswith("my notes")
