"""The stand-in for PyTorch sums, averages and multiplies as PyTorch does, over every way to name dimensions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from both_torches import STANDIN, Raised, agree, compare, lines, names, run, same

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Each line gives the same with both. A line with ";" leaves its result in r.
SAME = lines("""
    # products
    t @ t.T
    torch.mm(t, d.float().T)
    torch.matmul(c, torch.ones(4, 2, dtype=torch.float64))
    torch.matmul(torch.ones(3, dtype=torch.float64), c)
    torch.bmm(t[None], t.T[None])
    torch.mv(t, t[0])
    torch.dot(t[0], t[1])
    t[0] @ t[1]
    i @ i
    torch.outer(t[0], i)
    torch.einsum('ij,kj->ik', t, t)
    torch.einsum('bi,bj->bij', t, t)
""")


@pytest.mark.parametrize("code", SAME)
def test_same_as_pytorch(code: str, torch: Any) -> None:
    agree(code, torch)


REDUCTIONS = "sum mean prod max min amax amin argmax argmin std var all any logsumexp softmax log_softmax cumsum"
ARGUMENTS = lines("""
    ()
    (1)
    (-1)
    (3)
    (None)
    ((0, 2))
    ([1, 1])
    (0, True)
    (1, 1)
    (dim=1)
    (axis=1)
    (dim=-1, keepdim=True)
    (axis=2, keepdims=True)
    (dim=0, keepdims=True)
    (dim=(0, 1), keepdim=True)
    (dim=1, keepdim=1)
    (keepdim=True)
    (dtype=torch.float64)
    (1, dtype=torch.float64)
    (axis=1, out=None)
    (dim='1')
""")


@pytest.mark.parametrize("name", REDUCTIONS.split())
def test_reductions_with_every_way_to_name_dimensions(name: str, torch: Any) -> None:
    matched = 0
    for dtype, arguments, form in itertools.product(("float32", "float64", "int64", "bool"), ARGUMENTS, "mf"):
        given = arguments[1:-1]
        call = f"X.{name}({given})" if form == "m" else f"torch.{name}(X{', ' * bool(given)}{given})"
        code = compile(call, "call", "eval")

        def action(torch: Any, dtype: str = dtype, code: Any = code) -> Any:
            space = names(torch)
            return eval(code, space | {"X": (space["c"] * 1.1 - 9).to(getattr(torch, dtype))})

        matched += compare(action, torch, f"{dtype} {call}", exact=True)
    assert matched > 10


def test_a_linear_layer_that_mixes_arrays_and_tensors(torch: Any) -> None:
    """`img @ W + b` with a tensor and arrays is a float64 tensor; `np.dot` gives an array."""
    for code in ("img @ W + b", "np.dot(img, W) + b", "torch.tensor(W).T @ img.double().T", "(img @ W).numpy() @ W.T"):
        more = [
            {"img": t.ones(2, 3), "W": np.arange(12.0).reshape(3, 4), "b": np.ones((1, 4))} for t in (torch, STANDIN)
        ]
        expected, got = run(code, torch, **more[0]), run(code, STANDIN, **more[1])
        assert not isinstance(expected, Raised)
        assert same(expected, got), f"{code}: PyTorch {expected}, stand-in {got}"
