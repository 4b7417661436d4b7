"""What grading costs a submission, beside a bare lower bound measured in the same run.

    python benchmarks/throughput.py 200

Generates N submissions of sheet 004 (right variants and faulty layers, in the sheet's own notebook), grades them with
`grade` as a user would (one job, everything written), and then does the least that any grader must do: fork, execute
the class definitions, run the same cases unconfined and judge them in place, one BLAS thread; and once more with the
50 steps of every net whose layers are right. The last lines are the ratios to both; single figures mean little on a
shared machine.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

from grader.attempt import TENSOR_WORDS
from grader.catalogue import homework
from grader.client import torch_available
from grader.judges.code import judge
from grader.prepared import Prepared, prepare
from grader.rubric import CodeQuestion
from grader.training import departure
from grader.verify import hand_ins
from grader.worker.interpreter import execute
from rubrics.numpy_layers.training import nets
from rubrics.numpy_layers.training.courses import courses
from rubrics.numpy_layers.training.parts import LAYERS

KEY = "numpy_layers"
WRONG = 0.3  # the share of layers that hold a fault


def questions() -> list[Prepared]:
    return [prepare(question, 0) for question in homework(KEY).questions if isinstance(question, CodeQuestion)]


def draw(prepared: list[Prepared], count: int) -> list[dict[str, str]]:
    """For each submission the source of each question's class."""
    rng = random.Random(2024)
    known: dict[str, tuple[list[str], list[str]]] = {}
    for one in prepared:
        sources = list(hand_ins(one))
        right = [source for kind, _, source, _ in sources if kind == "variant"]
        wrong = [source for kind, _, source, _ in sources if kind == "fault"]
        known[one.question.id] = right, wrong
    return [
        {name: rng.choice(wrong if rng.random() < WRONG else right) for name, (right, wrong) in known.items()}
        for _ in range(count)
    ]


def write_class(folder: Path, submissions: list[dict[str, str]], entries: dict[str, str]) -> None:
    """One notebook a student: the sheet, its classes to be filled in replaced by the drawn ones."""
    sheet = json.loads(Path(homework(KEY).sheet).read_text(encoding="utf-8"))
    for number, sources in enumerate(submissions):
        left = dict(sources)
        cells = []
        for cell in sheet["cells"]:
            text = "".join(cell["source"])
            name = next((q for q in left if cell["cell_type"] == "code" and f"class {entries[q]}(" in text), None)
            cells.append(cell if name is None else {**cell, "source": left.pop(name)})
        path = folder / f"student{number:04}.ipynb"
        path.write_text(json.dumps({**sheet, "cells": cells}), encoding="utf-8")


def bare(submissions: list[dict[str, str]], training: bool) -> float:
    """Seconds for all of them: the lower bound. Runs in a process of its own, see `main`."""
    prepared = questions()
    if torch_available() and any(
        word in source for one in submissions for source in one.values() for word in TENSOR_WORDS
    ):
        import torch

        torch.set_num_threads(1)
    begun = time.perf_counter()
    for sources in submissions:
        child = os.fork()
        if child == 0:
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (lives as long as the child)
            classes = {}
            for one in prepared:
                classes |= _bare_question(one, sources[one.question.id])
            if training:
                _bare_training(classes)
            os._exit(0)
        os.waitpid(child, 0)
    return time.perf_counter() - begun


def _bare_question(prepared: Prepared, source: str) -> dict[str, Any]:
    """The student's class by its name, where it earns every mark."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    tensors = any(word in source for word in TENSOR_WORDS) and torch_available()
    flavour = prepared.question.flavours[0] if tensors else {}
    try:
        exec(compile(source, "submission", "exec"), namespace)
    except Exception:
        return {}
    runs = {c.case.name: execute(c.program, namespace, flavour) for c in prepared.cases}
    entry = prepared.question.entry
    return {entry: namespace[entry]} if judge(prepared, runs).full else {}


def _bare_training(classes: dict[str, Any]) -> None:
    """The nets of which every layer is right; what the sheet gives is the reference's."""
    for course in courses(0):
        written = {layer.entry for layer in course.net.layers} | {course.net.loss}
        if written & set(LAYERS) <= set(classes) and not course.if_changed:
            departure(nets.course(course.net, classes), course.reference)


def main(count: int) -> None:
    prepared = questions()
    entries = {one.question.id: one.question.entry for one in prepared}
    submissions = draw(prepared, count)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "class").mkdir()
        write_class(root / "class", submissions, entries)
        (root / "sources.json").write_text(json.dumps(submissions), encoding="utf-8")
        begun = time.perf_counter()
        command = [sys.executable, "-c", "from grader.cli import main; main()", str(root / "class")]
        subprocess.run([*command, "--out", str(root / "out"), "--jobs", "1", "--homework", KEY], check=True)
        graded = (time.perf_counter() - begun) / count
        bounds = {}
        for option in ("--cases", "--training"):
            least = [sys.executable, __file__, option, str(root / "sources.json")]
            done = subprocess.run(least, check=True, capture_output=True, text=True)
            bounds[option] = float(done.stdout) / count
    cases, trained = bounds.values()
    print(f"grade              {graded * 1000:8.2f} ms a submission (whole command, {count} submissions, one job)")
    print(f"bound, cases alone {cases * 1000:8.2f} ms a submission (fork, execute, run the cases, judge in place)")
    print(f"bound, with nets   {trained * 1000:8.2f} ms a submission (the 50 steps of right nets as well)")
    print(f"ratio to the cases {graded / cases:.2f}")
    print(f"ratio with nets    {graded / trained:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] in (["--cases"], ["--training"]):
        known = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
        print(bare(known, training=sys.argv[1] == "--training"))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
