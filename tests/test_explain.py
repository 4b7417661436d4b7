"""`grade explain`: the evidence behind a lost mark, for whoever sits at the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.explain import explain, explain_report
from grader.gradebook import Gradebook
from grader.model import SubmissionReport
from grader.session import WrongUse

from .export.rich import rich_gradebook

WRONG = """
import numpy as np

class Linear:
    def __init__(self, n, k):
        self.W = np.zeros((n, k))
        self.b = np.zeros((1, k))
    def forward(self, X):
        return X @ self.W + self.b
    def backward(self, X, dY, lr):
        self.W = self.W - lr * X.T @ dY
        self.b = self.b - lr * dY.sum(axis=0, keepdims=True)
        return dY @ self.W.T
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one graded class of two."""
    base = tmp_path_factory.mktemp("explain")
    (base / "class").mkdir()
    (base / "class" / "alva.py").write_text(WRONG)
    (base / "class" / "alvaro.py").write_text("")
    arguments = [base / "class", "--homework", "numpy_layers", "--only", "Q1", "--out", base / "grades", "--unconfined"]
    result = CliRunner().invoke(main, [str(part) for part in arguments])
    assert result.exit_code == 0, result.output
    return base / "grades" / "numpy_layers"


def of(book: Gradebook, student: str) -> SubmissionReport:
    return next(report for report in book.reports if report.student.id == student)


def said(student: str, question: str | None = None) -> str:
    book = rich_gradebook()
    return "\n".join(explain_report(of(book, student), book, question))


def test_a_lost_mark_comes_with_its_evidence(graded: Path):
    text = "\n".join(explain(graded, "alva"))
    assert "dX  0 of 0.5: not right yet" in text
    assert "Misconception linear.updates-before-dX" in text
    assert "alva.py, line" in text
    assert "To try: Which W did forward use" in text
    stored = json.loads((graded / "results.jsonl").read_text().splitlines()[0])
    message = stored["questions"]["Q1"]["labels"]["dX"]["message"]
    assert message in " ".join(text.split())
    # the example, from which a reader can redo it: dX = dY Wᵀ
    assert "    dY = " in text
    assert "    expected " in text
    assert any(line.startswith("    got ") and "≠" in line for line in text.splitlines())


def test_the_results_file_does_as_well_and_so_does_the_command(graded: Path):
    text = "\n".join(explain(graded / "results.jsonl", "alva", "q1"))
    assert "Right: Y, W, b" in text
    result = CliRunner().invoke(main, ["explain", str(graded), "alva", "Q1"])
    assert result.exit_code == 0
    assert result.output == text + "\n"


@pytest.mark.parametrize(
    ("student", "question", "says"),
    [
        ("alvo", None, "Did you mean"),
        ("al", None, "Several students fit 'al': alva, alvaro"),
        ("alva", "Q77", "no question 'Q77'"),
        ("zzz", None, "no student 'zzz' among the 2 results"),
    ],
)
def test_who_is_not_there_is_said_in_a_sentence(graded: Path, student: str, question: str | None, says: str):
    with pytest.raises(WrongUse, match=says):
        explain(graded, student, question)
    result = CliRunner().invoke(main, ["explain", str(graded), student, *([question] if question else [])])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_folder_without_results_is_wrong_use(tmp_path: Path):
    result = CliRunner().invoke(main, ["explain", str(tmp_path), "alva"])
    assert result.exit_code == 2
    assert "results.jsonl" in result.output


def test_a_name_or_its_beginning_finds_the_student(graded: Path):
    assert explain(graded, "ALVA")[0] == explain(graded, "alva")[0]
    assert explain(graded, "alvar")[0].startswith("Alvaro (alvaro)")


def test_a_later_name_and_a_misspelt_one_find_the_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    book = rich_gradebook()
    twin = of(book, "amal")
    twin = replace(twin, student=replace(twin.student, id="4711", name="Bea Okafor"))
    book = replace(book, reports=(*book.reports, twin))
    monkeypatch.setattr("grader.explain.stored_gradebook", lambda folder: book)
    assert explain(tmp_path, "haddad")[0].startswith("Amal Haddad (amal)")
    assert explain(tmp_path, " Chidi Okafor ")[0].startswith("Chidi Okafor (chidi)")
    with pytest.raises(WrongUse, match=r"Several students fit 'okafor': 4711 \(Bea Okafor\), chidi \(Chidi Okafor\)"):
        explain(tmp_path, "okafor")
    with pytest.raises(WrongUse, match=r"Did you mean amal \(Amal Haddad\)\?"):
        explain(tmp_path, "hadad")
    with pytest.raises(WrongUse, match="no student ''"):
        explain(tmp_path, "")


def test_a_hand_in_that_nobody_could_read_is_told_once_unless_asked_for():
    text = said("farid")
    assert text.count("hw3.ipynb is no notebook") == 1
    assert "Q1" not in text
    assert "Q1  0 of 2" in said("farid", "Q1")


def test_the_beginning_of_a_question_is_all_that_begin_so():
    book = rich_gradebook()
    text = "\n".join(explain_report(of(book, "chidi"), book, "q"))
    assert all(f"\n{question}  " in text for question in ("Q1", "Q2", "Q3", "Q4", "Q7", "Q9"))
    assert "\nQ3  " not in said("chidi", "q1")


def test_the_folder_above_does_where_it_holds_one_homework(graded: Path):
    assert explain(graded.parent, "alva") == explain(graded, "alva")


def test_several_homeworks_are_named(tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.jsonl").write_text("")
    with pytest.raises(WrongUse, match=r"several homeworks; give one of .*one, .*two"):
        explain(tmp_path, "alva")


def test_small_matrices_stand_in_columns():
    rows = said("bea", "Q1").splitlines()
    at = rows.index("    X = 1  3")
    assert rows[at + 1] == "        2  5"
    # W = [[2, 1], [2, 1]] gives 3 everywhere; updated first it gives 2.7 and 2.2
    at = rows.index("    expected 3  3")
    assert rows[at + 1 : at + 4] == ["             3  3", "    got      ≠2.7  ≠2.2", "             ≠2.7  ≠2.2"]


def test_what_a_person_gave_stands_beside_it_and_counts():
    text = said("chidi")
    assert text.startswith("Chidi Okafor (chidi), numpy_layers: 4.85 of 10 points, 2.5 more wait for a human")
    assert "Q1  1.75 of 2" in text
    mark = "A person's mark: 1.75 for the whole question (Scores, 2026-03-02T08:00:00): Nearly."
    assert mark in " ".join(text.split())
    assert "[the answer has changed since]" in " ".join(text.split())
    assert "only a comment (Review, 2026-03-02T08:00:00): Come to my office hours." in text
    bea = said("bea")
    assert "8.1 of 10 points" in bea
    assert "9 for the answers. 1 day late" in bea


def test_reported_figures_and_the_answer_are_shown_where_a_human_decides():
    text = " ".join(said("chidi").split())
    assert "agrees loss after 1000 iterations, ReLU: 0.2031 | 0.20313 to 0.20334" in text
    assert "| ReLU learns faster" in text
    assert "A picture: hw3.ipynb, cell 17" in text


def test_what_is_right_takes_one_line():
    assert said("amal").splitlines()[-1] == "Full points: Q1, Q2, Q3, Q4, Q7, Q9."


def test_nothing_of_a_student_steers_the_terminal():
    book = rich_gradebook()
    for report in book.reports:
        for question in (None, *(one.id for one in report.questions)):
            for line in explain_report(report, book, question):
                assert line.isprintable() or not set(line) & {"\x1b", "\x07", "\r", "\u202e", "\n"}
    renamed = replace(of(book, "bea"), error="\x1b[2J gone")
    assert "\x1b" not in "\n".join(explain_report(renamed, book))


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int):
    book = rich_gradebook()
    long = "Every sentence of it is a long one that needs several lines of a narrow terminal. " * 3
    report = of(book, "chidi")
    first, *rest = report.questions
    labels = tuple(replace(label, message=long, earned=0.0) for label in first.labels)
    report = replace(report, questions=(replace(first, labels=labels), *rest))
    monkeypatch.setenv("COLUMNS", str(columns))
    said = [line for line in explain_report(report, book, first.id) if "sentence" in line]
    assert said
    assert max(map(len, said)) <= min(columns, 100)
    assert max(map(len, said)) > min(columns, 100) - 15


def test_what_is_changed_in_place_is_named_by_the_arguments_of_the_sheet(tmp_path: Path):
    (tmp_path / "class").mkdir()
    code = WRONG.replace("return dY @ self.W.T", "dX = dY @ self.W.T\n        dY *= 0\n        return dX")
    (tmp_path / "class" / "oona.py").write_text(code)
    arguments = [tmp_path / "class", "--homework", "numpy_layers", "--only", "Q1", "--out", tmp_path, "--unconfined"]
    assert CliRunner().invoke(main, [str(part) for part in arguments]).exit_code == 0
    text = " ".join("\n".join(explain(tmp_path, "oona", "Q1")).split())
    assert "Your code changes what it is given (dY) in place." in text
    assert "All 6 entries of the result of `backward` are wrong" in text
    assert "_before" not in text


def test_weights_kept_from_an_earlier_step_are_named_on_an_example_that_shows_that_step(tmp_path: Path):
    (tmp_path / "class").mkdir()
    begin, end = "lr):\n", "return dY @ self.W.T"
    kept = WRONG.replace(begin, begin + "        self.T = getattr(self, 'T', self.W.T)\n").replace(
        end, "return dY @ self.T"
    )
    afresh = WRONG.replace(begin, begin + "        dX = dY @ self.W.T\n").replace(end, "return dX")
    (tmp_path / "class" / "kept.py").write_text(kept)
    (tmp_path / "class" / "afresh.py").write_text(afresh)
    arguments = [tmp_path / "class", "--homework", "numpy_layers", "--only", "Q1", "--out", tmp_path, "--unconfined"]
    assert CliRunner().invoke(main, [str(part) for part in arguments]).exit_code == 0
    text = " ".join("\n".join(explain(tmp_path, "kept", "Q1")).split())
    assert "linear.keeps-first-transpose" in text
    assert "after an earlier call with what is named “before”; the example below" in text
    assert "W_before = -1 3 2 1" in text
    assert "Q1 2 of 2" in " ".join("\n".join(explain(tmp_path, "afresh", "Q1")).split())
