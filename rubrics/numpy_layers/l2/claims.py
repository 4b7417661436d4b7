"""What Q6 promises, each to be tried: every fault loses the update and is named, every right variant keeps it."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from grader.bench import Bench
from grader.model import Status
from grader.rubric import Claim, Fault, Homework, Row
from grader.verify import checked_row
from grader.worker.interpreter import execute
from reference_solutions.layers import L2Linear, Linear, Module
from rubrics.numpy_layers.faults.l2 import faults
from rubrics.numpy_layers.l2.naming import named
from rubrics.numpy_layers.l2.solving import solve, vectors
from rubrics.numpy_layers.l2.trial import QUESTION
from rubrics.numpy_layers.l2.ways import Way, program

LAMBDA = 0.05  # what the reference and the faults are tried with


def claims(homework: Homework, seed: int = 0) -> Iterator[Claim]:
    """The reference and every fault in this process; these and the variants as hand-ins through the worker."""
    yield Claim("Q6 reference here", partial(_here, None, seed))
    for fault in faults.all:
        yield Claim(f"Q6 {fault.id} here", partial(_here, fault, seed))
    bench = Bench(homework, seed)
    try:
        check = partial(_in_worker, bench, "reference", QUESTION, source(), None)
        yield Claim("Q6 reference in the worker", check, True)
        for fault in faults.all:
            check = partial(_in_worker, bench, "fault", fault.id, source(fault.make), fault)
            yield Claim(f"Q6 fault {fault.id} in the worker", check, True)
        for name, text in variants():
            check = partial(_in_worker, bench, "variant", name, text, None)
            yield Claim(f"Q6 variant {name} in the worker", check, True)
    finally:
        bench.close()


def variants() -> Iterator[tuple[str, str]]:
    """The right answers written differently: the files of ``variants/l2/``, each a cell under Q6."""
    for path in sorted((Path(__file__).parent.parent / "variants" / "l2").glob("*.py")):
        yield path.stem, path.read_text(encoding="utf-8")


def source(make: type | None = None) -> str:
    """The reference with L2, or a fault of it, as a student could hand it in: one class on top of Q1's Linear."""
    methods: dict[str, ast.stmt] = {}
    for layer in (L2Linear, *([make] if make else [])):
        tree = ast.parse(textwrap.dedent(inspect.getsource(layer))).body[0]
        assert isinstance(tree, ast.ClassDef)
        methods |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return "class Linear(Linear):\n" + textwrap.indent("\n\n".join(map(ast.unparse, methods.values())), "    ")


def notebook(code: str, first: str | None = None) -> str:
    """A notebook with Q1's Linear (the reference's unless `first` is given) and `code` under the heading of Q6."""
    given = f"import numpy as np\n\nArray = np.ndarray\n\n{inspect.getsource(Module)}"
    cells = [
        ("code", given),
        ("markdown", "#### Q1 (2 points). Linear layer"),
        ("code", first if first is not None else inspect.getsource(Linear)),
        ("markdown", "#### Q6 (1 point). Add L2 regularization for linear layer."),
        ("code", code),
    ]
    made = [
        {"cell_type": kind, "metadata": {}, "source": text}
        | ({"execution_count": 1, "outputs": []} if kind == "code" else {})
        for kind, text in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _here(fault: Fault | None, seed: int) -> Row:
    make = fault.make if fault else L2Linear
    layer = {"Linear": lambda n, k: make(n, k, LAMBDA)}
    runs = {vector: execute(program(vector, Way()), layer) for vector in vectors(seed)}
    found = named(solve(runs), runs)
    lost = () if found.right else ("update",)
    said = "" if found.lambda_ is None or abs(found.lambda_ - LAMBDA) < 1e-6 else f"λ comes out as {found.lambda_:g}"
    kind, name = ("fault", fault.id) if fault else ("reference", QUESTION)
    return checked_row(QUESTION, kind, name, "here", fault, lost, (found.fault,) if found.fault else (), said)


def _in_worker(bench: Bench, kind: str, name: str, code: str, fault: Fault | None) -> Row:
    report = bench.grade("hand_in.ipynb", notebook(code), [QUESTION]).questions[0]
    update = next(label for label in report.labels if label.label == "update")
    lost = () if update.status is Status.PASSED else ("update",)
    waits = update.status is Status.NEEDS_HUMAN
    said = f"is flagged: {'; '.join(report.flags)}" if kind == "variant" and report.flags else ""
    if waits and kind == "fault":
        said = f"waits for a human: {update.message}"
    if waits and kind == "variant" and bench.standin:
        lost = ()  # a stand-in may leave a right answer waiting, never lose it a mark
    return checked_row(QUESTION, kind, name, "worker", fault, lost, update.faults[:1], said)
