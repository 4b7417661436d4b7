"""What definitions of one file say about each other: inherited and attached methods, aliases, untouched stubs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.intake.evidence import Definition, Method
from grader.intake.sheet import Sheet


def link(definitions: Sequence[Definition], sheet: Sheet) -> list[Definition]:
    """The same definitions, each knowing all the methods that it will have when its file has been run."""
    linked = list(definitions)
    latest: dict[str, int] = {}  # the class, alias or function that a name stands for at this point
    for index, definition in enumerate(linked):
        if definition.kind == "class":
            linked[index] = _class(definition, linked, latest, sheet)
        elif definition.kind == "assign" and (source := _alias_of(definition)) in latest:
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
    for base in tree.bases:
        if isinstance(base, ast.Name) and base.id in latest:
            for method in linked[latest[base.id]].methods:
                if not method.blank and not method.name.startswith("__"):
                    methods.setdefault(method.name, method)
    foreign = any(isinstance(base, ast.Attribute) and base.attr != "Module" for base in tree.bases)
    return replace(definition, methods=tuple(methods.values()), blank=_all_blank(methods.values()) and not foreign)


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


def _alias_of(definition: Definition) -> str:
    """The class that `Linear = MyLinear` or `Linear = decorate(MyLinear)` stands for, "" when there is none."""
    match definition.tree:
        case ast.Assign(value=ast.Name(id=name)):
            return name
        case ast.Assign(value=ast.Call(args=[ast.Name(id=name)])):
            return name
    return ""


def _all_blank(methods: Iterable[Method]) -> bool:
    return all(method.blank for method in methods if not method.name.startswith("__"))
