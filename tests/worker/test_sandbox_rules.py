"""Each layer refuses what it is there for, and nothing else does: the same act succeeds without the layer."""

from __future__ import annotations

import os
import struct
import sys
import time

import numpy as np
import pytest
from questions import kind, question, right, thing

from grader.channel import Gone
from grader.client import Limits, QuestionReply, Worker
from grader.doctor import KNOWN_HARMLESS, examine, open_escapes
from grader.worker.sandbox import landlock, seccomp
from grader.worker.wire import encode_question

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these layers are Linux's")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

FILES = {"read /etc/passwd", "read a rubric or the grader's code", "list the root folder"}
WRITES = {"write a file in its own folder", "write a file in /tmp", "make a symbolic link", "make a named pipe"}
SECCOMP = {
    *("open a TCP socket", "open a UDP socket", "open a Unix socket", "start a process", "start a thread"),
    *("start a program", "send a signal to the parent", "change the parent's limits", "set a timer"),
    *("make a file in memory", "use io_uring", "leave its namespaces", "enter another namespace", "mount"),
    *("change the mode of a file", "change the times of a file", "use the kernel's keyring"),
}
IMPORTS = {"import the rubrics", "import the reference solutions", "import the comparison"}


def through(*layers: str) -> set[str]:
    with Worker(layers=layers) as worker:
        found, obtained = open_escapes(worker)
    missing = set(layers) - set(obtained) - ({"nobody"} if not ROOT else set())
    if missing:
        pytest.skip(f"this machine does not offer {missing}")
    return set(found)


@pytest.fixture(scope="module")
def bare() -> set[str]:
    return through()


def test_without_layers_the_attempts_get_through(bare: set[str]) -> None:
    assert bare >= FILES
    assert bare >= WRITES
    kernel_may_lack = {"use io_uring", "use the kernel's keyring"}
    privileged = set() if ROOT else {"mount", "enter another namespace"}
    assert SECCOMP - kernel_may_lack - privileged <= bare


def test_imports_are_out_of_reach_even_without_layers(bare: set[str]) -> None:
    assert not bare & IMPORTS


def test_landlock_refuses_files_and_leaves_the_rest(bare: set[str]) -> None:
    open_with = through("landlock")
    assert not open_with & (FILES | WRITES)
    assert {"open a UDP socket", "start a process", "make a file in memory"} <= open_with


def test_seccomp_refuses_calls_and_leaves_reading(bare: set[str]) -> None:
    open_with = through("seccomp")
    assert not open_with & SECCOMP
    assert not open_with & WRITES
    assert open_with >= FILES


def test_all_layers_together_leave_nothing_that_matters() -> None:
    assert through("rlimits", "nobody", "landlock", "seccomp") <= KNOWN_HARMLESS


@pytest.mark.skipif(not ROOT, reason="only root can become nobody")
def test_nobody_cannot_become_root_again(bare: set[str]) -> None:
    assert "become root" in bare
    assert "become root" not in through("nobody")


def test_where_landlock_is_missing_seccomp_refuses_every_open() -> None:
    # The filter for such a machine, run by a small interpreter of the filter's own language.
    strict, usual = seccomp.build_filter(False, "x86_64"), seccomp.build_filter(True, "x86_64")
    assert strict is not None and usual is not None
    numbers = seccomp.ARCHITECTURES["x86_64"][1]
    assert verdict(usual, numbers["openat"], (0, 0, os.O_RDONLY)) == seccomp.ALLOW
    assert verdict(usual, numbers["openat"], (0, 0, os.O_RDWR)) != seccomp.ALLOW
    for name in ("openat", "stat", "lstat", "getdents64"):
        assert verdict(strict, numbers[name], (0, 0, os.O_RDONLY)) != seccomp.ALLOW
    assert verdict(strict, numbers["newfstatat"], (0, 0, 0, 0x1000)) == seccomp.ALLOW
    assert verdict(strict, numbers["newfstatat"], (0, 0, 0, 0)) != seccomp.ALLOW


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_allows_its_list_and_nothing_else(machine: str) -> None:
    program = seccomp.build_filter(True, machine)
    assert program is not None
    audit, numbers = seccomp.ARCHITECTURES[machine]
    allowed = {n for n in range(600) if verdict(program, n, (0,) * 6, audit) == seccomp.ALLOW}
    assert allowed == set(numbers.values()) - {numbers["clone3"]}
    assert verdict(program, numbers["clone3"], (), audit) == seccomp.ERRNO | 38
    assert verdict(program, numbers["prlimit64"], (1,), audit) != seccomp.ALLOW
    assert verdict(program, numbers["read"], (), audit + 1) != seccomp.ALLOW  # another architecture's numbers
    assert verdict(program, numbers["read"] | 0x40000000, (), audit) != seccomp.ALLOW  # the x32 numbers


def test_an_unknown_architecture_has_no_filter() -> None:
    assert seccomp.build_filter(True, "pdp11") is None


def verdict(program: bytes, number: int, arguments: tuple[int, ...], audit: int = 0xC000003E) -> int:
    """What the kernel would answer: runs the filter on one call."""
    data = struct.pack("<IIQ6Q", number, audit, 0, *(arguments + (0,) * (6 - len(arguments))))
    accumulator, position = 0, 0
    while True:
        code, if_so, if_not, value = struct.unpack_from("<HBBI", program, position * 8)
        position += 1
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == seccomp.JUMP_EQUAL:
            position += if_so if accumulator == value else if_not
        elif code == seccomp.JUMP_SET:
            position += if_so if accumulator & value else if_not
        else:
            assert code == seccomp.RETURN
            return int(value)


def test_a_file_that_is_not_there_needs_no_rule() -> None:
    if not landlock.version():
        pytest.skip("no Landlock here")
    ruleset = landlock.build_ruleset(["/no/such/path"])
    assert ruleset is not None
    os.close(ruleset)


@pytest.mark.parametrize("layers", [("rlimits",), ()])
def test_rlimits_stop_what_eats_memory(layers: tuple[str, ...]) -> None:
    body = "return 2 * X + 0 * np.zeros((40 << 20) // 8).sum()"
    with Worker(layers=layers) as worker:
        reply = worker.fresh(question("Q1", thing(body)), Limits(memory=16 << 20))
    assert isinstance(reply, QuestionReply)
    outcome = reply.runs["case"].outcomes["Y"]
    assert (outcome.error is not None and "MemoryError" in outcome.error.type) == bool(layers)


def test_the_cpu_limit_holds_where_the_clock_does_not_run() -> None:
    with Worker(layers=("rlimits",)) as worker:
        zygote = worker._zygote("plain")
        channel = zygote.start(1.0, 1 << 30, 1 << 20)
        channel.receive(time.monotonic() + 30)
        channel.send(encode_question(question("Q1", thing("while True: pass")), "t"), time.monotonic() + 5)
        with pytest.raises(Gone):
            channel.receive(time.monotonic() + 60)
        ending = zygote.reap()
    assert ending.status is not None and not ending.killed and ending.seconds < 3


def test_honest_numpy_works_inside_all_layers() -> None:
    body = """
a = np.random.default_rng(1).normal(size=(64, 64))
u, s, v = np.linalg.svd(a @ a.T)
np.fft.fft(a), np.linalg.solve(a, a), np.einsum("ij,jk->ik", a, a), np.sort(a)
np.lib.stride_tricks.sliding_window_view(a, (3, 3))
np.testing.assert_allclose(u @ np.diag(s) @ v, a @ a.T, atol=1e-8)
assert str(a) and repr(a) and f"{a}" and np.ma.masked_less(a, 0).sum() > 0
np.matrix(a) * np.matrix(a)
import time; time.sleep(0.001); time.perf_counter()
import decimal, statistics, csv, hashlib; hashlib.sha256(b"").digest()
return 2 * X
"""
    with Worker() as worker:
        session = worker.run([question("Q1", thing(body))])
    assert kind(session, "Q1") is None
    assert right(session, "Q1"), session.replies["Q1"]


def test_the_doctor_says_what_it_found() -> None:
    findings = examine()
    by_name = {finding.name: finding for finding in findings}
    assert {"rlimits", "landlock", "seccomp"} <= by_name.keys()
    level = next(finding for finding in findings if finding.kind == "level")
    bad = [f for f in findings if f.kind == "escape" and not f.good and f.name not in KNOWN_HARMLESS]
    assert (level.name == "full") == (not bad)
    assert all(finding.words.endswith(".") for finding in findings if finding.kind != "layer")
    assert np.all([finding.words for finding in findings])
