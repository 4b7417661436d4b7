"""`grade --policy`: totals in the workbook, the same results.jsonl, one sentence for a bad policy before grading."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from grader.cli import main

RELU = """
import numpy as np
class ReLU:
    def forward(self, input_array):
        return np.maximum(0, input_array)
    def backward(self, input_array, output_gradient):
        return output_gradient * (input_array > 0)
"""
POLICY = """
timezone = "Europe/Berlin"
[totals]
round_to = 0.25
[late]
grace = "5 min"
off_per_day = "10 %"
of = "earned"
[homework.numpy_layers]
due = "2026-03-28 23:59"
weight = "60 %"
[homework.two_layer_perceptron]
weight = "40 %"
"""
# clocks go forward on 29 March: 23:59 is 22:59 UTC before and 21:59 UTC after
TIMES = """id,time
amal,2026-03-28T23:04:00Z
bo,2026-03-28T23:04:01Z
cy,2026-03-29T21:59:01Z
"""
Grade = Callable[..., Result]


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    def run(*arguments: object, out: str = "out") -> Result:
        return CliRunner().invoke(main, [*map(str, arguments), "--out", str(tmp_path / out)])

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    for who in ("amal", "bo", "cy", "dana"):
        (made / f"{who}.py").write_text(RELU)
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "times.csv").write_text(TIMES)
    return made


def scores(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name="Scores").set_index("Student")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_totals_follow_the_policy_and_results_do_not(grade: Grade, folder: Path, tmp_path: Path) -> None:
    asked = (folder, "--homework", "numpy_layers", "--only", "Q3")
    done = grade(*asked, "--policy", tmp_path / "policy.toml", "--times", tmp_path / "times.csv")
    assert done.exit_code == 0, done.output
    assert "no submission time is known of 1 of 4 (dana)" in done.output
    out = tmp_path / "out" / "numpy_layers"
    found = scores(out / "grades.xlsx")
    # 2 points; 10 and 20 % of the earned ones off: 1.8 and 1.6, in quarters 1.75 and 1.5
    assert dict(found["Total"]) == {"amal": 2.0, "bo": 1.75, "cy": 1.5, "dana": 2.0}
    assert found.loc["cy", "Late"] == "2 days late (due 2026-03-28 23:59 +01:00): 20 % off"
    assert "2 days late" in (out / "feedback" / "cy.html").read_text(encoding="utf-8")
    assert "days late" not in (out / "feedback" / "amal.html").read_text(encoding="utf-8")

    assert grade(*asked, out="plain").exit_code == 0
    plain = tmp_path / "plain" / "numpy_layers"
    assert set(scores(plain / "grades.xlsx")["Total"]) == {2.0}
    assert (out / "results.jsonl").read_bytes() == (plain / "results.jsonl").read_bytes()


def test_several_homeworks_make_a_course(grade: Grade, folder: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    course.mkdir()
    folder.rename(course / "numpy_layers")
    (course / "two_layer_perceptron").mkdir()
    (course / "two_layer_perceptron" / "amal.md").write_text("Nothing yet.\n")
    done = grade(course, "--policy", tmp_path / "policy.toml", "--times", tmp_path / "times.csv")
    assert done.exit_code == 0, done.output
    found = pd.read_excel(tmp_path / "out" / "course.xlsx").set_index("Student")
    totals = {}
    for key in ("numpy_layers", "two_layer_perceptron"):
        rows = map(json.loads, (tmp_path / "out" / key / "results.jsonl").read_text(encoding="utf-8").splitlines())
        totals[key] = {row["student"]["id"]: row["score"] for row in rows}
    assert totals["numpy_layers"]["cy"] == 2.0
    assert dict(found["numpy_layers"]) == {"amal": 2.0, "bo": 1.75, "cy": 1.5, "dana": 2.0}
    assert found.loc["cy", "Course percent"] == pytest.approx(0.6 * 1.5 / 14, abs=1e-4)
    assert found.loc["cy", "Notes"] == "two_layer_perceptron: no hand-in"
    assert found["Notes"].isna()["amal"]

    def mark(points: str) -> tuple[str, pd.Series]:
        done = CliRunner().invoke(main, ["mark", "cy", "Q1", points, "--in", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
        return done.output, pd.read_excel(tmp_path / "out" / "course.xlsx").set_index("Student").loc["cy"]

    said, cy = mark("1")  # 20 % off 3 points: 2.4, in quarters 2.5
    assert (cy["numpy_layers"], cy["Notes"]) == (2.5, "two_layer_perceptron: no hand-in")
    assert cy["Course percent"] == pytest.approx(0.6 * 2.5 / 14, abs=1e-4)
    assert "course.xlsx" not in said
    (tmp_path / "out" / "two_layer_perceptron").rename(tmp_path / "moved")  # no course without it
    said, cy = mark("2")
    assert "course.xlsx still has the totals from before" in said and cy["numpy_layers"] == 2.5


@pytest.mark.parametrize(
    ("policy", "times", "says"),
    [
        (
            '[homework.numpy_layers]\ndue = "2026-03-28 23:59"\n',
            TIMES,
            ["policy.toml", "numpy_layers.due", "time zone"],
        ),
        ("[late]\ngrase = 1\n", TIMES, ["policy.toml", "late.grase", '"grace"']),
        (POLICY, "id,time\namal,soon\n", ["times.csv", "line 2"]),
        (POLICY, None, ["times.csv", "cannot be read"]),
        (None, TIMES, ["policy.toml", "cannot be read"]),
    ],
)
def test_a_bad_policy_stops_before_grading(
    grade: Grade, folder: Path, tmp_path: Path, policy: str | None, times: str | None, says: list[str]
) -> None:
    for name, text in (("policy.toml", policy), ("times.csv", times)):
        (tmp_path / name).unlink()
        if text is not None:
            (tmp_path / name).write_text(text)
    options = ("--policy", tmp_path / "policy.toml", "--times", tmp_path / "times.csv")
    done = grade(folder, "--homework", "numpy_layers", *options)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    for part in says:
        assert part in done.output
    assert not (tmp_path / "out").exists()


def test_times_without_a_policy_are_wrong_use(grade: Grade, folder: Path, tmp_path: Path) -> None:
    done = grade(folder, "--homework", "numpy_layers", "--times", tmp_path / "times.csv")
    assert (done.exit_code, "--policy" in done.output) == (2, True)


def test_a_policy_that_merely_lies_there_is_not_read(grade: Grade, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("nonsense")
    (folder / "policy.toml").write_text("nonsense")
    assert grade(folder, "--homework", "numpy_layers", "--only", "Q3").exit_code == 0
