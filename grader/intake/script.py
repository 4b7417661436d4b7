"""Python scripts, hand-written or exported from a notebook, to blocks of code and of prose (comments, strings)."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from grader.intake.document import Block, Document, Unreadable
from grader.intake.magics import to_python
from grader.intake.marimo import unwrapped
from grader.intake.repair import MAX_SOURCE, parse, salvage
from grader.intake.text import decode

_CELL = re.compile(r"^#\s*%%+\s*(?:\[\w+\])?")
_MARKER = re.compile(
    r"^#\s*(?:In\s*\[[\d ]*\]:?|<codecell>|<markdowncell>|coding[:=].*|-\*-.*-\*-|[+-]\s*(?:\{.*\})?|!.*)\s*$"
)


def read_script(name: str, data: bytes) -> Document:
    """The blocks of a script. Raises Unreadable with a sentence when it is no text that Python could be."""
    if len(data) > MAX_SOURCE * 2:
        raise Unreadable(f"{name} is larger than {MAX_SOURCE * 2 // 1_000_000} MB, which no homework script is.")
    text = decode(data, cookie=True)
    if "\0" in text:
        raise Unreadable(f"{name} is not a Python script: it holds bytes that are no text.")
    text = text.expandtabs(8) if _needs_tabs_expanded(text) else text
    python = to_python(unwrapped(text))
    lines = python.split("\n")
    return Document(name, "script", tuple(_blocks(python, lines)))


def read_prose(name: str, data: bytes) -> Document:
    """A Markdown or text file: one block of prose."""
    text = decode(data[:MAX_SOURCE])
    return Document(name, "prose", (Block("markdown", text),))


def _needs_tabs_expanded(text: str) -> bool:
    """Python 2 let tabs and spaces mix; a script that does so is read the way it was."""
    if "\t" not in text:
        return False
    try:
        parse(text)
    except TabError:
        return True
    except SyntaxError:
        return False
    return False


def _blocks(source: str, lines: list[str]) -> Iterator[Block]:
    """Code and prose in turn: prose is a comment between statements, or a string that stands alone."""
    code_from: int | None = None
    last = 0
    for begin, end, is_prose in [*_spans(source, lines), (len(lines) + 1, len(lines) + 1, False)]:
        gap = lines[last : begin - 1]
        said = _comment_text(gap)
        if said.strip() or is_prose or begin > len(lines):
            if code_from is not None:
                yield Block("code", "\n".join(lines[code_from - 1 : last]), None, code_from)
                code_from = None
            if said.strip():
                yield Block("markdown", said, None, last + 1)
        if is_prose:
            yield Block("markdown", _string_text(lines[begin - 1 : end]), None, begin)
        elif begin <= len(lines) and code_from is None:
            code_from = begin
        last = max(last, end)


def _spans(source: str, lines: list[str]) -> list[tuple[int, int, bool]]:
    """First and last line of every top-level statement, and whether it is prose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [
                (
                    min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]),
                    node.end_lineno or node.lineno,
                    _is_prose(node),
                )
                for node in parse(source).body
            ]
        except SyntaxError:
            pass
        spans = []
        for stretch in salvage(source):
            body = stretch.tree.body if stretch.tree else []
            text = stretch.text.split("\n")
            length = len(text)
            while length > 1 and (not text[length - 1].strip() or text[length - 1].startswith("#")):
                length -= 1
            spans.append((stretch.line, stretch.line + length - 1, len(body) == 1 and _is_prose(body[0])))
        return spans


def _is_prose(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _comment_text(gap: list[str]) -> str:
    """The words of a run of comments, without their marks and without the marks of exported notebooks."""
    said = []
    for line in gap:
        if cell := _CELL.match(line):
            said.append(line[cell.end() :].strip())
        elif line.startswith("#") and not _MARKER.match(line):
            said.append(line.removeprefix("#").removeprefix(" "))
        else:
            said.append("")
    return "\n".join(said)


def _string_text(span: list[str]) -> str:
    """The text of a string statement, line for line."""
    text = "\n".join(span).strip()
    text = re.sub(r"^[rRuUbBfF]*(\"\"\"|'''|\"|')", "", text)
    return re.sub(r"(\"\"\"|'''|\"|')\s*;?$", "", text)
