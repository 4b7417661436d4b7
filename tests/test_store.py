"""The store: what is put in comes out, and nothing ever gets lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from grader.model import Example, LabelReport, Overall, QuestionReport, Status, Student, SubmissionReport
from grader.store import SCHEMA_VERSION, Store, StoreError

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def report(student: str = "amal", earned: float = 0.5) -> SubmissionReport:
    example = Example((("X", np.array([[1.0, 3.0]])),), np.array([2.0]), float("nan"))
    status = Status.PASSED if earned else Status.FAILED
    label = LabelReport("Y", status, earned, 0.5, example=example)
    question = QuestionReport("Q1", "Linear", 0.5, False, status, (label,))
    return SubmissionReport(Student(student, student.title()), "numpy_layers", Overall.JUDGED, (question,))


def test_what_was_put_comes_back_for_the_same_student_and_key_only(tmp_path: Path):
    with Store(tmp_path / "store.sqlite") as store:
        store.put(report(), "k1", NOON)
        found = store.get("amal", "k1")
        assert found is not None
        assert found.score == 0.5
        example = found.questions[0].labels[0].example
        assert example is not None
        np.testing.assert_array_equal(example.inputs[0][1], [[1.0, 3.0]])
        assert store.get("amal", "k2") is None
        assert store.get("AMAL", "k1") is None
    with Store(tmp_path / "store.sqlite") as again:
        assert again.get("amal", "k1") is not None
        assert again.notice == ""


def test_a_later_result_is_found_first_and_the_earlier_one_stays(tmp_path: Path):
    with Store(tmp_path / "store.sqlite") as store:
        store.put(report(earned=0.0), "k", NOON)
        store.put(report(earned=0.5), "k", NOON + timedelta(hours=1))
        store.put(report(earned=0.0), "other", NOON.astimezone(timezone(timedelta(hours=5))))
        found = store.get("amal", "k")
        assert found is not None
        assert found.score == 0.5
        history = store.history("amal")
        assert [(entry.key, entry.report.score) for entry in history] == [("k", 0.0), ("k", 0.5), ("other", 0.0)]
        assert [entry.at for entry in history] == [NOON, NOON + timedelta(hours=1), NOON]
        assert store.history("nobody") == []


@pytest.mark.parametrize("student", ["'; DROP TABLE results; --", "caf\udce9", "李伟", "", "a\x00b", "x" * 5000])
def test_odd_ids_are_only_ids(tmp_path: Path, student: str):
    with Store(tmp_path / "store.sqlite") as store:
        store.put(report(student), "k", NOON)
        store.put(report("amal"), "k", NOON)
        found = store.get(student, "k")
        assert found is not None
        assert found.student.id == student


def test_a_killed_run_loses_no_finished_result(tmp_path: Path):
    script = (
        "import sys, os, signal; sys.path[:0] = sys.argv[2:]\n"
        "from test_store import report, NOON, Store\n"
        "store = Store(sys.argv[1])\n"
        "for n in range(20): store.put(report(f's{n}'), 'k', NOON)\n"
        "store._connection.execute('BEGIN'); store._connection.execute(\"INSERT INTO results"
        " (student, key, at, report) VALUES ('half', 'k', '', '')\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    here = Path(__file__).parent
    path = tmp_path / "store.sqlite"
    done = subprocess.run([sys.executable, "-c", script, path, here, here.parent], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with Store(path) as store:
        assert store.notice == ""
        assert all(store.get(f"s{n}", "k") is not None for n in range(20))
        assert store.get("half", "k") is None  # it was never finished


def damage_pages(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))


def damage_header(path: Path) -> None:
    path.write_bytes(b"this was once a database" * 100)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [damage_pages, damage_header, cut_in_half])
def test_a_damaged_store_is_set_aside_whole_and_said_so(tmp_path: Path, damage):
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        for n in range(50):
            store.put(report(f"s{n}"), "k", NOON)
    damage(path)
    damaged = path.read_bytes()
    with Store(path) as store:
        assert "damaged" in store.notice
        assert "store (damaged 1).sqlite" in store.notice
        assert store.get("s1", "k") is None
        store.put(report("new"), "k", NOON)
    assert (tmp_path / "store (damaged 1).sqlite").read_bytes() == damaged
    damage(path)
    with Store(path) as store:
        assert "store (damaged 2).sqlite" in store.notice
    assert (tmp_path / "store (damaged 1).sqlite").read_bytes() == damaged


def test_another_programs_database_is_left_alone(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Store(path)
    again = sqlite3.connect(path)
    assert again.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    again.close()


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    Store(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    with pytest.raises(StoreError, match="later version"):
        Store(path)


def test_a_folder_in_the_way_is_a_sentence(tmp_path: Path):
    (tmp_path / "store.sqlite").mkdir()
    with pytest.raises(StoreError, match=r"store\.sqlite cannot be"):
        Store(tmp_path / "store.sqlite")


def test_a_row_of_an_unknown_form_is_graded_again_and_kept(tmp_path: Path):
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        store.put(report(), "k", NOON)
    raw = sqlite3.connect(path)
    raw.execute('UPDATE results SET report = \'{"of": "another form"}\'')
    raw.commit()
    raw.close()
    with Store(path) as store:
        assert store.get("amal", "k") is None
        store.put(report(), "k", NOON)
        assert store.get("amal", "k") is not None
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT count(*) FROM results").fetchone() == (2,)
    raw.close()


def test_a_write_protected_store_is_a_sentence(tmp_path: Path):
    with Store(tmp_path / "store.sqlite") as store:
        store._connection.execute("PRAGMA query_only = 1")  # as on a read-only disk, also for an administrator
        with pytest.raises(StoreError, match=r"store\.sqlite cannot be written: .*write-protected"):
            store.put(report(), "k", NOON)
