"""The boundary: a child holds no expected value, and can neither import nor read what would tell it one."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from questions import question, thing, value

from grader.client import Limits, Worker
from grader.spawn import _homes, _readable

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("rubrics", "reference_solutions", "grader.compare", "grader.rubric", "grader.client", "grader.model")


def seen(worker: Worker, body: str) -> list[float]:
    got = value(worker.run([question("Q1", thing(body))], Limits(seconds=30)), "Q1")
    assert got is not None
    return [float(x) for x in np.atleast_1d(got)]


@pytest.mark.parametrize("layers", [None, ()], ids=["confined", "without a sandbox"])
def test_nothing_but_the_worker_can_be_imported(layers: tuple[str, ...] | None) -> None:
    body = f"""
import importlib
def works(name):
    try: importlib.import_module(name)
    except ImportError: return 0
    return 1
return np.array([works(n) for n in {FORBIDDEN!r}] + [works("grader.worker.program")])
"""
    with Worker(layers=layers) as worker:
        assert seen(worker, body) == [0] * len(FORBIDDEN) + [1]


def test_no_module_of_ours_but_the_workers_is_loaded() -> None:
    body = """
import sys
odd = [n for n in sys.modules if n.split(".")[0] in ("rubrics", "reference_solutions", "pytest", "pandas", "click")]
odd += [n for n in sys.modules if n.startswith("grader.") and not n.startswith("grader.worker")]
return np.array([len(odd)])
"""
    with Worker() as worker:
        assert seen(worker, body) == [0]


def test_no_path_leads_to_our_files() -> None:
    body = f"""
import sys
return np.array([sum(p.startswith({str(ROOT)!r}) or "site-packages" in p for p in sys.path)])
"""
    with Worker() as worker:
        assert seen(worker, body) == [0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Landlock or a nobody")
def test_our_files_cannot_be_read() -> None:
    files = [str(p) for name in ("grader/client.py", "rubrics", "reference_solutions") for p in [ROOT / name]]
    body = f"""
import os
def works(path):
    try: os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError: return 0
    return 1
return np.array([works(p) for p in {files!r}])
"""
    with Worker() as worker:
        if "landlock" not in worker.run([question("Q0")]).confinement:
            pytest.skip("no Landlock here")
        assert seen(worker, body) == [0] * len(files)
    with Worker(layers=()) as bare:  # the same files can be read without the layers
        assert seen(bare, body) == [1] * len(files)


def test_what_may_be_read_holds_nothing_of_ours_but_the_worker() -> None:
    readable = [Path(path) for path in _readable(_homes(("numpy",)), False)]
    for secret in (ROOT / "grader" / "client.py", ROOT / "rubrics", ROOT / "reference_solutions", ROOT / "tests"):
        assert not any(path == secret or path in secret.parents for path in readable)
    assert ROOT / "grader" / "worker" in readable
    assert not any(path.name in ("site-packages", "dist-packages") for path in readable)


def test_the_child_holds_no_value_but_its_inputs() -> None:
    # An expected value would be 2X: searched for among all arrays that the process can reach. The inputs are found.
    body = """
import gc
def held(v):
    found = 0
    for o in gc.get_objects():
        try:
            for item in (o if type(o) in (list, tuple) else o.values() if type(o) is dict else ()):
                found += type(item) is np.ndarray and item.shape == v.shape and bool((item == v).all())
        except RuntimeError: pass
    return found
return np.array([held(2 * X + 0) > 0, held(X + 0) > 0])
"""
    with Worker() as worker:
        assert seen(worker, body) == [0, 1]


def test_a_question_does_not_see_the_source_of_the_next() -> None:
    spying = thing(
        """
import gc
needle = "never" + "theless"
found = 0
for o in gc.get_objects():
    if type(o) is dict:
        try: found += any(type(v) is str and needle in v for v in o.values())
        except RuntimeError: pass
return np.array([found])
"""
    )
    with Worker() as worker:
        session = worker.run([question("Q1", spying), question("Q2", thing("return 2 * X  # nevertheless"))])
    got = value(session, "Q1")
    assert got is not None and got.tolist() == [0]
