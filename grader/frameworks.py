"""Whether an answer hands its work to a framework's own layer or to automatic differentiation: seen in its source.

A use is flagged for a human, never judged: there are honest reasons, and a machine cannot tell them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable

from grader.intake.repair import parse

FRAMEWORKS = frozenset({"torch", "tensorflow", "tf", "keras", "jax", "mxnet", "paddle", "autograd", "chainer", "cupy"})
_NAMED = re.compile("|".join(sorted(FRAMEWORKS)))
DIFFERENTIATION = frozenset(
    {
        "autograd",
        "requires_grad_",
        "grad_fn",
        "vjp",
        "jvp",
        "jacobian",
        "jacrev",
        "jacfwd",
        "GradientTape",
        "value_and_grad",
    }
)
DYNAMIC = frozenset({"exec", "eval", "__import__", "import_module", "getattr", "globals"})


def framework_use(sources: Iterable[str], layers: Collection[str]) -> tuple[str, ...]:
    """The names, as written, through which `sources` use a framework's `layers` ("cross_entropy") or autograd.

    >>> framework_use(["import torch.nn.functional as F", "loss = F.cross_entropy(z, y)"], {"cross_entropy"})
    ('F.cross_entropy',)
    >>> framework_use(["import torch", "def f(x):\\n    return torch.exp(x)"], {"cross_entropy"})
    ()
    """
    sources = tuple(sources)
    if not any(_NAMED.search(source) for source in sources):
        return ()
    trees = []
    for source in sources:
        try:
            trees.append(parse(source))
        except SyntaxError:
            continue
    bound: set[str] = set()
    used: dict[str, None] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] in FRAMEWORKS:
                        bound.add(alias.asname or alias.name.split(".")[0])
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FRAMEWORKS:
                for alias in node.names:
                    bound.add(alias.asname or alias.name)
                    if alias.name in layers or alias.name in DIFFERENTIATION:
                        used[f"{node.module}.{alias.name}"] = None
    if not bound:
        return ()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                dotted = _dotted(node)
                root = dotted.split(".")[0]
                framework_root = root in bound
                if (
                    (node.attr in layers and (framework_root or _is_tensor_method(node)))
                    or node.attr in DIFFERENTIATION
                    or (
                        node.attr == "grad" and isinstance(node.ctx, ast.Load) and root != "self" and not framework_root
                    )
                ):
                    used[dotted] = None
            elif isinstance(node, ast.keyword) and node.arg == "requires_grad":
                if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                    used["requires_grad"] = None
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DYNAMIC:
                if node.func.id == "getattr" and _constant_attribute(node):
                    continue
                used[node.func.id] = None
    return tuple(used)


def _is_tensor_method(node: ast.Attribute) -> bool:
    """`z.relu()`: a method of something that is not the student's own object."""
    root = node.value
    while isinstance(root, ast.Attribute):
        root = root.value
    return node.attr.islower() and not (isinstance(root, ast.Name) and root.id in {"self", "np", "numpy"})


def _constant_attribute(node: ast.Call) -> bool:
    return len(node.args) >= 2 and isinstance(node.args[0], ast.Name) and node.args[0].id == "self"


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"
