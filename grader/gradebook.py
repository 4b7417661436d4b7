"""One homework of one class: what was judged, what persons gave, what the policy makes of it. What every export reads.

Nothing here adds anything up: totals are computed in `grader.final`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from grader.model import FaultInfo, QuestionInfo, SubmissionReport

WHOLE_HAND_IN = "all"
"""Stands for a question where a person marks a hand-in that could not be read as a whole."""


class Extent(StrEnum):
    """What a human mark stands for."""

    PENDING = "pending"  # the points for what waits for a human; the machine's stay beside them
    WHOLE = "whole"  # the points of the question, in place of everything the machine gave


@dataclass(frozen=True)
class HumanMark:
    """Points that a person gave, with when, where from and what was judged then.

    `points` None: only a comment, or a mark that cannot count; then `typed` is what was typed (words, a number out of
    range, points for what waits no more). `answer` is a digest of what the person saw; `stale` says that it is another
    now; `conflict` says in words which other mark of a person contradicts this one, and which of them counts.
    """

    student: str
    question: str
    points: float | None
    extent: Extent
    comment: str = ""
    at: str = ""  # UTC, ISO 8601
    source: str = ""  # "Review", "Scores", "grade mark"
    answer: str = ""
    stale: bool = False
    conflict: str = ""
    typed: str = ""


@dataclass(frozen=True)
class Standing:
    """What the course's policy makes of one student's points: ``points * factor - minus``, at most `cap`, at least 0.

    `words` says why ("2 days late: 20 % off"); empty where the policy changes nothing.
    """

    factor: float = 1.0
    minus: float = 0.0
    cap: float | None = None
    days_late: int = 0
    submitted: str = ""  # ISO 8601 with the course's time zone
    words: str = ""


@dataclass(frozen=True)
class TotalRule:
    """How totals are made in this course: whether a bonus counts, and the step that totals are rounded to (0: not)."""

    bonus: bool = True
    step: float = 0.0
    weight: float | None = None  # the homework's share of the course, 0 to 1


class Reveal(StrEnum):
    """The instructor's wish: when students see expected values on their pages."""

    NEVER = "never"
    AFTER_DUE = "after-due"  # without a due date: never
    ALWAYS = "always"


@dataclass(frozen=True)
class Gradebook:
    """One homework of one class, judged: what every export reads.

    `marks` are a person's, `standings` what the policy makes of a student (by id), `rule` how totals are made. What a
    submission counts in the end is computed in `grader.final`.
    """

    homework: str
    title: str
    questions: tuple[QuestionInfo, ...]
    faults: tuple[FaultInfo, ...]
    reports: tuple[SubmissionReport, ...]  # sorted by student id
    about: tuple[tuple[str, str], ...] = ()  # versions, seed, confinement, errata
    errata: tuple[str, ...] = field(default=())
    marks: tuple[HumanMark, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    rule: TotalRule = TotalRule()
    reveal: Reveal = Reveal.ALWAYS
    due: datetime | None = None  # with a time zone
    excused: frozenset[str] = frozenset()  # students for whom the homework does not count in the course

    @cached_property
    def marks_by_question(self) -> Mapping[tuple[str, str], Mapping[Extent, HumanMark]]:
        """The marks by (student id, question id) and by what they stand for."""
        found: dict[tuple[str, str], dict[Extent, HumanMark]] = {}
        for mark in self.marks:
            found.setdefault((mark.student, mark.question), {})[mark.extent] = mark
        return found
