"""How a Linear of Q6 gets its λ, and the programs that drive it so.

λ may be written into the class, or be an argument of its constructor or of backward (with or without a default, by name
or out of ``**kwargs``), or an attribute or a global that is switched off where the class is defined.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from grader.intake.evidence import Definition
from grader.probe import record
from grader.worker.program import Program
from rubrics.numpy_layers.l2.solving import Vector
from rubrics.numpy_layers.l2.words import identifiers, speaks_of_lambda
from rubrics.numpy_layers.spellings import WEIGHTS

GIVEN_LAMBDA = 0.01
RATES = ("lr", "learning_rate", "eta", "step", "rate", "LR")

Value = float | bool | str
Setting = tuple[tuple[str, Value], ...]
"""Names with what they are given."""


@dataclass(frozen=True)
class Way:
    """What a class is given beside the sheet's arguments: in its constructor, in backward, as attributes.

    `rate` is what backward calls the learning rate, where that does not stand third as on the sheet.
    """

    constructor: Setting = ()
    backward: Setting = ()
    attributes: Setting = ()
    rate: str = ""

    @property
    def gives(self) -> bool:
        """Whether λ is ours."""
        return bool(self.constructor or self.backward or self.attributes)


@dataclass(frozen=True)
class _Argument:
    name: str
    default: ast.expr | None
    kind: str = ""  # the word for L2 that the class compares it with: ``if self.penalty == "l2"``

    @property
    def instead(self) -> Value | None:
        """A λ where there is no default or one that means none, yes for no; None where the default means something."""
        if self.kind:
            return self.kind if self.default is None or _names_nothing(self.default) else None
        return GIVEN_LAMBDA if self.default is None else _instead(self.default)


def ways(definition: Definition) -> tuple[Way, ...]:
    """As the class is; with a λ of ours where it has one that is switched off; with everything that it leaves open."""
    if not isinstance(definition.tree, ast.ClassDef):
        return (Way(),)
    methods = {node.name: node for node in definition.tree.body if isinstance(node, ast.FunctionDef)}
    made = _beyond(methods.get("__init__"), 3)
    called = [a for a in _beyond(methods.get("backward"), 3) if a.name not in RATES]
    rate = _rate(methods.get("backward"))
    if not rate:
        called = [a for a in _beyond(methods.get("backward"), 4) if a.name not in RATES]
    kinds = dict(_kinds(definition.tree))
    made, called = ([replace(a, kind=kinds.get(a.name, "")) for a in some] for some in (made, called))
    attributes = tuple(_switched_off([*definition.tree.body, *ast.walk(methods.get("__init__", ast.Pass()))]))
    found = [
        Way(_given(made, open_), _given(called, open_), attributes if switched else (), rate)
        for open_, switched in (("needed", False), ("λ", True), ("all", True))
    ]
    return tuple(dict.fromkeys(found))


def _beyond(function: ast.FunctionDef | None, known: int) -> list[_Argument]:
    """The arguments after the sheet's own, `self` counted."""
    if function is None:
        return []
    listed = [*function.args.posonlyargs, *function.args.args]
    without: list[ast.expr | None] = [None] * (len(listed) - len(function.args.defaults))
    pairs = [*zip(listed, [*without, *function.args.defaults], strict=True)][known:]
    pairs += zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    named = [_Argument(arg.arg, default) for arg, default in pairs]
    return [*named, *_out_of_kwargs(function)]


def _out_of_kwargs(function: ast.FunctionDef) -> Iterator[_Argument]:
    """What a function reads from its ``**kwargs``: ``kwargs["lam"]``, ``kwargs.get("lam", 0)`` or ``.pop``."""
    kept = function.args.kwarg.arg if function.args.kwarg else None
    for node in ast.walk(function):
        match node:
            case ast.Subscript(ast.Name(name), ast.Constant(str(key)), ast.Load()) if name == kept:
                yield _Argument(key, None)
            case ast.Call(ast.Attribute(ast.Name(name), "get" | "pop"), [ast.Constant(str(key)), *or_]) if name == kept:
                yield _Argument(key, or_[0] if or_ else ast.Constant(None))


def _rate(backward: ast.FunctionDef | None) -> str:
    """What the learning rate is called where something else stands in its place."""
    if backward is None:
        return ""
    listed = [arg.arg for arg in [*backward.args.posonlyargs, *backward.args.args]]
    others = [*listed[4:], *(arg.arg for arg in backward.args.kwonlyargs)]
    if len(listed) > 3 and listed[3] in RATES:
        return ""
    return next((name for name in others if name in RATES), "")


def _kinds(tree: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Names that are compared with a word for L2, each with that word: ``if self.penalty == "l2"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            words = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            word = next((one for one in words if isinstance(one, str) and speaks_of_lambda(one, loosely=True)), None)
            if word is not None:
                yield from ((name, word) for name in identifiers(node))


def _names_nothing(default: ast.expr) -> bool:
    """Whether a default says that nothing is switched on: None, False, an empty word or "none"."""
    return isinstance(default, ast.Constant) and str(default.value or "none").lower() in {"none", "no", "off"}


def _given(arguments: list[_Argument], which: str) -> Setting:
    """Values for what must be given ("needed"), for what may be λ as well ("λ"), or for all that is open ("all")."""
    chosen = [
        (argument.name, argument.instead)
        for argument in arguments
        if argument.default is None
        or which == "all"
        or (which == "λ" and speaks_of_lambda(argument.name, loosely=True))
    ]
    return tuple((name, value) for name, value in chosen if value is not None)


def _switched_off(nodes: list[ast.AST]) -> Iterator[tuple[str, Value]]:
    """Attributes that speak of λ and are set to nothing, in the class or its constructor."""
    for node in nodes:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        value = _instead(node.value)
        for target in node.targets:
            name = (
                target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
            )
            if value is not None and speaks_of_lambda(name, loosely=True):
                yield name, value


def _instead(constant: ast.expr) -> Value | None:
    if not isinstance(constant, ast.Constant):
        return None
    if constant.value is False:
        return True
    nothing = constant.value is None or (isinstance(constant.value, int | float) and constant.value == 0)
    return GIVEN_LAMBDA if nothing else None


@cache
def program(vector: Vector, way: Way) -> Program:
    """Forward, backward, and what became of W and b."""

    def probe(layer: Any, case: Vector) -> Iterator[tuple[str, Any]]:
        linear = layer(*case.W.shape, **dict(way.constructor))
        linear.W, linear.b = case.W, case.b
        for name, value in way.attributes:
            setattr(linear, name, value)
        yield "Y", linear.forward(case.X)
        rate = {way.rate: case.lr} if way.rate else {}
        yield "dX", linear.backward(case.X, case.dY, *([] if rate else [case.lr]), **rate, **dict(way.backward))
        yield "W", linear.W
        yield "b", linear.b

    return record(probe, ["Linear"], vector, {"X": vector.X, "dY": vector.dY}, WEIGHTS)
