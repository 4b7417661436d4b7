"""`grade --reveal`: what students may see stays hidden through every later command, and comes out when it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main

LATE_UPDATE = """
import numpy as np

class Linear:
    def __init__(self, n, k):
        self.W = np.zeros((n, k))
        self.b = np.zeros((1, k))
    def forward(self, X):
        return X @ self.W + self.b
    def backward(self, X, dY, lr):
        self.W = self.W - lr * X.T @ dY
        self.b = self.b - lr * dY.sum(axis=0, keepdims=True)
        return dY @ self.W.T
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "alva.py").write_text(LATE_UPDATE)
    return tmp_path


def grade(folder: Path, *more: str) -> Result:
    arguments = [str(folder / "class"), "--homework", "numpy_layers", "--only", "Q1", "--out", str(folder / "grades")]
    result = CliRunner().invoke(main, [*arguments, "--unconfined", *more])
    assert result.exit_code == 0, result.output
    return result


def page(folder: Path) -> str:
    return (folder / "grades" / "numpy_layers" / "feedback" / "alva.html").read_text(encoding="utf-8")


def shows(folder: Path) -> bool:
    """Whether the page tells what was expected, in a table or in words; the cause is there in any case."""
    text = page(folder)
    assert "W was updated before dX was computed" in text
    told = {">Expected <" in text, "expected -9" in text}
    assert len(told) == 1
    return told.pop()


def policy(folder: Path, due: str) -> str:
    path = folder / "policy.toml"
    path.write_text(f'timezone = "UTC"\n[homework.numpy_layers]\ndue = {due}\n')
    return str(path)


def test_expected_values_are_shown_unless_told_otherwise(folder: Path):
    grade(folder)
    assert shows(folder)


def test_never_holds_through_later_commands(folder: Path):
    grade(folder, "--reveal", "never")
    assert not shows(folder)
    where = ["--in", str(folder / "grades")]
    given = CliRunner().invoke(main, ["mark", "alva", "Q1", "1.75", "--comment", "Nearly", *where])
    assert given.exit_code == 0, given.output
    assert "Marked by your instructor: 1.75 of 2: Nearly" in page(folder)
    assert not shows(folder)
    # the instructor still sees everything
    why = CliRunner().invoke(main, ["explain", str(folder / "grades" / "numpy_layers"), "alva"]).output
    assert "expected -9" in why
    grade(folder)  # graded again with another wish, from the store
    assert shows(folder)


def test_after_due_without_a_due_date_hides_and_says_so(folder: Path):
    result = grade(folder, "--reveal", "after-due")
    assert not shows(folder)
    assert "after the due date, and none is set" in page(folder)
    assert "after the due date, and none is set" in result.output


def test_after_due_follows_the_policys_due_date(folder: Path):
    grade(folder, "--reveal", "after-due", "--policy", policy(folder, "2199-03-01T23:59:00"))
    assert not shows(folder)
    assert "due date has passed, after 2199-03-01 23:59" in page(folder)
    grade(folder, "--reveal", "after-due", "--policy", policy(folder, "2001-03-01T23:59:00"))
    assert shows(folder)


def test_after_due_waits_for_the_longest_extension(folder: Path):
    """Else a friend's page tells them to whoever still has time, with a hand-in already or without."""
    yesterday = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None) - timedelta(days=1)
    dates = policy(folder, yesterday.isoformat())
    plain = Path(dates).read_text()
    for who in ("alva", "bo"):
        waiver = f'[[waivers]]\nstudent = "{who}"\nhomework = "numpy_layers"\nextra_days = 300\n'
        Path(dates).write_text(plain + waiver)
        result = grade(folder, "--reveal", "after-due", "--policy", dates)
        assert not shows(folder)
        assert f"due date has passed, after {yesterday + timedelta(days=300):%Y-%m-%d %H:%M}" in page(folder)
        assert "Run the same command again then." in result.output
    excused = waiver.replace("extra_days = 300", 'extra_days = 300\nexcused = true\nreason = "illness"')
    for over in ("", excused, waiver.replace("numpy_layers", "matrix_calculus")):
        Path(dates).write_text(plain + over)
        grade(folder, "--reveal", "after-due", "--policy", dates)
        assert shows(folder)


def test_another_word_is_wrong_use(folder: Path):
    result = CliRunner().invoke(main, [str(folder / "class"), "--reveal", "sometimes"])
    assert result.exit_code == 2
    assert "after-due" in result.output
