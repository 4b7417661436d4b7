"""What the parent asks of a worker and what it hears back: the dataclasses on both sides of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .program import Program, Run, StepError

Task = tuple[str, Program, Mapping[str, str]]
"""A program to run: its key in the reply, its steps, and how each input is wrapped ("X": "tensor")."""


class Piece(Protocol):
    """A stretch of the student's source: `name` is what messages call it, `first_line` where it starts there."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def first_line(self) -> int: ...


@dataclass(frozen=True)
class Source:
    """A piece as it arrives in the student's process."""

    name: str
    source: str
    first_line: int = 1


@dataclass(frozen=True)
class QuestionRequest:
    """One question: the student's pieces, executed in order in a fresh namespace, then every program.

    `torch` is "plain" (no torch), "torch" (the real one, or the stand-in where it is not installed) or "standin".
    """

    id: str
    pieces: tuple[Piece, ...]
    programs: tuple[Task, ...]
    torch: str = "plain"


@dataclass(frozen=True)
class QuestionReply:
    """What one question came to.

    `load_error` is the first piece that raised; the pieces after it and the programs are run all the same, because
    one bad import line must not cost the file. `seconds` is CPU time.
    """

    id: str
    load_error: StepError | None = None
    runs: Mapping[str, Run] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What one question may use: wall-clock and CPU seconds, bytes of memory, bytes of values sent back."""

    seconds: float = 10.0
    memory: int = 512 << 20
    reply_bytes: int = 64 << 20
