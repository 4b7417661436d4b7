"""pytest at the instructor's desk: one test a label and case, and nothing of a student's runs in pytest's process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RELU = """
import numpy as np
open("imported", "w")
class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)
    def backward(self, x, g):
        return g
"""


def pytest_at(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "amal.py").write_text(RELU)
    (folder / "conftest.py").write_text("open('conftest-was-loaded', 'w')")
    return folder, pytest_at(folder, "--submission", "amal.py", "--homework", "numpy_layers").stdout


def test_every_label_and_case_is_a_test_with_its_reason(run: tuple[Path, str]) -> None:
    _, output = run
    assert "Q3 Y: " in output
    assert "Q3 dX: " in output
    assert "Your backward hands dY on unchanged" in output
    assert "There is no class `Linear`" in output


def test_neither_the_script_nor_a_conftest_beside_it_is_imported(run: tuple[Path, str]) -> None:
    folder, _ = run
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == ["amal.py", "conftest.py"]


def test_without_the_option_pytest_goes_its_usual_way(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass")
    assert "1 passed" in pytest_at(tmp_path).stdout
