"""Outsized files are read by another process first; what it does not survive does not reach this one."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import pytest

from grader.intake import rehearsal
from grader.intake.discover import submission_at
from grader.intake.document import Unreadable
from grader.intake.read import read_submission
from grader.intake.rehearsal import MAX_CODE, outsized, rehearse
from grader.intake.sheet import Sheet

SHEET = Sheet.from_notebook(Path(__file__).parents[2] / "rubrics" / "sheets" / "numpy_layers.ipynb", ["Q1", "Q3"])
RELU = "class ReLU:\n    def forward(self, X):\n        return X * (X > 0)\n"


def reads(name: str, data: bytes) -> None:
    """Comes through."""


def refuses(name: str, data: bytes) -> None:
    raise Unreadable(f"{name} is full of eels.")


def crashes(name: str, data: bytes) -> None:
    os.abort()


def fails(name: str, data: bytes) -> None:
    raise KeyError(name)


def hangs(name: str, data: bytes) -> None:
    time.sleep(60)


def devours(name: str, data: bytes) -> None:
    held = [b"x" * (64 << 20) for _ in range(1 << 10)]
    raise AssertionError(len(held))


def gives_up_for_want_of_memory(name: str, data: bytes) -> None:
    held = []
    try:
        while True:
            held.append(bytearray(os.urandom(1 << 20)) * 16)
    except MemoryError:
        held.clear()


def test_what_comes_through_says_nothing_and_what_refuses_says_its_sentence() -> None:
    rehearse(reads, "hw.py", b"")
    with pytest.raises(Unreadable, match=r"hw\.py is full of eels\."):
        rehearse(refuses, "hw.py", b"")


@pytest.mark.parametrize("reading", [crashes, fails, devours, gives_up_for_want_of_memory])
def test_what_dies_or_is_out_of_memory_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, reading: rehearsal.Reading
) -> None:
    monkeypatch.setattr(rehearsal, "MEMORY", 100 << 20)
    with pytest.raises(Unreadable, match=r"hw\.py cannot be read: it takes more memory or time"):
        rehearse(reading, "hw.py", b"")


def test_what_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "SECONDS", 2)
    with pytest.raises(Unreadable, match="memory or time"):
        rehearse(hangs, "hw.py", b"")


def test_ordinary_files_are_not_rehearsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    picture = "A" * 3_000_000  # a plot of 2 MB
    output = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    cell = {"cell_type": "code", "source": RELU, "outputs": [output], "metadata": {}}
    data = json.dumps({"nbformat": 4, "cells": [cell] * 3}).encode()
    assert not outsized(data)
    (tmp_path / "hw.ipynb").write_bytes(data)
    monkeypatch.setattr(rehearsal.subprocess, "run", None)
    assert read_submission(submission_at(tmp_path / "hw.ipynb"), SHEET).unreadable is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hw.ipynb", b'{"cells": [' + b"[]," * 2_000_000 + b"[]]}"),
        ("hw.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": f"x = [{'1,' * 90_000}]"}] * 5}).encode()),
        ("hw.py", b"x = [" + b"-1," * 300_000 + b"]"),
    ],
    ids=["a JSON of empty lists", "cells of numbers", "a script of numbers"],
)  # fmt: skip
def test_a_bomb_does_not_blow_up_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes) -> None:
    monkeypatch.setattr(rehearsal, "MEMORY", 32 << 20)
    (tmp_path / name).write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    evidence = read_submission(submission_at(tmp_path / name), SHEET)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert evidence.unreadable is not None and name in evidence.unreadable
    assert after - before < 200 << 10  # kilobytes


def test_a_large_honest_file_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("data = '" + "x" * (MAX_CODE + 1) + "'\n" + RELU)
    evidence = read_submission(submission_at(tmp_path / "hw.py"), SHEET)
    assert evidence.unreadable is None
    assert any("ReLU" in definition.names for definition in evidence.definitions)


def test_many_files_of_much_code_are_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "amal").mkdir()
    (tmp_path / "amal" / "a.py").write_text(RELU)
    for number in range(12):
        (tmp_path / "amal" / f"b{number}.py").write_text(f"x = {number}\ny = '{'z' * 150_000}'\n")
    evidence = read_submission(submission_at(tmp_path / "amal"), SHEET)
    assert evidence.unreadable is None
    assert sum("more code than any homework" in note for note in evidence.notes) == 6
