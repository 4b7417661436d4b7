"""`results.jsonl`: one line a submission, for programs to read. The full form that the store keeps is in `archive`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from grader.export.errors import ExportError
from grader.export.files import write_atomically
from grader.gradebook import Gradebook
from grader.model import LabelReport, Overall, Place, QuestionReport, Status, Student, SubmissionReport, tidy

Json = dict[str, Any]


def write_results(gradebook: Gradebook, path: Path) -> Path:
    """Write one line a submission, sorted by student id; equal gradebooks give equal bytes."""
    reports = sorted(gradebook.reports, key=lambda report: report.student.id)
    return write_atomically(Path(path), b"".join(_line(report_to_dict(report)) for report in reports))


def read_results(path: Path) -> tuple[SubmissionReport, ...]:
    """The reports of a `results.jsonl`, in its order.

    Raises:
        ExportError: the file cannot be read, or a line is not of that form.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} cannot be read: {error}.") from error
    reports = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                reports.append(report_from_dict(json.loads(line)))
            except (ValueError, RecursionError, ExportError) as error:
                raise ExportError(f"{path}, line {number}, is not a result of the grader: {error}") from error
    return tuple(reports)


def _line(document: Json) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    for separator in "\x7f\x85\u2028\u2029":  # some readers take these for the end of a line
        text = text.replace(separator, f"\\u{ord(separator):04x}")
    return text.encode("utf-8", "backslashreplace") + b"\n"


def report_to_dict(report: SubmissionReport) -> Json:
    """The report as `results.jsonl` has it: marks and words, without examples, answers and pictures.

    Raises:
        ExportError: a number of points is not finite.

    >>> report_to_dict(SubmissionReport(Student("amal", "Amal"), "numpy_layers", Overall.JUDGED))["student"]
    {'id': 'amal', 'name': 'Amal'}
    """
    where = report.student.id
    questions = {question.id: _question(question, f"{where}, {question.id}") for question in report.questions}
    return {
        "student": {"id": _text(report.student.id), "name": _text(report.student.name)},
        "homework": report.homework,
        "status": report.status.value,
        "score": _points(report.score, where),
        "possible": _points(report.possible, where),
        "bonus": _points(report.bonus, where),
        "pending": _points(report.pending, where),
        "flags": _texts(report.flags),
        "confinement": _texts(report.confinement),
        "questions": questions,
        "notes": _texts(report.notes),
        "error": _text(report.error),
        "files": _texts(report.files),
    }


def report_from_dict(document: Json) -> SubmissionReport:
    """The report of a line of `results.jsonl`. Titles, examples and answers are not in it and stay empty.

    Raises:
        ExportError: the document is not of that form.
    """
    try:
        return SubmissionReport(
            student=Student(document["student"]["id"], document["student"]["name"]),
            homework=document["homework"],
            status=Overall(document["status"]),
            questions=tuple(_question_from(name, part) for name, part in document["questions"].items()),
            flags=tuple(document["flags"]),
            notes=tuple(document.get("notes", ())),
            confinement=tuple(document["confinement"]),
            error=document.get("error", ""),
            files=tuple(document.get("files", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExportError(f"not a result of the grader ({type(error).__name__}: {error})") from error


def _question(question: QuestionReport, where: str) -> Json:
    labels = {label.label: _label(label, f"{where}, {label.label}") for label in question.labels}
    return {
        "earned": _points(question.earned, where),
        "possible": _points(question.possible, where),
        "bonus": question.bonus,
        "pending": _points(question.pending, where),
        "status": question.status.value,
        "labels": labels,
        "place": place_to_dict(question.place),
        "notes": _texts(question.notes),
        "flags": _texts(question.flags),
    }


def _label(label: LabelReport, where: str) -> Json:
    return {
        "status": label.status.value,
        "earned": _points(label.earned, where),
        "possible": _points(label.possible, where),
        "faults": _texts(label.faults),
        "message": _text(label.message),
        "pending": _points(label.pending, where),
        "hint": _text(label.hint),
        "notes": _texts(label.notes),
    }


def _question_from(name: str, part: Json) -> QuestionReport:
    return QuestionReport(
        id=name,
        title="",
        possible=part["possible"],
        bonus=part["bonus"],
        status=Status(part["status"]),
        labels=tuple(_label_from(label, inner) for label, inner in part["labels"].items()),
        place=place_from_dict(part.get("place")),
        notes=tuple(part.get("notes", ())),
        flags=tuple(part.get("flags", ())),
    )


def _label_from(name: str, part: Json) -> LabelReport:
    return LabelReport(
        label=name,
        status=Status(part["status"]),
        earned=part["earned"],
        possible=part["possible"],
        pending=part.get("pending", 0.0),
        faults=tuple(part["faults"]),
        message=part["message"],
        hint=part.get("hint", ""),
        notes=tuple(part.get("notes", ())),
    )


def place_to_dict(place: Place | None) -> Json | None:
    """A place as an object, so that no program has to take a sentence apart."""
    return None if place is None else {"file": _text(place.file), "cell": place.cell, "line": place.line}


def place_from_dict(part: Json | None) -> Place | None:
    """What `place_to_dict` wrote."""
    return None if part is None else Place(part["file"], part["cell"], part["line"])


def _points(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise ExportError(f"The points of {where} are {value}, which is no number of points.")
    return tidy(value)


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _texts(texts: tuple[str, ...]) -> list[str]:
    return [_text(text) for text in texts]
