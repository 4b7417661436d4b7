"""Every attack of the corpus in a class with three honest students, graded by one command.

Those that never end are a class of their own, with short limits and a job for each: else the time would go in waiting.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from corpus import detecting, escaping, exhausting, files, forging, names, patching, values
from corpus.attack import HONEST, LINEAR, NUMPY, RELU, WRONG_RELU, Attack
from corpus.range import Range, processes_in

from grader import batch
from grader.cli import main
from grader.runner import Runner
from grader.worker.request import Limits

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are Linux's")

CLASSES = (forging, patching, values, escaping, exhausting, detecting, files, names)
ENDING: tuple[Attack, ...] = tuple(attack for module in CLASSES for attack in module.ATTACKS)
ATTACKS = (*ENDING, *exhausting.ENDLESS)
SHORT = functools.partial(Runner, together=Limits(seconds=0.5), alone=Limits(seconds=2.0))
HONEST_STUDENTS = {
    "honest-amal": (HONEST, 4.0),
    "honest-bo": (NUMPY + LINEAR + WRONG_RELU, 2.0),
    "honest-chi": (NUMPY + RELU, 2.0),
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Graded:
    """What the command printed and wrote, and what the machine looked like afterwards."""

    output: str
    lines: dict[str, str]
    folder: Path
    breaches: list[str]
    processes: list[int]

    def result(self, attack: Attack) -> Json:
        found: Json = json.loads(self.lines[attack.id])
        return found


def grade(folder: Path, out: Path, *options: str) -> tuple[str, dict[str, str]]:
    """The command as a user gives it: what it printed, and the lines of results.jsonl by student."""
    result = CliRunner().invoke(main, [str(folder), "--homework", "numpy_layers", "--out", str(out), *options])
    assert result.exit_code == 0, result.output
    assert "Traceback" not in result.output
    written = (out / "numpy_layers" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return result.output, {json.loads(line)["student"]["id"]: line for line in written}


def write_honest(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, (source, _) in HONEST_STUDENTS.items():
        (folder / f"{name}.py").write_text(source, "utf-8")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The honest students' lines in a class without attackers."""
    folder = tmp_path_factory.mktemp("alone")
    write_honest(folder / "class")
    return grade(folder / "class", folder / "out")[1]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("attacked")
    klass = folder / "class"
    write_honest(klass)
    with Range(folder) as range_, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))  # the workers' folders lie there, so that they can be told
        for attack in ENDING:
            attack.build(klass)
        for attack in escaping.ATTACKS:
            source = klass / f"{attack.name}.py"
            source.write_text(range_.filled_in(source.read_text("utf-8")), "utf-8")
        output, lines = grade(klass, folder / "out")
        left = range_.breaches(), list(processes_in(folder))
        return Graded(output, lines, folder / "out" / "numpy_layers", *left)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("endless")
    write_honest(folder / "class")
    for attack in exhausting.ENDLESS:
        attack.build(folder / "class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setattr(batch, "Runner", SHORT)
        output, lines = grade(folder / "class", folder / "out", "--jobs", str(len(exhausting.ENDLESS)))
        return Graded(output, lines, folder / "out" / "numpy_layers", [], list(processes_in(folder)))


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


# From Python 3.13 on a frame's locals can be written from outside (PEP 667): these two then lose marks of their own.
SPOILS_ITSELF = {"empties-the-module-table", "scribbles-on-its-inputs"}


@pytest.mark.parametrize("attack", ATTACKS, ids=[ascii(attack.name)[:60] for attack in ATTACKS])
def test_the_attack_earns_what_its_honest_part_earns(attack: Attack, request: pytest.FixtureRequest) -> None:
    klass: Graded = request.getfixturevalue("endless" if attack in exhausting.ENDLESS else "graded")
    result = klass.result(attack)
    if sys.version_info >= (3, 13) and attack.name in SPOILS_ITSELF:
        assert result["score"] <= attack.score
        return
    assert (result["score"], result["status"]) == (attack.score, attack.status), result["questions"]
    for question, status in attack.questions:
        assert result["questions"][question]["status"] == status, result["questions"][question]


def test_running_out_of_memory_is_too_big_and_not_a_crash(graded: Graded) -> None:
    for attack in exhausting.ATTACKS:
        if attack.name.startswith("eats-memory"):
            assert graded.result(attack)["questions"]["Q3"]["labels"]["Y"]["status"] == "too_big", attack.name


@pytest.mark.parametrize("student", HONEST_STUDENTS)
def test_honest_students_beside_it_are_judged_as_if_alone(
    graded: Graded, endless: Graded, alone: dict[str, str], student: str
) -> None:
    assert json.loads(alone[student])["score"] == HONEST_STUDENTS[student][1]
    assert graded.lines[student] == endless.lines[student] == alone[student]


def test_nothing_was_read_written_reached_or_left_behind(graded: Graded, endless: Graded) -> None:
    assert graded.breaches == []
    assert graded.processes == endless.processes == []


def test_everybody_has_a_row_and_nobody_else(graded: Graded, endless: Graded) -> None:
    assert set(graded.lines) == {attack.id for attack in ENDING} | set(HONEST_STUDENTS)
    assert set(endless.lines) == {attack.id for attack in exhausting.ENDLESS} | set(HONEST_STUDENTS)


def test_what_confined_them_is_recorded(graded: Graded) -> None:
    ran = [json.loads(line) for line in graded.lines.values() if json.loads(line)["status"] == "judged"]
    with_code = [line for line in ran if any(q["status"] != "missing" for q in line["questions"].values())]
    assert len(with_code) > 60
    assert all({"rlimits", "seccomp"} <= set(line["confinement"]) for line in with_code)


def test_the_terminal_hears_words_only(graded: Graded) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", graded.output)


def test_the_workbook_holds_text_where_students_write(graded: Graded) -> None:
    book = openpyxl.load_workbook(graded.folder / "grades.xlsx")
    rows = {cell.value for (cell,) in book["Scores"].iter_rows(min_row=2, max_col=1)}
    assert any(isinstance(value, str) and value.startswith("=cmd") for value in rows)
    formulas = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" and re.search(r"cmd|HYPERLINK\(\"http:|^=\+?1\+1|SUM\(A1\)$", str(cell.value))
    ]
    assert formulas == []


def test_the_pages_hold_no_script_of_a_students(graded: Graded) -> None:
    pages = [graded.folder / "index.html", *(graded.folder / "feedback").iterdir()]
    assert len(pages) == len(ENDING) + len(HONEST_STUDENTS) + 1
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script>alert|<img src=x|\"onmouseover|[\u202a-\u202e\u2066-\u2069]", text), page
    assert "{{ 7*7 }}" in pages[0].read_text(encoding="utf-8")


def test_the_pages_lie_in_their_folder(graded: Graded) -> None:
    assert {entry.name for entry in graded.folder.iterdir()} == {
        *("feedback", "grades.xlsx", "index.html", "results.jsonl", "store.sqlite")
    }
    assert all(entry.is_file() and not entry.is_symlink() for entry in (graded.folder / "feedback").iterdir())


def test_nothing_of_the_machine_is_told(graded: Graded) -> None:
    told = "".join(graded.lines.values()) + graded.output.replace(str(graded.folder), "")
    assert "the answers" not in told
    assert "root:x:" not in told
    assert str(os.getpid()) not in re.findall(r"\bpid \d+", told)
