"""Numbers as people and programs write them in running text: 20,000 and 0,0083, 8.3e-3 and 8×10^-3, 20k, 0:01:05.

Only the spelling of numbers lives here; what a number stands for is read in `readings`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_RAISED = re.compile(r"[⁻⁰¹²³⁴-⁹]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PLAIN = str.maketrans(
    dict.fromkeys("│┃║", "|")
    | dict.fromkeys("─━═┄┈", "-")
    | dict.fromkeys("┌┬┐├┼┤└┴┘╞╪╡╒╤╕╘╧╛╔╦╗╠╬╣╚╩╝", "+")
    | {"٫": ".", "٬": ","}  # Arabic signs for decimals and thousands
)
_CLOCK = re.compile(  # with an hour in front it may be a time of the day
    r"(?<![\d:.])(?:00?:(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]\d(?:\.\d{1,9})?)(?![\d:])"
    r"|(?P<min>\d{1,4}) ?min(?:ute)?s?(?:,| and)? (?P<sec>\d{1,2}(?:\.\d{1,9})?) ?s(?:ec(?:ond)?s?)?\b)"
)
_NUMBER = re.compile(
    r"(?<![A-Za-z_0-9.])(?P<sign>[-−])?"
    r"(?:(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?:[eE](?P<e>[-+−]?\d{1,6})|\s?(?:[x×*·]|\\times|\\cdot)\s?10(?:(?:\^|\*\*)[{(]?|(?=[-−]))(?P<ten>[-−]?\d{1,3})[)}]?)?"
    r"(?P<kilo>[kK](?![A-Za-z]))?"
    r"|(?P<word>nan|inf(?:inity)?)(?![A-Za-z]))",
    re.IGNORECASE,
)
_LONGEST = 40


@dataclass(frozen=True)
class Numeral:
    """A number in a text, from `start` to `end`; `step` is one unit of its last digit (0.01 for 0.25)."""

    value: float
    written: str
    start: int
    end: int
    step: float
    whole: bool  # written without a fraction or an exponent


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers of a text in order; those that can be read in two ways ("100,1000") are left out.

    >>> [n.value for n in numerals("epoch 500/20,000, loss: 0,0083 or 8.3e-3, lr 1×10^-3, Q4")]
    [500.0, 20000.0, 0.0083, 0.0083, 0.001]
    """
    for found in _NUMBER.finditer(text):
        if found.end() - found.start() > _LONGEST:
            continue
        read = _read(found)
        if read is not None:
            yield read


def flat(text: str) -> str:
    """The text in one form: full-width and Arabic signs and drawn lines made plain, 10⁻³ made 10^-3, minutes seconds.

    >>> flat("８×10⁻³"), flat("0:01:05"), flat("1min 5.5s"), flat("│ 500 │"), flat("۰٫۲۰۳")
    ('8×10^-3', '65 s', '65.5 s', '| 500 |', '۰.۲۰۳')
    """
    raised = _RAISED.sub(lambda found: "^" + found[0].translate(_LOWERED), text.translate(_PLAIN))
    return _CLOCK.sub(_in_seconds, unicodedata.normalize("NFKC", raised))


def _in_seconds(found: re.Match[str]) -> str:
    return f"{60 * int(found['minutes'] or found['min']) + float(found['seconds'] or found['sec']):g} s"


def _read(found: re.Match[str]) -> Numeral | None:
    start, end, sign = found.start(), found.end(), -1.0 if found["sign"] else 1.0
    if found["word"]:
        value = math.nan if found["word"].lower() == "nan" else math.inf
        return Numeral(sign * value, found[0], start, end, 0.0, False)
    digits = _decimal_point(found["digits"])
    if digits is None:
        return None
    exponent = int((found["e"] or found["ten"] or "0").replace("−", "-"))
    exponent += 3 if found["kilo"] else 0
    decimals = len(digits.partition(".")[2])
    whole = not decimals and not found["e"] and not found["ten"]
    return Numeral(sign * float(f"{digits}e{exponent}"), found[0], start, end, float(f"1e{exponent - decimals}"), whole)


def _decimal_point(digits: str) -> str | None:
    """The digits with a point before the decimals, if they have any, and without thousands separators."""
    head, comma, tail = digits.partition(",")
    if not comma:
        return digits
    if "," in tail or "." in tail or (len(tail) == 3 and head != "0" and len(head) <= 3):
        return digits.replace(",", "")
    if head == "0" or len(tail) <= 2 or len(head) <= 2:
        return f"{head}.{tail}"
    return None
