"""The stand-in's `torch.Tensor`: an ndarray that follows PyTorch's rules, or raises.

What it does with numpy it does by the same means as PyTorch (`__array__`, `__array_wrap__`, `__array_priority__`), so
that the two mix in the same way and fail in the same places: ``tensor @ array`` is a tensor, ``array @ tensor`` raises.
There is no automatic differentiation: `requires_grad` is always False, and asking for it raises `NotCovered`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from . import torch_index
from .not_covered import NotCovered
from .torch_conversions import Conversions
from .torch_dtype import (
    BOOL,
    DEFAULT,
    Array,
    Device,
    DType,
    Size,
    as_numpy_dtype,
    cast,
    dtype_of,
    promote,
    scalar_dtype,
    supported,
)
from .torch_elementwise import Elementwise
from .torch_reductions import Reductions
from .torch_shapes import Shapes, sizes
from .torch_storage import OPERANDS, Storage, check_overlap, operation

# Names that arrays have and tensors have not: asking for one is an AttributeError, so that hasattr() tells them apart.
ONLY_ARRAYS = """
    argpartition astype base byteswap choose compress conjugate copy ctypes dump dumps fill flags flat getfield itemset
    newbyteorder partition ptp searchsorted setfield setflags strides to_device tobytes tofile
"""


class Tensor(Elementwise, Reductions, Shapes, Conversions):
    """A multi-dimensional array of one dtype, on the CPU."""

    __module__ = "torch"
    __array_priority__ = 1000

    def __new__(cls, *data: Any) -> Self:
        made: Self = from_legacy(data, DEFAULT.floating)
        return made

    def __init_subclass__(cls) -> None:
        raise NotCovered("classes derived from torch.Tensor")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ONLY_ARRAYS.split():
            raise AttributeError(f"'Tensor' object has no attribute '{name}'")
        raise NotCovered(f"torch.Tensor.{name}")

    # With numpy

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = self._array.view()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
        return from_numpy(array.astype(np.uint8) if array.dtype == BOOL else array)

    def numpy(self, *, force: bool = False) -> Array:
        return self._array.view()

    # Reading and assigning parts

    def __getitem__(self, key: Any) -> Self:
        basic, advanced = torch_index.split(_arrays_in(key), self._array.shape)
        view = self._array[basic]
        return self._of(view if advanced is None else np.asarray(view[advanced], order="C"))

    @operation
    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(value, OPERANDS):
            raise TypeError(f"can't assign a {type(value).__name__} to a tensor")
        basic, advanced = torch_index.split(_arrays_in(key), self._array.shape)
        view, source = self._array[basic], self._operand(value)
        check_overlap(view, value)
        if type(source) is not np.ndarray:
            if advanced is None or self._array.dtype.kind != "f":
                source = cast(np.asarray(source), self._array.dtype)
        elif advanced is not None and source.dtype != self._array.dtype:
            raise RuntimeError("Index put requires the source and destination dtypes match")
        else:
            source = cast(source, self._array.dtype)
        source = np.asarray(source)
        while source.ndim and source.shape[0] == 1:
            source = source[0, ...]  # leading ones make no difference, but numpy refuses some beside a mask
        view[... if advanced is None else advanced] = source

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Self]:
        return iter(self.unbind(0))

    def __reversed__(self) -> Any:
        raise NotCovered("reversed(tensor)")

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, OPERANDS):
            raise RuntimeError("Tensor.__contains__ only supports Tensor or scalar")
        return bool((self == element)._array.any())

    # As a Python number

    def _single(self, message: str) -> Any:
        if self._array.size != 1:
            raise ValueError(message)
        return self._array.item()

    def item(self) -> Any:
        return self._single(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")

    def __float__(self) -> float:
        return float(self._single("only one element tensors can be converted to Python scalars"))

    def __int__(self) -> int:
        return int(self._single("only one element tensors can be converted to Python scalars"))

    def __complex__(self) -> complex:
        raise NotCovered("complex(tensor)")

    def __index__(self) -> int:
        if self._array.size != 1 or self._array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._array.item())

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self._array.item())

    def __format__(self, spec: str) -> str:
        return format(self._array.item(), spec) if self._array.ndim == 0 else object.__format__(self, spec)

    def __repr__(self) -> str:
        text = np.array2string(self._array, separator=", ", prefix="tensor(", precision=4)
        usual = self._array.dtype.name in ("bool", "int64") or self._array.dtype == DEFAULT.floating
        return f"tensor({text})" if usual else f"tensor({text}, dtype={self.dtype})"

    def tolist(self) -> Any:
        return self._array.tolist()

    # What it is

    @property
    def shape(self) -> Size:
        return Size(self._array.shape)

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def dtype(self) -> DType:
        return dtype_of(self._array)

    @property
    def device(self) -> Device:
        return Device("cpu")

    is_cuda = False
    is_leaf = True
    grad_fn = None

    def is_floating_point(self) -> bool:
        return self._array.dtype.kind == "f"

    def element_size(self) -> int:
        return self._array.itemsize

    @property
    def requires_grad(self) -> bool:
        return False

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        if requires_grad is not False:
            raise NotCovered("requires_grad=True (automatic differentiation)")
        return self

    @property
    def grad(self) -> Any:
        return self.__dict__.get("_grad")

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None and (
            not isinstance(value, Tensor) or value.shape != self.shape or value.dtype is not self.dtype
        ):
            raise RuntimeError("a grad must be a tensor of the same size and dtype")
        self.__dict__["_grad"] = value

    @property
    def data(self) -> Self:
        return self._of(self._array)

    @data.setter
    def data(self, value: Any) -> None:
        self._array = self._tensor(value)

    def detach(self) -> Self:
        return self._of(self._array)

    def cpu(self) -> Self:
        return self

    def __copy__(self) -> Self:
        return self._of(self._array)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Self:
        memo[id(self)] = copied = self.clone()
        return copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise NotCovered("pickling a tensor")


def _arrays_in(key: Any) -> Any:
    """The key with every tensor in it replaced by its array."""
    if isinstance(key, Storage):
        return key._array
    if isinstance(key, tuple):
        return tuple(_arrays_in(item) if not isinstance(item, tuple) else item for item in key)
    if isinstance(key, slice):
        return slice(*(_arrays_in(bound) for bound in (key.start, key.stop, key.step)))
    return key


def from_numpy(array: Any) -> Tensor:
    """A tensor on the array's own memory."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    return Tensor._of(supported(array))


def from_data(data: Any, dtype: Any = None) -> Tensor:
    """What `torch.tensor` does: a copy. Python floats get the default dtype, numpy's numbers keep theirs."""
    wanted = None if dtype is None else as_numpy_dtype(dtype)
    if isinstance(data, Storage):
        array = data._array
    elif isinstance(data, np.ndarray):
        array = supported(data)
    else:
        plain, found = _plain(data)
        wanted = wanted or found or DEFAULT.floating
        return Tensor._of(np.array(plain, dtype=wanted))
    return Tensor._of(np.array(cast(array, wanted or array.dtype), copy=True))


def from_legacy(data: tuple[Any, ...], dtype: np.dtype[Any]) -> Any:
    """What `torch.Tensor(...)` and its sisters do: sizes give a tensor with arbitrary numbers, data is converted.

    The arbitrary numbers are NaN here, so that reading one before writing it cannot go well by chance.
    """
    if len(data) == 1 and isinstance(data[0], Storage):
        if data[0]._array.dtype != dtype:
            raise NotCovered("making a tensor of this type from another tensor")
        return Tensor._of(data[0]._array)
    if len(data) == 1 and isinstance(data[0], np.ndarray):
        if data[0].ndim == 0:
            raise NotCovered("torch.Tensor(a numpy array without dimensions)")
        return Tensor._of(cast(supported(data[0]), dtype).copy())
    if len(data) == 1 and isinstance(data[0], list | tuple) and not isinstance(data[0], Size):
        return Tensor._of(np.array(_plain(data[0])[0], dtype=dtype))
    return unwritten(sizes(data) if data else (0,), dtype)


def unwritten(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Tensor:
    """What `torch.empty` gives: numbers that nobody should read, here NaN."""
    if dtype.kind != "f":
        raise NotCovered("tensors of integers without values")
    if any(size < 0 for size in shape):
        raise RuntimeError("Trying to create tensor with negative dimension")
    return Tensor._of(np.full(shape, np.nan, dtype))


def _plain(data: Any) -> tuple[Any, np.dtype[Any] | None]:
    """Nested lists of Python numbers, and the dtype that they call for (None where there is no number at all)."""
    if isinstance(data, list | tuple | range):
        pairs = [_plain(item) for item in data]
        found: np.dtype[Any] | None = None
        for _, each in pairs:
            found = promote(found, each)
        return [item for item, _ in pairs], found
    if isinstance(data, np.generic):
        array = supported(np.asarray(data))
        return array.item(), array.dtype
    if isinstance(data, np.ndarray):
        return supported(data).tolist(), data.dtype
    if isinstance(data, Storage):
        if data._array.ndim:
            raise NotCovered("tensors made from a list of tensors: use torch.stack")
        return data._array.item(), data._array.dtype
    if isinstance(data, bool | int | float):
        return data, scalar_dtype(data)
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
