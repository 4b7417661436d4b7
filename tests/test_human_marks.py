"""Marks of persons: taken once, never forgotten, flagged when stale, never silently contradicted."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from grader.export.marks import answer_digest
from grader.export.workbook import write_workbook
from grader.final import final_score, mark_of, pending
from grader.gradebook import Extent, Gradebook, HumanMark, Standing, TotalRule
from grader.intake.submission import Submission
from grader.marks.given import NoSuchMark, give, idle_marks, remarks_on, take_back, with_marks
from grader.marks.typed import Reading, read_workbooks
from grader.model import (
    AnswerText,
    LabelReport,
    Overall,
    Picture,
    Place,
    QuestionInfo,
    QuestionReport,
    Status,
    Student,
    SubmissionReport,
)
from grader.people.enrolment import report_rows
from grader.store import SCHEMA_VERSION, Store

Typing = Mapping[tuple[str, str, str], Any]
"""What a person types: by student, question, and the column: Mark, Comment, Why it waits, override, or the grader's."""

QUESTIONS = (
    QuestionInfo("Q1", "Linear", 2.0, False, (("Y", 1.0), ("dX", 1.0))),
    QuestionInfo("Q4", "What you see", 2.0, False, (("answer", 2.0),)),
)


def code(earned: float = 1.0) -> QuestionReport:
    status = Status.PASSED if earned == 1.0 else Status.FAILED
    labels = (LabelReport("Y", Status.PASSED, 1.0, 1.0), LabelReport("dX", status, earned, 1.0))
    return QuestionReport("Q1", "Linear", 2.0, False, status, labels)


def prose(text: str, waits: float = 2.0) -> QuestionReport:
    label = LabelReport("answer", Status.NEEDS_HUMAN, 2.0 - waits, 2.0, waits)
    return QuestionReport("Q4", "What you see", 2.0, False, Status.NEEDS_HUMAN, (label,), answer=AnswerText(text))


def classbook(**answers: str) -> Gradebook:
    """A class of students whose Q1 is judged (1 of 2 points) and whose Q4 waits (2 points)."""
    reports = tuple(
        SubmissionReport(
            Student(name, name.title()), "numpy_layers", Overall.PROVISIONAL, (code(0.0), prose(text or "It falls."))
        )
        for name, text in sorted({"amal": "", "bea": "", **answers}.items())
    )
    return Gradebook("numpy_layers", "Programming Assignment 3", QUESTIONS, (), reports)


class Desk:
    """A folder with a store and a workbook, and an instructor who types."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "grades.xlsx"
        self.said: list[str] = []

    def run(self, gradebook: Gradebook) -> Gradebook:
        """What `grade` does apart from grading."""
        reading = self.read()
        with Store(self.folder / "store.sqlite") as store:
            marked = with_marks(gradebook, store.marks())
        self.said = [*reading.remarks, *remarks_on(marked)]
        write_workbook(marked, self.path)
        return marked

    def read(self) -> Reading:
        with Store(self.folder / "store.sqlite") as store:
            return read_workbooks(self.folder, store)

    def give(
        self, gradebook: Gradebook, student: str, question: str, points: float, read: Reading | None = None
    ) -> None:
        with Store(self.folder / "store.sqlite") as store:
            give(store, gradebook, student, question, points, "", read.marks if read else ())

    def history(self, student: str) -> list[tuple[str, str, float | None, float | None, str]]:
        with Store(self.folder / "store.sqlite") as store:
            entries = store.mark_history(student)
        return [(e.mark.question, e.mark.extent.value, e.mark.points, e.old, e.mark.source) for e in entries]

    def type(self, what: Typing, path: Path | None = None) -> None:
        path = path or self.path
        book = openpyxl.load_workbook(path)
        left = dict(what)
        for name in ("Review", "Scores"):
            header = [cell.value for cell in book[name][1]]
            for row in book[name].iter_rows(min_row=2):
                for student, question, column in what:
                    title = (
                        f"{question} override" if column == "override" else question if column == "machine" else column
                    )
                    mine = name == "Scores" or row[header.index("Question")].value == question
                    if (
                        row[0].value == student
                        and mine
                        and title in header
                        and (column in ("override", "machine")) == (name == "Scores")
                    ):
                        row[header.index(title)].value = left.pop(
                            (student, question, column), what[student, question, column]
                        )
        assert not left, f"there is no cell for {left}"
        book.save(path)

    def rows(self, sheet: str, *key: str) -> dict[str, Any]:
        rows = list(openpyxl.load_workbook(self.path, data_only=True)[sheet].iter_rows(values_only=True))
        found = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
        return next(row for row in found if tuple(row[c] for c in ("Student", "Question")[: len(key)]) == key)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_was_typed_is_kept_with_when_where_from_and_the_old_value(desk: Desk):
    before = datetime.now(UTC).replace(microsecond=0)
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("amal", "Q4", "Comment"): "near", ("bea", "Q1", "override"): 2})
    marked = desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1})
    again = desk.run(classbook())
    assert desk.history("amal") == [("Q4", "pending", 1.5, None, "Review"), ("Q4", "pending", 1.0, 1.5, "Review")]
    assert desk.history("bea") == [("Q1", "whole", 2.0, None, "Scores")]
    assert {r.student.id: final_score(marked, r) for r in marked.reports} == {"amal": 2.5, "bea": 2.0}
    assert {r.student.id: final_score(again, r) for r in again.reports} == {"amal": 2.0, "bea": 2.0}
    assert {r.student.id: pending(again, r) for r in again.reports} == {"amal": 0.0, "bea": 2.0}
    mark = mark_of(again, "amal", "Q4")
    assert mark is not None and mark.comment == "near" and not mark.stale and not mark.conflict
    assert before <= datetime.fromisoformat(mark.at) <= datetime.now(UTC)
    assert desk.said == []


def test_a_run_without_changes_adds_nothing_and_the_workbook_stays_the_same(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q1", "override"): 0})
    desk.run(classbook())
    first, history = desk.path.read_bytes(), desk.history("amal") + desk.history("bea")
    desk.run(classbook())
    desk.type({})  # saved by another program, with nothing changed
    desk.run(classbook())
    assert desk.path.read_bytes() == first
    assert desk.history("amal") + desk.history("bea") == history


def test_a_cleared_cell_takes_the_mark_back_and_the_history_keeps_it(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q1", "override"): 2, ("bea", "Q4", "Comment"): "later"})
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): None, ("bea", "Q1", "override"): None, ("bea", "Q4", "Comment"): None})
    marked = desk.run(classbook())
    assert marked.marks == ()
    assert desk.history("amal")[-1] == ("Q4", "pending", None, 1.5, "Review")
    assert desk.rows("Review", "amal", "Q4")["Mark"] is None
    assert desk.rows("Scores", "bea")["Q1 override"] is None


def test_an_override_stands_for_the_whole_question_beside_the_graders_points(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "override"): 0.5, ("amal", "Q1", "override"): 2})
    marked = desk.run(classbook())
    row = desk.rows("Scores", "amal")
    assert (row["Q1"], row["Q4"], row["Human marks"], row["Total"], row["Pending"]) == (1, 0, 1.5, 2.5, 0)
    assert pending(marked, marked.reports[0]) == 0


def test_points_typed_over_the_graders_own_become_an_override_and_that_is_said(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q1", "machine"): 1.75})
    marked = desk.run(classbook())
    row = desk.rows("Scores", "amal")
    assert (row["Q1"], row["Q1 override"], row["Total"]) == (1, 1.75, 1.75)
    assert final_score(marked, marked.reports[0]) == 1.75
    assert any("typed over" in words for words in desk.said)


@pytest.mark.parametrize("typed", ["two", 9, -1, 2.001])
@pytest.mark.parametrize("column", ["Mark", "override"])
def test_what_is_no_possible_mark_counts_nothing_and_is_not_lost(desk: Desk, typed: Any, column: str):
    desk.run(classbook())
    desk.type({("amal", "Q4", column): typed})
    for _ in range(2):
        marked = desk.run(classbook())
        assert final_score(marked, marked.reports[0]) == 1.0
        assert pending(marked, marked.reports[0]) == 2.0
        cell = (
            desk.rows("Review", "amal", "Q4")["Mark"]
            if column == "Mark"
            else desk.rows("Scores", "amal")["Q4 override"]
        )
        assert cell == typed
        assert "counts nothing" in desk.rows("Review", "amal", "Q4")["Why it waits"]
        assert idle_marks(marked)
    assert len(desk.history("amal")) == 1
    desk.type({("amal", "Q4", column): 2})
    marked = desk.run(classbook())
    assert final_score(marked, marked.reports[0]) == 3.0
    assert not idle_marks(marked)


@pytest.mark.parametrize(("typed", "points"), [("1,5", 1.5), (" 1 ", 1.0), (".5", 0.5), ("2.", 2.0)])
def test_a_number_typed_as_text_is_a_number(desk: Desk, typed: str, points: float):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): typed})
    marked = desk.run(classbook())
    assert final_score(marked, marked.reports[0]) == 1.0 + points


def test_a_date_that_a_program_made_of_a_fraction_is_called_one(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): datetime(2026, 2, 1), ("bea", "Q4", "Mark"): "1/2"})
    marked = desk.run(classbook())
    assert [mark.points for mark in marked.marks] == [None, None]
    for student, words in (("amal", "“2026-02-01 (a date)”"), ("bea", "“1/2”")):
        (line,) = [line for line in desk.rows("Review", student, "Q4")["Why it waits"].split("\n") if words in line]
        assert "counts nothing" in line


def test_a_mark_goes_stale_with_its_answer_and_fresh_when_seen(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q4", "Mark"): 1})
    desk.run(classbook())
    changed = classbook(amal="Another answer.")
    marked = desk.run(changed)
    assert {mark.student: mark.stale for mark in marked.marks} == {"amal": True, "bea": False}
    assert final_score(marked, marked.reports[0]) == 2.5  # it counts all the same
    why = desk.rows("Review", "amal", "Q4")["Why it waits"]
    assert "changed since" in why and "changed since" in desk.rows("Scores", "amal")["Flags"]
    assert not desk.rows("Scores", "bea")["Flags"]
    desk.type({("amal", "Q4", "Why it waits"): "For a person to judge (answer)."})
    marked = desk.run(changed)
    assert not any(mark.stale for mark in marked.marks)
    assert [points for _, _, points, _, _ in desk.history("amal")] == [1.5, 1.5]
    marked = desk.run(classbook(amal="A third answer."))
    assert mark_of(marked, "amal", "Q4").stale  # type: ignore[union-attr]


def test_an_answer_that_changes_between_typing_and_the_next_run_is_stale_at_once(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q1", "override"): 0.5})
    book = classbook(amal="Handed in again.")
    amal, bea = book.reports
    better = replace(bea, questions=(code(1.0), bea.questions[1]))
    marked = desk.run(replace(book, reports=(amal, better)))
    assert [mark.stale for mark in marked.marks] == [True, True]
    assert "changed since" in desk.rows("Review", "bea", "Q1")["Why it waits"]  # though nothing waits there


def test_what_a_person_sees_is_in_the_digest_and_nothing_else():
    question = prose("It falls.")
    answer = question.answer
    assert answer is not None
    one = answer_digest(question)
    place = Place("hw.ipynb", 3)
    same = replace(question, title="Other", notes=("a note",), place=place, answer=replace(answer, places=(place,)))
    assert answer_digest(same) == one
    picture = Picture("image/png", b"1", place)
    for other in (
        replace(answer, text="It rises."),
        replace(answer, outputs=("0.1",)),
        replace(answer, code=("x = 1",)),
        replace(answer, pictures=(picture,)),
        None,
    ):
        assert answer_digest(replace(question, answer=other)) != one
    drawn = replace(answer, pictures=(picture,))
    redrawn = replace(answer, pictures=(replace(picture, data=b"2"),))
    assert answer_digest(replace(question, answer=drawn)) != answer_digest(replace(question, answer=redrawn))
    assert answer_digest(code(1.0)) != answer_digest(code(0.0))


def test_a_question_that_no_longer_waits_never_counts_a_mark_twice(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5})
    desk.run(classbook())
    book = classbook()
    judged = replace(book.reports[0], questions=(code(0.0), prose("It falls.", waits=0.0)))
    marked = desk.run(replace(book, reports=(judged, book.reports[1])))
    assert final_score(marked, judged) == 3.0
    assert desk.rows("Scores", "amal")["Total"] == 3.0
    half = replace(judged, questions=(code(0.0), prose("It falls.", waits=0.5)))
    marked = desk.run(replace(book, reports=(half, book.reports[1])))
    assert (final_score(marked, half), pending(marked, half)) == (2.5, 0.5)  # 1.5 of the half point that waits: no
    marked = desk.run(book)
    assert final_score(marked, book.reports[0]) == 2.5  # it waits again, and the mark is still there


class TestConflicts:
    """Two persons, or one in two places, since the workbook was read last."""

    def test_the_command_after_the_workbook_was_saved(self, desk: Desk):
        desk.run(classbook())
        desk.type({("amal", "Q4", "override"): 1.5})
        reading = desk.read()
        desk.give(classbook(), "amal", "Q4", 1.0, reading)
        marked = desk.run(classbook())
        mark = mark_of(marked, "amal", "Q4")
        assert mark is not None and mark.points == 1.0
        for words in (
            mark.conflict,
            desk.rows("Review", "amal", "Q4")["Why it waits"],
            desk.rows("Scores", "amal")["Flags"],
        ):
            assert "1.5" in words and "grade mark" in words and "Scores" in words
        assert any("contradict" in words for words in desk.said)
        assert [points for _, _, points, _, _ in desk.history("amal")] == [1.5, 1.0]

    @pytest.mark.parametrize(("hours", "counts"), [(-1, 1.5), (1, 1.0)])
    def test_a_workbook_that_does_not_know_the_commands_mark(self, desk: Desk, hours: int, counts: float):
        """It was open elsewhere when the mark was given; what was typed or given later counts."""
        desk.run(classbook())
        self.add(desk, 1.0, datetime.now(UTC) + timedelta(hours=hours))
        desk.type({("amal", "Q1", "override"): 1.5, ("bea", "Q1", "override"): 2})
        for _ in range(2):
            marked = desk.run(classbook())
            mark = mark_of(marked, "amal", "Q1")
            assert mark is not None and mark.points == counts
            assert "1.5 (Scores" in mark.conflict and "1 (grade mark" in mark.conflict
            assert mark.conflict in desk.rows("Review", "amal", "Q1")["Why it waits"]
            assert not mark_of(marked, "bea", "Q1").conflict  # type: ignore[union-attr]
        assert {points for _, _, points, _, _ in desk.history("amal")} == {1.0, 1.5}
        desk.type({("amal", "Q1", "Why it waits"): None})
        settled = mark_of(desk.run(classbook()), "amal", "Q1")
        assert settled is not None and (settled.points, settled.conflict) == (counts, "")

    def test_the_same_value_twice_is_no_conflict(self, desk: Desk):
        desk.run(classbook())
        self.add(desk, 1.5, datetime.now(UTC))
        desk.type({("amal", "Q1", "override"): 1.5})
        assert not mark_of(desk.run(classbook()), "amal", "Q1").conflict  # type: ignore[union-attr]

    def test_an_untouched_workbook_does_not_undo_the_commands_mark(self, desk: Desk):
        desk.run(classbook())
        self.add(desk, 1.5, datetime.now(UTC) - timedelta(hours=1))
        desk.type({("bea", "Q4", "Mark"): 1})
        marked = desk.run(classbook())
        mark = mark_of(marked, "amal", "Q1")
        assert mark is not None and (mark.points, mark.conflict) == (1.5, "")

    def test_review_and_override_at_once(self, desk: Desk):
        desk.run(classbook())
        desk.type(
            {
                ("amal", "Q4", "Mark"): 1.5,
                ("amal", "Q4", "override"): 1,
                ("bea", "Q4", "Mark"): 1,
                ("bea", "Q4", "override"): 1,
            }
        )
        marked = desk.run(classbook())
        amal, bea = mark_of(marked, "amal", "Q4"), mark_of(marked, "bea", "Q4")
        assert amal is not None and (amal.points, amal.extent) == (1.0, Extent.WHOLE)
        assert "1.5 (Review" in amal.conflict and "1 (Scores" in amal.conflict
        assert bea is not None and not bea.conflict  # both say the same
        assert desk.rows("Review", "amal", "Q4")["Mark"] == 1.5  # shown, though it does not count
        desk.type({("amal", "Q4", "Mark"): None})  # one of the two cleared: that settles it
        settled = mark_of(desk.run(classbook()), "amal", "Q4")
        assert settled is not None and (settled.points, settled.conflict) == (1.0, "")

    def test_two_copies_of_one_workbook(self, desk: Desk):
        desk.run(classbook())
        copy = desk.folder / "elsewhere.xlsx"
        shutil.copy(desk.path, copy)
        desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q4", "Mark"): 2})
        desk.run(classbook())
        desk.type({("amal", "Q4", "Mark"): 1.0, ("amal", "Q4", "Comment"): "too kind"}, copy)
        shutil.copy(copy, desk.path)
        marked = desk.run(classbook())
        mark = mark_of(marked, "amal", "Q4")
        assert mark is not None and mark.points == 1.0 and "1.5" in mark.conflict and mark.comment == "too kind"
        assert mark_of(marked, "bea", "Q4").points == 2  # type: ignore[union-attr]  # the copy's empty cell says nothing

    @staticmethod
    def add(desk: Desk, points: float, when: datetime) -> None:
        with Store(desk.folder / "store.sqlite") as store:
            at = when.isoformat(timespec="seconds")
            store.add_mark(HumanMark("amal", "Q1", points, Extent.WHOLE, "", at, "grade mark"))


def test_marks_typed_in_a_workbook_that_stood_aside_are_read_once(desk: Desk):
    desk.run(classbook())
    lock = desk.folder / ".~lock.grades.xlsx#"
    lock.write_text("", "utf-8")
    desk.run(classbook())
    aside = desk.folder / "grades (2).xlsx"
    desk.type({("bea", "Q4", "Mark"): 1.5}, aside)
    lock.unlink()
    marked = desk.run(classbook())
    assert mark_of(marked, "bea", "Q4").points == 1.5  # type: ignore[union-attr]
    desk.type({("bea", "Q4", "Mark"): 1})
    marked = desk.run(classbook())  # the other workbook still says 1.5, but that is old
    mark = mark_of(marked, "bea", "Q4")
    assert mark is not None and (mark.points, mark.conflict) == (1.0, "")


def test_a_store_that_was_lost_learns_the_marks_from_the_workbook(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("amal", "Q4", "Comment"): "near", ("bea", "Q1", "override"): 2})
    first = desk.run(classbook())
    changed = classbook(amal="Another answer.")
    stale = desk.run(changed)
    (desk.folder / "store.sqlite").unlink()
    again = desk.run(changed)
    assert [(m.student, m.question, m.points, m.extent, m.comment, m.stale) for m in again.marks] == [
        (m.student, m.question, m.points, m.extent, m.comment, m.stale) for m in stale.marks
    ]
    assert len(first.marks) == 2
    assert desk.history("amal")[0][2] == 1.5


def test_a_workbook_without_its_hidden_sheet_still_gives_its_marks(desk: Desk):
    desk.run(classbook())
    book = openpyxl.load_workbook(desk.path)
    del book["Written"]
    book.save(desk.path)
    desk.type({("amal", "Q4", "Mark"): 1.5})
    assert mark_of(desk.run(classbook()), "amal", "Q4").points == 1.5  # type: ignore[union-attr]


def test_a_workbook_of_two_sheets_alone_still_gives_overrides(desk: Desk):
    """As a program writes it that keeps values only, with a column of row numbers before the others."""
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q1", "override"): 2})
    sheets = pd.read_excel(desk.path, sheet_name=["Scores", "Review"])
    with pd.ExcelWriter(desk.path) as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name)
    marked = desk.run(classbook())
    assert [(mark.student, mark.question, mark.points) for mark in marked.marks] == [
        ("amal", "Q4", 1.5),
        ("bea", "Q1", 2.0),
    ]


class TestOwnCells:
    """What a person does to the sheets beside typing marks."""

    @staticmethod
    def rename(path: Path, sheet: str, title: str, new: str) -> None:
        book = openpyxl.load_workbook(path)
        (cell,) = [cell for cell in book[sheet][1] if cell.value == title]
        cell.value = new
        book.save(path)

    @pytest.mark.parametrize(("sheet", "title"), [("Review", "Mark"), ("Scores", "Q4 override"), ("Review", "Comment")])
    def test_a_column_under_another_name_is_named_and_read_when_it_is_mended(self, desk: Desk, sheet: str, title: str):
        cell = ("amal", "Q4", title.split()[-1])
        want = "1.5" if title == "Comment" else 1.5
        desk.run(classbook())
        desk.type({cell: want, ("bea", "Q4", "Mark" if title != "Mark" else "override"): 2})
        self.rename(desk.path, sheet, title, "Mine")
        first = desk.run(classbook())
        assert any(f"lacks “{title}” of {sheet}" in words for words in desk.said)
        assert [(mark.student, mark.points) for mark in first.marks] == [("bea", 2.0)]  # the rest is read
        assert desk.rows(sheet, *("amal", "Q4")[: 1 + (sheet == "Review")])["Mine"] == want  # the column went along
        copy = desk.folder / "grades (edited 1).xlsx"
        self.rename(copy, sheet, "Mine", title)
        (amal,) = [mark for mark in desk.run(classbook()).marks if mark.student == "amal"]
        assert (amal.comment if title == "Comment" else amal.points) == want

    def test_columns_of_ones_own_go_along_with_their_rows(self, desk: Desk):
        desk.run(classbook())
        book = openpyxl.load_workbook(desk.path)
        for name, key, cells in (
            ("Review", "bea", {"Section": "B", "Seen": 0.5, "": "=1+1 is no formula"}),
            ("Scores", "amal", {"Met on": datetime(2026, 3, 4), "Status": "my own", "Paid": True}),
        ):
            sheet = book[name]
            (number,) = [row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == key]
            for title, value in cells.items():
                column = sheet.max_column + 1
                sheet.cell(1, column).value = title or None
                sheet.cell(number, column).value = value
                if isinstance(value, str):
                    sheet.cell(number, column).data_type = "s"
                if title in ("Seen", "Met on"):
                    sheet.cell(number, column).number_format = "0 %" if title == "Seen" else "dd/mm/yyyy"
        book["Scores"].insert_rows(1)
        book["Scores"]["A1"] = "My class"
        book.save(desk.path)
        later = classbook(aaron="")  # every row moves down by one
        for _ in range(2):  # from the edited workbook, and from the one that was written with them
            desk.run(later)
            bea, amal = desk.rows("Review", "bea", "Q4"), desk.rows("Scores", "amal")
            assert (bea["Section"], bea["Seen"], bea["Notes"]) == ("B", 0.5, "=1+1 is no formula")
            assert (amal["Met on"], amal["Status 2"], amal["Paid"]) == (datetime(2026, 3, 4), "my own", True)
            assert amal["Status"] == "provisional" and desk.rows("Scores", "bea")["Status 2"] is None
        book = openpyxl.load_workbook(desk.path)
        book.create_sheet("Plan")["A1"] = "Talk to bea."
        book.save(desk.path)
        desk.run(later)
        assert [words for words in desk.said if "“Plan”: they stay in the copy" in words] == desk.said
        kept = openpyxl.load_workbook(desk.folder / "grades (edited 2).xlsx")
        assert kept["Plan"]["A1"].value == "Talk to bea."
        assert "Section" not in desk.rows("Scores", "amal") and len(list(desk.folder.glob("*edited*"))) == 2
        book = openpyxl.load_workbook(desk.path)
        header = [cell.value for cell in book["Review"][1]]
        (cell,) = [row[header.index("Seen")] for row in book["Review"].iter_rows(min_row=2) if row[0].value == "bea"]
        assert cell.number_format == "0 %"
        book["Review"].delete_cols(header.index("Section") + 1)
        book.save(desk.path)
        desk.run(later)
        assert "Section" not in desk.rows("Review", "bea", "Q4") and desk.rows("Review", "bea", "Q4")["Seen"] == 0.5

    def test_a_second_column_of_the_same_name_does_not_hide_the_first(self, desk: Desk):
        desk.run(classbook())
        desk.type({("amal", "Q4", "Mark"): 1.5})
        book = openpyxl.load_workbook(desk.path)
        book["Review"].cell(1, book["Review"].max_column + 1).value = "Mark"
        book.save(desk.path)
        assert mark_of(desk.run(classbook()), "amal", "Q4").points == 1.5  # type: ignore[union-attr]


def test_rows_and_columns_may_be_sorted_and_moved(desk: Desk):
    desk.run(classbook())
    desk.type({("amal", "Q4", "Mark"): 1.5, ("bea", "Q4", "override"): 1})
    book = openpyxl.load_workbook(desk.path)
    for name in ("Review", "Scores", "Written"):
        sheet = book[name]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        order = [rows[0], *reversed(rows[1:])]
        for row, values in zip(sheet.iter_rows(), order, strict=True):
            for cell, value in zip(row, reversed(values), strict=True):
                cell.value = value
    book.save(desk.path)
    marked = desk.run(classbook())
    assert [(m.student, m.question, m.points, m.extent.value) for m in marked.marks] == [
        ("amal", "Q4", 1.5, "pending"),
        ("bea", "Q4", 1.0, "whole"),
    ]


def test_a_comment_alone_is_kept_and_one_on_an_override_reaches_the_student(desk: Desk):
    desk.run(classbook())
    desk.type(
        {("amal", "Q4", "Comment"): "ask in class", ("bea", "Q4", "Comment"): "good", ("bea", "Q4", "override"): 2}
    )
    marked = desk.run(classbook())
    (amal,) = [mark for mark in marked.marks if mark.student == "amal"]
    assert (amal.points, amal.comment) == (None, "ask in class")
    assert pending(marked, marked.reports[0]) == 2.0
    assert mark_of(marked, "bea", "Q4").comment == "good"  # type: ignore[union-attr]
    desk.type({("bea", "Q4", "Comment"): None})
    marked = desk.run(classbook())
    assert not any(mark.comment for mark in marked.marks if mark.student == "bea")
    assert mark_of(marked, "bea", "Q4").points == 2.0  # type: ignore[union-attr]


def test_a_mark_on_a_question_that_is_not_judged_now_counts_nothing_and_is_kept(desk: Desk):
    book = classbook()
    desk.run(book)
    desk.type({("amal", "Q1", "override"): 2, ("amal", "Q4", "Mark"): 1})
    desk.run(book)
    only = replace(book, reports=tuple(replace(report, questions=report.questions[1:]) for report in book.reports))
    marked = desk.run(only)
    assert final_score(marked, marked.reports[0]) == desk.rows("Scores", "amal")["Total"] == 1.0
    assert "not among the questions judged" in desk.rows("Review", "amal", "Q1")["Why it waits"]
    desk.type({("amal", "Q4", "Comment"): "Seen."})
    marked = desk.run(book)
    assert not any("lacks" in words for words in desk.said)  # a column that never was there is not missed
    assert final_score(marked, marked.reports[0]) == desk.rows("Scores", "amal")["Total"] == 3.0


def test_a_hand_in_that_could_not_be_read_takes_one_mark_for_the_whole(desk: Desk):
    book = classbook()
    unread = replace(book.reports[0], status=Overall.UNREADABLE, questions=(), error="The file ends in the middle.")
    book = replace(book, reports=(unread, book.reports[1]))
    desk.run(book)
    desk.type({("amal", "all", "Mark"): 2.5})
    marked = desk.run(book)
    assert final_score(marked, unread) == desk.rows("Scores", "amal")["Total"] == 2.5
    desk.type({("amal", "all", "Mark"): 4.5})  # of 4
    marked = desk.run(book)
    assert final_score(marked, unread) == desk.rows("Scores", "amal")["Total"] == 0.0
    again = classbook()  # handed in anew, and readable: the mark for the whole says nothing any more
    marked = desk.run(again)
    assert final_score(marked, again.reports[0]) == desk.rows("Scores", "amal")["Total"] == 1.0
    assert "counts nothing" in desk.rows("Review", "amal", "all")["Why it waits"]


class TestGiving:
    def test_out_of_range_and_unknown_are_sentences(self, desk: Desk):
        with Store(desk.folder / "store.sqlite") as store:
            for student, question, points, says in (
                ("amal", "Q1", 2.5, "0 to 2"),
                ("amal", "Q1", -0.5, "0 to 2"),
                ("amal", "Q7", 1.0, "Q1, Q4"),
                ("aml", "Q1", 1.0, "amal"),
            ):
                with pytest.raises(NoSuchMark, match=says):
                    give(store, classbook(), student, question, points, "", ())
            with pytest.raises(NoSuchMark, match="No person"):
                take_back(store, classbook(), "amal", "Q1")
            assert store.marks() == ()

    def test_corrected_points_keep_the_words_beside_them(self, desk: Desk):
        with Store(desk.folder / "store.sqlite") as store:
            give(store, classbook(), "amal", "Q1", 1.5, "You told me why.", ())
            assert give(store, classbook(), "amal", "Q1", 1.75, "", ()).comment == "You told me why."
            assert give(store, classbook(), "bea", "Q1", 1.75, "", ()).comment == ""
            assert give(store, classbook(), "amal", "Q1", 2.0, "All of it.", ()).comment == "All of it."
            take_back(store, with_marks(classbook(), store.marks()), "amal", "Q1")
            assert give(store, classbook(), "amal", "Q1", 1.0, "", ()).comment == ""

    def test_taken_back_the_graders_points_count_again(self, desk: Desk):
        desk.give(classbook(), "amal", "Q1", 2.0)
        marked = desk.run(classbook())
        assert final_score(marked, marked.reports[0]) == 2.0
        with Store(desk.folder / "store.sqlite") as store:
            assert take_back(store, marked, "amal", "Q1").points == 2.0
        marked = desk.run(classbook())
        assert final_score(marked, marked.reports[0]) == 1.0
        assert [points for _, _, points, _, _ in desk.history("amal")] == [2.0, None]


class TestStore:
    def test_a_store_of_the_first_form_is_taken_over(self, tmp_path: Path):
        path = tmp_path / "store.sqlite"
        report = classbook().reports[0]
        with Store(path) as store:
            store.put(report, "k", datetime.now(UTC))
        raw = sqlite3.connect(path)
        for table in ("marks", "readings", "runs"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("PRAGMA user_version = 1")
        raw.commit()
        raw.close()
        with Store(path) as store:
            assert store.notice == ""
            assert store.get("amal", "k") == report
            assert (store.marks(), store.last_run(), store.mark_history("amal")) == ((), None, ())
            store.add_mark(HumanMark("amal", "Q1", 1.0, Extent.WHOLE))
        raw = sqlite3.connect(path)
        assert raw.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,) == (2,)
        raw.close()

    def test_a_run_comes_back_whole(self, tmp_path: Path):
        book = classbook()
        failed = replace(book.reports[1], status=Overall.GRADER_ERROR, error="It stopped.")
        run = replace(
            book,
            reports=(replace(book.reports[0], student=Student("amal", "Amal H.")), failed),
            about=(("Seed", "3"),),
            errata=("An erratum.",),
            standings={"amal": Standing(0.8, 1.0, 9.0, 2, "2026-03-01T10:00:00+01:00", "2 days late")},
            rule=TotalRule(False, 0.5, 0.3),
            excused=frozenset({"amal"}),
        )
        now = datetime.now(UTC)
        with Store(tmp_path / "store.sqlite") as store:
            store.put(book.reports[0], "k", now)  # what failed is never put: it is to be graded again
            store.keep_run(run, now)
            store.keep_run(run, now + timedelta(hours=1))
        with Store(tmp_path / "store.sqlite") as store:
            past = store.last_run()
        assert past is not None
        assert (past.reports, past.about, past.errata) == (run.reports, run.about, run.errata)
        assert (past.standings, past.rule, past.reveal, past.due) == (run.standings, run.rule, run.reveal, run.due)
        assert past.excused == run.excused
        raw = sqlite3.connect(tmp_path / "store.sqlite")
        assert raw.execute("SELECT count(*) FROM runs").fetchone() == (1,)  # the second run said nothing new
        raw.close()

    @pytest.mark.parametrize("student", ["'; DROP TABLE marks; --", "李伟", "caf\udce9", "x" * 3000])
    def test_odd_ids_are_only_ids(self, tmp_path: Path, student: str):
        report = replace(classbook().reports[0], student=Student(student, "Odd"))
        book = replace(classbook(), reports=(report,))
        with Store(tmp_path / "store.sqlite") as store:
            give(store, book, student, "Q1", 2.0, "a\udce9", ())
            marked = with_marks(book, store.marks())
        assert final_score(marked, report) == 2.0

    def test_a_reading_is_whole_or_not_at_all(self, tmp_path: Path):
        script = (
            "import os, signal, sys; sys.path[:0] = sys.argv[2:]\n"
            "from datetime import UTC, datetime\n"
            "from grader.gradebook import Extent, HumanMark\n"
            "from grader.store import Store\n"
            "def marks():\n"
            "    yield HumanMark('amal', 'Q1', 1.0, Extent.WHOLE)\n"
            "    if sys.argv[3] == 'kill': os.kill(os.getpid(), signal.SIGKILL)\n"
            "store = Store(sys.argv[1]); store.take_marks(marks(), 'd', 'grades.xlsx', datetime.now(UTC))\n"
        )
        root = Path(__file__).parents[1]
        for word, code_, known in (("kill", -signal.SIGKILL, False), ("go", 0, True)):
            command = [sys.executable, "-c", script, tmp_path / "store.sqlite", root, word]
            assert subprocess.run(command, check=False, env={**os.environ}).returncode == code_
            with Store(tmp_path / "store.sqlite") as store:
                assert (store.has_read("d"), len(store.marks())) == (known, int(known))


class TestOddCells:
    """What a person, or the program at the desk, makes of a cell beside a plain number."""

    @staticmethod
    def put(desk: Desk, *cells: tuple[str, int, str, Any, str]) -> None:
        """(sheet, row, column, value, number format) for each."""
        book = openpyxl.load_workbook(desk.path)
        for name, row, column, value, form in cells:
            header = [cell.value for cell in book[name][1]]
            cell = book[name].cell(row, header.index(column) + 1)
            cell.value, cell.number_format = value, form
        book.save(desk.path)

    def test_a_percentage_is_no_mark(self, desk: Desk):
        """50 % of what? Of 2 points it may be 1 or a half: nobody is given either unseen."""
        desk.run(classbook())
        self.put(desk, ("Review", 2, "Mark", 0.5, "0%"), ("Scores", 3, "Q1 override", 0.25, "0.00%"))
        for _ in range(2):
            marked = desk.run(classbook())
            assert {(mark.student, mark.points, mark.typed) for mark in marked.marks} == {
                ("amal", None, "50 %"),
                ("bea", None, "25 %"),
            }
            assert "“50 %”" in desk.rows("Review", "amal", "Q4")["Why it waits"]
            assert any("amal Q4, bea Q1" in words for words in desk.said)
        self.put(desk, ("Review", 2, "Mark", 1, "0"), ("Scores", 3, "Q1 override", 0.5, '0.0" % of 2"'))
        marked = desk.run(classbook())
        assert {mark.points for mark in marked.marks} == {1.0, 0.5}  # a sign in quotes is only how it looks

    def test_a_formula_without_its_value_is_kept_in_words(self, desk: Desk):
        """openpyxl leaves none beside it; LibreOffice and Excel do."""
        desk.run(classbook())
        self.put(desk, ("Review", 2, "Mark", "=1+0.5", "General"), ("Scores", 3, "Q1 override", "=2-1", "General"))
        for _ in range(2):
            marked = desk.run(classbook())
            assert {(mark.student, mark.points, mark.typed) for mark in marked.marks} == {
                ("amal", None, "=1+0.5"),
                ("bea", None, "=2-1"),
            }
        assert final_score(marked, marked.reports[0]) == desk.rows("Scores", "amal")["Total"] == 1.0

    def test_numbers_typed_where_none_is_read_are_said(self, desk: Desk):
        book = replace(classbook(), standings={"amal": Standing(0.8, words="2 days late"), "bea": Standing()})
        desk.run(book)
        self.put(desk, ("Review", 2, "Comment", "A comment alone.", "General"))
        desk.run(book)
        assert not any("typed over" in words for words in desk.said)
        self.put(
            desk,
            ("Scores", 2, "Total", 1.9, "General"),
            ("Scores", 2, "Factor", 1, "0%"),
            ("Scores", 3, "Cap", 1, "General"),
            ("Scores", 3, "Q1", "a half", "General"),
            ("Review", 3, "Machine", 0.5, "General"),
        )
        marked = desk.run(book)
        for words, starts in zip(
            desk.said,
            (
                "bea: 0.5 was typed over Q4 Machine",
                "amal: 1.9 was typed over Total",
                "amal: 100 % was typed over Factor",
                "bea: 1 was typed over Cap",
                "bea, Q1: “a half” was typed over",
            ),
            strict=True,
        ):
            assert words.startswith(starts)
        assert final_score(marked, marked.reports[0]) == desk.rows("Scores", "amal")["Total"] == 0.8

    def test_a_program_that_drops_all_formulas_typed_nothing(self, desk: Desk):
        desk.run(classbook())
        calculated = openpyxl.load_workbook(desk.path, data_only=True)
        calculated.save(desk.path)
        desk.run(classbook())
        assert desk.said == []


class TestGroups:
    def test_a_mark_for_one_of_a_group_names_the_others(self, desk: Desk):
        alone = classbook(chidi="").reports
        joint = Submission(alone[0].student, desk.folder, members=(alone[0].student, alone[1].student))
        book = replace(
            classbook(), reports=report_rows((alone[0], alone[2]), (joint, Submission(alone[2].student, desk.folder)))
        )
        assert [report.student.id for report in book.reports] == ["amal", "bea", "chidi"]
        desk.give(book, "chidi", "Q1", 2.0)
        desk.run(book)
        assert not any("group" in words for words in desk.said)  # the same answers, but not one hand-in
        desk.give(book, "amal", "Q1", 2.0)
        marked = desk.run(book)
        assert any("amal Q1 (not bea)" in words for words in desk.said)
        assert final_score(marked, marked.reports[1]) == 1.0
        desk.give(book, "bea", "Q1", 1.5)
        desk.run(book)
        assert not any("group" in words for words in desk.said)
