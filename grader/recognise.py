"""Which homework a set of submissions is: told by the words of each homework that the files contain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.intake.discover import Submission
from grader.rubric import Homework

ENOUGH = 2
LOOKED_AT = 20


class Uncertain(Exception):
    """The files do not tell; the message says what was seen and lists the keys."""


def recognise(submissions: Sequence[Submission], homeworks: Sequence[Homework]) -> str:
    """The key of the homework that most of the first submissions speak for, if enough of its words are there."""
    votes: dict[str, int] = {}
    for submission in submissions[:LOOKED_AT]:
        words = set(re.findall(r"\w+", submission.text()))
        seen = {homework.key: len(words & set(homework.fingerprint)) for homework in homeworks}
        best = max(seen.values(), default=0)
        leaders = [key for key, count in seen.items() if count == best]
        if best >= ENOUGH and len(leaders) == 1:
            votes[leaders[0]] = votes.get(leaders[0], 0) + 1
    ranked = sorted(votes, key=lambda key: -votes[key])
    if ranked and (len(ranked) == 1 or votes[ranked[0]] > 2 * votes[ranked[1]]):
        return ranked[0]
    known = ", ".join(homework.key for homework in homeworks)
    saw = ", ".join(f"{votes[key]} that look like {key}" for key in ranked) or "none that looks like a known homework"
    raise Uncertain(
        f"Which homework is this? Among {len(submissions)} submissions there are {saw}. "
        f"Say it with --homework KEY; the keys are: {known}."
    )
