"""Limits that the kernel keeps for a process: CPU time, memory, no files, no new processes."""

from __future__ import annotations

import math
import sys
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

DESCRIPTORS = 64


def address_space() -> int:
    """Bytes of address space that this process holds now; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError, AttributeError):
        return 0


def limit_resources(cpu_seconds: float, memory: int, base: int) -> bool:
    """Set every limit, soft and hard alike; True when they stand.

    `memory` bytes may be taken on top of the `base` that the process holds already. `cpu_seconds` is rounded up.
    """
    if resource is None:
        return False
    cpu = max(1, math.ceil(cpu_seconds))
    wanted = [
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    if sys.platform != "darwin":  # macOS accepts no limit on address space
        wanted.append((resource.RLIMIT_AS, base + memory))
    try:
        for which, value in wanted:
            resource.setrlimit(which, (value, value))
    except (OSError, ValueError):
        return False
    return True
