"""Text that students wrote, made safe to show: no control characters, no direction tricks, no endless lines.

Escaping for HTML or a workbook is not done here: the writers do that, each in its own way.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_BREAKS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of what follows
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"  # byte order mark, annotation marks, no characters at all
)
_LONE = re.compile("[\ud800-\udfff]")

CELL_LIMIT = 32_767
"""What a spreadsheet cell holds, in UTF-16 units."""

_CUT = " … (cut short)"


def clean(text: str) -> str:
    r"""The text without what cannot be seen; line ends become "\n", undecodable bytes a replacement character.

    >>> clean("a\x00b\u202ec\r\nd\x1b[31me")
    'abc\nde'
    """
    if text.isprintable():  # then it holds none of them: the quick way for nearly every cell
        return text
    text = _BREAKS.sub("\n", _ANSI.sub("", text))
    return _LONE.sub("\ufffd", _UNSEEN.sub("", text))


def one_line(text: str) -> str:
    r"""The cleaned text on one line, runs of white space made one.

    >>> one_line(" a\n\t b ")
    'a b'
    """
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with a word that says so where something was cut.

    >>> shorten("x" * 50, 20)
    'xxxxxx … (cut short)'
    """
    return text if len(text) <= limit else text[: max(0, limit - len(_CUT))] + _CUT


def cell_text(text: str) -> str:
    """The cleaned text, cut to what a spreadsheet cell holds.

    >>> len(cell_text("x" * 40_000))
    32767
    """
    text = clean(text)
    if len(text) * 2 <= CELL_LIMIT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return text
    return units[: 2 * (CELL_LIMIT - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def points(value: float) -> str:
    """Points as a person writes them.

    >>> points(2.0), points(0.5), points(1 / 3)
    ('2', '0.5', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(value: float, noun: str) -> str:
    """A number with its noun, in the plural where it needs one.

    >>> counted(1, "point"), counted(0.5, "point"), counted(3, "student")
    ('1 point', '0.5 points', '3 students')
    """
    return f"{points(value)} {noun if value == 1 else noun + 's'}"


def percent(share: float) -> str:
    """A share of one as whole percent.

    >>> percent(0.625)
    '62 %'
    """
    return f"{100 * share:.0f} %"
