"""Which column of `Scores` holds what: the formulas of two sheets and the reader of typed marks go by it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from grader.gradebook import Gradebook, Standing

NAME = "Scores"
STUDENT, PERSON, FIRST = 0, 1, 2
CALCULATED = ("Human marks", "Points", "Total", "Pending")
"""Headings of columns that hold a formula in every row."""

STANDING = ("Factor", "Minus", "Cap")
"""Headings of what the policy makes of a student."""

TITLES = (
    *("Student", "Name", "Human marks", "Points", "Late", "Factor", "Minus", "Cap", "Total", "Pending", "Percent"),
    *("Status", "Misconceptions", "Flags", "Page", "Key"),
)
"""All headings but those of the questions."""

_NONE = Standing()


def override_title(question: str) -> str:
    """The heading of the column where a person types the points of a whole question.

    >>> override_title("Q1")
    'Q1 override'
    """
    return f"{question} override"


def questions_among(titles: Collection[str]) -> set[str]:
    """The questions that have a column for the grader's points and one for a person's.

    >>> questions_among(("Student", "Q1", "Total", "Q1 override"))
    {'Q1'}
    """
    return {title for title in titles if override_title(title) in titles}


@dataclass(frozen=True)
class ScoresLayout:
    """Column numbers, from 0. The columns of the policy are there only where it changes something for somebody."""

    questions: int
    policy: bool
    rows: int

    @classmethod
    def of(cls, gradebook: Gradebook) -> ScoresLayout:
        """The layout for a gradebook."""
        changed = any(
            standing.words or (standing.factor, standing.minus, standing.cap) != (_NONE.factor, _NONE.minus, _NONE.cap)
            for standing in gradebook.standings.values()
        )
        return cls(len(gradebook.questions), changed, len(gradebook.reports))

    @property
    def human(self) -> int:
        return FIRST + self.questions

    @property
    def points(self) -> int:
        """What is earned before the policy; with `late`, `factor`, `minus` and `cap` to its right."""
        return self.human + 1

    @property
    def late(self) -> int:
        return self.human + 2

    @property
    def factor(self) -> int:
        return self.human + 3

    @property
    def minus(self) -> int:
        return self.human + 4

    @property
    def cap(self) -> int:
        return self.human + 5

    @property
    def total(self) -> int:
        return self.human + (6 if self.policy else 1)

    @property
    def pending(self) -> int:
        return self.total + 1

    @property
    def share(self) -> int:
        return self.total + 2

    @property
    def status(self) -> int:
        return self.total + 3

    @property
    def override(self) -> int:
        """The first of as many columns as there are questions."""
        return self.total + 4

    @property
    def faults(self) -> int:
        return self.override + self.questions

    @property
    def flags(self) -> int:
        return self.faults + 1

    @property
    def page(self) -> int:
        return self.faults + 2

    @property
    def key(self) -> int:
        return self.faults + 3
