"""The zygote: a fresh interpreter with numpy imported and nothing of a student's, from which every child is forked.

It reads orders on one private socket: "start" (with the child's own socket attached) and "reap" (kill the child's
whole group, wait for it, say how it ended). It ends, and every child with it, when the parent does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from .library import COMMON, INERT, ON_DEMAND, restore_aliases
from .sandbox.system import prctl
from .standins.inert import InertFinder
from .wire import PREFIX, encode_frame, read_frame

DESCRIPTORS = 256
PR_SET_CHILD_SUBREAPER = 36
PARENT_CHECK = 1000  # milliseconds between looks whether the parent is still there


@dataclass(frozen=True)
class Plan:
    """What the parent tells a new zygote: what was imported from where, what may be read, which layers, which torch."""

    control: int  # descriptor of the socket for orders
    parent: int
    imports: tuple[str, ...]  # folders that hold numpy and torch: on sys.path while importing, then forgotten
    readable: tuple[str, ...]
    layers: tuple[str, ...]
    kind: str  # "plain", "torch" or "standin"


def main(plan: Plan) -> NoReturn:
    """Import everything, forget where it came from, and take orders until the parent ends."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    warnings.simplefilter("ignore")
    torch = _import_all(plan.kind)
    for folder in plan.imports:
        while folder in sys.path:
            sys.path.remove(folder)
    sys.path_importer_cache.clear()
    sys.argv = [""]
    os.environ.clear()

    from .child import Watch, quieten, settle
    from .sandbox import prepare

    quieten()
    settle(torch)
    prepared = prepare(plan.readable, plan.layers)
    control = socket.socket(fileno=plan.control)
    watch = Watch(("torch", "torch.nn.functional") if torch is not None else ())
    gc.collect()
    gc.freeze()
    _Orders(control, plan.parent, lambda channel, order: _start(channel, order, prepared, watch, torch)).follow()


def _import_all(kind: str) -> ModuleType | None:
    # hashlib does without OpenSSL, whose pages would make every fork slower.
    sys.modules["_hashlib"] = None  # type: ignore[assignment]
    for name in COMMON.split():
        importlib.import_module(name)
    np = sys.modules["numpy"]
    restore_aliases(np)
    _warm(np)
    sys.meta_path.append(InertFinder(INERT.split()))
    if kind == "torch":
        torch = importlib.import_module("torch")
        importlib.import_module("torch.nn.functional")
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        return torch
    if kind == "standin":
        modules: dict[str, ModuleType] = importlib.import_module(f"{__package__}.standins.torch_module").make_torch()
        sys.modules.update(modules)
        return modules["torch"]
    return None


def _warm(np: ModuleType) -> None:
    """Call what imports or builds something on first use, once for all children."""
    a = np.arange(6.0).reshape(2, 3)
    str(a), a @ a.T, np.einsum("ij,kj->ik", a, a, optimize=True), np.exp(a).sum(axis=0).max(), a.mean(), a.std()
    np.lib.stride_tricks.sliding_window_view(a, 2, axis=1)
    time.localtime()


def _start(channel: int, order: Mapping[str, Any], prepared: Any, watch: Any, torch: ModuleType | None) -> NoReturn:
    """In the child: its own session, no descriptor but its channel, and then the questions."""
    from .child import Terms, serve

    os.setsid()
    kept = sorted({channel, *([] if prepared.ruleset is None else [prepared.ruleset])})
    low = 3
    for descriptor in kept:
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, DESCRIPTORS)
    for word in order["modules"]:
        for name in ON_DEMAND.get(word, ()):
            with suppress(ImportError):
                importlib.import_module(name)
    terms = Terms(order["cpu_seconds"], order["memory"], order["reply_bytes"])
    serve(channel, prepared, terms, watch, torch)


class _Orders:
    """Reads orders and follows them; at most one child at a time."""

    def __init__(
        self, control: socket.socket, parent: int, start: Callable[[int, Mapping[str, Any]], NoReturn]
    ) -> None:
        self._control = control
        self._parent = parent
        self._start = start
        self._child: int | None = None

    def follow(self) -> NoReturn:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        try:
            while os.getppid() == self._parent:
                if poll.poll(PARENT_CHECK):
                    self._next()
        except (EOFError, OSError):
            pass
        self._reap()
        with suppress(OSError):
            Path.cwd().rmdir()  # the empty folder that the parent made, in case the parent can no longer do it
        os._exit(0)

    def _next(self) -> None:
        prefix, descriptors, _, _ = socket.recv_fds(self._control, PREFIX.size, 1)
        order, _ = read_frame(_after(prefix, self._control))
        if order["type"] == "reap":
            self._control.sendall(encode_frame({"type": "reaped", **self._reap(order["grace"])}))
            return
        self._reap()
        (channel,) = descriptors
        child = os.fork()
        if child == 0:
            try:
                self._start(channel, order)
            finally:
                os._exit(70)
        self._child = child
        os.close(channel)

    def _reap(self, grace: float = 0.0) -> dict[str, Any]:
        """Kill the child and all that it started, wait for it, and say how it ended.

        With `grace` it has so many seconds to end by itself first, so that its own way of ending is told.
        """
        child, self._child = self._child, None
        if child is None:
            return {"status": None, "killed": False, "seconds": 0.0}
        until = time.monotonic() + grace
        ended, status, usage = os.wait4(child, os.WNOHANG) if grace else (0, 0, None)
        while not ended and time.monotonic() < until:
            time.sleep(0.001)
            ended, status, usage = os.wait4(child, os.WNOHANG)
        for target in (-child, child) if not ended else (-child,):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(target, signal.SIGKILL)
        if not ended:
            _, status, usage = os.wait4(child, 0)
        self._kill_strays()
        seconds = usage.ru_utime + usage.ru_stime if usage is not None else 0.0
        return {"status": status, "killed": not ended, "seconds": seconds}

    def _kill_strays(self) -> None:
        """Where nothing kept the child from forking, its orphans have come to us: they go too."""
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0]:
                    continue
            except ChildProcessError:
                return
            listed = Path(f"/proc/self/task/{os.getpid()}/children")
            if not listed.exists():
                return
            for stray in listed.read_text(encoding="ascii").split():
                with suppress(ProcessLookupError):
                    os.kill(int(stray), signal.SIGKILL)
            time.sleep(0.001)


def _after(prefix: bytes, control: socket.socket) -> Callable[[int], bytes]:
    """A reader that hands out `prefix` first and then what follows on the socket."""
    held = bytearray(prefix)

    def exactly(count: int) -> bytes:
        while len(held) < count:
            chunk = control.recv(count - len(held))
            if not chunk:
                raise EOFError
            held.extend(chunk)
        taken = bytes(held[:count])
        del held[:count]
        return taken

    return exactly


def from_argument(text: str) -> NoReturn:
    """Start from the plan that the parent put on the command line, as JSON."""
    fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in json.loads(text).items()}
    main(Plan(**fields))
