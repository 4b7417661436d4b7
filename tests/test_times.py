"""When a student handed in: files of times as an LMS exports them, commits in untrusted repositories, files' dates."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.intake.submission import Submission
from grader.model import Student
from grader.policy.commit import commit_time
from grader.policy.deadline import HomeworkClass, under_policy
from grader.policy.times import TimesError, by_file_dates, handed_in, moment, read_times

KEY, OTHER = "numpy_layers", "two_layer_perceptron"
BERLIN = ZoneInfo("Europe/Berlin")
Write = Callable[[str], Path]
AMAL, BO = Student("amal", "Amal Haddad"), Student("bo", "Bo Chen")


@pytest.fixture
def times(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        (tmp_path / "times.csv").write_text(text, encoding="utf-8")
        return tmp_path / "times.csv"

    return write


def utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


# ---- files of times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T23:59:00+01:00", "2026-03-01T22:59:00+00:00"),
        ("2026-03-01T22:59:00Z", "2026-03-01T22:59:00+00:00"),
        ("2026-03-01 22:59:00 UTC", "2026-03-01T22:59:00+00:00"),  # GitHub Classroom
        ("2026-03-01 14:59:00 -0800", "2026-03-01T22:59:00+00:00"),  # Gradescope
        ("2026-03-01T14:59:00.365935-08:00", "2026-03-01T22:59:00.365935+00:00"),
        ("Sunday, 1 March 2026, 11:59 PM", "2026-03-01T22:59:00+00:00"),  # Moodle, on the course's clock
        ("Sunday, March 1, 2026, 11:59 PM", "2026-03-01T22:59:00+00:00"),  # in the United States
        ("Wednesday, 1 July 2026, 23:59", "2026-07-01T21:59:00+00:00"),
        ("2026-07-01 23:59", "2026-07-01T21:59:00+00:00"),
        ("-", None),
        ("", None),
    ],
)
def test_times_as_the_systems_write_them(text: str, instant: str | None) -> None:
    assert utc(moment(text, BERLIN)) == instant


@pytest.mark.parametrize(
    "text", ["2026-03-01", "yesterday", "1/3/2026 10:00", "0001-01-01T00:00:00+00:00", "1772406000"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        moment(text, BERLIN)


def test_a_time_without_an_offset_needs_the_course_s_clock() -> None:
    with pytest.raises(ValueError, match="offset"):
        moment("2026-03-01 23:59", None)


@pytest.mark.parametrize(
    "text",
    [
        "id,time\namal,2026-03-01T10:00:00+01:00\nbo,2026-03-02T10:00:00+01:00\n",
        "\ufeffID;Time\r\nAmal;2026-03-01T10:00:00+01:00\r\nbo;2026-03-02T10:00:00+01:00\r\n",
        # Gradescope's grades
        "First Name,Last Name,SID,Email,Total Score,Status,Submission ID,Submission Time,Lateness (H:M:S)\n"
        "Amal,Haddad,amal,a@x.org,9,Graded,1,2026-03-01 10:00:00 +0100,00:00:00\n"
        "Bo,Chen,bo,b@x.org,8,Graded,2,2026-03-02 10:00:00 +0100,00:00:00\n",
        # Moodle's grading worksheet: found by the name, on the course's clock
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission),Last modified (grade)\n"
        'Participant 7,Amal Haddad,a@x.org,Submitted,,"Sunday, 1 March 2026, 10:00 AM",-\n'
        'Participant 8,Bo Chen,b@x.org,Submitted,,"Monday, 2 March 2026, 10:00 AM",-\n',
        # GitHub Classroom's grades: of two columns that name the student, the one that fits
        '"assignment_name","github_username","roster_identifier","submission_timestamp","points_awarded"\n'
        '"hw","bo","amal","2026-03-01 09:00:00 UTC","1"\n"hw","amal-h","bo","2026-03-02 09:00:00 UTC","1"\n',
    ],
    ids=["plain", "semicolons", "gradescope", "moodle", "classroom"],
)
def test_files_of_times(times: Write, text: str) -> None:
    found = read_times(times(text), BERLIN).of(KEY, [AMAL, BO])
    assert {who: utc(at) for who, at in found.items()} == {
        "amal": "2026-03-01T09:00:00+00:00",
        "bo": "2026-03-02T09:00:00+00:00",
    }


def test_moodle_s_numbers_are_ids_too(times: Write) -> None:
    path = times('Identifier,Last modified (submission)\nParticipant 7,"Sunday, 1 March 2026, 10:00 AM"\n')
    assert list(read_times(path, BERLIN).of(KEY, [Student("7", "Amal")])) == ["7"]


def test_a_name_may_be_written_in_another_order(times: Write) -> None:
    path = times('name,time\n"HADDAD, Amal",2026-03-01T10:00:00+01:00\n')
    assert set(read_times(path).of(KEY, [AMAL])) == {AMAL.id}
    namesake = Student("other", AMAL.name)  # nobody can tell whose time it is
    assert read_times(path).of(KEY, [AMAL, namesake]) == {}
    assert read_times(path).unmatched([AMAL, namesake]) == ["line 2 (HADDAD, Amal)"]


def test_a_name_in_two_homeworks_fits_in_both(times: Write) -> None:
    path = times(
        f"name,homework,time\n{AMAL.name},numpy_layers,2026-03-01T10:00:00Z\n"
        f"{AMAL.name},two_layer_perceptron,2026-03-02T10:00:00Z\nNobody,numpy_layers,2026-03-02T10:00:00Z\n"
    )
    assert read_times(path).unmatched([AMAL]) == ["line 4 (Nobody)"]


def test_two_students_of_one_name_get_no_time_from_it(times: Write) -> None:
    path = times("name,time\nAmal Haddad,2026-03-01T10:00:00+01:00\nAmal Haddad,2026-03-09T10:00:00+01:00\n")
    assert read_times(path).of(KEY, [AMAL]) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs the columns id and time"),
        ("id,when\namal,2026-03-01T10:00:00Z\n", "needs a column time"),
        ("who,time\namal,2026-03-01T10:00:00Z\n", "needs a column id"),
        ("id,time\namal,2026-03-01T10:00:00Z\nbo,soon\n", "line 3"),
        ("id,time\namal,2026-03-01 10:00\n", "offset"),
        ("id,time,homework\namal,2026-03-01T10:00:00Z,numpy_layer\n", '"numpy_layers"'),
    ],
)
def test_a_bad_file_of_times_is_a_sentence_with_the_place(times: Write, text: str, says: str) -> None:
    path = times(text)
    with pytest.raises(TimesError) as raised:
        read_times(path)
    assert "times.csv" in str(raised.value) and says in str(raised.value)


def test_a_spreadsheet_program_s_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / "times.csv").write_bytes("id;time;name\n;2026-03-01T10:00:00Z;Zoë Ng\n".encode("cp1252"))
    assert list(read_times(tmp_path / "times.csv").of(KEY, [Student("zoe", "Zoë Ng")])) == ["zoe"]


def test_two_times_of_one_student_are_not_chosen_between(times: Write) -> None:
    twice = "id,time\namal,2026-03-01T10:00:00Z\namal,{}\n"
    with pytest.raises(TimesError, match="lines 2 and 3"):
        read_times(times(twice.format("2026-03-02T10:00:00Z"))).of(KEY, [AMAL])
    same = read_times(times(twice.format("2026-03-01T11:00:00+01:00"))).of(KEY, [AMAL])
    assert utc(same["amal"]) == "2026-03-01T10:00:00+00:00"


# ---- whole classes --------------------------------------------------------------------------------------------------


def hand_in(root: Path, *students: Student, submitted: str | None = None) -> Submission:
    members = students if len(students) > 1 else ()
    return Submission(students[0], root, submitted=submitted, members=members)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    sections = "".join(f'[homework.{key}]\ndue = "2026-03-01 12:00 +01:00"\n' for key in (KEY, OTHER))
    path.write_text(f"{sections}[late]\noff_per_day = 1\n")
    return path


def test_the_file_goes_before_what_the_download_says(tmp_path: Path, times: Write, policy: Path) -> None:
    path = times("id,time\namal,2026-03-02T13:00:00+01:00\n")
    group = hand_in(tmp_path / "amal", AMAL, Student("cy", "Cy"), submitted="2026-03-01T12:00:00+01:00")
    alone = hand_in(tmp_path / "bo", BO, submitted="2026-03-01T12:00:01+01:00")
    nobody = hand_in(tmp_path / "dana", Student("dana", "Dana"), submitted="LATE")
    classes = {KEY: HomeworkClass((group, alone, nobody), 14.0)}
    made, remarks = under_policy(policy, str(path), classes)
    days = {who: one.days_late for who, one in made[KEY].standings.items()}
    assert days == {"amal": 2, "cy": 2, "bo": 1, "dana": 0}
    assert "no submission time known" in made[KEY].standings["dana"].words
    assert any("1 of 4 (dana)" in remark for remark in remarks)
    control, _ = under_policy(policy, None, classes)
    assert control[KEY].standings["amal"].days_late == 0


def test_what_an_lms_calls_a_student_finds_the_time_too(tmp_path: Path, times: Write, policy: Path) -> None:
    path = times("user_id,submitted_at\n4711,2026-03-02T11:00:01Z\n")
    one = Submission(AMAL, tmp_path, lms={"canvas": "4711", "late": "marked LATE by Canvas"})
    made, _ = under_policy(policy, str(path), {KEY: HomeworkClass((one,), 14.0)})
    assert made[KEY].standings["amal"].days_late == 2
    made, remarks = under_policy(policy, None, {KEY: HomeworkClass((one,), 14.0)})
    assert made[KEY].standings["amal"].minus == 0.0
    assert made[KEY].standings["amal"].words.endswith("(marked LATE by Canvas)")
    assert any("marks as late: amal" in remark for remark in remarks)


def test_lines_that_fit_nobody_are_said(tmp_path: Path, times: Write, policy: Path) -> None:
    path = times("id,time\namal,2026-03-01T10:00:00Z\namall,2026-03-01T10:00:00Z\n")
    _, remarks = under_policy(policy, str(path), {KEY: HomeworkClass((hand_in(tmp_path, AMAL),), 14.0)})
    assert any("line 3 (amall)" in remark for remark in remarks)


def test_one_file_for_several_homeworks_must_tell_them_apart(tmp_path: Path, times: Write, policy: Path) -> None:
    classes = {key: HomeworkClass((hand_in(tmp_path / key, AMAL),), 14.0) for key in (KEY, OTHER)}
    with pytest.raises(TimesError, match="column homework"):
        under_policy(policy, str(times("id,time\namal,2026-03-02T10:00:00Z\n")), classes)
    rows = f"{KEY},amal,2026-03-02T10:00:00Z\n{OTHER},amal,2026-03-04T10:00:00Z\n"
    made, _ = under_policy(policy, str(times(f"homework,id,time\n{rows}")), classes)
    assert {key: one.standings["amal"].days_late for key, one in made.items()} == {KEY: 1, OTHER: 3}


def test_files_dates_only_on_request_and_then_said(tmp_path: Path, policy: Path) -> None:
    from grader.intake.archive import FileBytes

    for name, at in (("a.py", "2026-03-01T08:00:00+00:00"), ("b.py", "2026-03-03T08:00:00+00:00")):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (datetime.fromisoformat(at).timestamp(),) * 2)
    one = Submission(AMAL, tmp_path, tuple(FileBytes(name, tmp_path / name) for name in ("a.py", "b.py")))
    assert utc(by_file_dates(one).at) == "2026-03-03T08:00:00+00:00"
    made, _ = under_policy(policy, "files", {KEY: HomeworkClass((one,), 14.0)})
    assert made[KEY].standings["amal"].days_late == 2
    assert "by the file's date" in made[KEY].standings["amal"].words
    silent, _ = under_policy(policy, None, {KEY: HomeworkClass((one,), 14.0)})
    assert silent[KEY].standings["amal"].days_late == 0


# ---- commits --------------------------------------------------------------------------------------------------------

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str, when: str = "", stdin: str = "") -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        **({"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"} if when else {}),
    }
    command = ["git", "-c", "init.defaultBranch=main", "-C", str(folder), *arguments]
    done = subprocess.run(
        command, env=environment, input=stdin, capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "amal"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "hw.py").write_text("x = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first", when="2026-03-01T10:00:00+01:00")
    (folder / "hw.py").write_text("x = 2\n")
    git(folder, "commit", "-q", "-a", "-m", "committer X <x> 5 +0000", when="2026-03-02T10:00:00+05:30")
    return folder


LAST = "2026-03-02T04:30:00+00:00"


@needs_git
def test_the_last_commit_loose_packed_and_detached(repository: Path) -> None:
    assert utc(commit_time(repository)) == LAST
    git(repository, "gc", "-q")
    assert not (repository / ".git" / "refs" / "heads" / "main").exists()  # it is in packed-refs now
    assert utc(commit_time(repository)) == LAST
    git(repository, "checkout", "-q", "HEAD~1")
    assert utc(commit_time(repository)) == "2026-03-01T09:00:00+00:00"


@needs_git
def test_a_page_says_that_the_time_is_a_commit_s(repository: Path, policy: Path) -> None:
    made, _ = under_policy(policy, None, {KEY: HomeworkClass((hand_in(repository, AMAL),), 14.0)})
    assert made[KEY].standings["amal"].days_late == 1
    assert "by the date of the last commit" in made[KEY].standings["amal"].words
    told = hand_in(repository, AMAL, submitted="2026-03-01T09:00:00+01:00")
    assert utc(handed_in(told, {}, None).at) == "2026-03-01T08:00:00+00:00"  # the LMS knows better


@needs_git
def test_nothing_from_a_hand_in_s_repository_is_run(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    commit = git(repository, "cat-file", "commit", "HEAD")
    signed = commit.replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1)
    name = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).strip()
    (repository / ".git" / "refs" / "heads" / "main").write_text(f"{name}\n")
    with (repository / ".git" / "config").open("a") as config:
        config.write(f"[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {trap}\n[core]\n\tfsmonitor = {trap}\n")
        config.write(f"\tpager = {trap}\n\tsshCommand = {trap}\n\thooksPath = {tmp_path}\n")
    assert utc(commit_time(repository)) == LAST
    assert not ran.exists()
    git(repository, "log", "-1", "--format=%cI")
    assert ran.exists()  # the control: git itself would have run it


@needs_git
def test_odd_repositories_give_no_time(repository: Path, tmp_path: Path) -> None:
    inside = repository / ".git"
    head, main = (inside / "HEAD").read_text(), (inside / "refs" / "heads" / "main").read_text()
    secret = tmp_path / "secret"
    secret.write_text(main)
    for odd in (
        "ref: refs/../../secret",
        "ref: refs/heads/none",
        "0" * 40,
        "x" * 100_000,
        "ref: refs/heads/main\nx",
        "",
    ):
        (inside / "HEAD").write_text(odd)
        assert commit_time(repository) is None, odd[:40]
    (inside / "HEAD").write_text(head)
    assert commit_time(repository) is not None  # the control
    (inside / "refs" / "heads" / "main").unlink()
    (inside / "refs" / "heads" / "main").symlink_to(secret)
    assert commit_time(repository) is None
    (inside / "HEAD").unlink()
    os.mkfifo(inside / "HEAD")  # to be read from nobody
    assert commit_time(repository) is None


@needs_git
def test_a_folder_inside_the_instructor_s_own_repository_has_no_time(repository: Path) -> None:
    (repository / "bo").mkdir()
    assert commit_time(repository / "bo") is None
    (repository / "bo" / ".git").symlink_to(repository / ".git")
    assert commit_time(repository / "bo") is None
