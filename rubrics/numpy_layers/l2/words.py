"""How a student's code speaks of λ, and where code that decays weights stands beside the Linear that is judged."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.intake.evidence import Cell, Definition, Evidence
from grader.intake.repair import parse

_LAMBDA = re.compile(r"(?i)(?<![a-z])(l2|lam|lmb|lmd|lbd|reg(?=ul|[^a-z]|$)|decay|penal|wd(?![a-z]))|λ|正则")
_LOOSE = re.compile(r"(?i)(?<![a-z])(alpha|beta|mu|coeff?|strength|ridge)(?![a-z])")
_ANYWHERE = re.compile(r"(?i)l2|lam|lmb|lmd|lbd|reg|decay|penal|wd|λ|正则|alpha|beta|mu|coef|strength|ridge")
WEIGHT = re.compile(r"(?i)^(w|weights?|kernel)$")


def speaks_of_lambda(name: str, *, loosely: bool = False) -> bool:
    """Whether an identifier may stand for λ or for regularisation; `loosely` takes ``alpha`` and the like too.

    >>> [speaks_of_lambda(name) for name in ("lam", "l2_reg", "weightDecay", "λ", "linear", "alpha", "register")]
    [True, True, True, True, False, False, False]
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return bool(_LAMBDA.search(apart) or (loosely and _LOOSE.search(apart)))


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Every name, attribute and argument in a piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name


def uses_lambda(definition: Definition) -> bool:
    """Whether a method of the class beside the constructor reads something that may be λ."""
    if not isinstance(definition.tree, ast.ClassDef):
        return True
    methods = [node for node in definition.tree.body if isinstance(node, ast.FunctionDef) and node.name != "__init__"]
    return any(
        speaks_of_lambda(name, loosely=True) for method in methods for node in ast.walk(method) for name in _read(node)
    )


def _read(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield node.attr


def decay_elsewhere(evidence: Evidence, judged: Definition | None, section: str) -> str:
    """Where else the student's own code seems to decay weights: a class, a function, a loop. In words, or ""."""
    for definition in evidence.definitions:
        if definition is judged or definition.kind not in ("class", "function") or definition.blank:
            continue
        if definition.tree is None or (definition.section != section and _is_plain_layer(definition)):
            continue
        if not _ANYWHERE.search(definition.source):
            continue
        names = set(identifiers(definition.tree))
        if any(map(speaks_of_lambda, names)) and any(map(WEIGHT.match, names)):
            return f"the {definition.kind} `{definition.names[0]}` ({definition.place})"
    for cell in evidence.cells:
        own = cell.kind == "code" and not cell.template and _ANYWHERE.search(cell.source)
        if own and any(_decays(node) for node in _loose_statements(cell)):
            return f"code in cell {cell.number} of {cell.file}" if cell.number is not None else f"code in {cell.file}"
    return ""


def _is_plain_layer(definition: Definition) -> bool:
    """A Linear of another question, with a λ or not, is that question's."""
    return any(name.lower() == "linear" for name in definition.names)


def _loose_statements(cell: Cell) -> Iterator[ast.stmt]:
    try:
        tree = parse(cell.source)
    except SyntaxError:
        return
    yield from (node for node in tree.body if not isinstance(node, ast.ClassDef | ast.FunctionDef))


def _decays(statement: ast.stmt) -> bool:
    """Whether a statement assigns to some layer's weights and speaks of λ."""
    nodes = list(ast.walk(statement))
    assigned = [
        target
        for node in nodes
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    to_weights = any(
        isinstance(part, ast.Attribute) and WEIGHT.match(part.attr) for target in assigned for part in ast.walk(target)
    )
    return to_weights and any(speaks_of_lambda(name, loosely=True) for name in identifiers(statement))
