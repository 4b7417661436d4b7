"""Canvas, "Download submissions": flat files `lastnamefirstname_LATE_<user id>_<file id>_<the student's file name>`.

Text entries are `…_<user id>_text.html`, links `…_link.html`; where names are hidden, `anon_<id>` stands for name and
id. Canvas writes letters with their marks, digits and underscores only in the part before the ids, and marks late
hand-ins with LATE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.intake.archive import FileBytes
from grader.intake.layouts.entry import Entry, HandIn, Reading, almost, nearly_all, shown_name
from grader.model import Student

_NAMED = re.compile(
    r"(?P<who>(?:\w|[^\x00-\x7f])+?)(?P<late>_LATE)?_(?P<user>[1-9]\d+)_"
    r"(?:(?P<file>[1-9]\d{2,})_(?P<name>.+)|(?P<entry>(?:text|link)\.html))"
)
_HIDDEN = re.compile(
    r"(?P<late>LATE_)?(?P<who>anon_(?P<user>[A-Za-z0-9]{5}))_"
    r"(?:(?P<file>[1-9]\d{2,})_(?P<name>.+)|(?P<entry>(?:text|link)\.html))"
)
_DATE = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_ATTEMPT = re.compile(r"(?P<base>.+)-(?P<number>\d{1,2})")


@dataclass(frozen=True)
class _Upload:
    who: str
    user: str
    late: bool
    number: int  # Canvas numbers uploads upwards
    name: str
    entry: Entry


def canvas(entries: Sequence[Entry]) -> Reading | None:
    """The files by student: id is the Canvas user id, as in the column ID of the gradebook file."""
    uploads, strangers = [], []
    for entry in entries:
        upload = None if entry.folder else _upload(entry)
        if upload is None:
            strangers.append(entry)
        else:
            uploads.append(upload)
    if not _consistent(uploads):
        return None
    if not nearly_all(len(uploads), strangers):
        return almost("Canvas", len(uploads), entries)
    by_user: dict[str, list[_Upload]] = {}
    for upload in uploads:
        by_user.setdefault(upload.user, []).append(upload)
    return Reading("Canvas", tuple(_handin(user, found) for user, found in by_user.items()), tuple(strangers))


def _upload(entry: Entry) -> _Upload | None:
    found = _HIDDEN.fullmatch(entry.name) or _NAMED.fullmatch(entry.name)
    if found is None:
        return None
    late, number, name = bool(found["late"]), int(found["file"] or 0), found["name"] or found["entry"]
    user = found["who"] if found["who"].startswith("anon_") else found["user"]
    return _Upload(found["who"], user, late, number, name, entry)


def _consistent(uploads: Sequence[_Upload]) -> bool:
    """Whether the numbers can be Canvas's: a file id once, a user id with one name, and not one name for everybody.

    Without this, `hw_2024_1001_amal.ipynb` and `hw_2024_1002_bo.ipynb` would be one student's. Dates everywhere are
    none either: `amal_123456_20260301_hw3.ipynb` is named by a rule of the course.
    """
    numbers = [upload.number for upload in uploads if upload.number]
    names = {upload.user: upload.who for upload in uploads}
    if numbers and all(_DATE.fullmatch(str(number)) for number in numbers):
        return False
    if len(numbers) != len(set(numbers)) or any(names[upload.user] != upload.who for upload in uploads):
        return False
    if len(names) > 1:
        return len(set(names.values())) > 1
    notebooks = sum(upload.name.endswith(".ipynb") for upload in _newest(uploads)[0])
    return notebooks <= 1 and all(number > 9_999 for number in numbers)


def _handin(user: str, uploads: Sequence[_Upload]) -> HandIn:
    kept, older = _newest(uploads)
    name = shown_name(uploads[0].who)
    lms = {"canvas": user} | ({"late": "marked LATE by Canvas"} if any(upload.late for upload in kept) else {})
    taken: set[str] = set()
    files = tuple(_renamed(upload, taken) for upload in kept)
    remarks = tuple(f"{old} was handed in before {new}, which counts." for old, new in older)
    return HandIn(Student(user, name), kept[0].entry.root, files, lms=lms, remarks=remarks)


def _renamed(upload: _Upload, taken: set[str]) -> FileBytes:
    """The file under the name that the student gave it."""
    name = upload.name if upload.name not in taken else f"{upload.number}_{upload.name}"
    taken.add(name)
    return replace(upload.entry.files[0], name=name)


def _newest(uploads: Sequence[_Upload]) -> tuple[list[_Upload], list[tuple[str, str]]]:
    """The uploads without those that a later one took the place of, and (old, new) names of the latter.

    Canvas names a file that is handed in again `hw-1.ipynb`, `hw-2.ipynb`. `part-1.ipynb` and `part-2.ipynb` with no
    `part.ipynb` are two parts of one hand-in, and stay; so does a number that the order of the uploads contradicts.
    """
    plain = {upload.name: upload for upload in uploads}
    attempts: dict[str, list[tuple[int, _Upload]]] = {}
    for upload in uploads:
        stem, dot, suffix = upload.name.rpartition(".")
        found = _ATTEMPT.fullmatch(stem)
        if found and dot and f"{found['base']}.{suffix}" in plain:
            attempts.setdefault(f"{found['base']}.{suffix}", []).append((int(found["number"]), upload))
    gone: dict[str, str] = {}
    for name, later in attempts.items():
        ordered = [plain[name], *(upload for _, upload in sorted(later, key=lambda one: one[0]))]
        if [upload.number for upload in ordered] == sorted(upload.number for upload in ordered):
            gone |= {upload.name: ordered[-1].name for upload in ordered[:-1]}
    return [upload for upload in uploads if upload.name not in gone], sorted(gone.items())
