"""A machine that cannot confine, a folder that cannot be written, a disk that is full: one sentence, no harm done."""

from __future__ import annotations

import errno
import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from grader import batch, client
from grader.cli import NOT_JUDGED, main
from grader.client import Worker
from grader.export import files

RELU = """
import numpy as np
class ReLU:
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return dY * (X > 0)
"""
KEY = "numpy_layers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    for name in ("amal", "bo"):
        (tmp_path / "class" / f"{name}.py").write_text(RELU, "utf-8")
    return tmp_path


def grade(folder: Path, *options: str, out: Path | None = None) -> Result:
    arguments = [str(folder / "class"), "--homework", KEY, "--out", str(out or folder / "out"), *options]
    return CliRunner().invoke(main, arguments)


def lines(folder: Path) -> dict[str, Any]:
    text = (folder / "out" / KEY / "results.jsonl").read_text("utf-8")
    return {document["student"]["id"]: document for document in map(json.loads, text.splitlines())}


def one_sentence(result: Result) -> bool:
    """Whether the command said why in a line, and nothing like a traceback."""
    said = result.output.strip().splitlines()
    return len(said) == 1 and said[0].startswith("grade: ") and "Error" not in said[0]


# --- confinement ------------------------------------------------------------------------------------------------------


def test_without_any_layer_nothing_is_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = folder / "ran"
    tracing = f"    import os; os.makedirs({str(trace)!r}, exist_ok=True)\n"
    (folder / "class" / "cy.py").write_text(RELU + tracing, "utf-8")
    monkeypatch.setattr(client, "LAYERS", ("rlimits",))
    result = grade(folder)
    assert result.exit_code == NOT_JUDGED
    assert one_sentence(result) and "--unconfined" in result.output
    assert not trace.exists()
    # With consent it is run, and the gradebook says under what.
    assert grade(folder, "--unconfined").exit_code == 0
    assert trace.exists()
    assert lines(folder)["amal"]["score"] == 2.0
    assert lines(folder)["amal"]["confinement"] == ["rlimits"]
    about = openpyxl.load_workbook(folder / "out" / KEY / "grades.xlsx")["About"]
    said = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    assert str(said["Confinement missing"]).startswith("landlock, seccomp")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is no layer to be found")
def test_the_gradebook_says_what_confined_the_code(folder: Path) -> None:
    assert grade(folder).exit_code == 0
    about = openpyxl.load_workbook(folder / "out" / KEY / "grades.xlsx")["About"]
    said = {row[0]: str(row[1]) for row in about.iter_rows(values_only=True)}
    obtained = set(said["Confinement obtained"].split(", "))
    assert obtained == set(lines(folder)["amal"]["confinement"])
    assert ("Confinement missing" in said) == (not {"rlimits", "landlock", "seccomp"} <= obtained)


def test_a_child_that_the_kernel_kills_for_memory_is_too_big(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the kernel does when memory runs out, done by the code itself where no layer keeps it from that.
    (folder / "class" / "bo.py").write_text(RELU.replace("return np", "import os; os.kill(os.getpid(), 9); return np"))
    monkeypatch.setattr(batch, "Worker", functools.partial(Worker, layers=("rlimits",)))
    assert grade(folder).exit_code == 0
    assert lines(folder)["bo"]["questions"]["Q3"]["status"] == "too_big"
    assert lines(folder)["amal"]["score"] == 2.0


# --- files ------------------------------------------------------------------------------------------------------------


def test_an_output_folder_that_cannot_be_made(folder: Path) -> None:
    (folder / "file").write_text("in the way", "utf-8")
    result = grade(folder, out=folder / "file")
    assert result.exit_code == NOT_JUDGED
    assert one_sentence(result) and str(folder / "file") in result.output


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes where it likes")
def test_an_output_folder_that_is_read_only(folder: Path) -> None:
    out = folder / "out"
    out.mkdir(mode=0o555)
    result = grade(folder)
    assert result.exit_code == NOT_JUDGED
    assert one_sentence(result) and str(out) in result.output


def test_a_disk_that_fills_up_while_results_are_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        result = grade(folder)
    assert result.exit_code == NOT_JUDGED
    assert one_sentence(result) and os.strerror(errno.ENOSPC) in result.output
    again = grade(folder)
    assert again.exit_code == 0
    assert "2 of them unchanged" in again.output  # nothing is graded twice
    assert lines(folder)["amal"]["score"] == 2.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 100 kB, where one can be mounted."""
    at = tmp_path / "disk"
    at.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=100k", "none", str(at)]
    try:
        mounted = subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small file system can be mounted by root alone")
    yield at
    subprocess.run(["umount", "-l", str(at)], check=True, timeout=10)


def test_a_disk_that_is_full(folder: Path, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 60_000)
    result = grade(folder, out=small_disk / "out")
    assert result.exit_code == NOT_JUDGED
    assert one_sentence(result), result.output


def test_a_workbook_that_is_open_elsewhere(folder: Path) -> None:
    assert grade(folder).exit_code == 0
    out = folder / "out" / KEY
    before = (out / "grades.xlsx").read_bytes()
    (out / ".~lock.grades.xlsx#").write_text("", "utf-8")
    result = grade(folder)
    assert result.exit_code == 0
    assert "grades (2).xlsx" in result.output
    assert (out / "grades (2).xlsx").exists()
    assert (out / "grades.xlsx").read_bytes() == before


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # By a file system that refuses, because root may read whatever its mode.
    reading = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "bo.py":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return reading(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    result = grade(folder)
    assert result.exit_code == 0
    assert lines(folder)["bo"]["status"] == "unreadable"
    assert "bo.py cannot be read" in result.output
    assert lines(folder)["amal"]["score"] == 2.0
