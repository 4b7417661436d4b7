"""The process aside: forks a child for each PDF or Office file, which reads it under limits and hands back text."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import NoReturn

from grader.channel import Channel
from grader.intake.document import Unreadable
from grader.intake.packaged import unpack
from grader.intake.reading import MAX_BYTES
from grader.intake.unpacked_wire import encode_unpacked, encode_unreadable
from grader.worker.sandbox import Prepared, confine, prepare
from grader.worker.sandbox.identity import die_with_parent

WAITING = 600.0  # seconds for a file that is on its way
LAYERS = ("rlimits", "landlock", "seccomp")
IMPORTED = ("pdfplumber", "pdfminer.high_level", "pypdfium2", "PIL.PngImagePlugin", "openpyxl")


def main() -> NoReturn:
    """Take orders until the grader ends: each is a byte with the socket over which the file comes."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    cpu_seconds, memory = float(sys.argv[3]), int(sys.argv[4])
    die_with_parent(int(sys.argv[2]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a child ended
    for name in IMPORTED:
        with suppress(ImportError):
            importlib.import_module(name)
    prepared = prepare(sys.path, LAYERS)
    while True:
        byte, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
        if not byte:
            os._exit(0)
        if os.fork() == 0:
            orders.close()
            try:
                _read(socket.socket(fileno=descriptors[0]), prepared, cpu_seconds, memory)
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)


def _read(end: socket.socket, prepared: Prepared, cpu_seconds: float, memory: int) -> None:
    """In the child: the file comes, the limits go on, what was read goes back."""
    header, data = Channel(end).receive(time.monotonic() + WAITING, MAX_BYTES)
    end.setblocking(True)
    confine(prepared, cpu_seconds, memory)
    try:
        frame = encode_unpacked(unpack(header["name"], data))
    except Unreadable as problem:
        frame = encode_unreadable(problem)
    left = memoryview(frame)
    while left:  # confined, it may write to its socket and not send
        left = left[os.write(end.fileno(), left) :]
