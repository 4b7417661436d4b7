"""Moodle, "Download all submissions": folders `Full Name_<participant>_assignsubmission_file_`, or files that begin so.

The number is that of "Participant 123" in the grading worksheet. Online text stands in a folder or file of its own,
`…_assignsubmission_onlinetext_…`, and belongs to the same hand-in. Since Moodle 4.1 the last underscore is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.intake.layouts.entry import Entry, HandIn, Reading, almost, nearly_all
from grader.model import Student

_NAME = re.compile(r"(?P<who>.*?)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL)


def moodle(entries: Sequence[Entry]) -> Reading | None:
    """The entries by participant; id is the participant's number."""
    fitting: dict[str, list[tuple[re.Match[str], Entry]]] = {}
    strangers = []
    for entry in entries:
        found = _NAME.fullmatch(entry.name)
        if found is None or (not entry.folder and not found["rest"]):
            strangers.append(entry)
        else:
            fitting.setdefault(found["number"], []).append((found, entry))
    count = sum(map(len, fitting.values()))
    if not nearly_all(count, strangers):
        return almost("Moodle", count, entries)
    handins = tuple(_handin(*pair) for pair in fitting.items())
    names = {one.student.name for one in handins}
    if names == {"Participant"} or (len(names) == 1 and len(handins) > 1):
        # names are hidden: what stands for them is the same word for all, "Participant" in the site's language
        handins = tuple(
            replace(one, student=Student(one.student.id, f"{one.student.name} {one.student.id}")) for one in handins
        )
    return Reading("Moodle", handins, tuple(strangers))


def _handin(number: str, parts: Sequence[tuple[re.Match[str], Entry]]) -> HandIn:
    first, entry = parts[0]
    files = []
    for found, part in parts:
        for file in part.files:
            inside = file.name if part.folder else found["rest"]
            files.append(replace(file, name=f"{found['rest']}/{inside}" if part.folder and found["rest"] else inside))
    name = " ".join(first["who"].replace("_", " ").split()) or number
    return HandIn(Student(number, name), entry.root, tuple(files), lms={"moodle": number})
