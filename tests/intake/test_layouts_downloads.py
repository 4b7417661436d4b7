"""Downloads of learning management systems, laid out as their public sources write them, with invented names."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from grader.intake.discover import discover, look_through
from grader.intake.layouts.gradescope import read_metadata
from grader.intake.read import read_submission

from .builders import IMPORT, LINEAR, code, heading, notebook, sheet

HW = notebook(heading("Q1"), code(IMPORT + LINEAR))
OLD = notebook(heading("Q1"), code(IMPORT + "# first try"))


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


@pytest.fixture(params=["folder", "zip", "folder in a folder"])
def laid(request, tmp_path):
    """The same download unpacked, as the zip that it came in, and unpacked into a folder of its own."""

    def lay_out(files: dict[str, bytes]) -> Path:
        if request.param == "zip":
            (tmp_path / "submissions.zip").write_bytes(zipped(files))
            return tmp_path / "submissions.zip"
        return lay(tmp_path / "in", files) if request.param == "folder" else lay(tmp_path / "out" / "in", files).parent

    return lay_out


def shape(path: Path) -> dict[str, list[str]]:
    return {s.student.id: [file.name for file in s.files] for s in discover(path)}


CANVAS = {
    "haddadamal_4001_91001_hw3.ipynb": HW,
    "haddadamal_4001_91002_figures.zip": zipped({"curve.png": b"x"}),
    "müllerjörg_LATE_4002_91003_my_hw_3.ipynb": HW,
    "de_la_cruzana_4003_91004_hw3.py": LINEAR,
    "4004_4004_91005_hw3.ipynb": HW,
    "李伟_4005_91006_作业.ipynb": HW,
    "okafortim_4006_text.html": b"<p>my answer</p>",
    "okafortim_4006_91007_hw3.ipynb": HW,
}


def test_canvas(laid):
    found = look_through(laid(CANVAS))
    assert found.layout == "Canvas"
    assert {s.student.id: [f.name for f in s.files] for s in found.submissions} == {
        "4001": ["curve.png", "hw3.ipynb"],
        "4002": ["my_hw_3.ipynb"],
        "4003": ["hw3.py"],
        "4004": ["hw3.ipynb"],
        "4005": ["作业.ipynb"],
        "4006": ["hw3.ipynb", "text.html"],
    }
    by_id = {s.student.id: s for s in found.submissions}
    assert by_id["4001"].student.name == "Haddadamal" and by_id["4003"].student.name == "De La Cruzana"
    assert [i for i, s in by_id.items() if "late" in s.lms] == ["4002"]
    for submission in found.submissions:
        assert any("Linear" in d.names for d in read_submission(submission, sheet()).definitions)


def test_letters_with_marks_are_letters_of_canvas_too(laid):
    """Canvas keeps letters of any script with their marks, which are no word characters for Python."""
    names = ("शर्माअनिता", "กัญญา_LATE", "mu\u0308llerjo\u0308rg", "haddadamal")
    found = look_through(laid({f"{name}_400{i}_9100{i}_hw 3.ipynb": HW for i, name in enumerate(names, 1)}))
    assert found.layout == "Canvas" and [s.student.id for s in found.submissions] == ["4001", "4002", "4003", "4004"]
    assert [s.student.id for s in found.submissions if "late" in s.lms] == ["4002"]


def test_canvas_with_names_hidden(tmp_path):
    lay(tmp_path, {"anon_Ab3xZ_91001_hw.ipynb": HW, "LATE_anon_Qq9zz_91002_hw.ipynb": HW})
    assert set(shape(tmp_path)) == {"anon_Ab3xZ", "anon_Qq9zz"}


def test_the_newest_attempt_counts_and_the_other_is_named(tmp_path):
    lay(
        tmp_path,
        {
            "haddadamal_4001_91001_hw.ipynb": OLD,
            "haddadamal_4001_91009_hw-1.ipynb": OLD,
            "haddadamal_4001_91017_hw-2.ipynb": HW,
            "liwei_4002_91002_hw.ipynb": HW,
        },
    )
    amal = discover(tmp_path)[0]
    assert [file.name for file in amal.files] == ["hw-2.ipynb"]
    assert any("hw.ipynb" in remark and "hw-2.ipynb" in remark for remark in amal.remarks)


@pytest.mark.parametrize("names", [("part-1", "part-2"), ("hw-1", "hw")])
def test_parts_are_no_attempts(tmp_path, names):
    """Two parts of one hand-in, or a number that the order of the uploads contradicts: nothing is left out."""
    lay(
        tmp_path,
        {
            f"haddadamal_4001_91001_{names[0]}.ipynb": HW,
            f"haddadamal_4001_91002_{names[1]}.ipynb": HW,
            "liwei_4002_91003_hw.ipynb": HW,
        },
    )
    assert len(shape(tmp_path)["4001"]) == 2


@pytest.mark.parametrize(
    "names",
    [
        ["hw_2024_1001_amal.ipynb", "hw_2024_1002_bo.ipynb"],
        ["hw_1001_2024_amal.ipynb", "hw_1002_2024_bo.ipynb"],
        ["hw_1001_20241_amal.ipynb", "hw_1002_20242_bo.ipynb"],
        ["amal_2024_1001_hw.ipynb", "bo_2024_1002_hw.ipynb"],
        ["hw_12_345_final.ipynb"],
        # a course's own rules: name, matriculation number, date; numbers with zeros in front
        ["haddadamal_1234567_20260301_hw3.ipynb", "okaforchidi_1234568_20260302_hw3.ipynb"],
        ["amal_03_4001_v2.ipynb", "bo_04_4002_v2.ipynb"],
        ["amal_31_0401_v2.ipynb", "bo_42_0402_v2.ipynb"],
        ["anon_001_0100_a.ipynb", "anon_002_0101_b.ipynb"],
    ],
)
def test_names_with_numbers_are_not_canvas(tmp_path, names):
    """Else a year would be taken for a student, and a whole class for one hand-in."""
    assert len(shape(lay(tmp_path, dict.fromkeys(names, HW)))) == len(names)
    assert look_through(tmp_path).layout is None


def test_a_plain_class_with_one_odd_name_stays_plain(tmp_path):
    files = {f"{name}/hw.ipynb": HW for name in ("amal", "bo", "chen", "dee")}
    lay(tmp_path, {**files, "haddadamal_4001_91001_hw.ipynb": HW})
    assert set(shape(tmp_path)) == {"amal", "bo", "chen", "dee", "haddadamal_4001_91001_hw"}
    assert look_through(tmp_path).layout is None


def test_a_half_and_half_folder_is_plain_and_says_so(tmp_path):
    canvas = {f"s{i}name_40{i}1_9100{i}_hw.ipynb": HW for i in range(1, 5)}
    lay(tmp_path, {**canvas, **{f"{name}.ipynb": HW for name in ("amal", "bo", "chen")}})
    found = look_through(tmp_path)
    assert len(found.submissions) == 7 and found.layout is None
    assert "4 of 7 names look like a download from Canvas" in found.remarks[0]


def test_a_stranger_in_a_download_is_kept_and_named(tmp_path):
    canvas = {f"s{i}name_40{i}1_9100{i}_hw.ipynb": HW for i in range(1, 6)}
    lay(tmp_path, {**canvas, "bymail/hw.ipynb": HW, "gradebook.csv": b"Student,ID"})
    found = look_through(tmp_path)
    assert {s.student.id for s in found.submissions} == {"4011", "4021", "4031", "4041", "4051", "bymail"}
    assert any("bymail" in words for words in found.remarks) and any("gradebook.csv" in w for w in found.remarks)


MOODLE = {
    "Amal Haddad_1201_assignsubmission_file_/hw3.ipynb": HW,
    "Amal Haddad_1201_assignsubmission_onlinetext_/onlinetext.html": b"<p>see the file</p>",
    "Jörg Müller-Lüdenscheidt_1202_assignsubmission_file_/src/hw3.py": LINEAR,
    "O'Brien, Ann_1203_assignsubmission_file/hw3.ipynb": HW,
    "Group_7-Li_Wei_1204_assignsubmission_file_/hw3.ipynb": HW,
}


def test_moodle(laid):
    found = look_through(laid(MOODLE))
    assert found.layout == "Moodle"
    assert {s.student.id: (s.student.name, [f.name for f in s.files]) for s in found.submissions} == {
        "1201": ("Amal Haddad", ["hw3.ipynb", "onlinetext.html"]),
        "1202": ("Jörg Müller-Lüdenscheidt", ["src/hw3.py"]),
        "1203": ("O'Brien, Ann", ["hw3.ipynb"]),
        "1204": ("Group 7-Li Wei", ["hw3.ipynb"]),
    }


def test_moodle_without_folders(laid):
    names = ("Amal Haddad_1201_assignsubmission_file_my_hw.ipynb", "Bo Li_1202_assignsubmission_file_hw.py")
    assert shape(laid(dict.fromkeys(names, HW))) == {"1201": ["my_hw.ipynb"], "1202": ["hw.py"]}


@pytest.mark.parametrize("word", ["Participant", "Teilnehmer"])
def test_students_whose_names_moodle_hides_are_told_apart(laid, word):
    files = {f"{word}_{number}_assignsubmission_file_/hw3.ipynb": HW for number in (508, 509)}
    found = look_through(laid(files)).submissions
    assert [(s.student.id, s.student.name) for s in found] == [("508", f"{word} 508"), ("509", f"{word} 509")]
    # two of one name beside another student are people with names
    named = {"Ann Lee_1_assignsubmission_file_/hw3.ipynb": HW, "Ann Lee_2_assignsubmission_file_/hw3.ipynb": HW}
    named["Bo Li_3_assignsubmission_file_/hw3.ipynb"] = HW
    with_names = look_through(lay(laid({}).parent / "named", named)).submissions
    assert [s.student.name for s in with_names] == ["Ann Lee", "Ann Lee", "Bo Li"]


METADATA = """---
submission_501:
  :submitters:
  - :name: Amal Haddad
    :sid: '007'
    :email: amal@example.edu
  :created_at: 2025-03-01 22:59:30.123456000 Z
  :score: 2.0
  :results:
    output: |-
      :sid: 'not a student'
    tests:
    - name: Q1
  :history:
  - :created_at: 2025-02-01 10:00:00.000000000 Z
submission_502:
  :submitters:
  - :name: "J\\u00F6rg M\\xFCller"
    :sid: 8
    :email: joerg@example.edu
  - :name: 'Ann O''Brien'
    :sid:
    :email: ann@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2025-03-02 08:00:00.000000000 Z
submission_503:
  :submitters: []
"""
GRADESCOPE = {
    "assignment_77_export/submission_metadata.yml": METADATA.encode(),
    "assignment_77_export/submission_501/hw3.ipynb": HW,
    "assignment_77_export/submission_502/hw3.ipynb": HW,
    "assignment_77_export/submission_503/hw3.ipynb": HW,
}


def test_gradescope(laid):
    found = look_through(laid(GRADESCOPE))
    by_id = {s.student.id: s for s in found.submissions}
    assert found.layout == "Gradescope" and set(by_id) == {"007", "8", "submission_503"}
    assert by_id["007"].submitted == "2025-03-01T22:59:30+00:00" and not by_id["007"].members
    assert by_id["8"].submitted == "2025-03-02T08:00:00+00:00"
    assert [(m.id, m.name) for m in by_id["8"].members] == [("8", "Jörg Müller"), ("ann@example.edu", "Ann O'Brien")]
    assert any("submission_503" in words for words in found.remarks)


def test_a_member_whom_yaml_names_for_later_use_is_a_member():
    """A dump gives an anchor to what it mentions again further down, here in the history."""
    group = "submission_7:\n  :submitters:\n  - &1\n    :name: Bo Li\n    :sid: '2'\n  - :name: Chen\n    :sid: '3'\n"
    later = "  :created_at: &2 2025-03-01 22:59:30.0 Z\n  :history:\n  - :created_at: *2\n    :submitters:\n    - *1\n"
    record = read_metadata(group + later)["submission_7"]
    assert [dict(person) for person in record.submitters] == [
        {"name": "Bo Li", "sid": "2"},
        {"name": "Chen", "sid": "3"},
    ]
    assert record.created_at == "2025-03-01T22:59:30+00:00"


@pytest.mark.parametrize("text", ["", "{not yaml", "submission_501:", "- 1\n- 2\n", "\0\0", "a: &a [*a]\n" * 50])
def test_broken_metadata_loses_no_file(tmp_path, text):
    lay(tmp_path, {"submission_metadata.yml": text, "submission_501/hw.ipynb": HW, "submission_502/hw.ipynb": HW})
    assert {"submission_501", "submission_502"} <= set(shape(tmp_path))


def test_metadata_names_nobody_who_is_only_in_the_output():
    assert [dict(p) for p in read_metadata(METADATA)["submission_501"].submitters] == [
        {"name": "Amal Haddad", "sid": "007", "email": "amal@example.edu"}
    ]


def test_classroom(tmp_path):
    for name in ("hw-3-amal", "hw-3-anna-li", "hw-3-bo"):
        lay(tmp_path, {f"{name}/hw.ipynb": HW, f"{name}/.git/HEAD": b"ref: refs/heads/main"})
    assert shape(tmp_path) == {"amal": ["hw.ipynb"], "anna-li": ["hw.ipynb"], "bo": ["hw.ipynb"]}
    assert look_through(tmp_path).layout == "GitHub Classroom"


def test_folders_with_hyphens_are_no_clones(tmp_path):
    lay(tmp_path, {f"hw-3-{name}/hw.ipynb": HW for name in ("amal", "bo")})
    assert set(shape(tmp_path)) == {"hw-3-amal", "hw-3-bo"}


def members(path: Path) -> dict[str, list[str]]:
    return {s.student.id: [m.id for m in s.members] for s in discover(path)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("group.txt", "amal\nbo\n"),
        ("members.txt", "# us\r\nGroup 5\r\n- amal\r\n- bo\r\n"),
        ("team.csv", "id,name\namal,Amal Haddad\nbo,Bo Li\n"),
        ("Team.csv", "\ufeffbo;Bo Li\n"),
        ("team.csv", "Name,ID\nAmal Haddad,amal\nBo Li,bo\n"),
        ("group.txt", "AMAL@example.edu\nbo\n"),
    ],
)
def test_a_list_of_members_makes_a_group(tmp_path, name, text):
    lay(tmp_path, {"amal/hw.ipynb": HW, f"amal/{name}": text.encode(), "chen/hw.ipynb": HW})
    assert members(tmp_path) == {"amal": ["amal", "bo"], "chen": []}


@pytest.mark.parametrize(
    "text",
    [
        "We worked well together.\n",
        "",
        "amal@example.edu\n",
        "Name\nAmal Haddad\nBo Li\n",
        "amal\n",
        "\n".join(f"s{i}" for i in range(40)),
        "../x\n<script>\n",
        "a b c\n",
    ],
)
def test_what_is_no_list_of_ids_makes_no_group(tmp_path, text):
    lay(tmp_path, {"amal/hw.ipynb": HW, "amal/group.txt": text.encode()})
    assert members(tmp_path) == {"amal": []}


def test_a_folder_named_team_is_nobody_s_own(tmp_path):
    lay(tmp_path, {"team 7/hw.ipynb": HW, "team 7/members.txt": b"amal\nbo\n", "chen/hw.ipynb": HW})
    assert members(tmp_path) == {"team 7": ["amal", "bo"], "chen": []}


def test_nobody_gets_two_rows(tmp_path):
    lay(
        tmp_path,
        {
            "amal/hw.ipynb": HW,
            "amal/group.txt": b"bo\nchen\n",
            "bo/hw.ipynb": HW,
            "dee/hw.ipynb": HW,
            "dee/group.txt": b"chen\nelif\n",
        },
    )
    assert members(tmp_path) == {"amal": [], "bo": [], "dee": ["dee", "elif"]}
    words = " ".join(look_through(tmp_path).remarks)
    assert "bo" in words and "chen is listed in 2 groups" in words
