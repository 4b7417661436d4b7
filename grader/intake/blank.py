"""Blank told from wrong: whether a method holds any work of the student's, whatever the disguise.

Zeros of the right shape, None, `pass`, `...`, NotImplementedError, a name that is never bound, a printed "todo": none
of these is an attempt. Code that computes anything is one, right or wrong; so is handing the input back.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_ZEROS = frozenset({"zeros", "zeros_like", "empty", "empty_like"})
_WRAPPERS = frozenset({"array", "asarray", "float", "tensor", "float32", "float64", "Tensor"})
_UNCHANGED = frozenset({"copy", "numpy", "astype", "item", "clone", "detach", "float", "double", "tolist", "squeeze"})
_STUB_NAMES = frozenset({"NotImplemented", "NotImplementedError", "Ellipsis"})
_OUTPUT = frozenset({"print", "display"})

_NO_WORK = (
    ast.Pass, ast.Raise, ast.Assert, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Continue, ast.Break,
)  # fmt: skip


def is_blank(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether nothing in the method computes anything of the student's own.

    A name that the method neither takes nor binds holds nothing: a sheet's stub may end in `return res` with no `res`.

    >>> is_blank(ast.parse("def f(self, x):\\n    res = np.zeros(3)\\n    return res").body[0])
    True
    >>> is_blank(ast.parse("def f(self, x):\\n    return x").body[0])
    False
    """
    args = function.args
    given = [
        arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg) if arg is not None
    ]
    static = any(isinstance(node, ast.Name) and node.id == "staticmethod" for node in function.decorator_list)
    work = _Work({arg.arg for arg in (given if static else given[1:])})
    if any(isinstance(node, ast.NamedExpr) for node in ast.walk(function)):
        return False
    return all(work.inert(statement) for statement in function.body)


class _Work:
    """Reads a method's statements in order and remembers which local names hold nothing yet."""

    def __init__(self, inputs: set[str]) -> None:
        self.inputs = inputs
        self.filled: set[str] = set()

    def inert(self, node: ast.stmt) -> bool:
        """Whether this statement does no work."""
        if isinstance(node, _NO_WORK):
            return True
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in _OUTPUT:
                return True
            case ast.Expr(value=value):
                return isinstance(value, ast.Constant | ast.Name) or self._is_super_init(value)
            case ast.Return(value=value):
                return value is None or self.is_empty(value)
            case ast.Assign(targets=targets, value=value):
                return self._assign(targets, value)
            case ast.AnnAssign(target=target, value=value):
                return value is None or self._assign([target], value)
            case ast.For(target=target, body=body, orelse=orelse):
                self.filled.update(_stored(target))
                return self._all([*body, *orelse])
            case ast.While(body=body, orelse=orelse):
                return self._all([*body, *orelse])
            case ast.If(body=body, orelse=orelse):
                return self._branches(body, orelse)
            case ast.With(items=items, body=body):
                for item in items:
                    self.filled.update(_stored(item.optional_vars) if item.optional_vars else ())
                return self._all(body)
            case ast.Try(body=body, orelse=orelse, finalbody=final, handlers=handlers):
                return self._all([*body, *orelse, *final, *(s for handler in handlers for s in handler.body)])
        return False

    def is_empty(self, value: ast.expr) -> bool:
        """Whether an expression is a placeholder: nothing, zeros, a stub's name, or a local that holds nothing."""
        match value:
            case ast.Constant(value=constant):
                return constant is None or constant is ... or isinstance(constant, str | bool) or constant == 0
            case ast.Name(id=name):
                return name not in self.inputs and name not in self.filled
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return all(self.is_empty(element) for element in elements)
            case ast.Dict(keys=keys):
                return not keys
            case ast.Call(func=ast.Attribute(attr=attribute)) if attribute in _ZEROS:
                return True
            case ast.Call(func=ast.Attribute(value=inner, attr=attribute)) if attribute in _UNCHANGED and self.is_empty(
                inner
            ):
                return not _is_module(inner)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=arguments) if (
                name in _WRAPPERS and arguments
            ):
                return all(self.is_empty(argument) for argument in arguments[:1])
            case ast.Call(func=ast.Name(id=name)):
                return name in _STUB_NAMES
        return False

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> bool:
        """An assignment: placeholders and mere shapes (`N = y.shape[0]`) are no work, and a saved input is none yet."""
        names = [name for target in targets for name in _stored(target)]
        if _is_shape(value):
            self.filled.update(names)
            return all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
        if all(isinstance(target, ast.Name) for target in targets):
            if self.is_empty(value):
                self.filled.difference_update(names)
                return True
            self.filled.update(names)
            return isinstance(value, ast.Name)
        if all(isinstance(target, ast.Attribute) for target in targets):
            return isinstance(value, ast.Name) or self.is_empty(value)
        return False

    def _branches(self, *branches: Sequence[ast.stmt]) -> bool:
        """Whether no branch does any work; a name that one of them fills is filled."""
        before, after = set(self.filled), set(self.filled)
        inert = True
        for branch in branches:
            self.filled = set(before)
            inert &= self._all(branch)
            after |= self.filled
        self.filled = after
        return inert

    def _all(self, statements: Sequence[ast.stmt]) -> bool:
        return all(self.inert(statement) for statement in statements)

    @staticmethod
    def _is_super_init(value: ast.expr) -> bool:
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
                return True
        return False


def _stored(target: ast.AST) -> list[str]:
    """The names that an assignment's target binds."""
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _is_module(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("np", "numpy", "torch")


def _is_shape(value: ast.expr) -> bool:
    match value:
        case ast.Attribute(attr="shape") | ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name()]):
            return True
        case ast.Tuple(elts=elements):
            return bool(elements) and all(_is_shape(element) for element in elements)
    return False
