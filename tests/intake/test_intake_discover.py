"""Finding the submissions: folders, files, zips; copies, clutter, damage and tricks."""

from __future__ import annotations

import io
import zipfile

import pytest

from grader.intake.discover import NothingToGrade, discover, homework_folders
from grader.intake.read import read_submission

from .builders import IMPORT, LINEAR, code, heading, notebook, read_files, sheet

HW = notebook(heading("Q1"), code(IMPORT + LINEAR))
EMPTY = notebook(heading("Q1"))


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lay(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def shape(path):
    return {s.student.id: [file.name for file in s.files] for s in discover(path)}


def test_children_of_a_folder_are_submissions(tmp_path):
    lay(
        tmp_path,
        {
            "amal/hw.ipynb": HW,
            "amal/pics/a.png": b"x",
            "bo.ipynb": HW,
            "bo.py": LINEAR,
            "chen.zip": zipped({"hw.ipynb": HW}),
        },
    )
    assert shape(tmp_path) == {"amal": ["hw.ipynb", "pics/a.png"], "bo": ["bo.ipynb", "bo.py"], "chen": ["hw.ipynb"]}
    assert [s.student.name for s in discover(tmp_path)] == ["Amal", "Bo", "Chen"]


def test_clutter_is_nobodys(tmp_path):
    clutter = [
        ".hidden.py",
        "__pycache__/a.py",
        ".ipynb_checkpoints/hw-checkpoint.ipynb",
        "__MACOSX/hw.ipynb",
        "._bo.ipynb",
        "bo.expected.json",
        "notes.json",
        "README.md",
        "readme.txt",
        "amal/.ipynb_checkpoints/hw-checkpoint.ipynb",
        "amal/._hw.ipynb",
        "amal/__MACOSX/x.py",
    ]
    lay(tmp_path, {**dict.fromkeys(clutter, "x"), "amal/hw.ipynb": HW, "bo.ipynb": HW})
    assert shape(tmp_path) == {"amal": ["hw.ipynb"], "bo": ["bo.ipynb"]}


def test_copies_belong_to_one_student(tmp_path):
    lay(tmp_path, {"amal.ipynb": HW, "amal (2).ipynb": EMPTY, "amal-Copy1.ipynb": EMPTY, "amal2.ipynb": HW})
    assert {key: len(files) for key, files in shape(tmp_path).items()} == {"amal": 3, "amal2": 1}


def test_one_file(tmp_path):
    assert shape(lay(tmp_path, {"amal.ipynb": HW}) / "amal.ipynb") == {"amal": ["amal.ipynb"]}


@pytest.mark.parametrize(
    ("members", "ids"),
    [
        ({"hw.ipynb": HW, "fig.png": b"x", "src/layers.py": LINEAR}, ["the"]),
        ({"hw/hw.ipynb": HW, "hw/data/x.csv": b"1"}, ["the"]),
        ({"amal/hw.ipynb": HW, "bo/hw.py": LINEAR}, ["amal", "bo"]),
        ({"class/amal/hw.ipynb": HW, "class/bo/hw.ipynb": HW, "__MACOSX/class/._x": b"1"}, ["amal", "bo"]),
        ({"amal.zip": zipped({"hw.ipynb": HW}), "bo.zip": zipped({"x/hw.ipynb": HW})}, ["amal", "bo"]),
        ({"hw.ipynb": HW, "hw (2).ipynb": HW}, ["the"]),
        ({f"s{i}.ipynb": HW for i in range(6)}, [f"s{i}" for i in range(6)]),
    ],
)
def test_a_zip_is_a_class_or_a_student(tmp_path, members, ids):
    (tmp_path / "the.zip").write_bytes(zipped(members))
    found = discover(tmp_path / "the.zip")
    assert [s.student.id for s in found] == ids
    for submission in found:
        evidence = read_submission(submission, sheet())
        assert evidence.unreadable is None and any("Linear" in d.names for d in evidence.definitions)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["the.zip"], "nothing is extracted"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 cut off", "not a zip"),
        (b"", "not a zip"),
        (zipped({"hw.ipynb": HW})[:-40], "not a zip"),
        (zipped({"hw.ipynb": b" " * 30_000_000}), "unpack"),
        (zipped({"a.txt.exe": b"x"}), "no notebook"),
        (zipped({}), "Nothing was handed in"),
        (zipped({"C:\\Users\\amal\\hw.ipynb": HW}), "lead out of it (C:/Users/amal/hw.ipynb)"),
    ],
)
def test_a_bad_zip_is_a_sentence_and_the_class_goes_on(tmp_path, data, words):
    lay(tmp_path, {"amal.zip": data, "bo.ipynb": HW})
    bad, good = [read_submission(s, sheet()) for s in discover(tmp_path)]
    assert bad.unreadable is not None and words in bad.unreadable
    assert good.unreadable is None


def test_a_damaged_member_is_a_sentence(tmp_path):
    data = bytearray(zipped({"hw.ipynb": HW}, zipfile.ZIP_STORED))
    at = bytes(data).index(b"Linear")
    data[at : at + 6] = b"Lineax"  # the checksum no longer fits
    lay(tmp_path, {"amal.zip": bytes(data)})
    evidence = read_submission(discover(tmp_path)[0], sheet())
    assert evidence.unreadable is not None and "damaged" in evidence.unreadable


def test_a_zip_with_a_password_is_a_sentence(tmp_path):
    data = bytearray(zipped({"hw.ipynb": HW}))
    data[6] |= 1  # the flag in the local header, then in the table of contents
    data[bytes(data).index(b"PK\x01\x02") + 8] |= 1
    lay(tmp_path, {"amal.zip": bytes(data)})
    evidence = read_submission(discover(tmp_path)[0], sheet())
    assert evidence.unreadable is not None and "password" in evidence.unreadable


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_zip_in_a_zip_is_opened(tmp_path, levels):
    data = HW
    for level in range(levels):
        data = zipped({"hw.zip" if level else "hw.ipynb": data})
    lay(tmp_path, {"amal.zip": data, "bo/parts.zip": data, "bo/notes.txt": b"1"})
    assert shape(tmp_path) == {"amal": ["hw.ipynb"], "bo": ["hw.ipynb", "notes.txt"]}


def test_zips_that_multiply_are_left_closed(tmp_path):
    """Else a small file could have millions of zips opened; one inside the other is the most that people make."""
    many = zipped({f"{i}.zip": zipped({"hw.ipynb": HW}) for i in range(3)})
    deep = HW
    for level in range(9):
        deep = zipped({"hw.zip" if level else "hw.ipynb": deep})
    lay(tmp_path, {"amal.zip": many, "bo.zip": deep})
    assert shape(tmp_path) == {"amal": ["0.zip", "1.zip", "2.zip"], "bo": ["hw.zip"]}


def test_members_that_climb_out_are_not_read(tmp_path):
    lay(
        tmp_path,
        {
            "amal.zip": zipped(
                {"../bo.py": LINEAR, "/etc/x.py": LINEAR, "C:/x.py": LINEAR, "a/../../y.py": LINEAR, "hw.ipynb": HW}
            )
        },
    )
    assert shape(tmp_path) == {"amal": ["hw.ipynb"]}


def test_links_are_not_followed_out(tmp_path):
    lay(tmp_path, {"secret/other.py": LINEAR, "class/amal/hw.ipynb": HW})
    (tmp_path / "class" / "amal" / "stolen.py").symlink_to(tmp_path / "secret" / "other.py")
    (tmp_path / "class" / "bo").symlink_to(tmp_path / "secret")
    (tmp_path / "class" / "amal" / "loop").symlink_to(tmp_path / "class")
    (tmp_path / "class" / "broken.py").symlink_to(tmp_path / "nowhere")
    assert shape(tmp_path / "class") == {"amal": ["hw.ipynb"]}


def test_a_link_of_the_class_folder_itself_is_fine(tmp_path):
    lay(tmp_path, {"class/amal/hw.ipynb": HW})
    (tmp_path / "link").symlink_to(tmp_path / "class")
    assert shape(tmp_path / "link") == {"amal": ["hw.ipynb"]}


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_to_grade(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToGrade, match=name):
        discover(tmp_path / name)


def test_an_empty_child_keeps_its_row(tmp_path):
    (tmp_path / "amal").mkdir()
    lay(tmp_path, {"bo/hw.pdf": b"%PDF"})
    amal, bo = [read_submission(s, sheet()) for s in discover(tmp_path)]
    assert "Nothing was handed in" in (amal.unreadable or "")
    assert "hw.pdf" in (bo.unreadable or "")


def test_homework_folders(tmp_path):
    lay(tmp_path, {"numpy_layers/amal.ipynb": HW, "other/bo.ipynb": HW, "matrix_calculus.zip": zipped({})})
    found = homework_folders(tmp_path, ("numpy_layers", "matrix_calculus"))
    assert {key: path.name for key, path in found.items()} == {
        "numpy_layers": "numpy_layers",
        "matrix_calculus": "matrix_calculus.zip",
    }
    assert not homework_folders(tmp_path / "other", ("numpy_layers",)) and not homework_folders(
        tmp_path / "none", ("x",)
    )


def test_the_fullest_file_is_judged_and_named(tmp_path):
    evidence = read_files(tmp_path, {"hw.ipynb": EMPTY, "hw (2).ipynb": HW, "hw.py": LINEAR.replace("X @", "0 * X @")})
    assert evidence.files[0] == "hw (2).ipynb"
    assert any(note.startswith("hw (2).ipynb was judged") for note in evidence.notes)


def test_the_choice_does_not_hang_on_the_order_of_files(tmp_path):
    files = {"b.ipynb": HW, "a.ipynb": HW + b" ", "a.py": IMPORT + LINEAR}
    first = read_files(tmp_path / "1", files)
    second = read_files(tmp_path / "2", dict(reversed(files.items())))
    assert first.files == second.files == ("a.ipynb", "b.ipynb", "a.py")


def test_an_identical_copy_is_read_once(tmp_path):
    evidence = read_files(tmp_path, {"hw.ipynb": HW, "hw (2).ipynb": HW})
    assert len(evidence.files) == 1 and any("copy" in note for note in evidence.notes)


def test_a_broken_copy_does_not_spoil_the_other(tmp_path):
    evidence = read_files(tmp_path, {"hw.ipynb": HW, "hw (2).ipynb": HW[:200]})
    assert evidence.unreadable is None and any(
        "hw (2).ipynb" in note and "breaks off" in note for note in evidence.notes
    )


def test_a_notebook_that_imports_its_layers_stays_the_main_file(tmp_path):
    main = notebook(heading("Q1"), code("from layers import Linear"))
    evidence = read_files(tmp_path, {"layers.py": IMPORT + LINEAR, "hw.ipynb": main})
    assert evidence.files[0] == "hw.ipynb" and not any("judged" in note for note in evidence.notes)
