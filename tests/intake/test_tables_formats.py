"""Tables out of every format, as text with their places; what cannot be read is said in a sentence."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile

import openpyxl
import pytest

from grader.intake.document import Unreadable
from grader.intake.packaged import unpack
from grader.intake.reading import Line
from grader.intake.tables import read_tables

MARKDOWN = """# First update
**weight**

|   | L1 | L2 |
|---|---|---|
| Gradient | 92 | [[40.25, 40.25]] |
| Updated | | 0.5975 |
"""


def grid(name: str, data: bytes | str, at: int = 0) -> list[list[str]]:
    reading = read_tables(name, data.encode() if isinstance(data, str) else data)
    assert not reading.problem, reading.problem
    return [[cell.text for cell in row] for row in reading.tables[at].rows]


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def shown(**data: str) -> dict[str, object]:
    mimes = {"html": "text/html", "plain": "text/plain", "markdown": "text/markdown"}
    output = {"output_type": "display_data", "data": {mimes[k]: v for k, v in data.items()}, "metadata": {}}
    return {"cell_type": "code", "source": "df", "metadata": {}, "outputs": [output], "execution_count": 1}


def package(document: str, **more: bytes) -> bytes:
    packed = io.BytesIO()
    space = 'xmlns:w="urn:w" xmlns:m="urn:m"'
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", document.replace("<w:document>", f"<w:document {space}>"))
        for name, part in more.items():
            archive.writestr(name, part)
    return packed.getvalue()


def test_a_markdown_table_keeps_blank_cells_heading_and_place():
    reading = read_tables("hw.md", MARKDOWN.encode())
    table = reading.tables[0]
    assert table.heading == "First update / weight"
    assert table.header == ("", "L1", "L2")
    assert table.row_names == ("Gradient", "Updated")
    assert [cell.text for cell in table.rows[1]] == ["Gradient", "92", "[[40.25, 40.25]]"]
    assert table.rows[2][1].empty
    assert str(table.place) == "hw.md, line 4"
    assert [part.title for part in reading.parts if isinstance(part, Line)] == [True, True]


def test_html_spans_repeat_their_cell():
    html = "<table><tr><th rowspan=2>w</th><th colspan=2>L</th></tr><tr><td>1<br>2</td><td>3</table>"
    assert grid("hw.html", html) == [["w", "L", "L"], ["w", "1\n2", "3"]]


def test_a_data_frame_is_read_from_its_html_and_one_without_html_from_its_columns():
    text = "           Layer 1  Layer 2\nParameter        1     -0.5\nGradient                11.5"
    expected = [["", "Layer 1", "Layer 2"], ["Parameter", "1", "-0.5"], ["Gradient", "", "11.5"]]
    html = "<table><tr><th></th><th>Layer 1</th></tr><tr><th>Gradient</th><td>92</td></tr></table>"
    assert grid("hw.ipynb", notebook(shown(plain=text))) == expected
    assert grid("hw.ipynb", notebook(shown(plain=text, html=html))) == [["", "Layer 1"], ["Gradient", "92"]]


def test_framed_rows_may_have_several_lines():
    text = (
        "+---+------+\n|   | L1   |\n+===+======+\n| G | [92, |\n|   |  92] |\n+---+------+\n| U | 0.08 |\n+---+------+"
    )
    cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [{"output_type": "stream", "text": text}]}
    assert grid("hw.ipynb", notebook(cell)) == [["", "L1"], ["G", "[92,\n92]"], ["U", "0.08"]]


def test_the_source_of_a_code_cell_is_no_table():
    cell = {"cell_type": "code", "source": "a | b\nc | d", "metadata": {}, "outputs": []}
    assert read_tables("hw.ipynb", notebook(cell).encode()).tables == ()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a,L1,L2\nU,0.08,0.5975", ["U", "0.08", "0.5975"]),
        ("a;L1;L2\nU;0,08;0,5975", ["U", "0,08", "0,5975"]),
        ("a\tL1\tL2\nU\t0,08\t0.5975", ["U", "0,08", "0.5975"]),
        ('a,L1,L2\nU,[1, 2],"[3, 4]"', ["U", "[1, 2]", "[3, 4]"]),
        ("a,L1,L2\r\nU,,3", ["U", "", "3"]),
    ],
)
def test_separators_are_told_by_the_lines(text: str, row: list[str]):
    assert grid("hw.csv", text)[1] == row


def test_commas_both_as_decimal_signs_and_separators_are_a_problem_not_a_number():
    table = read_tables("hw.csv", b"name,Layer 1,Layer 2\nUpdated,0,08,0,5975\nGradient,92,40").tables[0]
    assert all(cell.problem for cell in table.rows[1][1:])
    assert not any(cell.problem for cell in table.rows[2])


def test_a_formula_counts_by_its_saved_result_and_without_one_is_a_problem():
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "L1", "L2"])
    sheet.append(["Updated", "=1-0.01*92", 0.5975])
    packed = io.BytesIO()
    book.save(packed)  # openpyxl saves no results
    row = read_tables("hw.xlsx", packed.getvalue()).tables[0].rows[1]
    assert "formula" in row[1].problem
    assert row[2].text == "0.5975"


def test_a_fraction_that_excel_made_a_date_is_a_problem():
    import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", datetime.date(2024, 2, 23)])
    packed = io.BytesIO()
    book.save(packed)
    assert "date" in read_tables("hw.xlsx", packed.getvalue()).tables[0].rows[0][1].problem


def test_word_reads_equations_and_merged_cells_and_leaves_deleted_text_out():
    fraction = (
        "<m:oMath><m:f><m:num><m:r><m:t>23</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
    )
    deleted = "<w:del><w:r><w:t>99</w:t></w:r></w:del>"
    document = (
        "<w:document><w:body><w:p><w:r><w:t>First update</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p>"
        "<w:r><w:t>Gradient</w:t></w:r></w:p></w:tc>"
        f"<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p>{fraction}{deleted}</w:p></w:tc></w:tr></w:tbl>"
        "</w:body></w:document>"
    )
    reading = read_tables("hw.docx", package(document))
    assert [cell.text for cell in reading.tables[0].rows[0]] == ["Gradient", "23/2", "23/2"]
    assert reading.tables[0].heading == "First update"


def test_a_drawing_in_a_word_cell_is_a_problem():
    document = (
        "<w:document><w:body><w:tbl><w:tr><w:tc><w:p><w:drawing/></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"
    )
    assert read_tables("hw.docx", package(document)).tables[0].rows[0][0].problem == "holds a picture"


def test_entities_in_an_office_file_are_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "92">]><w:document><w:body><w:p/></w:body></w:document>'
    reading = read_tables("hw.docx", package(bomb))
    assert "entities" in reading.problem
    assert not reading.tables


def test_an_office_file_that_unpacks_to_too_much_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 26_000_000)
    assert "unpack" in read_tables("hw.docx", packed.getvalue()).problem


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hw.xlsx", b"PK\x03\x04 cut off"),
        ("hw.docx", b"PK\x03\x04 cut off"),
        ("hw.pdf", b"%PDF-1.4 and nothing more"),
        ("hw.ipynb", b'{"cells": [ '),
        ("hw.zip", b"PK"),
        ("hw.exe", b"MZ"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence_that_names_the_file(name: str, data: bytes):
    if name.endswith(".pdf"):
        pytest.importorskip("pdfplumber")
    reading = read_tables(name, data)
    assert name in reading.problem
    assert reading.problem.endswith(".")
    assert not reading.parts


def test_pictures_are_for_a_human_and_the_sheets_own_are_left_out():
    assert read_tables("scan.jpg", b"\xff\xd8\xff\xe0 photograph").pictures[0].mime == "image/jpeg"
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    own = {"cell_type": "markdown", "metadata": {}, "source": "![net](attachment:net.png)"}
    own["attachments"] = {"net.png": {"image/png": png}}
    scan = {**own, "source": "![](attachment:mine.png)", "attachments": {"mine.png": {"image/png": png}}}
    assert read_tables("hw.ipynb", notebook(own).encode(), ["net.png"]).pictures == ()
    assert len(read_tables("hw.ipynb", notebook(own, scan).encode(), ["net.png"]).pictures) == 1


def test_a_pdf_without_pdfplumber_waits_for_a_human(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(Unreadable, match="needs pdfplumber"):
        unpack("hw.pdf", b"%PDF-1.4")


def test_a_pdf_page_without_text_becomes_its_picture():
    pytest.importorskip("pdfplumber")
    from rubrics.backprop_by_hand.variants import pdf

    blank = pdf([[]], [(10.0, 10.0, 100.0, 100.0)])
    reading = read_tables("scan.pdf", blank)
    assert [picture.mime for picture in reading.pictures] == ["image/png"]
    assert reading.pictures[0].data.startswith(b"\x89PNG")
    assert str(reading.pictures[0].place) == "scan.pdf, page 1"
