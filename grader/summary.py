"""What `grade` prints: progress while it runs, and a few closing lines that say what to look at."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from grader.model import Overall, SubmissionReport
from grader.session import GradingOutcome


def progress_line(quiet: bool, total: int) -> Callable[[SubmissionReport, bool], None]:
    """A callback that keeps one line up to date on a terminal, and says nothing elsewhere."""
    done = 0
    live = sys.stderr.isatty() and not quiet

    def show(report: SubmissionReport, _: bool) -> None:
        nonlocal done
        done += 1
        if live:
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r\x1b[K{done} of {total}  {_printable(report.student.id)[:40]}{end}")
            sys.stderr.flush()

    return show


def closing_lines(outcome: GradingOutcome) -> list[str]:
    """The summary: how many, the mean, what waits for a human, what went wrong, the commonest misconceptions."""
    book = outcome.gradebook
    reports = book.reports
    lines = [
        f"{book.homework}: {len(reports)} submission{'s' * (len(reports) != 1)} in {outcome.seconds:.1f} s"
        + (f", {outcome.known} of them unchanged since the last run" if outcome.known else "")
    ]
    possible = sum(question.possible for question in book.questions if not question.bonus)
    if reports:
        mean = sum(report.score for report in reports) / len(reports)
        waiting = [report for report in reports if report.pending]
        line = f"  mean score {mean:.2f} of {possible:g}"
        if waiting:
            line += (
                f"; {sum(report.pending for report in waiting):g} points of {len(waiting)} students wait for a human"
            )
        lines.append(line)
    for report in reports:
        if report.status in (Overall.UNREADABLE, Overall.GRADER_ERROR):
            lines.append(f"  {_printable(report.student.id)}: {report.status.value}: {_printable(report.error)}")
    words = {fault.id: f"{fault.question}: {fault.words}" for fault in book.faults}
    counts = Counter(
        fault for report in reports for fault in {f for q in report.questions for la in q.labels for f in la.faults[:1]}
    )
    for fault, count in counts.most_common(3):
        if fault in words:
            lines.append(f"  {count} student{'s' * (count != 1)}: {words[fault]}")
    flagged = [report.student.id for report in reports if report.flags]
    if flagged:
        lines.append(f"  flagged for a look: {', '.join(map(_printable, flagged[:10]))}")
    if outcome.notice:
        lines.append(f"  {outcome.notice}")
    lines.append(f"  {outcome.workbook}")
    return lines


def _printable(text: str) -> str:
    """Text of a student's without what could steer a terminal."""
    return "".join(ch if ch.isprintable() else "�" for ch in text)
