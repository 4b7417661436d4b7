"""Whatever bytes come, reading tables returns: no exception, no endless loop, nothing out of proportion."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.reading import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Reading
from grader.intake.tables import SUFFIXES, read_tables
from rubrics.backprop_by_hand import judge
from rubrics.backprop_by_hand.steps import EXPECTED
from rubrics.backprop_by_hand.variants import VARIANTS

NAMES = [f"hw{suffix}" for suffix in sorted(SUFFIXES)]
PIECES = [
    "|",
    "\n",
    "---",
    "+",
    "<table>",
    "<td rowspan=9>",
    "</tr>",
    "92",
    "[[",
    "]]",
    ",",
    "  ",
    "\t",
    "#",
    "```",
    '"',
    ";",
]
PIECES += [
    "First update",
    "Layer 1",
    "Gradient",
    "loss = ",
    "value_layer1",
    "\\frac{1}{2}",
    "\x00",
    "é",
    "0.08",
    "-",
    "(both)",
]

KINDS = ("word", "workbook_one_sheet", "pdf_plain", "notebook_data_frames", "comma_separated")
RIGHT = [VARIANTS[kind](EXPECTED) for kind in KINDS]


def sound(reading: Reading) -> None:
    for table in reading.tables:
        assert len(table.rows) <= MAX_ROWS
        assert all(len(row) <= MAX_COLUMNS for row in table.rows)
        assert all(len(cell.text) <= MAX_TEXT for row in table.rows for cell in row)
    reports = judge([reading])
    assert sum(q.possible for q in reports) == 30
    assert all(0 <= label.earned + label.pending <= label.possible for q in reports for label in q.labels)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_text_of_any_shape(name: str, text: str):
    sound(read_tables(name, text.encode()))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes):
    sound(read_tables(name, data))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_right_hand_in_with_bytes_changed(data: st.DataObject):
    name, whole = data.draw(st.sampled_from(RIGHT))
    at = data.draw(st.integers(0, len(whole) - 1))
    with_noise = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 40)) :]
    sound(read_tables(name, with_noise))


@pytest.mark.parametrize(
    "text",
    [
        "|" * 200_000,
        "| a " * 50_000,
        "<table>" * 20_000,
        "<table><tr><td rowspan=50 colspan=50>x" * 2_000,
        "a  b\n" * 30_000,
        "loss = " * 20_000,
        "loss 1 = " + "(" * 20_000,
        "| First update | Layer 1 |\n| Gradient | " + "[" * 900 + "92 |\n",
        "| First update | Layer 1 |\n| Gradient | " + "9" * 900 + " |\n",
        "| First update | Layer 1 |\n| Gradient | 1" + "e9" * 400 + " |\n",
        "+-" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_repetitions_take_no_long_time(text: str):
    started = time.process_time()
    for name in ("hw.md", "hw.csv", "hw.html"):
        sound(read_tables(name, text.encode()))
    assert time.process_time() - started < 30  # far above what it takes, far below what backtracking would
