"""Operations of the stand-in's Tensor that work element by element: arithmetic, comparisons, exp and log, in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import BOOL, DEFAULT, INT64, Array, cast, category, result_dtype
from .torch_storage import NUMBERS, OPERANDS, Storage, common, operation

Compute = Callable[[Any, Any], Array]
TO_BOOL = (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.logical_and, np.logical_or)


def _apply(ufunc: Any, one: Any, two: Any, dtype: np.dtype[Any] | None = None) -> Array:
    """The ufunc on the common dtype. The result lies in memory as the first operand of the full shape does."""
    arrays = common(one, two)
    if dtype is not None:
        arrays = tuple(cast(array, dtype) for array in arrays)
    for operand in arrays:
        if operand.shape == np.broadcast_shapes(arrays[0].shape, arrays[1].shape) and operand.ndim > 1:
            out = np.empty_like(operand, dtype=BOOL if ufunc in TO_BOOL else None, subok=False)
            return np.asarray(ufunc(*arrays, out=out))
    return np.asarray(ufunc(*arrays))


def _is_bool(operand: Any) -> bool:
    return operand.dtype == BOOL if type(operand) is np.ndarray else isinstance(operand, bool | np.bool_)


def _add(one: Any, two: Any) -> Array:
    return _apply(np.add, one, two)


def _multiply(one: Any, two: Any) -> Array:
    return _apply(np.multiply, one, two)


def _subtract(one: Any, two: Any) -> Array:
    if _is_bool(one) or _is_bool(two):
        raise RuntimeError("Subtraction, the `-` operator, with a bool tensor is not supported")
    return _apply(np.subtract, one, two)


def _divide(one: Any, two: Any) -> Array:
    dtype = result_dtype((one, two))
    return _apply(np.true_divide, one, two, dtype if dtype.kind == "f" else DEFAULT.floating)


def _whole(ufunc: Any) -> Compute:
    """Floor division or remainder."""

    def compute(one: Any, two: Any) -> Array:
        kind = result_dtype((one, two)).kind
        if kind == "b":
            raise NotImplementedError("floor division of bool tensors is not implemented")
        if kind != "f" and not np.all(two):
            raise RuntimeError("ZeroDivisionError")
        return _apply(ufunc, one, two)

    return compute


def _power(one: Any, two: Any) -> Array:
    kind = result_dtype((one, two)).kind
    if kind == "b":
        raise NotCovered("powers of bool tensors")
    if kind != "f" and np.any(np.asarray(two) < 0):
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return _apply(np.power, one, two)


def _compare(ufunc: Any) -> Compute:
    return lambda one, two: _apply(ufunc, one, two)


def _bits(ufunc: Any) -> Compute:
    def compute(one: Any, two: Any) -> Array:
        if result_dtype((one, two)).kind == "f":
            raise RuntimeError("bitwise operations are not implemented for floats")
        return _apply(ufunc, one, two)

    return compute


_floor_divide, _remainder = _whole(np.floor_divide), _whole(np.remainder)
_and, _or, _xor = _bits(np.bitwise_and), _bits(np.bitwise_or), _bits(np.bitwise_xor)


def _dunder(compute: Compute, swap: bool = False) -> Any:
    """An operator. What is neither tensor nor number is left to the other operand, as in PyTorch."""

    @operation
    def method(self: Storage, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        operand = self._operand(other)
        return self._of(compute(operand, self._array) if swap else compute(self._array, operand))

    return method


def _in_place_dunder(compute: Compute) -> Any:
    @operation
    def method(self: Storage, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        return self._write(compute(self._array, self._operand(other)), other)

    return method


def _equality(ufunc: Any) -> Any:
    @operation
    def method(self: Storage, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            raise NotCovered("== and != between a tensor and a numpy array")
        if not isinstance(other, OPERANDS):
            return NotImplemented
        return self._of(_apply(ufunc, self._array, self._operand(other)))

    return method


def _named(compute: Compute) -> Any:
    @operation
    def method(self: Storage, other: Any) -> Any:
        return self._of(compute(self._array, self._operand(other)))

    return method


def _named_in_place(compute: Compute) -> Any:
    @operation
    def method(self: Storage, other: Any) -> Any:
        return self._write(compute(self._array, self._operand(other)), other)

    return method


def _scaled(compute: Compute, in_place: bool = False) -> Any:
    """`add` and `sub`, which take a factor for the other operand."""

    @operation
    def method(self: Storage, other: Any, *, alpha: Any = 1) -> Any:
        operand = self._operand(other)
        if type(alpha) is not int or alpha != 1:
            if not isinstance(alpha, NUMBERS):
                raise TypeError("alpha must be a number")
            operand = _multiply(operand, alpha)
            if operand.dtype != result_dtype((self._operand(other),)):
                raise NotCovered("this alpha with these dtypes")
        result = compute(self._array, operand)
        return self._write(result, other) if in_place else self._of(result)

    return method


def _floating(array: Array) -> Array:
    return array if array.dtype.kind == "f" else cast(array, DEFAULT.floating)


def _smooth(function: Callable[[Array], Any]) -> tuple[Any, Any]:
    """A function with real values, which takes integers to the default float dtype; and the same in place."""

    @operation
    def method(self: Storage) -> Any:
        return self._of(function(_floating(self._array)))

    @operation
    def in_place(self: Storage) -> Any:
        return self._write(np.asarray(function(_floating(self._array))))

    return method, in_place


def _same(function: Callable[[Array], Any], kinds: str) -> tuple[Any, Any]:
    """A function that keeps the dtype, for these kinds of it; and the same in place."""

    def compute(self: Storage) -> Array:
        if self._array.dtype.kind not in kinds:
            raise NotCovered(f"this operation on tensors of dtype {self._array.dtype}")
        return np.asarray(function(self._array))

    @operation
    def method(self: Storage) -> Any:
        return self._of(compute(self))

    @operation
    def in_place(self: Storage) -> Any:
        return self._write(compute(self))

    return method, in_place


def _test(function: Callable[[Array], Any]) -> Any:
    @operation
    def method(self: Storage) -> Any:
        return self._of(function(self._array))

    return method


def _sigmoid(x: Array) -> Any:
    return 1 / (1 + np.exp(-x))


def _sign(x: Array) -> Any:
    return np.where(np.isnan(x), x.dtype.type(0), np.sign(x))


def _relu(x: Array) -> Any:
    return np.maximum(x, x.dtype.type(0))


class Elementwise(Storage):
    """Arithmetic and functions of one element."""

    __add__, __radd__, __iadd__ = _dunder(_add), _dunder(_add, swap=True), _in_place_dunder(_add)
    __sub__, __rsub__, __isub__ = _dunder(_subtract), _dunder(_subtract, swap=True), _in_place_dunder(_subtract)
    __mul__, __rmul__, __imul__ = _dunder(_multiply), _dunder(_multiply, swap=True), _in_place_dunder(_multiply)
    __truediv__, __itruediv__ = _dunder(_divide), _in_place_dunder(_divide)
    __floordiv__, __rfloordiv__ = _dunder(_floor_divide), _dunder(_floor_divide, swap=True)
    __ifloordiv__, __imod__ = _in_place_dunder(_floor_divide), _in_place_dunder(_remainder)
    __mod__, __rmod__ = _dunder(_remainder), _dunder(_remainder, swap=True)
    __pow__, __rpow__, __ipow__ = _dunder(_power), _dunder(_power, swap=True), _in_place_dunder(_power)
    __and__, __rand__, __iand__ = _dunder(_and), _dunder(_and, swap=True), _in_place_dunder(_and)
    __or__, __ror__, __ior__ = _dunder(_or), _dunder(_or, swap=True), _in_place_dunder(_or)
    __xor__, __rxor__, __ixor__ = _dunder(_xor), _dunder(_xor, swap=True), _in_place_dunder(_xor)
    __lt__, __le__ = _dunder(_compare(np.less)), _dunder(_compare(np.less_equal))
    __gt__, __ge__ = _dunder(_compare(np.greater)), _dunder(_compare(np.greater_equal))
    __eq__, __ne__ = _equality(np.equal), _equality(np.not_equal)

    def __hash__(self) -> int:
        return id(self)

    def __rtruediv__(self, other: Any) -> Any:
        # PyTorch divides by a tensor in two steps, and so takes a numpy array on the left of "/" (and only there).
        return self.reciprocal() * other

    add, sub, add_, sub_ = _scaled(_add), _scaled(_subtract), _scaled(_add, True), _scaled(_subtract, True)
    subtract = sub
    mul, mul_ = _named(_multiply), _named_in_place(_multiply)
    multiply = mul
    pow, pow_ = _named(_power), _named_in_place(_power)
    remainder, floor_divide = _named(_remainder), _named(_floor_divide)
    eq, ne = _named(_compare(np.equal)), _named(_compare(np.not_equal))
    lt, le = _named(_compare(np.less)), _named(_compare(np.less_equal))
    gt, ge = _named(_compare(np.greater)), _named(_compare(np.greater_equal))

    exp, exp_ = _smooth(np.exp)
    expm1, _ = _smooth(np.expm1)
    log, log_ = _smooth(np.log)
    log1p, _ = _smooth(np.log1p)
    log2, _ = _smooth(np.log2)
    log10, _ = _smooth(np.log10)
    sqrt, sqrt_ = _smooth(np.sqrt)
    rsqrt, _ = _smooth(lambda x: 1 / np.sqrt(x))
    sin, _ = _smooth(np.sin)
    cos, _ = _smooth(np.cos)
    tanh, tanh_ = _smooth(np.tanh)
    sigmoid, sigmoid_ = _smooth(_sigmoid)
    reciprocal, _ = _smooth(lambda x: 1 / x)
    abs, abs_ = _same(np.abs, "iuf")
    neg, neg_ = _same(np.negative, "iuf")
    negative = neg
    positive, _ = _same(lambda x: x, "iuf")
    sign, _ = _same(_sign, "if")
    square, _ = _same(np.square, "iuf")
    relu, relu_ = _same(_relu, "if")
    round, _ = _same(np.round, "f")
    floor, _ = _same(np.floor, "f")
    ceil, _ = _same(np.ceil, "f")
    isnan, isinf, isfinite = _test(np.isnan), _test(np.isinf), _test(np.isfinite)
    logical_not = _test(np.logical_not)
    del _
    __neg__, __abs__ = neg, abs

    def __pos__(self) -> Self:
        if self._array.dtype == BOOL:
            raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
        return self

    @operation
    def __invert__(self) -> Self:
        if self._array.dtype.kind == "f":
            raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return self._of(np.invert(self._array))

    @operation
    def div(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        if rounding_mode is not None:
            raise NotCovered("torch.div(..., rounding_mode=...)")
        return self._of(_divide(self._array, self._operand(other)))

    divide = true_divide = div

    @operation
    def div_(self, other: Any) -> Self:
        return self._write(_divide(self._array, self._operand(other)), other)

    @operation
    def maximum(self, other: Any) -> Self:
        return self._of(_apply(np.maximum, self._array, self._tensor(other)))

    @operation
    def minimum(self, other: Any) -> Self:
        return self._of(_apply(np.minimum, self._array, self._tensor(other)))

    @operation
    def logical_and(self, other: Any) -> Self:
        return self._of(_apply(np.logical_and, self._array, self._tensor(other)))

    @operation
    def logical_or(self, other: Any) -> Self:
        return self._of(_apply(np.logical_or, self._array, self._tensor(other)))

    def _clamped(self, low: Any, high: Any) -> Array:
        bounds = [self._operand(bound) for bound in (low, high) if bound is not None]
        if not bounds:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        if len({type(bound) is np.ndarray for bound in bounds}) > 1:
            raise TypeError("clamp takes two numbers or two tensors, not one of each")
        dtype = result_dtype((self._array, *bounds))
        if dtype == BOOL:
            raise NotImplementedError("clamp is not implemented for bool tensors")
        result = cast(self._array, dtype)
        for bound, ufunc in ((low, np.maximum), (high, np.minimum)):
            if bound is not None:
                result = ufunc(result, cast(common(result, self._operand(bound))[1], dtype))
        return np.asarray(result)

    @operation
    def clamp(self, min: Any = None, max: Any = None) -> Self:
        return self._of(self._clamped(min, max))

    @operation
    def clamp_(self, min: Any = None, max: Any = None) -> Self:
        return self._write(self._clamped(min, max), min, max)

    clip, clip_ = clamp, clamp_

    @operation
    def where(self, condition: Any, other: Any) -> Self:
        mask = self._tensor(condition)
        if mask.dtype != BOOL:
            raise RuntimeError("where expected condition to be a boolean tensor")
        return self._of(np.where(mask, *common(self._array, self._operand(other))))

    @operation
    def masked_fill(self, mask: Any, value: Any) -> Self:
        shape = np.broadcast_shapes(self._array.shape, self._tensor(mask).shape)
        return self._of(np.broadcast_to(self._array, shape).copy()).masked_fill_(mask, value)

    @operation
    def masked_fill_(self, mask: Any, value: Any) -> Self:
        chosen, number = self._tensor(mask), self._operand(value)
        if chosen.dtype != BOOL:
            raise RuntimeError("masked_fill_ only supports boolean masks")
        if isinstance(value, Storage) and value._array.ndim:
            raise RuntimeError("masked_fill_ only supports a 0-dimensional value tensor")
        if category(result_dtype((number,))) > category(self._array.dtype):
            raise RuntimeError("value cannot be converted to the tensor's dtype without overflow")
        self._array[np.broadcast_to(chosen, self._array.shape)] = number
        return self

    @operation
    def zero_(self) -> Self:
        self._array[...] = 0
        return self

    @operation
    def fill_(self, value: Any) -> Self:
        number = self._operand(value)
        if np.ndim(number):
            raise RuntimeError("fill_ only supports 0-dimension value tensor")
        self._array[...] = cast(np.asarray(number), self._array.dtype)
        return self

    @operation
    def copy_(self, src: Any) -> Self:
        source = self._tensor(src)
        np.broadcast_to(source, self._array.shape)
        if np.may_share_memory(source, self._array):
            raise NotCovered("copy_ between tensors that share memory")
        self._array[...] = cast(source, self._array.dtype)
        return self

    @operation
    def nonzero(self, *, as_tuple: bool = False) -> Any:
        if as_tuple:
            return tuple(self._of(places.astype(INT64)) for places in np.nonzero(self._array))
        return self._of(np.argwhere(self._array).astype(INT64))
