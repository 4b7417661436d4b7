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
    r"(?<!\\)[,;]|\\q?quad|\\\\(?!\[)|<br\s*/?>|\n|\t|(?<!\\)&|\s(?:and|y|und|et)\s|\\text\s*\{\s*and\s*\}|、|，|；|\$\s+\$|\s{3,}|\.\s"
)
_SEPARATOR = re.compile(r":=|=(?!=)|←|\\leftarrow\b|\\gets\b|:(?!=)|->|→|\s(?:is|are|es|ist|est)\s|\s[-–—]\s|\t|\|")
_END = re.compile(r"(?:(?<!\\)[,;.]|\\q?quad|\\\\|<br\s*/?>|&|\b(?:and|und|et)|、|，|；)\s*$")
_SYSTEM: Final = re.compile(r"\s*(?:\\\\)?\s*\\end\s*\{\w+\*?\}[\s$]*$")
_WORDS: Final = (
    r"where|since|because|which|with|for|from|by|using|as|so|hence|donde|ya que|para|porque|wobei|mit|für|weil|où|car|"
    r"pour|avec|где|так как|其中|因为"
)
_REMARK: Final = re.compile(
    rf"(?:\\(?:text|mbox|textrm|textit|mathrm)\s*\{{(?=[^{{}}]*(?:\b(?:{_WORDS})\b|[^\W\d_]{{2,}}\s+[^\W\d_]{{2,}}))"
    rf"|(?<![\\\w{{(\[])(?:{_WORDS})(?![\w(])|∀|\\forall\b|\\in\b|∈"
    r"|\((?=[^()]*[^\W\d_]{3})[^\W\d_]+(?:\s+[^\W\d_]+){1,8}\s*\)\s*\.?\s*$"
    r"|(?:\\q?quad|\s{2,})\s*[(\[]?\s*[a-zA-Z1]\s*(?:\\times|×|x|\*)\s*[a-zA-Z1]\s*[)\]]?\s*\.?\s*\$?\s*$)",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"(?<!\\)(?:multipl|product|times\b|transpos|element|hadamard|entry|plus\b|minus\b|\bif\b|else|otherwise|when|sum\b|"
    r"except|not\b|\bsign|negat|revers|factor|half|twice)|(?<!\w)(?:mal|por|si|sonst|falls|wenn|nicht|fois|no)\b|乘|转置",
    re.IGNORECASE,
)
"""Words that belong to the formula: what they say is not left out."""
_BEHIND: Final = re.compile(r"(?:\\q?quad\b|\\[ ,;]|[\s,;.(&])+$")
_PROSE: Final = re.compile(r"(?<![\\\w])(?!relu|diag|max|yhat)[^\W\d_]{2,}(?![\w(_^/])", re.IGNORECASE)
_JOINS: Final = re.compile(r"\s*(?:(?:is|are|es|ist|est|equals|and|und|y|et)\b)?[\s=:≔←,;.]*$", re.IGNORECASE)
_SIGN: Final = re.compile(r"=|←|\\leftarrow|\\gets|≡")
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


def without_remark(text: str) -> str:
    """An equation without the words that follow it: "A = B, where C = D", "A = B since …", "A = B \\in R".

    >>> without_remark("$A = B$, which has the shape $n$"), without_remark("A = B, where C = D")
    ('$A = B$', 'A = B')
    """
    sign = _SIGN.search(text)
    if sign is None:
        return text
    end = _end_of_formula(text, sign.end())
    for found in _REMARK.finditer(text, sign.end(), end):
        before = text[: found.start()]
        if all(before.count(left) == before.count(right) for left, right in ("{}", "()", "[]")):
            end = found.start()
            break
    if _GOES_ON.search(text, end):
        return text
    kept = text[:end]
    if end < len(text):
        kept = kept[: _BEHIND.search(kept).start()] if _BEHIND.search(kept) else kept  # type: ignore[union-attr]
        kept += "$" if text.count("$") % 2 == 0 and kept.count("$") % 2 else ""
    return kept if kept[sign.end() :].strip(" $") else text


def _end_of_formula(text: str, at: int) -> int:
    """Where words follow the formula that begins there, outside of the dollar signs."""
    dollars = [place for place, char in enumerate(text) if char == "$" and text[place - 1 : place] != "\\"]
    if len(dollars) % 2 or not dollars:
        return len(text)
    closing = [place for place in dollars[1::2] if place >= at]
    opening = [*dollars[2::2], len(text)]
    for place in closing:
        following = next(there for there in opening if there > place)
        between = text[place + 1 : following]
        if _PROSE.search(between) and not _JOINS.match(between):
            return place + 1
    return len(text)


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
        piece = _SYSTEM.sub("", piece) if "\\begin" not in piece else piece
        if piece:
            yield piece
