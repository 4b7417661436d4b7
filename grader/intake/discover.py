"""Who handed in what: the submissions in a folder, a file or a zip. Nothing is opened but zips' tables of contents."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grader.intake.archive import BadFile, FileBytes, is_ignored, members
from grader.intake.layouts import LAYOUTS, Entry, HandIn, Reading
from grader.intake.layouts.entry import shown_name
from grader.intake.submission import CODE, Submission
from grader.intake.text import clean
from grader.intake.together import settled
from grader.model import Student

__all__ = ["Found", "NothingToGrade", "Submission", "discover", "homework_folders", "look_through", "submission_at"]

MAX_FILES = 500
_COPY = re.compile(r"(?:\s*\(\d+\)|[-_ ]copy\d*|\s+-\s+copy)+$", re.IGNORECASE)
_MANY_NOTEBOOKS = 5
_MAX_DEPTH = 8
_MAX_WRAPPERS = 3


class NothingToGrade(Exception):
    """There is no submission where the user pointed; the message is a whole sentence."""


@dataclass(frozen=True)
class Found:
    """The submissions, sorted by student id; the layout they were read by (None: plain); what the user should know."""

    submissions: tuple[Submission, ...]
    layout: str | None = None
    remarks: tuple[str, ...] = ()


def discover(path: Path) -> tuple[Submission, ...]:
    """The submissions at `path`, sorted by student id. Raises NothingToGrade."""
    return look_through(path).submissions


def look_through(path: Path) -> Found:
    """The submissions at `path`, and how they were recognised. Raises NothingToGrade.

    A folder or zip that a learning management system made is read by its layout. Otherwise, in a folder each child
    folder and each file directly inside is one submission, and files of one stem are one student's; a zip is the
    class when its folders are, else one student; a single file is one student.
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
        found = Found((_submission(_stem_id(path.name), path, (FileBytes(path.name, path),)),))
    if not found.submissions:
        raise NothingToGrade(
            f"There is no submission in {path}. It should hold one folder, notebook, script or zip for each student."
        )
    submissions, remarks = settled(found.submissions)
    return Found(submissions, found.layout, (*found.remarks, *remarks))


def submission_at(path: Path) -> Submission:
    """One student's submission: a folder with their files, a file, or a zip. Raises NothingToGrade."""
    if not path.exists():
        raise NothingToGrade(f"{path} does not exist. Give one student's folder, notebook, script or zip.")
    student = clean(path.name) if path.is_dir() else _stem_id(path.name)
    found = _opened(_walk(path, path.resolve())) if path.is_dir() else [FileBytes(clean(path.name), path)]
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


def _in_folder(root: Path) -> Found:
    entries = _children(root, root.resolve())
    laid, remarks = _by_layout(entries)
    return laid or Found(_plain(entries), remarks=remarks)


def _in_zip(path: Path) -> Found:
    student = _stem_id(path.name)
    try:
        found = members(FileBytes(path.name, path))
    except BadFile as error:
        return Found((_submission(student, path, (), str(error)),))
    laid, remarks = _by_layout(_zip_entries(found, path))
    if laid:
        return laid
    groups, is_class = _grouped(found)
    if not is_class:
        return Found((_unpacked(Student(student, shown_name(student)), path, found),), remarks=remarks)
    students = (_unpacked(Student(name, shown_name(name)), path, groups[name]) for name in sorted(groups))
    return Found(tuple(students), remarks=remarks)


def _children(root: Path, whole: Path) -> list[Entry]:
    """The children of a folder; clutter and links that lead out of `whole` are left out. Raises NothingToGrade."""
    try:
        children = sorted(root.iterdir(), key=lambda child: child.name)
    except OSError as error:
        raise NothingToGrade(f"{root} cannot be read: {error.strerror or error}.") from None
    entries = []
    for child in children:
        if is_ignored(PurePosixPath(child.name)) or not _is_inside(child, whole):
            continue
        name = clean(child.name)
        if child.is_dir():
            entries.append(Entry(name, child, tuple(_walk(child, whole)), True))
        elif child.is_file():
            entries.append(Entry(name, child, (FileBytes(name, child),), False))
    return entries


def _zip_entries(found: Iterable[FileBytes], root: Path) -> list[Entry]:
    """The members of a zip by what stands first in their names."""
    folders: dict[str, list[FileBytes]] = {}
    entries = []
    for file in found:
        first, slash, inside = file.name.partition("/")
        if slash:
            folders.setdefault(first, []).append(FileBytes(inside, file.path, file.members))
        else:
            entries.append(Entry(file.name, root, (file,), False))
    return entries + [Entry(name, root, tuple(files), True) for name, files in folders.items()]


def _by_layout(entries: Sequence[Entry], depth: int = 0) -> tuple[Found | None, tuple[str, ...]]:
    """The submissions as the download's layout has them, also inside a folder or zip that is the only child.

    Otherwise None, with what should be said of a layout that nearly fitted.
    """
    remarks: tuple[str, ...] = ()
    for layout in LAYOUTS:
        reading = layout(entries)
        if reading is not None and reading.handins:
            return _laid_out(reading), ()
        remarks += reading.remarks if reading is not None else ()
    if len(entries) == 1 and depth < _MAX_WRAPPERS:
        laid, deeper = _by_layout(_inside(entries[0]), depth + 1)
        return laid, remarks + deeper
    return None, remarks


def _inside(entry: Entry) -> list[Entry]:
    if entry.folder and entry.root.is_dir():
        return _children(entry.root, entry.root.resolve())
    if entry.folder:
        return _zip_entries(entry.files, entry.root)
    try:
        return _zip_entries(members(entry.files[0]), entry.root) if entry.files[0].suffix == ".zip" else []
    except BadFile:
        return []


def _laid_out(reading: Reading) -> Found:
    submissions = [_of_handin(handin) for handin in reading.handins]
    work = [entry for entry in reading.strangers if entry.is_work]
    beside = [entry.name for entry in reading.strangers if not entry.is_work]
    remarks = [f"The submissions were read as a download from {reading.layout}.", *reading.remarks]
    if work:
        names = ", ".join(entry.name for entry in work[:10]) + (", …" if len(work) > 10 else "")
        remarks.append(f"Without a name as {reading.layout} gives it, so listed under their own names: {names}.")
    if beside:
        names = ", ".join(beside[:10]) + (", …" if len(beside) > 10 else "")
        remarks.append(f"Taken for nobody's hand-in: {names}.")
    return Found((*submissions, *_plain(work)), reading.layout, tuple(remarks))


def _of_handin(handin: HandIn) -> Submission:
    made = _unpacked(handin.student, handin.root, handin.files)
    return replace(made, submitted=handin.submitted, lms=handin.lms, members=handin.members, remarks=handin.remarks)


def _plain(entries: Iterable[Entry]) -> tuple[Submission, ...]:
    """Each child by its own name; a folder and files of one stem are one student's."""
    files: dict[str, list[FileBytes]] = {}
    roots: dict[str, Path] = {}
    problems: dict[str, str] = {}
    for entry in entries:
        student = entry.name if entry.folder else _stem_id(entry.name)
        try:
            files.setdefault(student, []).extend(_opened(entry.files) if entry.folder else _unzipped(entry.files))
        except BadFile as error:
            problems[student] = str(error)
        roots.setdefault(student, entry.root)
    return tuple(_submission(s, roots[s], files[s], problems.get(s)) for s in sorted(files))


def _unpacked(student: Student, root: Path, files: Iterable[FileBytes]) -> Submission:
    """The submission with its zips opened; one that cannot be opened is its problem, unless there are other files."""
    files = tuple(files)
    try:
        return _of_student(student, root, _unzipped(files))
    except BadFile as error:
        readable = any(file.suffix in CODE for file in files)
        return _of_student(student, root, files if readable else (), None if readable else str(error))


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
    with_work = {student for student, files in groups.items() if any(file.suffix in CODE | {".zip"} for file in files)}
    loose_code = top.get(".ipynb", set()) | top.get(".py", set())
    if loose_code:
        return groups, len(top.get(".ipynb", ())) >= _MANY_NOTEBOOKS and ".py" not in top
    return groups, len(with_work) >= 2


def _walk(folder: Path, whole: Path) -> list[FileBytes]:
    """The files below a student's folder; links are not followed out of the class's folder."""
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
    return found


def _opened(files: Sequence[FileBytes], levels: int = _MAX_WRAPPERS) -> list[FileBytes]:
    """The files of a folder or zip, zips opened where they can be."""
    try:
        return _unzipped(files, levels)
    except BadFile:
        return list(files)


def _unzipped(files: Iterable[FileBytes], levels: int = _MAX_WRAPPERS) -> list[FileBytes]:
    """The same files, with zips replaced by what they hold; in a zip a single zip is opened as well. Raises BadFile."""
    found: list[FileBytes] = []
    for file in files:
        inside = members(file)[:MAX_FILES] if file.suffix == ".zip" else (file,)
        if levels > 1 and file.suffix == ".zip" and [one.suffix for one in inside].count(".zip") == 1:
            found.extend(_opened(inside, levels - 1))
        else:
            found.extend(inside)
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
    return _of_student(Student(student, shown_name(student) or student), root, files, problem)


def _of_student(student: Student, root: Path, files: Iterable[FileBytes], problem: str | None = None) -> Submission:
    return Submission(student, root, tuple(sorted(files, key=lambda file: file.name)), problem)
