"""The zygote: it follows orders, and neither it nor a child outlives the parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from questions import question, right, thing, value

from grader.channel import Channel, Gone, Late
from grader.client import Worker
from grader.spawn import Zygote
from grader.worker.library import ON_DEMAND, asked_for
from grader.worker.wire import encode_frame, encode_question

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def started(zygote: Zygote) -> Channel:
    channel = zygote.start(10.0, 1 << 30, 1 << 20)
    assert channel.receive(soon())[0]["type"] == "ready"
    return channel


def gone(pid: int, seconds: float = 20.0) -> bool:
    """Whether the process ends within so many seconds (a zombie has ended)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_a_child_says_that_it_is_ready_before_it_is_asked(zygote: Zygote) -> None:
    with started(zygote) as channel:
        assert channel.waiting() is False
        channel.send(encode_frame({"type": "end", "token": "t"}), soon())
        assert channel.receive(soon())[0] == {"type": "end", "token": "t"}
        with pytest.raises(Gone):
            channel.receive(soon())
    ending = zygote.reap()
    assert ending.status == 0 and not ending.killed


def test_how_a_child_ended_is_told(zygote: Zygote) -> None:
    with started(zygote) as channel:
        channel.send(encode_question(question("Q1", thing("import os\nos._exit(3)")), "t"), soon())
        with pytest.raises(Gone):
            channel.receive(soon())
    ending = zygote.reap()
    assert ending.status is not None and os.waitstatus_to_exitcode(ending.status) == 3


def test_a_child_that_will_not_end_is_killed(zygote: Zygote) -> None:
    with started(zygote) as channel:
        channel.send(encode_question(question("Q1", thing("while True: pass")), "t"), soon())
        with pytest.raises(Late):
            channel.receive(soon(0.3))
    ending = zygote.reap()
    assert ending.killed and ending.status is not None and os.waitstatus_to_exitcode(ending.status) == -signal.SIGKILL


def test_a_reap_without_a_child_says_so(zygote: Zygote) -> None:
    assert zygote.reap().status is None


def test_a_second_start_ends_the_first_child(zygote: Zygote) -> None:
    with started(zygote) as first, started(zygote) as second:
        with pytest.raises(Gone):
            first.receive(soon())
        assert second.waiting() is False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("how", ["killed", "closed"])
def test_nothing_outlives_the_parent(how: str) -> None:
    program = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "worker")!r}]
from grader.spawn import Zygote
from grader.worker.wire import encode_question
from questions import question, thing
z = Zygote()
c = z.start(30.0, 1 << 30, 1 << 20)
c.receive(time.monotonic() + 30)
c.send(encode_question(question("Q1", thing("while True: pass")), "t"), time.monotonic() + 5)
child = open(f"/proc/{{z.pid}}/task/{{z.pid}}/children").read().split()[0]
print(z.pid, child, z._folder, flush=True)
if {how == "closed"}:
    z.close()
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        zygote, child, folder = parent.stdout.readline().split()
        if how == "killed":
            parent.kill()
        assert gone(int(zygote)) and gone(int(child))
        assert not Path(folder).exists()
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()  # type: ignore[union-attr]


def test_the_child_dies_with_the_zygote(zygote: Zygote) -> None:
    with started(zygote) as channel:
        child = int(Path(f"/proc/{zygote.pid}/task/{zygote.pid}/children").read_text())
        os.kill(zygote.pid, signal.SIGKILL)
        assert gone(child)
        with pytest.raises(Gone):
            channel.receive(soon(5))


def test_files_beside_the_grader_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("numpy", "torch", "sitecustomize", "usercustomize", "json", "conftest"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Worker() as worker:
        assert right(worker.run([question("Q1")]), "Q1")


def test_the_environment_of_the_parent_stays_with_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    body = (
        "import os, ctypes\nlibc = ctypes.CDLL(None)\nreturn np.array([len(os.environ), libc.getenv(b'SECRET_TOKEN')])"
    )
    with Worker() as worker:
        got = value(worker.run([question("Q1", thing(body))]), "Q1")
    assert got is not None and got.tolist() == [0, 0]


def test_only_words_of_the_list_call_for_modules() -> None:
    assert asked_for(["import csv, antigravity\nfrom rubrics import x"]) == ("csv",)
    assert asked_for(["csvs = 1"]) == ()
    assert not {"antigravity", "socketserver", "webbrowser", "idlelib", "site"} & ON_DEMAND.keys()
