"""Puts calls of the recorder into a student's statements: a look at the names after each, in functions too.

Its source travels to the confined process with that of `recorder`, in whose module it stands there.
"""

from __future__ import annotations

import ast
from typing import Any

HERE, BACK = "_recorder_here", "_recorder_back"


class Instrument(ast.NodeTransformer):
    """Puts a look at the names after every statement of functions, loops and branches, and around what is returned."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scope: list[str] = []
        self.in_function = 0
        self.framework = [False]

    def visit_FunctionDef(self, node: Any) -> Any:
        self.scope.append(node.name)
        self.in_function += 1
        held, self.scope = self.scope, self.scope[-2:]
        node.body = self.block(node.body)
        self.scope = held
        self.in_function -= 1
        self.scope.pop()
        return node

    def visit_AsyncFunctionDef(self, node: Any) -> Any:
        return self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: Any) -> Any:
        bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
        self.framework.append(bool(bases & {"Module", "Sequential", "Function"}))
        self.scope.append(node.name)
        node.body = [self.visit(item) for item in node.body]
        self.scope.pop()
        self.framework.pop()
        return node

    def visit_Lambda(self, node: Any) -> Any:
        return node

    def visit_Return(self, node: Any) -> Any:
        if node.value is not None:
            node.value = self.call(BACK, node.lineno, [node.value, _call("locals")], with_module=False)
        return node

    def generic_visit(self, node: Any) -> Any:
        if isinstance(node, ast.expr):
            return node
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                setattr(node, field, self.block(inner))
        for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            holder.body = self.block(holder.body)
        return node

    def block(self, statements: list[Any]) -> list[Any]:
        done: list[Any] = []
        for statement in statements:
            done.append(self.visit(statement))
            if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                continue
            if not isinstance(statement, ast.Global | ast.Nonlocal):
                local: Any = _call("locals") if self.in_function else ast.Constant(None)
                line = statement.lineno
                done.append(ast.copy_location(ast.Expr(self.call(HERE, line, [local], with_module=True)), statement))
        return done

    def call(self, what: str, line: int, more: list[Any], with_module: bool) -> Any:
        scope = ".".join(self.scope)
        arguments = [ast.Constant(self.name), ast.Constant(line), ast.Constant(scope)]
        if with_module:
            arguments.append(ast.Constant(self.framework[-1]))
        return ast.Call(ast.Name(what, ast.Load()), [*arguments, *more], [])


def singly(statements: list[Any]) -> list[Any]:
    """The statements, imports one by one: a library that is not installed costs nothing but what uses it."""
    parted: list[Any] = []
    for statement in statements:
        if isinstance(statement, ast.Import) and len(statement.names) > 1:
            parted += [ast.copy_location(ast.Import([alias]), statement) for alias in statement.names]
        else:
            parted.append(statement)
    return parted


def _call(name: str) -> Any:
    return ast.Call(ast.Name(name, ast.Load()), [], [])
