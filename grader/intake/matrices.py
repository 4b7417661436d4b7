"""Every matrix, vector and number in an answer, with the words that label it.

A text is cut into *statements*: ``label = formula = … = value``, of which the last value is the answer. Which label is
which is not decided here (`grader.intake.numbers`), nor how a bracket is read (`grader.intake.boxes`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from grader.intake.boxes import BOX, Boxed, boxed
from grader.intake.layout import Line, lines
from grader.intake.numerals import EXACT, Numbers, Unreadable, entry, table
from grader.intake.plain import LONGEST, SOFT, plain
from grader.model import Array

ABOVE: Final = 12  # lines of text above a value that are kept as its headings
MOST: Final = 200  # values that are read; an answer by hand has a dozen
_EQUALS: Final = re.compile(r":=|=+|[←→⇒≈]|:(?!\S*//)")
_LETTER: Final = r"[^\W\d_]"
_NUMERIC_RUN: Final = re.compile(r"[-+\d.,;:/*()|&\s]*")
_SEPARATOR: Final = re.compile(rf"[\s).]*(?:[,;.|{SOFT}]|\b(?:and|und|et|y|with)\b)")
_PROSE: Final = re.compile(rf"[\s)]*[(\"']?{_LETTER}{{3,}}|[\s]*\(|[\s]*#|[\s]*%|[\s]*//")
_FACTOR: Final = re.compile(r"[\s(]*(?P<factor>[-+]?[ ]?(?:[\d.]+(?:/[\d.]+)?|\([\d.]+\)/\([\d.]+\))?)[ ]*\*?[\s(]*")


@dataclass(frozen=True, eq=False)
class Found:
    """A matrix, vector or number of an answer.

    `value` is an ndarray (0-d for a number), or None where something numeric stands that could not be read;
    `decimals` says how many were written, entry by entry. `labels` are the parts of its own statement ("Y", "XW+b"),
    `after` the words behind it, `above` the lines of text before it, nearest first; `depth` numbers those lines, so
    that two values under one heading can be told. `sure`: there is no other way to read the value.
    """

    value: Array | None
    decimals: Array | None
    labels: tuple[str, ...]
    offset: int
    above: tuple[str, ...] = ()
    depth: int = 0
    after: str = ""
    sure: bool = True


@dataclass(frozen=True)
class Reading:
    """All values of an answer in order, and the lines of it in which none was found. `whole`: nothing was left out."""

    found: tuple[Found, ...]
    lines: tuple[str, ...]
    whole: bool = True


def read_answer(text: str) -> Reading:
    """The values of `text` and what stands around them."""
    box = boxed(plain(text))
    found: list[Found] = []
    above: list[str] = []
    for line in lines(box.text, box.width):
        if len(found) > MOST:
            return Reading(tuple(found[:MOST]), tuple(above), whole=False)
        statements = _statements(line, box)
        here = tuple(reversed(above[-ABOVE:]))
        for statement in statements:
            found += statement.found(here, len(above))
        if all(statement.last is None for statement in statements) and re.search(r"\w", line.text):
            above.append(line.text.translate(_NO_BOXES))  # text, or a formula whose result may follow below
    return Reading(tuple(found[:MOST]), tuple(above), whole=len(text) <= LONGEST and len(found) <= MOST)


def read_matrices(text: str) -> tuple[Found, ...]:
    """All values of `text`, in order.

    >>> [found] = read_matrices("Y = XW + b = [[8, 4], [14, 7]]")
    >>> found.labels, found.value.tolist()
    (('Y', 'XW + b'), [[8.0, 4.0], [14.0, 7.0]])
    """
    return read_answer(text).found


_NO_BOXES: Final = dict.fromkeys(range(0xE000, 0xE000 + 501), "#")


@dataclass(frozen=True)
class _Statement:
    """`labels` = … = `last`. `formula`: it ends in matrices that are not a result by themselves."""

    labels: tuple[str, ...]
    last: Numbers | None
    formula: bool
    offset: int
    after: str = ""

    def found(self, above: tuple[str, ...], depth: int) -> list[Found]:
        if self.last is None and not self.formula:
            return []
        labels = tuple(label.translate(_NO_BOXES) for label in self.labels)
        if self.last is None:
            return [Found(None, None, labels, self.offset, above, depth, self.after, False)]
        value, decimals = self.last.value, self.last.decimals
        return [Found(value, decimals, labels, self.offset, above, depth, self.after, self.last.sure)]


def _statements(line: Line, box: Boxed) -> list[_Statement]:
    """The statements of one line: cut at equal signs, and behind a value where another label begins."""
    chains: list[list[str]] = [[]]
    offsets = [line.offset]
    at = 0
    for part in _EQUALS.split(line.text):
        rest = part
        while (cut := _cut(rest)) is not None:
            chains[-1].append(rest[:cut])
            chains.append([])
            at += cut
            offsets.append(line.offset + at)
            rest = rest[cut:]
        first = len(chains[-1]) == 0
        value_at = _bare_value(rest) if first else None
        if value_at is not None:  # "Y [[8, 4], [14, 7]]", with no sign between
            chains[-1].append(rest[:value_at])
            tail = rest[value_at:]
            while (cut := _cut(tail)) is not None:
                chains[-1].append(tail[:cut])
                chains.append([])
                offsets.append(line.offset + at + value_at + cut)
                tail = tail[cut:]
                more = _bare_value(tail)
                if more is not None:
                    chains[-1].append(tail[:more])
                    tail = tail[more:]
            chains[-1].append(tail)
        else:
            chains[-1].append(rest)
        at += len(rest) + 1
    statements = [_statement(chain, offset, box) for chain, offset in zip(chains, offsets, strict=True)]
    # What follows a value without a sign of its own explains it: "[[8, 4], [14, 7]] (forward)".
    for i in range(len(statements) - 1):
        follower = statements[i + 1]
        if follower.last is None and not follower.formula:
            statements[i] = replace(statements[i], after=" ".join(follower.labels))
    return statements


def _statement(chain: list[str], offset: int, box: Boxed) -> _Statement:
    parts = [part.strip(f" \t,;{SOFT}") for part in chain]
    parts = [part for part in parts if part and part not in (".", ")", "(")]
    if not parts:
        return _Statement((), None, False, offset)
    numbers, formula = _value(parts[-1], box)
    if numbers is not None or formula:
        labels = tuple(part for part in parts[:-1] if re.search(_LETTER, part))
        return _Statement(labels, numbers, formula, offset)
    first, unreadable = _value(parts[0], box)
    if first is not None and len(parts) == 2:  # [[8, 4], [14, 7]] = Y
        return _Statement((parts[1],), replace(first, sure=False), False, offset)
    return _Statement(tuple(parts), None, unreadable or any(re.search(BOX, part) for part in parts[1:]), offset)


def _value(part: str, box: Boxed) -> tuple[Numbers | None, bool]:
    """The value that `part` is, if it is nothing but a value; else None, and whether there are matrices in it."""
    places = [match.start() for match in re.finditer(BOX, part)]
    if not places:
        bare = re.sub(r"^\{([^{}]*)\}$", r"\1", part.strip())
        bare = bare if re.search(r"\d\.$", bare) else bare.rstrip(" .")
        if not any(c.isdigit() for c in bare) or not _NUMERIC_RUN.fullmatch(bare.replace("e", "").replace("E", "")):
            return None, False
        try:
            return table(bare, bracketed=False), False
        except Unreadable:
            return None, True
    inner = [box[part[place]].numbers for place in places]
    if any(numbers is None for numbers in inner):
        return None, True
    known = [numbers for numbers in inner if numbers is not None]
    if len(places) == 1:
        head = _FACTOR.fullmatch(part[: places[0]])
        if head is None or part[places[0] + 1 :].strip(f" .),;'\"{SOFT}"):
            return None, True
        return _scaled(known[0], head["factor"].replace(" ", "")), False
    between = re.sub(BOX, "", part)
    if not between.strip(f" ,;.{SOFT}"):
        rows = known[0]
        if rows.rank == 1 and all(other.value.shape == rows.value.shape for other in known):
            value, decimals = np.stack([n.value for n in known]), np.stack([n.decimals for n in known])
            return Numbers(value, decimals, sure=False), False  # [8, 4], [14, 7]
        if all(np.array_equal(rows.value, other.value) for other in known):
            return rows, False
    return None, True


def _scaled(numbers: Numbers, factor: str) -> Numbers | None:
    if factor in ("", "+"):
        return numbers
    try:
        scale = Fraction(-1) if factor == "-" else entry(factor).value
    except Unreadable:
        return None
    # Whole numbers times the factor: 0.05 * 3 is exactly .15, whatever the float says.
    value = np.vectorize(lambda x: float(scale * Fraction(float(x)).limit_denominator(10**9)), otypes=[float])(
        numbers.value
    )
    decimals = numbers.decimals if factor == "-" else np.full_like(numbers.decimals, EXACT)
    return Numbers(value, decimals, numbers.sure)


def _cut(part: str) -> int | None:
    """Where in `part` a value ends and another statement begins, or None."""
    match = re.match(rf"[-+\d./\s*(]*{BOX}(?:\s*[,;]?\s*{BOX})*", part)
    if match:
        rest = part[match.end() :]
        if not re.search(_LETTER, rest):
            return None
        separator = _SEPARATOR.match(rest)
        if separator and not re.match(r"[ ]?\.T\b", rest):
            return match.end() + separator.end() if not separator.group().strip().isalpha() else match.end()
        if _PROSE.match(rest):
            return match.end()
        label = re.match(rf"[ ]*{_LETTER}[^-+*/@^]*?(?:$|(?={BOX}))", rest)  # "… W" in front of another sign or box
        return match.end() if label and rest[:1] in " \t" else None
    run = re.match(r"[-+\d.,;/*()|&\s]*\d[.)]?", part)
    if not run:
        return None
    rest = part[run.end() :]
    if not re.search(_LETTER, rest) and not re.search(BOX, rest):
        return None
    separator = re.match(rf"\s*[,;{SOFT}]|\.?\s+(?=(?:and|und|et)\b)|\.\s", rest)
    if separator:
        return run.end() + separator.end()
    return run.end() if re.match(r"\s+\(?[^\W\d_]{4,}", rest) or re.match(r"\s+(?:#|//)", rest) else None


def _bare_value(part: str) -> int | None:
    """Where the value begins in "label value", or None: there is no value, or a formula stands before it."""
    match = re.search(BOX, part)
    if match is None:
        return None
    head = part[: match.start()]
    if not re.search(_LETTER, head) or head.rstrip()[-1:] in tuple("-+*/@^(,"):
        return None
    last = re.split(r"[,;]", head)[-1]
    return None if re.search(r"[+*/@]|\s-\s|\^T|\.T\b|\d\s*$", last) else match.start()
