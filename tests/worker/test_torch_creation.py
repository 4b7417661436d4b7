"""The stand-in for PyTorch makes tensors of the values, dtypes and shapes that PyTorch makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_torches import STANDIN, agree, lines

from grader.worker.standins.torch_module import make_torch

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Each line gives the same with both. A line with ";" leaves its result in r.
SAME = lines("""
    # making tensors
    torch.tensor(1)
    torch.tensor([1, 2.5])
    torch.tensor([True, False])
    torch.tensor(a)
    torch.tensor(a32)
    torch.tensor(np.float64(3))
    torch.tensor([1, a[0, 0]])
    torch.tensor([np.float32(1), 1.0])
    torch.tensor([z, 1])
    torch.tensor([i[0], 1.5])
    torch.tensor([])
    torch.tensor([[]])
    torch.tensor(range(3))
    torch.tensor(a, dtype=torch.float)
    torch.tensor([1.5], dtype=torch.int64)
    torch.tensor([1.0], dtype=float)
    torch.tensor(m.numpy())
    torch.Tensor([1, 2])
    torch.Tensor(a)
    torch.Tensor(a.tolist())
    torch.Tensor(2, 3).shape
    torch.FloatTensor([1, 2])
    torch.DoubleTensor(a)
    torch.LongTensor([1, 2])
    torch.as_tensor(a)
    torch.as_tensor(t) is t
    torch.from_numpy(a)
    torch.from_numpy(np.array(3.0))
    torch.zeros(2, 3)
    torch.zeros((2, 3))
    torch.zeros(t.shape)
    torch.zeros(size=(2, 3))
    torch.zeros(())
    torch.zeros(np.int64(2))
    torch.zeros(2, dtype=torch.long)
    torch.ones_like(i)
    torch.ones_like(i, dtype=torch.float)
    torch.full((2, 2), 3)
    torch.full((2, 2), 3.0)
    torch.full_like(i, 2.5)
    torch.arange(3)
    torch.arange(3.0)
    torch.arange(0, 1, 0.25)
    torch.arange(5, 0, -2)
    torch.arange(1, 4, dtype=torch.float)
    torch.linspace(0, 1, 5)
    torch.eye(3)[i]
    torch.eye(2, 3)
    torch.randn(2, 3).shape
    torch.rand(2, 3).dtype
    torch.manual_seed(0) is None; r = torch.randn_like(t).shape
    s = torch.set_default_dtype; s(torch.float64); r = (torch.zeros(2), torch.tensor(1.5), i / 2); s(torch.float32)
    # dtypes
    t * 2.5
    i * 2.5
    i / 2
    i // 2
    i + True
    m + 1
    m * t
    m * 2.5
    m + m
    m.sum()
    i ** 2
    2 ** i
    i ** 0.5
    m ** 2
    t + d
    t + z.double()
    z.double() * i
    i[0] * t
    i[0] / 2
    t + torch.tensor(2.0, dtype=torch.float64)
    i + torch.tensor(2.0)
    t.float() is t
    t.double()
    t.long()
    t.int()
    i.bool()
    t.to(torch.float64)
    t.to('cpu') is t
    t.to(torch.device('cpu'), torch.float64)
    t.to(d)
    t.to(float)
    t.type(torch.float64)
    t.type()
    t.type('torch.DoubleTensor')
    t.type(torch.DoubleTensor)
    i.type_as(t)
    str(t.dtype)
    t.dtype == torch.float
    str(t.device)
    isinstance(t, torch.FloatTensor), isinstance(d, torch.FloatTensor), isinstance(a, torch.Tensor)
    torch.is_tensor(t), torch.is_tensor(a)
    torch.finfo(torch.float32).eps
    # as Python numbers
    z.item(), float(z), int(z), bool(z > 3), z.tolist(), t.tolist()
    torch.tensor([[3]]).item(), [1, 2, 3, 4][torch.tensor([[3]])], list(range(i[1]))
    f"{z:.3f}", round(z.item(), 2)
    math.exp(t[0, 0]), math.log(z)
    sum(t), sum(t[0]), max(t[0]), [float(x) for x in t[0]]
    2.0 in t, 9 in t
    list(t)
""")


@pytest.mark.parametrize("code", SAME)
def test_same_as_pytorch(code: str, torch: Any) -> None:
    agree(code, torch)


def test_numbers_never_written_are_not_numbers() -> None:
    for made in (STANDIN.Tensor(2, 3), STANDIN.empty(2, 3), STANDIN.FloatTensor(2, 3)):
        assert np.isnan(made.numpy()).all()


def test_every_stand_in_starts_with_float32() -> None:
    STANDIN.set_default_dtype(STANDIN.float64)
    assert make_torch()["torch"].zeros(1).dtype is make_torch()["torch"].float32
