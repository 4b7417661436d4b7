"""Labelled formulas in a line: "∂l/∂W1 = …, ∂l/∂b1 = …" cut where a new label begins. The rubric knows the labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")
LabelOf = Callable[[str, bool], T | None]
"""What a text left of a sign labels, or None; the flag tells whether the sign is one of equality (=, ←) or a colon."""

SIGNS: Final = ("=", ":=", "←", r"\leftarrow", r"\gets")
_SPLIT = re.compile(
    r"[,;]|\\q?quad|\\\\(?!\[)|<br\s*/?>|\n|\t|(?<!\\)&|\s(?:and|y|und|et)\s|\\text\s*\{\s*and\s*\}|、|，|；|\$\s+\$|\s{3,}|\.\s"
)
_SEPARATOR = re.compile(r":=|=(?!=)|←|\\leftarrow\b|\\gets\b|:(?!=)|->|→|\s(?:is|are|es|ist|est)\s|\s[-–—]\s|\t|\|")
_END = re.compile(r"(?:[,;.]|\\q?quad|\\\\|<br\s*/?>|&|\b(?:and|und|et)|、|，|；)\s*$")
_TRIED: Final = 4
MAX_PLACES: Final = 200


def labelled(text: str, label_of: LabelOf[T], *, equations_only: bool = False) -> tuple[T, str] | None:
    """The label that a text begins with, and the formula behind it.

    >>> labelled("a: b = c", lambda left, _: left.strip() if left.strip() in "abc" else None)
    ('a', 'b = c')
    """
    for found in list(_SEPARATOR.finditer(text[:2_000]))[:_TRIED]:
        is_equation = found[0].strip() in SIGNS
        if equations_only and not is_equation:
            continue
        label = label_of(text[: found.start()], is_equation)
        right = behind(text, found.end())
        if label is not None and right.strip(" $"):
            return label, right
    return None


def behind(text: str, at: int) -> str:
    """The text from there on, without a dollar sign that has lost its other half."""
    right = text[at:].strip()
    return right.replace("$", " ").strip() if right.count("$") % 2 else right


def separators(text: str, most: int) -> list[re.Match[str]]:
    """The first places at which a label may end."""
    return list(_SEPARATOR.finditer(text))[:most]


def equations(text: str, label_of: LabelOf[T]) -> Iterator[str]:
    """The text, cut before every labelled equation that follows a comma, a blank, "and" and the like."""
    cuts = [0]
    depth = 0
    places = {found.start(): found.end() for found in list(_SPLIT.finditer(text))[:MAX_PLACES]}
    for at, char in enumerate(text):
        if at in places and depth <= 0:
            rest = text[places[at] : places[at] + 300]
            if "=" in rest and labelled(rest.split("=", 1)[0] + "= x", label_of, equations_only=True):
                cuts.append(places[at])
        depth += (char in "({[") - (char in ")}]")
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        piece = text[start:end].strip()
        while end < len(text) and (stop := _END.search(piece)):
            piece = piece[: stop.start()].rstrip()
        piece = piece.strip("$").strip() if piece.count("$") % 2 else piece
        if piece:
            yield piece
