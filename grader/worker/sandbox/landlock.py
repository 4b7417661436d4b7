"""Landlock: which files the process may read. It needs no privilege; Linux 5.13 or later has it.

The ruleset is built once in the zygote (some 200 rules) and put upon each child, which takes a fraction of a
millisecond. It also refuses TCP, abstract sockets and signals to others where the kernel knows how.
Reference: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable

from .system import libc, syscall

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # the same numbers on every architecture
RULE_PATH_BENEATH = 1
VERSION_FLAG = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# Rights that each version of the interface knows; asking for one it does not know is an error.
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
TCP_RIGHTS = 0b11  # bind, connect: version 4
SCOPES = 0b11  # abstract sockets, signals: version 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's Landlock interface; 0 when there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, syscall(CREATE, None, 0, VERSION_FLAG))


def build_ruleset(readable: Iterable[str]) -> int | None:
    """A descriptor of a ruleset that lets the process read `readable` and nothing else; None where that fails.

    A folder is readable with all that it holds: Landlock knows no exception below an allowed folder.
    """
    abi = version()
    if not abi:
        return None
    files = max(rights for since, rights in FILE_RIGHTS.items() if since <= abi)
    attributes = _Ruleset(files, TCP_RIGHTS if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = syscall(CREATE, ctypes.byref(attributes), size, 0)
    if ruleset < 0:
        return None
    for path in readable:
        _allow(ruleset, path)
    return ruleset


def _allow(ruleset: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there need not be readable
        return
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = _PathBeneath(READ_FILE | READ_DIR if folder else READ_FILE, descriptor)
        syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def restrict(ruleset: int) -> bool:
    """Put `ruleset` upon this process for good; True when it stands. Needs no_new_privs."""
    return libc is not None and syscall(RESTRICT, ruleset, 0) == 0
