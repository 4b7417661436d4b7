"""The policy in TOML and what it makes of a hand-in: hand-computed cases, exact instants, clocks that change."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.final import settled
from grader.gradebook import Standing
from grader.policy import Amount, Base, HomeworkPolicy, Late, Policy, PolicyError, read_policy
from grader.policy.standing import budget_days, days_late, rule, standing, with_used_days

Write = Callable[[str], Policy]
KEY, OTHER = "numpy_layers", "two_layer_perceptron"
DUE = "2026-03-01T23:59:00+01:00"
PLAIN = f'[homework.{KEY}]\ndue = "{DUE}"\n'


@pytest.fixture
def policy(tmp_path: Path) -> Write:
    def write(text: str) -> Policy:
        (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
        return read_policy(tmp_path / "policy.toml")

    return write


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def counted(standing: Standing, raw: float) -> float:
    return settled(raw, standing, rule(Policy(), KEY))


# ---- how late -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted", "days"),
    [
        ("2026-03-01T22:59:00+00:00", 0),  # the due instant on another clock
        ("2026-03-02T04:29:00+05:30", 0),
        ("2026-03-01T22:59:00.000001+00:00", 1),  # a microsecond later
        ("2026-03-01T23:59:01+01:00", 1),
        ("2026-03-02T22:59:00+00:00", 1),  # the end of the first late day
        ("2026-03-02T22:59:01+00:00", 2),
        ("2026-03-11T23:59:00+01:00", 10),
        ("2025-01-01T00:00:00+01:00", 0),
    ],
)
def test_days_are_started_days_after_the_due_instant(submitted: str, days: int) -> None:
    assert days_late(at(DUE), at(submitted)) == days


def test_within_the_grace_nothing_is_late_and_beyond_it_days_count_from_the_due_date() -> None:
    grace = timedelta(minutes=15)
    assert days_late(at(DUE), at("2026-03-02T00:14:00+01:00"), grace) == 0
    assert days_late(at(DUE), at("2026-03-02T00:14:01+01:00"), grace) == 1
    assert days_late(at(DUE), at("2026-03-02T23:59:01+01:00"), grace) == 2  # not 23:59 and the grace again


@pytest.mark.parametrize(
    ("due", "on_time", "first_day", "second_day"),
    [
        # clocks go forward on 29 March 2026 at 02:00 in Berlin: the first late day has 23 hours
        ("2026-03-28 23:59", "2026-03-28T22:59:00+00:00", "2026-03-29T21:59:00+00:00", "2026-03-30T21:59:00+00:00"),
        # and back on 25 October 2026 at 03:00: 25 hours
        ("2026-10-24 23:59", "2026-10-24T21:59:00+00:00", "2026-10-25T22:59:00+00:00", "2026-10-26T22:59:00+00:00"),
        # shown twice on that day, at 00:30 and 01:30 UTC: the later one counts
        ("2026-10-25 02:30", "2026-10-25T01:30:00+00:00", "2026-10-26T01:30:00+00:00", "2026-10-27T01:30:00+00:00"),
    ],
)
def test_days_end_at_the_due_time_of_day_also_where_clocks_change(
    policy: Write, due: str, on_time: str, first_day: str, second_day: str
) -> None:
    read = policy(f'timezone = "Europe/Berlin"\n[homework.{KEY}]\ndue = "{due}"\n')
    for late, end in enumerate((on_time, first_day, second_day)):
        assert standing(read, KEY, "amal", at(end), 14).days_late == late
        assert standing(read, KEY, "amal", at(end) + timedelta(seconds=1), 14).days_late == late + 1


@settings(max_examples=60, deadline=None)
@given(
    day=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    minute=st.integers(4 * 60, 24 * 60 - 1),  # no time of day that a change of clocks skips or repeats
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    seconds=st.integers(-100_000, 1_000_000),
)
def test_days_agree_with_another_calendar(day: date, minute: int, zone: str, seconds: int) -> None:
    wall = pd.Timestamp(day) + pd.Timedelta(minutes=minute)
    ends = [(wall + pd.DateOffset(days=number)).tz_localize(zone) for number in range(14)]
    submitted = (ends[0] + pd.Timedelta(seconds=seconds)).tz_convert("UTC")
    due = wall.to_pydatetime().replace(tzinfo=ZoneInfo(zone))
    assert days_late(due, submitted.to_pydatetime()) == sum(end < submitted for end in ends)


@settings(max_examples=60, deadline=None)
@given(hours=st.lists(st.integers(-48, 400), min_size=2, max_size=2), raw=st.integers(0, 31))
def test_handing_in_earlier_never_costs_more(hours: list[int], raw: int) -> None:
    due = at(DUE)
    late = Late(timedelta(hours=2), Amount(0.1, True), Base.POSSIBLE, last_day=4, total_at_most=Amount(0.9, True))
    read = Policy(homeworks={KEY: HomeworkPolicy(due, late)}, budget=1)
    early, later = (
        counted(standing(read, KEY, "amal", due + timedelta(hours=hour), 14.0), raw / 2) for hour in sorted(hours)
    )
    assert early >= later


def test_zones_and_offsets_name_the_same_instant(policy: Write) -> None:
    instants = {
        policy(text).of(KEY).due
        for text in (
            f'[homework.{KEY}]\ndue = "2026-07-01 18:00 -04:00"\n',
            f"[homework.{KEY}]\ndue = 2026-07-01T18:00:00-04:00\n",
            f'timezone = "America/New_York"\n[homework.{KEY}]\ndue = "2026-07-01 18:00"\n',
            f'timezone = "Europe/Berlin"\n[homework.{KEY}]\ntimezone = "America/New_York"\ndue = 2026-07-01T18:00:00\n',
            f'timezone = "Europe/Berlin"\n[homework.{KEY}]\ndue = "2026-07-02 00:00"\n',
        )
    }
    assert {due.astimezone(UTC).isoformat() for due in instants if due} == {"2026-07-01T22:00:00+00:00"}


# ---- what it costs --------------------------------------------------------------------------------------------------

TWO_DAYS = "2026-03-03T12:00:00+01:00"


@pytest.mark.parametrize(
    ("late", "submitted", "raw", "want", "words"),
    [
        # of the possible 14 points: 2 · 1.4
        ('off_per_day = "10 %"\nof = "possible"', TWO_DAYS, 9.0, 6.2, "20 % of the 14 possible points off (2.8)"),
        ('off_per_day = "10 %"\nof = "earned"', TWO_DAYS, 9.0, 7.2, "20 % off"),
        ("off_per_day = 0.5", TWO_DAYS, 9.0, 8.0, "1 point off"),
        ('off_per_day = "60 %"\nof = "earned"', TWO_DAYS, 9.0, 0.0, "100 % off"),  # never below 0
        ('off_per_day = "10 %"\nof = "possible"', TWO_DAYS, 1.0, 0.0, "20 % of"),
        ('off_per_day = "10 %"\nof = "earned"\nlast_day = 2', TWO_DAYS, 9.0, 7.2, "20 % off"),
        ('off_per_day = "10 %"\nof = "earned"\nlast_day = 1', TWO_DAYS, 9.0, 0.0, "it counts 0 points"),
        ('off_per_day = "5 %"\nof = "earned"\nlast_day = 1\nafter_last_day = "50 %"', TWO_DAYS, 9.0, 4.5, "50 % of"),
        ('total_at_most = "80 %"', TWO_DAYS, 14.0, 11.2, "at most 11.2 of 14 points"),
        ('off_per_day = 0.5\ntotal_at_most = "80 %"', TWO_DAYS, 11.0, 10.0, "1 point off; at most"),
        ('total_at_most = "80 %"', DUE, 14.0, 14.0, ""),  # on time: no cap
        ('off_per_day = "10 %"\nof = "earned"', DUE, 9.0, 9.0, ""),
        ("", TWO_DAYS, 9.0, 9.0, "nothing off"),
    ],
)
def test_what_lateness_costs(policy: Write, late: str, submitted: str, raw: float, want: float, words: str) -> None:
    found = standing(policy(f"{PLAIN}[late]\n{late}\n"), KEY, "amal", at(submitted), 14.0)
    assert counted(found, raw) == pytest.approx(want, abs=1e-9)
    assert words in found.words
    assert bool(found.words) is bool(words)


def test_a_student_reads_how_late_and_what_it_costs(policy: Write) -> None:
    read = policy(f'{PLAIN}[late]\noff_per_day = "10 %"\nof = "earned"\n')
    two = standing(read, KEY, "amal", at(TWO_DAYS), 14)
    assert two.words == "2 days late (due 2026-03-01 23:59 +01:00): 20 % off"
    assert (two.days_late, two.submitted) == (2, "2026-03-03T12:00:00+01:00")
    one = standing(read, KEY, "amal", at("2026-03-02T00:00:00+01:00"), 14)
    assert one.words.startswith("1 day late")
    file = standing(read, KEY, "amal", at(TWO_DAYS), 14, by="the file's date")
    assert "by the file's date" in file.words
    assert "by the file's date" in standing(read, KEY, "amal", at(DUE), 14, by="the file's date").words


def test_an_unknown_time_costs_nothing_and_says_so(policy: Write) -> None:
    found = standing(policy(f"{PLAIN}[late]\noff_per_day = 5\n"), KEY, "amal", None, 14)
    assert (found.factor, found.minus, found.cap, found.days_late) == (1.0, 0.0, None, 0)
    assert "no submission time known" in found.words


def test_without_a_due_date_nobody_is_late(policy: Write) -> None:
    found = standing(policy("[late]\noff_per_day = 5\n"), KEY, "amal", at(TWO_DAYS), 14)
    assert (found.minus, found.words) == (0.0, "")


def test_a_homework_s_own_rules_go_before_the_course_s_key_by_key(policy: Write) -> None:
    read = policy(
        f'[late]\ngrace = "1 h"\noff_per_day = "10 %"\nof = "earned"\n[totals]\nround_to = 0.5\n'
        f'{PLAIN}bonus = false\nlate.off_per_day = 2\n[homework.{OTHER}]\ndue = "{DUE}"\nround_to = 1\n'
    )
    assert standing(read, KEY, "amal", at("2026-03-02T00:59:00+01:00"), 14).days_late == 0
    assert standing(read, KEY, "amal", at(TWO_DAYS), 14).minus == 4.0
    assert standing(read, OTHER, "amal", at(TWO_DAYS), 14).factor == 0.8
    assert (rule(read, KEY).bonus, rule(read, KEY).step) == (False, 0.5)
    assert (rule(read, OTHER).bonus, rule(read, OTHER).step) == (True, 1.0)
    assert rule(read, "sigmoid_from_scratch").step == 0.5


# ---- the budget of late days ----------------------------------------------------------------------------------------

BUDGET = f'{PLAIN}[homework.{OTHER}]\ndue = "2026-04-01T23:59:00+02:00"\n[late]\nbudget = 3\n'


def test_the_budget_pays_first_and_only_the_rest_is_charged(policy: Write) -> None:
    read = policy(BUDGET + "off_per_day = 1\n[used.bo]\ntwo_layer_perceptron = 2\n[used.cy]\nnumpy_layers = 3\n")
    late = at("2026-03-03T12:00:00+01:00")  # two days
    amal, bo, cy = (standing(read, KEY, who, late, 14) for who in ("amal", "bo", "cy"))
    assert (amal.minus, bo.minus) == (0.0, 1.0)
    assert cy.minus == 0.0  # days taken in this very homework are not counted against it twice
    assert "2 days taken from your budget of 3, nothing off" in amal.words
    assert "1 day taken from your budget of 3; 1 point off" in bo.words


def test_a_hand_in_beyond_the_budget_is_void_where_the_policy_says_so(policy: Write) -> None:
    read = policy(BUDGET + 'after_budget = "0 %"\nbudget_per_homework = 2\n')
    within, beyond = (standing(read, KEY, "amal", at(f"2026-03-0{day}T12:00:00+01:00"), 14) for day in (3, 4))
    assert (counted(within, 9), counted(beyond, 9)) == (9.0, 0.0)
    assert budget_days(read, KEY, "amal", at("2026-03-04T12:00:00+01:00")) == 0  # what is void takes no days


def test_homeworks_graded_together_share_the_budget_first_due_first(policy: Write) -> None:
    read = policy(BUDGET + "off_per_day = 1\n[used.bo]\nnumpy_layers = 0\n")
    first, second = at("2026-03-03T12:00:00+01:00"), at("2026-04-03T12:00:00+02:00")  # two days late each
    handed = {OTHER: {"amal": second, "bo": second}, KEY: {"amal": first, "bo": first}}
    spent = with_used_days(read, handed)
    assert standing(spent, KEY, "amal", first, 14).minus == 0.0
    assert standing(spent, OTHER, "amal", second, 14).minus == 1.0
    assert standing(spent, OTHER, "bo", second, 14).minus == 0.0  # the instructor's own table stands
    assert standing(read, OTHER, "amal", second, 14).minus == 0.0  # the control: alone, the budget is whole


# ---- waivers --------------------------------------------------------------------------------------------------------


def test_waivers(policy: Write) -> None:
    read = policy(
        f'timezone = "Europe/Berlin"\n[homework.{KEY}]\ndue = "2026-03-28 23:59"\n[late]\noff_per_day = 1\n'
        '[[waivers]]\nstudent = "extra"\nhomework = "numpy_layers"\nextra_days = 2\nreason = "illness"\n'
        '[[waivers]]\nstudent = "free"\nno_deduction = true\n'
        '[[waivers]]\nstudent = "out"\nexcused = true\nreason = "parental leave"\n'
        '[[waivers]]\nstudent = "elsewhere"\nhomework = "matrix_calculus"\nextra_days = 9\n'
    )
    late = at("2026-03-30T21:59:01+00:00")  # a second after 23:59 of the second late day
    minus = {who: standing(read, KEY, who, late, 14).minus for who in ("plain", "extra", "free", "out", "elsewhere")}
    assert minus == {"plain": 3.0, "extra": 1.0, "free": 0.0, "out": 0.0, "elsewhere": 3.0}
    on_time = standing(read, KEY, "extra", late - timedelta(seconds=1), 14)
    assert on_time.minus == 0.0
    assert on_time.words == "on time (due 2026-03-30 23:59 +02:00, extended by 2 days (illness))"
    assert "excused (parental leave)" in standing(read, KEY, "out", late, 14).words
    assert read.excuses(KEY, "out") and not read.excuses(KEY, "free")


# ---- bad files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[homework.{KEY}]\ndue = "2026-03-01 23:59"\n', ["homework.numpy_layers.due", "time zone"]),
        (f"[homework.{KEY}]\ndue = 2026-03-01T23:59:00\n", ["homework.numpy_layers.due", "time zone"]),
        (f"[homework.{KEY}]\ndue = 2026-03-01\n", ["homework.numpy_layers.due", "time of day"]),
        (f'[homework.{KEY}]\ndue = "2026-03-01"\n', ["time of day"]),
        (f'[homework.{KEY}]\ndue = "next Sunday"\n', ["due", "next Sunday"]),
        (f"[homework.{KEY}]\ndue = 2026-03-01 23:59\n", ["not valid TOML", "quotes"]),
        ('timezone = "Europe/Berln"\n', ["timezone", "Europe/Berln"]),
        ("[homework.numpy_layer]\n", ["homework.numpy_layer", '"numpy_layers"']),
        (f"[homework.{KEY}]\nwieght = 1\n", ["homework.numpy_layers.wieght", '"weight"']),
        (f"[homework.{KEY}]\nweight = 30\n", ["homework.numpy_layers.weight", "30 %"]),
        (f'[homework.{KEY}]\nweight = "70 %"\n[homework.{OTHER}]\nweight = "40 %"\n', ["110 %"]),
        (f'[homework.{KEY}]\nlate = "10 %"\n', ["homework.numpy_layers.late"]),
        ('[late]\ngrase = "15 min"\n', ["late.grase", '"grace"']),
        ("[late]\ngrace = 15\n", ["late.grace is 15", "15 min"]),
        ('[late]\noff_per_day = "10 %"\n', ["late.off_per_day", "possible"]),
        ('[late]\noff_per_day = "ten"\nof = "earned"\n', ["late.off_per_day", '"ten"']),
        ('[late]\noff_per_day = 1\nof = "earned"\n', ["late.of"]),
        ('[late]\noff_per_day = "10 %"\nof = "total"\n', ["late.of", "earned"]),
        ("[late]\noff_per_day = true\n", ["late.off_per_day"]),
        ("[late]\nbudget = 3\n", ["late.budget", "after_budget"]),
        ("[late]\nbudget = 2.5\noff_per_day = 1\n", ["late.budget"]),
        ('[late]\nafter_last_day = "0 %"\n', ["last_day"]),
        (f"[late]\nbudget = 3\noff_per_day = 1\n[homework.{KEY}.late]\nbudget = 2\n", ["numpy_layers.late.budget"]),
        ("[used.amal]\nnumpy_layers = 1\n", ["[used]", "budget"]),
        ("[totals]\nbonus = 1\n", ["totals.bonus", "true or false"]),
        ("[[waivers]]\nextra_days = 1\n", ["waivers (number 1).student"]),
        ('[[waivers]]\nstudent = "amal"\n', ["grants nothing"]),
        ('[[waivers]]\nstudent = "amal"\nhomework = "numpy"\nextra_days = 1\n', ["homework", '"numpy_layers"']),
        ('[[waivers]]\nstudent = "amal"\nexcused = true\n', ["reason"]),
        ('[waivers]\nstudent = "amal"\n', ["[[waivers]]"]),
        ("due = 1\n", ['"due"']),
        ("[late\n", ["not valid TOML"]),
    ],
)
def test_a_bad_policy_is_one_sentence_that_names_the_file_and_the_key(
    policy: Write, text: str, says: list[str]
) -> None:
    with pytest.raises(PolicyError) as raised:
        policy(text)
    message = str(raised.value)
    assert "policy.toml" in message and "\n" not in message
    for part in says:
        assert part in message
    assert "isoformat" not in message and "Base" not in message  # no word of the machinery


def test_a_missing_policy_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "policy.toml")
    (tmp_path / "latin.toml").write_bytes("# für\n".encode("latin-1"))
    with pytest.raises(PolicyError, match="UTF-8"):
        read_policy(tmp_path / "latin.toml")


# ---- the documentation ----------------------------------------------------------------------------------------------


def test_the_example_in_the_documentation_holds(policy: Write) -> None:
    text = (Path(__file__).parents[1] / "docs" / "instructors.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text.split("## Policy", 1)[1].split("\n## ", 1)[0], re.DOTALL)
    read = policy(example)
    assert rule(read, "backprop_by_hand").weight == 0.3
    # amal's three extra days move 12 April, 23:59 in Berlin (21:59 UTC), to 15 April
    for instant, late in (("2026-04-15T21:59:00+00:00", 0), ("2026-04-15T21:59:01+00:00", 0)):
        assert standing(read, KEY, "amal", at(instant), 14).days_late == late  # the second one is within the grace
    # one late day of bo's is left in the budget: two of three days are charged with 10 % of 14 points
    three_days = standing(read, KEY, "bo", at("2026-04-15T12:00:00+02:00"), 14)
    assert three_days.days_late == 3
    assert three_days.minus == pytest.approx(2.8)
