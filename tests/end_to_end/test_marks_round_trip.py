"""What a person typed outlives everything: new hand-ins, an edited rubric, another program's save, kill -9."""

from __future__ import annotations

import copy
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from grader import session
from grader.catalogue import homework
from grader.cli import main
from grader.export.marks import SEEN
from grader.rubric import CodeQuestion, Homework, HumanQuestion
from grader.store import Store

KEY = "numpy_layers"
TEMPLATE = Path(__file__).parents[2] / "rubrics" / "sheets" / f"{KEY}.ipynb"
OPTIONS = ["--homework", KEY, "--only", "Q3,Q4,Q5", "--jobs", "1"]
RELU = """class ReLU:
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return dY * (X > 0)
"""
WRONG = RELU.replace("dY * (X > 0)", "dY")
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def hand_in(path: Path, code: str, **answers: str) -> None:
    """The sheet with ReLU and with answers under the headings of questions."""
    notebook = json.loads(TEMPLATE.read_text("utf-8"))
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        cells.append(dict(cell, source="import numpy as np\n" + code) if "class ReLU" in source else cell)
        for question, text in answers.items():
            if source.startswith(f"#### {question} "):
                cells.append({"cell_type": "markdown", "metadata": {}, "source": f"My answer: {text}"})
    path.write_text(json.dumps(dict(notebook, cells=cells)), "utf-8")


class Course:
    """A class of three and an instructor."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "class").mkdir()
        for name in ("amal", "bea", "chidi"):
            self.hand_in(name, WRONG, Q4=f"{name} saw the loss fall.", Q5="It is linear then.")
        self.out = folder / "out" / KEY
        self.workbook = self.out / "grades.xlsx"

    @classmethod
    def of(cls, other: Path, folder: Path) -> Course:
        """A copy of another class with all that it has."""
        made = cls.__new__(cls)
        made.folder, made.out, made.workbook = folder, folder / "out" / KEY, folder / "out" / KEY / "grades.xlsx"
        shutil.copytree(other, folder)
        return made

    def hand_in(self, name: str, code: str, **answers: str) -> None:
        hand_in(self.folder / "class" / f"{name}.ipynb", code, **answers)

    def grade(self) -> str:
        result = self.call(str(self.folder / "class"), *OPTIONS, "--out", str(self.folder / "out"))
        assert result.exit_code == 0, result.output
        return result.output

    def mark(self, *arguments: str) -> Result:
        return self.call("mark", *arguments, "--in", str(self.folder / "out"))

    @staticmethod
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    def type(self, *entries: tuple[str, str, str, Any]) -> None:
        """(student, question, column, value): into Review, or without a question into Scores."""
        book = openpyxl.load_workbook(self.workbook)
        for student, question, column, value in entries:
            sheet = book["Review" if question else "Scores"]
            header = [cell.value for cell in sheet[1]]
            (row,) = [
                row
                for row in sheet.iter_rows(min_row=2)
                if row[0].value == student and (not question or row[header.index("Question")].value == question)
            ]
            row[header.index(column)].value = value
        book.save(self.workbook)

    def rows(self, sheet: str) -> dict[tuple[str, ...], dict[str, Any]]:
        rows = list(openpyxl.load_workbook(self.workbook, data_only=True)[sheet].iter_rows(values_only=True))
        found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        return {tuple(row[name] for name in ("Student", "Question") if name in row): row for row in found}

    def totals(self) -> dict[str, tuple[float, float]]:
        return {student: (row["Total"], row["Pending"]) for (student,), row in self.rows("Scores").items()}

    def flag(self, student: str, question: str) -> str:
        """The sentence in Review that says that a mark was given for another answer."""
        why = self.rows("Review")[student, question]["Why it waits"]
        (line,) = [line for line in why.split("\n") if "changed since" in line]
        return line.removesuffix(f" {SEEN}")

    def history(self, student: str) -> list[tuple[str, float | None, str]]:
        with Store(self.out / "store.sqlite") as store:
            return [(e.mark.question, e.mark.points, e.mark.source) for e in store.mark_history(student)]


@pytest.fixture(scope="module", autouse=True)
def opened_once() -> Iterator[None]:
    """The cases and the reference's values are made once, not in every run: they take most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "open_course", functools.cache(session.open_course))
        yield


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    course = Course(folder)
    course.grade()
    assert course.totals() == dict.fromkeys(("amal", "bea", "chidi"), (1.0, 4.0))  # Q3: Y right, dX wrong
    return folder


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    return Course.of(graded, tmp_path / "course")


TYPED = (
    ("amal", "Q4", "Mark", 1.5),
    ("amal", "Q4", "Comment", "Why does it fall?"),
    ("bea", "Q4", "Mark", 2),
    ("bea", "", "Q3 override", 1.25),
    ("chidi", "", "Q5 override", 0.5),
)
# by hand: 1 + 1.5; 1.25 in place of 1, + 2; 1 + 0.5
AFTER = {"amal": (2.5, 2.0), "bea": (3.25, 2.0), "chidi": (1.5, 2.0)}


def test_no_mark_is_lost_to_changed_hand_ins_and_an_edited_rubric(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.type(*TYPED)
    course.hand_in("amal", WRONG, Q4="Now I say something else.", Q5="It is linear then.")
    course.hand_in("bea", RELU, Q4="bea saw the loss fall.", Q5="It is linear then.")  # Q3 is right now
    said = course.grade()
    assert course.totals() == AFTER
    review, scores = course.rows("Review"), course.rows("Scores")
    assert "changed since" in review["amal", "Q4"]["Why it waits"]
    assert "changed since" not in review["bea", "Q4"]["Why it waits"]
    assert "changed since" in review["bea", "Q3"]["Why it waits"]
    assert (scores["bea",]["Q3"], scores["bea",]["Q3 override"]) == (2, 1.25)
    assert "changed since" not in (scores["chidi",]["Flags"] or "")
    assert "amal" in said and "changed since" in said
    assert review["amal", "Q4"]["Comment"] == "Why does it fall?"

    edited = edited_rubric(homework(KEY))
    monkeypatch.setattr(session, "homework", lambda key: edited)
    monkeypatch.setattr(session, "fingerprint", lambda *_: "another rubric")
    course.grade()
    review, scores = course.rows("Review"), course.rows("Scores")
    # Q3 is 0.5 + 1.5 now; Q4 is worth 1 point: the 1.5 of amal and the 2 of bea are out of range, but not gone
    assert course.totals() == {"amal": (0.5, 3.0), "bea": (1.25, 3.0), "chidi": (1.0, 1.0)}
    assert review["amal", "Q4"]["Mark"] == 1.5 and review["bea", "Q4"]["Mark"] == 2
    assert "counts nothing" in review["amal", "Q4"]["Why it waits"]
    assert scores["chidi",]["Q5 override"] == 0.5
    assert "changed since" in review["bea", "Q3"]["Why it waits"]

    monkeypatch.undo()  # the rubric as it was: the marks count again
    course.grade()
    assert course.totals() == AFTER
    assert course.history("amal") == [("Q4", 1.5, "Review")]


def edited_rubric(plain: Homework) -> Homework:
    """Q3 and Q4 with other points."""

    def edited(question: Any) -> Any:
        if isinstance(question, CodeQuestion) and question.id == "Q3":
            return replace(question, marks={"Y": 0.5, "dX": 1.5})
        return (
            replace(question, points=1.0) if isinstance(question, HumanQuestion) and question.id == "Q4" else question
        )

    new = copy.copy(plain)
    new.questions = tuple(map(edited, plain.questions))
    return new


def test_another_class_with_the_same_outcome_is_another_answer(course: Course) -> None:
    """The labels come out as before; the code that the person judged is not there any more, or only laid out anew."""
    for name in ("amal", "bea", "chidi"):
        assert course.mark(name, "Q3", "1.5").exit_code == 0
    answers = {"Q4": "amal saw the loss fall.", "Q5": "It is linear then."}
    course.hand_in("amal", WRONG.replace("return dY", "return 1 * dY"), **answers)
    course.hand_in("bea", WRONG.replace("\n", "  \n"), **answers | {"Q4": "bea says something else."})
    course.grade()
    assert {name: row["Flags"] for (name,), row in course.rows("Scores").items() if row["Flags"]} == {
        "amal": f"Q3: {course.flag('amal', 'Q3')}"
    }
    assert course.totals() == dict.fromkeys(("amal", "bea", "chidi"), (1.5, 4.0))
    assert "source" not in (course.out / "results.jsonl").read_text("utf-8")


def test_a_program_that_is_judged_as_a_whole_is_the_same_answer_when_only_run_again(tmp_path: Path) -> None:
    """No question of this sheet has code of its own, so a mark stands for all that was read of the hand-in."""
    example = Path(__file__).parents[2] / "submissions_example" / "two_layer_perceptron" / "bruno.ipynb"
    folder, out = tmp_path / "class", tmp_path / "out"
    for name in ("amal", "bea", "chidi"):
        (folder / name).mkdir(parents=True)
        shutil.copy(example, folder / name / "hw.ipynb")
    arguments = [str(folder), "--homework", "two_layer_perceptron", "--jobs", "1", "--out", str(out)]
    assert Course.call(*arguments).exit_code == 0
    for name in ("amal", "bea", "chidi"):
        assert Course.call("mark", name, "forward", "0.5", "--in", str(out)).exit_code == 0
    notebook = json.loads(example.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        cell["execution_count"] = 77
    (folder / "amal" / "hw.ipynb").write_text(json.dumps(dict(notebook, metadata={"kernelspec": {"name": "other"}})))
    code[0]["source"] = "".join(code[0]["source"]) + "\nmore = 1"
    (folder / "bea" / "hw.ipynb").write_text(json.dumps(notebook))
    (folder / "chidi" / "words.md").write_text("It also says something in words now.")
    assert Course.call(*arguments).exit_code == 0
    with Store(out / "two_layer_perceptron" / "store.sqlite") as store:
        assert {name: len(store.history(name)) for name in ("amal", "bea", "chidi")} == dict.fromkeys(
            ("amal", "bea", "chidi"), 2
        )  # all three were judged again
    marks = session.stored_gradebook(out / "two_layer_perceptron").marks
    assert {mark.student: mark.stale for mark in marks} == {"amal": False, "bea": True, "chidi": True}


def test_results_are_the_machines_alone(course: Course) -> None:
    before = (course.out / "results.jsonl").read_bytes()
    course.type(*TYPED)
    course.grade()
    assert (course.out / "results.jsonl").read_bytes() == before
    assert course.mark("amal", "Q3", "2", "--comment", "by word of mouth").exit_code == 0
    assert (course.out / "results.jsonl").read_bytes() == before
    assert course.call("export", str(course.out), "--to", "csv").exit_code == 0
    assert (course.out / "results.jsonl").read_bytes() == before
    assert "amal" in before.decode()  # it does hold something


def test_a_mark_by_command_rewrites_what_people_read_without_grading(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("graded anew")

    monkeypatch.setattr(session, "grade_batch", never)
    course.type(("bea", "Q4", "Mark", 1.5))
    page = course.out / "feedback" / "amal.html"
    before, untouched = page.read_bytes(), (course.out / "feedback" / "chidi.html").stat().st_mtime_ns
    result = course.mark("amal", "Q3", "1.75", "--comment", "You told me why.")
    assert result.exit_code == 0, result.output
    assert "1.75 of 2" in result.output
    assert course.totals() == {"amal": (1.75, 4.0), "bea": (2.5, 2.0), "chidi": (1.0, 4.0)}
    assert page.read_bytes() != before
    assert (course.out / "feedback" / "chidi.html").stat().st_mtime_ns == untouched
    note = openpyxl.load_workbook(course.workbook)["Scores"]
    header = [cell.value for cell in note[1]]
    assert "You told me why." in note.cell(2, header.index("Q3 override") + 1).comment.text
    assert "course.xlsx" not in result.output
    (course.out.parent / "course.xlsx").touch()
    result = course.mark("amal", "Q3", "--clear")
    assert result.exit_code == 0, result.output
    assert "course.xlsx still has the totals from before" in result.output
    assert course.totals()["amal"] == (1.0, 4.0)
    assert course.history("amal") == [("Q3", 1.75, "grade mark"), ("Q3", None, "grade mark")]
    assert "in place of the mark 1.5 (Review, " in course.mark("bea", "Q4", "1").output
    assert "in place of" not in course.mark("chidi", "Q4", "1").output


def test_marks_of_questions_and_students_that_are_gone_can_be_taken_back(course: Course) -> None:
    course.type(*TYPED)
    course.grade()
    (course.folder / "class" / "bea.ipynb").rename(course.folder / "class" / "beatrice.ipynb")
    out = ["--out", str(course.folder / "out")]
    result = course.call(str(course.folder / "class"), "--homework", KEY, "--only", "Q3,Q4", "--jobs", "1", *out)
    assert result.exit_code == 0, result.output
    assert "not among the hand-ins" in result.output and "bea Q3, bea Q4" in result.output
    assert "not judged this time" in result.output and "chidi Q5" in result.output
    result = course.mark("amal", "Q4", "1.25")
    assert "Total 2.25 of 4." in result.output  # of the two questions that were judged
    for student, question in (("bea", "Q3"), ("chidi", "Q5")):
        result = course.mark(student, question, "--clear")
        assert result.exit_code == 0 and "taken back" in result.output, result.output
    (course.folder / "class" / "beatrice.ipynb").rename(course.folder / "class" / "bea.ipynb")
    course.grade()
    assert course.totals() == {"amal": (2.25, 2.0), "bea": (3.0, 2.0), "chidi": (1.0, 4.0)}  # bea: 1 of Q3 again


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["amal", "Q3", "2.5"], "0 to 2"),
        (["amal", "Q3", "-1"], "0 to 2"),
        (["amal", "Q3", "two"], "as a number"),
        (["amal", "Q3"], "as a number"),
        (["amal", "Q3", "1", "--clear"], "--clear"),
        (["amal", "Q33", "1"], "Q3, Q4, Q5"),
        (["amar", "Q3", "1"], "amal"),
        (["AMAL", "Q3", "1"], "Did you mean amal?"),
        (["amal", "Q3", "--clear"], "No person"),
        (["amal", "Q3", "1", "--homework", "chemistry"], KEY),
        (["amal", "Q3", "1", "--homework", "matrix_calculus"], "matrix_calculus"),
    ],
)
def test_wrong_use_of_mark_is_one_sentence_and_changes_nothing(course: Course, arguments: list[str], says: str) -> None:
    before = course.workbook.read_bytes()
    result = course.mark(*arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert result.output.count("\n") == 1
    assert course.workbook.read_bytes() == before
    assert course.history("amal") == []


def test_the_homework_is_asked_for_only_where_it_is_not_plain(course: Course, tmp_path: Path) -> None:
    other = course.out.with_name("matrix_calculus")
    other.mkdir()
    lines = (course.out / "results.jsonl").read_text("utf-8").splitlines()
    (other / "results.jsonl").write_text(lines[0].replace(KEY, "matrix_calculus") + "\n", "utf-8")  # amal's alone
    asked = course.mark("amal", "Q3", "1")
    assert asked.exit_code == 2 and "--homework" in asked.output
    assert course.mark("amal", "Q3", "1", "--homework", KEY).exit_code == 0
    assert course.mark("bea", "Q3", "1").exit_code == 0
    assert course.call("mark", "chidi", "Q3", "1", "--in", str(course.out)).exit_code == 0
    nowhere = course.call("mark", "amal", "Q3", "1", "--in", str(tmp_path / "nowhere"))
    assert nowhere.exit_code == 2 and "nowhere" in nowhere.output


def test_an_export_counts_what_was_typed_since_the_last_run(course: Course) -> None:
    course.type(*TYPED)
    result = course.call("export", str(course.out), "--to", "csv")
    assert result.exit_code == 0, result.output
    assert course.history("bea") == [("Q4", 2.0, "Review"), ("Q3", 1.25, "Scores")]
    book = session.stored_gradebook(course.out)
    assert {(mark.student, mark.question, mark.points) for mark in book.marks} == {
        ("amal", "Q4", 1.5),
        ("bea", "Q4", 2.0),
        ("bea", "Q3", 1.25),
        ("chidi", "Q5", 0.5),
    }
    answers = {q.id: q.answer for report in book.reports for q in report.questions if report.student.id == "amal"}
    assert (
        answers["Q4"] is not None and "amal saw the loss fall" in answers["Q4"].text
    )  # full reports, not results.jsonl
    assert dict(book.about)["Seed of the hidden cases"] == "0"


def test_a_workbook_that_is_open_elsewhere_is_left_alone_and_read_later(course: Course) -> None:
    lock = course.out / ".~lock.grades.xlsx#"
    lock.write_text("", "utf-8")
    before = course.workbook.read_bytes()
    said = course.grade()
    assert "open in another program" in said and "grades (2).xlsx" in said
    assert course.workbook.read_bytes() == before
    course.type(*TYPED)  # saved in the program that had it open
    lock.unlink()
    course.grade()
    assert course.totals() == AFTER


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice(course: Course, tmp_path: Path) -> None:
    """Without anything typed it says nothing new; with marks typed, they arrive."""

    def saved() -> None:
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [str(SOFFICE), "--headless", profile, "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved")]
        subprocess.run([*command, str(course.workbook)], check=True, capture_output=True, timeout=120)
        shutil.copy(tmp_path / "saved" / "grades.xlsx", course.workbook)

    saved()
    assert "typed over" not in course.grade()
    assert (course.out / "grades (edited 1).xlsx").exists()  # it was noticed
    assert [course.history(name) for name in ("amal", "bea", "chidi")] == [[], [], []]
    course.type(*TYPED)
    saved()
    assert course.totals() == AFTER  # as LibreOffice calculates them
    course.grade()
    assert course.totals() == AFTER
    assert course.history("bea") == [("Q4", 2.0, "Review"), ("Q3", 1.25, "Scores")]


MOMENTS = (
    "grader.store.Store.take_marks",  # before anything typed is kept
    "grader.store.Store.put",  # in the middle of grading
    "grader.session.write_outputs",
    "grader.export.workbook.write_or_step_aside",  # pages and the copy of the edited workbook are there
    "grader.export.files.os.fsync",  # the first file is half there
)
KILLED = """
import functools, importlib, os, signal, sys
from grader import session
from grader.catalogue import homework
from grader.cli import main

def die_at(moment):
    owner, name = moment.rsplit(".", 1)
    parts = owner.split(".")
    for end in range(len(parts), 0, -1):
        try:
            place = importlib.import_module(".".join(parts[:end]))
            break
        except ImportError:
            pass
    for part in parts[end:]:
        place = getattr(place, part)
    getattr(place, name)
    setattr(place, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))

session.open_course = functools.cache(session.open_course)  # every child finds it ready
session.open_course(homework(sys.argv[1]), 0, False, None)
arguments = sys.argv[2:sys.argv.index("--")]
for one in sys.argv[sys.argv.index("--") + 1:]:
    moment, folder = one.split("=", 1)
    child = os.fork()
    if not child:
        sys.argv = ["grade", folder + "/class", *arguments, "--out", folder + "/out"]
        die_at(moment)
        main()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def killed(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Course]:
    """A class for each moment, whose grading was killed there after marks were typed and a hand-in was changed."""
    first = Course.of(graded, tmp_path_factory.mktemp("typed") / "course")
    first.type(*TYPED)
    first.hand_in("amal", WRONG, Q4="Now I say something else.", Q5="It is linear then.")
    folder = tmp_path_factory.mktemp("killed")
    courses = {moment: Course.of(first.folder, folder / str(at)) for at, moment in enumerate(MOMENTS)}
    runs = [f"{moment}={course.folder}" for moment, course in courses.items()]
    command = [sys.executable, "-c", KILLED, KEY, *OPTIONS, "--", *runs]
    done = subprocess.run(command, check=True, capture_output=True, env={**os.environ})
    assert done.stdout.split() == [b"%d" % -signal.SIGKILL] * len(MOMENTS), done.stderr.decode()
    return courses


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_at_any_moment_loses_no_typed_mark(killed: dict[str, Course], moment: str) -> None:
    course = killed[moment]
    course.grade()
    assert course.totals() == AFTER
    assert "changed since" in course.rows("Review")["amal", "Q4"]["Why it waits"]
    assert course.rows("Review")["amal", "Q4"]["Comment"] == "Why does it fall?"
    assert course.history("bea") == [("Q4", 2.0, "Review"), ("Q3", 1.25, "Scores")]  # taken once


def test_marks_typed_while_the_class_is_being_graded_are_not_lost(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    really: Callable[..., Any] = session.grade_batch

    def slow(*arguments: Any) -> Any:
        reports = really(*arguments)
        course.type(*TYPED)
        return reports

    monkeypatch.setattr(session, "grade_batch", slow)
    course.grade()
    assert course.totals() == AFTER
