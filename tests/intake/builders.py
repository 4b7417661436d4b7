"""Small notebooks, scripts and hand-ins for the tests of intake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from grader.intake.archive import FileBytes
from grader.intake.assemble import assemble
from grader.intake.choose import choose
from grader.intake.discover import Submission
from grader.intake.evidence import Chunk, Evidence
from grader.intake.read import read_submission
from grader.intake.sheet import Sheet
from grader.model import Student

TEMPLATE = Path(__file__).parents[2] / "rubrics" / "sheets" / "numpy_layers.ipynb"
QUESTIONS = tuple(f"Q{number}" for number in range(1, 11))

BASE = """class Module:
    def __init__(self):
        self.with_weights = False
    def __call__(self, *inputs):
        return self.forward(*inputs)
"""
INIT = """    def __init__(self, n, k):
        super(Linear, self).__init__()
        self.W = np.zeros((n, k))
        self.b = np.zeros((1, k))
"""
FORWARD = """    def forward(self, X):
        return X @ self.W + self.b
"""
BACKWARD = """    def backward(self, X, dY, lr=0.05):
        dX = dY @ self.W.T
        self.W = self.W - lr * X.T @ dY
        self.b = self.b - lr * dY.sum(0, keepdims=True)
        return dX
"""
LINEAR = f"class Linear(Module):\n{INIT}{FORWARD}{BACKWARD}"
IMPORT = "import numpy as np\n"


@cache
def sheet() -> Sheet:
    """Programming Assignment 3."""
    return Sheet.from_notebook(TEMPLATE, QUESTIONS)


def md(source: str, **more: Any) -> dict[str, Any]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code(source: str, outputs: list[Any] | None = None) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs or [], "execution_count": None}


def heading(question: str) -> dict[str, Any]:
    """A question's heading as a cell."""
    return md(f"#### {question} (2 points). Do it.")


def notebook(*cells: Any) -> bytes:
    """A format 4 notebook."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def template() -> dict[str, Any]:
    """The sheet's blank notebook as a tree."""
    tree: dict[str, Any] = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    return tree


def submission(folder: Path, files: Mapping[str, bytes | str]) -> Submission:
    """A hand-in with these files, written below `folder`."""
    found = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found.append(FileBytes(name, path))
    return Submission(Student("amal", "Amal"), folder, tuple(found))


def read(folder: Path, *cells: Any) -> Evidence:
    """The evidence of one notebook, hw.ipynb."""
    return read_files(folder, {"hw.ipynb": notebook(*cells)})


def read_files(folder: Path, files: Mapping[str, bytes | str]) -> Evidence:
    """The evidence of a hand-in with several files."""
    return read_submission(submission(folder, files), sheet())


def chunk(evidence: Evidence, entry: str = "Linear", section: str = "Q1", generous: bool = False) -> Chunk:
    """Choose and assemble."""
    choice = choose(evidence, entry, section, sheet())
    assert choice.definition is not None, choice
    return assemble(evidence, {entry: choice.definition}, sheet(), generous)


def run(assembled: Chunk) -> dict[str, Any]:
    """The namespace after the pieces have been executed, as the student's process would have it."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    for piece in assembled.pieces:
        exec(compile("from __future__ import annotations\n" + piece.source, piece.name, "exec"), namespace)
    return namespace
