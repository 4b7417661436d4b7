"""PDF pages without rules: where words stand decides which column they belong to, and prose stays prose."""

from __future__ import annotations

import pytest

from grader.intake.document import Unreadable
from grader.intake.reading import Line, Table

pytest.importorskip("pdfplumber")

from grader.intake.pdf import read_pdf
from rubrics.backprop_by_hand.variants import pdf

WIDTHS = {"-": 0.333, ".": 0.278, " ": 0.278}  # Helvetica's, of the font's size; digits are 0.556


def width(number: str) -> float:
    return 10 * sum(WIDTHS.get(character, 0.556) for character in number)


def read(words: list[tuple[float, float, str]]) -> list[Line | Table]:
    return read_pdf("hw.pdf", pdf([words]))[0]


def rows(part: Line | Table) -> list[list[str]]:
    assert isinstance(part, Table)
    return [[cell.text for cell in row] for row in part.rows]


BODY = [["Parameter", "1", "1", "1"], ["Gradient", "92", "40.25", "74.75"], ["Updated", "0.08", "0.5975", "0.2525"]]


@pytest.mark.parametrize("step", [36.0, 45.0, 120.0])
def test_right_aligned_columns_of_any_width(step: float):
    words = [(130.0 + step * n - 10, 50.0, f"L{n}") for n in (1, 2, 3)]
    for number, row in enumerate(BODY, start=1):
        y = 50.0 + 14 * number
        words.append((40.0, y, row[0]))
        words += [(130.0 + step * n - width(text), y, text) for n, text in enumerate(row[1:], start=1)]
    (found,) = read(words)
    assert rows(found) == [["", "L1", "L2", "L3"], *BODY]


def test_a_heading_and_a_loss_stay_lines():
    words = [(40.0, 40.0, "Update 1"), (40.0, 60.0, "Loss: 66.125")]
    for number, row in enumerate(BODY):
        words += [(40.0 + 80 * n, 90.0 + 14 * number, text) for n, text in enumerate(row)]
    words.append((40.0, 160.0, "All in all the second update changes one bias alone."))
    first, second, found, last = read(words)
    assert [part.text for part in (first, second, last) if isinstance(part, Line)] == [
        "Update 1",
        "Loss: 66.125",
        "All in all the second update changes one bias alone.",
    ]
    assert rows(found) == BODY


def test_a_blank_cell_stays_blank_in_its_own_column():
    words = [(40.0 + 80 * n, 50.0, text) for n, text in enumerate(BODY[0])]
    words += [(40.0, 64.0, "Gradient"), (200.0, 64.0, "40.25"), (280.0, 64.0, "74.75")]
    (found,) = read(words)
    assert rows(found)[1] == ["Gradient", "", "40.25", "74.75"]


def test_what_stands_across_two_columns_is_doubtful_and_no_value():
    words = [(40.0 + 60 * n, 50.0, text) for n, text in enumerate(BODY[0])]
    words += [(40.0, 64.0, "Gradient"), (100.0, 64.0, "all of them are the same here: 92")]
    (found,) = read(words)
    assert isinstance(found, Table)
    assert [bool(cell.problem) for cell in found.rows[1]].count(True) == 1


def test_a_page_of_prose_holds_no_table():
    words = [
        (40.0, 40.0 + 14 * n, f"Line {n} says that the gradient of layer {n} is 11.5 by the chain rule.")
        for n in range(20)
    ]
    assert all(isinstance(part, Line) for part in read(words))


def test_what_is_no_pdf_is_said():
    with pytest.raises(Unreadable, match=r"hw\.pdf"):
        read_pdf("hw.pdf", b"no PDF at all")
