"""Sheet 000: right hand-ins in every format, the kill matrix of its faults, template, scan and example class."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.intake.tables import read_tables
from grader.model import QuestionReport, Status, tidy
from reference_solutions import errata
from rubrics.backprop_by_hand import POINTS, QUESTIONS, SHEET_PICTURES, faults, judge, table_lines
from rubrics.backprop_by_hand.faults import FAULTS, PREFIX, Misconception
from rubrics.backprop_by_hand.steps import EXPECTED, RIGHT, key, loss_key
from rubrics.backprop_by_hand.variants import VARIANTS, markdown

EXAMPLES = Path(__file__).parents[2] / "submissions_example" / "backprop_by_hand"
STUDENTS = sorted(path.name.removesuffix(".expected.json") for path in EXAMPLES.glob("*.expected.json"))
PDFS = {"pdf_ruled", "pdf_plain"}
TEMPLATE = """**First update - weight**

|           | Layer 1      | Layer 2      | Layer 3      |
|-----------|--------------|--------------|--------------|
| Parameter | value_layer1 | value_layer2 | value_layer3 |
| Gradient  | grad_layer1  | grad_layer2  | grad_layer3  |
| Updated   | update_layer1| update_layer2| update_layer3|

**First update - bias**

|           | Layer 1      | Layer 2      | Layer 3      |
|-----------|--------------|--------------|--------------|
| Parameter | value_layer1 | value_layer2 | value_layer3 |
| Gradient  | grad_layer1  | grad_layer2  | grad_layer3  |
| Updated   | update_layer1| update_layer2| update_layer3|
"""

# What each misconception loses, worked out on paper: cells where it is made, not those that only follow.
LOST = {
    "one-path": {key(1, "bias", 1, "gradient"), key(2, "bias", 1, "gradient")},
    "sign-of-gradient": {key(1, "bias", 3, "gradient"), key(2, "bias", 3, "gradient")},
    "relu-derivative-ignored": {key(2, "bias", 1, "gradient"), key(2, "bias", 2, "gradient")},
    "without-input": {key(u, "weight", n, "gradient") for u in (1, 2) for n in (1, 2, 3)},
    "gradients-reused": {
        *(key(2, "bias", n, "gradient") for n in (1, 2, 3)),
        *(key(2, "weight", n, "gradient") for n in (2, 3)),  # that of layer 1 is its own δ times 4
    },
    "loss-without-half": {*(key(u, "bias", 3, "gradient") for u in (1, 2)), loss_key(1), loss_key(2)},
    "second-from-start": {*(k for k in EXPECTED if k.question.startswith("update2")), loss_key(2)},
}


def judged(name: str, data: bytes) -> tuple[QuestionReport, ...]:
    return judge([read_tables(name, data, SHEET_PICTURES)])


def score(reports: tuple[QuestionReport, ...]) -> float:
    return tidy(sum(report.earned for report in reports))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_right_hand_in_gets_all_points_in_every_format(name: str):
    if name in PDFS:
        pytest.importorskip("pdfplumber")
    reports = judged(*VARIANTS[name](EXPECTED))
    assert score(reports) == 30, [label.message for q in reports for label in q.labels if label.message]
    assert [report.status for report in reports] == [Status.PASSED] * 5


@pytest.mark.parametrize("name", VARIANTS)
def test_one_wrong_number_is_seen_in_every_format(name: str):
    if name in PDFS:
        pytest.importorskip("pdfplumber")
    wrong = key(1, "bias", 2, "gradient")
    own = {**EXPECTED, wrong: ((EXPECTED[wrong][0][0] + 1,),) * 2}
    reports = judged(*VARIANTS[name](own))
    lost = [(q.id, label.label) for q in reports for label in q.labels if label.status is not Status.PASSED]
    assert lost == [wrong]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.info.id + fault.info.words[20:24])
def test_every_misconception_is_caught_and_named(fault: Misconception):
    tables = fault.tables
    reports = judged("hw.md", markdown(tables))
    lost = {
        (q.id, label.label): label.faults for q in reports for label in q.labels if label.status is not Status.PASSED
    }
    assert lost
    assert fault.info.id in {faults[0] for faults in lost.values() if faults}
    assert all(faults for faults in lost.values())
    first = {faults[0] for (question, _), faults in lost.items() if question.startswith("update1")}
    assert first <= {fault.info.id}
    short = fault.info.id.removeprefix(f"{PREFIX}.")
    if short in LOST:
        assert set(lost) == LOST[short]
    # what is lost differs from the right number, or stands in a copied table
    assert all(tables[k] != EXPECTED[k] or "second-from-start" in lost[k][0] for k in map(_key, lost))


def _key(pair: tuple[str, str]):
    return next(k for k in EXPECTED if k == pair)


def test_the_one_path_slip_has_the_sheets_numbers():
    tables = next(fault.tables for fault in FAULTS if fault.info.id.endswith("one-path"))
    assert {float(e) for row in tables[key(1, "bias", 1, "gradient")] for e in row} == {11.5}
    assert {float(e) for row in tables[key(1, "weight", 1, "gradient")] for e in row} == {46}
    assert {float(e) for row in tables[key(1, "weight", 1, "updated")] for e in row} == {0.54}


def test_steps_from_right_numbers_are_the_reference():
    assert RIGHT.tables() == EXPECTED


def test_each_fault_says_what_and_what_to_try():
    known = faults()
    assert len({info.id for info in known}) == len(known)
    ids = {question.id for question in QUESTIONS}
    for info in known:
        assert info.question in ids
        assert info.words.endswith(".")
        assert info.hint and info.labels and info.why


def test_the_untouched_template_is_missing():
    reports = judged("hw.md", TEMPLATE.encode())
    assert {report.status for report in reports} == {Status.MISSING}
    assert score(reports) == 0


def test_a_template_left_above_the_students_tables_does_no_harm():
    assert score(judged("hw.md", TEMPLATE.encode() + markdown(EXPECTED))) == 30


def test_a_scan_waits_with_all_points_and_its_picture():
    reports = judged("scan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    assert sum(report.pending for report in reports) == POINTS == 30
    assert all(report.answer and report.answer.pictures for report in reports)


def test_nothing_unreadable_becomes_a_zero():
    own = markdown(EXPECTED, lambda matrix: "see paper").replace(b"Loss", b"Note")
    reports = judged("hw.md", own)
    assert score(reports) == 0
    assert sum(report.pending for report in reports if report.id != "loss") == 28


def test_two_files_count_together():
    whole = markdown(EXPECTED).decode()
    half = whole.index("**Second update - weight**")
    readings = [read_tables("a.md", whole[:half].encode()), read_tables("b.md", whole[half:].encode())]
    assert score(judge(readings)) == 30


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_the_printed_tables_are_a_right_hand_in(style: str):
    assert score(judged("hw.md", "\n".join(table_lines(style)).encode())) == 30


def test_the_markdown_tables_have_the_sheets_own_layout():
    lines = list(table_lines("markdown"))
    template = TEMPLATE.splitlines()
    assert lines[:4] == template[:4]
    assert lines[4] == "| Parameter | 1            | 1            | 1            |"
    assert "| Gradient  | 92           | 40.25        | 74.75        |" in lines
    assert "| Updated   | -0.73        | -0.615       | -0.59885     |" in lines


def test_an_unknown_style_is_refused():
    with pytest.raises(ValueError, match="text or markdown"):
        list(table_lines("html"))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_example_class_gets_what_is_written_beside_it(student: str):
    due = json.loads((EXAMPLES / f"{student}.expected.json").read_text(encoding="utf-8"))
    folder = EXAMPLES / student
    files = (
        sorted(folder.iterdir())
        if folder.is_dir()
        else [p for p in EXAMPLES.glob(f"{student}.*") if p.suffix != ".json"]
    )
    if files[0].suffix == ".pdf":
        pytest.importorskip("pdfplumber")
    reports = judge([read_tables(file.name, file.read_bytes(), SHEET_PICTURES) for file in files])
    assert score(reports) == due["score"]
    assert tidy(sum(report.pending for report in reports)) == due["pending"]
    came = {
        report.id: {
            "status": report.status.value,
            "earned": report.earned,
            "pending": report.pending,
            "labels": {
                label.label: {"status": label.status.value, "earned": label.earned, "faults": list(label.faults)}
                for label in report.labels
            },
        }
        for report in reports
    }
    assert came == due["questions"]


def test_the_example_class_has_every_format():
    assert len(STUDENTS) >= 7
    suffixes = {path.suffix for path in EXAMPLES.rglob("*")}
    assert {".md", ".ipynb", ".xlsx", ".csv", ".docx", ".pdf", ".png"} <= suffixes


def test_the_errata_are_readable():
    assert [erratum.id for erratum in errata.load("backprop_by_hand")]
