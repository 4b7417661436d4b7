"""`index.html`: the class at a glance. Readable as it is; a few lines of script add search and sorting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from grader import final
from grader.export.files import write_atomically
from grader.export.items import TENTHS, by_tenths, items
from grader.export.misconceptions import misconceptions
from grader.export.page import TEMPLATES, render, script_digest
from grader.export.questions import tidied
from grader.gradebook import WHOLE_HAND_IN, Gradebook
from grader.model import Overall, SubmissionReport, tidy

WIDTH, HEIGHT = 960, 220
"""The drawing of the distribution, in its own units."""


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution: how many students stand in a tenth of the points, and where it is drawn."""

    words: str
    tick: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """One student in the table, totals as they are handed out; `share` is of the points without bonus."""

    report: SubmissionReport
    score: float
    pending: float
    share: float
    waiting: tuple[str, ...]
    flags: tuple[str, ...]
    questions: tuple[tuple[float, float], ...]  # (points, pending), a person's mark counted in
    late: str
    marked: bool  # by a person, in part at least

    @property
    def state(self) -> str:
        """The status in words; a hand-in whose open points a person has given by now is judged."""
        if self.report.status is Overall.PROVISIONAL and not self.pending:
            return "judged"
        return self.report.status.value.replace("_", " ")

    @property
    def odd(self) -> bool:
        """Whether something about it wants to be looked at before ordinary marks are given."""
        unjudged = self.report.status in (Overall.UNREADABLE, Overall.GRADER_ERROR)
        unjudged = unjudged and (self.pending > 0 or not self.marked)
        return unjudged or bool(self.flags)


def write_class_page(gradebook: Gradebook, path: Path) -> Path:
    """Write the page to `path`; it links to `feedback/` beside it."""
    return write_atomically(Path(path), class_page(gradebook))


def class_page(gradebook: Gradebook) -> bytes:
    """The page as bytes."""
    gradebook = tidied(gradebook)
    possible = tidy(sum(info.possible for info in gradebook.questions if not info.bonus))
    rows = tuple(_row(report, gradebook, possible) for report in gradebook.reports)
    read = [row for row in rows if row.report.status in (Overall.JUDGED, Overall.PROVISIONAL)]
    script = (TEMPLATES / "class.js").read_text(encoding="utf-8")
    return render(
        "class.html",
        gradebook=gradebook,
        possible=possible,
        rows=rows,
        waiting=tuple(sorted((row for row in rows if row.waiting or row.odd), key=lambda row: not row.odd)),
        mean=fmean(row.score for row in read) if read else None,
        middle=median(row.score for row in read) if read else None,
        pending=tidy(sum(row.pending for row in rows)),
        late=any(row.late for row in rows),
        bars=_bars(by_tenths([row.share for row in read])),
        items=items(gradebook),
        misconceptions=misconceptions(gradebook),
        width=WIDTH,
        height=HEIGHT,
        script=script,
        digest=script_digest(script),
    )


def _row(report: SubmissionReport, gradebook: Gradebook, possible: float) -> Row:
    student = report.student.id
    counted = tuple(
        final.points_of(question, final.mark_of(gradebook, student, question.id)) for question in report.questions
    )
    waiting = [question.id for question, (_, open_) in zip(report.questions, counted, strict=True) if open_ > 0]
    score = final.final_score(gradebook, report)
    return Row(
        report=report,
        score=score,
        pending=tidy(sum(open_ for _, open_ in counted)),
        share=score / possible if possible else 0.0,
        waiting=tuple(waiting),
        flags=_flags(report),
        questions=counted,
        late=gradebook.standings.get(student, final.NO_STANDING).words,
        marked=any(
            final.mark_of(gradebook, student, name) for name in (WHOLE_HAND_IN, *(q.id for q in report.questions))
        ),
    )


def _flags(report: SubmissionReport) -> tuple[str, ...]:
    """The flags, those of one kind together: "Q1, Q3: reaches outside its task: replaces np.isclose, calls open"."""
    own = (f"{question.id}: {flag}" for question in report.questions for flag in question.flags)
    ids = {question.id for question in report.questions}
    kinds: dict[str, tuple[list[str], list[str]]] = {}
    for flag in dict.fromkeys((*report.flags, *own)):
        question, _, words = flag.partition(": ")
        question, words = (question, words) if question in ids else ("", flag)
        kind, _, detail = words.partition(": ")
        if words.endswith("."):  # a sentence of its own
            kind, detail = words, ""
        questions, details = kinds.setdefault(kind, ([], []))
        questions.append(question)
        details.append(detail)
    return tuple(
        ": ".join(part for part in (_each(questions), kind, _each(details)) if part)
        for kind, (questions, details) in kinds.items()
    )


def _each(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, words)))


def _bars(counts: tuple[int, ...]) -> tuple[Bar, ...]:
    top, floor = 32, HEIGHT - 36
    step, most = WIDTH / TENTHS, max(1, *counts)
    bars = []
    for tenth, count in enumerate(counts):
        high = (floor - top) * count / most
        words = f"{10 * tenth}–{10 * tenth + 10}"
        bars.append(Bar(words, 10 * tenth, count, tenth * step + 3, round(floor - high, 1), step - 6, round(high, 1)))
    return tuple(bars)
