"""Mismatches and diagnoses put into words a student understands. All prose about code answers is made here.

Numbers are shown for public cases only; of a hidden case nothing appears but the shapes of its inputs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.compare import Mismatch, Rung
from grader.model import Example
from grader.prepared import PreparedCase
from grader.verdict import Failure
from grader.worker.program import Program, StepError

EARLIER = "_before"  # how a case calls the inputs of an earlier call on the same object: `X_before`
Locate = Callable[[StepError], str]  # where an error stands in the hand-in: "hw.ipynb, cell 7, line 12"


def origin(program: Program, label: str) -> str:
    """What a label is, in the words of the sheet: "the result of `forward`", "`W` after `backward`".

    >>> from grader.worker.program import Program
    >>> origin(Program((["call", 1, 0, "forward", [], {}], ["yield", "Y", {"handle": 1}]), (), ()), "Y")
    'the result of `forward`'
    """
    made: dict[int, str] = {}
    method = ""
    for verb, *operands in program.steps:
        if verb == "call" and operands[2] is not None:
            method = operands[2]
            made[operands[0]] = f"the result of `{method}`"
        elif verb == "get":
            attribute = operands[2] if isinstance(operands[2], str) else operands[2][0]
            made[operands[0]] = f"`{attribute}` after `{method}`" if method else f"`{attribute}`"
        elif verb == "yield" and operands[0] == label:
            return made.get(operands[1].get("handle", -1), f"`{label}`")
    return f"`{label}`"


def what_came(label: str, failure: Failure, locate: Locate) -> str:
    """One or two sentences: what was expected, what came, and where."""
    case, mismatch = failure.case, failure.mismatch
    what = origin(case.program, label)
    if mismatch.rung is Rung.REACHED and mismatch.error is not None:
        return stopped(mismatch.error, locate, show=case.case.public)
    if failure.outcome.after is not None:
        return f"{stopped(failure.outcome.after, locate, show=case.case.public)} So {what} is not as it should be."
    given = _given(case)
    if mismatch.rung is Rung.ARRAY:
        return f"{_upper(what)} is {mismatch.refused}; {_shape_words(case.want[label].shape)} was expected{given}."
    if mismatch.rung is Rung.SHAPE:
        return (
            f"{_upper(what)} is {_shape_words(mismatch.got_shape)}; "
            f"{_shape_words(mismatch.want_shape)} was expected{given}."
        )
    if mismatch.rung is Rung.FINITE:
        return f"{_upper(what)} contains {_number(mismatch.got)}{_entry(mismatch)}{given}."
    count = "" if mismatch.total == 1 else f"{_count(mismatch.wrong, mismatch.total)} entries of "
    verb = "is wrong" if mismatch.wrong == 1 or mismatch.total == 1 else "are wrong"
    said = f"{count}{what} {verb}"
    if case.case.public:
        said += f": {_entry(mismatch).strip() or 'it'} is {_number(mismatch.got)}, expected {_number(mismatch.want)}"
    return f"{_upper(said)}{given}."


def stopped(error: StepError, locate: Locate, *, show: bool = True) -> str:
    """An exception in the student's code: which step, what it said, where. `show=False` keeps its text back."""
    if error.type == "SyntaxError":
        return f"`{error.step}` does not parse: {error.message}."
    said = f": {error.message}" if show and error.message else ""
    where = locate(error)
    line = f" `{error.text}`" if error.text else ""
    place = f" ({where}{':' if line else ''}{line})" if where else ""
    return f"`{error.step}` stopped with {error.type}{said}{place}."


def example(label: str, failure: Failure) -> Example | None:
    """The failing case with its numbers, where it is public and small enough to redo by hand."""
    case = failure.case
    if not case.case.public:
        return None
    inputs = tuple(
        (name, value)
        for name, value in case.case.inputs.items()
        if isinstance(value, np.ndarray | int | float) and not isinstance(value, bool)
    )
    outcome = failure.outcome
    if outcome.value is not None and outcome.value.dtype.kind in "fib":
        return Example(inputs, case.want[label], outcome.value)
    words = f"{outcome.error.type}" if outcome.error else outcome.refused or "nothing"
    return Example(inputs, case.want[label], None, words)


def _count(wrong: int, total: int) -> str:
    """How many of several entries.

    >>> _count(1, 4), _count(2, 2), _count(4, 4)
    ('1 of 4', 'both', 'all 4')
    """
    if wrong < total:
        return f"{wrong} of {total}"
    return "both" if total == 2 else f"all {total}"


def _given(case: PreparedCase) -> str:
    sizes = {name: _shape(array.shape) for name, array in zip(case.program.names, case.program.arrays, strict=True)}
    now = [f"{name} {size}" for name, size in sizes.items() if not name.endswith(EARLIER)]
    earlier = ", after an earlier call with what is named “before”" if len(now) < len(sizes) else ""
    return f" (for {', '.join(now)}{earlier}; {'the example below' if case.case.public else 'a hidden case'})"


def _entry(mismatch: Mismatch) -> str:
    if len(mismatch.at) == 2:
        return f" row {mismatch.at[0] + 1}, column {mismatch.at[1] + 1}"
    return f" entry {mismatch.at[0] + 1}" if len(mismatch.at) == 1 else ""


def _shape_words(shape: tuple[int, ...]) -> str:
    if shape == ():
        return "a single number"
    return f"an array of shape {_shape(shape)}"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({', '.join(map(str, shape))},)" if shape else "number"


def _number(value: float) -> str:
    return "NaN" if np.isnan(value) else "infinity" if np.isinf(value) else f"{value + 0.0:.6g}"  # no -0


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
