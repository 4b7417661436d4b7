"""`course.xlsx`: hand-computed percentages, and formulas that give them again when a weight is changed."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from grader.export.course_sheet import course_bytes, write_course
from grader.gradebook import Gradebook, Standing, TotalRule
from grader.model import LabelReport, Overall, QuestionInfo, QuestionReport, Status, Student, SubmissionReport


def a_book(key: str, possible: float, weight: float | None, earned: dict[str, tuple[float, float]]) -> Gradebook:
    """One question and one bonus question; `earned` is (points, bonus points) by student."""
    questions = (
        QuestionInfo("Q1", "A question", possible, False, (("Y", possible),)),
        QuestionInfo("Q2", "A bonus", 2.0, True, (("Y", 2.0),)),
    )

    def report(who: str) -> SubmissionReport:
        parts = tuple(
            QuestionReport(
                info.id,
                info.title,
                info.possible,
                info.bonus,
                Status.PARTIAL,
                (LabelReport("Y", Status.PARTIAL, got, info.possible),),
            )
            for info, got in zip(questions, earned[who], strict=True)
        )
        return SubmissionReport(Student(who, who.capitalize()), key, Overall.JUDGED, parts)

    reports = tuple(report(who) for who in sorted(earned))
    return Gradebook(key, key.title(), questions, (), reports, rule=TotalRule(weight=weight))


def books(*excused: str) -> list[Gradebook]:
    """Two homeworks; `excused` are excused from the second."""
    one = a_book("one", 10.0, 0.3, {"amal": (8.0, 1.0), "bo": (5.0, 0.0), "=cmd": (10.0, 0.0)})
    two = a_book("two", 20.0, 0.5, {"amal": (10.0, 0.0), "dana": (20.0, 2.0)})
    return [replace(two, excused=frozenset(excused)), one]


def read(data: bytes) -> pd.DataFrame:
    return pd.read_excel(BytesIO(data), sheet_name="Course").set_index("Student")


def test_percentages_weights_and_who_is_excused() -> None:
    found = read(course_bytes(books("bo")))
    assert list(found["one"]) == pytest.approx([10.0, 9.0, 5.0, float("nan")], nan_ok=True)
    # amal: (0.3 · 9/10 + 0.5 · 10/20) / 0.8
    assert found.loc["amal", "Course percent"] == pytest.approx(0.65, abs=1e-4)
    assert found.loc["bo", "Course percent"] == pytest.approx(0.5, abs=1e-4)  # excused from two: one alone counts
    assert found.loc["dana", "Course percent"] == pytest.approx(0.5 * 1.1 / 0.8, abs=1e-4)
    assert found.loc["dana", "Notes"] == "one: no hand-in"
    assert found.loc["bo", "Notes"] == "two: excused"
    not_excused = read(course_bytes(books()))
    assert not_excused.loc["bo", "Course percent"] == pytest.approx(0.3 * 0.5 / 0.8, abs=1e-4)


def test_late_days_are_in_the_course() -> None:
    two, one = books()
    late = Gradebook(
        one.homework, one.title, one.questions, (), one.reports, standings={"amal": Standing(minus=2.0)}, rule=one.rule
    )
    assert read(course_bytes([late, two])).loc["amal", "one"] == 7.0
    assert read(course_bytes([one, two])).loc["amal", "one"] == 9.0


def value(workbook: openpyxl.Workbook, sheet: str, cell: str) -> float:
    """What a cell comes to, by a calculator of a few lines for the few functions that the sheet uses."""
    content = workbook[sheet][cell].value
    if not (isinstance(content, str) and content.startswith("=")):
        return float(content or 0)
    text = re.sub(
        r"(?:(\w+)!)?\$?\b([A-Z]{1,2})\$?(\d+)\b",
        lambda found: repr(value(workbook, found[1] or sheet, found[2] + found[3])),
        content[1:],
    )
    # the formulas are the grader's own, of numbers alone
    text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
    return float(eval(text, {"IF": lambda test, yes, no: yes if test else no, "ROUND": round, "N": float}))


@pytest.mark.parametrize("weight", [0.3, 0.9])
def test_the_formulas_are_live(weight: float) -> None:
    workbook = openpyxl.load_workbook(BytesIO(course_bytes(books("bo"))))
    weights = workbook["Weights"]
    assert [row[0].value for row in weights.iter_rows(min_row=2)] == ["one", "two"]
    weights["D2"] = weight
    header = [cell.value for cell in workbook["Course"][1]]
    column = "ABCDEFGHI"[header.index("Course percent")]
    rows = {row[0].value: row[0].row for row in workbook["Course"].iter_rows(min_row=2)}
    want = (weight * 0.9 + 0.5 * 0.5) / (weight + 0.5)
    assert value(workbook, "Course", f"{column}{rows['amal']}") == pytest.approx(want, abs=1e-4)
    assert value(workbook, "Course", f"{column}{rows['bo']}") == pytest.approx(0.5, abs=1e-4)


def test_names_stay_text_and_equal_gradebooks_give_equal_bytes() -> None:
    assert "=cmd" in read(course_bytes(books())).index
    assert course_bytes(books()) == course_bytes(books())


def test_what_a_person_typed_into_the_course_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "course.xlsx"
    write_course(books(), path)
    write_course(books(), path)
    assert [one.name for one in tmp_path.iterdir()] == ["course.xlsx"]  # nobody has typed anything
    workbook = openpyxl.load_workbook(path)
    workbook["Weights"]["D2"] = 0.7
    workbook.save(path)
    for _ in range(2):
        write_course(books(), path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["course (edited 1).xlsx", "course.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "course (edited 1).xlsx")["Weights"]["D2"].value == 0.7
    assert openpyxl.load_workbook(path)["Weights"]["D2"].value == 0.3
