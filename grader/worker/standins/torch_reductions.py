"""Operations of the stand-in's Tensor that run along dimensions: sums, extremes, softmax, products of matrices."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import BOOL, DEFAULT, INT64, Array, as_numpy_dtype, cast
from .torch_storage import NOT_GIVEN, Storage, check_overlap, common, operation, ordered

_RESULTS = {name: namedtuple(name, ("values", "indices")) for name in ("max", "min")}


def one_dim(dim: Any, ndim: int) -> int:
    """A dimension that the caller named, counted from the front."""
    if isinstance(dim, bool | np.bool_) or not isinstance(dim, int | np.integer):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    if not -ndim <= dim < ndim:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got {dim})")
    return int(dim) % ndim


def dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """The dimensions to reduce: all of them for None."""
    if dim is None:
        return tuple(range(ndim))
    if ndim == 0:
        raise NotCovered("dim= on a tensor without dimensions")
    if isinstance(dim, tuple | list):
        if not dim:
            raise NotCovered("an empty dim=()")
        found = tuple(one_dim(each, ndim) for each in dim)
        if len(set(found)) < len(found):
            raise RuntimeError(f"dim {dim} appears twice in the list of dims")
        return found
    return (one_dim(dim, ndim),)


def check_keepdim(keepdim: Any) -> bool:
    if not isinstance(keepdim, bool):
        raise TypeError(f"argument 'keepdim' must be bool, not {type(keepdim).__name__}")
    return keepdim


def _reduction(function: Any, kind: str, several: bool = True) -> Any:
    """A sum or a mean: along one, several or all dimensions. `kind` is "sum" or "mean", for the dtype of the result."""

    @operation
    def method(self: Storage, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN, *, dtype: Any = None) -> Any:
        if dim is NOT_GIVEN and keepdim is not NOT_GIVEN:
            raise TypeError("keepdim goes with dim")
        if not several and (dim is None or isinstance(dim, tuple | list)):
            raise TypeError("argument 'dim' must be int")
        array = self._array
        keep = keepdim is not NOT_GIVEN and check_keepdim(keepdim)
        if dtype is not None:
            array = cast(array, as_numpy_dtype(dtype))
        elif kind == "sum" and array.dtype.kind in "biu":
            array = array.astype(INT64)
        if kind == "mean" and array.dtype.kind != "f":
            raise RuntimeError("mean(): input dtype must be a floating point dtype: use .float() first")
        axes = dims(None if dim is NOT_GIVEN else dim, array.ndim)
        if not array.size and kind == "mean":
            raise NotCovered("the mean of an empty tensor")
        return self._of(ordered(function(array, axis=axes, keepdims=keep)))

    return method


def _extreme(name: str, find: Any, place: Any, pairwise: Any) -> Any:
    """`max` or `min`: of all, along one dimension (values and indices), or of two tensors."""

    @operation
    def method(self: Storage, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN, *, other: Any = NOT_GIVEN) -> Any:
        if isinstance(dim, Storage):
            other, dim = dim, NOT_GIVEN
        if other is not NOT_GIVEN:
            if keepdim is not NOT_GIVEN or dim is not NOT_GIVEN:
                raise TypeError(f"{name}() takes either another tensor or a dim")
            return self._of(pairwise(*common(self._array, self._tensor(other))))
        if dim is NOT_GIVEN:
            if keepdim is not NOT_GIVEN:
                raise TypeError("keepdim goes with dim")
            return self._of(find(self._array))
        keep = keepdim is not NOT_GIVEN and check_keepdim(keepdim)
        if self._array.ndim == 0:
            raise NotCovered("dim= on a tensor without dimensions")
        axis = one_dim(dim, self._array.ndim)
        values = ordered(find(self._array, axis=axis, keepdims=keep))
        indices = ordered(place(self._array, axis=axis, keepdims=keep).astype(INT64))
        result: Any = _RESULTS[name]
        return result(self._of(values), self._of(indices))

    return method


def _extreme_values(find: Any) -> Any:
    """`amax` or `amin`: along one, several or all dimensions, values alone."""

    @operation
    def method(self: Storage, dim: Any = None, keepdim: Any = False) -> Any:
        return self._of(ordered(find(self._array, axis=dims(dim, self._array.ndim), keepdims=check_keepdim(keepdim))))

    return method


def _place(find: Any) -> Any:
    """`argmax` or `argmin`."""

    @operation
    def method(self: Storage, dim: Any = None, keepdim: Any = False) -> Any:
        if self._array.dtype == BOOL:
            raise RuntimeError("argmax(): does not support bool input")
        if dim is not None and self._array.ndim == 0:
            raise NotCovered("dim= on a tensor without dimensions")
        axis = None if dim is None else one_dim(dim, self._array.ndim)
        return self._of(ordered(np.asarray(find(self._array, axis=axis, keepdims=check_keepdim(keepdim)), dtype=INT64)))

    return method


def _spread(function: Any) -> Any:
    """`std` or `var`, divided by n - 1 unless told otherwise."""

    @operation
    def method(
        self: Storage, dim: Any = None, unbiased: Any = NOT_GIVEN, keepdim: Any = False, *, correction: Any = None
    ) -> Any:
        if self._array.dtype.kind != "f":
            raise RuntimeError("std and var only support floating point dtypes")
        if isinstance(dim, bool):
            if unbiased is not NOT_GIVEN or keepdim is not False:
                raise TypeError("std and var take unbiased alone, or after dim")
            dim, unbiased = None, dim
        if unbiased is not NOT_GIVEN and (correction is not None or not isinstance(unbiased, bool)):
            raise NotCovered("std and var with this unbiased=")
        if unbiased is NOT_GIVEN and correction is None and keepdim is True and dim is None:
            raise NotCovered("std and var with keepdim and no dim")
        if correction is not None and type(correction) is not int:
            raise NotCovered("std and var with this correction=")
        ddof = correction if correction is not None else int(unbiased is not False)
        axes = dims(dim, self._array.ndim)
        if np.prod([self._array.shape[axis] for axis in axes], initial=1) <= ddof:
            raise NotCovered("std and var of so few numbers")
        return self._of(ordered(function(self._array, axis=axes, ddof=ddof, keepdims=check_keepdim(keepdim))))

    return method


def _truth(function: Any) -> Any:
    """`all` or `any`."""

    @operation
    def method(self: Storage, dim: Any = None, keepdim: Any = False) -> Any:
        if self._array.dtype == np.uint8:
            raise NotCovered("all and any of uint8 tensors")
        return self._of(
            ordered(function(self._array, axis=dims(dim, self._array.ndim), keepdims=check_keepdim(keepdim)))
        )

    return method


def _normalised(log: bool) -> Any:
    """`softmax` or `log_softmax` along one dimension."""

    @operation
    def method(self: Storage, dim: Any, dtype: Any = None) -> Any:
        array = self._array if dtype is None else cast(self._array, as_numpy_dtype(dtype))
        if array.dtype.kind != "f":
            raise NotImplementedError("softmax is not implemented for integers: use .float() first")
        if array.ndim == 0:
            raise NotCovered("dim= on a tensor without dimensions")
        axis = one_dim(dim, array.ndim)
        shifted = array - array.max(axis=axis, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(axis=axis, keepdims=True)
        return self._of(ordered(shifted - np.log(total) if log else powers / total))

    return method


def _same_dtype(one: Array, two: Array) -> None:
    if one.dtype != two.dtype:
        raise RuntimeError(f"expected both tensors to have the same dtype, but got: {one.dtype} != {two.dtype}")
    if one.dtype == BOOL:
        raise NotCovered("products of bool matrices")


def _product(function: Callable[[Array, Array], Any], *ndims: int) -> Any:
    """A product of matrices or vectors with these numbers of dimensions (any, from one up, if none are named)."""

    @operation
    def method(self: Storage, other: Any) -> Any:
        one, two = self._array, self._tensor(other)
        if ndims and (one.ndim, two.ndim) != ndims:
            raise RuntimeError(
                f"tensors of {ndims[0]} and {ndims[1]} dimensions expected, got {one.ndim} and {two.ndim}"
            )
        if not one.ndim or not two.ndim:
            raise RuntimeError("both arguments to matmul need to be at least 1D")
        _same_dtype(one, two)
        return self._of(ordered(function(one, two)))

    return method


class Reductions(Storage):
    """What runs along dimensions."""

    sum, mean = _reduction(np.sum, "sum"), _reduction(np.mean, "mean")
    prod = _reduction(np.prod, "sum", several=False)
    max = _extreme("max", np.max, np.argmax, np.maximum)
    min = _extreme("min", np.min, np.argmin, np.minimum)
    amax, amin = _extreme_values(np.max), _extreme_values(np.min)
    argmax, argmin = _place(np.argmax), _place(np.argmin)
    std, var = _spread(np.std), _spread(np.var)
    all, any = _truth(np.all), _truth(np.any)
    softmax, log_softmax = _normalised(log=False), _normalised(log=True)

    matmul, mm, mv = _product(np.matmul), _product(np.matmul, 2, 2), _product(np.matmul, 2, 1)
    bmm, dot = _product(np.matmul, 3, 3), _product(np.dot, 1, 1)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other) if isinstance(other, Storage) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        return NotImplemented

    @operation
    def outer(self, vec2: Any) -> Self:
        one, two = common(self._array, self._tensor(vec2))
        if one.ndim != 1 or two.ndim != 1:
            raise RuntimeError("outer: Expected 1-D arguments")
        return self._of(np.multiply(one[:, None], two))

    ger = outer

    @operation
    def logsumexp(self, dim: Any, keepdim: Any = False) -> Self:
        array = self._array if self._array.dtype.kind == "f" else cast(self._array, DEFAULT.floating)
        if dim is None:
            raise TypeError("logsumexp(): argument 'dim' must be tuple of ints")
        axes = dims(dim, array.ndim)
        top = array.max(axis=axes, keepdims=True)
        top = np.where(np.isinf(top), top.dtype.type(0), top)
        total = np.log(np.exp(array - top).sum(axis=axes, keepdims=True)) + top
        return self._of(ordered(total if check_keepdim(keepdim) else total.squeeze(axis=axes)))

    @operation
    def cumsum(self, dim: Any, *, dtype: Any = None) -> Self:
        array = self._array if dtype is None else cast(self._array, as_numpy_dtype(dtype))
        array = array if array.dtype.kind == "f" else array.astype(INT64)
        if array.ndim == 0:
            raise NotCovered("dim= on a tensor without dimensions")
        # One number after another, as PyTorch: numpy's cumsum adds in the same order.
        return self._of(ordered(np.cumsum(array, axis=one_dim(dim, array.ndim))))

    @operation
    def diag(self, diagonal: int = 0) -> Self:
        if self._array.ndim not in (1, 2) or type(diagonal) is not int:
            raise RuntimeError("diag(): Supports 1D or 2D tensors")
        return self._of(np.diag(self._array, diagonal).copy())

    def _picked(self, dim: Any, index: Any) -> tuple[int, Array]:
        """Axis and index array of a gather or scatter, checked."""
        places = self._tensor(index)
        if places.dtype.name not in ("int32", "int64"):
            raise RuntimeError("Expected dtype int32/int64 for index")
        if places.ndim != self._array.ndim or not places.ndim:
            raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
        axis = one_dim(dim, places.ndim)
        for each, (length, size) in enumerate(zip(places.shape, self._array.shape, strict=True)):
            if each != axis and length > size:
                raise RuntimeError(f"Size does not match at dimension {each}: index {length}, tensor {size}")
        if places.size and not (places.min() >= 0 and places.max() < self._array.shape[axis]):
            raise RuntimeError(f"index is out of bounds for dimension {axis} with size {self._array.shape[axis]}")
        return axis, places

    @operation
    def gather(self, dim: Any, index: Any) -> Self:
        axis, places = self._picked(dim, index)
        part = self._array[tuple(slice(None if a == axis else n) for a, n in enumerate(places.shape))]
        return self._of(ordered(np.take_along_axis(part, places, axis)))

    @operation
    def scatter_(self, dim: Any, index: Any, *third: Any, src: Any = NOT_GIVEN, value: Any = NOT_GIVEN) -> Self:
        axis, places = self._picked(dim, index)
        given = [*third, *(each for each in (src, value) if each is not NOT_GIVEN)]
        if len(given) != 1 or isinstance(value, Storage) or (src is not NOT_GIVEN and not isinstance(src, Storage)):
            raise TypeError("scatter_ takes either a tensor, src=, or a number, value=")
        source = self._operand(given[0])
        check_overlap(self._array, given[0])
        if type(source) is np.ndarray:
            if source.dtype != self._array.dtype:
                raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
            if source.ndim != places.ndim or any(n > m for n, m in zip(places.shape, source.shape, strict=True)):
                raise RuntimeError("Expected index to be no larger than src")
            source = source[tuple(slice(n) for n in places.shape)]
        elif np.asarray(source).dtype.kind == "f" and self._array.dtype.kind != "f":
            raise NotCovered("scatter_ of a float into integers")
        part = self._array[tuple(slice(None if a == axis else n) for a, n in enumerate(places.shape))]
        np.put_along_axis(part, places, source, axis)
        return self

    @operation
    def scatter(self, dim: Any, index: Any, *third: Any, src: Any = NOT_GIVEN, value: Any = NOT_GIVEN) -> Self:
        return self._of(self._array.copy()).scatter_(dim, index, *third, src=src, value=value)
