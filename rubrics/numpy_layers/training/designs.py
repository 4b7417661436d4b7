"""Whether a student's own SimpleNN is no slip but another design: other arguments, or a training step of its own kind.

Read from its code and from the course that it takes. Such a chain is not held against the sheet's: only layers that are
trained in the sheet's SimpleNN are compared.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

import numpy as np

from grader.intake.evidence import Definition, Evidence
from grader.training import Departure, Net, losses
from grader.worker.program import Run
from rubrics.numpy_layers.l2.words import identifiers, speaks_of_lambda

OTHER_ARGUMENTS = "takes other arguments or names, and was not tried"
STEPS_ELSEWHERE = "leaves the update to another place, and was not tried"
OWN_STEP = "steps in a way of its own ({}), and was not compared"

_METHODS = frozenset({"__init__", "forward", "__call__", "backward"})
_LOSS = re.compile(r"(?i)loss|crit|cost|mse|objective")
_GRADIENT = re.compile(r"(?i)grad|delta|^d[A-Z_]|^dout|upstream|^g$")
_OPTIMISER = re.compile(r"(?i)momentum|veloc|nesterov|^adam|rmsprop|adagrad|clip|schedul|anneal|warm_?up|decay")
_UPDATER = re.compile(r"(?i)sgd|optim|step|update|adam|momentum|train|^fit$")
_NOT_THERE = r"'{}' object (is not callable|has no attribute '(__call__|forward|backward|loss_value)')"


def design_of(chain: Definition, evidence: Evidence, net: Net, departs: Departure, run: Run | None) -> str:
    """What makes a chain another design than the sheet's, in words that follow "yours"; empty where nothing does."""
    if not isinstance(chain.tree, ast.ClassDef):
        return ""
    methods = {node.name: node for node in chain.tree.body if isinstance(node, ast.FunctionDef)}
    if _called_otherwise(chain.tree, departs) or _built_otherwise(methods) or _takes_a_gradient(methods):
        return OTHER_ARGUMENTS
    if run is None or departs.error is not None:
        return ""
    if _leaves_everything(net, run):
        return STEPS_ELSEWHERE if _updates_elsewhere(chain.tree, methods, evidence) else ""
    curve = losses(run)
    named = next((name for name in identifiers(chain.tree) if _OPTIMISER.search(name) or speaks_of_lambda(name)), "")
    named = named or next(_moves_its_rate(methods), "")
    learns = len(curve) == net.steps and curve[-1] < curve[0]
    return OWN_STEP.format(named) if named and learns else ""


def _called_otherwise(tree: ast.ClassDef, departs: Departure) -> bool:
    """Whether the training stopped because the chain, or what it inherits, is called in another way."""
    error = departs.error
    if error is None:
        return False
    if error.type == "NotImplementedError":  # the base class's own method answered
        return True
    bases = [base.id for base in tree.bases if isinstance(base, ast.Name)]
    own = "|".join(map(re.escape, [tree.name, "Module", *bases]))
    arguments = re.search(rf"\b(?:{own})\.\w+\(\) .*\bargument", error.message)
    return bool(arguments or re.search(_NOT_THERE.format(re.escape(tree.name)), error.message))


def _built_otherwise(methods: dict[str, ast.FunctionDef]) -> bool:
    """Whether the constructor takes its layers one by one, or the loss before them."""
    made = methods.get("__init__")
    if made is None:
        return False
    listed = [*made.args.posonlyargs, *made.args.args][1:]
    return made.args.vararg is not None or bool(listed and _LOSS.search(listed[0].arg))


def _takes_a_gradient(methods: dict[str, ast.FunctionDef]) -> bool:
    """Whether `backward` is given the loss's gradient instead of the targets: it never asks the loss itself."""
    backward = methods.get("backward")
    if backward is None or len(backward.args.args) < 2:
        return False
    asks = any(_LOSS.search(name) for statement in backward.body for name in identifiers(statement))
    return not asks and _GRADIENT.search(backward.args.args[1].arg) is not None


def _moves_its_rate(methods: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """The attribute that holds the learning rate, where the chain changes it or reckons a step from it and a count."""
    kept = {
        target.attr
        for node in ast.walk(methods.get("__init__", ast.Pass()))
        if isinstance(node, ast.Assign)
        for target, value in _assigned(node)
        if isinstance(target, ast.Attribute) and isinstance(value, ast.Name) and value.id == "lr"
    }
    later = [node for name, method in methods.items() if name != "__init__" for node in ast.walk(method)]
    changed = {n.target.attr for n in later if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Attribute)}
    changed |= {
        target.attr
        for node in later
        if isinstance(node, ast.Assign)
        for target, value in _assigned(node)
        if isinstance(target, ast.Attribute) and target.attr in identifiers(value)
    }
    terms = [set(identifiers(node)) for node in later if isinstance(node, ast.BinOp)]
    for name in sorted(kept):
        if name in changed or any(name in term and term & changed for term in terms):
            yield name


def _assigned(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Every target with its value: ``a, b = 1, 2`` is two."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def _leaves_everything(net: Net, run: Run) -> bool:
    """Whether no parameter has moved at all."""
    for number, layer in enumerate(net.layers, start=1):
        for kind, start in (("W", layer.W), ("b", layer.b)):
            if start is None:
                continue
            came = run.outcomes[f"{kind} of layer {number}"].value
            if came is None or came.size != start.size or came.dtype.kind not in "fi":
                return False
            if not np.allclose(came.ravel(), start.ravel(), rtol=1e-6, atol=0.0):
                return False
    return True


def _updates_elsewhere(tree: ast.ClassDef, methods: dict[str, ast.FunctionDef], evidence: Evidence) -> bool:
    """Whether the chain has a method of its own for the update, or a switch, or other code seems to do it."""
    names = [name for name in methods if name not in _METHODS]
    names += [d.names[0] for d in evidence.definitions if d.kind in ("class", "function")]
    names += [name for name in identifiers(tree) if re.search(r"(?i)train", name)]
    return any(_UPDATER.search(name) for name in names) or any(_sets_weights(d) for d in evidence.definitions)


def _sets_weights(definition: Definition) -> bool:
    """Whether some layer's W is assigned to from outside of it."""
    return definition.tree is not None and any(
        isinstance(target, ast.Attribute)
        and target.attr in ("W", "weight", "weights")
        and not (isinstance(target.value, ast.Name) and target.value.id == "self")
        for target in _targets(definition.tree)
    )


def _targets(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from node.targets
        elif isinstance(node, ast.AugAssign):
            yield node.target
