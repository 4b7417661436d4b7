"""The frozen dataclasses that cross the seams of the grader: what was judged, and what is said about it.

Nothing here computes a verdict, reads a file or knows a homework.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


class Status(StrEnum):
    """What became of a question or a label: a closed set, each word with one meaning."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    MISSING = "missing"  # no answer, or the untouched template
    BLOCKED = "blocked"  # a question that it needs failed; not charged twice in words
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    TOO_BIG = "too_big"
    FORBIDDEN = "forbidden"
    NEEDS_HUMAN = "needs_human"  # points pending, total provisional
    GRADER_ERROR = "grader_error"  # our fault: pending, loud, never a zero


class Overall(StrEnum):
    """What became of a whole submission."""

    JUDGED = "judged"
    PROVISIONAL = "provisional"
    UNREADABLE = "unreadable"
    GRADER_ERROR = "grader_error"


@dataclass(frozen=True)
class Student:
    """Who handed in. `id` is the folder's or file's name where nothing better is known."""

    id: str
    name: str


@dataclass(frozen=True)
class Place:
    """Where something stands in a hand-in: file, cell (counted from 1; None in a script) and line (from 1)."""

    file: str
    cell: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.cell is not None:
            parts.append(f"cell {self.cell}")
        if self.line is not None:
            parts.append(f"line {self.line}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Example:
    """A small case that a student can redo by hand: inputs, what was expected and what came.

    `inputs` are (name, value) pairs in the order of use; `want` and `got` belong to one label.
    Only public cases become examples: hidden vectors never do.
    """

    inputs: tuple[tuple[str, Array | float | int], ...]
    want: Array | float
    got: Array | float | None
    got_words: str | None = None  # instead of `got`, when what came is no array ("nothing (None)", "ValueError: …")


@dataclass(frozen=True)
class Picture:
    """An image that a student handed in (an attachment, or a saved plot)."""

    mime: str
    data: bytes
    place: Place


@dataclass(frozen=True)
class AnswerText:
    """What a student wrote and what their cells printed, for a human to judge. Template text is left out.

    `code` holds the lines of code cells that are the student's own.
    """

    text: str = ""
    outputs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    places: tuple[Place, ...] = ()
    code: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.text.strip() or self.code or any(o.strip() for o in self.outputs) or self.pictures)


@dataclass(frozen=True)
class Figure:
    """A number that a student reports, beside the reference's: evidence for a human, no verdict.

    `want` is the reference's value or interval in words ("0.2031 to 0.2033"); `agrees` is None where none can be said.
    """

    what: str  # "loss after 1000 iterations, ReLU, 100 samples"
    got: str
    want: str
    agrees: bool | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Curve:
    """Two courses of one quantity over the same steps, to be drawn: the student's and the reference's."""

    title: str  # "sine net with ReLU: loss of the first 50 steps"
    got: tuple[float, ...]
    want: tuple[float, ...]


@dataclass(frozen=True)
class DrawnNumber:
    """A number of the student's in a drawn network: its name there ("w", "∂w"), what was written, what became of it."""

    name: str
    text: str  # empty where nothing was written
    status: Status


@dataclass(frozen=True)
class Node:
    """A unit of a drawn network; `layer` counts from 0, the input. Units of a layer stand in the order given."""

    id: str
    name: str
    layer: int
    numbers: tuple[DrawnNumber, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A connection between two nodes of a drawn network, with the numbers that belong to it."""

    start: str
    end: str
    numbers: tuple[DrawnNumber, ...] = ()


@dataclass(frozen=True)
class Network:
    """A small network to be drawn with the student's numbers; it holds no expected ones."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class LabelReport:
    """One judged label of a question ("dX"): marks, the reason for every lost one, and what to try."""

    label: str
    status: Status
    earned: float
    possible: float
    pending: float = 0.0
    faults: tuple[str, ...] = ()  # ids of the misconceptions, most certain first
    message: str = ""  # what was expected, what came, where
    hint: str = ""  # what to try, without giving the answer away
    example: Example | None = None
    notes: tuple[str, ...] = ()  # advice that costs nothing


@dataclass(frozen=True)
class QuestionReport:
    """One question of one submission."""

    id: str
    title: str
    possible: float
    bonus: bool
    status: Status
    labels: tuple[LabelReport, ...] = ()
    place: Place | None = None  # the definition or answer that was judged
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()  # for the instructor
    answer: AnswerText | None = None
    figures: tuple[Figure, ...] = ()
    curves: tuple[Curve, ...] = ()
    networks: tuple[Network, ...] = ()
    source_digest: str = ""  # of the code that was judged: another one, where that is another now

    @property
    def earned(self) -> float:
        return tidy(sum(label.earned for label in self.labels))

    @property
    def pending(self) -> float:
        return tidy(sum(label.pending for label in self.labels))


@dataclass(frozen=True)
class SubmissionReport:
    """Everything the grader says about one submission; `score` counts bonus, `possible` does not."""

    student: Student
    homework: str
    status: Overall
    questions: tuple[QuestionReport, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # e.g. which of several files was judged
    confinement: tuple[str, ...] = ()  # layers obtained: "rlimits", "landlock", "seccomp", …
    error: str = ""  # why nothing could be judged (unreadable, grader_error)
    files: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return tidy(sum(q.earned for q in self.questions))

    @property
    def possible(self) -> float:
        return tidy(sum(q.possible for q in self.questions if not q.bonus))

    @property
    def bonus(self) -> float:
        return tidy(sum(q.possible for q in self.questions if q.bonus))

    @property
    def pending(self) -> float:
        return tidy(sum(q.pending for q in self.questions))


@dataclass(frozen=True)
class FaultInfo:
    """A misconception in words: `words` for the student ("W was updated before dX was computed"), `hint`
    says what to try, `why` justifies it to the instructor."""

    id: str
    question: str
    labels: tuple[str, ...]
    words: str
    hint: str
    why: str = ""


@dataclass(frozen=True)
class QuestionInfo:
    """What an export needs to know of a question."""

    id: str
    title: str
    possible: float
    bonus: bool
    labels: tuple[tuple[str, float], ...]
    look_for: str = ""  # what the sheet asks of the part that a person judges; not for students


def tidy(points: float) -> float:
    """Points without binary dust: 0.1 + 0.2 is 0.3.

    >>> tidy(0.1 + 0.2)
    0.3
    """
    return round(float(points), 6) + 0.0
