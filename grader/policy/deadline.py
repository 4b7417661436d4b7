"""The policy put to whole classes before they are graded: when everyone handed in, and what that makes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.gradebook import Standing, TotalRule
from grader.intake.submission import Submission
from grader.model import Student
from grader.policy import Policy, instant, read_policy
from grader.policy.standing import clock, rule, standing, with_used_days
from grader.policy.times import HandIn, Times, TimesError, by_file_dates, handed_in, read_times

FILES = "files"
"""The word after `--times` that asks for the files' dates."""

_SHOWN = 8


@dataclass(frozen=True)
class HomeworkClass:
    """One homework's submissions, and its possible points without bonus."""

    submissions: tuple[Submission, ...]
    possible: float


@dataclass(frozen=True)
class ClassStanding:
    """What the policy makes of one homework: of every student (by id) and of the totals."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    rule: TotalRule = field(default_factory=TotalRule)
    due: datetime | None = None  # the last one, extensions included
    excused: frozenset[str] = frozenset()
    about: tuple[tuple[str, str], ...] = ()  # for the workbook


def under_policy(
    path: Path, times: str | None, classes: Mapping[str, HomeworkClass]
) -> tuple[dict[str, ClassStanding], tuple[str, ...]]:
    """What the policy file makes of each homework, and what the instructor should know before grading.

    Args:
        times: a CSV of submission times, or the word "files"; None: what the LMS or the last commit says.

    Raises:
        PolicyError, TimesError: one of the files is not as it should be; a sentence says where.
    """
    policy = read_policy(path)
    dated = {key: one for key, one in classes.items() if policy.of(key).due is not None}
    listed = None if times in (None, FILES) else read_times(Path(str(times)), policy.zone)
    if listed is not None and len(dated) > 1 and not listed.by_homework:
        raise TimesError(
            f"{listed.path} does not say which homework a time belongs to, and {len(dated)} are graded here; "
            f"add a column homework ({', '.join(sorted(dated))})."
        )
    known = {
        key: _hand_ins(key, one.submissions, FILES if times == FILES else listed, policy.zone) if key in dated else {}
        for key, one in classes.items()
    }
    spent = with_used_days(policy, {key: {who: one.at for who, one in found.items()} for key, found in known.items()})
    made = {key: _class_standing(spent, key, one, known[key]) for key, one in classes.items()}
    return made, tuple(_remarks(policy, classes, known, dated, listed))


def _hand_ins(
    key: str, submissions: Sequence[Submission], times: Times | str | None, zone: ZoneInfo | None
) -> dict[str, HandIn]:
    """When each student handed in; whoever belongs to a group handed in with it."""
    listed = times.of(key, _all(submissions), _aliases(submissions)) if isinstance(times, Times) else {}
    found = {}
    for one in submissions:
        group = _members(one)
        own = {who.id: listed[who.id] for who in group if who.id in listed}
        given = [at for at in own.values() if at is not None]
        if len(set(given)) > 1:
            raise TimesError(
                f"The times give the members of {one.student.id}'s group different times ({', '.join(sorted(own))}); "
                "they handed in once."
            )
        if times == FILES:
            hand_in = by_file_dates(one)
        else:
            hand_in = handed_in(one, {one.student.id: given[0] if given else None} if own else {}, zone)
        found.update({who.id: hand_in for who in group})
    return found


def _class_standing(policy: Policy, key: str, work: HomeworkClass, hand_ins: Mapping[str, HandIn]) -> ClassStanding:
    students = [who.id for who in _all(work.submissions)]
    made = {}
    for who in students:
        hand_in = hand_ins.get(who, HandIn())
        made[who] = standing(policy, key, who, hand_in.at, work.possible, hand_in.by)
        if hand_in.late and made[who].words:
            made[who] = replace(made[who], words=f"{made[who].words} ({hand_in.late})")
    excused = frozenset(waiver.student for waiver in policy.waivers if policy.excuses(key, waiver.student))
    due, last, how = policy.of(key).due, _last_due(policy, key), rule(policy, key)
    about = [("Due", clock(due))] if due else []
    if last is not None and last != due:
        about.append(("Due with the longest extension", clock(last)))
    if how.weight is not None:
        about.append(("Weight in the course", f"{100 * how.weight:g} %"))
    return ClassStanding(made, how, last, excused, tuple(about))


def _last_due(policy: Policy, key: str) -> datetime | None:
    """The due date with the longest extension that anybody of the course has, handed in or not."""
    due = policy.of(key).due
    students = {waiver.student for waiver in policy.waivers if not policy.excuses(key, waiver.student)}
    extra = max((sum(one.extra_days for one in policy.waived(key, student)) for student in students), default=0)
    return instant(due + timedelta(days=extra)).astimezone(due.tzinfo) if due is not None and extra > 0 else due


def _remarks(
    policy: Policy,
    classes: Mapping[str, HomeworkClass],
    known: Mapping[str, Mapping[str, HandIn]],
    dated: Mapping[str, HomeworkClass],
    listed: Times | None,
) -> list[str]:
    remarks = []
    for key in classes:
        if key not in dated:
            remarks.append(f"{key}: the policy gives no due date, so nobody is late.")
            continue
        unknown = sorted(who for who, one in known[key].items() if one.at is None)
        if unknown:
            remarks.append(
                f"{key}: no submission time is known of {len(unknown)} of {len(known[key])} ({_few(unknown)}), "
                "so nothing is taken off there; see --times."
            )
        if told := sorted(who for who, one in known[key].items() if one.late):
            remarks.append(f"{key}: of these, the download marks as late: {_few(told)}.")
    everyone = {who.id for one in classes.values() for who in _all(one.submissions)}
    named = {waiver.student for waiver in policy.waivers} | set(policy.used)
    if strangers := sorted(named - everyone):
        remarks.append(f"The policy names students without a hand-in here: {_few(strangers)}. Are the ids right?")
    if listed is not None and dated:
        submissions = [one for work in dated.values() for one in work.submissions]
        if unmatched := listed.unmatched(_all(submissions), _aliases(submissions)):
            remarks.append(f"{listed.path}: {_few(unmatched)} fit nobody who handed in.")
    return remarks


def _members(submission: Submission) -> tuple[Student, ...]:
    return tuple(dict.fromkeys((submission.student, *submission.members)))


def _all(submissions: Sequence[Submission]) -> list[Student]:
    return [who for one in submissions for who in _members(one)]


def _aliases(submissions: Sequence[Submission]) -> dict[str, list[str]]:
    """What the LMS calls each student who handed in; a group's are those of the one who did."""
    return {one.student.id: [name for kind, name in one.lms.items() if kind != "late"] for one in submissions}


def _few(names: Sequence[str]) -> str:
    shown = ", ".join("".join(c if c.isprintable() else "?" for c in name) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
