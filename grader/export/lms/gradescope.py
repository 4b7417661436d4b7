"""Gradescope: a `results.json` for each student, as its autograders write it: one test a label."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.export.files import feedback_name, write_atomically
from grader.export.lms.order import Order, grade_of
from grader.export.questions import reasons
from grader.export.reveal import disclosure, withheld
from grader.export.text import clean, counted, shorten
from grader.final import mark_of
from grader.gradebook import WHOLE_HAND_IN, Extent, HumanMark
from grader.model import LabelReport, QuestionReport, Status, SubmissionReport, tidy

Json = dict[str, Any]
_OUTPUT_LIMIT = 10_000


def to_gradescope(order: Order) -> list[Path]:
    """`results.json` for a single student, else `results/<student>.json`."""
    told = disclosure(order.gradebook)
    reports = [report if told.shown else withheld(report) for report in order.gradebook.reports]
    if len(reports) == 1:
        return [write_atomically(order.out / "results.json", _bytes(_results(order, reports[0])))]
    return [
        write_atomically(
            order.out / "results" / f"{feedback_name(report.student.id).removesuffix('.html')}.json",
            _bytes(_results(order, report)),
            flush=False,
        )
        for report in reports
    ]


def _results(order: Order, report: SubmissionReport) -> Json:
    """The document. `score` stands above the sum of the tests: it holds the policy's deductions too."""
    tests = [test for number, one in enumerate(report.questions, 1) for test in _tests(order, report, one, number)]
    whole = mark_of(order.gradebook, report.student.id, WHOLE_HAND_IN)
    if whole is not None:
        tests.append(
            _test(order, "By a person", f"{len(report.questions) + 1}", whole.points or 0.0, 0.0, _person(whole))
        )
    standing = order.gradebook.standings.get(report.student.id)
    words = [report.error, *report.notes, standing.words if standing else ""]
    grade = grade_of(order, report)
    document: Json = {} if grade is None else {"score": grade}
    return document | {
        "output": _text("\n".join(filter(None, words))),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": order.visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _tests(order: Order, report: SubmissionReport, question: QuestionReport, number: int) -> list[Json]:
    """One test a label; marks of a person are a test of their own, in place of what they replace."""
    mark = mark_of(order.gradebook, report.student.id, question.id)
    if mark is not None and mark.extent is Extent.WHOLE:
        most = 0.0 if question.bonus else question.possible
        return [_test(order, _name(question), f"{number}", mark.points or 0.0, most, _person(mark))]
    tests = []
    for count, label in enumerate(reasons(question), 1):
        waits = mark is not None and label.pending
        most = 0.0 if question.bonus else tidy(label.possible - (label.pending if waits else 0.0))
        words = "Marked by a person, see below." if waits else _words(label)
        tests.append(_test(order, _name(question, label.label), f"{number}.{count}", label.earned, most, words))
    if mark is not None:
        most = 0.0 if question.bonus else question.pending
        name = _name(question, "by a person")
        tests.append(_test(order, name, f"{number}.{len(tests) + 1}", mark.points or 0.0, most, _person(mark)))
    return tests


def _test(order: Order, name: str, number: str, score: float, most: float, words: str) -> Json:
    return {
        "name": name,
        "number": number,
        "score": tidy(score),
        "max_score": tidy(most),
        "output": _text(words),
        "output_format": "text",
        "visibility": order.visibility,
    }


def _name(question: QuestionReport, part: str = "") -> str:
    """A bonus is said to be one: it has no maximum, for Gradescope adds up the maxima to what the homework is worth."""
    return " ".join(filter(None, (question.id, part, "(bonus)" if question.bonus else "")))


def _words(label: LabelReport) -> str:
    """What the student may read: the reason and what to try; examples and reference values stay out."""
    if label.status is Status.PASSED:
        return "Right."
    verb = "waits" if label.pending == 1 else "wait"
    waiting = f"{counted(label.pending, 'point')} {verb} for your instructor." if label.pending else ""
    return "\n".join(filter(None, (label.message, label.hint, waiting)))


def _person(mark: HumanMark) -> str:
    return mark.comment or "Marked by your instructor."


def _text(words: str) -> str:
    return shorten(clean(words), _OUTPUT_LIMIT)


def _bytes(document: Json) -> bytes:
    return (
        json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "backslashreplace") + b"\n"
    )
