"""Operations of the stand-in's Tensor that change its dtype; a tensor that has it already is handed back itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from .not_covered import Missing, NotCovered
from .torch_dtype import BOOL, FLOAT32, FLOAT64, Device, DType, as_numpy_dtype, cast, check_cpu
from .torch_storage import Storage

LEGACY = {
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ShortTensor": "int16",
    "CharTensor": "int8",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}


class TensorType:
    """`torch.FloatTensor` and its sisters: makes tensors of one dtype, and `isinstance` asks for that dtype."""

    def __init__(self, name: str, make: Callable[[tuple[Any, ...], np.dtype[Any]], Any]) -> None:
        self.__name__ = name
        self.numpy_dtype = np.dtype(LEGACY[name])
        self._make = make

    def __call__(self, *data: Any) -> Any:
        return self._make(data, self.numpy_dtype)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Storage) and instance._array.dtype == self.numpy_dtype


class Conversions(Storage):
    """To another dtype."""

    def _as(self, dtype: np.dtype[Any]) -> Self:
        return self if dtype == self._array.dtype else self._of(cast(self._array, dtype))

    def float(self) -> Self:
        return self._as(FLOAT32)

    def double(self) -> Self:
        return self._as(FLOAT64)

    def long(self) -> Self:
        return self._as(np.dtype("int64"))

    def int(self) -> Self:
        return self._as(np.dtype("int32"))

    def bool(self) -> Self:
        return self._as(BOOL)

    def byte(self) -> Self:
        return self._as(np.dtype("uint8"))

    def to(self, *args: Any, **kwargs: Any) -> Self:
        wanted: list[Any] = []
        for name, value in (*((None, arg) for arg in args), *kwargs.items()):
            if name in ("non_blocking", "copy") or isinstance(value, Missing):
                raise NotCovered(f"torch.Tensor.to({name or value!r})")
            if name == "device" or (name is None and isinstance(value, str | Device) and value is args[0]):
                check_cpu(value)
            elif name is None and isinstance(value, Storage) and len(args) + len(kwargs) == 1:
                wanted.append(value._array.dtype)
            elif name == "dtype" or (name is None and isinstance(value, DType | type)):
                wanted.append(as_numpy_dtype(value))
            else:
                raise TypeError(f"to() received an invalid argument: {value!r}")
        if len(wanted) > 1 or not (args or kwargs):
            raise TypeError("to() received an invalid combination of arguments")
        return self._as(wanted[0]) if wanted else self

    def type(self, dtype: Any = None) -> Any:
        if dtype is None:
            return next(f"torch.{name}" for name, each in LEGACY.items() if each == self._array.dtype.name)
        if isinstance(dtype, str):
            name = dtype.removeprefix("torch.")
            if not dtype.startswith("torch.") or name not in LEGACY:
                raise ValueError(f"invalid type: {dtype!r}")
            return self._as(np.dtype(LEGACY[name]))
        if isinstance(dtype, TensorType):
            return self._as(dtype.numpy_dtype)
        return self._as(as_numpy_dtype(dtype, python_types=False))

    def type_as(self, other: Any) -> Self:
        return self._as(self._tensor(other).dtype)
