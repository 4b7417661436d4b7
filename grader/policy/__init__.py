"""The course's policy: due dates, lateness, weights, rounding and waivers, as an instructor writes them in TOML.

What it makes of one student's hand-in is said in `standing`; how points are changed by it, in `grader.final`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo


class PolicyError(ValueError):
    """The policy cannot be read; the message is a sentence that names the file and the key."""


class Base(StrEnum):
    """What a percentage is taken of."""

    POSSIBLE = "possible"  # the homework's possible points, without bonus
    EARNED = "earned"  # what the student earned


@dataclass(frozen=True)
class Amount:
    """Points, or a share of something (0.1 is 10 %).

    >>> Amount(0.25, share=True).points(14)
    3.5
    """

    value: float
    share: bool

    def points(self, whole: float) -> float:
        """The amount in points where it is a share of `whole`."""
        return self.value * whole if self.share else self.value


@dataclass(frozen=True)
class Late:
    """What lateness costs in one homework. Shares run from 0 to 1; None is "no such rule"."""

    grace: timedelta = timedelta(0)
    off_per_day: Amount | None = None
    of: Base | None = None  # where `off_per_day` is a share
    last_day: int | None = None  # the last late day that is accepted
    after_last_day: float = 0.0  # the share of the earned points that is left after it
    total_at_most: Amount | None = None  # of the possible points
    budget_per_homework: int | None = None
    after_budget: float | None = None  # the share that is left once the budget is used up


@dataclass(frozen=True)
class HomeworkPolicy:
    """The policy of one homework. `due` has a time zone; without one there is no lateness."""

    due: datetime | None = None
    late: Late = Late()
    weight: float | None = None  # the homework's share of the course, 0 to 1
    bonus: bool = True
    round_to: float = 0.0


@dataclass(frozen=True)
class Waiver:
    """What one student is granted, in one homework or (None) in all of them."""

    student: str
    homework: str | None = None
    extra_days: int = 0
    no_deduction: bool = False
    excused: bool = False  # the homework does not count for the student
    reason: str = ""


@dataclass(frozen=True)
class Policy:
    """The policy of a course. `usual` holds for homeworks that it does not name.

    `used` counts late days of the budget that a student (outer key) has taken in a homework (inner key).
    """

    usual: HomeworkPolicy = HomeworkPolicy()
    homeworks: Mapping[str, HomeworkPolicy] = field(default_factory=dict)
    budget: int | None = None  # late days that cost nothing, for each student in all homeworks together
    used: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    zone: ZoneInfo | None = None

    def of(self, key: str) -> HomeworkPolicy:
        """The policy of a homework."""
        return self.homeworks.get(key, self.usual)

    def waived(self, key: str, student: str) -> tuple[Waiver, ...]:
        """What a student is granted in a homework."""
        return tuple(one for one in self.waivers if one.student == student and one.homework in (None, key))

    def excuses(self, key: str, student: str) -> bool:
        """Whether a homework does not count for a student."""
        return any(waiver.excused for waiver in self.waived(key, student))


def instant(local: datetime) -> datetime:
    """The instant of a clock reading in its time zone, in UTC. Where the clock shows it twice or never, the later one.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> instant(datetime(2026, 10, 25, 2, 30, tzinfo=berlin)).isoformat()
    '2026-10-25T01:30:00+00:00'
    """
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def read_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises PolicyError with a sentence that names the file and the key."""
    from grader.policy.file import read  # it needs the classes above

    return read(Path(path))
