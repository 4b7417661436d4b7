"""A policy's TOML file: which keys there are, what they may hold, and the sentence for everything else."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from grader.catalogue import keys
from grader.policy import HomeworkPolicy, Late, Policy, PolicyError, Waiver
from grader.policy.values import (
    DATE,
    DAYS,
    PERCENT,
    PERCENT_OR_POINTS,
    TABLE,
    YES_NO,
    as_amount,
    as_base,
    as_days,
    as_due,
    as_duration,
    as_flag,
    as_key,
    as_points,
    as_share,
    as_table,
    as_tables,
    as_text,
    as_weight,
    as_zone,
)

T = TypeVar("T")

_TOP = ("timezone", "totals", "late", "homework", "used", "waivers")
_TOTALS = ("round_to", "bonus")
_LATE = (
    *("grace", "off_per_day", "of", "last_day", "after_last_day", "total_at_most"),
    *("budget_per_homework", "after_budget"),
)
_HOMEWORK = ("due", "timezone", "weight", "late", *_TOTALS)
_WAIVER = ("student", "homework", "extra_days", "no_deduction", "excused", "reason")


@dataclass(frozen=True)
class Section:
    """One table of the file, with the name that stands before its keys in sentences."""

    file: Path
    name: str
    entries: Mapping[str, Any]

    def known(self, names: Collection[str], what: str = "key") -> None:
        """Refuse every other key, and name the nearest."""
        for key in self.entries:
            if key not in names:
                near = get_close_matches(key, names, n=1, cutoff=0.5)
                advice = f'did you mean "{near[0]}"?' if near else f"it may be: {', '.join(names)}."
                raise PolicyError(f'{self.file}: "{self._full(key)}" is no known {what}; {advice}')

    def get(self, key: str, reader: Callable[[Any], T], expected: str, default: T) -> T:
        """The value of a key as `reader` takes it; one that it refuses with ValueError becomes a sentence."""
        if key not in self.entries:
            return default
        value = self.entries[key]
        try:
            return reader(value)
        except ValueError as error:
            said = f" {error}" if str(error) else ""
            raise self.wrong(key, f"is {_shown(value)}; it should be {expected}.{said}") from None

    def section(self, key: str) -> Section:
        """The table under a key; an empty one where there is none."""
        return Section(self.file, self._full(key), self.get(key, as_table, TABLE, {}))

    def wrong(self, key: str, words: str) -> PolicyError:
        return PolicyError(f"{self.file}: {self._full(key)} {words}")

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def read(path: Path) -> Policy:
    """The policy in `path`. Raises PolicyError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PolicyError(f"The policy {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"The policy {path} is not UTF-8 text.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(
            f"{path} is not valid TOML: {error}. Text, dates and percentages stand in quotes: "
            'due = "2026-03-01 23:59", weight = "30 %".'
        ) from error
    top = Section(path, "", document)
    top.known(_TOP)
    zone = top.get("timezone", as_zone, 'a time zone like "Europe/Berlin"', None)
    late = top.section("late")
    late.known((*_LATE, "budget"))
    budget = late.get("budget", as_days, DAYS, None)
    totals = top.section("totals")
    totals.known(_TOTALS)
    usual = _totals(totals, HomeworkPolicy(late=_late(late, Late(), budget)))
    homeworks = _homeworks(top.section("homework"), usual, zone, budget)
    return Policy(usual, homeworks, budget, _used(top.section("used"), budget), tuple(_waivers(top)), zone)


def _homeworks(
    section: Section, usual: HomeworkPolicy, zone: ZoneInfo | None, budget: int | None
) -> Mapping[str, HomeworkPolicy]:
    section.known(keys(), "homework")
    found = {}
    for key in section.entries:
        part = section.section(key)
        part.known(_HOMEWORK)
        own = part.get("timezone", as_zone, 'a time zone like "Europe/Berlin"', zone)
        late = part.section("late")
        if "budget" in late.entries:
            raise late.wrong("budget", "cannot differ between homeworks: they share it. Give it under [late].")
        late.known(_LATE)
        found[key] = replace(
            _totals(part, usual),
            due=part.get("due", partial(as_due, zone=own), DATE, None),
            weight=part.get("weight", as_weight, 'a percentage like "30 %", or a number from 0 to 1', None),
            late=_late(late, usual.late, budget),
        )
    total = math.fsum(one.weight or 0.0 for one in found.values())
    if total > 1 + 1e-9:
        raise PolicyError(f"{section.file}: the weights of the homeworks add up to {100 * total:g} %, more than 100 %.")
    return found


def _totals(section: Section, usual: HomeworkPolicy) -> HomeworkPolicy:
    return replace(
        usual,
        bonus=section.get("bonus", as_flag, YES_NO, usual.bonus),
        round_to=section.get("round_to", as_points, "a number of points like 0.5 (0: not rounded)", usual.round_to),
    )


def _late(section: Section, usual: Late, budget: int | None) -> Late:
    """The rules of a section over those of the whole course, key by key."""
    off = section.get("off_per_day", as_amount, PERCENT_OR_POINTS, usual.off_per_day)
    of = section.get("of", as_base, '"possible" or "earned"', usual.of)
    if off is not None and off.share and of is None:
        raise section.wrong("off_per_day", 'is a percentage; say what of: of = "possible" or of = "earned".')
    if "of" in section.entries and (off is None or not off.share):
        raise section.wrong("of", "goes with a percentage in off_per_day only.")
    late = Late(
        grace=section.get("grace", as_duration, 'a time like "15 min" or "1 h"', usual.grace),
        off_per_day=off,
        of=of if off is not None and off.share else None,
        last_day=section.get("last_day", as_days, DAYS, usual.last_day),
        after_last_day=section.get("after_last_day", as_share, PERCENT, usual.after_last_day),
        total_at_most=section.get("total_at_most", as_amount, PERCENT_OR_POINTS, usual.total_at_most),
        budget_per_homework=section.get("budget_per_homework", as_days, DAYS, usual.budget_per_homework),
        after_budget=section.get("after_budget", as_share, PERCENT, usual.after_budget),
    )
    if "after_last_day" in section.entries and late.last_day is None:
        raise section.wrong("after_last_day", "needs last_day beside it, the last late day that is accepted.")
    for key in ("budget_per_homework", "after_budget"):
        if key in section.entries and budget is None:
            raise section.wrong(key, "needs a budget of late days: budget = 5 under [late].")
    if late.after_budget is not None and late.off_per_day is not None:
        raise section.wrong(
            "after_budget", "and off_per_day contradict each other beyond the budget; keep one of them."
        )
    if budget is not None and late.after_budget is None and late.off_per_day is None:
        raise section.wrong(
            "budget",
            'says nothing about days beyond it; add off_per_day, or after_budget = "0 %" (such a hand-in is void).',
        )
    return late


def _used(section: Section, budget: int | None) -> Mapping[str, Mapping[str, int]]:
    if section.entries and budget is None:
        raise PolicyError(f"{section.file}: [used] counts days of a budget, but [late] gives no budget.")
    found = {}
    for student in section.entries:
        part = section.section(student)
        part.known(keys(), "homework")
        found[student] = {key: part.get(key, as_days, DAYS, 0) for key in part.entries}
    return found


def _waivers(top: Section) -> Iterator[Waiver]:
    none: list[Mapping[str, Any]] = []
    for number, entries in enumerate(top.get("waivers", as_tables, "written as [[waivers]], one for each", none), 1):
        part = Section(top.file, f"waivers (number {number})", entries)
        part.known(_WAIVER)
        waiver = Waiver(
            student=part.get("student", as_text, "a student's id in quotes", ""),
            homework=part.get("homework", as_key, f"one of: {', '.join(keys())}", None),
            extra_days=part.get("extra_days", as_days, DAYS, 0),
            no_deduction=part.get("no_deduction", as_flag, YES_NO, False),
            excused=part.get("excused", as_flag, YES_NO, False),
            reason=part.get("reason", as_text, "text in quotes", ""),
        )
        if not waiver.student:
            raise part.wrong("student", "is missing: the student's id, as the gradebook has it.")
        if not (waiver.extra_days or waiver.no_deduction or waiver.excused):
            raise PolicyError(f"{part.file}: {part.name} grants nothing; add extra_days, no_deduction or excused.")
        if waiver.excused and not waiver.reason:
            raise part.wrong("reason", "is missing: say why the student is excused.")
        yield waiver


def _shown(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else "a section" if isinstance(value, dict) else str(value)[:60]
