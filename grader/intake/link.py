"""What definitions of one file say about each other: inherited and attached methods, aliases, untouched stubs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.intake.blank import is_blank
from grader.intake.definitions import as_method
from grader.intake.evidence import Definition, Method
from grader.intake.sheet import Sheet


def link(definitions: Sequence[Definition], sheet: Sheet) -> list[Definition]:
    """The same definitions, each knowing all the methods that it will have when its file has been run."""
    linked = list(definitions)
    latest: dict[str, int] = {}  # the class, alias or function that a name stands for at this point
    for index, definition in enumerate(linked):
        if definition.kind == "class":
            linked[index] = _class(definition, linked, latest, sheet)
        elif definition.kind == "assign" and (source := _alias_of(definition, linked, latest)) in latest:
            original = linked[latest[source]]
            if original.kind != "function":
                linked[index] = replace(definition, methods=original.methods, blank=original.blank)
        elif definition.kind == "patch":
            _attach(definition, linked, latest)
            continue
        if definition.kind in ("class", "assign", "function", "broken"):
            for name in definition.names:
                latest[name] = index
    return linked


def _class(definition: Definition, linked: Sequence[Definition], latest: dict[str, int], sheet: Sheet) -> Definition:
    tree = definition.tree
    if not isinstance(tree, ast.ClassDef):
        return definition
    methods = {method.name: method for method in definition.methods}
    name = definition.names[0]
    if name in sheet.to_fill:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and (name, node.name) in sheet.stubs and not methods[node.name].blank:
                untouched = ast.dump(node) in sheet.stubs[name, node.name]
                methods[node.name] = replace(methods[node.name], blank=untouched)
    functions = {known: linked[index] for known, index in latest.items() if linked[index].kind == "function"}
    methods.update((method.name, method) for method in _given_to_self(tree, definition.place.line or 1, functions))
    for base in tree.bases:
        if isinstance(base, ast.Name) and base.id in latest:
            for method in linked[latest[base.id]].methods:
                if not method.blank and not method.name.startswith("__"):
                    methods.setdefault(method.name, method)
    foreign = any(isinstance(base, ast.Attribute) and base.attr != "Module" for base in tree.bases)
    return replace(definition, methods=tuple(methods.values()), blank=_all_blank(methods.values()) and not foreign)


def _given_to_self(tree: ast.ClassDef, line: int, functions: Mapping[str, Definition]) -> Iterator[Method]:
    """`self.forward = …` in the constructor: a lambda, a function defined there, or one of the file, bound or not."""
    for made in tree.body:
        if not isinstance(made, ast.FunctionDef) or made.name not in ("__init__", "__post_init__"):
            continue
        blanks = {name: function.blank for name, function in functions.items()}
        blanks |= {node.name: is_blank(as_method(node)) for node in made.body if isinstance(node, ast.FunctionDef)}
        for target, value in _attributes(made):
            at = line + target.lineno - tree.lineno
            match value:
                case ast.Lambda(body=body):
                    yield Method(target.attr, isinstance(body, ast.Constant), at)
                case ast.Name(id=known) | ast.Call(args=[ast.Name(id=known), *_]) if known in blanks:
                    yield Method(target.attr, blanks[known], at)


def _attributes(made: ast.FunctionDef) -> Iterator[tuple[ast.Attribute, ast.expr]]:
    """The attributes of `self` that a method sets, and to what."""
    for node in ast.walk(made):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=False))
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case _:
                continue
        for target, value in pairs:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
                yield target, value


def _attach(patch: Definition, linked: list[Definition], latest: dict[str, int]) -> None:
    """`Linear.forward = fwd` and `setattr(Linear, "forward", fwd)` give the class its method."""
    found = _attached(patch.tree)
    if found is None or patch.names[0] not in latest:
        return
    attribute, value = found
    index = latest[patch.names[0]]
    target = linked[index]
    blank = isinstance(value, ast.Constant)
    if isinstance(value, ast.Name) and value.id in latest:
        blank = linked[latest[value.id]].blank
    methods = {method.name: method for method in target.methods}
    methods[attribute] = Method(attribute, blank, patch.place.line or 0)
    linked[index] = replace(target, methods=tuple(methods.values()), blank=_all_blank(methods.values()))


def _attached(tree: ast.stmt | None) -> tuple[str, ast.expr] | None:
    match tree:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(), attr=attribute)], value=value):
            return attribute, value
        case ast.Expr(
            value=ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(), ast.Constant(value=str(attribute)), value])
        ):
            return attribute, value
    return None


def _alias_of(definition: Definition, linked: Sequence[Definition], latest: dict[str, int]) -> str:
    """The class that `Linear = MyLinear` or `Linear = decorate(MyLinear)` stands for, "" when there is none.

    What a function makes of a base class is a class of its own.
    """
    match definition.tree:
        case ast.Assign(value=ast.Name(id=name)):
            return name
        case ast.Assign(value=ast.Call(func=ast.Name(id=maker))) if maker in latest and _makes(linked[latest[maker]]):
            return ""
        case ast.Assign(value=ast.Call(args=[ast.Name(id=name)])):
            return name
    return ""


def _makes(function: Definition) -> bool:
    """Whether a function defines a class and fills something in there."""
    inner = [node for node in ast.walk(function.tree or ast.Pass()) if isinstance(node, ast.ClassDef)]
    methods = [node for made in inner for node in made.body if isinstance(node, ast.FunctionDef)]
    return any(not is_blank(node) for node in methods if not node.name.startswith("__"))


def _all_blank(methods: Iterable[Method]) -> bool:
    return all(method.blank for method in methods if not method.name.startswith("__"))
