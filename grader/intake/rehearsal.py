"""Outsized files are first read by a limited process of their own: what kills that one never reaches the grader.

Nearly every hand-in is small and flat enough to be read at once. What could use up the machine's memory or the
interpreter's stack, by its size or by the number of its parts, is rehearsed: another process reads it under limits on
memory and time, and says nothing but whether it came through.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grader.intake.document import Unreadable
from grader.worker.sandbox.identity import die_with_parent
from grader.worker.sandbox.limits import address_space

# Beyond these a file is out of the ordinary; a notebook of 5 MB, plots included, stays below.
MAX_PARTS: Final = 200_000  # brackets
MAX_VALUES: Final = 1_000_000  # commas or quotation marks
MAX_CODE: Final = 200_000  # characters
MAX_WHOLE: Final = 20_000_000  # bytes
CPU_SECONDS: Final = 5
SECONDS: Final = 20
MEMORY: Final = 1 << 30
_CAME_THROUGH, _UNREADABLE = 0, 3
_LONGEST: Final = 2_000

Reading = Callable[[str, bytes], object]
"""How a file is read: name and bytes. A function at the top of a module, so that the other process finds it."""


def outsized(data: bytes) -> bool:
    """Whether a file's bytes hold more than any ordinary one's. Linear, and quick for a small one.

    >>> outsized(b'{"cells": []}'), outsized(b"[" * 300_000)
    (False, True)
    """
    if len(data) <= MAX_CODE:
        return False
    return (
        len(data) > MAX_WHOLE
        or data.count(b"[") + data.count(b"{") + data.count(b"(") > MAX_PARTS
        or data.count(b",") > MAX_VALUES
        or data.count(b'"') > MAX_VALUES
    )


def rehearse(reading: Reading, name: str, data: bytes) -> None:
    """Have another process call `reading(name, data)`. Raises Unreadable when it failed, died or took too long."""
    too_much = Unreadable(f"{name} cannot be read: it takes more memory or time than any homework needs.")
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from grader.intake.rehearsal import main; main()", str(os.getpid()), str(MEMORY)],
            input=pickle.dumps((reading, name, data)),  # our own words to our own process; nothing is unpickled here
            capture_output=True,
            timeout=SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise too_much from None
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror or error}.") from None
    if done.returncode == _UNREADABLE:
        raise Unreadable(done.stdout[:_LONGEST].decode("utf-8", "replace"))
    if done.returncode != _CAME_THROUGH:
        raise too_much


def main() -> None:
    """In the other process: read under limits, and end with a status that says how it went."""
    die_with_parent(int(sys.argv[1]))
    memory = int(sys.argv[2])
    reading, name, data = pickle.loads(sys.stdin.buffer.read())
    base = address_space()
    _limit(base + memory)
    try:
        reading(name, data)
    except Unreadable as problem:
        sys.stdout.buffer.write(str(problem).encode("utf-8", "replace")[:_LONGEST])
        sys.stdout.flush()
        os._exit(_UNREADABLE)
    except BaseException:
        os._exit(1)
    # So near to the limit a part may have been given up for want of memory, without a word.
    os._exit(1 if _most_ever() - base > memory * 3 // 4 else _CAME_THROUGH)


def _limit(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = [(resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)]
    if sys.platform.startswith("linux"):
        limits.append((resource.RLIMIT_AS, most))
    for which, value in limits:
        resource.setrlimit(which, (value, value))


def _most_ever() -> int:
    """The most bytes of address space that this process has held; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmPeak:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
