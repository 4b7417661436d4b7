"""What `grade` prints: progress while it runs, and closing lines that say what came out and where to look next."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TextIO

from grader import final
from grader.export.items import Item, items
from grader.export.misconceptions import misconceptions
from grader.export.questions import tidied
from grader.export.reveal import disclosure
from grader.export.text import counted, one_line, percent, points
from grader.gradebook import Gradebook, Reveal
from grader.model import Overall, SubmissionReport
from grader.session import GradingOutcome

_MOST = 10  # names in a list, before it says how many more there are
_WIDE = 108  # characters of a line, where the terminal has room for them


@dataclass(frozen=True)
class Ink:
    """How words are set off on a terminal; without `colour` they stay as they are.

    >>> Ink(False).strong("Next")
    'Next'
    """

    colour: bool = False

    def strong(self, words: str) -> str:
        return self._set(words, "1")

    def soft(self, words: str) -> str:
        return self._set(words, "2")

    def good(self, words: str) -> str:
        return self._set(words, "32")

    def warn(self, words: str) -> str:
        return self._set(words, "33")

    def bad(self, words: str) -> str:
        return self._set(words, "31")

    def _set(self, words: str, code: str) -> str:
        return f"\x1b[{code}m{words}\x1b[0m" if self.colour and words else words


def terminal_width(most: int) -> int:
    """Columns of the terminal, `most` at most and where there is none; never so few that nothing can be read."""
    return max(40, min(most, shutil.get_terminal_size((most, 24)).columns))


def ink_for(stream: TextIO) -> Ink:
    """Colours on a terminal only, and never where NO_COLOR is set (https://no-color.org) or TERM is dumb."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Ink(stream.isatty() and not plain)


def progress_line(
    quiet: bool, total: int, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Callable[[SubmissionReport, bool], None]:
    """A callback that keeps one line up to date on a terminal, and says nothing elsewhere.

    The rate is that of hand-ins graded now: those known from an earlier run cost nothing and say nothing about it.
    """
    out = stream or sys.stderr
    live = out.isatty() and not quiet
    done = graded = 0
    begun = clock()

    def show(report: SubmissionReport, known: bool) -> None:
        nonlocal done, graded
        done += 1
        graded += not known
        if live:
            end = "\n" if done == total else ""
            who = one_line(_printable(report.student.id))[:24]
            line = f"{done} of {total}  {_pace(graded, total - done, clock() - begun)}{who}"
            out.write(f"\r\x1b[K{line[: terminal_width(80) - 1]}{end}")
            out.flush()

    return show


def _pace(graded: int, left: int, seconds: float) -> str:
    """The rate and the time left, once both mean something."""
    if graded < 2 or seconds < 0.5:
        return ""
    rate = graded / seconds
    speed = f"{rate:.1f} a second" if rate >= 1 else f"{1 / rate:.1f} s each"
    return f"{speed}, {_clock(left / rate)} left  " if left else f"{speed}  "


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def closing_lines(outcome: GradingOutcome, ink: Ink | None = None) -> list[str]:
    """The summary: a small table, the commonest misconceptions, what waits for a human, where to look next."""
    ink = ink or Ink()
    book = tidied(outcome.gradebook)
    lines = [ink.strong(_headline(outcome, book))]
    if book.reports:
        lines += ["", *_table(book, ink)]
        lines += _misconceptions(book, ink)
        lines += _waiting(book, ink)
    lines += _trouble(book, ink)
    told = disclosure(book)
    if told.words:
        later = " Run the same command again then." if book.reveal is Reveal.AFTER_DUE and book.due else ""
        lines += ["", f"  Feedback pages: {told.words}{later}"]
    lines += [f"  {_printable(remark)}" for remark in outcome.remarks]
    if outcome.notice:
        lines += ["", f"  {ink.warn('Note')}: {_printable(outcome.notice)}"]
    return [*lines, "", *_next(outcome.workbook, book, ink), ""]


def _headline(outcome: GradingOutcome, book: Gradebook) -> str:
    count = len(book.reports)
    line = f"{book.homework}: {counted(count, 'submission')} in {outcome.seconds:.1f} s"
    if outcome.known:
        line += f", {outcome.known} of them unchanged since the last run"
    return line


def _table(book: Gradebook, ink: Ink) -> Iterator[str]:
    rows = [("question", "points", "mean", "full", "zero", "waiting")]
    rows += map(_row, items(book))
    possible = sum(info.possible for info in book.questions if not info.bonus)
    read = [one for one in book.reports if one.status in (Overall.JUDGED, Overall.PROVISIONAL)]
    mean = points(fmean(final.final_score(book, report) for report in read)) if read else "–"
    open_ = sum(final.pending(book, report) > 0 for report in book.reports)
    total = "total so far" if open_ else "total"  # what waits is in no total yet
    rows.append((total, points(possible), mean, "", "", str(open_ or "")))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        line = ("  " + "  ".join(cells)).rstrip()
        yield ink.soft(line) if number == 0 else ink.strong(line) if number == len(rows) - 1 else line


def _row(item: Item) -> tuple[str, str, str, str, str, str]:
    mean, full, zero = ("–" if share is None else percent(share) for share in (item.mean, item.full, item.zero))
    name = f"{item.question.id} (bonus)" if item.question.bonus else item.question.id
    return (name, points(item.question.possible), mean, full, zero, str(item.waiting or ""))


def _misconceptions(book: Gradebook, ink: Ink) -> Iterator[str]:
    known = {fault.id for fault in book.faults}
    found = [one for one in misconceptions(book) if one.fault.id in known][:3]
    width = terminal_width(_WIDE)
    if found:
        yield ""
        yield f"  {ink.strong('Commonest misconceptions')}"
    for one in found:
        words = one_line(_printable(one.fault.words))
        line = f"  {counted(len(one.students), 'student'):>12}  {one.fault.question}: {words}"
        yield line if len(line) <= width else line[: width - 1] + "…"


def _waiting(book: Gradebook, ink: Ink) -> Iterator[str]:
    waiting = [report for report in book.reports if final.pending(book, report) > 0]
    yield ""
    if not waiting:
        yield f"  {ink.good('Nothing waits for a human.')}"
        return
    total = sum(final.pending(book, report) for report in waiting)
    yield f"  {ink.warn('Waits for a human')}: {counted(total, 'point')} of {counted(len(waiting), 'student')}"
    stale = [mark.student for mark in book.marks if mark.stale]
    if stale:
        yield f"  {ink.warn('Given for an answer that has changed since')}: {_names(stale)}"
    torn = [mark.student for mark in book.marks if mark.conflict]
    if torn:
        yield f"  {ink.warn('Marks that contradict each other')}: {_names(torn)}"


def _trouble(book: Gradebook, ink: Ink) -> Iterator[str]:
    odd = [report for report in book.reports if report.status in (Overall.UNREADABLE, Overall.GRADER_ERROR)]
    for report in odd[:_MOST]:
        what = report.status.value.replace("_", " ")
        yield f"  {_printable(report.student.id)}: {ink.bad(what)}: {one_line(_printable(report.error))}"
    if len(odd) > _MOST:
        yield f"  and {len(odd) - _MOST} more like these"
    flagged = [report.student.id for report in book.reports if report.flags]
    if flagged:
        yield f"  {ink.warn('Flagged for a look')}: {_names(flagged)}"


def _names(ids: Sequence[str]) -> str:
    each = list(dict.fromkeys(ids))
    names = ", ".join(_printable(student) for student in each[:_MOST])
    return names if len(each) <= _MOST else f"{names} and {len(each) - _MOST} more"


def _next(workbook: Path, book: Gradebook, ink: Ink) -> Iterator[str]:
    waits = any(final.pending(book, report) > 0 for report in book.reports)
    yield f"  {ink.strong('Marks')}     {workbook}" + (" (sheet Review has what waits)" if waits else "")
    yield f"  {ink.strong('Class')}     {workbook.parent / 'index.html'}"
    yield f"  {ink.strong('Students')}  {workbook.parent / 'feedback'}"
    lost = next((report for report in book.reports if report.score < report.possible), None)
    if lost is not None:
        yield f"  {ink.strong('Why')}       grade explain {workbook.parent} {_quoted(lost.student.id)}"


def _quoted(student: str) -> str:
    printable = _printable(student)
    plain = printable.replace("-", "").replace("_", "").isalnum() and printable[0].isalnum()
    return printable if plain else "STUDENT"


def _printable(text: str) -> str:
    """Text of a student's without what could steer a terminal."""
    return "".join(ch if ch.isprintable() else "�" for ch in text)
