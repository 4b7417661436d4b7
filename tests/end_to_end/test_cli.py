"""The command as a user types it: its files, its exit codes, its sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from grader.cli import main

RIGHT_RELU = """
import numpy as np
class ReLU:
    def forward(self, input_array):
        return np.maximum(0, input_array)
    def backward(self, input_array, output_gradient):
        return output_gradient * (input_array > 0)
"""
WRONG_RELU = RIGHT_RELU.replace("output_gradient * (input_array > 0)", "output_gradient")
RIGHT_LINEAR = """
import numpy as np
class Linear:
    def __init__(self, n, k):
        self.W, self.b = np.zeros((n, k)), np.zeros((1, k))
    def forward(self, x):
        return x @ self.W + self.b
    def backward(self, x, g, lr=0.05):
        dx = g @ self.W.T
        self.W, self.b = self.W - lr * x.T @ g, self.b - lr * g.sum(0, keepdims=True)
        return dx
"""

Grade = Callable[..., Result]


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments), "--out", str(tmp_path / "out")])

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    (made / "right.py").write_text(RIGHT_RELU + RIGHT_LINEAR)
    (made / "wrong.py").write_text(WRONG_RELU + RIGHT_LINEAR)
    return made


def results(tmp_path: Path) -> dict[str, dict[str, object]]:
    lines = (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {document["student"]["id"]: document for document in map(json.loads, lines)}


def test_a_class_is_graded_into_all_its_files(grade: Grade, folder: Path, tmp_path: Path) -> None:
    result = grade(folder, "--homework", "numpy_layers")
    assert result.exit_code == 0, result.output
    out = tmp_path / "out" / "numpy_layers"
    assert sorted(path.name for path in out.iterdir()) == [
        "feedback",
        "grades.xlsx",
        "index.html",
        "results.jsonl",
        "store.sqlite",
    ]
    assert sorted(path.name for path in (out / "feedback").iterdir()) == ["right.html", "wrong.html"]
    found = results(tmp_path)
    assert (found["right"]["score"], found["wrong"]["score"]) == (4.0, 3.0)
    assert found["wrong"]["questions"]["Q3"]["labels"]["dX"]["faults"] == ["relu.passes-all"]  # type: ignore[index]
    sheet = openpyxl.load_workbook(out / "grades.xlsx", data_only=True)["Scores"]
    header = [cell.value for cell in sheet[1]]
    assert header[:2] == ["Student", "Name"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["wrong"][header.index("Total")] == 3.0
    assert rows["right"][header.index("Q1")] == 2.0


def test_the_same_run_gives_the_same_bytes_and_an_unchanged_one_judges_nothing(
    grade: Grade, folder: Path, tmp_path: Path
) -> None:
    grade(folder, "--homework", "numpy_layers")
    first = (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_bytes()
    again = grade(folder, "--homework", "numpy_layers")
    assert "2 of them unchanged" in again.output
    assert (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_bytes() == first
    (tmp_path / "out" / "numpy_layers" / "store.sqlite").unlink()
    grade(folder, "--homework", "numpy_layers", "--jobs", 1)
    assert (tmp_path / "out" / "numpy_layers" / "results.jsonl").read_bytes() == first


def test_a_changed_submission_is_judged_again(grade: Grade, folder: Path, tmp_path: Path) -> None:
    grade(folder, "--homework", "numpy_layers")
    (folder / "wrong.py").write_text(RIGHT_RELU + RIGHT_LINEAR)
    assert "1 of them unchanged" in grade(folder, "--homework", "numpy_layers").output
    assert results(tmp_path)["wrong"]["score"] == 4.0


def test_the_seed_changes_the_hidden_cases_and_no_verdict(grade: Grade, folder: Path, tmp_path: Path) -> None:
    grade(folder, "--homework", "numpy_layers", "--seed", 1)
    one = results(tmp_path)
    grade(folder, "--homework", "numpy_layers", "--seed", 2)
    assert {name: found["score"] for name, found in results(tmp_path).items()} == {
        n: f["score"] for n, f in one.items()
    }


def test_only_some_questions(grade: Grade, folder: Path, tmp_path: Path) -> None:
    assert grade(folder, "--homework", "numpy_layers", "--only", "Q3").exit_code == 0
    assert list(results(tmp_path)["right"]["questions"]) == ["Q3"]  # type: ignore[call-overload]


def test_only_some_questions_of_a_file_that_cannot_be_read(grade: Grade, folder: Path, tmp_path: Path) -> None:
    """It reports what was asked and nothing else, or everybody would seem to have missed the rest."""
    (folder / "broken.ipynb").write_text("{ no notebook")
    assert grade(folder, "--homework", "numpy_layers", "--only", "Q3").exit_code == 0
    judged = results(tmp_path)
    assert judged["broken"]["status"] == "unreadable"
    assert sorted(judged) == ["broken", "right", "wrong"]
    assert all(list(document["questions"]) == ["Q3"] for document in judged.values())  # type: ignore[call-overload]


def test_one_file_is_one_submission(grade: Grade, folder: Path, tmp_path: Path) -> None:
    assert grade(folder / "right.py", "--homework", "numpy_layers").exit_code == 0
    assert list(results(tmp_path)) == ["right"]


def test_a_bad_submission_costs_nobody_else_anything(grade: Grade, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.ipynb").write_text('{"cells": [')
    (folder / "empty.py").write_text("")
    (folder / "nothing").mkdir()
    result = grade(folder, "--homework", "numpy_layers")
    assert result.exit_code == 0
    found = results(tmp_path)
    assert found["broken"]["status"] == "unreadable"
    assert "broken.ipynb" in result.output
    assert found["empty"]["score"] == 0
    assert found["empty"]["questions"]["Q1"]["status"] == "missing"  # type: ignore[index]
    assert (found["right"]["score"], found["wrong"]["score"]) == (4.0, 3.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere"),
        (["{empty}"], "no submission"),
        (["{class}", "--homework", "chemistry"], "numpy_layers"),
        (["{class}", "--homework", "numpy_layers", "--only", "Q99"], "Q99"),
        (["{prose}"], "--homework"),
        (["export", "{empty}", "--to", "csv"], "results.jsonl"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    folder: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose" / "amal.py").write_text("print('hello')")
    places = {"{empty}": tmp_path / "empty", "{class}": folder, "{prose}": tmp_path / "prose"}
    result = CliRunner().invoke(main, [str(places.get(argument, argument)) for argument in arguments])
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_the_homework_is_recognised(grade: Grade, folder: Path, tmp_path: Path) -> None:
    (folder / "right.py").write_text(RIGHT_RELU + RIGHT_LINEAR + "class CrossEntropyLoss: pass\nclass Conv1d: pass\n")
    assert grade(folder).exit_code == 0
    assert set(results(tmp_path)) == {"right", "wrong"}


def test_a_roster_gives_names(grade: Grade, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nright,Amal Right\n", encoding="utf-8")
    grade(folder, "--homework", "numpy_layers", "--roster", tmp_path / "roster.csv")
    assert results(tmp_path)["right"]["student"] == {"id": "right", "name": "Amal Right"}


def test_hidden_inputs_never_reach_the_feedback(grade: Grade, folder: Path, tmp_path: Path) -> None:
    (folder / "teller.py").write_text(
        RIGHT_RELU.replace(
            "return np.maximum(0, input_array)", "y = input_array * 1; raise ValueError(repr(y.tolist()))"
        )
    )
    grade(folder, "--homework", "numpy_layers")
    from grader.catalogue import homework
    from grader.rubric import CodeQuestion

    question = next(q for q in homework("numpy_layers").questions if q.id == "Q3")
    assert isinstance(question, CodeQuestion)
    hidden = [repr(x) for case in question.draw(0) if not case.public and case.ordinary for x in case.X.flat if x > 0]
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in (tmp_path / "out" / "numpy_layers").rglob("*")
        if path.suffix in {".html", ".jsonl"}
    )
    assert "ValueError" in written
    assert not [number for number in hidden if number[:8] in written]
