"""Syntax of Python 3.12 and later in the words of 3.11, line for line; for source that does not parse as it stands."""

from __future__ import annotations

import re

_PARAMETERS = r"\[[^\]()\n]{1,200}\]"
_GENERIC = re.compile(rf"^(\s*(?:(?:async\s+)?def|class)\s+\w+)\s*{_PARAMETERS}(?=\s*[(:])", re.MULTILINE)
_ALIAS = re.compile(rf"^(\s*)type\s+(\w+)(?:{_PARAMETERS})?\s*=(?!=)", re.MULTILINE)
_NESTED = {  # a quote inside the braces of an f-string that is written with the same quote
    '"': re.compile(r"(\b[rR]?[fF][rR]?\"[^\"'\n]*\{[^\"'\n{}]*)\"([^\"'\n]*)\""),
    "'": re.compile(r"(\b[rR]?[fF][rR]?'[^\"'\n]*\{[^\"'\n{}]*)'([^\"'\n]*)'"),
}
_HIDDEN = "\ue000"  # stands for a quote that has been turned already
_MOST = 20  # nested strings in one f-string


def older(source: str) -> str:
    """Type parameters left out, `type X =` as an assignment, quotes inside f-strings the other way.

    >>> print(older("def first[T](xs: list[T]) -> T:"))
    def first(xs: list[T]) -> T:
    >>> print(older('print(f"{d["loss"]:.3f} {d["lr"]}")'))
    print(f"{d['loss']:.3f} {d['lr']}")
    """
    source = _ALIAS.sub(r"\1\2 =", _GENERIC.sub(r"\1", source))
    return "\n".join(_quotes(line) if "{" in line else line for line in source.split("\n"))


def _quotes(line: str) -> str:
    for quote, other in (('"', "'"), ("'", '"')):
        for _ in range(_MOST):
            changed = _NESTED[quote].sub(rf"\1{_HIDDEN}\2{_HIDDEN}", line)
            if changed == line:
                break
            line = changed
        line = line.replace(_HIDDEN, other)
    return line
