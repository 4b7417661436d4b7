"""What `grade` prints: progress on a terminal only, and a summary that says what to look at."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.gradebook import Gradebook, Reveal
from grader.session import GradingOutcome
from grader.summary import Ink, closing_lines, ink_for, progress_line

from .export.rich import rich_gradebook


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def outcome(book: Gradebook, **more: object) -> GradingOutcome:
    folder = Path("grades") / book.homework
    return GradingOutcome(book, folder / "grades.xlsx", 0, 2.5, **more)  # type: ignore[arg-type]


def lines(book: Gradebook | None = None, ink: Ink | None = None, **more: object) -> list[str]:
    return closing_lines(outcome(book or rich_gradebook(), **more), ink)


def test_progress_is_quiet_where_nobody_watches():
    report = rich_gradebook().reports[0]
    for stream, quiet in ((io.StringIO(), False), (Terminal(), True)):
        show = progress_line(quiet, 2, stream)
        show(report, False)
        show(report, False)
        assert stream.getvalue() == ""


def test_progress_says_the_rate_and_the_time_left():
    clock, stream = Clock(), Terminal()
    reports = rich_gradebook().reports
    show = progress_line(False, 200, stream, clock)
    for _ in range(100):  # known from before: they cost no time and say nothing about the rate
        show(reports[0], True)
    for _ in range(20):
        clock.now += 0.5
        show(reports[0], False)
    last = stream.getvalue().split("\r\x1b[K")[-1]
    assert last.startswith("120 of 200  2.0 a second, 0:40 left")  # 20 in 10 seconds; 80 are left
    for _ in range(80):
        clock.now += 0.5
        show(reports[0], False)
    assert stream.getvalue().endswith("\n")
    assert "left" not in stream.getvalue().split("\r\x1b[K")[-1]


def test_slow_grading_is_told_in_seconds_each_and_long_waits_in_hours():
    clock, stream = Clock(), Terminal()
    show = progress_line(False, 2000, stream, clock)
    for _ in range(2):
        clock.now += 4
        show(rich_gradebook().reports[0], False)
    # 1998 at 4 seconds: 7992 s
    assert "2 of 2000  4.0 s each, 2:13:12 left" in stream.getvalue()


def test_a_students_name_cannot_steer_the_progress_line():
    stream = Terminal()
    report = rich_gradebook().reports[0]
    hostile = replace(report, student=replace(report.student, id="\x1b[2J\r\n" + "x" * 200))
    progress_line(False, 2, stream)(hostile, False)
    line = stream.getvalue().removeprefix("\r\x1b[K")
    assert "\x1b" not in line
    assert "\n" not in line
    assert len(line) < 80


def test_the_table_is_aligned_and_its_totals_count_a_persons_marks():
    found = lines()
    head = next(at for at, line in enumerate(found) if line.split()[:2] == ["question", "points"])
    table = found[head : head + 8]
    assert [row.split()[0] for row in table] == ["question", "Q1", "Q2", "Q3", "Q4", "Q7", "Q9", "total"]
    ends = {row.index("points") + 6 for row in table[:1]} | {
        re.match(r"  \S+( \(bonus\)| so far)?\s+\S+", r).end() for r in table[1:]
    }  # type: ignore[union-attr]
    assert len(ends) == 1
    # 8.5 8.5 10 8.5 10.5 8.1 4.85 0 2 10 over ten; two could not be judged
    assert table[-1].split()[1:5] == ["so", "far", "10", "7.1"]


def test_the_three_commonest_misconceptions_take_three_lines():
    found = lines()
    at = found.index("  Commonest misconceptions")
    named = found[at + 1 : at + 4]
    assert " ".join(named[0].split()) == "2 students Q1: W was updated before dX was computed."
    assert [row.split()[0] for row in named] == ["2", "1", "1"]
    assert found[at + 4] == ""


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_misconception_and_the_progress_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int):
    monkeypatch.setenv("COLUMNS", str(columns))
    book = rich_gradebook()
    long = tuple(replace(fault, words="Words without end " * 20) for fault in book.faults)
    named = [row for row in lines(replace(book, faults=long)) if "Words without end" in row]
    assert len(named) == 3
    assert all(columns - 15 < len(row) <= columns and row.endswith("…") for row in named)
    stream = Terminal()
    who = replace(book.reports[0], student=replace(book.reports[0].student, id="x" * 200))
    clock = Clock()
    show = progress_line(False, 1_000_000, stream, clock)
    for _ in range(3):
        clock.now += 3600
        show(who, False)
    assert all(len(part) < columns for part in stream.getvalue().split("\r\x1b[K"))


def test_what_waits_and_where_to_look_is_said():
    text = "\n".join(lines(notice="The store was damaged.", remarks=("Two of the roster handed in nothing.",)))
    # chidi 2.5, gina 10.5, three times 2; bea's 2 are given by now
    assert "Waits for a human: 19 points of 5 students" in text
    assert "Given for an answer that has changed since: chidi" in text
    assert "Flagged for a look: elif" in text
    assert "farid: unreadable: hw3.ipynb is no notebook" in text
    assert "grades/numpy_layers/grades.xlsx (sheet Review has what waits)" in text
    assert "grades/numpy_layers/index.html" in text
    assert "grade explain grades/numpy_layers" in text
    assert "The store was damaged." in text
    assert "Two of the roster handed in nothing." in text


def test_a_class_without_anything_open_says_so():
    book = rich_gradebook()
    amal = tuple(report for report in book.reports if report.student.id == "amal")
    text = "\n".join(lines(replace(book, reports=amal, marks=())))
    assert "Nothing waits for a human." in text
    assert "explain" not in text
    assert "0 submissions" in lines(replace(book, reports=(), marks=()))[0]


def test_hidden_expected_values_are_told_to_the_instructor():
    book = rich_gradebook()
    assert not any("Feedback pages:" in line for line in lines(book))
    said = "\n".join(lines(replace(book, reveal=Reveal.AFTER_DUE)))
    assert "Feedback pages: Expected values are shown after the due date, and none is set so far." in said


def test_colours_are_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert ink_for(Terminal()).colour
    assert not ink_for(io.StringIO()).colour
    monkeypatch.setenv("NO_COLOR", "")  # set but empty: the convention ignores it
    assert ink_for(Terminal()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not ink_for(Terminal()).colour
    coloured = "\n".join(lines(ink=Ink(True)))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == "\n".join(lines())


def test_nothing_of_a_student_steers_the_terminal():
    assert all(line.isprintable() for line in lines())
