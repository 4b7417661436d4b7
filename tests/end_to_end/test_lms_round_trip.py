"""From an LMS's download to a file that the LMS takes back: the whole command, as an instructor uses it."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

from grader.cli import main

RIGHT = """
import numpy as np
class ReLU:
    def forward(self, X):
        return np.maximum(0, X)
    def backward(self, X, dY):
        return dY * (X > 0)
"""
WRONG = RIGHT.replace("dY * (X > 0)", "dY")
GRADEBOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 3 (77)\r\n"
    "    Points Possible,,,,,2\r\n"
    '"Haddad, Amal",4001,s-1,amal,Sec 1,\r\n'
    '"Lindqvist, Bea",4002,s-2,bea,Sec 1,\r\n'
    '"O\'Brien, Ann",4009,s-9,ann,Sec 1,\r\n'
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def grade(where: Path, out: Path, *more: object) -> Result:
    return run(where, "--homework", "numpy_layers", "--only", "Q3", "--jobs", 2, "--out", out, *more)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_canvas_there_and_back(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("haddadamal_4001_91001_hw3.py", RIGHT)
        archive.writestr("lindqvistbea_LATE_4002_91002_hw3.py", WRONG)
        archive.writestr("zedzoe_4003_91003_hw3.py", RIGHT)
    (tmp_path / "gradebook.csv").write_bytes(GRADEBOOK.encode())
    graded = grade(tmp_path / "submissions.zip", tmp_path / "out", "--roster", tmp_path / "gradebook.csv")
    assert graded.exit_code == 0, graded.output
    assert "O'Brien, Ann" in graded.stdout and "4003 (Zedzoe) is not on the roster" in graded.stdout
    folder = tmp_path / "out" / "numpy_layers"
    about = {
        row[0]: row[1] for row in openpyxl.load_workbook(folder / "grades.xlsx")["About"].iter_rows(values_only=True)
    }
    assert "O'Brien" in str(about["Nothing handed in"])
    (tmp_path / "gradebook.csv").unlink()  # the run keeps a copy
    exported = run("export", folder, "--to", "canvas", "--assignment", "HW 3 (77)")
    assert exported.exit_code == 0 and "4003" in exported.stderr
    by_id = {row[1]: row[5] for row in rows(folder / "canvas.csv")[2:]}
    assert by_id["4001"] == "2" and 0 < float(by_id["4002"]) < 2 and by_id["4009"] == ""
    again = run("export", folder, "--to", "canvas", "--assignment", "HW 4")
    assert again.exit_code == 2 and "HW 3 (77)" in again.stderr


def test_moodle_there_and_back(tmp_path: Path):
    for name in ("Amal Haddad_1201", "Bea Lindqvist_1202"):
        (tmp_path / "in" / f"{name}_assignsubmission_file_").mkdir(parents=True)
        (tmp_path / "in" / f"{name}_assignsubmission_file_" / "hw3.py").write_text(RIGHT)
    assert grade(tmp_path / "in", tmp_path / "out").exit_code == 0
    folder = tmp_path / "out" / "numpy_layers"
    exported = run("export", folder, "--to", "moodle")
    assert exported.exit_code == 0 and "--roster" in exported.stderr
    assert [row[:3] for row in rows(folder / "moodle.csv")[1:]] == [
        ["Participant 1201", "Amal Haddad", "2"],
        ["Participant 1202", "Bea Lindqvist", "2"],
    ]
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        assert archive.namelist()[0] == "Amal Haddad_1201_assignsubmission_file_/feedback.html"


def test_a_group_is_graded_once_and_every_member_has_a_row(tmp_path: Path):
    (tmp_path / "in" / "amal").mkdir(parents=True)
    (tmp_path / "in" / "amal" / "hw3.py").write_text(WRONG)
    (tmp_path / "in" / "amal" / "group.txt").write_text("amal\nbea, Bea Lindqvist\n")
    graded = grade(tmp_path / "in", tmp_path / "out")
    assert graded.exit_code == 0 and "lists the members" in graded.stderr
    with closing(sqlite3.connect(tmp_path / "out" / "numpy_layers" / "store.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM results").fetchone() == (1,), "graded once"
    lines = (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    amal, bea = map(json.loads, lines)
    assert (bea["student"], amal["score"]) == ({"id": "bea", "name": "Bea Lindqvist"}, bea["score"])
    assert amal["questions"] == bea["questions"] and 0 < amal["score"] < 2
    assert any("Bea" in note for note in amal["notes"])
    assert (tmp_path / "out" / "numpy_layers" / "feedback" / "bea.html").is_file()
    assert run("export", tmp_path / "out" / "numpy_layers", "--to", "csv").exit_code == 0
    assert [row[0] for row in rows(tmp_path / "out" / "numpy_layers" / "numpy_layers.csv")[1:]] == ["amal", "bea"]
    before = lines
    grade(tmp_path / "in", tmp_path / "out")  # from the store
    assert (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_text(encoding="utf-8").splitlines() == before


def test_a_bad_roster_is_wrong_use(tmp_path: Path):
    (tmp_path / "amal.py").write_text(RIGHT)
    (tmp_path / "list.csv").write_text("who,what\n1,2\n")
    result = grade(tmp_path / "amal.py", tmp_path / "out", "--roster", tmp_path / "list.csv")
    assert result.exit_code == 2 and "list.csv" in result.stderr and "Traceback" not in result.output
