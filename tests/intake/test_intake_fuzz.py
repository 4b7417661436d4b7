"""Whatever the bytes, reading ends, and ends in evidence or in a sentence."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake.choose import choose
from grader.intake.discover import discover
from grader.intake.read import read_submission

from .builders import LINEAR, chunk, code, heading, md, notebook, read_files, sheet, template

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
WHOLE = notebook(*template()["cells"], heading("Q1"), code(LINEAR))
PIECES = st.sampled_from(
    [
        "class Linear(",
        "def f(self):",
        "    ",
        "\n",
        "'''",
        '"',
        "(",
        ")",
        "[",
        "=",
        "x",
        ":",
        "#",
        "%",
        "!",
        "?",
        "\\",
        "\t",
        "return",
        "@",
        "Q1",
        "\r",
        "é",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "source",
                    "cell_type",
                    "outputs",
                    "data",
                    "text",
                    "attachments",
                    "input",
                    "code",
                    "markdown",
                    "image/png",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def survives(folder: Path, name: str, data: bytes) -> None:
    start = time.process_time()
    evidence = read_files(folder, {name: data})
    choice = choose(evidence, "Linear", "Q1", sheet())
    if choice.definition is not None:
        chunk(evidence)
    json.dumps([evidence.unreadable, evidence.notes, [c.source for c in evidence.cells]], ensure_ascii=False).encode()
    assert time.process_time() - start < 30  # far above what it takes, far below what backtracking would


@FUZZ
@given(data=st.binary(max_size=400), name=st.sampled_from(["hw.py", "hw.ipynb"]))
def test_any_bytes(tmp_path_factory, data, name):
    survives(tmp_path_factory.getbasetemp(), name, data)


@FUZZ
@given(at=st.integers(0, len(WHOLE)), length=st.integers(0, 2000), put=st.binary(max_size=6))
def test_a_mutated_notebook(tmp_path_factory, at, length, put):
    survives(tmp_path_factory.getbasetemp(), "hw.ipynb", WHOLE[:at] + put + WHOLE[at + length :])


@FUZZ
@given(cells=st.lists(JSON, max_size=4))
def test_any_json(tmp_path_factory, cells):
    survives(tmp_path_factory.getbasetemp(), "hw.ipynb", json.dumps({"cells": cells}).encode())


@FUZZ
@given(parts=st.lists(PIECES, max_size=40), notebook_too=st.booleans())
def test_any_source(tmp_path_factory, parts, notebook_too):
    source = "".join(parts)
    folder = tmp_path_factory.getbasetemp()
    if notebook_too:
        survives(folder, "hw.ipynb", notebook(heading("Q1"), code(source)))
    else:
        survives(folder, "hw.py", source.encode())


@FUZZ
@given(at=st.integers(0, 600), put=st.binary(min_size=1, max_size=4))
def test_a_mutated_zip(tmp_path_factory, at, put):
    path = tmp_path_factory.getbasetemp() / "amal.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hw.ipynb", notebook(heading("Q1"), code(LINEAR)))
        archive.writestr("b/hw.py", LINEAR)
    data = path.read_bytes()
    path.write_bytes(data[:at] + put + data[at + len(put) :])
    for submission in discover(path):
        evidence = read_submission(submission, sheet())
        assert evidence.unreadable is None or evidence.unreadable.endswith(".")


def test_nothing_that_grows_hangs(tmp_path):
    floods = [
        "x = (\n" * 1500,
        "<q" * 10000,
        "![" * 10000,
        " " * 15000,
        "\n" * 15000,
        '"\\"' * 5000,
        "?" + " " * 10000 + "x",
        "Q" + "1" * 2250,
        "#" * 15000,
        "your " * 3000,
        "<!--" * 5000,
        "*" * 15000,
        "a = \n" * 1000,
        "class A:\n  x = \n" * 1250,
        "= " * 5000,
        "`" * 10000,
        "def f(:\n" * 1000,
        "\x1b]" * 5000,
        "data:image/png;base64," * 2500,
        "$$\n" * 1000,
        "@a\n" * 2500,
        "    x =\n" * 1000,
    ]
    for flood in floods:
        for cell in (code(flood), md(flood), code("!\n" + flood)):
            survives(tmp_path, "hw.ipynb", notebook(heading("Q4"), cell))
        survives(tmp_path, "hw.py", ("x = 1\n" + flood).encode())
