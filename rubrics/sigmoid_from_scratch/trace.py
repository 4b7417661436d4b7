"""What a run wrote down, read again: which name held which numbers after which statement. Judges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from grader.model import Array

FRAMEWORK: Final = "!"  # ends the scope of a function that belongs to a network of PyTorch's


@dataclass(frozen=True, eq=False)
class Value:
    """Numbers under a name. `tag`: "parameter", "module" (a parameter of a network), "tensor", "array", "number",
    "bool" or "autograd". `scope` is the function whose local name it is, "" for a global one."""

    path: str
    array: Array
    tag: str
    scope: str
    cell: int
    line: int
    at: int  # counts moments
    slack: float = 0.0  # how far rounding may have moved an entry

    @property
    def key(self) -> bytes:
        return repr(self.array.shape).encode() + self.array.tobytes()


@dataclass(frozen=True, eq=False)
class Backward:
    """A backward pass of PyTorch's: its losses, and by leaf the value, what it was given, and what it then held."""

    cell: int
    at: int
    losses: tuple[float, ...]
    leaves: tuple[tuple[Array, Array, Array], ...]


@dataclass(frozen=True)
class Parts:
    """A network of PyTorch's: its parts ("Linear(2,10,True)", "Sigmoid"); `ordered` when they run in that order."""

    name: str
    parts: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True)
class Stop:
    """A statement that raised."""

    cell: int
    line: int
    type: str
    message: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class Probed:
    """What a function that may be the loss made of given predictions and labels."""

    name: str
    cases: tuple[tuple[Array, Array], ...]
    values: tuple[Array, ...]


@dataclass(eq=False)
class Trace:
    """A whole run. `moments` are the names in force, global and local, after every statement that changed one."""

    values: list[Value] = field(default_factory=list)
    moments: list[dict[str, Value]] = field(default_factory=list)
    backwards: list[Backward] = field(default_factory=list)
    nets: list[Parts] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    losses: list[Probed] = field(default_factory=list)
    shown: list[Value] = field(default_factory=list)
    printed: list[tuple[int, str]] = field(default_factory=list)
    driven: int | None = None  # the first moment of what the hand-in did not call itself

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.printed)


def read_trace(text: str) -> Trace:
    """A transcript read; lines that are damaged are left out, for a student's code may have spoilt them."""
    trace = Trace()
    scopes: dict[str, dict[str, Value]] = {"": {}}
    for said in _lines(text):
        try:
            _take(trace, scopes, said)
        except (KeyError, TypeError, ValueError, IndexError):
            continue
    return trace


def _lines(text: str) -> Iterator[dict[str, Any]]:
    for line in text.split("\n"):
        try:
            said = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            yield said


def _take(trace: Trace, scopes: dict[str, dict[str, Value]], said: dict[str, Any]) -> None:
    kind, at = said["k"], len(trace.moments)
    cell = int(said.get("cell", 0))
    if kind == "held":
        scope = str(said["scope"])
        held = scopes.setdefault(scope, {})
        for path in said["gone"]:
            held.pop(path, None)
        for path, (plain, tag) in said["held"].items():
            value = Value(str(path), _array(plain), str(tag), scope, cell, int(said["line"]), at)
            held[value.path] = value
            trace.values.append(value)
        trace.moments.append({**scopes[""], **held} if scope else dict(held))
    elif kind == "backward":
        leaves = tuple((_array(v), _array(own), _array(after)) for v, own, after in said["leaves"])
        trace.backwards.append(Backward(cell, at, tuple(map(float, said["losses"])), leaves))
    elif kind == "net":
        trace.nets.append(Parts(str(said["name"]), tuple(map(str, said["parts"])), bool(said["sequential"])))
    elif kind == "rate":
        trace.rates.append(float(said["rate"]))
    elif kind == "error":
        trace.stops.append(Stop(cell, int(said["at"]), str(said["type"]), str(said["message"]), str(said["name"])))
    elif kind == "loss":
        cases = tuple((_array(a), _array(b)) for a, b in said["cases"])
        trace.losses.append(Probed(str(said["name"]), cases, tuple(map(_array, said["values"]))))
    elif kind == "shown":
        for path, (plain, tag) in said["held"].items():
            trace.shown.append(Value(str(path), _array(plain), str(tag), "", cell, 0, at))
    elif kind == "print":
        trace.printed.append((cell, str(said["text"])))
    elif kind == "drive":
        trace.driven = at


def _array(plain: Any) -> Array:
    return np.asarray(plain, dtype=float)


def until(trace: Trace, at: int | None) -> Trace:
    """The run up to a moment: without what the hand-in did not call itself."""
    if at is None:
        return trace
    return replace(trace, values=[v for v in trace.values if v.at < at], moments=trace.moments[:at])


def distinct(values: Sequence[Value]) -> list[Value]:
    """Every name with every value that it held, once."""
    return list({(value.scope, value.path, value.key): value for value in values}.values())
