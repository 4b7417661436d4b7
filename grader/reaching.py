"""Signs that a class reaches outside its task: for the instructor to look at. No mark depends on them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from grader.intake.repair import parse

MODULES = frozenset({"ctypes", "gc", "inspect", "multiprocessing", "os", "pathlib", "shutil", "socket", "subprocess"})
NAMES = frozenset({"open", "exec", "eval", "compile", "__import__", "globals"})
ATTRIBUTES = frozenset(
    {"_getframe", "currentframe", "f_back", "f_locals", "f_globals", "modules", "get_objects", "__subclasses__"}
)
WHOLE = frozenset({"allclose", "isclose", "array_equal", "assert_allclose"})


def reaches(sources: Iterable[str]) -> tuple[str, ...]:
    """What in `sources` no layer needs: files, frames, processes, replaced functions of numpy.

    >>> reaches(["import numpy as np\\nnp.allclose = lambda *a: True"])
    ('replaces np.allclose',)
    >>> reaches(["import numpy as np\\ndef relu(x):\\n    return np.maximum(x, 0)"])
    ()
    """
    return tuple(dict.fromkeys(sign for source in sources for sign in _signs(source)))


@lru_cache(maxsize=512)
def _signs(source: str) -> tuple[str, ...]:
    """The questions of one hand-in share most of their sources."""
    try:
        tree = parse(source)
    except SyntaxError:
        return ()
    return tuple(sign for node in ast.walk(tree) if (sign := _sign(node)))


def _sign(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
        return f"calls {node.func.id}"
    if isinstance(node, ast.Attribute):
        written = f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else node.attr
        if isinstance(node.ctx, ast.Store) and node.attr in WHOLE:
            return f"replaces {written}"
        if node.attr in ATTRIBUTES or (
            isinstance(node.value, ast.Name) and node.value.id in MODULES and node.attr != "path"
        ):
            return f"uses {written}"
    if isinstance(node, ast.FunctionDef) and node.name == "__eq__":
        return "defines an equality of its own"
    return None
