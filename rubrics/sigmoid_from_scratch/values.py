"""What a value of the student's holds, as plain numbers: arrays, tensors, networks, and containers of them.

Its source travels to the confined process with that of `recorder`, in whose module it stands there.
"""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any

import numpy as np

MOST_ENTRIES = 2_400  # of an array that is written down


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_module(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module)


def is_module_class(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, type) and issubclass(value, torch.nn.Module)


def is_own(value: Any) -> bool:
    """Whether it is an object of a class of the student's."""
    return hasattr(value, "__dict__") and type(value).__module__.startswith("__main__")


def leaves(roots: Any) -> list[Any]:
    """The leaf tensors that a backward pass from `roots` reaches."""
    found: dict[int, Any] = {}
    seen: set[Any] = set()
    waiting = [root.grad_fn for root in roots if root.grad_fn is not None]
    while waiting and len(seen) < 5000:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        waiting += [following for following, _ in node.next_functions if following is not None]
    return list(found.values())


def plain(value: Any) -> Any:
    """A value as nested lists of floats, or None."""
    try:
        if is_tensor(value):
            value = value.detach().cpu().numpy()
        array = np.asarray(value)
        if array.dtype.kind not in "fiu" or array.size > MOST_ENTRIES or not array.size:
            return None
        return array.astype(float).tolist()
    except Exception:
        return None


def collect(path: str, value: Any, held: dict[str, Any], depth: int) -> None:
    """Every array and number that `value` holds, by path: ``net.0.weight``, ``grads['W1']``, ``cache[2]``."""
    if len(held) > 400 or isinstance(value, str | bytes | type) or value is None:
        return
    if isinstance(value, bool | np.bool_):
        held[path] = [float(value), "bool"]
        return
    if isinstance(value, types.ModuleType) or inspect.isroutine(value):
        return
    try:
        if is_tensor(value):
            tag = "parameter" if type(value).__name__ == "Parameter" else "tensor"
            numbers = plain(value)
            if numbers is not None:
                held[path] = [numbers, tag]
            if value.is_leaf and value.grad is not None:
                held[f"{path}.grad"] = [plain(value.grad), "autograd"]
        elif isinstance(value, int | float | np.generic | np.ndarray):
            numbers = plain(value)
            if numbers is not None:
                held[path] = [numbers, "number" if isinstance(value, int | float) else "array"]
        elif isinstance(value, dict):
            for key, inner in list(value.items())[:40] if depth < 3 else ():
                collect(f"{path}[{key!r}]", inner, held, depth + 1)
        elif isinstance(value, list | tuple):
            _collect_list(path, value, held, depth)
        elif is_module(value):
            for name, inner in value.named_parameters():
                held[f"{path}.{name}"] = [plain(inner), "module"]
                if inner.grad is not None:
                    held[f"{path}.{name}.grad"] = [plain(inner.grad), "autograd"]
            for name, inner in list(vars(value).items()):
                if not name.startswith("_") and name != "training":
                    collect(f"{path}.{name}", inner, held, depth + 1)
        elif depth < 3 and is_own(value):
            for name, inner in list(vars(value).items())[:60]:
                collect(f"{path}.{name}", inner, held, depth + 1)
    except Exception:
        return


def _collect_list(path: str, value: Any, held: dict[str, Any], depth: int) -> None:
    if not any(is_tensor(item) or isinstance(item, np.ndarray) for item in value):
        numbers = plain(value)
        if numbers is not None:
            held[path] = [numbers, "array"]
            return
    if value and {type(item) for item in value} == {type(value[0])} and is_own(value[0]):
        for name in list(vars(value[0]))[:30]:  # units one by one: the weights of a layer stand in a list of objects
            numbers = plain([getattr(item, name, None) for item in value])
            if numbers is not None and np.ndim(numbers) < 3:
                held[f"{path}.{name}"] = [numbers, "array"]
    for index, inner in enumerate(value[:30]) if depth < 3 else ():
        collect(f"{path}[{index}]", inner, held, depth + 1)
