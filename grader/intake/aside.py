"""PDF and Office files are read by a process aside: what hangs, swells or crashes there costs its own file alone.

A small file may unpack to gigabytes, and the libraries that read it are large and partly written in C. So one process
(`aside_process`) imports them once, and forks for each file a child that may use so much time and memory, read
libraries and nothing else. What it hands back is text and pictures, see `unpacked_wire`.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from functools import cache

from grader.channel import Channel, Gone, Late
from grader.intake.document import Unreadable
from grader.intake.packaged import Unpacked, unpack
from grader.intake.unpacked_wire import LARGEST_BODY, decode_unpacked
from grader.worker.wire import WireError, encode_frame

CPU_SECONDS = 20.0  # a page of text takes a tenth of one
MEMORY = 1 << 30  # bytes beyond what the libraries take
SECONDS = 120.0  # on a machine that has much else to do


def unpack_aside(name: str, data: bytes) -> Unpacked:
    """Read a PDF, Word or Excel file. Raises Unreadable, also where reading it takes too much."""
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):  # Windows
        return unpack(name, data)
    return _aside().unpack(name, data)


@cache
def _aside() -> Aside:
    """The one process of this one."""
    aside = Aside()
    atexit.register(aside.close)
    return aside


class Aside:
    """The process aside, started when the first file comes and again if it should end. Any thread may ask it."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS, memory: int = MEMORY) -> None:
        self._limits = cpu_seconds, memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The process, where one was started."""
        return self._process.pid if self._process is not None else None

    def unpack(self, name: str, data: bytes) -> Unpacked:
        """See `unpack_aside`."""
        too_much = Unreadable(f"{name} cannot be read in the time and memory that any homework needs.")
        deadline = time.monotonic() + SECONDS
        with self._child() as child:
            try:
                child.send(encode_frame({"name": name}, data), deadline)
                return decode_unpacked(*child.receive(deadline, LARGEST_BODY))
            except (Late, Gone, WireError):
                raise too_much from None

    def _child(self) -> Channel:
        """A new child's channel."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            for _ in range(2):
                orders = self._orders or self._start()
                try:
                    socket.send_fds(orders, [b"r"], [theirs.fileno()])
                    return Channel(ours)
                except OSError:  # it has ended; another one may live
                    self._end()
        ours.close()
        raise Unreadable("PDF and Office files cannot be read here: the process that reads them does not start.")

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            path = os.pathsep.join(part for part in sys.path if part)
            begin = "from grader.intake.aside_process import main; main()"
            told = (theirs.fileno(), os.getpid(), *self._limits)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", begin, *map(str, told)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={"PYTHONPATH": path, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self._orders = ours
        return ours

    def close(self) -> None:
        """End it, and every child with it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        orders, process = self._orders, self._process
        self._orders = self._process = None
        if orders is not None:
            orders.close()
        if process is not None:
            process.kill()
            process.wait()
