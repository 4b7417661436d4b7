"""The C library's door to the system calls that Python has no function for."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

LINUX = sys.platform.startswith("linux")
libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
if libc is not None:
    libc.syscall.restype = ctypes.c_long
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def syscall(number: int, *arguments: Any) -> int:
    """The result of a system call, -1 for an error. Whole numbers travel as 64 bits, not as ctypes' 32."""
    if libc is None:
        return -1
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return int(libc.syscall(ctypes.c_long(number), *wide))


def prctl(option: int, first: int = 0, second: int = 0) -> bool:
    """True when the kernel took the request."""
    return libc is not None and libc.prctl(option, first, second, 0, 0) == 0
