"""What every part of the stand-in's Tensor stands on: the array within, and the rules for writing into it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, Self, TypeVar

import numpy as np

from .torch_dtype import Array, cast, category, result_dtype

P = ParamSpec("P")
R = TypeVar("R")

NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)
NOT_GIVEN: Any = object()


def operation(method: Callable[P, R]) -> Callable[P, R]:
    """A method as PyTorch's own: it takes numpy's `axis` and `keepdims` too, warns of no overflow, and shapes that do
    not fit are a RuntimeError."""

    @functools.wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs:
            for numpys, torchs in (("axis", "dim"), ("keepdims", "keepdim")):
                if numpys in kwargs and torchs not in kwargs:
                    kwargs[torchs] = kwargs.pop(numpys)
        try:
            with np.errstate(all="ignore"):
                return method(*args, **kwargs)
        except ValueError as error:
            raise RuntimeError(str(error)) from None

    return run


class Storage:
    """An ndarray and how tensors share it. Views share the array's memory as in PyTorch."""

    _array: Array

    @classmethod
    def _of(cls, array: Any) -> Self:
        made = object.__new__(cls)
        made._array = np.asarray(array)
        return made

    def _operand(self, other: Any) -> Any:
        """The other operand of an operation: its array, or the number itself; anything else is a TypeError."""
        if isinstance(other, Storage):
            return other._array
        if isinstance(other, NUMBERS):
            return other
        raise TypeError(f"argument must be a Tensor or a number, not {type(other).__name__}")

    def _tensor(self, other: Any) -> Array:
        """The array of an argument that must be a tensor."""
        if not isinstance(other, Storage):
            raise TypeError(f"argument must be a Tensor, not {type(other).__name__}")
        return other._array

    def _write(self, array: Array, *sources: Any) -> Self:
        """Put the result of an operation in place; it keeps the dtype and the shape or raises."""
        if category(array.dtype) > category(self._array.dtype):
            raise RuntimeError(
                f"result type {array.dtype} can't be cast to the desired output type {self._array.dtype}"
            )
        if array.shape != self._array.shape:
            raise RuntimeError(
                f"output with shape {list(self._array.shape)} doesn't match the broadcast shape {list(array.shape)}"
            )
        for source in sources:
            check_overlap(self._array, source)
        self._array[...] = cast(array, self._array.dtype)
        return self


OPERANDS: Any = (Storage, *NUMBERS)


def common(*operands: Any) -> tuple[Any, ...]:
    """All operands as arrays of their common dtype."""
    dtype = result_dtype(operands)
    # A plain number goes straight to the common dtype; an integer that does not fit raises, as numpy does.
    return tuple(cast(o, dtype) if type(o) is np.ndarray else _number(o, dtype) for o in operands)


def _number(number: Any, dtype: np.dtype[Any]) -> Array:
    plain = number.item() if isinstance(number, np.generic) else number
    try:
        return np.array(plain, dtype=dtype)
    except OverflowError as error:
        raise RuntimeError(f"value cannot be converted to {dtype} without overflow") from error


def check_overlap(target: Array, source: Any) -> None:
    """Refuse to write a tensor into another one that shares a part of its memory, as PyTorch does."""
    if not isinstance(source, Storage) or not np.may_share_memory(target, source._array):
        return
    same = target.__array_interface__["data"] == source._array.__array_interface__["data"]
    if not (same and target.shape == source._array.shape and target.strides == source._array.strides):
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )


def ordered(array: Any) -> Array:
    """The result in the order of PyTorch's own new results: last dimension fastest."""
    return np.asarray(array, order="C")
