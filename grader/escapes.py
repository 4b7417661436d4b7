"""Harmless attempts to leave the confinement. `grade doctor` sends this very file, as text, into a confined child.

Each attempt does the smallest thing of its kind, undoes it, and raises when it was refused. It runs as a student's
code would, with the standard library and nothing of the grader's.
"""

import ctypes
import errno
import importlib
import os
import platform
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

ARM = platform.machine() == "aarch64"
CALLS = {
    "bpf": 280 if ARM else 321,
    "io_uring_setup": 425,
    "keyctl": 219 if ARM else 250,
    "memfd_create": 279 if ARM else 319,
    "mount": 40 if ARM else 165,
    "perf_event_open": 241 if ARM else 298,
    "ptrace": 117 if ARM else 101,
    "setns": 268 if ARM else 308,
    "unshare": 97 if ARM else 272,
    "userfaultfd": 282 if ARM else 323,
}
PTRACE_SEIZE = 0x4206
SCRATCH = "grader-attempt"


class Refused(Exception):
    """The kernel would not do it."""


def call(name: str, *arguments: int) -> int:
    """A raw system call; refused means EPERM, EACCES or ENOSYS: any other error came from behind the door."""
    if platform.system() != "Linux":
        raise Refused
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    result = library.syscall(ctypes.c_long(CALLS[name]), *(ctypes.c_long(a) for a in arguments))
    if result < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES, errno.ENOSYS):
        raise Refused
    return int(result)


def read(path: str) -> None:
    with Path(path).open("rb") as file:
        file.read(1)


def write(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    Path(path).unlink()


def link() -> None:
    Path(SCRATCH).symlink_to("/")
    Path(SCRATCH).unlink()


def pipe() -> None:
    os.mkfifo(SCRATCH)
    Path(SCRATCH).unlink()


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def thread() -> None:
    started = threading.Thread(target=int)
    started.start()
    started.join()


def start_program() -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def parents_limits() -> None:
    import resource

    resource.prlimit(os.getppid(), resource.RLIMIT_CORE)


def own_limits() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def attempts(hidden: str) -> list[tuple[str, Callable[[], object]]]:
    """Name, and what to do. `hidden` is the path of a file of the grader's."""
    return [
        ("read /etc/passwd", lambda: read("/etc/passwd")),
        ("read a rubric or the grader's code", lambda: read(hidden)),
        ("read the parent's memory", lambda: read(f"/proc/{os.getppid()}/mem")),
        ("read the parent's environment", lambda: read(f"/proc/{os.getppid()}/environ")),
        ("list the root folder", lambda: list(Path("/").iterdir())),
        ("learn whether a known path exists", lambda: Path("/etc/passwd").stat()),
        ("write a file in its own folder", lambda: write(SCRATCH)),
        ("write a file in /tmp", lambda: write(f"/tmp/{SCRATCH}-{os.getpid()}")),
        ("make a symbolic link", link),
        ("make a named pipe", pipe),
        ("change the mode of a file", lambda: Path().chmod(0o700)),
        ("change the times of a file", lambda: os.utime(".")),
        ("open a TCP socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
        ("open a UDP socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
        ("open a Unix socket", lambda: socket.socket(socket.AF_UNIX).close()),
        ("start a process", fork),
        ("start a thread", thread),
        ("start a program", start_program),
        ("send a signal to the parent", lambda: os.kill(os.getppid(), 0)),
        ("change the parent's limits", parents_limits),
        ("raise its own limits", own_limits),
        ("become root", lambda: os.setuid(0)),
        ("set a timer", lambda: signal.setitimer(signal.ITIMER_REAL, 0)),
        ("trace the parent", lambda: call("ptrace", PTRACE_SEIZE, os.getppid(), 0, 0)),
        ("make a file in memory", lambda: os.close(os.memfd_create(SCRATCH))),
        ("use io_uring", lambda: call("io_uring_setup", 0, 0)),
        ("mount", lambda: call("mount", 0, 0, 0, 0, 0)),
        ("leave its namespaces", lambda: call("unshare", 0)),
        ("enter another namespace", lambda: call("setns", -1, 0)),
        ("use the kernel's keyring", lambda: call("keyctl", 0, -3, 0)),
        ("use bpf", lambda: call("bpf", -1, 0, 0)),
        ("use performance events", lambda: call("perf_event_open", 0, 0, -1, -1, 0)),
        ("handle page faults", lambda: os.close(call("userfaultfd", os.O_CLOEXEC))),
        ("import the rubrics", lambda: importlib.import_module("rubrics")),
        ("import the reference solutions", lambda: importlib.import_module("reference_solutions")),
        ("import the comparison", lambda: importlib.import_module("grader.compare")),
    ]


def try_all(hidden: str) -> list[int]:
    """1 for each attempt that got through, 0 for each that was refused, in order."""
    results = []
    for _, attempt in attempts(hidden):
        try:
            attempt()
        except (Refused, OSError, RuntimeError, ImportError, ValueError):
            results.append(0)
        else:
            results.append(1)
    return results
