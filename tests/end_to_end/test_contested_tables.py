"""Numbers of which nobody can say that the student means them: two versions, crossed out, hidden, made to fit.

The tables are those of `test_odd_tables`, the sheet's own printout; the wrong ones have one path back for two.
"""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from grader.intake.tables import read_tables
from grader.judges.table_versions import version_of
from grader.model import LabelReport, QuestionReport, Status
from rubrics.backprop_by_hand import judge

from .test_odd_tables import HEADS, LOSSES, ROWS, TABLES, earned, graded, pending
from .test_odd_wordings import SLIP, Tables, slipped, written

WRONG = slipped("20.125")
BARE = {tables: written(tables).removesuffix(LOSSES) for tables in (TABLES, WRONG)}


def cell(reports: dict[str, QuestionReport], question: str = SLIP[0], name: str = SLIP[1]) -> LabelReport:
    return next(label for label in reports[question].labels if label.label == name)


def versions(*parts: tuple[str, Tables]) -> dict[str, QuestionReport]:
    return graded("\n\n".join(f"# {name}\n\n{BARE[tables]}" for name, tables in parts) + LOSSES)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((("Draft", WRONG), ("My tables", TABLES)), Status.NEEDS_HUMAN),  # "Draft" may hold for all that follows
        ((("Draft", WRONG), ("Final answer", TABLES)), Status.PASSED),
        ((("Final answer", TABLES), ("Scratch work", WRONG)), Status.PASSED),
        ((("Final answer", WRONG), ("Scratch work", TABLES)), Status.FAILED),
        ((("My tables", WRONG), ("Correction", TABLES)), Status.PASSED),
        ((("My tables", TABLES), ("Correction", WRONG)), Status.FAILED),
        ((("My tables", WRONG), ("The tables of my classmate", TABLES)), Status.NEEDS_HUMAN),
        ((("My tables", TABLES), ("By hand", WRONG)), Status.NEEDS_HUMAN),
        ((("My tables", TABLES), ("Once more", TABLES)), Status.PASSED),
        ((("My tables", WRONG), ("Once more", WRONG)), Status.FAILED),
    ],
)
def test_of_two_versions_the_one_that_is_called_final_counts(
    parts: tuple[tuple[str, Tables], ...], status: Status
) -> None:
    reports = versions(*parts)
    assert cell(reports).status is status
    others = [label for report in reports.values() for label in report.labels if label is not cell(reports)]
    assert all(label.status is Status.PASSED for label in others)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("~~40.25~~ 20.125", Status.FAILED),
        ("~~20.125~~ 40.25", Status.PASSED),
        ("<del>40.25</del> 20.125", Status.FAILED),
        ("<s>20.125</s> 40.25", Status.PASSED),
        (r"$\cancel{20.125}\ 40.25$", Status.PASSED),
        (r"\sout{40.25} 20.125", Status.FAILED),
        ("~~40.25~~", Status.NEEDS_HUMAN),
        ("<del>40.25</del>", Status.NEEDS_HUMAN),
        ("20.125 = 40.25", Status.NEEDS_HUMAN),
        ("11.5 · 3.5 = 40.25", Status.PASSED),  # control: arithmetic and its result
        ("40.25 = 40.3", Status.PASSED),  # control: the same, rounded
        ("==40.25==", Status.PASSED),
        ("==20.125==", Status.FAILED),
    ],
)
@pytest.mark.parametrize("html", [False, True], ids=["markdown", "html"])
def test_what_is_crossed_out_is_no_answer(text: str, status: Status, html: bool) -> None:
    tables = slipped(text)
    if not html:
        assert cell(graded(written(tables))).status is status
        return
    rows = "".join(
        f"<h3>{head}</h3><table><tr><td></td><td>Layer 1</td><td>Layer 2</td><td>Layer 3</td></tr>"
        + "".join(f"<tr><td>{n}</td><td>{'</td><td>'.join(row)}</td></tr>" for n, row in zip(ROWS, table, strict=True))
        + "</table>"
        for head, table in zip(HEADS, tables, strict=True)
    )
    assert cell(graded(rows, "hw.html")).status is status


@pytest.mark.parametrize(
    ("look", "status"),
    [
        ("<w:strike/>", Status.NEEDS_HUMAN),
        ('<w:strike w:val="0"/>', Status.PASSED),
        ("<w:dstrike/>", Status.NEEDS_HUMAN),
        ("<w:vanish/>", Status.MISSING),
        ("<w:b/>", Status.PASSED),
    ],
)
def test_a_word_document_s_crossed_out_and_hidden_text(look: str, status: Status) -> None:
    def text(words: str) -> str:
        mark = f"<w:rPr>{look}</w:rPr>" if words == "40.25" else ""
        return f"<w:p><w:r>{mark}<w:t>{words}</w:t></w:r></w:p>"

    body = []
    for head, table in zip(HEADS, TABLES, strict=True):
        rows = [("", "Layer 1", "Layer 2", "Layer 3"), *((n, *row) for n, row in zip(ROWS, table, strict=True))]
        cells = ("".join(f"<w:tc>{text(words)}</w:tc>" for words in row) for row in rows)
        body.append(f"{text(head)}<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>")
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(
            "word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{"".join(body)}</w:body></w:document>'
        )
    reports = {report.id: report for report in judge([read_tables("hw.docx", file.getvalue())])}
    assert cell(reports).status is status
    assert cell(reports, name="L1.gradient").status is Status.PASSED


@pytest.mark.parametrize("seen", [TABLES, WRONG])
def test_a_hidden_sheet_earns_nothing_for_a_visible_one(seen: Tables) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, tables in (("Tables", seen), ("Old", TABLES)):
            sheet = book.add_worksheet(name)
            for n, (head, table) in enumerate(zip(HEADS, tables, strict=True)):
                sheet.write_row(6 * n, 0, [head, "Layer 1", "Layer 2", "Layer 3"])
                for at, (label, row) in enumerate(zip(ROWS, table, strict=True), start=6 * n + 1):
                    sheet.write_row(at, 0, [label, *map(float, row)])
        sheet.hide()
    reports = {report.id: report for report in judge([read_tables("hw.xlsx", file.getvalue())])}
    assert cell(reports).status is (Status.PASSED if seen is TABLES else Status.NEEDS_HUMAN)


def test_brackets_may_mean_a_negative_number() -> None:
    """As accounts have it: "(0.5)" for -0.5; a positive number in brackets is right, a wrong one wrong."""
    text = written(TABLES)
    negative = graded(text.replace("| -0.5 |", "| (0.5) |", 1))
    assert cell(negative, "update1.bias", "L1.parameter").status is Status.NEEDS_HUMAN
    assert cell(graded(text.replace("| 40.25 |", "| (40.25) |"))).status is Status.PASSED
    assert cell(graded(text.replace("| 40.25 |", "| (20.125) |"))).status is Status.FAILED


def filled(gradient: tuple[str, str, str], updated: tuple[str, ...], start: str) -> Tables:
    """Tables of one number each, where only updated = parameter - 0.01 x gradient holds, and the next parameter."""
    rows = (start, updated[0]), (updated[0], updated[1])
    return tuple(((old,) * 3, gradient, (new,) * 3) for old, new in rows for _ in ("weight", "bias"))


def test_numbers_that_only_fit_each_other_wait() -> None:
    made_up = graded(written(filled(("3", "3", "3"), ("1.97", "1.94"), "2")).removesuffix(LOSSES))
    assert earned(made_up) == 0.0
    assert pending(made_up) > 0
    assert "no gradient among them is right" in cell(made_up, name="L1.updated").message
    slip = slipped("41.25")
    own = tuple(tuple(tuple(n.replace("0.5975", "0.5875") for n in row) for row in table) for table in slip)
    assert earned(graded(written(own))) == pytest.approx(30 - 0.78, abs=0.011)  # control: the rest is worked out


def test_what_follows_is_said_once_for_the_hand_in() -> None:
    own = tuple(tuple(tuple(n.replace("0.5975", "0.5875") for n in row) for row in table) for table in slipped("41.25"))
    reports = graded(written(own))
    flags = [flag for report in reports.values() for flag in report.flags]
    assert len(flags) == 1
    assert flags[0].startswith("3 cells of update1.weight, update2.weight follow")
    assert "First update - weight: Layer 2, gradient" in flags[0]
    noted = [label.label for report in reports.values() for label in report.labels if label.notes]
    assert noted == ["L2.updated", "L2.parameter", "L2.updated"]  # each says so to the student


def test_from_scratch_is_no_draft() -> None:
    assert version_of([("HW2-1 from scratch", False)]) == 0
    assert version_of([("My scratch work", False)]) == -1
