"""What `tensor[key]` means, for reading and for assigning.

PyTorch differs from numpy: whole numbers beside index arrays are taken first and do not move axes about, steps must be
positive, floats never index. A key is split into a basic part, which gives a view, and an advanced part on that view.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import Array

Key = tuple[Any, ...]


def split(key: Any, shape: tuple[int, ...]) -> tuple[Key, Key | None]:
    """Basic key and advanced key: ``array[basic]`` is a view, ``view[advanced]`` a copy; None where all is basic.

    Tensors in the key have been replaced by their arrays.
    """
    items = [_item(item) for item in (key if type(key) is tuple else (key,))]
    taken = sum(_width(item) for item in items)
    if taken > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    dots = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(dots) > 1:
        raise NotCovered("an index with two ellipses")
    place = dots[0] if dots else len(items)
    items[place : place + 1] = [slice(None)] * (len(shape) - taken)

    basic: list[Any] = []
    advanced: list[Any] = []
    dim = 0
    for item in items:
        if isinstance(item, np.ndarray):
            _check_array(item, dim, shape)
            basic += [slice(None)] * _width(item)
            advanced.append(item)
        else:
            basic.append(item)
            if not isinstance(item, int):
                advanced.append(slice(None))
        dim += _width(item)
    # The ellipsis keeps a 0-d view where numpy would hand out a number.
    return (*basic, Ellipsis), tuple(advanced) if any(isinstance(a, np.ndarray) for a in advanced) else None


def _width(item: Any) -> int:
    """How many dimensions of the tensor an item takes up."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1


def _item(item: Any) -> Any:
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, bool | np.bool_):
        raise NotCovered("indexing with True or False")
    if isinstance(item, int | np.integer):
        return int(item)
    if isinstance(item, slice):
        start, stop, step = (_bound(bound) for bound in (item.start, item.stop, item.step))
        if step is not None and step <= 0:
            raise ValueError("step must be greater than zero")
        return slice(start, stop, step)
    if isinstance(item, list | range):
        if not len(item) or not all(isinstance(entry, int | np.integer | np.bool_) for entry in item):
            raise NotCovered("indexing with this list")
        item = np.array(item)
    if type(item) is not np.ndarray:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(item).__name__})"
        )
    if item.dtype.name in ("int32", "int64"):
        return item if item.ndim else int(item)
    if item.dtype.kind == "b" and item.ndim:
        return item
    if item.dtype.kind == "f":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    raise NotCovered(f"indexing with a tensor of dtype {item.dtype} and {item.ndim} dimensions")


def _bound(bound: Any) -> int | None:
    if bound is None or (isinstance(bound, int | np.integer) and not isinstance(bound, bool)):
        return None if bound is None else int(bound)
    if type(bound) is np.ndarray and bound.ndim == 0 and bound.dtype.kind == "i":
        return int(bound)
    raise TypeError("slice indices must be integers or None")


def _check_array(item: Array, dim: int, shape: tuple[int, ...]) -> None:
    if item.dtype.kind == "b" and item.shape != shape[dim : dim + item.ndim]:
        raise IndexError(
            f"The shape of the mask {list(item.shape)} at index 0 does not match the shape of the indexed tensor "
            f"{list(shape)} at index {dim}"
        )
