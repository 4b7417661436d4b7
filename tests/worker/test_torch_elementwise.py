"""The stand-in for PyTorch counts entry by entry as PyTorch does: operators, functions, in place, beside arrays."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from both_torches import DTYPES, STANDIN, USUAL, agree, compare, lines, operand, run, same

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Each line gives the same with both. A line with ";" leaves its result in r.
SAME = lines("""
    # numpy on either side
    t * a
    t - a
    t / a
    a / t
    t ** a
    t @ a.T
    t + a32
    t + a.sum()
    a.sum() * t
    np.float64(2) * t
    np.float32(0.5) - t
    t / np.int64(3)
    t ** np.float64(2)
    i * np.float64(2)
    i * np.float32(2)
    np.float64(1) / z
    np.exp(t)
    np.exp(z)
    np.log(t + 1e-9)
    -np.log(t)
    np.maximum(t, 0)
    np.maximum(t, a)
    np.multiply(a, t)
    np.matmul(a, t.T)
    np.dot(a, t.T)
    np.argmax(t, axis=1)
    np.where(t > 2, t, 0)
    np.clip(t, 0, 2)
    np.isnan(t)
    np.zeros_like(t)
    np.ones_like(i)
    np.asarray(t)
    np.asarray(t, dtype=np.float64)
    np.array([t, t])
    np.array([t.sum(), t.sum()])
    np.array([x for x in t[0]])
    np.array([1, z])
    np.mean(t.numpy())
    np.sum([z, z])
    np.reshape(t, (3, 2))
    np.transpose(t)
    np.squeeze(t[:1])
    np.shape(t)
    np.concatenate([t, t])
    np.einsum('ij,kj->ik', t, a)
    np.linalg.norm(t)
    np.eye(3)[i]
    a[np.arange(2), i]
    a[t > 2]
    a.dot(t.T)
    t - np.max(t.numpy(), axis=1, keepdims=True)
    z * a
    a.mean() * z
    a[0] = t[0]; r = a
    a[0, 0] = z; r = a
    t += a; r = t
    n = t.numpy(); n[0, 0] = 9; r = t
    u = torch.from_numpy(a); u[0, 0] = 9; r = a
    u = torch.tensor(a); u[0, 0] = 9; r = a
    # functions and extremes
    torch.exp(i)
    torch.log(t)
    torch.log(t - 2)
    t.log1p()
    t.sqrt()
    t.pow(2)
    torch.pow(2, t)
    torch.mul(2, t)
    torch.square(t)
    torch.sigmoid(t)
    torch.tanh(t)
    torch.relu(t - 3)
    torch.sign(t - 3)
    torch.add(t, t, alpha=2)
    torch.div(i, 2)
    abs(-t)
    -t
    1 - t
    1 / t
    2 ** t
    -t % 4
    ~m
    m & (t < 5)
    t.clamp(min=2)
    t.clamp(2, 5)
    torch.clamp(t, min=1e-9, max=2.5)
    i.clamp(min=1.5)
    t.clip(0, 2)
    torch.maximum(t, torch.tensor(2.0))
    torch.where(t > 2, t, 0)
    torch.where(t > 2, 1.0, 0.0)
    torch.where(t > 2, 1, 0)
    torch.where(t > 2, t, d)
    torch.where(t > 2)
    t.masked_fill(m, 0)
    t == 2
    t == i.view(2, 1)
    t == None
    t.max()
    t.max(1)
    t.max(1)[0]
    t.max(1).values
    t.max(dim=1, keepdim=True).indices
    torch.max(t, 1)
    torch.max(t, dim=1, keepdim=True)[0]
    torch.max(t, axis=1, keepdims=True)[0]
    torch.max(t, t * 2)
    torch.min(t, 1)
    torch.max(torch.tensor([[1.0, 3, 3]]), 1)
    torch.max(torch.tensor([[1.0, math.nan, 3]]), 1)
    torch.argmax(t, 1)
    torch.argmax(t, axis=1, keepdims=True)
    t.argmax()
    t.amax(dim=1, keepdim=True)
    t.std(), t.var(0), t.std(0, unbiased=False), t.var(0, keepdim=True), t.std(False), t.var(0, correction=0)
    torch.sum(t, dim=1, keepdim=True)
    torch.sum(t, axis=1, keepdims=True)
    torch.sum(input=t, dim=1)
    t.sum(dtype=torch.float64)
    i.sum(dtype=torch.float32)
    t.mean((0, 1))
    i.mean(dtype=torch.float32)
    t.all(), m.any(), m.all(dim=1)
    torch.prod(t, 1)
    t.cumsum(1)
    torch.logsumexp(t, 1)
    torch.logsumexp(t, dim=1, keepdim=True)
    torch.logsumexp(torch.tensor([-math.inf, -math.inf]), 0)
    torch.softmax(t, 1)
    torch.softmax(t, axis=1)
    t.softmax(-1)
    t.log_softmax(dim=1)
    (t * 300).softmax(1)
    torch.log_softmax(t * 300, 1)
    F.softmax(t, dim=1)
    F.softmax(t)
    F.log_softmax(t, dim=-1)
    F.log_softmax(t, dim=1, dtype=torch.float64)
    F.one_hot(i)
    F.one_hot(i, num_classes=4)
    F.one_hot(torch.tensor([[0], [1]]), 2)
    F.relu(t - 3)
    F.pad(t, (1, 1))
    F.pad(t, [0, 0, 1, 2])
    # in place, and what shares memory
    t[0] = 7; r = t
    t[0] = t[1] * 2; r = t
    t[0] = d[1]; r = t
    t[m] = 0; r = t
    t[m] = torch.arange(4.0); r = t
    t[range(2), i] -= 1; r = t
    t[torch.arange(2), i] -= 1; r = t
    i[0] = 1.7; r = i
    u = t[0]; u *= 2; r = t
    u = t.view(-1); u[0] = 9; r = t
    u = t.T; u[0, 1] = 9; r = t
    u = t.clone(); u[0] = 9; r = t
    u = t.detach(); u[0] = 9; r = t
    u = t.float(); u[0] = 9; r = t
    u = t[[0]]; u[0] = 9; r = t
    u = t; u -= 1; r = t
    u = t; u = u - 1; r = t
    t.data -= 1; r = t
    t.add_(1)
    t.add_(t, alpha=-2)
    t.add_(d)
    t.sub_(t.max())
    t.sub_(t.max(1, keepdim=True)[0]).exp_()
    t.div_(i.view(2, 1))
    t.mul_(2).zero_()
    t.fill_(2.5)
    t.copy_(d)
    t.clamp_(min=2)
    t.masked_fill_(m, 0)
    t.relu_().sqrt_().log_().neg_()
    import copy; u = copy.deepcopy(t); u[0] = 9; r = (t, u)
""")


@pytest.mark.parametrize("code", SAME)
def test_same_as_pytorch(code: str, torch: Any) -> None:
    agree(code, torch)


def test_the_comparison_itself_can_fail() -> None:
    one = run("t", STANDIN)
    assert not same(one, run("t + 1e-3", STANDIN))
    assert not same(one, run("t.double()", STANDIN))
    assert not same(one, run("t[None]", STANDIN))
    assert not same(one, run("t.numpy()", STANDIN))
    assert not same(one, run("a * t", STANDIN))


BINARY = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&", "|", "^")
SCALARS = (True, 0, 2, -3, 2.5, 0.0, np.float64(1.5), np.float32(0.1), np.int64(3))
IN_PLACE = ("add_", "sub_", "mul_", "div_", "pow_", "copy_", "fill_")
UNARY = """
    exp expm1 log log1p log2 log10 sqrt rsqrt sin cos tanh sigmoid reciprocal abs neg sign square relu round floor ceil
    isnan isinf isfinite logical_not numel t ravel flatten float double long bool exp_ log_ sqrt_ neg_ abs_ relu_
    sigmoid_ tanh_ zero_ positive
"""


@pytest.mark.parametrize("operator", BINARY)
def test_operators_on_every_pair_of_dtypes(operator: str, torch: Any) -> None:
    apply = eval(f"lambda one, two: one {operator} two")
    kinds = [("matrix", "row"), ("matrix", "number"), ("number", "matrix"), ("number", "number")]
    for one, two, (left, right) in itertools.product(DTYPES, DTYPES, kinds):

        def action(torch: Any, one: str = one, two: str = two, left: str = left, right: str = right) -> Any:
            return apply(operand(torch, one, left), operand(torch, two, right))

        compare(action, torch, f"{one} {left} {operator} {two} {right}", exact={one, two} <= USUAL)


@pytest.mark.parametrize("operator", BINARY)
def test_operators_with_plain_numbers(operator: str, torch: Any) -> None:
    apply = eval(f"lambda one, two: one {operator} two")
    for dtype, number, kind, swap in itertools.product(DTYPES, SCALARS, ("matrix", "number"), (False, True)):

        def action(torch: Any, dtype: str = dtype, number: Any = number, kind: str = kind, swap: bool = swap) -> Any:
            tensor = operand(torch, dtype, kind)
            return apply(number, tensor) if swap else apply(tensor, number)

        compare(action, torch, f"{dtype} {kind} {operator} {number!r}, swapped {swap}", exact=dtype in USUAL)


@pytest.mark.parametrize("name", IN_PLACE)
def test_operations_in_place_on_every_pair_of_dtypes(name: str, torch: Any) -> None:
    for one, two, right in itertools.product(DTYPES, DTYPES, ("row", "number")):

        def action(torch: Any, one: str = one, two: str = two, right: str = right) -> Any:
            return getattr(operand(torch, one, "matrix"), name)(operand(torch, two, right))

        compare(action, torch, f"{one}.{name}({two} {right})", exact={one, two} <= USUAL)


@pytest.mark.parametrize("name", UNARY.split())
def test_functions_of_one_tensor_on_every_dtype(name: str, torch: Any) -> None:
    usual, special = [[-1.5, 0.0, 0.5], [2.5, 90.0, -0.5]], [[math.inf, -math.inf, math.nan]]
    for dtype, values in itertools.product(DTYPES, (usual, special)):
        if values is special and "float" not in dtype:
            continue

        def action(torch: Any, dtype: str = dtype, values: Any = values) -> Any:
            return getattr(
                torch.tensor(np.abs(values) if dtype == "uint8" else np.array(values)).to(getattr(torch, dtype)), name
            )()

        compare(action, torch, f"{dtype}.{name}()", exact="float" in dtype)
