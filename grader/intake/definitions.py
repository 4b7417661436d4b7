"""Every definition in a stretch of code, in order: what it binds and needs, whether it is blank. Nothing is run."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.intake.blank import is_blank
from grader.intake.evidence import Definition, Method
from grader.intake.magics import to_python
from grader.intake.names import bound_and_needed
from grader.intake.repair import Stretch, describe, parse, salvage
from grader.model import Place

LONGEST_KEPT = 20_000  # characters
_NOWHERE = Place("")
SETTINGS = frozenset(
    {
        "set_grad_enabled", "set_default_dtype", "set_default_tensor_type", "manual_seed", "seed", "seterr",
    }
)  # fmt: skip
_MUTATORS = frozenset({"append", "extend", "update", "add", "insert", "setdefault", "remove", "pop", "clear"})
_WORK = frozenset(
    {
        "input", "open", "train", "fit", "backward", "step", "urlopen", "urlretrieve", "loadtxt", "read_csv", "load",
        "system", "DataLoader", "MNIST", "tqdm", "trange", "show", "sleep", "run", "figure", "subplots", "plot",
        "evaluate", "test",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """A code cell read: `source` as Python, its definitions with lines counted from 1, and why it does not parse.

    `prose`: nothing but comments and strings stands in it.
    """

    source: str
    definitions: tuple[Definition, ...]
    problem: str | None
    prose: bool


def read_code(source: str, notebook: bool) -> Code:
    """Read one code cell. Sheets hand out most cells, so what was read once is kept, if it is of ordinary length."""
    return _kept(source, notebook) if len(source) <= LONGEST_KEPT else _read_code(source, notebook)


@lru_cache(maxsize=512)
def _kept(source: str, notebook: bool) -> Code:
    return _read_code(source, notebook)


def _read_code(source: str, notebook: bool) -> Code:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a student's "\\d" is none of our business
        python, tree, problem = source, *_parsed(source)
        if problem and notebook:
            python = to_python(source)
            tree, problem = _parsed(python)
        stretches = salvage(python) if tree is None else (Stretch(1, tree, python),)
        found: list[Definition] = []
        for stretch in stretches:
            try:
                found.extend(_read(stretch))
            except (RecursionError, MemoryError, ValueError):
                found.append(_broken(stretch, "the code is nested too deeply"))
    prose = (
        problem is None
        and bool(source.strip())
        and all(_is_string(s) for s in (stretches[0].tree.body if stretches[0].tree else ()))
    )
    numbered = tuple(replace(definition, order=order) for order, definition in enumerate(found))
    return Code(python, numbered, problem, prose)


def _parsed(source: str) -> tuple[ast.Module | None, str | None]:
    """The tree, or why there is none."""
    try:
        return parse(source), None
    except SyntaxError as error:
        return None, describe(error)


def _read(stretch: Stretch) -> Iterator[Definition]:
    if stretch.tree is None:
        yield _broken(stretch, stretch.problem)
        return
    lines = stretch.text.split("\n")
    for index, statement in enumerate(stretch.tree.body):
        alone = all(
            other.lineno > (statement.end_lineno or 0) or (other.end_lineno or 0) < _first_line(statement)
            for other in stretch.tree.body[max(index - 1, 0) : index + 2]
            if other is not statement
        )
        yield from _statement(statement, lines, stretch, alone)


def _broken(stretch: Stretch, problem: str | None) -> Definition:
    return Definition(stretch.names, "broken", stretch.text, _at(stretch.line), 0, problem=problem)


def _at(line: int) -> Place:
    return Place(_NOWHERE.file, None, line)


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def _statement(statement: ast.stmt, lines: list[str], stretch: Stretch, alone: bool) -> Iterator[Definition]:
    first = _first_line(statement)
    if alone and statement.col_offset == 0:
        source = "\n".join(lines[first - 1 : statement.end_lineno])
    elif alone and _parses(textwrap.dedent("\n".join(lines[first - 1 : statement.end_lineno]))):
        source = textwrap.dedent("\n".join(lines[first - 1 : statement.end_lineno]))
    else:
        source = ast.unparse(statement)
    place = _at(first + stretch.line - 1)
    match statement:
        case ast.ClassDef():
            yield _class(statement, source, place, stretch)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _, needs = bound_and_needed(statement)
            yield Definition(
                (statement.name,),
                "function",
                source,
                place,
                0,
                needs=needs,
                blank=is_blank(as_method(statement)),
                tree=statement,
            )
        case ast.Import() | ast.ImportFrom():
            yield from _imports(statement, place)
        case ast.Expr(value=value):
            yield from _call(statement, value, source, place)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            yield from _assignment(statement, source, place)
        case ast.If(test=test) if _is_main_guard(test):
            return
        case (
            ast.If() | ast.For() | ast.While() | ast.With() | ast.Try() | ast.AsyncFor() | ast.AsyncWith() | ast.Match()
        ):
            yield from _compound(statement, source, place, lines, stretch)


def _parses(source: str) -> bool:
    return _parsed(source)[0] is not None


def as_method(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """A plain function read as a method: every argument counts as input."""
    args = ast.arguments(
        posonlyargs=[ast.arg("self"), *function.args.posonlyargs], args=function.args.args, vararg=function.args.vararg,
        kwonlyargs=function.args.kwonlyargs, kw_defaults=[], kwarg=function.args.kwarg, defaults=[],
    )  # fmt: skip
    return ast.FunctionDef(name=function.name, args=args, body=function.body, decorator_list=[])


def _class(statement: ast.ClassDef, source: str, place: Place, stretch: Stretch) -> Definition:
    _, needs = bound_and_needed(statement)
    offset = stretch.line - 1
    methods: dict[str, Method] = {}
    for node in _flat(statement.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            span = range(node.lineno + offset, (node.end_lineno or node.lineno) + offset + 1)
            blank = is_blank(node) if node.name not in stretch.lost else False
            methods[node.name] = Method(
                node.name, blank or any(line in span for line in stretch.holes), node.lineno + offset
            )
        elif isinstance(node, ast.Assign):
            nothing = isinstance(node.value, ast.Constant)
            for target in node.targets:
                if isinstance(target, ast.Name) and (
                    isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute | ast.Call) or target.id in methods
                ):
                    methods[target.id] = Method(target.id, nothing, node.lineno + offset)
    return Definition(
        (statement.name,), "class", source, place, 0, needs=needs, blank=_nothing_filled(methods.values()),
        methods=tuple(methods.values()), problem=stretch.problem if stretch.lost else None, tree=statement,
    )  # fmt: skip


def _nothing_filled(methods: Iterable[Method]) -> bool:
    return all(method.blank for method in methods if not method.name.startswith("__"))


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a class body or block, those in `if`, `try` and `with` blocks too."""
    for node in body:
        match node:
            case ast.If(body=inner, orelse=orelse):
                yield from _flat([*inner, *orelse])
            case ast.With(body=inner):
                yield from _flat(inner)
            case ast.Try(body=inner, orelse=orelse, finalbody=final, handlers=handlers):
                yield from _flat([*inner, *(s for handler in handlers for s in handler.body), *orelse, *final])
            case _:
                yield node


def _imports(statement: ast.Import | ast.ImportFrom, place: Place) -> Iterator[Definition]:
    """Each alias is a definition of its own: one that is not installed must not cost the others."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            single: ast.stmt = ast.Import(names=[alias])
            name = alias.asname or alias.name.partition(".")[0]
        else:
            single = ast.ImportFrom(module=statement.module, names=[alias], level=statement.level)
            name = alias.asname or alias.name
        yield Definition((name,), "import", ast.unparse(single), place, 0, tree=single)


def _call(statement: ast.Expr, value: ast.expr, source: str, place: Place) -> Iterator[Definition]:
    """A bare expression: a setting, a change of something defined earlier, or work that is never run."""
    if not isinstance(value, ast.Call):
        return
    needs = bound_and_needed(statement)[1]
    match value.func:
        case ast.Attribute(attr=name) if name in SETTINGS:
            yield Definition((), "setting", source, place, 0, needs=needs, tree=statement)
        case ast.Name(id="setattr") if value.args and (root := _root(value.args[0])):
            yield Definition((root,), "patch", source, place, 0, needs=needs, tree=statement)
        case ast.Attribute(value=target, attr=name) if name in _MUTATORS and (root := _root(target)):
            yield Definition((root,), "patch", source, place, 0, needs=needs, runs_work=_works(value), tree=statement)
        case ast.Name(id=name):
            yield Definition((), "compound", source, place, 0, needs=needs, runs_work=True, tree=statement)


def _assignment(
    statement: ast.Assign | ast.AugAssign | ast.AnnAssign, source: str, place: Place
) -> Iterator[Definition]:
    if statement.value is None:
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names, needs = bound_and_needed(statement)
    works = _works(statement.value)
    roots = tuple(
        dict.fromkeys(root for target in targets if not isinstance(target, ast.Name) and (root := _root(target)))
    )
    if isinstance(statement, ast.AugAssign):
        roots, names = (*roots, *names), ()
    if names:
        yield Definition(names, "assign", source, place, 0, needs=needs, runs_work=works, tree=statement)
    elif roots:
        yield Definition(roots, "patch", source, place, 0, needs=needs, runs_work=works, tree=statement)


def _compound(
    statement: ast.stmt, source: str, place: Place, lines: list[str], stretch: Stretch
) -> Iterator[Definition]:
    """A block: the names that it binds, and the classes and functions in it once more by themselves."""
    names, needs = bound_and_needed(statement)
    roots = _changed(statement)
    if roots and isinstance(statement, ast.For):
        yield Definition(roots, "patch", source, place, 0, needs=needs, tree=statement)
    inner = [
        node for node in _flat([statement]) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    own = {node.name for node in inner}
    rest = tuple(name for name in names if name not in own)
    if rest:
        yield Definition(rest, "compound", source, place, 0, needs=needs, runs_work=_heavy(statement), tree=statement)
    for node in inner:
        yield from _statement(node, lines, stretch, True)


def _changed(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a loop does nothing but fill (`for k in range(9): TABLE[k] = k * k`)."""
    if not isinstance(statement, ast.For):
        return ()
    roots: dict[str, None] = {}
    for node in statement.body:
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=root))]):
                roots[root] = None
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=root), attr=name))) if name in _MUTATORS:
                roots[root] = None
            case _:
                return ()
    return () if _works(statement) else tuple(roots)


def _heavy(statement: ast.stmt) -> bool:
    """Whether a block does work: a loop, or a call that trains, reads, plots or asks."""
    return any(isinstance(node, ast.For | ast.While) for node in _flat([statement])) or _works(statement)


def _works(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _WORK or name.startswith(
                ("train", "plot", "download")
            ):
                return True
    return False


def _root(target: ast.expr) -> str | None:
    """`Linear` of `Linear.forward` and of `Linear.table[0]`."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _is_main_guard(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
