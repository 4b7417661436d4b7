"""What a value in a policy's file may be: each reader takes what TOML gives, or raises ValueError.

The error's words, if any, are put behind the sentence that says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from grader.catalogue import keys
from grader.policy import Amount, Base, instant

_UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400, "d": 86400}
MOST_DAYS = 366
_YEARS = range(1990, 2200)

PERCENT = 'a percentage like "10 %"'
PERCENT_OR_POINTS = 'a percentage like "10 %" (in quotes), or a number of points like 0.5'
DAYS = f"a whole number of days, 0 to {MOST_DAYS}"
YES_NO = "true or false, without quotes"
TABLE = "a section of its own"
DATE = 'a date with a time of day, like "2026-03-01 23:59" or "2026-03-01 23:59 +01:00"'


def as_due(value: Any, zone: ZoneInfo | None) -> datetime:
    if isinstance(value, str):
        text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", value.strip())
        try:
            value = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise ValueError from None
    if not isinstance(value, datetime):
        if isinstance(value, date):
            raise ValueError("The time of day is missing.")
        raise ValueError
    if value.year not in _YEARS:
        raise ValueError("Is the year right?")
    if value.tzinfo is None:
        if zone is None:
            raise ValueError(
                'It has no time zone: add timezone = "Europe/Berlin" (yours) at the top of the file, or an offset.'
            )
        value = value.replace(tzinfo=zone)
    due = instant(value)
    return due.astimezone(zone if zone is not None else value.tzinfo)


def as_zone(value: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(as_text(value))
    except (KeyError, OSError, ValueError):  # none of that name, the name of a folder, no name at all
        raise ValueError("There is no time zone of that name here.") from None


def as_duration(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)\s*([a-z]+)", as_text(value).strip().lower())
    unit = (_UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s"))) if found else None
    if found is None or unit is None:
        raise ValueError
    return timedelta(seconds=float(found[1]) * unit)


def as_amount(value: Any) -> Amount:
    return Amount(as_share(value), True) if isinstance(value, str) else Amount(as_points(value), False)


def as_weight(value: Any) -> float | None:
    weight = as_share(value) if isinstance(value, str) else as_points(value)
    if weight > 1:
        raise ValueError('A weight of 30 percent is "30 %" or 0.3.')
    return weight


def as_share(value: Any) -> float:
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", as_text(value).strip())
    if found is None or float(found[1]) > 100:
        raise ValueError
    return float(found[1]) / 100


def as_points(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise ValueError
    return float(value)


def as_base(value: Any) -> Base:
    if value not in list(Base):
        raise ValueError
    return Base(value)


def as_days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
        raise ValueError
    return value


def as_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def as_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def as_key(value: Any) -> str | None:
    if as_text(value) not in keys():
        near = get_close_matches(value, keys(), n=1, cutoff=0.5)
        raise ValueError(f'Did you mean "{near[0]}"?' if near else "")
    return str(value)


def as_table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


def as_tables(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise ValueError
    return value
