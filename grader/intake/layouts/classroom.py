"""GitHub Classroom: clones `assignment-username`, each a folder with a `.git` of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from grader.intake.layouts.entry import Entry, HandIn, Reading, nearly_all, shown_name
from grader.model import Student


def classroom(entries: Sequence[Entry]) -> Reading | None:
    """The clones by what follows the assignment's name, which all have in common. Two clones at least.

    Where all user names begin alike ("uni-amal", "uni-bo"), that beginning is taken for the assignment's; the whole
    name is kept, so that a roster still finds the user.
    """
    clones = [entry for entry in entries if entry.folder and (entry.root / ".git").exists()]
    cloned = {entry.name for entry in clones}
    strangers = tuple(entry for entry in entries if entry.name not in cloned)
    if len(clones) < 2 or not nearly_all(len(clones), strangers):
        return None
    # what the first and the last name in the alphabet have in common, all have
    assignment = "".join(
        a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(cloned), max(cloned), strict=False))
    )
    start = assignment.rfind("-") + 1
    if start < 2 or any(len(name) <= start for name in cloned):
        return None
    return Reading("GitHub Classroom", tuple(_handin(entry, start) for entry in clones), strangers)


def _handin(entry: Entry, start: int) -> HandIn:
    user = entry.name[start:]
    lms = {"github": user, "repository": entry.name}
    return HandIn(Student(user, shown_name(user)), entry.root, entry.files, lms=lms)
