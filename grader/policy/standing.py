"""What the policy makes of one hand-in: how late it is, what that costs, and the words that a student reads.

Days are started days by the clock of the due date: with a due time of 23:59 the first late day ends at 23:59 of the
next day, also where clocks change in between. Points are changed in `grader.final`, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from grader.gradebook import Standing, TotalRule
from grader.policy import Base, Late, Policy, instant


def standing(
    policy: Policy, key: str, student: str, submitted: datetime | None, possible: float, by: str = ""
) -> Standing:
    """What the policy makes of a student's points in the homework `key`.

    Args:
        submitted: when it was handed in, with a time zone; None where nobody knows, which costs nothing.
        possible: the homework's points without bonus; percentages "of the possible points" are taken of it.
        by: where the time is from, if the student should know ("the file's date").

    >>> from grader.policy import Amount, HomeworkPolicy
    >>> due = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    >>> late = Late(off_per_day=Amount(0.1, share=True), of=Base.EARNED)
    >>> policy = Policy(homeworks={"numpy_layers": HomeworkPolicy(due, late)})
    >>> standing(policy, "numpy_layers", "amal", due + timedelta(hours=25), 14).words
    '2 days late (due 2026-03-01 23:59 +00:00): 20 % off'
    """
    at = _at(policy, key, student)
    moment = (
        "" if submitted is None else submitted.astimezone(at.due.tzinfo if at.due else policy.zone or UTC).isoformat()
    )
    if at.excused:
        return Standing(submitted=moment, words=f"excused{at.reason}: this homework does not count")
    if at.due is None:
        return Standing(submitted=moment)
    if submitted is None:
        return Standing(words="no submission time known, so nothing is taken off for lateness")
    source = f", by {by}" if by else ""
    days = days_late(at.due, submitted, at.late.grace)
    if days == 0:
        return Standing(submitted=moment, words=_on_time(at, at.due, source))
    extended = f", extended by {_days(at.extra)}{at.reason}" if at.extra else ""
    opening = f"{_days(days)} late (due {clock(at.due)}{extended}{source})"
    verdict = _cost(at, days, possible)
    return replace(verdict, days_late=days, submitted=moment, words=f"{opening}: {verdict.words}")


def rule(policy: Policy, key: str) -> TotalRule:
    """How the totals of a homework are made."""
    own = policy.of(key)
    return TotalRule(bonus=own.bonus, step=own.round_to, weight=own.weight)


def days_late(due: datetime, submitted: datetime, grace: timedelta = timedelta(0)) -> int:
    """Started days after the due date; within the grace 0, beyond it counted from the due date.

    >>> due = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    >>> [days_late(due, due + timedelta(hours=hours)) for hours in (0, 1, 24, 25)]
    [0, 1, 1, 2]
    """
    then = submitted.astimezone(UTC)
    if then <= instant(due) + grace:
        return 0
    days = max(1, (then - instant(due)).days)
    while instant(due + timedelta(days=days)) < then:
        days += 1
    while days > 1 and instant(due + timedelta(days=days - 1)) >= then:  # a day of 25 hours lies between
        days -= 1
    return days


def budget_days(policy: Policy, key: str, student: str, submitted: datetime | None) -> int:
    """The late days that a hand-in takes from the student's budget: none where they could not save it."""
    at = _at(policy, key, student)
    if at.excused or at.free or at.due is None or submitted is None:
        return 0
    days, late = days_late(at.due, submitted, at.late.grace), at.late
    void = (late.last_day is not None and days > late.last_day) or (late.after_budget is not None and days > at.left)
    return 0 if void else min(days, at.left)


def with_used_days(policy: Policy, handed_in: Mapping[str, Mapping[str, datetime | None]]) -> Policy:
    """The policy, with the budget's days that these hand-ins (by homework, then by student) take.

    The homework that is due first takes its days first. What the policy's own table says of a student and a homework
    stands.
    """
    if policy.budget is None:
        return policy
    dated = {key: due for key in handed_in if (due := policy.of(key).due) is not None}
    for key in sorted(dated, key=lambda key: (instant(dated[key]), key)):
        used = {student: dict(days) for student, days in policy.used.items()}
        for student, submitted in handed_in[key].items():
            if key not in policy.used.get(student, {}):
                used.setdefault(student, {})[key] = budget_days(policy, key, student, submitted)
        policy = replace(policy, used=used)
    return policy


@dataclass(frozen=True)
class _Terms:
    """What holds for one student in one homework."""

    due: datetime | None  # waived days included
    late: Late
    budget: int  # 0 where there is none
    left: int  # of the budget, for this homework
    extra: int
    free: bool
    excused: bool
    reason: str  # " (illness)"; empty where none is given


def _at(policy: Policy, key: str, student: str) -> _Terms:
    own, waivers = policy.of(key), policy.waived(key, student)
    extra = sum(waiver.extra_days for waiver in waivers)
    due = own.due
    if due is not None and extra:
        due = instant(due + timedelta(days=extra)).astimezone(due.tzinfo)
    reasons = ", ".join(dict.fromkeys(waiver.reason for waiver in waivers if waiver.reason))
    left = 0
    if policy.budget is not None:
        elsewhere = sum(days for other, days in policy.used.get(student, {}).items() if other != key)
        left = max(0, policy.budget - elsewhere)
        if own.late.budget_per_homework is not None:
            left = min(left, own.late.budget_per_homework)
    return _Terms(
        due=due,
        late=own.late,
        budget=policy.budget or 0,
        left=left,
        extra=extra,
        free=any(waiver.no_deduction for waiver in waivers),
        excused=any(waiver.excused for waiver in waivers),
        reason=f" ({reasons})" if reasons else "",
    )


def _on_time(at: _Terms, due: datetime, source: str) -> str:
    if at.extra:
        return f"on time (due {clock(due)}, extended by {_days(at.extra)}{at.reason}{source})"
    return f"on time (due {clock(due)}{source})" if source else ""


def _cost(at: _Terms, days: int, possible: float) -> Standing:
    """The deduction for so many late days, with its words after the colon."""
    late = at.late
    if at.free:
        return Standing(words=f"nothing off{at.reason}")
    if late.last_day is not None and days > late.last_day:
        return Standing(
            factor=late.after_last_day,
            words=f"more than the {_days(late.last_day)} that are accepted; {_left(late.after_last_day)}",
        )
    taken = min(days, at.left)
    charged = days - taken
    covered = f"{_days(taken)} taken from your budget of {at.budget}" if taken else ""
    if charged == 0:
        return Standing(words=f"{covered}, nothing off")
    if at.budget and late.after_budget is not None:
        # the budget cannot save a hand-in that it does not cover whole
        return Standing(
            factor=late.after_budget, words=f"your budget leaves {_days(at.left)} for it; {_left(late.after_budget)}"
        )
    found = _per_day(late, charged, possible)
    words = [covered, found.words]
    if late.total_at_most is not None:
        cap = round(late.total_at_most.points(possible), 6)
        found = replace(found, cap=cap)
        words.append(f"at most {_number(cap)} of {_number(possible)} points")
    return replace(found, words="; ".join(filter(None, words)) or "nothing off")


def _per_day(late: Late, days: int, possible: float) -> Standing:
    off = late.off_per_day
    if off is None or off.value == 0:
        return Standing()
    if not off.share:
        minus = round(off.value * days, 6)
        return Standing(minus=minus, words=f"{_number(minus)} {'point' if minus == 1 else 'points'} off")
    share = min(1.0, round(off.value * days, 9))
    if late.of is Base.EARNED:
        return Standing(factor=round(1 - share, 9), words=f"{_percent(share)} off")
    minus = round(share * possible, 6)
    return Standing(
        minus=minus, words=f"{_percent(share)} of the {_number(possible)} possible points off ({_number(minus)})"
    )


def _left(share: float) -> str:
    return f"{_percent(share)} of the points are left" if share else "it counts 0 points"


def clock(moment: datetime) -> str:
    """A moment as the due date's clock shows it, to the second only where there are seconds."""
    seconds = ":%S" if moment.second else ""
    offset = moment.isoformat()[-6:]
    return f"{moment:%Y-%m-%d %H:%M{seconds}} {offset}"


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _percent(share: float) -> str:
    return f"{_number(100 * share)} %"
