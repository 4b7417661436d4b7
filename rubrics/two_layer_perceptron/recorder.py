"""Runs inside the confined process, beside the student's cells: keeps what they print and show, and what names hold.

The source of this module travels; the rest of the project cannot be imported there. What it says leaves as one text,
code point by code point, because only arrays of numbers leave the process.
"""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

LONGEST = 150_000
MOST_ENTRIES = 400
CELL = "\x1e"  # begins a section of the transcript: CELL, kind, space, number of the cell


class Recorder:
    """The transcript of a run."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.known: dict[str, str] = {}
        self.missing: list[str] = []

    def say(self, text: str) -> None:
        if self.size < LONGEST:
            self.parts.append(text)
            self.size += len(text)

    def print(self, *values: Any, sep: Any = None, end: Any = None, file: Any = None, flush: bool = False) -> None:
        """`print` as the student's cells see it."""
        if file is not None and file not in (sys.stdout, sys.stderr):
            file.write((" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end))
            return
        self.say((" " if sep is None else sep).join(str(value) for value in values) + ("\n" if end is None else end))

    def show(self, value: Any) -> None:
        """The last expression of a cell, as a notebook shows it."""
        if value is not None:
            self.say(f"{value!r}\n")

    def cell(self, number: int) -> None:
        self.say(f"\n{CELL}printed {number}\n")

    def after(self, number: int, namespace: Mapping[str, Any]) -> None:
        """What every name holds, where anything has changed since the last cell."""
        held: dict[str, str] = {}
        for name, value in list(namespace.items()):
            if not name.startswith("_") and name != "print":
                held |= {path: written(array) for path, array in numbers_in(name, value)}
        if held != self.known:
            self.known = held
            self.say(f"\n{CELL}left {number}\n" + "".join(f"{path} = {text}\n" for path, text in held.items()))

    def transcript(self) -> Any:
        return code_points("".join(self.parts))

    def missing_text(self) -> Any:
        return code_points(" ".join(self.missing))


class Written(io.StringIO):
    """`sys.stdout.write` as the student's cells see it."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def write(self, text: str, /) -> int:
        self.recorder.say(text)
        return len(text)


def keep(name: str, namespace: Mapping[str, Any]) -> None:
    """Let `import` find a module of the student's own, by what has been defined so far."""
    module = type(sys)(name)
    module.__dict__.update(namespace)
    sys.modules[name] = module


def code_points(text: str) -> Any:
    return np.array([ord(char) for char in text], dtype=np.int64)


def written(array: Any) -> str:
    """An array with every digit it has."""
    return repr(np.asarray(array, dtype=float).tolist())


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def numbers_in(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every numeric value that `value` holds, with its path: ``model.linear.weight``, ``params['W1']``, ``net.0['W']``.

    A place in a list is written with a point, so that it is not read as a number.
    """
    try:
        if isinstance(value, bool | str | bytes | type) or inspect.ismodule(value) or inspect.isroutine(value):
            return
        if is_tensor(value):
            array = np.asarray(value.detach().cpu().tolist(), dtype=float)
            if 0 < array.size <= MOST_ENTRIES:
                yield name, array
            if getattr(value, "is_leaf", False) and value.grad is not None:
                yield f"{name}.grad", np.asarray(value.grad.detach().cpu().tolist(), dtype=float)
        elif isinstance(value, int | float | np.generic):
            yield name, np.asarray(float(value))
        elif isinstance(value, np.ndarray):
            if value.dtype.kind in "fiu" and 0 < value.size <= MOST_ENTRIES:
                yield name, value.astype(float)
        elif isinstance(value, dict):
            for key, inner in list(value.items())[:60] if depth < 3 else ():
                path = f"{name}.{key}" if isinstance(key, int) else f"{name}[{key!r}]"
                yield from numbers_in(path, inner, depth + 1)
        elif isinstance(value, list | tuple):
            yield from _list(name, value, depth)
        elif hasattr(value, "named_parameters"):
            for key, inner in value.named_parameters():
                yield from numbers_in(f"{name}.{key}", inner, depth + 1)
        elif (
            hasattr(value, "__dict__")
            and depth < 3
            and not type(value).__module__.startswith(("torch", "numpy", "matplotlib"))
        ):
            for key, inner in list(vars(value).items())[:60]:
                yield from numbers_in(f"{name}.{key}", inner, depth + 1)
    except Exception:
        return


def _list(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    try:
        plain = [item.detach().cpu().tolist() if is_tensor(item) else item for item in value]
        array = np.array(plain, dtype=float)
        if 0 < array.size <= MOST_ENTRIES:
            yield name, array
            return
    except (ValueError, TypeError):
        pass
    if len(value) > 2 and all(isinstance(item, dict) and item.keys() == value[0].keys() for item in value):
        for key in value[0]:  # rows of a table, such as {"epoch": 0, "loss": 0.3}
            yield from _column(f"{name}[{key!r}]", [item[key] for item in value])
    counted: dict[tuple[int, ...], int] = {}
    for inner in value[:110] if depth < 3 else ():
        # numbered among those of its shape: in [W1, b1, W2, b2] both W2 and b2 belong to the second layer
        shape = tuple(getattr(inner, "shape", ()))
        counted[shape] = counted.get(shape, -1) + 1
        yield from numbers_in(f"{name}.{counted[shape]}", inner, depth + 1)


def _column(name: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    if all(isinstance(item, int | float | np.generic) for item in values):
        yield from numbers_in(name, np.array(values, dtype=float))
