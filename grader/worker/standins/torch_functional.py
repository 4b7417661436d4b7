"""Functions of the stand-in for PyTorch on several tensors, and `torch.nn.functional` as far as it is covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import BOOL, INT64, Array, cast, promote
from .torch_reductions import one_dim
from .torch_storage import NOT_GIVEN, OPERANDS, common, operation, ordered
from .torch_tensor import Tensor


def _arrays(tensors: Any) -> list[Array]:
    """Arrays of a tuple or list of tensors, in their common dtype."""
    if not isinstance(tensors, tuple | list):
        raise TypeError(f"argument 'tensors' must be tuple of Tensors, not {type(tensors).__name__}")
    if not tensors:
        raise ValueError("expected a non-empty list of Tensors")
    dtype = None
    for place, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"expected Tensor as element {place} in argument 0, but got {type(tensor).__name__}")
        dtype = promote(dtype, tensor._array.dtype)
    return [cast(tensor._array, dtype or tensor._array.dtype) for tensor in tensors]


@operation
def cat(tensors: Any, dim: Any = 0) -> Tensor:
    arrays = _arrays(tensors)
    if any(array.ndim == 0 for array in arrays):
        raise RuntimeError("zero-dimensional tensor cannot be concatenated")
    # An empty vector goes with every shape: the usual start of a loop that collects.
    full = [array for array in arrays if array.shape != (0,)] or arrays
    return Tensor._of(ordered(np.concatenate(full, axis=one_dim(dim, full[0].ndim))))


@operation
def stack(tensors: Any, dim: Any = 0) -> Tensor:
    arrays = _arrays(tensors)
    return Tensor._of(ordered(np.stack(arrays, axis=one_dim(dim, arrays[0].ndim + 1))))


@operation
def where(condition: Any, input: Any = NOT_GIVEN, other: Any = NOT_GIVEN) -> Any:
    if not isinstance(condition, Tensor):
        raise TypeError(f"where(): argument 'condition' must be Tensor, not {type(condition).__name__}")
    if input is NOT_GIVEN and other is NOT_GIVEN:
        return condition.nonzero(as_tuple=True)
    for choice in (input, other):
        if not isinstance(choice, OPERANDS):
            raise TypeError(f"where() takes tensors and numbers, not {type(choice).__name__}")
    if condition._array.dtype != BOOL:
        raise RuntimeError("where expected condition to be a boolean tensor")
    arrays = common(*(choice._array if isinstance(choice, Tensor) else choice for choice in (input, other)))
    return Tensor._of(np.where(condition._array, *arrays))


@operation
def einsum(equation: Any, *operands: Any) -> Tensor:
    if not isinstance(equation, str) or not all(isinstance(operand, Tensor) for operand in operands) or not operands:
        raise NotCovered("torch.einsum with these arguments")
    arrays = [operand._array for operand in operands]
    if len({array.dtype for array in arrays}) > 1:
        raise RuntimeError("expected all operands of einsum to have the same dtype")
    if arrays[0].dtype == BOOL or "." in equation or "->" not in equation:
        raise NotCovered(f"torch.einsum({equation!r}, ...) on tensors of dtype {arrays[0].dtype}")
    return Tensor._of(ordered(np.array(np.einsum(equation, *arrays))))


def _checked(name: str, input: Any) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input


def _softmax_like(name: str) -> Callable[..., Tensor]:
    def function(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
        tensor = _checked(name, input)
        if dim is None:
            # PyTorch's choice, from before `dim` had to be said.
            dim = 0 if tensor.ndim in (0, 1, 3) else 1
        result: Tensor = getattr(tensor, name)(dim, dtype)
        return result

    return function


def one_hot(input: Any, num_classes: Any = -1) -> Tensor:
    labels = _checked("one_hot", input)._array
    if labels.dtype != INT64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if type(num_classes) is not int and not isinstance(num_classes, np.integer):
        raise TypeError("one_hot(): argument 'num_classes' must be int")
    if not labels.size:
        raise NotCovered("torch.nn.functional.one_hot of an empty tensor")
    if labels.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    classes = int(labels.max()) + 1 if num_classes == -1 else int(num_classes)
    if classes < 1:
        raise RuntimeError("num_classes should be positive")
    if labels.max() >= classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return Tensor._of((labels[..., None] == np.arange(classes)).astype(INT64))


def relu(input: Any, inplace: bool = False) -> Tensor:
    tensor = _checked("relu", input)
    result: Tensor = tensor.relu_() if inplace else tensor.relu()
    return result


def sigmoid(input: Any) -> Tensor:
    result: Tensor = _checked("sigmoid", input).sigmoid()
    return result


def tanh(input: Any) -> Tensor:
    result: Tensor = _checked("tanh", input).tanh()
    return result


@operation
def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """Zeros, or `value`, around the last dimensions: (left, right) of the last one, then of the one before it."""
    array = _checked("pad", input)._array
    if mode != "constant" or not isinstance(pad, tuple | list) or not all(type(n) is int and n >= 0 for n in pad):
        raise NotCovered("torch.nn.functional.pad with these arguments")
    if len(pad) % 2 or len(pad) > 2 * array.ndim:
        raise RuntimeError("Padding length must be divisible by 2 and at most twice the number of dimensions")
    if value is not None and (
        not isinstance(value, int | float) or (isinstance(value, float) and array.dtype.kind != "f")
    ):
        raise NotCovered("torch.nn.functional.pad with this value")
    pairs = [(0, 0)] * (array.ndim - len(pad) // 2) + list(zip(pad[-2::-2], pad[-1::-2], strict=True))
    return Tensor._of(np.pad(array, pairs, constant_values=0 if value is None else value))


FUNCTIONAL: dict[str, Callable[..., Any]] = {
    "one_hot": one_hot,
    "softmax": _softmax_like("softmax"),
    "log_softmax": _softmax_like("log_softmax"),
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "pad": pad,
}
