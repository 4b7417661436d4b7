"""What a hand-in imports and is not there: its own other files, and some functions of libraries not installed.

Its source travels to the confined process with that of `recorder`, in whose module it stands there.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np


class OwnFiles:
    """Finds the modules that were handed in beside the judged file; `execute` runs a source in a module's names."""

    def __init__(self, files: dict[str, str], execute: Callable[[str, str, dict[str, Any]], None]) -> None:
        self.files = files
        self.execute = execute

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        known = name in self.files or any(other.startswith(f"{name}.") for other in self.files)
        return importlib.util.spec_from_loader(name, self, is_package=name not in self.files) if known else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> Any:
        return None

    def exec_module(self, module: Any) -> None:
        name = module.__name__
        # Classes of these files are looked into like those of the judged one; `if __name__ == "__main__"` stays false.
        module.__name__ = f"__main__.{name}"
        sys.modules[module.__name__] = module
        self.execute(name, self.files.get(name, ""), module.__dict__)


def stand_in() -> None:
    """Small functions of large libraries."""
    if importlib.util.find_spec("scipy") is None:
        special = types.ModuleType("scipy.special")
        special.expit = expit  # type: ignore[attr-defined]
        scipy = types.ModuleType("scipy")
        scipy.special = special  # type: ignore[attr-defined]
        scipy.__path__ = []
        sys.modules |= {"scipy": scipy, "scipy.special": special}
    testing = sys.modules.get("torch.testing")
    if testing is not None:
        testing.assert_close = assert_close  # type: ignore[attr-defined]


def expit(x: Any) -> Any:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))


def assert_close(actual: Any, expected: Any, *, rtol: Any = None, atol: Any = None, **_: Any) -> None:
    """PyTorch's asks for a library that is not there. The tolerances are its own."""
    if isinstance(actual, list | tuple | dict):
        keys = list(actual) if isinstance(actual, dict) else list(range(len(actual)))
        if len(actual) != len(expected):
            raise AssertionError("The length of the sequences mismatch")
        for key in keys:
            assert_close(actual[key], expected[key], rtol=rtol, atol=atol)
        return
    sides = [
        value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value) for value in (actual, expected)
    ]
    double = all(side.dtype == np.float64 for side in sides)
    rtol = (1e-7 if double else 1.3e-6) if rtol is None else rtol
    atol = (1e-7 if double else 1e-5) if atol is None else atol
    if sides[0].shape != sides[1].shape:
        raise AssertionError("The values for attribute 'shape' do not match")
    if not np.allclose(sides[0], sides[1], rtol=rtol, atol=atol):
        raise AssertionError("Tensor-likes are not close!")
