"""Who handed in what: the submissions in a folder, a file or a zip. Nothing is opened but zips' tables of contents."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.intake.archive import BadFile, FileBytes, is_ignored, members
from grader.intake.text import clean
from grader.model import Student

MAX_FILES = 500
_COPY = re.compile(r"(?:\s*\(\d+\)|[-_ ]copy\d*|\s+-\s+copy)+$", re.IGNORECASE)
_CODE = frozenset({".ipynb", ".py"})
_TEXT = _CODE | {".md", ".txt", ".markdown", ".tex", ".csv"}
_MANY_NOTEBOOKS = 5
_MAX_DEPTH = 8


class NothingToGrade(Exception):
    """There is no submission where the user pointed; the message is a whole sentence."""


@dataclass(frozen=True)
class Submission:
    """One student's files, sorted by name. `problem` says why they could not even be listed (a damaged zip)."""

    student: Student
    root: Path
    files: tuple[FileBytes, ...] = ()
    problem: str | None = None

    def digest(self) -> str:
        """Equal for equal names and contents, so that an unchanged submission need not be judged again."""
        digest = hashlib.sha256((self.problem or "").encode())
        for file in self.files:
            digest.update(repr(file.name).encode())
            digest.update(hashlib.sha256(_bytes_of(file)).digest())
        return digest.hexdigest()

    def text(self) -> str:
        """The raw text of notebooks, scripts and prose, to tell which homework they are."""
        return "\n".join(_bytes_of(file).decode("utf-8", "replace") for file in self.files if file.suffix in _TEXT)


def discover(path: Path) -> tuple[Submission, ...]:
    """The submissions at `path`, sorted by student id. Raises NothingToGrade.

    A folder: each child folder and each file directly inside is one submission; files of one stem are one student's.
    A zip: the class when its folders are, else one student. A single file: one student.
    """
    if not path.exists():
        raise NothingToGrade(
            f"{path} does not exist. Give a folder of submissions, one notebook, one script or one zip."
        )
    if path.is_dir():
        found = _in_folder(path)
    elif path.suffix.lower() == ".zip":
        found = _in_zip(path)
    else:
        found = (_submission(_stem_id(path.name), path, (FileBytes(path.name, path),)),)
    if not found:
        raise NothingToGrade(
            f"There is no submission in {path}. It should hold one folder, notebook, script or zip for each student."
        )
    return found


def submission_at(path: Path) -> Submission:
    """One student's submission: a folder with their files, a file, or a zip. Raises NothingToGrade."""
    if not path.exists():
        raise NothingToGrade(f"{path} does not exist. Give one student's folder, notebook, script or zip.")
    student = clean(path.name) if path.is_dir() else _stem_id(path.name)
    found = _walk(path, path.resolve()) if path.is_dir() else [FileBytes(clean(path.name), path)]
    try:
        return _submission(student, path, found if path.is_dir() else _unzipped(found))
    except BadFile as error:
        return _submission(student, path, (), str(error))


def homework_folders(path: Path, keys: Collection[str]) -> Mapping[str, Path]:
    """The children of a folder that are named by homework keys, by key; empty when there are none."""
    if not path.is_dir():
        return {}
    found: dict[str, Path] = {}
    for child in sorted(path.iterdir()):
        key = child.stem if child.suffix.lower() == ".zip" else child.name
        if key in keys and (child.is_dir() or child.suffix.lower() == ".zip"):
            found.setdefault(key, child)
    return found


def _in_folder(root: Path) -> tuple[Submission, ...]:
    files: dict[str, list[FileBytes]] = {}
    roots: dict[str, Path] = {}
    problems: dict[str, str] = {}
    try:
        children = sorted(root.iterdir(), key=lambda child: child.name)
    except OSError as error:
        raise NothingToGrade(f"{root} cannot be read: {error.strerror or error}.") from None
    whole = root.resolve()
    for child in children:
        if is_ignored(PurePosixPath(child.name)) or not _is_inside(child, whole):
            continue
        if child.is_dir():
            student = clean(child.name)
            files.setdefault(student, []).extend(_walk(child, whole))
        elif child.is_file():
            student = _stem_id(child.name)
            file = FileBytes(clean(child.name), child)
            try:
                files.setdefault(student, []).extend(_unzipped([file]))
            except BadFile as error:
                problems[student] = str(error)
        else:
            continue
        roots.setdefault(student, child)
    return tuple(_submission(s, roots[s], files[s], problems.get(s)) for s in sorted(files))


def _in_zip(path: Path) -> tuple[Submission, ...]:
    student = _stem_id(path.name)
    try:
        found = members(FileBytes(path.name, path))
    except BadFile as error:
        return (_submission(student, path, (), str(error)),)
    groups, is_class = _grouped(found)
    if not is_class:
        try:
            return (_submission(student, path, _unzipped(found)),)
        except BadFile as error:
            return (_submission(student, path, (), str(error)),)
    submissions = []
    for name in sorted(groups):
        try:
            submissions.append(_submission(name, path, _unzipped(groups[name])))
        except BadFile as error:
            submissions.append(_submission(name, path, (), str(error)))
    return tuple(submissions)


def _grouped(found: Iterable[FileBytes]) -> tuple[dict[str, list[FileBytes]], bool]:
    """The members of a zip by the folder or stem that may be a student, and whether they are a class."""
    split = [(PurePosixPath(file.name).parts, file) for file in found]
    while split and len({parts[0] for parts, _ in split}) == 1 and all(len(parts) > 1 for parts, _ in split):
        split = [(parts[1:], file) for parts, file in split]
    groups: dict[str, list[FileBytes]] = {}
    top: dict[str, set[str]] = {}
    for parts, file in split:
        inside = "/".join(parts[1:]) or parts[0]
        student = parts[0] if len(parts) > 1 else _stem_id(parts[0])
        groups.setdefault(student, []).append(FileBytes(inside, file.path, file.members))
        if len(parts) == 1:
            top.setdefault(file.suffix, set()).add(student)
    with_work = {student for student, files in groups.items() if any(file.suffix in _CODE | {".zip"} for file in files)}
    loose_code = top.get(".ipynb", set()) | top.get(".py", set())
    if loose_code:
        return groups, len(top.get(".ipynb", ())) >= _MANY_NOTEBOOKS and ".py" not in top
    return groups, len(with_work) >= 2


def _walk(folder: Path, whole: Path) -> list[FileBytes]:
    """The files below a student's folder, zips opened; links are not followed out of the class's folder."""
    found: list[FileBytes] = []
    for current, folders, names in os.walk(folder):
        here = Path(current)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(
            f
            for f in folders
            if depth < _MAX_DEPTH and not is_ignored(PurePosixPath(f)) and not (here / f).is_symlink()
        )
        for name in sorted(names):
            path = here / name
            if is_ignored(PurePosixPath(name)) or not _is_inside(path, whole) or not path.is_file():
                continue
            found.append(FileBytes(clean(path.relative_to(folder).as_posix()), path))
            if len(found) >= MAX_FILES:
                return found
    try:
        return _unzipped(found)
    except BadFile:
        return found


def _unzipped(files: Iterable[FileBytes]) -> list[FileBytes]:
    """The same files, with zips replaced by what they hold (one level). Raises BadFile."""
    found: list[FileBytes] = []
    for file in files:
        if file.suffix == ".zip":
            found.extend(members(file)[:MAX_FILES])
        else:
            found.append(file)
    return found


def _is_inside(path: Path, whole: Path) -> bool:
    if not path.is_symlink():
        return True
    try:
        return path.resolve(strict=True).is_relative_to(whole)
    except (OSError, RuntimeError):
        return False


def _stem_id(name: str) -> str:
    """A student's id from a file's name: its stem, without the marks of a copy ("hw (2)")."""
    stem = PurePosixPath(clean(name)).stem
    return _COPY.sub("", stem) or stem


def _submission(student: str, root: Path, files: Iterable[FileBytes], problem: str | None = None) -> Submission:
    name = " ".join(word.capitalize() if word.islower() else word for word in re.split(r"[\s_]+", student) if word)
    ordered = tuple(sorted(files, key=lambda file: file.name))
    return Submission(Student(student, name or student), root, ordered, problem)


def _bytes_of(file: FileBytes) -> bytes:
    try:
        return file.read()
    except BadFile as error:
        return str(error).encode()
