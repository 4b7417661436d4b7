"""The stand-in's modules: `torch`, `torch.nn`, `torch.nn.functional`, and names that only need to be importable.

Functions of `torch` are the methods of Tensor with the tensor as first argument. Framework layers, losses, optimisers
and automatic differentiation are not in here: whoever calls them has not written the answer, and a human looks at it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from .not_covered import Missing, NotCovered
from .torch_conversions import LEGACY, TensorType
from .torch_creation import Creation
from .torch_dtype import ALIASES, DEFAULT, DTYPES, FLOAT32, Device, DType, Size, as_numpy_dtype
from .torch_functional import FUNCTIONAL, cat, einsum, stack, where
from .torch_nn import Module, Parameter
from .torch_storage import NUMBERS
from .torch_tensor import Tensor, from_legacy, from_numpy

# Methods of Tensor that are functions of torch as well.
METHODS = """
    abs add all amax amin any argmax argmin bmm ceil clamp clip clone cos cumsum diag div divide dot eq exp exp_ expm1
    flatten floor floor_divide gather ge ger gt isfinite isinf isnan le log log10 log1p log2 log_softmax logical_and
    logical_not logical_or logsumexp lt masked_fill matmul max maximum mean min minimum mm mul multiply mv ne neg
    negative nonzero numel outer permute pow prod ravel reciprocal relu relu_ remainder reshape round rsqrt scatter
    sigmoid sign sin softmax sqrt square squeeze std sub subtract sum swapaxes t tanh transpose true_divide unbind
    unsqueeze var
"""
NUMBER_FIRST = ("add", "div", "divide", "floor_divide", "mul", "multiply", "pow", "remainder", "sub", "true_divide")
ONE_SHAPE = ("reshape", "permute")  # as functions they take the sizes as one tuple
SCALAR_FIRST = {"mul": "__rmul__", "multiply": "__rmul__", "pow": "__rpow__"}


class _Module(ModuleType):
    """A module whose other names can be imported, and raise `NotCovered` when they are used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self.__name__}.{name}")


class GradMode:
    """`no_grad()` and its like: no gradients to switch, so this is a context and a decorator without effect."""

    def __new__(cls, mode: Any = True) -> Any:
        if callable(mode):
            return mode  # used as a decorator without brackets
        if not isinstance(mode, bool):
            raise TypeError(f"argument 'mode' must be bool, not {type(mode).__name__}")
        return super().__new__(cls)

    def __call__(self, function: Any) -> Any:
        return function

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _function(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name)

    @functools.wraps(method)
    def function(*args: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            raise NotCovered(f"torch.{name}(out=...)")
        if not args and "input" in kwargs:
            args = (kwargs.pop("input"),)
        if args and not isinstance(args[0], Tensor):
            if (
                name in SCALAR_FIRST
                and len(args) == 2
                and isinstance(args[1], Tensor)
                and type(args[0]) in (int, float)
            ):
                return getattr(args[1], SCALAR_FIRST[name])(args[0])
            if name in NUMBER_FIRST and isinstance(args[0], NUMBERS):
                raise NotCovered(f"torch.{name} of a number")
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(args[0]).__name__}")
        if name in ONE_SHAPE and not (len(args) == 2 and isinstance(args[1], tuple | list)):
            raise TypeError(f"{name}() takes a tensor and a tuple of ints")
        return method(*args, **kwargs)

    return function


def _set_default_dtype(d: Any) -> None:
    dtype = as_numpy_dtype(d, python_types=False)
    if dtype.kind != "f":
        raise TypeError("only floating-point types are supported as the default type")
    DEFAULT.floating = dtype


def _set_default_tensor_type(t: Any) -> None:
    name = t.__name__ if isinstance(t, TensorType) else str(t).removeprefix("torch.")
    if LEGACY.get(name) not in ("float32", "float64"):
        raise NotCovered(f"torch.set_default_tensor_type({t!r})")
    DEFAULT.floating = np.dtype(LEGACY[name])


def _finfo(dtype: Any) -> Any:
    info = np.finfo(as_numpy_dtype(dtype, python_types=False))
    return SimpleNamespace(eps=float(info.eps), max=float(info.max), min=float(info.min), tiny=float(info.tiny))


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    """For settings that change no result."""


def make_torch() -> dict[str, ModuleType]:
    """The entries of `sys.modules` that stand in for PyTorch, made afresh, with the default dtype float32.

    >>> torch = make_torch()["torch"]
    >>> torch.tensor([1.0, 2.0]).sum().item()
    3.0
    """
    DEFAULT.floating = FLOAT32
    names = (
        "torch",
        "torch.nn",
        "torch.nn.functional",
        "torch.optim",
        "torch.utils",
        "torch.utils.data",
        "torch.autograd",
    )
    modules: dict[str, ModuleType] = {name: _Module(name) for name in names}
    for name in names[1:]:
        parent, _, last = name.rpartition(".")
        setattr(modules[parent], last, modules[name])
        modules[parent].__path__ = []
    torch = modules["torch"]
    creation = Creation()
    vars(torch).update({name: _function(name) for name in METHODS.split()})
    vars(torch).update({name: getattr(creation, name) for name in Creation.NAMES.split()})
    vars(torch).update(DTYPES)
    vars(torch).update({alias: DTYPES[name] for alias, name in ALIASES.items()})
    vars(torch).update({name: TensorType(name, from_legacy) for name in LEGACY})
    vars(torch).update(
        Tensor=Tensor,
        Size=Size,
        dtype=DType,
        device=Device,
        tensor=creation.tensor,
        from_numpy=from_numpy,
        as_tensor=creation.as_tensor,
        is_tensor=lambda obj: isinstance(obj, Tensor),
        is_floating_point=_function("is_floating_point"),
        cat=cat,
        concat=cat,
        concatenate=cat,
        stack=stack,
        where=where,
        einsum=einsum,
        no_grad=GradMode,
        enable_grad=GradMode,
        inference_mode=GradMode,
        set_grad_enabled=GradMode,
        set_default_dtype=_set_default_dtype,
        set_default_tensor_type=_set_default_tensor_type,
        get_default_dtype=lambda: DTYPES[DEFAULT.floating.name],
        finfo=_finfo,
        set_printoptions=_nothing,
        set_num_threads=_nothing,
        cuda=SimpleNamespace(
            is_available=lambda: False, device_count=lambda: 0, manual_seed=_nothing, manual_seed_all=_nothing
        ),
        backends=SimpleNamespace(cudnn=SimpleNamespace(), mps=SimpleNamespace(is_available=lambda: False)),
        pi=math.pi,
        e=math.e,
        inf=math.inf,
        nan=math.nan,
        __version__="stand-in",
    )
    vars(modules["torch.nn"]).update(Module=Module, Parameter=Parameter)
    vars(modules["torch.nn.functional"]).update(FUNCTIONAL)
    return modules
