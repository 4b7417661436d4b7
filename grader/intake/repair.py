"""What can be saved of source that does not parse: top-level stretches, template holes, single methods.

Line numbers never move: a repair replaces the text of a line, or empties it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

MAX_SOURCE = 1_000_000
_MAX_REPAIRS = 40
_MAX_JOINED = 60
_MAX_JOINS = 300
_MAX_STRETCHES = 1_000
_LONGEST_LINE = 20_000
_TOO_DEEP = re.compile(r"(?:[-+~(\[{!]\s*){180}|(?:\bnot\s+){180}|(?:\blambda\s*:\s*){90}")
_DEEPENING, _SURELY_FLAT = ("(", "[", "{", "-", "+", "~", "!", "not", "lambda"), 90
_STRINGS = re.compile(r"#[^\n]*|\"\"\"|'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")
_HOLE = re.compile(r"^(\s+)[A-Za-z_(\[][^#]*?(?<![=<>!])=\s*(?:#.*)?$")
_HEADER = re.compile(r"^(\s*)(?:if|elif|else|for|while|with|try|except|finally|def|class|async)\b")
_METHOD = re.compile(r"^(\s+)(?:async\s+)?def\s+(\w+)")
_NAME = re.compile(r"^(?:class|def|async\s+def)\s+(\w+)|^(\w+)\s*(?::[^=]*)?=(?!=)")


@dataclass(frozen=True)
class Stretch:
    """A top-level stretch of source, from `line` (counted from 1) on.

    `tree` is None when nothing could be saved, and then `names` holds what it seems to define. `holes` are lines where
    a blank was filled by NotImplementedError; `lost` maps methods whose text does not parse to the reason.
    """

    line: int
    tree: ast.Module | None
    text: str
    problem: str | None = None
    names: tuple[str, ...] = ()
    holes: frozenset[int] = frozenset()
    lost: dict[str, str] = field(default_factory=dict)


def parse(source: str) -> ast.Module:
    """`ast.parse` that raises SyntaxError alone, whatever the input, in any thread."""
    if len(source) > MAX_SOURCE:
        raise SyntaxError(f"the code is longer than {MAX_SOURCE:,} characters")
    if sum(map(source.count, _DEEPENING)) > _SURELY_FLAT and _TOO_DEEP.search(source):
        raise SyntaxError("the code is nested too deeply")
    for again in (True, True, True, False):
        try:
            return ast.parse(source)
        except SyntaxError:
            raise
        except SystemError:  # two threads at once: CPython 3.11 adds their depths up (python/cpython#106905)
            if not again:
                raise
        except (RecursionError, MemoryError):
            raise SyntaxError("the code is nested too deeply") from None
        except ValueError as error:
            raise SyntaxError(str(error)) from None
    raise AssertionError("the loop returns or raises")


def describe(error: SyntaxError, first_line: int = 1) -> str:
    """A syntax error in words: "line 12: '(' was never closed"."""
    message = error.msg or "invalid syntax"
    return f"line {error.lineno + first_line - 1}: {message}" if error.lineno else message


def salvage(source: str) -> tuple[Stretch, ...]:
    """Split source that does not parse into top-level stretches, and save of each what can be saved."""
    lines = source.split("\n")
    borders = [*_starts(lines), len(lines)]
    found: list[Stretch] = []
    position = 0
    joins_left = _MAX_JOINS
    while position < len(borders) - 1:
        if len(found) >= _MAX_STRETCHES:
            rest = borders[position] + 1
            found.append(Stretch(rest, None, "", f"line {rest}: too much of the code does not parse"))
            break
        most = max(1, min(_MAX_JOINED, joins_left))
        stretch, taken, tried = _whole(lines, borders[position], borders[position + 1 : position + 1 + most])
        found.append(stretch)
        position += taken
        joins_left -= tried - 1
    return tuple(found)


def _whole(lines: list[str], begin: int, ends: list[int]) -> tuple[Stretch, int, int]:
    """The stretch that begins at `begin`, how many of `ends` it passes, and how many were tried.

    A bracket opened on one line may close below lines that look like stretches of their own.
    """
    tried = 0
    for end in ends:
        tried += 1
        text = "\n".join(lines[begin:end])
        try:
            return Stretch(begin + 1, parse(text), text), tried, tried
        except SyntaxError as error:
            if "never closed" not in (error.msg or "") or lines[begin].startswith(("class", "def", "@")):
                break
    return _mend("\n".join(lines[begin : ends[0]]), begin + 1), 1, tried


def _starts(lines: list[str]) -> list[int]:
    """Indices of the lines where a top-level stretch begins."""
    inside = _inside_strings(lines)
    starts = []
    decorated = False
    for index, line in enumerate(lines):
        if not line or line[0] in " \t#\r\f" or index in inside or _CONTINUES.match(line):
            continue
        if not decorated:
            starts.append(index)
        decorated = line.startswith("@")
    return starts


def _inside_strings(lines: list[str]) -> set[int]:
    """Indices of lines that begin within a triple-quoted string."""
    inside: set[int] = set()
    quote = ""
    for index, line in enumerate(lines):
        if quote:
            inside.add(index)
        position = 0
        while len(line) <= _LONGEST_LINE:
            if quote:
                close = line.find(quote, position)
                if close < 0:
                    break
                position, quote = close + 3, ""
            found = _STRINGS.search(line, position)
            if found is None:
                break
            position = found.end()
            if found.group() in ('"""', "'''"):
                quote = found.group()
    return inside


def _mend(text: str, line: int) -> Stretch:
    """One stretch that does not parse: fill its holes, then give up single methods, then give up."""
    lines = text.split("\n")
    holes: set[int] = set()
    lost: dict[str, str] = {}
    problem: str | None = None
    for _ in range(_MAX_REPAIRS):
        try:
            tree = parse("\n".join(lines))
        except SyntaxError as error:
            if _fill_hole(lines, error, holes):
                continue
            problem = problem or describe(error, line)
            if _drop_method(lines, error, line, lost):
                continue
            problem = problem or describe(error, line)
            break
        absolute = frozenset(line + hole for hole in holes)
        return Stretch(line, tree, "\n".join(lines), problem if lost else None, holes=absolute, lost=lost)
    name = _NAME.match(text)
    names = tuple(group for group in name.groups() if group) if name else ()
    return Stretch(line, None, text, problem or f"line {line}: invalid syntax", names)


def _fill_hole(lines: list[str], error: SyntaxError, holes: set[int]) -> bool:
    """Replace the hole that the error points at (`grad = `, a header with nothing but comments below)."""
    if not error.lineno or error.lineno > len(lines) + 1:
        return False
    if "expected an indented block" in (error.msg or ""):
        return _fill_body(lines, error, holes)
    for index in (error.lineno - 1, error.lineno - 2):
        if 0 <= index < len(lines) and index not in holes:
            found = _HOLE.match(lines[index])
            if found and found[1]:
                lines[index] = f"{found[1]}raise NotImplementedError"
                holes.add(index)
                return True
    return False


def _fill_body(lines: list[str], error: SyntaxError, holes: set[int]) -> bool:
    told = re.search(r"on line (\d+)", error.msg or "")
    header = int(told[1]) - 1 if told else (error.lineno or 1) - 2
    if not 0 <= header < len(lines):
        return False
    found = _HEADER.match(lines[header])
    if found is None:
        return False
    last = header  # a header may go over several lines: its body is missing below the line that ends in a colon
    while last < len(lines) - 1 and not re.search(r":\s*(?:#.*)?$", lines[last]):
        last += 1
    indent = found[1] + "    "
    if last + 1 < len(lines) and (not lines[last + 1].strip() or lines[last + 1].lstrip().startswith("#")):
        lines[last + 1] = f"{indent}raise NotImplementedError"
        holes.add(last + 1)
        return True
    code = re.sub(r":\s*(?:#.*)?$", ": raise NotImplementedError", lines[last])
    if last in holes or code == lines[last]:
        return False
    lines[last] = code
    holes.add(last)
    return True


def _drop_method(lines: list[str], error: SyntaxError, line: int, lost: dict[str, str]) -> bool:
    """Give up the method that the error stands in, so that the others of its class can be judged."""
    if not error.lineno or not lines[0].startswith(("class", "@")):
        return False
    for index in range(min(error.lineno, len(lines)) - 1, 0, -1):
        found = _METHOD.match(lines[index])
        if found is None:
            continue
        if found[2] in lost:
            return False
        end = index + 1
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > len(found[1])):
            end += 1
        reason = describe(error, line)
        lost[found[2]] = reason
        lines[index:end] = [
            f"{found[1]}def {found[2]}(*_, **__): raise SyntaxError({reason!r})",
            *[""] * (end - index - 1),
        ]
        return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
