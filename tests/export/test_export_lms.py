"""Exports for learning management systems, taken in by small importers that follow each system's published rules."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from grader.export.errors import ExportError
from grader.export.files import feedback_name
from grader.export.lms import export
from grader.gradebook import Extent, HumanMark, Reveal, Standing
from grader.model import Overall, Student
from grader.people.roster import read_roster

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Notes,HW 2 (55),HW 3 (77),HWs Current Score,Final Score\r\n"
    ",,,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,,10.00,10.00,(read only),(read only)\r\n"
    '"Haddad, Amal",4001,s-1,amal,"Sec 1, Mon",,9.00,,90.0,90.0\r\n'
    '"Lindqvist, Bea",4002,s-2,bea,"=SUM(A1)",,EX,,,\r\n'
    '"Okafor, ""Chi"" Chidi",4003,s-3,chidi,Sec 1,late,8.50,1.00,,\r\n'
    '"Соколов, Дмитрий",4004,007x,dmitri,Sec 1,,7.00,EX,,\r\n'
    '"Yıldız, Elif",4005,s-5,elif,Sec 1,,7.00,N/A,,\r\n'
    '"O\'Brien, Ann",4009,s-9,ann,Sec 1,,7.00,3.00,,\r\n'
    '"Student, Test",4999,,,Sec 1,,,,,\r\n'
)
PEOPLE = {"amal": 4001, "bea": 4002, "chidi": 4003, "dmitri": 4004, "elif": 4005}


def canvas_import(data: bytes, assignments: dict[int, str], students: dict[int, tuple[str, str, str]]):
    """What Canvas would take from the file: marks by (user id, assignment title), and points of new assignments.

    Its rules: first columns Student and ID, then optionally SIS User ID and SIS Login ID, then Section; custom
    columns by title; totals are ignored; an assignment is told by the id in brackets, then by title, and is new
    otherwise; "Points Possible" and posting rows are no students; students by ID, SIS ID, login, name; empty takes
    a mark away.
    """
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    header = rows[0]
    assert "Student" in header[0] and "ID" in header[1], "invalid header row"
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"], "invalid header row"
    assert all(len(row) == len(header) for row in rows)
    custom = {"Notes"} & set(header)
    columns = {}
    for at, title in enumerate(header[5 + len(custom) :], 5 + len(custom)):
        if re.search("Current Score|Current Points|Final Score|Final Points|Current Grade|Final Grade|Override", title):
            continue
        number = re.fullmatch(r"(.*)\s\((\d+)\)", title)
        known = assignments.get(int(number[2])) if number else None
        columns[at] = known or (title if title in assignments.values() else f"new: {title}")
    marks, points = {}, {}
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            points = {columns[at]: float(row[at]) for at in columns if row[at]}
        elif any(cell and not re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            by_id = [user for user in students if row[1] and user == int(row[1])]
            by_sis = [
                user
                for user, (_, sis, login) in students.items()
                if (row[2] and row[2] == sis) or (row[3] and row[3] == login)
            ]
            by_name = [user for user, (name, _, _) in students.items() if row[0] == name]
            user = (by_id or by_sis or by_name or [row[0]])[0]
            marks |= {(user, columns[at]): row[at].strip() for at in columns}
    return marks, points


def roster_of(tmp_path: Path, text: str):
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode())
    return read_roster(path)


def exported(gradebook, to, out, roster=None, **more):
    said: list[str] = []
    files = export(gradebook, to, out, roster=roster, say=said.append, **more)
    return {file.name: file for file in files}, " ".join(said)


ASSIGNMENTS = {55: "HW 2", 77: "HW 3"}
STUDENTS = {
    4001: ("Haddad, Amal", "s-1", "amal"),
    4009: ("O'Brien, Ann", "s-9", "ann"),
    4999: ("Student, Test", "", ""),
}
STUDENTS |= {PEOPLE[login]: ("", "", login) for login in ("bea", "chidi", "dmitri", "elif")}


def test_canvas_takes_the_file_without_edits(gradebook, tmp_path):
    roster = roster_of(tmp_path, CANVAS)
    files, said = exported(gradebook, "canvas", tmp_path / "out", roster, assignment="HW 3")
    data = files["canvas.csv"].read_bytes()
    before, _ = canvas_import(CANVAS.encode(), ASSIGNMENTS, STUDENTS)
    after, points = canvas_import(data, ASSIGNMENTS, STUDENTS)
    assert {cell: mark for cell, mark in after.items() if before[cell] != mark} == {
        (4001, "HW 3"): "10.5",
        (4002, "HW 3"): "7.5",
        (4003, "HW 3"): "4.1",
    }
    assert after[4009, "HW 3"] == "3.00" and after[4004, "HW 3"] == "EX" and after[4005, "HW 3"] == "N/A"
    assert points["HW 3"] == 10
    assert "wait for a person" in said and "dmitri: Canvas says EX" in said and "gina" in said


def test_every_other_byte_is_canvas_s_own(gradebook, tmp_path):
    roster = roster_of(tmp_path, CANVAS)
    files, _ = exported(gradebook, "canvas", tmp_path / "out", roster, assignment="77")
    expected = CANVAS
    for old, new in (("9.00,,90.0", "9.00,10.5,90.0"), ("EX,,,", "EX,7.5,,"), ("8.50,1.00,", "8.50,4.1,")):
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert files["canvas.csv"].read_bytes() == expected.encode()


def test_a_new_assignment_stands_where_canvas_looks_for_it(gradebook, tmp_path):
    files, said = exported(replace(gradebook, title="Layers (2025)"), "canvas", tmp_path, roster_of(tmp_path, CANVAS))
    marks, points = canvas_import(files["canvas.csv"].read_bytes(), ASSIGNMENTS, STUDENTS)
    assert points["new: Layers 2025"] == 10 and marks[4001, "new: Layers 2025"] == "10.5"
    assert marks[4009, "new: Layers 2025"] == "" and marks[4003, "HW 3"] == "1.00"
    assert "new column" in said and "--assignment" in said


def test_a_column_is_found_by_the_homework_s_title(gradebook, tmp_path):
    text = CANVAS.replace("HW 3 (77)", "Numpy layers (77)")
    files, said = exported(gradebook, "canvas", tmp_path, roster_of(tmp_path, text))
    marks, _ = canvas_import(files["canvas.csv"].read_bytes(), {55: "HW 2", 77: "Numpy layers"}, STUDENTS)
    assert marks[4001, "Numpy layers"] == "10.5" and "'Numpy layers (77)'" in said


@pytest.mark.parametrize(
    ("assignment", "words"), [("HW 4", "Its columns are.*HW 3"), ("Final Score", "not one"), ("Section", "not one")]
)
def test_a_wrong_column_is_refused(gradebook, tmp_path, assignment, words):
    with pytest.raises(ExportError, match=words):
        export(gradebook, "canvas", tmp_path / "out", roster=roster_of(tmp_path, CANVAS), assignment=assignment)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("assignment", ["Final Score", "HWs Current Score", "Notes"])
def test_a_column_that_canvas_locks_in_its_own_language_is_refused(gradebook, tmp_path, assignment):
    text = CANVAS.replace("(read only)", "(nur Lesen)").replace("Possible,,,,,,10.00", "Possible,,,,,(nur Lesen),10.00")
    with pytest.raises(ExportError, match="not one"):
        export(gradebook, "canvas", tmp_path / "out", roster=roster_of(tmp_path, text), assignment=assignment)


def test_other_points_in_canvas_are_said(gradebook, tmp_path):
    text = CANVAS.replace("10.00,10.00", "10.00,20.00")
    _, said = exported(gradebook, "canvas", tmp_path, roster_of(tmp_path, text), assignment="HW 3")
    assert "counts 20.00 points in Canvas, 10 here" in said


def test_semicolons_and_another_encoding_stay(gradebook, tmp_path):
    text = "Student;ID;SIS User ID;SIS Login ID;Section;HW 3 (77)\nMüller;9;;amal;Übung;\n"
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode("cp1252"))
    files, _ = exported(gradebook, "canvas", tmp_path, read_roster(path), assignment="77")
    assert files["canvas.csv"].read_bytes() == text.replace("Übung;", "Übung;10.5").encode("cp1252")


def test_without_a_gradebook_file(gradebook, tmp_path):
    files, said = exported(gradebook, "canvas", tmp_path, lms={"amal": {"canvas": "4001"}})
    marks, points = canvas_import(files["canvas.csv"].read_bytes(), {}, STUDENTS)
    title = "new: Programming Assignment 3: layers in numpy"
    assert marks[4001, title] == "10.5" and marks[4003, title] == "4.1" and points[title] == 10
    assert marks["Gina Rossi", title] == "" and "--roster" in said
    # a participant's number in Moodle must not be taken for somebody's login
    moodle, _ = exported(gradebook, "canvas", tmp_path / "2", lms={"amal": {"moodle": "1201"}, "bea": {"sid": "s-2"}})
    logins = {row[0]: row[3] for row in csv.reader(io.StringIO(moodle["canvas.csv"].read_text(encoding="utf-8")))}
    assert (logins["Amal Haddad"], logins["Bea Lindqvist"]) == ("", "bea")
    text = files["canvas.csv"].read_text(encoding="utf-8")
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in set("=+-@\t")]


def test_marks_of_a_person_and_the_policy_count(gradebook, tmp_path):
    book = replace(
        gradebook,
        marks=(HumanMark("bea", "Q4", 1.5, Extent.PENDING), HumanMark("farid", "Q1", 2.0, Extent.WHOLE)),
        standings={"amal": Standing(factor=0.5, words="2 days late")},
    )
    files, said = exported(book, "canvas", tmp_path, roster_of(tmp_path, CANVAS), assignment="77")
    marks, _ = canvas_import(files["canvas.csv"].read_bytes(), ASSIGNMENTS, STUDENTS)
    assert marks[4001, "HW 3"] == "5.25" and marks[4002, "HW 3"] == "9"
    assert "gina" in said and "farid, " not in said


def test_a_fault_of_ours_is_never_a_zero(gradebook, tmp_path):
    text = CANVAS.replace("Haddad, Amal", "Rossi, Gina").replace(",amal,", ",gina,")
    assert next(r for r in gradebook.reports if r.student.id == "gina").status is Overall.GRADER_ERROR
    files, said = exported(gradebook, "canvas", tmp_path, roster_of(tmp_path, text), assignment="77")
    marks, _ = canvas_import(files["canvas.csv"].read_bytes(), ASSIGNMENTS, STUDENTS)
    assert marks[4001, "HW 3"] == "" and "gina" in said


MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 1201","Amal Haddad",amal@example.edu,"Submitted for grading",,10.00,Yes,'
    '"Monday, 3 March 2025, 9:00 AM",-,\n'
    '"Participant 1202","Bea Lindqvist",bea@example.edu,"Submitted for grading",,20.00,Yes,-,-,"<p>Nicely drawn.</p>"\n'
    '"Participant 1203","Chidi Okafor",chidi@example.edu,"Submitted for grading",,20.00,No,-,-,\n'
    '"Participant 1209","Ann O\'Brien",ann@example.edu,"No submission",,20.00,Yes,-,-,\n'
)


def moodle_import(data: bytes) -> dict[int, tuple[str, str]]:
    """Mark and comment by participant, as Moodle reads a worksheet: three columns must be there by their names."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    header = rows[0]
    who, mark, _ = (header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    comment = header.index("Feedback comments")
    return {int(row[who][len("Participant ") :]): (row[mark], row[comment]) for row in rows[1:]}


def test_moodle_takes_the_worksheet(gradebook, tmp_path):
    files, said = exported(gradebook, "moodle", tmp_path, roster_of(tmp_path, MOODLE))
    taken = moodle_import(files["moodle.csv"].read_bytes())
    assert {who: mark for who, (mark, _) in taken.items()} == {1201: "10.5", 1202: "7.5", 1203: "", 1209: ""}
    assert "10.5 of 10 points" in taken[1201][1] and "Q9: 0.5 of 0.5 (bonus)" in taken[1201][1]
    assert taken[1202][1] == "<p>Nicely drawn.</p>" and taken[1209][1] == ""
    assert "at most 10" in said and "chidi: Moodle says" in said and "comment" in said


GERMAN = (
    '\ufeffID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
    '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"\r\n'
    'Teilnehmer/in1201,"Amal Haddad",amal@example.edu,"Zur Bewertung abgegeben",,"20,00",Ja,'
    '"Sonntag, 1. März 2026, 23:59",-,"<p>Schön!</p>"\r\n'
    'Teilnehmer/in1202,"Bea Lindqvist",bea@example.edu,"Zur Bewertung abgegeben","3,00","20,00",Nein,-,-,\r\n'
    'Teilnehmer/in1209,"Ann O\'Brien",ann@example.edu,"Keine Abgabe",,"20,00",Ja,-,-,\r\n'
)


def test_a_german_worksheet_keeps_every_other_byte(gradebook, tmp_path):
    files, said = exported(gradebook, "moodle", tmp_path, roster_of(tmp_path, GERMAN))
    expected = GERMAN.replace('abgegeben",,"20,00",Ja', 'abgegeben",10.5,"20,00",Ja')
    assert expected != GERMAN and files["moodle.csv"].read_bytes() == expected.encode()
    assert "bea: Moodle says" in said and "comment" in said


def test_a_second_export_renews_our_own_comment(gradebook, tmp_path):
    files, _ = exported(gradebook, "moodle", tmp_path, roster_of(tmp_path, MOODLE))
    late = replace(gradebook, standings={"amal": Standing(minus=4.5)})
    again, _ = exported(late, "moodle", tmp_path / "2", read_roster(files["moodle.csv"]))
    taken = moodle_import(again["moodle.csv"].read_bytes())
    assert taken[1201][0] == "6" and "6 of 10 points" in taken[1201][1] and "10.5" not in taken[1201][1]


def test_the_feedback_zip_is_laid_out_as_moodle_reads_it(gradebook, tmp_path):
    hostile = "x_1202_assignsubmission_file_/../y"
    reports = tuple(
        replace(r, student=Student("amal", hostile)) if r.student.id == "amal" else r for r in gradebook.reports
    )
    for report in reports:
        page = tmp_path / "feedback" / feedback_name(report.student.id)
        page.parent.mkdir(exist_ok=True)
        page.write_text(report.student.id, encoding="utf-8")
    files, said = exported(replace(gradebook, reports=reports), "moodle", tmp_path, roster_of(tmp_path, MOODLE))
    pages = {}
    with zipfile.ZipFile(files["feedback.zip"]) as archive:
        for name in archive.namelist():
            folder, file = name.split("/")
            parts = folder.split("_", 4)  # full name, participant, type and name of the plugin
            assert parts[2:4] == ["assignsubmission", "file"] and file == "feedback.html"
            pages[int(parts[1])] = archive.read(name).decode()
    assert pages == {1201: "amal", 1202: "bea", 1203: "chidi"}
    assert "elif" in said


def test_a_worksheet_without_a_grade_column_is_a_sentence(gradebook, tmp_path):
    roster = roster_of(tmp_path, MOODLE.replace(",Grade,", ",Note,"))
    with pytest.raises(ExportError, match=r"no column Grade.*--assignment"):
        export(gradebook, "moodle", tmp_path / "out", roster=roster)
    files, _ = exported(gradebook, "moodle", tmp_path, roster, assignment="Note")
    assert b'grading",10.5,10.00' in files["moodle.csv"].read_bytes()


def test_gradescope_documents_add_up(gradebook, tmp_path):
    book = replace(
        gradebook,
        marks=(HumanMark("bea", "Q4", 1.5, Extent.PENDING, "Good."), HumanMark("chidi", "Q1", 0.25, Extent.WHOLE)),
    )
    files, said = exported(book, "gradescope", tmp_path)
    totals = {"amal": 10.5, "bea": 9.0, "chidi": 3.35}
    assert len(files) == 12
    for student, total in totals.items():
        document = json.loads((tmp_path / "results" / f"{student}.json").read_text(encoding="utf-8"))
        assert document["score"] == total == pytest.approx(sum(test["score"] for test in document["tests"]))
        assert sum(test["max_score"] for test in document["tests"]) == 10
        assert {test["visibility"] for test in document["tests"]} == {"after_due_date"}
        assert len({test["number"] for test in document["tests"]}) == len(document["tests"])
    gina = json.loads((tmp_path / "results" / "gina.json").read_text(encoding="utf-8"))
    assert "score" not in gina and "gina" in said


@pytest.mark.parametrize(("reveal", "told"), [(Reveal.ALWAYS, True), (Reveal.NEVER, False)])
def test_gradescope_tells_no_more_than_the_page(gradebook, tmp_path, reveal, told):
    exported(replace(gradebook, reveal=reveal), "gradescope", tmp_path, visibility="visible")
    text = (tmp_path / "results" / "bea.json").read_text(encoding="utf-8")
    assert ("dX differs from what was expected" in text) is told
    assert "Compute dX from the W that forward used" in text
    assert "1.85" not in text, "values of the reference stay out"


def test_one_student_is_one_results_json(gradebook, tmp_path):
    files, _ = exported(replace(gradebook, reports=gradebook.reports[-1:]), "gradescope", tmp_path)
    assert list(files) == ["results.json"]


def test_an_unknown_visibility_is_a_sentence(gradebook, tmp_path):
    with pytest.raises(ExportError, match="after_published"):
        export(gradebook, "gradescope", tmp_path, visibility="never")


def test_another_system_s_list_is_said_and_not_filled(gradebook, tmp_path):
    files, said = exported(gradebook, "canvas", tmp_path, roster_of(tmp_path, MOODLE))
    assert "no gradebook file of Canvas" in said and b"SIS Login ID" in files["canvas.csv"].read_bytes()


def test_a_name_that_two_share_gets_no_mark_and_is_said(gradebook, tmp_path):
    text = CANVAS.replace(",amal,", ",x1,") + '"Haddad, Amal",4010,s-10,x2,Sec 2,,,,,\r\n'
    files, said = exported(gradebook, "canvas", tmp_path, roster_of(tmp_path, text), assignment="77")
    marks, _ = canvas_import(files["canvas.csv"].read_bytes(), ASSIGNMENTS, {**STUDENTS, 4010: ("", "s-10", "x2")})
    assert marks[4001, "HW 3"] == marks[4010, "HW 3"] == "" and "amal (Amal Haddad) could be" in said
