"""Starts zygotes and gives them orders: the parent's only hold on the processes that run student code."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import grader.worker
from grader.channel import Channel, Gone, Late
from grader.threads import ONE_THREAD
from grader.worker.sandbox import LAYERS
from grader.worker.wire import WireError, encode_frame

# Bare packages: in there `grader` holds nothing but `worker`, and neither's __init__ is run.
BOOTSTRAP = """
import sys, types
def package(name, *path):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = list(path)
    module.__package__ = name
    return module
package("grader").worker = package("grader.worker", sys.argv[1])
sys.path += sys.argv[3:]
from grader.worker.zygote import from_argument
from_argument(sys.argv[2])
"""
WORKER_FOLDER = Path(next(iter(grader.worker.__path__))).resolve()
# A second thread would not even survive the fork, and the first product would wait for it forever.
ENVIRONMENT = {**ONE_THREAD, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
NUMPY = ("numpy", "numpy.libs")
TORCH = (
    *("torch", "torch.libs", "torchgen", "functorch", "typing_extensions.py", "sympy", "mpmath", "networkx", "jinja2"),
    *("markupsafe", "filelock", "fsspec"),
)
ANSWER_SECONDS = 30.0  # how long a living zygote may take to answer, its start included
MOST_UNANSWERED = 64  # answers left unread; many more would fill the socket, and the zygote would wait for room
GRACE_SECONDS = 0.5  # how long a child that has closed its channel may take to end


class ZygoteDied(Exception):
    """The zygote is gone or does not answer; another one may be started."""


@dataclass(frozen=True)
class Ending:
    """How a child ended: its wait status (None when there was no child) and the CPU seconds it used.

    `killed`: it would not end by itself, so the zygote killed it.
    """

    status: int | None
    killed: bool
    seconds: float


def torch_available() -> bool:
    """Whether PyTorch is installed here. Looks, and does not import it.

    >>> isinstance(torch_available(), bool)
    True
    """
    return importlib.util.find_spec("torch") is not None


class Zygote:
    """One running zygote. `kind`: "plain", "torch" (PyTorch is imported in it) or "standin" (the small one is)."""

    def __init__(self, kind: str = "plain", layers: Collection[str] = LAYERS) -> None:
        if not hasattr(os, "fork") or not hasattr(socket, "recv_fds"):
            raise ZygoteDied("This system cannot fork processes; run the grader under Linux, macOS or WSL.")
        ours, theirs = socket.socketpair()
        self._folder = tempfile.mkdtemp(prefix="grader-empty-")
        self._control = Channel(ours)
        self._unanswered = 0
        homes = _homes(("numpy", "torch") if kind == "torch" else ("numpy",))
        plan = {
            "control": theirs.fileno(),
            "parent": os.getpid(),
            "imports": homes,
            "readable": _readable(homes, kind == "torch"),
            "layers": list(layers),
            "kind": kind,
        }
        command = [sys.executable, "-S", "-s", "-P", "-B", "-c", BOOTSTRAP]
        command += [str(WORKER_FOLDER), json.dumps(plan), *homes]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd=self._folder,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ZygoteDied(f"A worker process could not be started: {error.strerror}.") from None
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self, cpu_seconds: float, memory: int, reply_bytes: int, modules: Collection[str] = ()) -> Channel:
        """Fork a child; its private channel. `modules` are words of `library.ON_DEMAND`. Raises ZygoteDied."""
        ours, theirs = socket.socketpair()
        order = {
            "type": "start",
            "cpu_seconds": cpu_seconds,
            "memory": memory,
            "reply_bytes": reply_bytes,
            "modules": list(modules),
        }
        try:
            self._order(encode_frame(order), (theirs.fileno(),))
        except ZygoteDied:
            ours.close()
            raise
        finally:
            theirs.close()
        return Channel(ours)

    def reap(self) -> Ending:
        """See how a child ends that has closed its channel, and make sure that it does. Raises ZygoteDied."""
        self._reap(GRACE_SECONDS)
        return self._answers()

    def dismiss(self) -> None:
        """Kill the child with its whole group, and do not wait: how it ended does not matter."""
        self._reap(0.0)

    def _reap(self, grace: float) -> None:
        if self._unanswered >= MOST_UNANSWERED:
            self._answers()
        self._order(encode_frame({"type": "reap", "grace": grace}))
        self._unanswered += 1

    def _order(self, frame: bytes, descriptors: tuple[int, ...] = ()) -> None:
        try:
            self._control.send(frame, time.monotonic() + ANSWER_SECONDS, descriptors)
        except (Late, Gone):
            raise ZygoteDied("A worker process has ended unexpectedly.") from None

    def _answers(self) -> Ending:
        ending = Ending(None, False, 0.0)
        deadline = time.monotonic() + ANSWER_SECONDS
        while self._unanswered:
            try:
                header, _ = self._control.receive(deadline)
            except (Late, Gone, WireError):
                raise ZygoteDied("A worker process has ended unexpectedly.") from None
            self._unanswered -= 1
            ending = Ending(header["status"], header["killed"], header["seconds"])
        return ending

    def kill(self) -> None:
        """End the zygote at once, from any thread; its child dies with it. `close` clears up afterwards."""
        self._process.kill()

    def close(self) -> None:
        """End the zygote and its child, and wait until both are gone."""
        self._control.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(OSError):
            shutil.rmtree(self._folder)


def _homes(packages: tuple[str, ...]) -> list[str]:
    """The folders that hold `packages`."""
    found = []
    for name in packages:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ZygoteDied(f"{name} is not installed.")
        found.append(str(Path(spec.origin).resolve().parent.parent))
    return list(dict.fromkeys(found))


def _readable(homes: list[str], with_torch: bool) -> list[str]:
    """The only paths that a child may read: the standard library, numpy, torch where asked, and the worker.

    The entries are listed one by one: site-packages may lie inside the standard library's folder, and grader and
    rubrics inside that.
    """
    standard = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    paths = [WORKER_FOLDER]
    for folder in sorted(standard):
        paths += [entry for entry in sorted(folder.iterdir()) if entry.name not in ("site-packages", "dist-packages")]
    for home in homes:
        paths += [Path(home) / name for name in (*NUMPY, *(TORCH if with_torch else ()))]
    return [str(path) for path in paths if path.exists()]
