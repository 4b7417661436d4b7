"""How tensors come into being in the stand-in for PyTorch: from data, filled, counted, at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .not_covered import NotCovered
from .torch_dtype import DEFAULT, INT64, as_numpy_dtype, cast, check_cpu, scalar_dtype
from .torch_shapes import sizes, whole_number
from .torch_storage import NUMBERS
from .torch_tensor import Tensor, from_data, from_numpy, unwritten


def _options(dtype: Any, usual: np.dtype[Any], device: Any, requires_grad: Any) -> np.dtype[Any]:
    """Check what every function here takes, and give the dtype of the result."""
    check_cpu(device)
    if requires_grad:
        raise NotCovered("requires_grad=True (automatic differentiation)")
    return usual if dtype is None else as_numpy_dtype(dtype)


def _shape(given: tuple[Any, ...], size: Any) -> tuple[int, ...]:
    if size is not None:
        if given:
            raise TypeError("the size is given twice")
        given = (size,)
    if not given:
        raise TypeError("the size is missing")
    shape = sizes(given)
    if any(length < 0 for length in shape):
        raise RuntimeError("Dimension size must be non-negative.")
    return shape


def _tensor(value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type(value).__name__}")
    return value


def _plain_number(value: Any) -> Any:
    """A number, also out of a 0-d tensor."""
    if isinstance(value, Tensor) and value.ndim == 0:
        return value.item()
    if not isinstance(value, NUMBERS):
        raise TypeError(f"argument must be a number, not {type(value).__name__}")
    return value.item() if isinstance(value, np.generic) else value


class Creation:
    """The functions of `torch` that make tensors, with a source of random numbers of their own.

    The random numbers are not PyTorch's, seeded or not: an answer that is right depends on none of them.
    """

    NAMES = """
        zeros ones empty full rand randn zeros_like ones_like empty_like full_like rand_like randn_like eye arange
        linspace manual_seed
    """

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        _options(dtype, DEFAULT.floating, device, requires_grad)
        return from_data(data, dtype)

    def as_tensor(self, data: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
        _options(dtype, DEFAULT.floating, device, False)
        if not isinstance(data, Tensor | np.ndarray):
            return from_data(data, dtype)
        made = data if isinstance(data, Tensor) else from_numpy(data)
        return made if dtype is None else made._as(as_numpy_dtype(dtype))

    def _sized(self, fill: Callable[[tuple[int, ...], np.dtype[Any]], Any]) -> Callable[..., Tensor]:
        def make(
            *shape: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
        ) -> Tensor:
            kind = _options(dtype, DEFAULT.floating, device, requires_grad)
            return Tensor._of(fill(_shape(shape, size), kind))

        return make

    def _alike(self, fill: Callable[[tuple[int, ...], np.dtype[Any]], Any]) -> Callable[..., Tensor]:
        def make(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
            like = _tensor(input)._array
            kind = _options(dtype, like.dtype, device, requires_grad)
            filled = np.empty_like(like, dtype=kind)
            filled[...] = fill(like.shape, kind)
            return Tensor._of(filled)

        return make

    def _normal(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> Any:
        return self._floats(self._random.standard_normal(shape), kind)

    def _uniform(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> Any:
        return self._floats(self._random.random(shape), kind)

    @staticmethod
    def _floats(numbers: Any, kind: np.dtype[Any]) -> Any:
        if kind.kind != "f":
            raise NotImplementedError("random numbers are made for floating point dtypes only")
        return np.asarray(numbers).astype(kind)

    @property
    def zeros(self) -> Callable[..., Tensor]:
        return self._sized(np.zeros)

    @property
    def ones(self) -> Callable[..., Tensor]:
        return self._sized(np.ones)

    @property
    def empty(self) -> Callable[..., Tensor]:
        return self._sized(lambda shape, kind: unwritten(shape, kind)._array)

    @property
    def rand(self) -> Callable[..., Tensor]:
        return self._sized(self._uniform)

    @property
    def randn(self) -> Callable[..., Tensor]:
        return self._sized(self._normal)

    @property
    def zeros_like(self) -> Callable[..., Tensor]:
        return self._alike(np.zeros)

    @property
    def ones_like(self) -> Callable[..., Tensor]:
        return self._alike(np.ones)

    @property
    def empty_like(self) -> Callable[..., Tensor]:
        return self._alike(lambda shape, kind: unwritten(shape, kind)._array)

    @property
    def rand_like(self) -> Callable[..., Tensor]:
        return self._alike(self._uniform)

    @property
    def randn_like(self) -> Callable[..., Tensor]:
        return self._alike(self._normal)

    def full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        if not isinstance(size, tuple | list):
            raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}")
        number = _plain_number(fill_value)
        kind = _options(dtype, scalar_dtype(number), device, requires_grad)
        return Tensor._of(np.full(_shape((size,), None), cast(np.asarray(number), kind), kind))

    def full_like(self, input: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
        number = np.asarray(_plain_number(fill_value))
        return self._alike(lambda _, kind: cast(number, kind))(input, dtype=dtype, device=device)

    def eye(
        self, n: Any, m: Any = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        kind = _options(dtype, DEFAULT.floating, device, requires_grad)
        return Tensor._of(np.eye(whole_number(n), None if m is None else whole_number(m), dtype=kind))

    def arange(self, *bounds: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        if not 1 <= len(bounds) <= 3:
            raise NotCovered("torch.arange with start=, end= or step= by name")
        numbers = [_plain_number(bound) for bound in bounds]
        start, end, step = (0, numbers[0], 1) if len(numbers) == 1 else (*numbers, 1)[:3]
        if any(isinstance(bound, bool) for bound in (start, end, step)):
            raise NotCovered("torch.arange of True or False")
        if step == 0 or (end - start) * step < 0:
            raise RuntimeError("upper bound and lower bound inconsistent with step sign")
        whole = all(isinstance(bound, int) for bound in (start, end, step))
        kind = _options(dtype, INT64 if whole else DEFAULT.floating, device, requires_grad)
        return Tensor._of(cast(np.arange(start, end, step), kind))

    def linspace(
        self, start: Any, end: Any, steps: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        kind = _options(dtype, DEFAULT.floating, device, requires_grad)
        if kind.kind != "f":
            raise NotCovered("torch.linspace of integers")
        return Tensor._of(np.linspace(_plain_number(start), _plain_number(end), whole_number(steps)).astype(kind))

    def manual_seed(self, seed: Any) -> None:
        self._random = np.random.default_rng(abs(whole_number(seed)))
