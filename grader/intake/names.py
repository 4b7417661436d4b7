"""Which names a statement binds and which global names it reads. Annotations count as neither: they never run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class _Scope:
    """The names of one scope: `through` are those that a class hands past itself (methods don't see its names)."""

    __slots__ = ("bound", "loads", "shared", "through")

    def __init__(self) -> None:
        self.bound: dict[str, None] = {}
        self.loads: set[str] = set()
        self.shared: set[str] = set()
        self.through: set[str] = set()


def bound_names(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a statement binds where it stands, in order; `*` for a star import.

    >>> bound_names(ast.parse("for i, (a, b) in pairs:\\n    c = a").body[0])
    ('i', 'a', 'b', 'c')
    """
    return tuple(_scope_of(statement).bound)


def needed_names(statement: ast.stmt) -> frozenset[str]:
    """The global names that a statement reads when it runs, or when what it defines is called.

    >>> sorted(needed_names(ast.parse("def f(x: Array, k=K):\\n    y = g(x)\\n    return y + EPS").body[0]))
    ['EPS', 'K', 'g']
    """
    return bound_and_needed(statement)[1]


def bound_and_needed(statement: ast.stmt) -> tuple[tuple[str, ...], frozenset[str]]:
    """Both at once."""
    scope = _scope_of(statement)
    needs = scope.loads | scope.through
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.ClassDef | ast.Expr):
        needs -= set(_fixed_first(statement))
    return tuple(scope.bound), frozenset(needs)


def _scope_of(statement: ast.stmt) -> _Scope:
    scope = _Scope()
    _visit(statement, scope)
    return scope


def _fixed_first(statement: ast.stmt) -> Iterable[str]:
    """Names that a compound statement surely binds before it reads them: loop targets, imports, definitions."""
    for node in ast.walk(statement):
        if isinstance(node, ast.For | ast.AsyncFor):
            yield from (n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node is not statement:
            yield node.name


def _visit(node: ast.AST, scope: _Scope) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            scope.loads.add(node.id)
        else:
            scope.bound[node.id] = None
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        scope.bound[node.name] = None
        for decorator in node.decorator_list:
            _visit(decorator, scope)
        _function(node.args, node.body, scope)
    elif isinstance(node, ast.Lambda):
        _function(node.args, [node.body], scope)
    elif isinstance(node, ast.ClassDef):
        _class(node, scope)
    elif isinstance(node, _COMPREHENSIONS):
        inner = _Scope()
        for child in ast.iter_child_nodes(node):
            _visit(child, inner)
        scope.loads |= (inner.loads - inner.bound.keys()) | inner.through
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            scope.bound[
                alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
            ] = None
    elif isinstance(node, ast.Global | ast.Nonlocal):
        scope.shared.update(node.names)
    elif isinstance(node, ast.AugAssign):
        if isinstance(node.target, ast.Name):
            scope.loads.add(node.target.id)
        _visit(node.target, scope)
        _visit(node.value, scope)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            _visit(node.target, scope)
            _visit(node.value, scope)
    else:
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            scope.bound[node.name] = None
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bound[node.rest] = None
        for child in ast.iter_child_nodes(node):
            _visit(child, scope)


def _function(args: ast.arguments, body: Iterable[ast.AST], scope: _Scope) -> None:
    for default in (*args.defaults, *(d for d in args.kw_defaults if d is not None)):
        _visit(default, scope)
    inner = _Scope()
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg):
        if arg is not None:
            inner.bound[arg.arg] = None
    for statement in body:
        _visit(statement, inner)
    own = inner.bound.keys() - inner.shared
    scope.through |= ((inner.loads | inner.through) - own) | inner.shared


def _class(node: ast.ClassDef, scope: _Scope) -> None:
    scope.bound[node.name] = None
    for outside in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
        _visit(outside, scope)
    inner = _Scope()
    for statement in node.body:
        _visit(statement, inner)
    scope.through |= (inner.loads - inner.bound.keys()) | inner.through
