"""The stand-in for PyTorch as a module: its names, its modes, how it is imported, and what it imports itself."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from both_torches import STANDIN, agree, lines

from grader.worker.standins.not_covered import NotCovered
from grader.worker.standins.torch_module import make_torch
from grader.worker.standins.torch_tensor import ONLY_ARRAYS

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Each line gives the same with both. A line with ";" leaves its result in r.
SAME = lines("""
    # modes and modules
    torch.no_grad()(lambda: 3)()
    exec('with torch.no_grad():\\n    q = t * 2') or t.requires_grad
    torch.set_grad_enabled(False) is None; r = torch.tensor(1.0) + 1; torch.set_grad_enabled(True)
    torch.cuda.is_available() if False else torch.device('cpu').type
    t.grad, t.requires_grad, t.is_cuda
    type('Double', (nn.Module,), {'forward': lambda self, x: 2 * x})()(t)
    nn.Parameter(t, requires_grad=False) * 2
    hasattr(t, 'numpy'), hasattr(t, 'astype'), hasattr(t, 'copy')
""")


@pytest.mark.parametrize("code", SAME)
def test_same_as_pytorch(code: str, torch: Any) -> None:
    agree(code, torch)


def test_names_that_only_arrays_have() -> None:
    tensor = STANDIN.tensor([1.0])
    assert not any(hasattr(tensor, name) for name in ONLY_ARRAYS.split())


def test_no_name_of_pytorch_is_denied(torch: Any) -> None:
    """hasattr() is False only where PyTorch's is, and True nowhere else."""
    real, ours = torch.tensor([1.0]), STANDIN.tensor([1.0])
    assert [name for name in ONLY_ARRAYS.split() if hasattr(real, name)] == []
    for name in (name for name in dir(np.ndarray) if not name.startswith("_") and not hasattr(torch.Tensor, name)):
        with pytest.raises(AttributeError):
            getattr(ours, name)
    made_up = {name for name in dir(type(ours)) if not name.startswith("_")} - set(dir(real))
    assert made_up == set()


def test_functions_of_the_module_exist_in_pytorch(torch: Any) -> None:
    assert [name for name in vars(STANDIN) if not name.startswith("__") and not hasattr(torch, name)] == []


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    modules = make_torch()
    for name in [name for name in sys.modules if name.split(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return modules


@pytest.mark.usefixtures("installed")
def test_the_usual_imports_succeed_and_using_a_layer_does_not() -> None:
    space: dict[str, Any] = {}
    exec(
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport torch.optim as o2\n"
        "import torch.utils.data\nfrom torch import nn as n2, optim, Tensor\nfrom torch.nn import Linear, ReLU\n"
        "from torch.utils.data import DataLoader, Dataset\nfrom torch.autograd import Variable\n",
        space,
    )
    assert space["F"].one_hot(space["torch"].tensor([1]), 2).tolist() == [[0, 1]]
    for use in (
        "Linear(2)",
        "DataLoader([1])",
        "optim.SGD([], 1)",
        "isinstance(1, Variable)",
        "bool(ReLU)",
        "ReLU + 1",
    ):
        with pytest.raises(NotCovered):
            eval(use, space)
    with pytest.raises(NotCovered):
        exec("class Mine(Dataset):\n    pass\n", space)


def test_imports_numpy_and_the_standard_library_only() -> None:
    code = (
        "import sys, types, numpy\n"
        "package = types.ModuleType('other'); package.__path__ = [sys.argv[1]]; sys.modules['other'] = package\n"
        "from other.standins.torch_module import make_torch\n"
        "from other.standins.inert import InertFinder\n"
        "make_torch()\n"
        "roots = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(root for root in roots if root[0] != '_' and root != 'cython_runtime'))\n"
    )
    folder = next(iter(importlib.import_module("grader.worker").__path__))
    done = subprocess.run([sys.executable, "-I", "-c", code, folder], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "['numpy', 'other']", done.stderr


def test_nothing_is_printed_and_nothing_warned(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = STANDIN.log(STANDIN.tensor([0.0, -1.0])) * np.ones(2)
    assert repr(result).startswith("tensor(")
    assert capsys.readouterr().out == ""
