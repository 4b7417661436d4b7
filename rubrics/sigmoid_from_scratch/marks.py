"""What became of one label before it is put into points: right, wrong, unclear or missing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grader.model import Example
from rubrics.sigmoid_from_scratch.faults import BY_ID, Fault

RIGHT, WRONG, UNCLEAR, MISSING = "right", "wrong", "unclear", "missing"


@dataclass(frozen=True)
class Mark:
    """`why` is a sentence for the student, `note` advice that costs nothing, `flag` something for the instructor.

    `example` is what was expected beside what came, for the hand-in's own numbers.
    """

    kind: str
    faults: tuple[Fault, ...] = ()
    why: str = ""
    note: str = ""
    flag: str = ""
    example: Example | None = None


NOTHING: Final = Mark(MISSING)


def wrong(fault: str, seen: str = "") -> Mark:
    """A slip with a name; `seen` says first what was found."""
    return Mark(WRONG, (BY_ID[fault],), seen)
