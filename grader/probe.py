"""The recorder: a probe driven by handles instead of a layer becomes a program; and what a probe may not do.

A probe is a generator function ``probe(layer, case)`` that drives a class and yields ``(label, value)`` pairs. Under
the recorder `layer` is a handle: calls return handles, assigning an attribute records a step, yielding a value marks
an outcome. The same steps then run on the reference, on every fault and, in the confined process, on the student's
class (`grader.worker.interpreter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from grader.worker.program import Program, Step

Probe = Callable[..., Iterator[tuple[str, Any]]]


class ProbeError(Exception):
    """A probe that does what no probe may do; raised when the rubric is loaded, at the probe's own line."""


class _Tape:
    def __init__(self, inputs: Mapping[str, Any], spellings: Mapping[str, Sequence[str]]) -> None:
        self.steps: list[Step] = []
        self.arrays: list[np.ndarray[Any, Any]] = []
        self.names: list[str] = []
        self.known = {id(value): name for name, value in inputs.items() if isinstance(value, np.ndarray)}
        self.index: dict[int, int] = {}
        self.spellings = spellings
        self.count = 0

    def handle(self) -> Handle:
        self.count += 1
        return Handle(self, self.count - 1)

    def value(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Handle):
            return {"handle": _number(value)}
        if isinstance(value, np.ndarray):
            if id(value) not in self.index:
                self.index[id(value)] = len(self.arrays)
                self.arrays.append(value)
                self.names.append(self.known.get(id(value), "the input"))
            return {"array": self.index[id(value)]}
        if isinstance(value, list | tuple):
            return {"list": [self.value(item) for item in value]}
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int | float | str):
            return {"value": value}
        raise ProbeError(f"a probe cannot send a {type(value).__name__} to a student's class")

    def spelling(self, attribute: str) -> str | list[str]:
        return [attribute, *self.spellings[attribute]] if attribute in self.spellings else attribute


class Handle:
    """Stands for a value of the student's. It can be called, read and assigned to; it has no value of its own."""

    def __init__(self, tape: _Tape, number: int) -> None:
        object.__setattr__(self, "_tape", tape)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args: Any, **kwargs: Any) -> Handle:
        tape = _tape(self)
        target, method = _number(self), None
        last = tape.steps[-1] if tape.steps else None
        if last is not None and last[0] == "get" and last[1] == target:
            # `layer.forward(X)` was recorded as a read of `forward`: make it one call
            _, _, target, spelling = tape.steps.pop()
            method = spelling if isinstance(spelling, str) else spelling[0]
        values = [tape.value(arg) for arg in args]
        named = {key: tape.value(arg) for key, arg in kwargs.items()}
        out = tape.handle()
        tape.steps.append(["call", _number(out), target, method, values, named])
        return out

    def __getattr__(self, attribute: str) -> Handle:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        tape = _tape(self)
        out = tape.handle()
        tape.steps.append(["get", _number(out), _number(self), tape.spelling(attribute)])
        return out

    def __setattr__(self, attribute: str, value: Any) -> None:
        tape = _tape(self)
        tape.steps.append(["set", _number(self), tape.spelling(attribute), tape.value(value)])

    def _refuse(self, *_: Any) -> NoReturn:
        raise ProbeError("a probe cannot look at a student's value: it may only call, read, assign and yield it")

    __bool__ = __iter__ = __len__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __neg__ = __getitem__ = __setitem__ = __float__ = __int__ = __array__ = _refuse
    __hash__ = object.__hash__


def _tape(handle: Handle) -> _Tape:
    tape: _Tape = object.__getattribute__(handle, "_tape")
    return tape


def _number(handle: Handle) -> int:
    number: int = object.__getattribute__(handle, "_number")
    return number


def record(
    probe: Probe,
    entries: Sequence[str],
    case: Any,
    inputs: Mapping[str, Any],
    spellings: Mapping[str, Sequence[str]] | None = None,
) -> Program:
    """The program of `probe` on one case.

    `entries` names the globals that the probe is given ("Linear"); `inputs` names the case's arrays for messages;
    `spellings` lists other attribute names that are accepted ("W": ("weight", "weights")).

    >>> def probe(layer, case):
    ...     relu = layer()
    ...     yield "Y", relu.forward(case["X"])
    >>> case = {"X": np.ones((1, 2))}
    >>> [step[0] for step in record(probe, ["ReLU"], case, case).steps]
    ['name', 'call', 'call', 'yield']
    """
    tape = _Tape(inputs, spellings or {})
    subjects = []
    for name in entries:
        subject = tape.handle()
        tape.steps.append(["name", _number(subject), name])
        subjects.append(subject)
    seen: set[str] = set()
    for label, value in probe(*subjects, case):
        if label in seen:
            raise ProbeError(f"the probe {probe.__name__} yields {label!r} twice")
        seen.add(label)
        tape.steps.append(["yield", label, tape.value(value)])
    return Program(tuple(tape.steps), tuple(tape.arrays), tuple(tape.names))
