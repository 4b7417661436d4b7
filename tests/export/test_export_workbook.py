"""grades.xlsx: read back with openpyxl and pandas, recalculated with LibreOffice."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from grader import final
from grader.export import files
from grader.export.feedback import feedback_page
from grader.export.workbook import workbook_bytes, write_workbook
from grader.gradebook import Extent, Gradebook, HumanMark, Standing, TotalRule
from grader.marks.given import with_marks
from grader.marks.typed import read_workbooks
from grader.model import Figure, QuestionReport, SubmissionReport
from grader.store import Store

SHEETS = ["Scores", "Review", "Lost marks", "Misconceptions", "Items", "Rubric", "About", "Written"]
QUESTIONS = ["Q1", "Q2", "Q3", "Q4", "Q7", "Q9"]
# Worked out by hand from the class in conftest: earned so far, and what waits for a human.
TOTALS = {
    "007": (8.5, 2.0),
    "7": (8.5, 2.0),
    "<script>alert(1)<": (10.0, 0.0),
    "=cmd|' /C calc'!A0": (8.5, 2.0),
    "amal": (10.5, 0.0),
    "bea": (7.5, 2.0),
    "chidi": (4.1, 2.5),
    "dmitri": (0.0, 0.0),
    "elif": (2.0, 0.0),
    "farid": (0.0, 0.0),
    "gina": (0.0, 10.5),
    "李伟": (10.0, 0.0),
}


def opened(data: bytes | Path, values: bool = True) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data) if isinstance(data, bytes) else data, data_only=values)


def records(book: Any, sheet: str) -> list[dict[str, Any]]:
    rows = list(book[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if any(value is not None for value in row)]


@pytest.fixture
def data(gradebook: Gradebook) -> bytes:
    return workbook_bytes(gradebook)


def test_the_sheets_and_the_columns_that_programs_rely_on(data: bytes):
    book = opened(data)
    assert book.sheetnames == SHEETS
    header = [cell.value for cell in book["Scores"][1]]
    assert header[:2] == ["Student", "Name"]
    assert header[2:8] == QUESTIONS
    assert [name for name in header if name in ("Total", "Pending", "Percent", "Status", "Misconceptions")] == [
        "Total",
        "Pending",
        "Percent",
        "Status",
        "Misconceptions",
    ]
    assert book["Scores"].max_row == 13
    assert [f"{question} override" for question in QUESTIONS] == [name for name in header if "override" in str(name)]
    assert header.index("Total") < header.index("Q1 override")
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == ["Written"]


def test_cached_totals_are_the_sums_and_stand_beside_live_formulas(data: bytes):
    for row in records(opened(data), "Scores"):
        total, pending = TOTALS[row["Student"]]
        assert row["Total"] == pytest.approx(total, abs=1e-9)
        assert row["Total"] == pytest.approx(sum(row[question] for question in QUESTIONS), abs=1e-9)
        assert row["Pending"] == pytest.approx(pending, abs=1e-9)
        assert row["Percent"] == pytest.approx(total / 10, abs=1e-4)
        assert row["Human marks"] == 0
    for row in records(opened(data, values=False), "Scores"):
        assert row["Total"].startswith("=ROUND(SUM(")
        assert "Review!" in row["Human marks"]
        assert "Review!" in row["Pending"]


def test_pandas_reads_every_total_and_text_ids(data: bytes):
    scores = pd.read_excel(io.BytesIO(data), sheet_name="Scores", dtype={"Student": str})
    assert scores["Total"].notna().all()
    assert dict(zip(scores["Student"], scores["Total"], strict=True)) == {
        key: total for key, (total, _) in TOTALS.items()
    }
    assert scores["Status"].value_counts()["grader_error"] == 1


def test_the_same_gradebook_gives_the_same_bytes(gradebook: Gradebook, data: bytes):
    assert workbook_bytes(replace(gradebook, reports=tuple(reversed(gradebook.reports)))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}  # nothing of today's date
        assert b"2000-01-01" in archive.read("docProps/core.xml")


def test_nothing_a_student_wrote_is_a_formula_or_a_link(data: bytes):
    book = opened(data, values=False)
    formulas = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas
    assert all("HYPERLINK" not in value and "cmd" not in value for _, _, value in formulas)
    assert {where for where, _, _ in formulas} == {"Scores", "Review", "Rubric"}
    names = {row["Student"]: row["Name"] for row in records(book, "Scores")}
    assert names["=cmd|' /C calc'!A0"] == '=HYPERLINK("http://example.org","Win")'
    assert names["007"] == "gnp.evil James Bond"  # neither the bell nor the turned direction
    links = [cell.hyperlink.target for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links
    assert all(link.startswith("feedback") for link in links)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"_x00" not in archive.read("xl/sharedStrings.xml")  # control characters are gone, not escaped


def test_long_answers_and_unpaired_surrogates_fit_into_cells(gradebook: Gradebook):
    emoji = replace(gradebook.reports[0].questions[0], flags=("😀" * 40_000, "\ud800\ufffe"))
    odd = replace(gradebook.reports[0], questions=(emoji, *gradebook.reports[0].questions[1:]))
    book = opened(workbook_bytes(replace(gradebook, reports=(odd, *gradebook.reports[1:]))))
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            assert all(len(str(value).encode("utf-16-le")) // 2 <= 32_767 for value in row)
    assert "cut short" in records(book, "Scores")[0]["Flags"]


def test_review_lists_all_that_waits_with_a_mark_cell_from_0_to_its_maximum(data: bytes):
    book = opened(data)
    rows = records(book, "Review")
    waiting: dict[str, float] = {}
    for row in rows:
        waiting[row["Student"]] = waiting.get(row["Student"], 0.0) + row["Waiting"]
    assert {key: value for key, value in waiting.items() if value} == {key: p for key, (_, p) in TOTALS.items() if p}
    bea = next(row for row in rows if row["Student"] == "bea")
    assert bea["Question"] == "Q4"
    assert bea["Max"] == 2
    assert bea["Mark"] is None
    assert "sigmoid's derivative" in bea["Answer"]
    assert "0.000099" in bea["Evidence"]
    assert "1 picture" in bea["Evidence"]
    unread = next(row for row in rows if row["Student"] == "farid")
    assert unread["Question"] == "all"
    assert unread["Max"] == 10.5
    assert "line 812" in unread["Why it waits"]
    flagged = next(row for row in rows if row["Student"] == "李伟")
    assert "torch.nn.Linear" in flagged["Why it waits"]
    assert flagged["Max"] == 0
    (validation,) = book["Review"].data_validations.dataValidation
    assert (validation.type, validation.operator or "between", validation.formula1) == ("decimal", "between", "0")
    assert str(validation.formula2).endswith("I2")
    assert [cell.value for cell in book["Review"][1]][8] == "Max"  # which is column I


def test_what_to_look_for_stands_beside_what_waits_and_on_no_page(gradebook: Gradebook, data: bytes):
    book = opened(data)
    waiting = [row for row in records(book, "Review") if "For a person to judge" in str(row["Why it waits"])]
    told = {row["Question"] for row in waiting if "Look for: times and losses of both." in str(row["Why it waits"])}
    assert told == {"Q4"}
    rubric = [row["What a person looks for"] for row in records(book, "Rubric") if row["Question"] == "Q4"]
    assert rubric == ["times and losses of both"]
    pages = b"".join(feedback_page(report, gradebook) for report in gradebook.reports).decode("utf-8")
    assert "Sigmoid or ReLU" in pages
    assert "times and losses of both" not in pages


def test_lost_marks_say_where_and_why_and_add_up(gradebook: Gradebook, data: bytes):
    rows = records(opened(data), "Lost marks")
    chidi = [row for row in rows if row["Student"] == "chidi"]
    assert {(row["Question"], row["Label"]): row["Lost"] for row in chidi} == {
        ("Q1", "dX"): 0.5,
        ("Q1", "b"): 0.5,
        ("Q3", "dX"): 0.9,
        ("Q7", "loss"): 1,
        ("Q7", "gradient"): 1,
    }
    assert chidi[0]["Where"] == "hw3.ipynb, cell 4, line 12"
    assert chidi[0]["Misconception"] == "W was updated before dX was computed."
    assert not [row for row in rows if row["Student"] in ("amal", "gina")]  # our own fault is no lost mark
    for student, (total, pending) in TOTALS.items():
        lost = sum(row["Lost"] for row in rows if row["Student"] == student)
        assert lost == pytest.approx(10.5 - total - pending), student


def test_misconceptions_count_students_once_each(data: bytes):
    rows = records(opened(data), "Misconceptions")
    assert [(row["Fault"], row["Students"], row["Who"]) for row in rows] == [
        ("linear.updates-before-dX", 2, "bea, chidi"),
        ("linear.db-not-summed", 1, "chidi"),
        ("relu.mask-from-gradient", 1, "chidi"),
    ]
    assert rows[0]["Share"] == pytest.approx(2 / 12, abs=1e-4)


def test_items_leave_out_what_waits_and_agree_with_numpy(gradebook: Gradebook, data: bytes):
    import numpy as np

    rows = {row["Question"]: row for row in records(opened(data), "Items")}
    # Q3 by hand: ten hand-ins were judged or wait; "7" waits; the rest have 2 but chidi (1.1) and dmitri (0)
    q3 = rows["Q3"]
    assert (q3["Judged"], q3["Waiting"]) == (9, 1)
    assert q3["Mean"] == pytest.approx((7 * 2 + 1.1) / 9 / 2, abs=1e-4)
    assert q3["Share full"] == pytest.approx(7 / 9, abs=1e-4)
    assert q3["Share zero"] == pytest.approx(1 / 9, abs=1e-4)
    assert [q3[f"{n}–{n + 10} %"] for n in range(0, 100, 10)] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 7]
    earned = [2, 2, 2, 2, 2, 1.1, 0, 2, 2]
    rest = [total - own for total, own in zip([8.5, 10, 8.5, 10.5, 7.5, 4.1, 0, 2, 10], earned, strict=True)]
    assert q3["Discrimination"] == pytest.approx(np.corrcoef(earned, rest)[0, 1], abs=1e-4)


def test_the_rubric_adds_up_and_about_carries_the_errata(data: bytes):
    book = opened(data)
    rows = records(book, "Rubric")
    assert sum(row["Points"] for row in rows if row["Question"]) == 10.5
    assert {row["Label"]: row["Points"] for row in rows if not row["Question"]} == {"Possible": 10, "Bonus": 0.5}
    about = "\n".join(str(value) for row in book["About"].iter_rows(values_only=True) for value in row)
    assert "landlock" in about
    assert "Sigmoid example" in about


def test_only_the_questions_that_were_asked_for_are_columns(gradebook: Gradebook):
    some = tuple(replace(report, questions=report.questions[:1]) for report in gradebook.reports)
    rows = records(opened(workbook_bytes(replace(gradebook, reports=some))), "Scores")
    assert "Q2" not in rows[0]
    assert {row["Student"]: row["Total"] for row in rows}["amal"] == 2


def type_into(path: Path, marks: dict[tuple[str, str], Any], comment: str = "") -> None:
    """Type into the mark cells of Review, by student and question, or into overrides, by student and "Q1 override"."""
    book = openpyxl.load_workbook(path)
    header = [cell.value for cell in book["Scores"][1]]
    for row in book["Review"].iter_rows(min_row=2):
        key = (row[0].value, row[2].value)
        if key in marks:
            row[9].value, row[10].value = marks[key], comment or None
    for row in book["Scores"].iter_rows(min_row=2):
        for place, title in enumerate(header):
            if (row[0].value, title) in marks and "override" in str(title):
                row[place].value = marks[row[0].value, title]
    book.save(path)


def rewritten(gradebook: Gradebook, folder: Path) -> Any:
    """What a run does with the marks: the workbook read into the store, and written again with what counts."""
    with Store(folder / "store.sqlite") as store:
        read_workbooks(folder, store)
        marked = with_marks(gradebook, store.marks())
    return opened(write_workbook(marked, folder / "grades.xlsx"))


def without_questions(report: SubmissionReport, **changed: QuestionReport) -> SubmissionReport:
    return replace(report, questions=tuple(changed.get(question.id, question) for question in report.questions))


def test_marks_typed_by_a_person_survive_the_next_run(gradebook: Gradebook, tmp_path: Path):
    rewritten(gradebook, tmp_path)
    path = tmp_path / "grades.xlsx"
    rewritten(gradebook, tmp_path)
    assert sorted(p.name for p in tmp_path.glob("*.xlsx")) == ["grades.xlsx"]  # nobody typed anything: no copy is kept
    marks = {("bea", "Q4"): 1.5, ("chidi", "Q4"): 1, ("7", "Q3"): "two", ("007", "Q4"): None, ("李伟", "Q1"): "–"}
    type_into(path, marks | {("amal", "Q1 override"): 1.25}, comment="see me")
    edited = path.read_bytes()
    # bea's answer changes, and chidi's Q4 is now judged by the machine
    reports = {report.student.id: report for report in gradebook.reports}
    bea, chidi = reports["bea"], reports["chidi"]
    assert bea.questions[3].answer is not None
    other = replace(bea.questions[3], answer=replace(bea.questions[3].answer, text="Something else."))
    judged = tuple(replace(label, earned=2.0, pending=0.0) for label in chidi.questions[3].labels)
    reports["bea"] = without_questions(bea, Q4=other)
    reports["chidi"] = without_questions(chidi, Q4=replace(chidi.questions[3], labels=judged))
    changed = replace(gradebook, reports=tuple(reports.values()))

    for run in range(3):  # and the runs after, when nobody has touched the workbook
        book = rewritten(changed, tmp_path)
        assert (tmp_path / "grades (edited 1).xlsx").read_bytes() == edited
        rows = {(row["Student"], row["Question"]): row for row in records(book, "Review")}
        assert rows["bea", "Q4"]["Mark"] == 1.5, run
        assert "changed since" in rows["bea", "Q4"]["Why it waits"]
        assert rows["bea", "Q4"]["Comment"] == "see me"
        assert rows["7", "Q3"]["Mark"] == "two"
        assert "counts nothing" in rows["7", "Q3"]["Why it waits"]
        assert rows["007", "Q4"]["Mark"] is None
        assert rows["007", "Q4"]["Comment"] == "see me"
        assert "changed since" not in rows["7", "Q3"]["Why it waits"]
        assert "the mark 1 " in rows["chidi", "Q4"]["Why it waits"].lower()
        assert "nothing waits here" in rows["chidi", "Q4"]["Why it waits"]
        scores = {row["Student"]: row for row in records(book, "Scores")}
        assert (scores["bea"]["Total"], scores["bea"]["Pending"], scores["bea"]["Status"]) == (9.0, 0, "judged")
        assert "changed since" in scores["bea"]["Flags"]
        assert (scores["chidi"]["Total"], scores["chidi"]["Human marks"]) == (6.1, 0)  # never twice
        assert (scores["7"]["Total"], scores["7"]["Pending"]) == (8.5, 2)
        assert (scores["amal"]["Q1"], scores["amal"]["Q1 override"]) == (2, 1.25)  # the grader's own stay in sight
        assert (scores["amal"]["Total"], scores["amal"]["Human marks"]) == (9.75, -0.75)
        assert scores["elif"]["Q1 override"] is None
    assert len(list(tmp_path.glob("*.xlsx"))) == 2


def test_marks_of_a_student_who_is_gone_are_kept_and_count_again_when_they_return(gradebook: Gradebook, tmp_path: Path):
    rewritten(gradebook, tmp_path)
    type_into(tmp_path / "grades.xlsx", {("bea", "Q4"): 1.5})
    fewer = replace(gradebook, reports=tuple(r for r in gradebook.reports if r.student.id != "bea"))
    for _ in range(2):
        book = rewritten(fewer, tmp_path)
        (row,) = [row for row in records(book, "Review") if row["Student"] == "bea"]
        assert "1.5" in row["Why it waits"] and "not among the hand-ins" in row["Why it waits"]
        assert row["Counts"] == 0
        assert len(records(book, "Scores")) == 11
    scores = {row["Student"]: row for row in records(rewritten(gradebook, tmp_path), "Scores")}
    assert scores["bea"]["Total"] == 9.0


def test_a_workbook_that_cannot_be_read_is_kept(gradebook: Gradebook, tmp_path: Path):
    path = tmp_path / "grades.xlsx"
    path.write_bytes(b"someone's notes")
    assert write_workbook(gradebook, path) == path
    assert opened(path).sheetnames == SHEETS
    assert (tmp_path / "grades (edited 1).xlsx").read_bytes() == b"someone's notes"


@pytest.mark.parametrize("students", [0, 1])
def test_an_empty_class_and_a_class_of_one(gradebook: Gradebook, students: int):
    book = opened(workbook_bytes(replace(gradebook, reports=gradebook.reports[:students])))
    assert len(records(book, "Scores")) == students


def test_a_target_that_cannot_be_replaced_gets_another_name(gradebook: Gradebook, tmp_path: Path, monkeypatch):
    path = write_workbook(gradebook, tmp_path / "grades.xlsx")
    before = path.read_bytes()
    really = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if Path(target) == path:
            raise PermissionError(13, "Permission denied", str(target))
        return really(self, target)

    monkeypatch.setattr(files.Path, "replace", locked)
    used = write_workbook(gradebook, path)
    assert used == tmp_path / "grades (2).xlsx"
    assert opened(used).sheetnames == SHEETS
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["grades (2).xlsx", "grades.xlsx"]  # nothing half-written


def test_a_workbook_that_libreoffice_has_open_is_left_alone(gradebook: Gradebook, tmp_path: Path):
    write_workbook(gradebook, tmp_path / "grades.xlsx")
    (tmp_path / ".~lock.grades.xlsx#").write_text(",someone,desk,,")
    assert write_workbook(gradebook, tmp_path / "grades.xlsx").name == "grades (2).xlsx"


def test_three_thousand_rows(large_gradebook: Gradebook):
    data = workbook_bytes(large_gradebook)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    rows = list(book["Scores"].iter_rows(min_row=2, max_col=10, values_only=True))
    assert len(rows) == 3000
    assert sum(row[9] for row in rows) == pytest.approx(250 * sum(total for total, _ in TOTALS.values()))


soffice = shutil.which("soffice") or shutil.which("libreoffice")


def recalculated(folder: Path, **books: Any) -> dict[str, Any]:
    """The workbooks as LibreOffice calculates them; they go in without values, so what comes out was calculated."""
    for name, book in books.items():
        book.save(folder / f"{name}.xlsx")
        assert opened(folder / f"{name}.xlsx")["Scores"]["J2"].value is None
    command = [str(soffice), "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx"]
    paths = [folder / f"{name}.xlsx" for name in books]
    subprocess.run([*command, "--outdir", folder / "out", *paths], check=True, capture_output=True, timeout=120)
    return {name: opened(folder / "out" / f"{name}.xlsx") for name in books}


def assert_formulas_hold(data: bytes, calculated: Any) -> int:
    formulas, cached, compared = opened(data, values=False), opened(data), 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    compared += 1
                    want = cached[sheet.title][cell.coordinate].value
                    got = calculated[sheet.title][cell.coordinate].value
                    if isinstance(want, str):
                        assert got == want, (sheet.title, cell.coordinate)
                    else:
                        assert got == pytest.approx(want, abs=1e-9), (sheet.title, cell.coordinate, cell.value)
    return compared


MARKS = (
    HumanMark("amal", "Q1", 1.25, Extent.WHOLE),
    HumanMark("amal", "Q9", 0.0, Extent.WHOLE),  # a bonus taken away
    HumanMark("bea", "Q4", 1.5, Extent.PENDING, "close"),
    HumanMark("chidi", "Q4", 1.0, Extent.PENDING),
    HumanMark("chidi", "Q4", 0.5, Extent.WHOLE, conflict="There are two marks."),
    HumanMark("chidi", "Q9", None, Extent.PENDING, typed="0.75"),  # out of range: it counts nothing
    HumanMark("dmitri", "Q7", 2.0, Extent.WHOLE),
    HumanMark("farid", "all", 3.0, Extent.PENDING),
    HumanMark("gina", "Q1", 2.0, Extent.PENDING),
    HumanMark("nobody", "Q1", 2.0, Extent.WHOLE),
)
STANDINGS = {
    "amal": Standing(factor=0.8, words="2 days late: 20 % off", days_late=2),
    "bea": Standing(minus=1.0, words="1 day late: 1 point off", days_late=1),
    "elif": Standing(minus=5.0, words="5 days late: 5 points off", days_late=5),
    "李伟": Standing(cap=7.0, words="a second attempt: at most 7 points"),
}
# By hand: (points before the policy, with it, with it and rounded to halves without any bonus)
BY_HAND = {
    "amal": (9.25, 7.4, 7.5),  # 10.5 - 0.75 - 0.5; of that 80 %: 7.4
    "bea": (9.0, 8.0, 8.0),
    "chidi": (4.6, 4.6, 4.5),  # 4.1 + 0.5 by override; her 1 for what waits does not count beside it
    "dmitri": (2.0, 2.0, 2.0),
    "elif": (2.0, 0.0, 0.0),  # never below zero
    "farid": (3.0, 3.0, 3.0),
    "gina": (2.0, 2.0, 2.0),
    "李伟": (10.0, 7.0, 7.0),
    "007": (8.5, 8.5, 8.0),  # her half point for Q9 is a bonus
    "<script>alert(1)<": (10.0, 10.0, 9.5),
}


def test_totals_with_marks_policy_rounding_and_without_bonus(gradebook: Gradebook):
    marked = replace(gradebook, marks=MARKS)
    policy = replace(marked, standings=STANDINGS)
    whole = replace(policy, rule=TotalRule(bonus=False, step=0.5))
    for number, book in enumerate((marked, policy, whole)):
        sheet = opened(workbook_bytes(book))
        scores = {row["Student"]: row for row in records(sheet, "Scores")}
        assert ("Late" in scores["amal"]) == (number > 0)  # only where there is a policy
        for student, figures in BY_HAND.items():
            assert scores[student]["Total"] == pytest.approx(figures[number], abs=1e-9), (student, number)
        for report in book.reports:
            assert scores[report.student.id]["Total"] == final.final_score(book, report)
            if report.questions:
                assert scores[report.student.id]["Pending"] == final.pending(book, report)
    assert scores["amal"]["Late"] == "2 days late: 20 % off"
    assert scores["chidi"]["Pending"] == 0.5
    assert scores["gina"]["Pending"] == 8.5
    assert "There are two marks." in scores["chidi"]["Flags"]


def test_a_question_that_a_person_settled_waits_no_longer(gradebook: Gradebook):
    marked = replace(gradebook, marks=(HumanMark("bea", "Q4", 0.0, Extent.WHOLE),))
    book = opened(workbook_bytes(marked))
    scores = {row["Student"]: row for row in records(book, "Scores")}
    assert (scores["bea"]["Total"], scores["bea"]["Pending"], scores["bea"]["Status"]) == (7.5, 0, "judged")
    (row,) = [row for row in records(book, "Review") if row["Student"] == "bea"]
    assert "override" in row["Why it waits"]


def test_override_cells_take_numbers_from_0_to_the_points_of_their_question(data: bytes):
    book = opened(data)
    header = [cell.value for cell in book["Scores"][1]]
    rules = {str(rule.sqref): rule for rule in book["Scores"].data_validations.dataValidation}
    assert len(rules) == len(QUESTIONS)
    for question, top in (("Q1", 2), ("Q9", 0.5)):
        letter = book["Scores"].cell(1, header.index(f"{question} override") + 1).column_letter
        rule = rules[f"{letter}2:{letter}13"]
        assert (rule.type, rule.formula1, float(rule.formula2)) == ("decimal", "0", top)


def test_review_shows_reported_figures_beside_the_references(gradebook: Gradebook):
    figures = (
        Figure("loss after 1000 iterations", "0.01", "0.008 to 0.02", True),
        Figure("accuracy", "0.99", "0.91 to 0.93", False),
        Figure("time", "=1+1", "any", None),
    )
    bea = next(report for report in gradebook.reports if report.student.id == "bea")
    shown = without_questions(bea, Q4=replace(bea.questions[3], figures=figures))
    book = opened(workbook_bytes(replace(gradebook, reports=(shown,))), values=False)
    (row,) = records(book, "Review")
    assert row["Evidence"].split("\n")[:3] == [
        "✓ loss after 1000 iterations: 0.01 (reference: 0.008 to 0.02)",
        "✗ accuracy: 0.99 (reference: 0.91 to 0.93)",
        "• time: =1+1 (reference: any)",
    ]


@pytest.mark.skipif(soffice is None, reason="LibreOffice is not installed, so no formula can be recalculated")
def test_recalculated_in_libreoffice_every_formula_equals_its_cached_value(
    gradebook: Gradebook, data: bytes, tmp_path: Path
):
    """The workbook as it is; with marks, policy and rounding; and with marks typed into it."""
    settled = workbook_bytes(
        replace(gradebook, marks=MARKS, standings=STANDINGS, rule=TotalRule(bonus=False, step=0.5))
    )
    typed = opened(data, values=False)
    marks = {("bea", "Q4"): 1.5, ("chidi", "Q9"): 0.25, ("007", "Q4"): 2, ("farid", "all"): 3, ("7", "Q3"): "two"}
    for row in typed["Review"].iter_rows(min_row=2):
        row[9].value = marks.get((row[0].value, row[2].value), row[9].value)
    header = [cell.value for cell in typed["Scores"][1]]
    overrides = {"amal": 1.25, "dmitri": 2, "bea": 3, "elif": "one", "gina": 1}  # 3 of 2, and a word, count nothing
    for row in typed["Scores"].iter_rows(min_row=2):
        row[header.index("Q1 override")].value = overrides.get(row[0].value)
    books = recalculated(tmp_path, plain=opened(data, values=False), settled=opened(settled, values=False), typed=typed)

    assert assert_formulas_hold(data, books["plain"]) >= 12 * 4
    assert assert_formulas_hold(settled, books["settled"]) >= 12 * 5
    rows = {row["Student"]: row for row in records(books["settled"], "Scores")}
    for student, figures in BY_HAND.items():
        assert rows[student]["Total"] == pytest.approx(figures[2], abs=1e-9), student

    rows = {row["Student"]: row for row in records(books["typed"], "Scores")}
    shown = {key: (rows[key]["Total"], rows[key]["Pending"], rows[key]["Status"]) for key in rows}
    assert shown["bea"] == (9.0, 0, "judged")  # 1.5 of 2: a mark settles its question
    assert shown["chidi"] == (4.35, 2.0, "provisional")
    assert shown["007"] == (10.5, 0, "judged")
    assert shown["7"] == (8.5, 2, "provisional")  # a mark in words is no mark; and "7" is not "007"
    assert shown["farid"][0] == 3
    assert shown["amal"] == (9.75, 0, "judged")
    assert shown["dmitri"] == (2, 0, "judged")
    assert shown["elif"] == (2, 0, "judged")
    assert shown["gina"][:2] == (1, 8.5)  # an override settles what the grader could not judge
