"""The grader killed, stopped, or bereft of its workers in the middle of a class: nothing lost, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found by way of /proc")

QUICK = """
import numpy as np
class ReLU:
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return dY * (X > 0)
"""
SLOW = QUICK.replace("        return np.max", "        import time; time.sleep(0.03)\n        return np.max")
ENDLESS = QUICK.replace("        return np.max", "        while True: pass\n        return np.max")
KEY = "numpy_layers"


class Run:
    """The command in a process of its own, whose workers' folders lie in `folder`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, "-c", "from grader.cli import main; main()", str(folder / "class")]
        self.process = subprocess.Popen(
            [*command, "--homework", KEY, "--out", str(folder / "out"), "--jobs", "2", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(folder)},
        )

    def wait(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=180)
        return self.process.returncode, out, err

    def workers(self) -> list[int]:
        """Zygotes and children, by their working folder."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str((entry / "cwd").readlink()).startswith(f"{self.folder}{os.sep}"):
                    found.append(int(entry.name))
        return found


def until(true: Callable[[], object], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def parent_of(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
    return 0


def stored(folder: Path) -> int:
    """How many results the store holds: each one is written when it is finished."""
    import sqlite3

    with suppress(sqlite3.Error):
        path = folder / "out" / KEY / "store.sqlite"
        if path.exists():
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            try:
                return int(connection.execute("SELECT count(*) FROM results").fetchone()[0])
            finally:
                connection.close()
    return 0


def results(folder: Path) -> bytes:
    return (folder / "out" / KEY / "results.jsonl").read_bytes()


def write_class(folder: Path, sources: dict[str, str]) -> None:
    (folder / "class").mkdir(exist_ok=True)
    for name, source in sources.items():
        (folder / "class" / f"{name}.py").write_text(source, "utf-8")


SIX = {f"student-{number}": SLOW for number in range(6)}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    write_class(folder, SIX)
    code, _, err = Run(folder).wait()
    assert code == 0, err
    yield results(folder)


@pytest.mark.parametrize("moment", ["starting", "running", "some results"])
def test_kill_9_leaves_no_process_and_the_next_run_goes_on(tmp_path: Path, undisturbed: bytes, moment: str) -> None:
    write_class(tmp_path, SIX)
    run = Run(tmp_path)
    reached = {
        "starting": lambda: run.workers(),
        "running": lambda: any(parent_of(pid) != run.process.pid for pid in run.workers()),
        "some results": lambda: stored(tmp_path) >= 2,
    }[moment]
    assert until(reached)
    run.process.kill()
    run.wait()
    kept = stored(tmp_path)
    assert until(lambda: not run.workers()), run.workers()
    code, out, err = Run(tmp_path).wait()
    assert code == 0, err
    assert results(tmp_path) == undisturbed
    said = re.search(r"(\d+) of them unchanged", out)
    assert int(said[1] if said else 0) == kept


def test_control_C_says_one_sentence_keeps_what_is_done_and_leaves_nothing(tmp_path: Path) -> None:
    write_class(tmp_path, {"amal": QUICK, "bo": QUICK, "zoe": ENDLESS, "zorro": ENDLESS})
    run = Run(tmp_path)
    assert until(lambda: stored(tmp_path) == 2)
    run.process.send_signal(signal.SIGINT)
    code, _, err = run.wait()
    assert code == 130
    assert stored(tmp_path) == 2  # the two endless loops were not waited for
    assert err.count("\n") == 1 and "goes on from there" in err
    assert until(lambda: not run.workers())


def test_a_zygote_that_dies_is_started_again(tmp_path: Path, undisturbed: bytes) -> None:
    write_class(tmp_path, SIX)
    run = Run(tmp_path)
    killed = []
    for enough in (1, 3):
        assert until(lambda: stored(tmp_path) >= enough)  # noqa: B023 (used at once)
        for pid in run.workers():
            if parent_of(pid) == run.process.pid:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
    code, _, err = run.wait()
    assert code == 0, err
    assert len(killed) >= 2
    assert results(tmp_path) == undisturbed
    assert not run.workers()
