"""One cell of a student's table: blank, template, unreadable, or numbers; and when a number agrees with another.

A cell may be read in more than one way ("92,92" is 92.92 or twice 92); all readings are kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from grader.intake.boxes import BOX, boxed
from grader.intake.numerals import EXACT, Entry, Unreadable, entry, table
from grader.intake.plain import ROW, SOFT, plain
from grader.intake.reading import TextCell

Matrix = tuple[tuple[Fraction, ...], ...]

DIGITS: Final = 3  # significant digits that a rounded number must have
_BLANK: Final = re.compile(r"[\s\-–—−_.…/\\?|*:]*|n\.?/?a\.?|nan|none|null|todo|tbd|<na>|missing|blank", re.IGNORECASE)
_PICTURE: Final = re.compile(r"!\[|<img\b|\\includegraphics", re.IGNORECASE)
_ASIDE: Final = re.compile(r"\([^()\d]*\)")
_EMPHASIS: Final = re.compile(r"([*_])(?=\S)([^*_]+)\1")
CHANGE: Final = re.compile(r"→|⇒|->|=>|\\(?:long)?[rR]ightarrow\b|\\to\b")
"""From one number to another: the last one is what it becomes."""
_BROKEN: Final = re.compile(r"(?<=[,=≈+*/(-])\s*\n\s*|\s*\n\s*(?=[=≈]|[-+*/]\s)")  # a line that had to be broken
_TIMES: Final = re.compile(r"\(?\s*(?:[x*]\s*(\d)|(\d)\s*[x*]|for all (\d)|(\d) times)\s*\)?\s*$", re.IGNORECASE)
_ALIKE: Final = re.compile(r"\b(?:both|each|all|every|same|units?|neurons?|weights?|bias(?:es)?|entries|for)\b", re.I)
_ABOUT: Final = re.compile(r"(?:^|(?<=[\s=]))(?:≈|~|approx\.?|about|ca\.)\s*", re.IGNORECASE)
_NAMED: Final = re.compile(r"[,;\n]\s*(?=[^\W\d][^=,;\n]{0,30}=)")
_DOUBT: Final = re.compile(r"\b(?:or|not|oder|maybe)\b|[?<>≠≤≥±|]", re.IGNORECASE)
_TRAILING: Final = re.compile(r"([-+\d.,/*() ]*[\d.)](?:e[-+]?\d+)?)\s*[,:;(]?\s+([^\W\d_][^\d]{0,120})", re.IGNORECASE)
_TORCH: Final = re.compile(
    r"Parameter containing:|,?\s*(?:requires_grad|dtype|grad_fn|device)\s*=\s*[<'\w.>]+", re.IGNORECASE
)
_MIXED: Final = re.compile(r"([-+−]?)\s*(\d+)\s?([¼½¾⅓⅔⅛⅜⅝⅞]|\\[dt]?frac\s?(?:\{\d+\}\s?\{\d+\}|\d\d))")
_APART: Final = re.compile(r"\S+(?: / \S+)+")
_RAISED: Final = re.compile(
    r"(?<!10)(?<!10[⁺⁻])(?<![⁰¹²³⁴⁵⁶⁷⁸⁹])[⁰¹²³⁴⁵⁶⁷⁸⁹][^=]*$|<sup>(?!\s*[T⊤])[^=]*$", re.IGNORECASE
)
_WRAPPED: Final = re.compile(
    r"\b(?:(?:np|numpy|torch)\.)?(?:float\d*|array|tensor)\(\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(?:,\s*dtype\s*=\s*[\w.]+\s*)?\)",
    re.IGNORECASE,
)
_STRUCK: Final = re.compile(
    r"~~.{1,200}?~~|<(s|del|strike)\b[^<>]{0,100}>.{1,200}?</\1\s*>|<(span|font)\b[^<>]{0,100}line-through[^<>]{0,100}>.{1,200}?</\2\s*>"
    r"|\\(?:sout|st|cancel|[bx]cancel)\s*\{[^{}]{1,200}\}",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED: Final = re.compile(r"\(\s*\d+(?:[.,]\d+)?\s*\)")
_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_TICK: Final = re.compile("[✓✔☑✅]\ufe0f?")
_NAME: Final = re.compile(r"(?<!\w)([^\W\d]\w{0,3})\s*:\s*(?=[-+.\d])")
_NOISE: Final = Fraction(2, 10**6)  # relative: float32, as PyTorch prints it
_NOTHING: Final = Fraction(1, 10**9)  # what counts as 0


@dataclass(frozen=True)
class Written:
    """What stands in a cell. `kind` is "blank", "template", "unreadable" or "numbers"; `why` says what is wrong."""

    kind: str
    text: str = ""
    readings: tuple[tuple[Entry, ...], ...] = ()
    why: str = ""


BLANK: Final = Written("blank")


def written(cell: TextCell, template: re.Pattern[str]) -> Written:
    """Read a cell; `template` is what the untouched sheet has in it. Never raises.

    >>> read = written(TextCell("[[92], [92]]"), re.compile("value"))
    >>> [float(number.value) for number in read.readings[0]]
    [92.0, 92.0]
    """
    text = cell.text.strip()
    if cell.problem:
        return Written("unreadable", text, why=cell.problem)
    if _PICTURE.search(text):
        return Written("unreadable", text, why="holds a picture")
    bare = re.sub(r"\*\*|==|`|\$", "", _STRUCK.sub(" ", text)).strip()
    if _BLANK.fullmatch(bare) and _STRUCK.search(text):
        return Written("unreadable", text, why="is crossed out")
    if emphasis := _EMPHASIS.fullmatch(bare):
        bare = emphasis[2]
    if _BLANK.fullmatch(bare):
        return BLANK
    if template.fullmatch(bare):
        return Written("template", text)
    try:
        readings = _readings(bare)
    except (Unreadable, ValueError, ArithmeticError, RecursionError):
        readings = ()
    if not readings or any(len(numbers) > 100 for numbers in readings):
        return Written("unreadable", text, why="is not a number that can be read with certainty")
    return Written("numbers", text, readings)


def _readings(text: str) -> tuple[tuple[Entry, ...], ...]:
    if re.fullmatch(r"zeros?|null vector|零", text, re.IGNORECASE):
        return ((Entry(Fraction(0), 0),),)
    if re.search(r"\binf\b|∞", text, re.IGNORECASE):
        return ()
    text = re.sub(r"(?<=10)\s*<sup>\s*([-+−]?\d{1,2})\s*</sup>", r"^\1", text)
    if _RAISED.search(text):
        return ()  # a power, or a footnote
    text = _MIXED.sub(r"\1(\2+\3)", _TORCH.sub("", text))  # 11½ is 23/2, not 11 times ½
    text = re.split("[→⇒]", plain(text).replace(SOFT, " "))[-1].strip()
    text = _NAME.sub(r"\1 = ", unwrapped(_BROKEN.sub(" ", text)))
    found = boxed(text)
    rest = _ASIDE.sub(" ", found.text)
    if found.boxes:
        left = re.sub(rf"{BOX}|[\s,;=*{ROW}()]|^[^=\d]{{1,40}}=|\b[Td]\b", "", _ALIKE.sub("", rest))
        if left or any(box.numbers is None for box in found.boxes) or _DOUBT.search(rest):
            return ()
        last = rest.rsplit("=", 1)[-1] if "=" in rest else rest
        numbers = [box.numbers for char in re.findall(BOX, last) if (box := found[char]).numbers is not None]
        several = tuple(e for n in numbers if n for e in _flat(n.value.ravel().tolist(), n.decimals.ravel().tolist()))
        decimal = text if "." in text else _COMMA.sub(".", text)  # [0,08; 0,08]
        return (several, *(_readings(decimal) if decimal != text else ()))
    rest = _ABOUT.sub(" ", _TICK.sub(" ", rest)).strip(" \n,;:")
    if _DOUBT.search(rest):
        return ()
    times = _TIMES.search(rest)
    if times and rest[: times.start()].strip():
        once = _readings(rest[: times.start()])
        try:
            return (*once, (_entry(rest),))
        except Unreadable:
            return once
    rest = _ALIKE.sub(" ", rest).strip(" \n,;:")
    rest = re.sub(r"\s+(?:and|und|y|et|和|&)\s+(?=[-+.\d])", ", ", rest)
    pieces = _NAMED.split(rest)
    if len(pieces) > 1:
        return (tuple(_entry(piece) for piece in pieces),)
    try:
        return _plain_numbers(rest)
    except Unreadable:
        trailing = _TRAILING.fullmatch(rest)
        if not trailing:
            raise
        return ((_entry(trailing[1]),),)


def unwrapped(text: str) -> str:
    """Single numbers without what numpy or PyTorch print around them.

    >>> unwrapped("[array(66.125, dtype=float32), np.float64(1.3041)]")
    '[66.125, 1.3041]'
    """
    return _WRAPPED.sub(r"\1", text)


def _plain_numbers(text: str) -> tuple[tuple[Entry, ...], ...]:
    """Readings of one number or several without brackets."""
    if _APART.fullmatch(text):  # one unit / the other, or a quotient
        apart = tuple(_entry(part) for part in text.split(" / "))
        return (apart, (_entry(text),)) if len(apart) == 2 and apart[1].value else (apart,)
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        return ((_entry(text),), tuple(_entry(part) for part in text.split(",")))
    if not re.search(r"[,;\n\x1e\t]|\d\s+[-+]?[\d.]", text):
        return ((_entry(text),),)
    several = table(text, bracketed=False)
    numbers = _flat(several.value.ravel().tolist(), several.decimals.ravel().tolist())
    if len(numbers) == 1:
        return ((_entry(text),),)
    return (numbers,)


def _flat(values: Sequence[float], decimals: Sequence[int]) -> tuple[Entry, ...]:
    return tuple(Entry(Fraction(repr(float(v))), d) for v, d in zip(values, decimals, strict=True))


def in_brackets(cell: Written, want: Matrix) -> bool:
    """Whether a cell is one number in brackets, as accounts write a negative one, and that would be what is wanted."""
    if not _BRACKETED.fullmatch(cell.text.strip()):
        return False
    number = cell.readings[0][0]
    return all(agrees(Entry(-number.value, number.decimals), entry) for row in want for entry in row)


def _entry(text: str) -> Entry:
    """A number; an expression counts with the decimals of its parts ("-0.615 + 0.016" has three)."""
    read = entry(text.strip())
    first, equals, _ = text.partition("=")
    if equals and re.fullmatch(r"\s*[-+]?\d+(?:\.\d+)?\s*", first) and not agrees(read, Fraction(first.strip())):
        raise Unreadable("two numbers are said to be equal")
    if read.decimals == EXACT and "." in text.rsplit("=", 1)[-1]:
        return Entry(read.value, max(len(part) for part in re.findall(r"\.(\d*)", text.rsplit("=", 1)[-1])))
    return read


def agrees(number: Entry, want: Fraction, slack: Fraction = Fraction(0)) -> bool:
    """Whether `number` is `want`, rounded or cut off to the digits that are written: DIGITS significant ones at least.

    Fewer digits are right only where the rest are zeros. `slack` is what rounded numbers before it may add.

    >>> agrees(Entry(Fraction("0.598"), 3), Fraction("0.5975")), agrees(Entry(Fraction("0.6"), 1), Fraction("0.5975"))
    (True, False)
    """
    off = abs(number.value - want)
    if off <= max(_NOISE * abs(want), _NOTHING) + slack:
        return True
    if not want:
        return False
    unit = Fraction(1, 10 ** max(number.decimals, 0)) if number.decimals <= 60 else Fraction(0)
    least = _power(DIGITS - 1 - math.floor(math.log10(abs(want))))
    if off <= min(unit, least) / 2 + slack:
        return True
    return abs(number.value) < abs(want) and number.value * want > 0 and off < unit <= least


def holds(cell: Written, want: Matrix) -> bool:
    """Whether a cell gives the number that is wanted, once for all entries of the layer or for each of them."""
    wanted = [entry for row in want for entry in row]
    return any(
        len(numbers) in (1, len(wanted)) and all(agrees(n, wanted[at % len(wanted)]) for at, n in enumerate(numbers))
        for numbers in cell.readings
    )


def half_unit(number: Entry) -> Fraction:
    """What rounding may hide in a number: half a unit of its last digit. With fewer than DIGITS digits it is exact."""
    if not number.value or number.decimals > 60:
        return Fraction(0)
    if number.decimals + math.floor(math.log10(abs(number.value))) + 1 < DIGITS:
        return Fraction(0)
    return Fraction(1, 10 ** max(number.decimals, 0)) / 2


def _power(decimals: int) -> Fraction:
    return Fraction(1, 10**decimals) if decimals >= 0 else Fraction(10**-decimals)


def filled(numbers: Sequence[Entry], rows: int, columns: int) -> tuple[tuple[Entry, ...], ...] | None:
    """The numbers of a cell as a matrix: one for all entries, one for each, or one for each row; else None."""
    if len(numbers) == 1:
        return ((numbers[0],) * columns,) * rows
    if len(numbers) == rows * columns:
        return tuple(tuple(numbers[r * columns : (r + 1) * columns]) for r in range(rows))
    if len(numbers) == rows:
        return tuple((number,) * columns for number in numbers)
    return None
