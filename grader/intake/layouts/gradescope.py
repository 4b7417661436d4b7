"""Gradescope, "Export submissions": folders `submission_456` with a `submission_metadata.yml` that says whose they are.

The metadata is read line by line for the few fields that are needed. A general YAML reader would refuse it: it is a
Ruby dump, with the whole autograder output and objects of Ruby's own further down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.intake.archive import BadFile
from grader.intake.layouts.entry import Entry, HandIn, Reading
from grader.intake.text import decode
from grader.model import Student

METADATA = "submission_metadata.yml"
_KEY = re.compile(r"(?P<key>\S[^:]*(?::[^\s:]+)*):\s*")
_FIELD = re.compile(r"(?P<indent> *)(?P<item>- +)?:(?P<name>\w+):\s*(?P<value>.*)")
_ITEM = re.compile(r" *- ")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?")
_PERSON = frozenset({"name", "sid", "email"})


@dataclass(frozen=True)
class Record:
    """What the metadata says of one submission."""

    submitters: tuple[Mapping[str, str], ...]
    created_at: str | None


def gradescope(entries: Sequence[Entry]) -> Reading | None:
    """The folders with their submitters; several submitters handed in as a group."""
    metadata = next((entry for entry in entries if entry.name == METADATA and not entry.folder), None)
    if metadata is None:
        return None
    try:
        records = read_metadata(decode(metadata.files[0].read()))
    except BadFile as error:
        return Reading("Gradescope", (), _others(entries), (str(error),))
    handins, strangers, remarks = [], [], []
    for entry in _others(entries):
        record = records.get(entry.name)
        if record is not None and record.submitters:
            handins.append(_handin(entry, record))
        else:
            strangers.append(entry)
            if entry.folder:
                remarks.append(f"{METADATA} does not say whose {entry.name} is; it is listed under that name.")
    absent = sorted(records.keys() - {entry.name for entry in entries})
    if absent:
        remarks.append(f"{METADATA} names submissions that are not in the download: {', '.join(absent[:10])}.")
    if not handins:
        return None
    return Reading("Gradescope", tuple(handins), tuple(strangers), tuple(remarks))


def _others(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.name != METADATA)


def _handin(entry: Entry, record: Record) -> HandIn:
    students = tuple(_student(person, entry.name) for person in record.submitters)
    first = record.submitters[0]
    lms = {"gradescope": entry.name} | {kind: first[kind] for kind in ("sid", "email") if first.get(kind)}
    members = students if len(students) > 1 else ()
    return HandIn(students[0], entry.root, entry.files, record.created_at, lms, members)


def _student(person: Mapping[str, str], submission: str) -> Student:
    known = person.get("sid") or person.get("email") or person.get("name") or submission
    return Student(known, person.get("name") or known)


def read_metadata(text: str) -> dict[str, Record]:
    """Submitters and time by the name of the submission's folder.

    >>> read_metadata("submission_7:\\n  :submitters:\\n  - :name: Amal\\n    :sid: '007'\\n")
    {'submission_7': Record(submitters=({'name': 'Amal', 'sid': '007'},), created_at=None)}
    """
    found: dict[str, Record] = {}
    for key, lines in _blocks(text).items():
        people: list[dict[str, str]] = []
        section, created = "", None
        for line in lines:
            if section == "submitters" and _ITEM.match(line):
                people.append({})
            field = _FIELD.fullmatch(line.rstrip())
            at_top = field is not None and len(field["indent"]) <= 2 and not field["item"]
            if field is not None and at_top:
                section = field["name"]
            if section == "created_at" and created is None:
                created = _time(line)
            if field is None or at_top or section != "submitters" or field["name"] not in _PERSON:
                continue
            if people and (value := _scalar(field["value"])):
                people[-1][field["name"]] = value
        found[key] = Record(tuple(person for person in people if person), created)
    return found


def _blocks(text: str) -> dict[str, list[str]]:
    """The lines below each key that stands at the beginning of a line."""
    blocks: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "-", "#", "") or line.startswith("---"):
            current.append(line)
        elif match := _KEY.fullmatch(line):
            current = blocks.setdefault(_scalar(match["key"]), [])
    return blocks


def _scalar(written: str) -> str:
    """A name or number as YAML writes it, quoted or plain."""
    written = written.strip()
    if len(written) > 1 and written[0] == written[-1] == "'":
        return written[1:-1].replace("''", "'")
    if len(written) > 1 and written[0] == written[-1] == '"':
        escaped = re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", written)
        try:
            return str(json.loads(escaped))
        except ValueError:
            return written[1:-1]
    return "" if written in ("~", "null") or written[:1] in ("!", "&", "*", "|", ">") else written


def _time(line: str) -> str | None:
    """A time as ISO 8601; Gradescope's are UTC where nothing else is said."""
    found = _TIME.search(line)
    if found is None:
        return None
    zone = found[3] if found[3] not in (None, "Z", "UTC") else "+00:00"
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC).isoformat()
    except ValueError:
        return None
