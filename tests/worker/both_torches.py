"""PyTorch and its stand-in side by side: the same snippets with both, and whether what they give is the same.

The stand-in may be stricter (`NotCovered`, listed in `test_torch_refused.py` by name), never more lenient.
"""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np

from grader.worker.standins.not_covered import NotCovered
from grader.worker.standins.torch_module import make_torch

STANDIN = make_torch()["torch"]
DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64")
USUAL = {"bool", "int64", "float32", "float64"}


class Raised:
    """An expression that raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"{type(self.error).__name__}: {str(self.error)[:100]}"


def names(torch: Any) -> dict[str, Any]:
    """What the snippets use, made afresh with one PyTorch or the other."""
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    t = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    return {
        "a": a,
        "a32": a.astype(np.float32),
        "t": t,
        "d": torch.tensor(a),
        "i": torch.tensor([1, 2]),
        "m": t > 2,
        "z": t.sum(),
        "y": torch.nn.functional.one_hot(torch.tensor([1, 2]), 3).float(),
        "c": torch.from_numpy(np.arange(24.0).reshape(2, 3, 4)),
        "np": np,
        "math": math,
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
    }


def plain(value: Any, torch: Any) -> Any:
    """A value with its kind, dtype and shape, in a form that both PyTorches share."""
    if isinstance(value, torch.Tensor):
        return ("tensor", str(value.dtype), tuple(value.shape), np.array(value.tolist()))
    if isinstance(value, np.ndarray | np.generic):
        return (type(value).__name__, str(value.dtype), value.shape, np.array(value))
    if isinstance(value, tuple | list):
        return [plain(item, torch) for item in value]
    if isinstance(value, bool | int | str | type(None)):
        return (type(value).__name__, value)
    if isinstance(value, float):
        return ("float", "float64", (), np.array(value))
    return ("object", str(value))


def run(code: str, torch: Any, **more: Any) -> Any:
    space = names(torch) | more
    try:
        if code.endswith("\n") or "; " in code:
            exec(code, space)
            return plain(space["r"], torch)
        return plain(eval(code, space), torch)
    except Exception as error:
        return Raised(error)


def same(one: Any, two: Any) -> bool:
    if isinstance(one, list) or isinstance(two, list):
        return type(one) is type(two) and len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, Raised) or isinstance(two, Raised):
        return isinstance(one, Raised) and isinstance(two, Raised)
    if one[:-1] != two[:-1]:
        return False
    if not isinstance(one[-1], np.ndarray):
        return bool(one[-1] == two[-1])
    # PyTorch and numpy add up in another order and have other last bits of exp.
    rtol = 1e-13 if "64" in one[1] else 2e-6
    return bool(np.allclose(one[-1], two[-1], rtol=rtol, atol=rtol * 0.1, equal_nan=True))


def lines(text: str) -> list[str]:
    return [line for line in textwrap.dedent(text).strip().splitlines() if line and not line.startswith("#")]


def agree(code: str, torch: Any) -> None:
    """A snippet gives the same with both."""
    expected, got = run(code, torch), run(code, STANDIN)
    assert not isinstance(expected, Raised), f"PyTorch itself raises: {expected}"
    assert same(expected, got), f"PyTorch gives {expected}, the stand-in {got}"


def operand(torch: Any, dtype: str, kind: str) -> Any:
    values = {"matrix": [[1, 0, 3], [2, 5, 1]], "row": [[3, 1, 2]], "number": 2}[kind]
    return torch.tensor(values).to(getattr(torch, dtype))


def outcome(action: Any, torch: Any) -> Any:
    try:
        return plain(action(torch), torch)
    except Exception as error:
        return Raised(error)


def compare(action: Any, torch: Any, where: str, exact: bool = False) -> bool:
    """Run an action with both: the stand-in agrees, or it raises where PyTorch does not and says `NotCovered`.

    True when both gave a value. Unless `exact`, any error of the stand-in will do.
    """
    expected, got = outcome(action, torch), outcome(action, STANDIN)
    told = f"{where}: PyTorch {expected}, stand-in {got}"
    if isinstance(got, Raised) and not isinstance(expected, Raised):
        assert not exact or isinstance(got.error, NotCovered), told
    else:
        assert same(expected, got), told
    return not isinstance(got, Raised)
