"""What grading costs a submission, beside a bare lower bound measured in the same run.

    python benchmarks/throughput.py 200

Generates N submissions of sheet 004 (right variants and faulty layers, in the sheet's own notebook), grades them with
`grade` as a user would (one job, everything written), and then does the least that any grader must do: fork, execute
the class definitions, run the same cases unconfined and judge them in place, one BLAS thread. The last line is their
ratio; single figures mean little on a shared machine.
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

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

from grader.attempt import TENSOR_WORDS
from grader.catalogue import homework
from grader.client import torch_available
from grader.judges.code import judge
from grader.prepared import Prepared, prepare
from grader.rubric import CodeQuestion
from grader.verify import hand_ins
from grader.worker.interpreter import execute

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


def bare(submissions: list[dict[str, str]]) -> float:
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
            for one in prepared:
                _bare_question(one, sources[one.question.id])
            os._exit(0)
        os.waitpid(child, 0)
    return time.perf_counter() - begun


def _bare_question(prepared: Prepared, source: str) -> float:
    namespace = {"__name__": "submission"}
    tensors = any(word in source for word in TENSOR_WORDS) and torch_available()
    flavour = prepared.question.flavours[0] if tensors else {}
    try:
        exec(compile(source, "submission", "exec"), namespace)
    except Exception:
        return 0.0
    return judge(prepared, {c.case.name: execute(c.program, namespace, flavour) for c in prepared.cases}).earned


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
        least = subprocess.run(
            [sys.executable, __file__, "--bare", str(root / "sources.json")], check=True, capture_output=True, text=True
        )
    bound = float(least.stdout) / count
    print(f"grade       {graded * 1000:8.2f} ms a submission (whole command, {count} submissions, one job)")
    print(f"lower bound {bound * 1000:8.2f} ms a submission (fork, execute, run the cases, judge in place)")
    print(f"ratio {graded / bound:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        print(bare(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
