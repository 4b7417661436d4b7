"""Notebook-only syntax made Python, line for line: magics, shell commands, help marks, an indented cell.

Plain lines are handled here; IPython's own rules are asked only for what is left, because importing them is slow.
"""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable
from typing import Any

from grader.intake.newer import older
from grader.intake.repair import parse

_CELL_MAGIC = re.compile(r"\s*%%\s*(\w+)")
_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "writefile", "python", "python3", "file", "memit"})
_STATEMENT_MAGIC = re.compile(r"^(\s*)%(?:time|timeit|memit|prun)\s+(?!-)(.*)$")
_LINE = re.compile(
    r"^(\s*)(?:[%!?].*|(?:pip3?|conda|mamba|apt|apt-get|git|cd|ls|pwd|wget|curl)\s+[\w.\-/~:]+.*|[\w.]+\s*\?{1,2}\s*)$"
)
_SHELL_ASSIGNMENT = re.compile(r"^(\s*[A-Za-z_][\w, ]*=\s*)(?:!|%\w).*$")
_LEFT_OVER = re.compile(r"^[ \t]*[%!?,;/]\S|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_IPYTHON_LIMIT = 20_000


def to_python(source: str) -> str:
    """Python with as many lines as the cell; the cell unchanged where nothing needs doing.

    >>> to_python("%matplotlib inline\\nx = 1\\n!ls")
    '\\nx = 1\\n'
    """
    if _parses(source):
        return source
    source = older(source)
    if _parses(source):
        return source
    cell_magic = _CELL_MAGIC.match(source)
    if cell_magic:
        begin, end = cell_magic.start(1), source.find("\n", cell_magic.start(1))
        if cell_magic[1] not in _PYTHON_CELLS or end < 0:
            return "\n" * source.count("\n")
        source = "\n" * source.count("\n", 0, begin) + source[end:]
    plain = _plain(source)
    if plain != source and _parses(plain):
        return plain
    if plain.lstrip("\n")[:1] in (" ", "\t"):
        plain = textwrap.dedent(plain)
        if _parses(plain):
            return plain
    if _LEFT_OVER.search(source):
        asked = _ask_ipython(source)
        if asked is not None:
            return asked
    return plain


def _plain(source: str) -> str:
    """Lines that are nothing but a magic become blank, or `pass` where a block may need a body."""
    lines = source.split("\n")
    continued = False
    for index, line in enumerate(lines):
        if continued:
            continued, lines[index] = line.rstrip().endswith("\\"), ""
            continue
        statement = _STATEMENT_MAGIC.match(line)
        if statement:
            lines[index] = statement[1] + statement[2]
            continue
        found = _LINE.match(line)
        if found:
            lines[index] = f"{found[1]}pass" if found[1] else ""
            continued = line.rstrip().endswith("\\")
            continue
        assigned = _SHELL_ASSIGNMENT.match(line)
        if assigned:
            lines[index] = f"{assigned[1]}None"
    return "\n".join(lines)


def _ask_ipython(source: str) -> str | None:
    """IPython's translation when it parses and keeps its lines; None otherwise."""
    if len(source) > _IPYTHON_LIMIT:
        return None
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return None
    leading = len(source) - len(source.lstrip("\n"))
    try:
        translated = "\n" * leading + _transform(TransformerManager, source.lstrip("\n"))
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return None
    translated = translated.removesuffix("\n")
    return translated if translated.count("\n") >= source.rstrip("\n").count("\n") and _parses(translated) else None


def _transform(manager: Callable[[], Any], source: str) -> str:
    return str(manager().transform_cell(source))


def _parses(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parse(source)
    except SyntaxError:
        return False
    return True
