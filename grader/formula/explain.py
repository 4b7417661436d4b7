"""Problems and diagnoses in words: the student's line with a caret under the culprit.

The words themselves are made where the problem is found; this is their layout.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol

WIDTH = 100


class Remark(Protocol):
    """What has words and a place: a `Problem` or a `Diagnosis`."""

    @property
    def words(self) -> str: ...

    @property
    def offset(self) -> int: ...

    @property
    def length(self) -> int: ...


def explain(text: str, remark: Remark) -> str:
    """The words, then the line of `text` that holds the place, then carets under it.

    >>> from grader.formula.tree import UnknownSymbol
    >>> print(explain("W1 q", UnknownSymbol("The question does not know a symbol 'q'.", 3, 1, "q")))
    The question does not know a symbol 'q'.
        W1 q
           ^
    """
    start = min(max(remark.offset, 0), len(text))
    while 0 < start == len(text) and text[start - 1] in "\r\n":
        start -= 1
    first = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    stops = [place for place in (text.find("\n", start), text.find("\r", start)) if place >= 0]
    last = min(stops, default=len(text))
    end = min(max(remark.offset + remark.length, start + 1), max(last, start + 1))
    left, right = _window(first, last, start, min(end, last))
    before, culprit, after = text[left:start], text[start : min(end, right)], text[min(end, right) : right]
    head, tail = ("…" if left > first else ""), ("…" if right < last else "")
    line = head + _plain(before) + _plain(culprit) + _plain(after) + tail
    carets = " " * _columns(head + before) + "^" * max(1, _columns(culprit))
    return f"{remark.words}\n    {line}\n    {carets}"


def _window(first: int, last: int, start: int, end: int) -> tuple[int, int]:
    """The part of a long line that is shown: the culprit with some of what surrounds it."""
    if last - first <= WIDTH:
        return first, last
    left = max(first, start - WIDTH // 3)
    right = min(last, max(left + WIDTH, min(end + 10, left + 2 * WIDTH)))
    return left, right


def _plain(text: str) -> str:
    """One column for a tab and for what a terminal would obey rather than show."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)


def _columns(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Cf") else
        2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )  # fmt: skip
