"""A marimo notebook as the plain script that it stands for, line for line: its cells are functions of an app."""

from __future__ import annotations

import ast
import re
import textwrap

from grader.intake.repair import parse

_IS_MARIMO = re.compile(r"^(?:import marimo\b|from marimo import\b)", re.MULTILINE)
_OF_APP = frozenset({"cell", "function", "class_definition", "setup"})


def unwrapped(source: str) -> str:
    """The bodies of an app's cells where the cells stood, and its Markdown as strings; other scripts unchanged.

    >>> unwrapped("import marimo\\n@app.cell\\ndef _(np):\\n    x = np.pi\\n    return (x,)")
    'import marimo\\n\\n\\nx = np.pi\\n'
    """
    if not _IS_MARIMO.search(source):
        return source
    try:
        statements = parse(source).body
    except SyntaxError:
        return source
    lines = source.split("\n")
    for statement in statements:
        match statement:
            case ast.FunctionDef(decorator_list=[mark]) | ast.AsyncFunctionDef(decorator_list=[mark]) if (
                _mark(mark) == "cell"
            ):
                _unwrap(lines, statement, mark.lineno)
            case ast.With(items=[ast.withitem(context_expr=mark)]) if _mark(mark) == "setup":
                _unwrap(lines, statement, statement.lineno)
            case ast.FunctionDef(decorator_list=[mark]) | ast.ClassDef(decorator_list=[mark]) if _mark(mark):
                _blank(lines, mark.lineno, mark.end_lineno)
    return "\n".join(lines)


def _mark(node: ast.expr) -> str:
    """`cell` of `@app.cell` and of `@app.cell(hide_code=True)`; "" for any other decorator."""
    match node.func if isinstance(node, ast.Call) else node:
        case ast.Attribute(value=ast.Name(id="app"), attr=name) if name in _OF_APP:
            return name
    return ""


def _unwrap(lines: list[str], cell: ast.FunctionDef | ast.AsyncFunctionDef | ast.With, first: int) -> None:
    """Leave of a cell what its author wrote: no header, no closing `return`, Markdown without its call."""
    begin, end = cell.body[0].lineno, cell.end_lineno or first
    for node in cell.body:
        match node:
            case ast.Return():
                _blank(lines, node.lineno, node.end_lineno)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="mo"), attr="md"), args=[text])):
                _keep_alone(lines, node, text)
    decorated: list[ast.expr] = getattr(cell.body[0], "decorator_list", [])
    begin = min([begin, *(mark.lineno for mark in decorated)])
    _blank(lines, first, begin - 1)
    lines[begin - 1 : end] = textwrap.dedent("\n".join(lines[begin - 1 : end])).split("\n")


def _keep_alone(lines: list[str], call: ast.Expr, text: ast.expr) -> None:
    """`mo.md(r\"\"\"…\"\"\")` becomes the string alone."""
    _blank(lines, call.lineno, text.lineno - 1)
    _blank(lines, (text.end_lineno or text.lineno) + 1, call.end_lineno)
    last = (text.end_lineno or text.lineno) - 1
    lines[last] = lines[last].encode()[: text.end_col_offset].decode()
    first = lines[text.lineno - 1].encode()
    lines[text.lineno - 1] = " " * call.col_offset + first[text.col_offset :].decode().removeprefix("f")


def _blank(lines: list[str], first: int, last: int | None) -> None:
    for index in range(first - 1, last or first):
        lines[index] = ""
