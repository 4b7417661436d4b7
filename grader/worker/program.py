"""A program: the steps of one probe on one case, as data that can travel to the student's process.

A step is a plain list, so that a program is JSON plus arrays:

=====================================  =======================================================
``["name", out, name]``                handle `out` = the student's global `name`
``["call", out, h, method, args, kw]`` handle `out` = ``h.method(*args, **kw)``; method None calls `h` itself
``["get", out, h, attribute]``         handle `out` = ``h.attribute``
``["set", h, attribute, value]``       ``h.attribute = value``
``["yield", label, value]``            the outcome `label`, converted at this moment
=====================================  =======================================================

A value is ``{"array": i}`` (a fresh copy of input array `i`), ``{"handle": j}``, ``{"list": [values]}`` or
``{"value": literal}`` with None, bool, int, float or str.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Step = list[Any]


@dataclass(frozen=True)
class Program:
    """The steps of one probe on one case. `names[i]` is what input array `i` is called in messages ("X", "dY")."""

    steps: tuple[Step, ...]
    arrays: tuple[NDArray[Any], ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class StepError:
    """A step that raised in the student's code.

    `step` says which, in words ("forward", "backward", "creating Linear", "reading W"); `piece` and `line` where in
    the student's source, when it was there at all; `text` is that line. `missing_name` and `missing_module` are set
    for a NameError and an ImportError.
    """

    step: str
    type: str
    message: str
    piece: str | None = None
    line: int | None = None
    text: str = ""
    missing_name: str | None = None
    missing_module: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What one label came to in one run.

    Either `value` (a plain float64, int64, bool or complex128 array), or `refused` (why what came cannot be read as
    numbers), or `error`. `kind` is what was handed back, in words ("ndarray", "list", "float32 tensor", "None").
    `after` is the error of the latest call on the same object: the value was read although that call had raised.
    """

    value: NDArray[Any] | None = None
    kind: str = ""
    refused: str | None = None
    error: StepError | None = None
    after: StepError | None = None


@dataclass(frozen=True)
class Run:
    """All outcomes of one program: `edited` names the input arrays that the student's code changed in place."""

    outcomes: dict[str, Outcome]
    edited: tuple[str, ...] = ()
