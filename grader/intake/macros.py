"""LaTeX macros replaced by what they stand for: those that a student defines, those of the physics package, \\over.

Texts only get simpler here; what a formula means is read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 200_000
MAX_ROUNDS: Final = 6
"""How deep macros may stand inside one another, and how long a text they may make: what goes beyond stays unread."""


@dataclass(frozen=True)
class Macro:
    """The text of a macro with #1, #2, … for its arguments; `default` is what an omitted first one is."""

    body: str
    arguments: int = 0
    default: str | None = None


Macros = Mapping[str, Macro]

_DERIVATIVE: Final = {
    name: Macro(rf"\frac{{{sign} #2}}{{{sign} #3}}", 3, "")
    for names, sign in (("pdv pderiv partialderivative", r"\partial"), ("dv odv derivative", r"\mathrm{d}"))
    for name in names.split()
}
PHYSICS: Final[Macros] = _DERIVATIVE | {
    "norm": Macro(r"\Vert #1\Vert", 1),
    "qty": Macro("#1", 1),
    "vb": Macro(r"\mathbf{#1}", 1),
    "va": Macro(r"\mathbf{#1}", 1),
}
"""The commands of the packages physics, derivative and commath that students use without defining them."""

_DEFINITION = re.compile(
    r"\\(?:(?P<operator>DeclareMathOperator\*?)|(?:re)?newcommand\*?|providecommand\*?)"
    r"\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\]]*)\])?\s*(?=\{)"
    r"|\\def\s*\\(?P<plain>[A-Za-z]+)\s*(?P<marks>(?:#\d)*)\s*(?=\{)"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_OVER = re.compile(r"\\over(?![A-Za-z])")


def macros_in(text: str) -> dict[str, Macro]:
    """The macros that a text defines.

    >>> macros_in(r"\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}")["pd"].arguments
    2
    """
    found = {}
    for definition in _DEFINITION.finditer(text):
        end = _group_end(text, definition.end())
        if end is None:
            continue
        body = text[definition.end() + 1 : end - 1]
        if definition["plain"]:
            found[definition["plain"]] = Macro(body, definition["marks"].count("#"))
        elif definition["operator"]:
            found[definition["name"]] = Macro(rf"\operatorname{{{body}}}")
        else:
            found[definition["name"]] = Macro(body, int(definition["count"] or 0), definition["default"])
    return found


def expanded(text: str, macros: Macros) -> str:
    """The text with every macro written out, definitions left out and {a \\over b} as a fraction.

    >>> expanded(r"{\\partial l \\over \\partial y} = \\pdv{l}{y}", {})
    '\\\\frac{\\\\partial l }{ \\\\partial y} = \\\\frac{\\\\partial l}{\\\\partial y}'
    """
    if "\\" not in text:
        return text
    known = {**PHYSICS, **macros}
    result = _without_definitions(text)
    for _ in range(MAX_ROUNDS):
        before, result = result, _one_round(result, known)
        if result == before:
            return _fractions(result)
        if len(result) > MAX_LENGTH:
            break
    return text


def _without_definitions(text: str) -> str:
    pieces, at = [], 0
    for definition in _DEFINITION.finditer(text):
        end = _group_end(text, definition.end())
        if end is not None and definition.start() >= at:
            pieces += [text[at : definition.start()], "\n" * text.count("\n", definition.start(), end)]
            at = end
    return "".join((*pieces, text[at:]))


def _one_round(text: str, macros: Macros) -> str:
    pieces: list[str] = []
    at = length = 0
    for found in _COMMAND.finditer(text):
        macro = macros.get(found[1])
        if macro is None or found.start() < at or (found.start() and text[found.start() - 1] == "\\"):
            continue
        taken = _arguments(text, found.end(), macro)
        if taken is None:
            continue
        arguments, end = taken
        body = _filled(macro.body, arguments)
        if body[-1:].isalpha() and text[end : end + 1].isalpha() and _COMMAND.search(body):
            body += " "
        pieces += [text[at : found.start()], body]
        length += found.start() - at + len(body)
        at = end
        if length > MAX_LENGTH:
            break
    return "".join((*pieces, text[at:]))


def _filled(body: str, arguments: Sequence[str]) -> str:
    return re.sub(r"#([1-9])", lambda mark: arguments[int(mark[1]) - 1], body)


def _arguments(text: str, at: int, macro: Macro) -> tuple[list[str], int] | None:
    """The arguments behind a macro and where they end; None where there are too few, or the body wants more."""
    found: list[str] = []
    if macro.default is not None and macro.arguments:
        optional = re.compile(r"\s*\[([^\]]*)\]").match(text, at)
        found.append(optional[1] if optional else macro.default)
        at = optional.end() if optional else at
    while len(found) < macro.arguments:
        start = re.compile(r"[^\S\n]*").match(text, at).end()  # type: ignore[union-attr]
        if text.startswith("{", start):
            end = _group_end(text, start)
            if end is None:
                return None
            found.append(text[start + 1 : end - 1])
            at = end
            continue
        single = re.compile(r"\\[A-Za-z]+|\\.|[^\s}$&]").match(text, start)
        if single is None or macro in PHYSICS.values():
            return None
        found.append(single[0])
        at = single.end()
    wanted = [int(mark) for mark in re.findall(r"#([1-9])", macro.body)]
    return (found, at) if max(wanted, default=0) <= macro.arguments else None


def _group_end(text: str, at: int) -> int | None:
    """Where the group ends that opens at this place; None where it never does."""
    level = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at, at + 4_000):
        level += {"{": 1, "}": -1}.get(found[0], 0)
        if not level and found[0] == "}":
            return found.end()
    return None


def _fractions(text: str) -> str:
    """{a \\over b} as \\frac{a}{b}, the innermost first."""
    for _ in range(200):
        found = _OVER.search(text)
        opened = _opened(text, found.start()) if found else None
        closed = _group_end(text, opened) if opened is not None else None
        if found is None or opened is None or closed is None:
            break
        top, bottom = text[opened + 1 : found.start()], text[found.end() : closed - 1]
        text = f"{text[:opened]}\\frac{{{top}}}{{{bottom}}}{text[closed:]}"
    return text


def _opened(text: str, at: int) -> int | None:
    """The bracket that is open at this place."""
    level = 0
    for place in range(at - 1, max(-1, at - 2_000), -1):
        if text[place] in "{}" and text[place - 1 : place] != "\\":
            level += 1 if text[place] == "}" else -1
            if level < 0:
                return place
    return None
