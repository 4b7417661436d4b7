"""File names, atomic writing, cleaned text and the CSV for other systems."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export.errors import ExportError
from grader.export.files import feedback_link, feedback_name, write_atomically
from grader.export.lms import export
from grader.export.text import CELL_LIMIT, cell_text, clean
from grader.gradebook import Gradebook


@pytest.mark.parametrize("student", ["amal", "s.123_4-x@uni", "Li Wei 李伟", "O'Brien, Pat (2)", "प्रिया"])
def test_an_ordinary_id_is_its_own_file_name(student: str):
    assert feedback_name(student) == f"{student}.html"


@pytest.mark.parametrize(
    "student",
    ["", ".", "..", "../../etc/passwd", "a/b", "a\\b", "a\x00b", "x" * 300, "李" * 100, "CON", "nul.txt", "a\nb",
     "a:b", " a", "a.", "a?b#c", "<script>", "\u202egnp", "caf\udce9", "e\u0301", "-rf"],
)  # fmt: skip
def test_any_other_id_becomes_a_plain_name(student: str):
    name = feedback_name(student)
    assert len(name.encode("ascii")) <= 80
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert not name.startswith((".", "-", " "))


@given(st.sets(st.text(max_size=400), min_size=2, max_size=20))
def test_no_two_ids_share_a_file(ids: set[str]):
    assert len({feedback_name(one) for one in ids}) == len(ids)


def test_an_escaped_name_cannot_be_taken_by_an_ordinary_id():
    taken = feedback_name("a/b").removesuffix(".html")
    assert feedback_name(taken) != feedback_name("a/b")


def test_links_are_quoted():
    assert feedback_link("Li Wei 李伟") == "feedback/Li%20Wei%20%E6%9D%8E%E4%BC%9F.html"


@given(st.text(st.characters(), max_size=200))
def test_cleaned_text_can_be_written_and_seen(text: str):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not {c for c in cleaned if ord(c) < 32 and c not in "\t\n"}
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000, "😀x" * 20_000, "x" * CELL_LIMIT])
def test_a_cell_never_holds_more_than_a_spreadsheet_takes(text: str):
    held = cell_text(text)
    assert len(held.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert held == text or held.endswith("(cut short)")
    assert len(held) > 16_000


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch):
    path = tmp_path / "results.jsonl"
    write_atomically(path, b"old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ExportError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["results.jsonl"]


def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path):
    (tmp_path / "grades").write_text("")
    with pytest.raises(ExportError, match="cannot be written"):
        write_atomically(tmp_path / "grades" / "results.jsonl", b"x")


def test_the_csv_has_a_row_a_student_and_no_live_cells(gradebook: Gradebook, tmp_path: Path):
    (path,) = export(gradebook, "csv", tmp_path)
    assert path == tmp_path / "numpy_layers.csv"
    table = pd.read_csv(path, dtype={"Student": str})
    header = "Student Name Q1 Q2 Q3 Q4 Q7 Q9 Total Possible Pending Status"
    assert list(table.columns) == header.split()
    by_id = table.set_index("Student")
    assert by_id.loc["chidi", "Total"] == 4.1
    assert by_id.loc["gina", "Pending"] == 10.5
    assert by_id.loc["007", "Name"] == "gnp.evil James Bond"
    assert (table["Possible"] == 10).all()
    with path.open(encoding="utf-8", newline="") as file:
        assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in set("=+-@\t")]


def test_another_form_says_what_there_is(gradebook: Gradebook, tmp_path: Path):
    with pytest.raises(ExportError, match=r"no export to 'xml'.*canvas, csv, gradescope, moodle"):
        export(gradebook, "xml", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_result_of_another_rubric_is_refused_before_points_get_lost(gradebook: Gradebook, tmp_path: Path):
    shorter = replace(gradebook, questions=gradebook.questions[1:])
    with pytest.raises(ExportError, match="Q1"):
        export(shorter, "csv", tmp_path)
