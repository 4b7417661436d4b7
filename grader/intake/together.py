"""Who belongs to which hand-in, once all are known: groups that list their members, and one id for one hand-in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grader.intake.layouts.groups import listed_members
from grader.intake.submission import Submission
from grader.model import Student

_GROUP_NAME = re.compile(r"(?:group|team|gruppe|grp)[\s_.-]*\w{0,3}", re.IGNORECASE)
"""A folder so named is nobody's own, where a list says who the members are."""


def settled(submissions: Sequence[Submission]) -> tuple[tuple[Submission, ...], tuple[str, ...]]:
    """The submissions sorted by student id, with the members that their files list; and what should be said of them."""
    listed = [_with_listed(one) for one in submissions]
    named = [new.student.id for old, new in zip(submissions, listed, strict=True) if new.members != old.members]
    numbered, remarks = _numbered(listed)
    own, more = without_double_rows(numbered)
    if named:
        some = ", ".join(named[:10]) + (", …" if len(named) > 10 else "")
        remarks.append(f"A file in the hand-in lists the members of a group, who all get its marks: {some}.")
    return tuple(sorted(own, key=lambda one: one.student.id)), (*remarks, *more)


def _with_listed(submission: Submission) -> Submission:
    if submission.members:
        return submission
    students, file = listed_members(submission.files)
    lead = submission.student
    own = {one.id.casefold() for one in (lead, *students) if one == lead or _is_address_of(one.id, lead.id)}
    if not any(student.id.casefold() in own for student in students) and not _GROUP_NAME.fullmatch(lead.id):
        students = (lead, *students)
    if len(students) < 2:
        return submission
    # the folder's own id stays as it is, so that it is the same student with and without the list
    members = tuple(dict.fromkeys(lead if student.id.casefold() in own else student for student in students))
    if len(members) < 2:
        return submission
    remark = f"The members are those that {file} lists: {', '.join(student.id for student in members)}."
    return replace(submission, members=members, remarks=(*submission.remarks, remark))


def _is_address_of(address: str, name: str) -> bool:
    """Whether it is the address that begins with this name: amal@example.edu is amal's."""
    return "@" in address and address.partition("@")[0].casefold() == name.casefold()


def _numbered(submissions: Sequence[Submission]) -> tuple[list[Submission], list[str]]:
    """The same with different ids: two hand-ins of one id are two rows, and that is said."""
    seen: Counter[str] = Counter()
    result, remarks = [], []
    for one in submissions:
        seen[one.student.id] += 1
        if seen[one.student.id] > 1:
            other = Student(f"{one.student.id} ({seen[one.student.id]})", one.student.name)
            members = tuple(other if student.id == one.student.id else student for student in one.members)
            remarks.append(f"There are two hand-ins of {one.student.id}; the other one is listed as {other.id}.")
            one = replace(one, student=other, members=members)
        result.append(one)
    return result, remarks


def without_double_rows(submissions: Sequence[Submission]) -> tuple[list[Submission], list[str]]:
    """The same, but nobody gets two rows: a hand-in of one's own counts, and two groups are for a human to settle."""
    own = {one.student.id for one in submissions}
    groups = Counter(student.id for one in submissions for student in one.members)
    result, remarks = [], []
    for one in submissions:
        kept = []
        for student in one.members:
            if student.id == one.student.id or (student.id not in own and groups[student.id] == 1):
                kept.append(student)
            elif student.id in own:
                remarks.append(f"{student.id} is a member of {one.student.id}'s group too; their own hand-in counts.")
            else:
                remarks.append(
                    f"{student.id} is listed in {groups[student.id]} groups, one of them {one.student.id}'s, "
                    "and gets no row from any; decide by hand."
                )
        result.append(replace(one, members=tuple(kept) if len(kept) > 1 else ()))
    return result, remarks
