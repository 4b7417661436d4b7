"""results.jsonl and the full form for the store."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from grader.export.archive import report_from_store, report_to_store
from grader.export.errors import ExportError
from grader.export.results import read_results, report_from_dict, report_to_dict, write_results
from grader.gradebook import Gradebook
from grader.model import Example, LabelReport, Overall, QuestionReport, Status, Student, SubmissionReport

# The keys of the contract, in its order.
TOP = ["student", "homework", "status", "score", "possible", "bonus", "pending", "flags", "confinement", "questions"]
QUESTION = ["earned", "possible", "bonus", "pending", "status", "labels"]
LABEL = ["status", "earned", "possible", "faults", "message"]


AMAL = Student("amal", "Amal")


def one(label: LabelReport, student: Student = AMAL) -> SubmissionReport:
    question = QuestionReport("Q1", "Linear", 0.5, False, label.status, (label,))
    return SubmissionReport(student, "numpy_layers", Overall.JUDGED, (question,))


def test_a_line_has_the_keys_of_the_contract_in_its_order(gradebook: Gradebook, tmp_path):
    lines = write_results(gradebook, tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 12
    bea = next(json.loads(line) for line in lines if '"bea"' in line)
    assert list(bea)[: len(TOP)] == TOP
    assert list(bea["questions"]["Q1"])[: len(QUESTION)] == QUESTION
    assert list(bea["questions"]["Q1"]["labels"]["dX"])[: len(LABEL)] == LABEL
    # Q1 1.5 of 2, Q2 2, Q3 2, Q4 waits, Q7 2, the bonus Q9 is missing
    assert (bea["score"], bea["possible"], bea["bonus"], bea["pending"]) == (7.5, 10.0, 0.5, 2.0)
    assert bea["questions"]["Q1"]["labels"]["dX"]["faults"][0] == "linear.updates-before-dX"
    assert bea["student"] == {"id": "bea", "name": "Bea Lindqvist"}


def test_lines_are_sorted_and_the_same_bytes_come_twice(gradebook: Gradebook, tmp_path):
    first = write_results(gradebook, tmp_path / "a.jsonl").read_bytes()
    shuffled = replace(gradebook, reports=tuple(reversed(gradebook.reports)))
    assert write_results(shuffled, tmp_path / "b.jsonl").read_bytes() == first
    ids = [json.loads(line)["student"]["id"] for line in first.splitlines()]
    assert ids == sorted(ids)
    assert "李伟" in first.decode("utf-8")
    changed = replace(gradebook, reports=gradebook.reports[1:])
    assert write_results(changed, tmp_path / "c.jsonl").read_bytes() != first


def test_what_some_readers_take_for_a_line_end_stays_inside_its_line(tmp_path, gradebook: Gradebook):
    odd = one(LabelReport("Y", Status.FAILED, 0.0, 0.5, message="a\u2028b\x85c\x0bd\r\ne"))
    text = write_results(replace(gradebook, reports=(odd,)), tmp_path / "r.jsonl").read_bytes().decode("utf-8")
    assert len(text.splitlines()) == 1
    assert json.loads(text)["questions"]["Q1"]["labels"]["Y"]["message"] == "a\u2028b\x85c\x0bd\r\ne"


def test_an_undecodable_file_name_is_written_as_valid_utf_8(tmp_path, gradebook: Gradebook):
    odd = one(LabelReport("Y", Status.PASSED, 0.5, 0.5), Student("caf\udce9", "caf\udce9"))
    line = write_results(replace(gradebook, reports=(odd,)), tmp_path / "r.jsonl").read_bytes().decode("utf-8")
    assert json.loads(line)["student"]["id"] == "caf\\udce9"


def test_points_carry_no_binary_dust_and_are_never_nan():
    dusty = one(LabelReport("Y", Status.PARTIAL, 0.1 + 0.2, 0.5))
    assert report_to_dict(dusty)["questions"]["Q1"]["labels"]["Y"]["earned"] == 0.3
    with pytest.raises(ExportError, match="amal, Q1, Y"):
        report_to_dict(one(LabelReport("Y", Status.FAILED, math.nan, 0.5)))


def test_a_line_gives_the_same_marks_and_words_back(gradebook: Gradebook):
    for report in gradebook.reports:
        document = report_to_dict(report)
        again = report_from_dict(json.loads(json.dumps(document)))
        assert report_to_dict(again) == document
        assert (again.score, again.pending, again.status) == (report.score, report.pending, report.status)
    with pytest.raises(ExportError, match="not a result"):
        report_from_dict({"student": {"id": "amal"}})


def test_the_written_file_is_read_back(gradebook: Gradebook, tmp_path):
    path = write_results(gradebook, tmp_path / "results.jsonl")
    again = read_results(path)
    assert [(one.student, one.score, one.pending) for one in again] == [
        (one.student, one.score, one.pending) for one in gradebook.reports
    ]
    path.write_bytes(path.read_bytes() + b'{"student": \n')
    with pytest.raises(ExportError, match="line 13"):
        read_results(path)
    with pytest.raises(ExportError, match="cannot be read"):
        read_results(tmp_path / "none.jsonl")


def same(one: object, other: object) -> bool:
    """Equality that looks into arrays: value, shape and dtype; NaN equals NaN."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        equal_nan = one.dtype.kind in "fc"
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=equal_nan)
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            same(getattr(one, f), getattr(other, f)) for f in one.__dataclass_fields__
        )
    return type(one) is type(other) and one == other


def test_the_store_form_brings_back_every_report_whole(gradebook: Gradebook):
    for report in gradebook.reports:
        again = report_from_store(json.loads(json.dumps(report_to_store(report), allow_nan=False)))
        assert same(again, report), report.student
    assert not same(gradebook.reports[0], gradebook.reports[1])  # the comparison can fail


@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.5, math.nan], [math.inf, -math.inf]]),
        np.array([0.1, 1 / 3], dtype=np.float32),
        np.array([65504, 1e-7], dtype=np.float16),
        np.zeros((0, 3)),
        np.array(2.5),
        np.array([2**63 - 1, -(2**63)]),
        np.array([True, False]),
        np.array([[1 + 2j, complex(math.nan, -math.inf)]]),
        np.arange(24.0).reshape(2, 3, 4),
        -0.0,
        7,
        math.inf,
    ],
    ids=str,
)
def test_every_kind_of_array_survives_the_store(value):
    report = one(LabelReport("Y", Status.FAILED, 0.0, 0.5, example=Example((("X", value),), value, value)))
    again = report_from_store(json.loads(json.dumps(report_to_store(report), allow_nan=False)))
    example = again.questions[0].labels[0].example
    assert example is not None
    assert same(example.want, value)
    assert same(example.inputs, (("X", value),))


def test_a_stored_document_with_an_object_dtype_is_refused():
    report = one(LabelReport("Y", Status.FAILED, 0.0, 0.5, example=Example((), np.ones(2), None, "None")))
    document = report_to_store(report)
    document["questions"]["Q1"]["labels"]["Y"]["example"]["want"]["dtype"] = "object"
    with pytest.raises(ExportError, match="no kind of number"):
        report_from_store(document)
