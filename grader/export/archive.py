"""The full form of a report, as the store keeps it: nothing is lost, and nothing in it is ever unpickled.

Arrays are nested lists with dtype and shape, pictures base64; `results` has the shorter form for other programs.
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from grader.export.errors import ExportError
from grader.export.network_archive import network_from_dict, network_to_dict
from grader.export.results import Json, place_from_dict, place_to_dict, report_from_dict, report_to_dict
from grader.model import (
    AnswerText,
    Array,
    Curve,
    Example,
    Figure,
    LabelReport,
    Picture,
    Place,
    QuestionReport,
    Student,
    SubmissionReport,
)

_KINDS = "biuf"  # booleans, whole numbers, floating point; complex numbers travel as pairs
_ODD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def report_to_store(report: SubmissionReport) -> Json:
    """The report with examples, answers and pictures; a JSON document without NaN."""
    document = report_to_dict(report)
    document["student"] = {"id": report.student.id, "name": report.student.name}
    document["files"] = list(report.files)
    for question in report.questions:
        part = document["questions"][question.id]
        part["title"] = question.title
        part["answer"] = _answer(question.answer)
        part["figures"] = [_figure(figure) for figure in question.figures]
        part["curves"] = [_curve(curve) for curve in question.curves]
        part["networks"] = [network_to_dict(network) for network in question.networks]
        part["source"] = question.source_digest
        for label in question.labels:
            part["labels"][label.label]["example"] = _example(label.example)
    return document


def report_from_store(document: Json) -> SubmissionReport:
    """The report that `report_to_store` was given.

    Raises:
        ExportError: the document is not of that form.
    """
    plain = report_from_dict(document)
    try:
        questions = tuple(_question_from(question, document["questions"][question.id]) for question in plain.questions)
        student = Student(document["student"]["id"], document["student"]["name"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExportError(f"This is not a stored result: {type(error).__name__}: {error}.") from error
    return SubmissionReport(
        student=student,
        homework=plain.homework,
        status=plain.status,
        questions=questions,
        flags=plain.flags,
        notes=plain.notes,
        confinement=plain.confinement,
        error=plain.error,
        files=plain.files,
    )


def _question_from(question: QuestionReport, part: Json) -> QuestionReport:
    return QuestionReport(
        id=question.id,
        title=part["title"],
        possible=question.possible,
        bonus=question.bonus,
        status=question.status,
        labels=tuple(_label_from(label, part["labels"][label.label]) for label in question.labels),
        place=question.place,
        notes=question.notes,
        flags=question.flags,
        answer=_answer_from(part["answer"]),
        figures=tuple(_figure_from(figure) for figure in part.get("figures", ())),
        curves=tuple(_curve_from(curve) for curve in part.get("curves", ())),
        networks=tuple(network_from_dict(network) for network in part.get("networks", ())),
        source_digest=str(part.get("source", "")),
    )


def _label_from(label: LabelReport, part: Json) -> LabelReport:
    return LabelReport(
        label=label.label,
        status=label.status,
        earned=label.earned,
        possible=label.possible,
        pending=label.pending,
        faults=label.faults,
        message=label.message,
        hint=label.hint,
        example=_example_from(part["example"]),
        notes=label.notes,
    )


def _example(example: Example | None) -> Json | None:
    if example is None:
        return None
    return {
        "inputs": [[name, _value(value)] for name, value in example.inputs],
        "want": _value(example.want),
        "got": None if example.got is None else _value(example.got),
        "got_words": example.got_words,
    }


def _example_from(part: Json | None) -> Example | None:
    if part is None:
        return None
    return Example(
        inputs=tuple((name, _value_from(value)) for name, value in part["inputs"]),
        want=_value_from(part["want"]),
        got=None if part["got"] is None else _value_from(part["got"]),
        got_words=part["got_words"],
    )


def _answer(answer: AnswerText | None) -> Json | None:
    if answer is None:
        return None
    return {
        "text": answer.text,
        "code": list(answer.code),
        "outputs": list(answer.outputs),
        "places": [place_to_dict(place) for place in answer.places],
        "pictures": [
            {
                "mime": picture.mime,
                "base64": base64.b64encode(picture.data).decode("ascii"),
                "place": place_to_dict(picture.place),
            }
            for picture in answer.pictures
        ],
    }


def _answer_from(part: Json | None) -> AnswerText | None:
    if part is None:
        return None
    return AnswerText(
        text=part["text"],
        code=tuple(part["code"]),
        outputs=tuple(part["outputs"]),
        pictures=tuple(
            Picture(picture["mime"], base64.b64decode(picture["base64"], validate=True), _place(picture["place"]))
            for picture in part["pictures"]
        ),
        places=tuple(_place(place) for place in part["places"]),
    )


def _figure(figure: Figure) -> Json:
    place = place_to_dict(figure.place)
    return {"what": figure.what, "got": figure.got, "want": figure.want, "agrees": figure.agrees, "place": place}


def _figure_from(part: Json) -> Figure:
    return Figure(part["what"], part["got"], part["want"], part["agrees"], place_from_dict(part["place"]))


def _curve(curve: Curve) -> Json:
    return {"title": curve.title, "got": _nested(list(curve.got)), "want": _nested(list(curve.want))}


def _curve_from(part: Json) -> Curve:
    return Curve(part["title"], tuple(_plain(part["got"])), tuple(_plain(part["want"])))


def _place(part: Json) -> Place:
    place = place_from_dict(part)
    if place is None:
        raise ValueError("a place is missing")
    return place


def _value(value: Array | float | int) -> Any:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return _number(value)
    array = np.asarray(value)
    if array.dtype.kind == "c":
        pairs = np.stack([array.real, array.imag], axis=-1)
        return {"dtype": array.dtype.name, "shape": list(array.shape), "pairs": _nested(pairs.tolist())}
    if array.dtype.kind not in _KINDS:
        raise ExportError(f"An example holds {array.dtype} values, which are no numbers.")
    if array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": _nested(array.tolist())}


def _value_from(part: Any) -> Array | float | int:
    if not isinstance(part, dict):
        return _ODD[part] if isinstance(part, str) else part
    dtype, shape = np.dtype(part["dtype"]), tuple(part["shape"])
    if dtype.kind not in _KINDS + "c":
        raise ValueError(f"{dtype} is no kind of number")
    if "pairs" in part:
        pairs = np.array(_plain(part["pairs"]), dtype=np.float64).reshape(*shape, 2)
        return pairs.view(np.complex128).reshape(shape).astype(dtype)  # a sum with 1j would turn inf into nan
    return np.array(_plain(part["data"]), dtype=dtype).reshape(shape)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return float(value)
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _nested(value: Any) -> Any:
    if isinstance(value, list):
        return [_nested(item) for item in value]
    return _number(value) if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _ODD[value] if isinstance(value, str) else value
