"""Who the process is: nobody, without capabilities, unable to gain any, closed to the processes beside it."""

from __future__ import annotations

import ctypes
import os
import signal

from .system import libc, prctl

NOBODY = 65534
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION = 0x20080522


def become_nobody() -> bool:
    """Give up root: True when the process now runs as `nobody`. Changes nothing for an ordinary user."""
    if not hasattr(os, "setresuid") or os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:  # a container that maps no such user
        return False
    return True


def drop_capabilities() -> bool:
    """Give up every capability, also of a root that could not become nobody."""
    if libc is None:
        return False
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    return int(libc.capset(header, (ctypes.c_uint32 * 6)())) == 0


def no_new_privileges() -> bool:
    """No program that this process starts gains rights by being setuid; Landlock and seccomp require it."""
    return prctl(PR_SET_NO_NEW_PRIVS, 1)


def close_to_others() -> bool:
    """No other process of the same user may trace this one or read its memory."""
    return prctl(PR_SET_DUMPABLE, 0)


def die_with_parent(parent: int) -> None:
    """Be killed when process `parent` ends. A change of user clears this: call it after."""
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the kernel knew
        os._exit(1)
