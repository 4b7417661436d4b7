"""The class as it stands: hand-ins with the roster's names, groups with all their members, and who is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.export.files import write_atomically
from grader.intake.layouts.groups import MAX_MEMBERS
from grader.intake.submission import Submission
from grader.intake.together import without_double_rows
from grader.model import Student, SubmissionReport
from grader.people.matching import Match, match, name_forms
from grader.people.roster import Roster, RosterStudent, read_roster

ROSTER_COPY = "roster.csv"
LMS_IDS = "lms.json"
_SHOWN = 10


@dataclass(frozen=True)
class Enrolment:
    """The submissions under the roster's names; `remarks` for the terminal, `about` for the workbook."""

    submissions: tuple[Submission, ...]
    remarks: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()


@dataclass
class _Groups:
    """What the roster's column `group` makes of the hand-ins."""

    submissions: list[Submission] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)  # rows of the roster: members without a hand-in of their own
    remarks: list[str] = field(default_factory=list)


def enrol(submissions: Sequence[Submission], roster: Roster | None) -> Enrolment:
    """Merge the roster's names and groups; say who is missing and which hand-ins are nobody's on the roster."""
    if roster is None:
        return Enrolment(tuple(submissions))
    matched = match(roster.students, _students(submissions), {one.student.id: one.lms for one in submissions})
    named = [_named(one, matched) for one in submissions]
    groups = _grouped(named, matched, roster)
    unique, doubles = without_double_rows(groups.submissions)
    missing = [one for one in matched.missing if one.row not in groups.covered]
    rows = {student.id for one in unique for student in (*one.members, one.student)}
    strays = [words for student, words in sorted(matched.unmatched.items()) if student in rows]
    remarks = [*groups.remarks, *doubles]
    about = [("Roster", f"{roster.file.path.name}: {len(roster.students)} students, {len(missing)} without a hand-in")]
    if missing:
        names = [one.label for one in missing]
        about.append(("Nothing handed in", ", ".join(names)))
        remarks.append(f"{len(missing)} of {len(roster.students)} on the roster handed nothing in: {_first(names)}")
    if strays:
        about.append(("Not matched with the roster", " ".join(strays)))
        remarks += strays[:_SHOWN]
        if len(strays) > _SHOWN:
            remarks.append(f"{len(strays) - _SHOWN} more hand-ins were not matched; the sheet About lists them all.")
    return Enrolment(tuple(unique), tuple(remarks), (*about, *(("Groups", words) for words in groups.remarks)))


def report_rows(reports: Sequence[SubmissionReport], submissions: Sequence[Submission]) -> tuple[SubmissionReport, ...]:
    """The reports with the remarks of their hand-ins, one for each member of a group; sorted by student id."""
    by_id = {one.student.id: one for one in submissions}
    rows = []
    for report in reports:
        one = by_id.get(report.student.id)
        if one is None:
            rows.append(report)
            continue
        notes = (*report.notes, *(words for words in one.remarks if words not in report.notes))
        for student in one.members or (one.student,):
            more = (_shared(student, one.members),) if one.members else ()
            rows.append(replace(report, student=student, notes=(*notes, *more)))
    return tuple(sorted(rows, key=lambda report: report.student.id))


def keep_lists(folder: Path, roster: Roster | None, submissions: Sequence[Submission]) -> None:
    """Keep beside the results what an export needs: the roster as it was given, and the LMS's ids of the hand-ins."""
    if roster is not None:
        write_atomically(folder / ROSTER_COPY, roster.file.bytes())
    known = {one.student.id: dict(one.lms) for one in submissions if one.lms}
    if known:
        write_atomically(folder / LMS_IDS, json.dumps(known, ensure_ascii=True, indent=1, sort_keys=True).encode())
    else:
        (folder / LMS_IDS).unlink(missing_ok=True)  # an earlier run's ids are not this one's


def kept_roster(folder: Path) -> Roster | None:
    """The roster of the run whose results stand in `folder`; None where there was none."""
    path = folder / ROSTER_COPY
    return read_roster(path) if path.is_file() else None


def kept_ids(folder: Path) -> dict[str, dict[str, str]]:
    """The LMS's ids by student id, as `keep_lists` left them; empty where there are none."""
    try:
        known = json.loads((folder / LMS_IDS).read_text(encoding="utf-8"))
        return {str(student): {str(k): str(v) for k, v in ids.items()} for student, ids in known.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _students(submissions: Sequence[Submission]) -> list[Student]:
    found = {student.id: student for one in submissions for student in one.members}
    found |= {one.student.id: one.student for one in submissions}
    return list(found.values())


def _named(submission: Submission, matched: Match) -> Submission:
    def named(student: Student) -> Student:
        known = matched.found.get(student.id)
        return Student(student.id, known.shown) if known is not None and known.shown else student

    return replace(submission, student=named(submission.student), members=tuple(map(named, submission.members)))


def _grouped(submissions: Sequence[Submission], matched: Match, roster: Roster) -> _Groups:
    """Give a hand-in to all students of its group, where nobody else of the group handed in."""
    result = _Groups(list(submissions))
    teams: dict[str, list[RosterStudent]] = {}
    for one in roster.students:
        if one.group:
            teams.setdefault(one.group, []).append(one)
    handed_in = {name: _hand_ins_of(name, team, submissions, matched) for name, team in teams.items()}
    counts = [len(found) for found in handed_in.values()]
    if sum(count > 1 for count in counts) > sum(count == 1 for count in counts):
        result.remarks.append("The roster's groups mostly handed in apart, so they were not taken for joint hand-ins.")
        return result
    for name, team in teams.items():
        of_team = handed_in[name]
        covered = {matched.found[s.id].row for at in of_team for s in _rows(submissions[at]) if s.id in matched.found}
        absent = [one for one in team if one.row not in covered]
        if not of_team or not absent or len(team) > MAX_MEMBERS:
            continue
        if len(of_team) > 1:
            ids = " and ".join(submissions[at].student.id for at in of_team)
            names = ", ".join(one.label for one in absent)
            result.remarks.append(f"Group {name}: {ids} handed in apart, so nothing was given to {names}.")
            continue
        handin = result.submissions[of_team[0]]
        present = [who for who in _rows(handin) if who.id in matched.found or who.id != handin.student.id]
        added = [_row_of(person, handin) for person in absent]
        remark = f"Handed in for the group {name}, as the roster has it."
        result.submissions[of_team[0]] = replace(handin, members=(*present, *added), remarks=(*handin.remarks, remark))
        result.covered |= {person.row for person in absent}
        others = _first([person.label for person in absent])
        result.remarks.append(f"Group {name}: the hand-in of {handin.student.id} counts for others too: {others}")
    return result


def _rows(submission: Submission) -> tuple[Student, ...]:
    return submission.members or (submission.student,)


def _hand_ins_of(
    group: str, team: Sequence[RosterStudent], submissions: Sequence[Submission], matched: Match
) -> list[int]:
    """Which submissions are the group's: a member's, or one under the group's own name."""
    rows = {one.row for one in team}
    found = []
    for at, one in enumerate(submissions):
        people = {matched.found[s.id].row for s in _rows(one) if s.id in matched.found}
        if people & rows or (not people and name_forms(one.student.id) & name_forms(group)):
            found.append(at)
    return found


def _row_of(person: RosterStudent, submission: Submission) -> Student:
    """A student's row who has no hand-in of their own: their id is of the kind that the download uses."""
    kinds = [kind for kind in ("canvas", "moodle", "github") if kind in submission.lms]
    known = next((person.keys[k] for k in (*kinds, "id", "login", "email", "canvas", "moodle") if k in person.keys), "")
    return Student(known or person.shown, person.shown or known)


def _shared(student: Student, members: Sequence[Student]) -> str:
    others = ", ".join(other.name for other in members if other.id != student.id)
    return f"Handed in together with {others}; all members get the same report."


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more." if len(names) > _SHOWN else ".")
