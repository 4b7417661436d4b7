"""Dtypes, sizes and devices of the stand-in for PyTorch, and how dtypes combine.

The promotion rule is PyTorch's: tensors with dimensions decide, tensors without dimensions count only when their
category (bool < integer < float) is higher, plain numbers last.
Source: "Tensor Attributes", section torch.dtype, of the PyTorch documentation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .not_covered import Missing, NotCovered

Array = NDArray[Any]


class DType:
    """One dtype, such as `torch.float32`. There is one object for each, so `is` compares them as in PyTorch."""

    # There is no attribute called "dtype": numpy would read it and take this for a dtype of its own, unlike PyTorch's.
    _name: str
    _numpy: np.dtype[Any]

    def __new__(cls, *_: object) -> Self:
        raise TypeError("cannot create 'torch.dtype' instances")

    @classmethod
    def _named(cls, name: str) -> Self:
        made = object.__new__(cls)
        made._name, made._numpy = name, np.dtype(name)
        return made

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        return self._numpy

    @property
    def is_floating_point(self) -> bool:
        return self._numpy.kind == "f"

    @property
    def itemsize(self) -> int:
        return self._numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self._name}"


NAMES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64")
DTYPES: dict[str, DType] = {name: DType._named(name) for name in NAMES}
ALIASES = {"float": "float32", "double": "float64", "long": "int64", "int": "int32", "short": "int16"}
BOOL, INT64, FLOAT32, FLOAT64 = (np.dtype(name) for name in ("bool", "int64", "float32", "float64"))
_PYTHON = {bool: BOOL, int: INT64, float: FLOAT64}


class Default:
    """The dtype of tensors made from Python floats. PyTorch has one for the process; `make_torch` sets it back."""

    def __init__(self) -> None:
        self.floating: np.dtype[Any] = FLOAT32


DEFAULT = Default()


class Size(tuple[int, ...]):
    """What `tensor.shape` is: a tuple with `numel`."""

    __module__ = "torch"

    def __new__(cls, sizes: Iterable[Any] = ()) -> Self:
        listed = tuple(sizes)
        if not all(isinstance(size, int | np.integer) for size in listed):
            raise TypeError("torch.Size() takes an iterable of 'int'")
        return super().__new__(cls, map(int, listed))

    def numel(self) -> int:
        return math.prod(self)

    def __getitem__(self, key: Any) -> Any:
        item = tuple.__getitem__(self, key)
        return Size(item) if isinstance(key, slice) else item

    def __add__(self, other: Any) -> Any:
        return Size(tuple(self) + tuple(other)) if isinstance(other, tuple) else NotImplemented

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


class Device:
    """`torch.device`: a name. Only "cpu" can hold a tensor."""

    def __init__(self, type: str | Device, index: int | None = None) -> None:
        if isinstance(type, Device):
            type = str(type)
        if not isinstance(type, str) or not isinstance(index, int | None):
            raise NotCovered(f"torch.device({type!r}, {index!r})")
        name, _, number = type.partition(":")
        if name not in ("cpu", "cuda", "mps"):
            raise RuntimeError(f"Expected one of cpu, cuda, mps as device, but got {type!r}")
        self.type, self.index = name, int(number) if number else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def dtype_of(array: Array) -> DType:
    """The dtype object of an array that a tensor holds."""
    return DTYPES[array.dtype.name]


def as_numpy_dtype(dtype: Any, python_types: bool = True) -> np.dtype[Any]:
    """What a `dtype=` argument asks for: a `torch.dtype`, or float, int, bool; not numpy's own."""
    if isinstance(dtype, DType):
        return dtype.numpy_dtype
    if isinstance(dtype, Missing):
        raise NotCovered(repr(dtype))
    if python_types and dtype in (bool, int, float):
        return _PYTHON[dtype]
    raise TypeError(f"the dtype must be torch.dtype, not {type(dtype).__name__}")


def check_cpu(device: Any) -> None:
    """Refuse every device but the CPU."""
    if device is not None and Device(device).type != "cpu":
        raise RuntimeError(f"there is no device {device} here: use the CPU")


def supported(array: Array) -> Array:
    """The array itself when a tensor can hold it as it is, or the error that PyTorch or the stand-in has for it."""
    if array.dtype.kind in "OSUVMm" or not array.dtype.isnative:
        raise TypeError(f"can't convert np.ndarray of type {array.dtype} to a tensor")
    if array.dtype.name not in DTYPES:
        raise NotCovered(f"tensors of dtype {array.dtype}")
    if any(stride < 0 for stride in array.strides):
        raise ValueError("At least one stride in the given numpy array is negative: make a copy of it first")
    return array if type(array) is np.ndarray else array.view(np.ndarray)


def cast(array: Array, dtype: np.dtype[Any]) -> Array:
    """A copy or the array itself in another dtype; casts without a defined result (NaN to an integer) are refused."""
    if array.dtype == dtype:
        return array
    if array.dtype.kind == "f" and dtype.kind in "iu" and array.size:
        bounds = np.iinfo(dtype)
        whole = np.trunc(array)
        if not ((whole >= float(bounds.min)) & (whole < float(bounds.max) + 1)).all():
            raise NotCovered(f"turning numbers that do not fit, or NaN, into {dtype}")
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def category(dtype: np.dtype[Any]) -> int:
    """0 for bool, 1 for integers, 2 for floats."""
    return {"b": 0, "i": 1, "u": 1, "f": 2}[dtype.kind]


def promote(one: np.dtype[Any] | None, two: np.dtype[Any] | None) -> np.dtype[Any] | None:
    """The dtype that holds both, where a float never grows because of an integer."""
    if one is None or two is None:
        return two if one is None else one
    if category(one) != category(two) and 2 in (category(one), category(two)):
        return one if category(one) == 2 else two
    return np.promote_types(one, two)


def scalar_dtype(number: Any) -> np.dtype[Any]:
    """The dtype that a plain number stands for in an operation with tensors."""
    if isinstance(number, bool):
        return BOOL
    if isinstance(number, int | np.integer):
        return INT64
    if isinstance(number, float | np.floating):
        return DEFAULT.floating
    raise NotCovered(f"numbers of type {type(number).__name__}")


def result_dtype(operands: Iterable[Any]) -> np.dtype[Any]:
    """The common dtype of arrays (as tensors hold them) and plain numbers.

    >>> result_dtype([np.zeros(3, "float32"), np.zeros((), "float64"), 2])
    dtype('float32')
    """
    ranks: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if type(operand) is np.ndarray:
            rank = 0 if operand.ndim else 1
            ranks[rank] = promote(ranks[rank], operand.dtype)
        else:
            ranks[2] = promote(ranks[2], scalar_dtype(operand))
    result: np.dtype[Any] | None = ranks[2]
    for higher in (ranks[1], ranks[0]):
        if higher is None or result is None:
            result = result if higher is None else higher
        elif category(higher) >= category(result):
            result = higher if category(higher) else promote(higher, result)
        else:
            result = promote(higher, result)
    assert result is not None
    return result
