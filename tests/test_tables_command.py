"""`grade tables`: the numbers that the sheets print, in every style, with how they were verified."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from grader.cli import main


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["tables", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_the_sheets_printed_numbers_stand_in_the_tables(style: str) -> None:
    tables = printed("backprop_by_hand", "--as", style)
    for number in ("92", "40.25", "74.75", "0.5975", "-0.59885", "-1.615", "66.125", "1.3041125"):
        assert number in tables
    layers = printed("numpy_layers", "--as", style)
    assert "[[ 8., 4.], [14., 7.]]" in layers
    assert "[[1.85, 0.85], [1.6 , 0.6 ]]" in layers
    assert "0.2983711" in printed("two_layer_perceptron", "--as", style)
    assert "Verified by" in layers
    assert "Verified by" in tables


def test_a_workbook_holds_numbers_as_numbers(tmp_path: Path) -> None:
    path = Path(printed("backprop_by_hand", "--as", "xlsx", "--out", str(tmp_path)).strip())
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert ["Gradient", 92, 40.25, 74.75] in rows
