"""Values that student code handed back, turned once into plain arrays; and inputs, wrapped in the flavour it expects.

Conversion happens at the moment a value is yielded, so that a result which changes afterwards stays what it was.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy import array as new_array  # bound by name: student code can replace the names of numpy's module
from numpy import ascontiguousarray, asmatrix, errstate, float64, matrix, ndarray
from numpy.typing import NDArray

from .program import Outcome

MOST_ELEMENTS = 1_000_000
_PLAIN = {"f": np.float64, "i": np.int64, "u": np.int64, "b": np.bool_, "c": np.complex128}


def outcome_of(value: Any) -> Outcome:
    """The plain array that `value` stands for, or why there is none. Raises whatever the value's own methods raise.

    >>> outcome_of([[1, 2], [3, 4]]).value.shape
    (2, 2)
    >>> outcome_of(None).refused
    'nothing (None)'
    """
    kind = kind_of(value)
    if value is None:
        return Outcome(kind=kind, refused="nothing (None)")
    if value is NotImplemented:
        return Outcome(kind=kind, refused="NotImplemented")
    if isinstance(value, str | bytes):
        return Outcome(kind=kind, refused="text, not numbers")
    if isinstance(value, type) or (callable(value) and not is_tensor(value)):
        return Outcome(kind=kind, refused=f"{kind}, not numbers")
    if is_tensor(value):
        value = value.detach().cpu().numpy()
    elif isinstance(value, list | tuple) and any(is_tensor(item) for item in value):
        value = [item.detach().cpu().numpy() if is_tensor(item) else item for item in value]
    try:
        array = new_array(value, copy=True, subok=False)
    except (ValueError, TypeError):
        return Outcome(kind=kind, refused=f"{kind}, which is not a regular array of numbers")
    if array.size > MOST_ELEMENTS:
        return Outcome(kind=kind, refused=f"an array of {array.size:,} entries, far more than asked for")
    if array.dtype.kind == "O":
        try:
            array = array.astype(float64)
        except (ValueError, TypeError):
            return Outcome(kind=kind, refused=f"{kind} with entries that are not single numbers")
    plain = _PLAIN.get(array.dtype.kind)
    if plain is None:
        return Outcome(kind=kind, refused=f"{kind} of {array.dtype}, not numbers")
    with errstate(all="ignore"):
        return Outcome(value=ascontiguousarray(array, dtype=plain).reshape(array.shape), kind=kind)


def kind_of(value: Any) -> str:
    """What a value is, in words for a message: "float32 tensor", "list", "matrix"."""
    if is_tensor(value):
        return f"{str(value.dtype).removeprefix('torch.')} tensor"
    return "None" if value is None else type(value).__name__


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor of whatever goes by the name of torch in this process."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def wrapped(array: NDArray[Any], flavour: str | None) -> tuple[Any, NDArray[Any]]:
    """A fresh copy of an input in the flavour to be offered, and the array whose changes show that it was edited.

    `flavour` is None (an ndarray), "float64" or "float32" (a tensor of that type), or "scalar" (a Python float).
    """
    copy = new_array(array, copy=True)
    if flavour is None:
        return copy, copy
    if flavour == "scalar":
        return float(copy.reshape(-1)[0]), copy
    copy = copy.astype(flavour)
    return sys.modules["torch"].from_numpy(copy), copy


def fitted(value: Any, existing: Any) -> Any:
    """`value` (an ndarray about to be assigned to an attribute) in the form that the class itself chose for it.

    A class that keeps its bias as ``(k,)`` or its weights as a tensor gets them so; anything else is assigned as it is.
    """
    if not isinstance(value, ndarray):
        return value
    if is_tensor(existing):
        torch = sys.modules["torch"]
        tensor = torch.from_numpy(value.reshape(_shape_for(value, tuple(existing.shape)))).to(existing.dtype)
        parameter = getattr(getattr(torch, "nn", None), "Parameter", None)
        wants_gradient = bool(getattr(existing, "requires_grad", False))
        if isinstance(parameter, type) and isinstance(existing, parameter):
            return parameter(tensor, requires_grad=wants_gradient)
        return tensor.requires_grad_(True) if wants_gradient else tensor
    if isinstance(existing, matrix):
        return asmatrix(value)
    if isinstance(existing, ndarray):
        return value.reshape(_shape_for(value, existing.shape))
    if isinstance(existing, int | float) and value.size == 1:
        return float(value.reshape(-1)[0])
    return value


def _shape_for(value: NDArray[Any], shape: tuple[int, ...]) -> tuple[int, ...]:
    """`shape` where it differs from the value's own by axes of length 1 only."""
    same = [n for n in shape if n != 1] == [n for n in value.shape if n != 1]
    return shape if same else value.shape
