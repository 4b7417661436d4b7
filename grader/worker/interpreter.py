"""Runs a program against a namespace: the same way for a student's class, for the reference and for a fault.

A step that raises spoils what depends on it and nothing else: the program goes on, so that a `backward` that fails
does not hide a right `forward`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from numpy.typing import NDArray

from .convert import fitted, outcome_of, wrapped
from .program import Outcome, Program, Run, StepError

LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class _Spoilt:
    """What a handle holds when the step that was to fill it raised."""

    error: StepError


def execute(
    program: Program,
    namespace: Mapping[str, Any],
    flavour: Mapping[str, str] | None = None,
    pieces: Collection[str] = (),
) -> Run:
    """Run every step. `flavour` maps input names to what they are wrapped as; `pieces` names the student's sources.

    Errors of the code under test become `StepError`; nothing that it raises escapes, SystemExit and
    KeyboardInterrupt included.
    """
    return _Execution(program, namespace, flavour or {}, pieces).run()


class _Execution:
    def __init__(
        self, program: Program, namespace: Mapping[str, Any], flavour: Mapping[str, str], pieces: Collection[str]
    ) -> None:
        self.program = program
        self.namespace = namespace
        self.flavour = flavour
        self.pieces = pieces
        self.handles: dict[int, Any] = {}
        self.named: dict[int, str] = {}  # what a handle is called in messages
        self.troubled: dict[int, StepError] = {}  # objects whose latest call raised
        self.read_after: dict[int, StepError] = {}
        self.lent: list[tuple[str, NDArray[Any], NDArray[Any]]] = []
        self.edited: dict[str, None] = {}
        self.outcomes: dict[str, Outcome] = {}

    def run(self) -> Run:
        actions: dict[str, Callable[..., None]] = {
            "name": self._name,
            "call": self._call,
            "get": self._get,
            "set": self._set,
            "yield": self._yield,
        }
        for verb, *operands in self.program.steps:
            actions[verb](*operands)
        return Run(self.outcomes, tuple(self.edited))

    def _name(self, out: int, name: str) -> None:
        self.named[out] = name
        try:
            self.handles[out] = self.namespace[name]
        except KeyError:
            message = f"name {name!r} is not defined"
            self.handles[out] = _Spoilt(StepError(name, "NameError", message, missing_name=name))

    def _call(self, out: int, handle: int, method: str | None, args: list[Any], kwargs: dict[str, Any]) -> None:
        step = f"creating {self.named.get(handle, 'it')}" if method is None else method
        self.named[out] = self.named.get(handle, "") if method is None else method
        target = self.handles[handle]
        spoilt = self._spoilt([{"handle": handle}, *args, *kwargs.values()])
        if spoilt is not None:
            self.handles[out] = spoilt
            return
        self.lent.clear()
        try:
            values = [self._value(arg) for arg in args]
            named = {key: self._value(arg) for key, arg in kwargs.items()}
            function = target if method is None else getattr(target, method)
            self.handles[out] = function(*values, **named)
            self.troubled.pop(handle, None)
        except BaseException as error:
            described = self._describe(step, error)
            self.handles[out] = _Spoilt(described)
            self.troubled[handle] = described
        for name, copy, original in self.lent:
            # Bytes, because numpy's own comparison imports what student code can have replaced.
            if copy.tobytes() != original.astype(copy.dtype).tobytes():
                self.edited[name] = None

    def _get(self, out: int, handle: int, attribute: str | list[str]) -> None:
        target = self.handles[handle]
        if isinstance(target, _Spoilt):
            self.handles[out] = target
            return
        try:
            self.handles[out] = getattr(target, _spelling(target, attribute))
        except BaseException as error:
            self.handles[out] = _Spoilt(self._describe(f"reading {_first(attribute)}", error))
        if handle in self.troubled:
            self.read_after[out] = self.troubled[handle]

    def _set(self, handle: int, attribute: str | list[str], value: Any) -> None:
        target = self.handles[handle]
        if isinstance(target, _Spoilt):
            return
        try:
            name = _spelling(target, attribute)
            existing = getattr(target, name, None)
            setattr(target, name, fitted(self._value(value), existing))
        except BaseException as error:
            self.troubled[handle] = self._describe(f"setting {_first(attribute)}", error)

    def _yield(self, label: str, value: Any) -> None:
        spoilt = self._spoilt([value])
        if spoilt is not None:
            self.outcomes[label] = Outcome(error=spoilt.error)
            return
        try:
            outcome = outcome_of(self._value(value))
        except BaseException as error:
            self.outcomes[label] = Outcome(error=self._describe("reading the result", error))
            return
        after = self.read_after.get(value.get("handle", -1))
        self.outcomes[label] = Outcome(outcome.value, outcome.kind, outcome.refused, None, after)

    def _value(self, value: Any) -> Any:
        if "array" in value:
            index = value["array"]
            name = self.program.names[index]
            given, watched = wrapped(self.program.arrays[index], self.flavour.get(name))
            self.lent.append((name, watched, self.program.arrays[index]))
            return given
        if "handle" in value:
            return self.handles[value["handle"]]
        if "list" in value:
            return [self._value(item) for item in value["list"]]
        return value["value"]

    def _spoilt(self, values: list[Any]) -> _Spoilt | None:
        for value in values:
            if "handle" in value and isinstance(self.handles[value["handle"]], _Spoilt):
                found: _Spoilt = self.handles[value["handle"]]
                return found
            if "list" in value:
                inner = self._spoilt(value["list"])
                if inner is not None:
                    return inner
        return None

    def _describe(self, step: str, error: BaseException) -> StepError:
        return step_error(step, error, self.pieces)


def step_error(step: str, error: BaseException, pieces: Collection[str]) -> StepError:
    """`error` as data: its type, its words, and the innermost line of the student's own source that led to it."""
    piece, line = None, None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename in pieces:
            piece, line = filename, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename in pieces:
        piece, line = error.filename, error.lineno
    try:
        message = str(error)[:LONGEST_MESSAGE]
    except BaseException:
        message = ""
    return StepError(
        step=step,
        type=type(error).__name__,
        message=message,
        piece=piece,
        line=line,
        text=linecache.getline(piece, line).strip()[:LONGEST_MESSAGE] if piece and line else "",
        missing_name=_text(getattr(error, "name", None)) if isinstance(error, NameError) else None,
        missing_module=_text(getattr(error, "name", None)) if isinstance(error, ImportError) else None,
    )


def _text(name: Any) -> str | None:
    return name if isinstance(name, str) else None


def _spelling(target: Any, attribute: str | list[str]) -> str:
    """The first of several accepted spellings that the object has; else the sheet's own."""
    if isinstance(attribute, str):
        return attribute
    return next((name for name in attribute if hasattr(target, name)), attribute[0])


def _first(attribute: str | list[str]) -> str:
    return attribute if isinstance(attribute, str) else attribute[0]
