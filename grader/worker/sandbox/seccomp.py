"""seccomp: which system calls the process may make. It needs no privilege; Linux 3.17 or later has it.

The filter is an allow-list: what Python and numpy need once everything is imported, for memory, time and reading.
Everything else is refused with EPERM: sockets, new processes and threads, exec, signals, ptrace, mount, chmod, utime,
keyctl, bpf, io_uring, memfd. clone3 answers ENOSYS, as on an older kernel. Nothing is killed: a refused call is an
ordinary error in the student's code.
Reference: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from .system import LINUX, prctl

PR_SET_SECCOMP, MODE_FILTER = 22, 2
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06  # ld abs, jeq k, jset k, ret k
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
WRITING = 0x3 | 0x40 | 0x200 | 0x400  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND: the same on both architectures

# For each architecture: its audit number and the numbers of its calls.
ARCHITECTURES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            **{"read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8},
            **{"mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14},
            **{"rt_sigreturn": 15, "pread64": 17, "readv": 19, "select": 23, "sched_yield": 24, "mremap": 25},
            **{"madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "getcwd": 79},
            **{"gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102},
            **{"getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "getpgrp": 111, "sigaltstack": 131},
            **{"gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "getdents64": 217},
            **{"restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230},
            **{"exit_group": 231, "openat": 257, "newfstatat": 262, "pselect6": 270, "ppoll": 271},
            **{"set_robust_list": 273, "prlimit64": 302, "getcpu": 309, "getrandom": 318, "rseq": 334},
            **{"clone3": 435},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **{"getcwd": 17, "openat": 56, "close": 57, "getdents64": 61, "lseek": 62, "read": 63, "write": 64},
            **{"readv": 65, "pread64": 67, "pselect6": 72, "ppoll": 73, "newfstatat": 79, "fstat": 80, "exit": 93},
            **{"exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113},
            **{"clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124},
            **{"restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135},
            **{"rt_sigreturn": 139, "times": 153, "uname": 160, "getrlimit": 163, "getrusage": 165},
            **{"getcpu": 168, "gettimeofday": 169, "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175},
            **{"getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "brk": 214, "munmap": 215},
            **{"mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "prlimit64": 261, "getrandom": 278},
            **{"rseq": 293, "clone3": 435},
        },
    ),
}
PATHS = frozenset({"openat", "stat", "lstat", "newfstatat", "getdents64"})
SPECIAL = frozenset({"openat", "prlimit64", "clone3"})


def build_filter(files: bool, machine: str | None = None) -> bytes | None:
    """The filter as a BPF program, or None where the architecture is not known.

    With `files` a file may be opened for reading (Landlock says which); without, no open is allowed at all.
    """
    known = ARCHITECTURES.get(machine or platform.machine())
    if known is None or (machine is None and not LINUX):
        return None
    audit, numbers = known
    refuse = ERRNO | errno.EPERM
    program = [
        _load(ARCHITECTURE),
        _jump(JUMP_EQUAL, audit, 1, 0),
        _return(refuse),
        _load(NUMBER),
        _jump(JUMP_EQUAL, numbers["clone3"], 0, 1),
        _return(ERRNO | errno.ENOSYS),
        # Limits may be read and lowered, but its own only (process 0).
        _jump(JUMP_EQUAL, numbers["prlimit64"], 0, 4),
        _load(ARGUMENTS),
        _jump(JUMP_EQUAL, 0, 0, 1),
        _return(ALLOW),
        _return(refuse),
    ]
    if files:
        program += [
            _jump(JUMP_EQUAL, numbers["openat"], 0, 4),
            _load(ARGUMENTS + 2 * 8),
            _jump(JUMP_SET, WRITING, 1, 0),
            _return(ALLOW),
            _return(ERRNO | errno.EACCES),
        ]
    dropped = SPECIAL if files else SPECIAL | PATHS - {"newfstatat"}
    allowed = sorted(number for name, number in numbers.items() if name not in dropped)
    if not files:
        # fstat is asked as newfstatat with AT_EMPTY_PATH; by path it is refused.
        allowed.remove(numbers["newfstatat"])
        program += [
            _jump(JUMP_EQUAL, numbers["newfstatat"], 0, 4),
            _load(ARGUMENTS + 3 * 8),
            _jump(JUMP_SET, 0x1000, 0, 1),
            _return(ALLOW),
            _return(refuse),
        ]
    for position, number in enumerate(allowed):
        program.append(_jump(JUMP_EQUAL, number, len(allowed) - position, 0))
    program += [_return(refuse), _return(ALLOW)]
    return b"".join(program)


def install(program: bytes) -> bool:
    """Put the filter upon this process for good; True when it stands. Needs no_new_privs."""
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    keep = ctypes.create_string_buffer(head, len(head))
    return prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.addressof(keep))


def _load(offset: int) -> bytes:
    return struct.pack("HBBI", LOAD, 0, 0, offset)


def _jump(code: int, value: int, if_so: int, if_not: int) -> bytes:
    return struct.pack("HBBI", code, if_so, if_not, value)


def _return(value: int) -> bytes:
    return struct.pack("HBBI", RETURN, 0, 0, value)
