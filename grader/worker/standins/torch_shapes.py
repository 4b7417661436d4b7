"""Operations of the stand-in's Tensor that change its shape and leave the numbers alone. Views share memory."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import Array, Size
from .torch_reductions import one_dim
from .torch_storage import Storage, operation


def sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes handed over one by one or as one tuple or list."""
    if not given:
        raise TypeError("the sizes are missing")
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = tuple(given[0])
    return tuple(whole_number(size) for size in given)


def whole_number(size: Any) -> int:
    """One size or count: an integer, or a 0-d integer tensor."""
    if isinstance(size, Storage) and size._array.ndim == 0 and size._array.dtype.kind in "iu":
        return int(size._array)
    if isinstance(size, bool | np.bool_) or not isinstance(size, int | np.integer):
        raise TypeError(f"sizes must be integers, not {type(size).__name__}")
    return int(size)


class Shapes(Storage):
    """Views and copies in another shape."""

    def _reshaped(self, given: tuple[Any, ...]) -> Array:
        wanted = sizes(given)
        if any(size < -1 for size in wanted):
            raise RuntimeError(f"invalid shape dimension in {list(wanted)}")
        if -1 in wanted and 0 in self._array.shape:
            raise NotCovered("a shape with -1 for an empty tensor")
        return self._array.reshape(wanted)

    @operation
    def view(self, *shape: Any) -> Self:
        array = self._reshaped(shape)
        if array.size and not np.may_share_memory(array, self._array):
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
                "two contiguous subspaces). Use .reshape(...) instead."
            )
        return self._of(array)

    @operation
    def reshape(self, *shape: Any) -> Self:
        return self._of(self._reshaped(shape))

    @operation
    def view_as(self, other: Any) -> Self:
        return self.view(self._tensor(other).shape)

    @operation
    def reshape_as(self, other: Any) -> Self:
        return self.reshape(self._tensor(other).shape)

    @operation
    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Self:
        ndim = max(self._array.ndim, 1)
        first, last = one_dim(start_dim, ndim), one_dim(end_dim, ndim)
        if first > last:
            raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
        shape = self._array.shape or (1,)
        return self._of(self._array.reshape(*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))

    def ravel(self) -> Self:
        return self.flatten()

    @operation
    def transpose(self, dim0: int, dim1: int) -> Self:
        if self._array.ndim == 0:
            raise NotCovered("transpose of a tensor without dimensions")
        return self._of(np.swapaxes(self._array, *(one_dim(dim, self._array.ndim) for dim in (dim0, dim1))))

    def swapaxes(self, axis0: int, axis1: int) -> Self:
        return self.transpose(axis0, axis1)

    @operation
    def permute(self, *dims: Any) -> Self:
        return self._of(self._array.transpose([one_dim(dim, self._array.ndim) for dim in sizes(dims)]))

    @operation
    def t(self) -> Self:
        if self._array.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self._array.ndim}D")
        return self._of(self._array.T)

    @property
    def T(self) -> Self:
        return self._of(self._array.T)

    @property
    def mT(self) -> Self:
        if self._array.ndim < 2:
            raise RuntimeError("tensor.mT is only supported on matrices or batches of matrices")
        return self._of(np.swapaxes(self._array, -1, -2))

    @operation
    def unsqueeze(self, dim: int) -> Self:
        return self._of(np.expand_dims(self._array, one_dim(dim, self._array.ndim + 1)))

    @operation
    def squeeze(self, *dim: Any, **named: Any) -> Self:
        if named:
            if set(named) != {"dim"} or dim:
                raise TypeError("squeeze() got an unexpected argument")
            dim = (named["dim"],)
        if len(dim) > 1:
            raise TypeError("squeeze() takes one dim or a tuple of them")
        if self._array.ndim == 0 and dim:
            raise NotCovered("dim= on a tensor without dimensions")
        axes = range(self._array.ndim) if not dim else [one_dim(each, self._array.ndim) for each in sizes(dim)]
        return self._of(np.squeeze(self._array, tuple({axis for axis in axes if self._array.shape[axis] == 1})))

    @operation
    def expand(self, *shape: Any) -> Self:
        wanted = sizes(shape)
        extra = len(wanted) - self._array.ndim
        if extra < 0 or any(size < 0 for size in wanted[:extra]):
            raise RuntimeError(f"a tensor of shape {list(self._array.shape)} cannot be expanded to {list(wanted)}")
        kept = zip(self._array.shape, wanted[extra:], strict=True)
        return self._of(np.broadcast_to(self._array, wanted[:extra] + tuple(n if m == -1 else m for n, m in kept)))

    @operation
    def expand_as(self, other: Any) -> Self:
        return self.expand(self._tensor(other).shape)

    @operation
    def repeat(self, *repeats: Any) -> Self:
        times = sizes(repeats)
        if len(times) < self._array.ndim:
            raise RuntimeError(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
            )
        if any(time < 0 for time in times):
            raise RuntimeError("repeats must not be negative")
        return self._of(np.tile(self._array, times))

    @operation
    def unbind(self, dim: int = 0) -> tuple[Self, ...]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        axis = one_dim(dim, self._array.ndim)
        front = np.moveaxis(self._array, axis, 0)
        return tuple(self._of(front[place, ...]) for place in range(len(front)))

    def size(self, dim: Any = None) -> Any:
        if dim is None:
            return Size(self._array.shape)
        return self._array.shape[one_dim(dim, self._array.ndim)]

    def dim(self) -> int:
        return self._array.ndim

    def numel(self) -> int:
        return int(self._array.size)

    nelement, ndimension = numel, dim

    def is_contiguous(self) -> bool:
        return bool(self._array.flags.c_contiguous)

    def contiguous(self) -> Self:
        return self if self._array.flags.c_contiguous else self._of(self._array.copy(order="C"))

    def clone(self) -> Self:
        # A tensor that was expanded gets memory of its own for every element.
        return self._of(np.array(self._array, copy=True))
