"""Rosters of every kind, whose hand-in is whose, groups, and what is said of those without a match."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.submission import Submission
from grader.model import Overall, Student, SubmissionReport
from grader.people.csv_file import read_csv
from grader.people.enrolment import enrol, report_rows
from grader.people.matching import match
from grader.people.roster import read_roster

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 3 (77),Final Score\r\n"
    ",,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,14,(read only)\r\n"
    '"Haddad, Amal",4001,s-17,amal@example.edu,"Sec 1, Mon",,\r\n'
    '"Müller, Jörg",4002,s-18,jm,Sec 1,,\r\n'
    '"Student, Test",4999,,,Sec 1,,\r\n'
)
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 1201","Amal Haddad",amal@example.edu,"Submitted for grading",,14.00,Yes,-,-,\n'
    '"Participant 1202","Jörg Müller",jm@example.edu,"No submission",,14.00,Yes,-,-,\n'
)
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Role\nAmal,Haddad,007,amal@example.edu,Student\n"
    "Jörg,Müller,8,jm@example.edu,Student\nPat,Prof,9,pat@example.edu,Instructor\n"
)
CLASSROOM = (
    '"identifier","github_username","github_id","name"\n"s-17","amal-h","99",""\n"s-18","jm","98","Jörg Müller"\n'
)
PLAIN = "id,name,group\namal,Amal Haddad,blue\njm,Jörg Müller,blue\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "form", "names", "keys"),
    [
        (CANVAS, "canvas", ["Amal Haddad", "Jörg Müller"], {"canvas": "4001", "id": "s-17"}),
        (MOODLE, "moodle", ["Amal Haddad", "Jörg Müller"], {"moodle": "1201", "email": "amal@example.edu"}),
        (GRADESCOPE, "gradescope", ["Amal Haddad", "Jörg Müller"], {"id": "007", "email": "amal@example.edu"}),
        (CLASSROOM, "classroom", ["", "Jörg Müller"], {"id": "s-17", "github": "amal-h"}),
        (PLAIN, "plain", ["Amal Haddad", "Jörg Müller"], {"id": "amal"}),
        (PLAIN.replace(",", ";"), "plain", ["Amal Haddad", "Jörg Müller"], {"id": "amal"}),
    ],
)
def test_every_list_is_read(tmp_path, text, form, names, keys):
    roster = read_roster(written(tmp_path, text))
    assert roster.form == form and [one.shown for one in roster.students] == names
    assert keys.items() <= roster.students[0].keys.items()


GERMAN = (
    '\ufeffID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
    '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"\n'
    'Teilnehmer/in1201,"Amal Haddad",amal@example.edu,"Zur Bewertung abgegeben",,"14,00",Ja,-,-,\n'
    'Teilnehmer/in1202,"Jörg Müller",jm@example.edu,"Keine Abgabe","3,50","14,00",Ja,-,-,\n'
)
FRENCH = (
    'Identifiant,"Nom complet","Numéro d’identification","Adresse de courriel",Statut,Groupe,Note,"Note maximale",'
    '"La note peut être modifiée","Dernière modification (note)","Feedback par commentaires"\n'
    '"Participant 1201","Amal Haddad",17,amal@example.edu,"Remis pour évaluation",1,14.00,14.00,Oui,-,\n'
    '"Participant 1202","Jörg Müller",18,jm@example.edu,"Remis pour évaluation",1,2.00,14.00,Oui,-,\n'
)
HIDDEN = (
    'Идентификатор,Состояние,Оценка,"Максимальная оценка","Оценка может быть изменена","Последнее изменение (оценка)"\n'
    'Участник1201,"Ответы для оценки",,14.00,Да,-\nУчастник1202,"Нет ответа",,14.00,Да,-\n'
)


@pytest.mark.parametrize(
    ("text", "names", "grade", "comments"),
    [
        (GERMAN, ["Amal Haddad", "Jörg Müller"], 4, 9),
        (
            GERMAN.replace('"14,00"', "14.00").replace('"3,50"', "").replace(",", ";"),
            ["Amal Haddad", "Jörg Müller"],
            4,
            9,
        ),
        (FRENCH, ["Amal Haddad", "Jörg Müller"], 6, 10),
        (HIDDEN, ["", ""], 2, None),
    ],
)
def test_a_moodle_worksheet_is_read_in_any_language(tmp_path, text, names, grade, comments):
    roster = read_roster(written(tmp_path, text))
    assert roster.form == "moodle" and [one.shown for one in roster.students] == names
    assert [one.keys["moodle"] for one in roster.students] == ["1201", "1202"]
    assert (roster.columns["grade"], roster.columns.get("comments")) == (grade, comments)
    assert "email" not in roster.students[0].keys or roster.students[0].keys["email"] == "amal@example.edu"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Teilnehmer/in1202", "Person1202"),  # no common word
        ("Teilnehmer/in1202", "Teilnehmer/in1201"),  # two rows of one participant
        ('"3,50"', "bestanden"),  # a scale
        ('"3,50"', '"15,00"'),  # more than the highest
        ('"3,50","14,00"', '"3,50","20,00"'),  # no common highest grade
    ],
)
def test_what_is_no_worksheet_for_certain_is_refused(tmp_path, old, new):
    assert GERMAN.count(old) == 1
    with pytest.raises(ValueError, match="set your language to English"):
        read_roster(written(tmp_path, GERMAN.replace(old, new)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_umlaut_survives_the_encoding(tmp_path, encoding):
    assert read_roster(written(tmp_path, PLAIN, encoding)).students[1].name == "Jörg Müller"


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "needs the columns id and name"), ("a,b\n1,2\n", "id and name"), ('id,name\n"x,1\n', "row 2.*never closed")],
)
def test_a_bad_roster_is_a_sentence(tmp_path, text, words):
    with pytest.raises(ValueError, match=words) as caught:
        read_roster(written(tmp_path, text))
    assert "list.csv" in str(caught.value)
    with pytest.raises(ValueError, match="No such file"):
        read_roster(tmp_path / "none.csv")


def test_a_workbook_is_not_taken_for_a_csv(tmp_path):
    (tmp_path / "list.csv").write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(ValueError, match="no CSV"):
        read_roster(tmp_path / "list.csv")


CELL = st.text(st.sampled_from('aé ,;"\n\r=\t'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5), st.booleans())
def test_a_csv_is_written_back_byte_for_byte(tmp_path_factory, rows, quoted):
    import csv
    import io

    rows = [["id", "name"], *rows]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(text.getvalue().encode())
    file = read_csv(path)
    assert file.bytes() == path.read_bytes()
    changed = file.with_cells({(1, 1): 'a "new", cell'})
    path.write_bytes(changed.bytes())
    assert read_csv(path).cell(1, 1) == 'a "new", cell'
    rows[1][1] = 'a "new", cell'  # an independent reader sees the same cells
    assert list(csv.reader(io.StringIO(changed.bytes().decode(), newline=""))) == rows


def found(tmp_path, text, *handins, lms=None):
    roster = read_roster(written(tmp_path, text))
    students = [one if isinstance(one, Student) else Student(one, one) for one in handins]
    matched = match(roster.students, students, lms)
    return {handin: one.shown or one.label for handin, one in matched.found.items()}, matched


@pytest.mark.parametrize("handin", ["4001", "s-17", "S-17", "amal@example.edu", "amal", "AMAL", "haddadamal"])
def test_each_id_finds_its_student(tmp_path, handin):
    assert found(tmp_path, CANVAS, handin)[0] == {handin: "Amal Haddad"}


@pytest.mark.parametrize("name", ["Amal Haddad", "amal_haddad", "Haddad, Amal", "HADDAD  amal", "haddad-amal"])
def test_a_name_finds_its_student(tmp_path, name):
    assert found(tmp_path, CANVAS, Student("x1", name))[0] == {"x1": "Amal Haddad"}


@pytest.mark.parametrize("name", ["Jorg Muller", "Joerg Mueller", "muller jorg", "müllerjörg"])
def test_an_umlaut_may_be_spelt_out(tmp_path, name):
    assert found(tmp_path, CANVAS, Student("x1", name))[0] == {"x1": "Jörg Müller"}


@pytest.mark.parametrize("handin", ["4", "17", "4999x", "amalh", "Haddad", "s-1", "xiu"])
def test_what_is_only_similar_finds_nobody(tmp_path, handin):
    matched, all_of_it = found(tmp_path, CANVAS, handin)
    assert matched == {} and "not on the roster" in all_of_it.unmatched[handin]
    assert len(all_of_it.missing) == 2


def test_leading_zeros_tell_two_students_apart(tmp_path):
    text = "id,name\n007,Amal Haddad\n7,Jörg Müller\n"
    assert found(tmp_path, text, "007", "7")[0] == {"007": "Amal Haddad", "7": "Jörg Müller"}


def test_two_of_one_name_stay_unmatched_and_are_said(tmp_path):
    text = "id,name\n1,Li Wei\n2,Li Wei\n3,Amal Haddad\n"
    matched, rest = found(tmp_path, text, Student("a", "Li Wei"), Student("b", "Amal Haddad"))
    assert matched == {"b": "Amal Haddad"}
    assert "Li Wei (1)" in rest.unmatched["a"] and "Li Wei (2)" in rest.unmatched["a"]


def test_two_hand_ins_for_one_student_stay_unmatched(tmp_path):
    matched, rest = found(tmp_path, PLAIN, Student("x", "Amal Haddad"), Student("y", "Haddad Amal"))
    assert matched == {} and set(rest.unmatched) == {"x", "y"}


def test_an_id_goes_before_a_name(tmp_path):
    matched, rest = found(tmp_path, PLAIN, Student("amal", "Somebody"), Student("y", "Amal Haddad"))
    assert matched == {"amal": "Amal Haddad"} and "would both be" in rest.unmatched["y"]


def test_a_canvas_id_is_not_taken_for_another_id(tmp_path):
    text = CANVAS.replace("s-18", "4001")  # the registrar's number of one is Canvas's number of the other
    assert found(tmp_path, text, "4001")[0] == {}
    assert found(tmp_path, text, "4001", lms={"4001": {"canvas": "4001"}})[0] == {"4001": "Amal Haddad"}


def test_a_clone_finds_its_user_with_hyphens(tmp_path):
    lms = {"h": {"github": "h", "repository": "hw-3-amal-h"}}
    assert found(tmp_path, CLASSROOM, Student("h", "H"), lms=lms)[1].found["h"].keys["id"] == "s-17"


def submission(student: str, *members: str, **more) -> Submission:
    people = tuple(Student(one, one) for one in members)
    return Submission(Student(student, student), Path(), members=people, **more)


def enrolled(tmp_path, text, *submissions):
    return enrol(submissions, read_roster(written(tmp_path, text)))


def test_names_are_merged_and_gaps_are_said(tmp_path):
    result = enrolled(tmp_path, CANVAS, submission("amal"), submission("zed"))
    assert [one.student for one in result.submissions] == [Student("amal", "Amal Haddad"), Student("zed", "zed")]
    words = " ".join(result.remarks)
    assert "Müller, Jörg (s-18)" in words and "zed is not on the roster" in words
    about = dict(result.about)
    assert "2 students, 1 without" in about["Roster"] and "Müller" in about["Nothing handed in"]
    assert "zed" in about["Not matched with the roster"]


def test_a_complete_class_needs_no_words(tmp_path):
    result = enrolled(tmp_path, CANVAS, submission("amal"), submission("jm"))
    assert not result.remarks and [key for key, _ in result.about] == ["Roster"]


def test_the_roster_s_groups_hand_in_once(tmp_path):
    result = enrolled(tmp_path, PLAIN, submission("amal"))
    assert [m.id for m in result.submissions[0].members] == ["amal", "jm"]
    assert "blue" in result.remarks[0] and "1 without" not in result.about[0][1]


def test_a_folder_named_by_the_group(tmp_path):
    result = enrolled(tmp_path, PLAIN, submission("Blue"))
    assert [m.id for m in result.submissions[0].members] == ["amal", "jm"]


def test_a_group_of_two_hand_ins_is_left_alone(tmp_path):
    text = PLAIN + "chen,Chen Li,blue\n"
    text += "dee,Dee Ray,red\nelif,Elif Oz,red\nfay,Fay Wu,green\ngus,Gus Ek,green\n"
    result = enrolled(tmp_path, text, submission("amal"), submission("jm"), submission("dee"))
    assert [[m.id for m in one.members] for one in result.submissions] == [[], [], ["dee", "elif"]]
    assert any("Chen Li" in words and "apart" in words for words in result.remarks)


def test_a_group_without_two_on_the_roster_keeps_all_its_rows(tmp_path):
    result = enrolled(tmp_path, CANVAS, submission("zed", "zed", "amal", "jm"))
    assert [m.id for m in result.submissions[0].members] == ["zed", "amal", "jm"]
    assert any("zed is not on the roster" in words for words in result.remarks)


def test_tutorial_groups_hand_in_nothing_together(tmp_path):
    """Where most groups handed in apart, the column says something else: nobody gets another's marks."""
    people = "".join(f"s{n},Student {n},{'mon' if n < 4 else 'tue' if n < 8 else 'wed'}\n" for n in range(1, 10))
    result = enrolled(tmp_path, "id,name,group\n" + people, *(submission(f"s{n}") for n in (1, 2, 4, 5, 8)))
    assert not any(one.members for one in result.submissions)
    assert "4 without" in dict(result.about)["Roster"] and "mostly handed in apart" in " ".join(result.remarks)


def test_a_section_of_moodle_is_no_team(tmp_path):
    text = (
        MOODLE.replace("Status,", "Status,Group,").replace('grading",', 'grading",T1,').replace('sion",', 'sion",T1,')
    )
    assert not enrolled(tmp_path, text, submission("1201")).submissions[0].members


def test_every_member_gets_the_report_and_a_note():
    report = SubmissionReport(Student("amal", "Amal"), "numpy_layers", Overall.JUDGED)
    alone = SubmissionReport(Student("bo", "Bo"), "numpy_layers", Overall.JUDGED)
    rows = report_rows([report, alone], [submission("amal", "amal", "zed"), submission("bo", remarks=("Early.",))])
    assert [row.student.id for row in rows] == ["amal", "bo", "zed"]
    assert "zed" in rows[0].notes[0] and rows[1].notes == ("Early.",) and "amal" in rows[2].notes[0]
