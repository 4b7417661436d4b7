"""The homeworks that are installed: found through the entry points of group `grader.rubrics`, never by name."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from grader.rubric import Homework

GROUP = "grader.rubrics"


class UnknownHomework(Exception):
    """No rubric of that key is installed; the message lists those that are."""


def keys() -> tuple[str, ...]:
    """The keys of all installed homeworks, sorted."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


@cache
def homework(key: str) -> Homework:
    """The rubric of a key. Raises UnknownHomework with the keys that exist."""
    for entry in entry_points(group=GROUP):
        if entry.name == key:
            found: Homework = entry.load()
            return found
    raise UnknownHomework(f"There is no homework {key!r}. The homeworks are: {', '.join(keys()) or 'none installed'}.")
