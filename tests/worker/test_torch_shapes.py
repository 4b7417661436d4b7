"""The stand-in for PyTorch reshapes and indexes as PyTorch does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from both_torches import agree, compare, lines
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Each line gives the same with both. A line with ";" leaves its result in r.
SAME = lines("""
    # shapes
    t.shape, t.size(), t.size(0), t.size(-1), t.shape[1:], t.ndim, t.dim(), t.numel(), len(t)
    t.shape == (2, 3)
    t.view(-1)
    t.view(-1, 1)
    t.view((3, 2))
    t.T.reshape(-1)
    t.T.view(3, 2)
    t.flatten()
    c.flatten(1)
    t.t()
    t.T
    c.mT
    c.transpose(0, 2)
    c.permute(2, 0, 1)
    t.unsqueeze(1)
    t.unsqueeze(-1)
    t.unsqueeze(axis=1)
    t[None].squeeze(0)
    t[:, :1].squeeze()
    t.squeeze(0)
    t[:1].expand(3, 3)
    t[:1].expand(-1, 3)
    t[:1].expand_as(t)
    t.expand(2, 2, 3)
    t.repeat(2, 1)
    t.repeat(2, 1, 1)
    torch.cat([t, d])
    torch.cat([t, t], dim=-1)
    torch.cat([torch.tensor([]), t])
    torch.stack([t, t], axis=1)
    torch.diag(t[0])
    t.nonzero()
    t.contiguous() is t, t.cpu() is t, t.detach() is t, t.clone() is t
    t.T.is_contiguous(), (t.T * 2).is_contiguous(), (t.T + t.T.contiguous()).is_contiguous()
    # indices
    t[0, 1]
    t[-1]
    t[:, None]
    t[..., 0]
    t[0][1].item()
    t[range(2), [1, 2]]
    t[torch.arange(2), i]
    t[np.arange(2), i]
    t[range(len(i)), i].log().mean()
    t[t > 2]
    t[a > 2]
    t[[0, 1, 0]]
    t[:, i]
    c[0, :, i]
    c[i - 1, :, i]
    c[i - 1, 0, :]
    t[:, 0:i[1]]
    t[i == 1]
    t.gather(1, i.view(-1, 1))
    torch.gather(t, 1, i.unsqueeze(1)).squeeze()
    t.gather(1, torch.tensor([[0, 1], [1, 2]]))
    torch.zeros(2, 3).scatter_(1, i.view(-1, 1), 1)
    torch.zeros(2, 3).scatter_(1, i.view(-1, 1), value=1.0)
    torch.zeros(2, 3).scatter_(1, i.view(-1, 1), t)
    torch.zeros(2, 3).scatter(1, i.unsqueeze(1), 1.0)
""")


@pytest.mark.parametrize("code", SAME)
def test_same_as_pytorch(code: str, torch: Any) -> None:
    agree(code, torch)


numbers = st.integers(-4, 4)
slices = st.builds(slice, st.none() | numbers, st.none() | numbers, st.none() | st.integers(-1, 3))
vectors = st.lists(st.integers(-3, 2), min_size=1, max_size=2)
arrays = st.tuples(st.sampled_from(["list", "tensor", "ndarray", "column"]), vectors)
masks = st.tuples(st.just("mask"), st.lists(st.booleans(), min_size=3, max_size=4))
items = st.one_of(numbers, slices, st.none(), st.just(...), arrays, masks, st.just(("zero-d", [1])), st.just(1.0))
keys = st.lists(items, min_size=1, max_size=4)


def make_key(spec: list[Any], torch: Any) -> Any:
    def make(item: Any) -> Any:
        if not isinstance(item, tuple):
            return item
        kind, values = item
        if kind == "list":
            return list(values)
        if kind == "ndarray":
            return np.array(values)
        made = torch.tensor(values)
        return {"column": made.view(-1, 1), "zero-d": made[0]}.get(kind, made)

    made = tuple(make(item) for item in spec)
    return made[0] if len(made) == 1 else made


@settings(max_examples=200, deadline=None)
@given(spec=keys)
def test_any_index_reads_and_assigns_as_in_pytorch(torch: Any, spec: list[Any]) -> None:
    def start(torch: Any) -> Any:
        return torch.tensor(np.arange(36.0).reshape(3, 4, 3))

    def assign(torch: Any, value: Any) -> Any:
        tensor = start(torch)
        tensor[make_key(spec, torch)] = value(torch)
        return tensor

    def double(torch: Any) -> Any:
        tensor = start(torch)
        tensor[make_key(spec, torch)] *= 2
        return tensor

    actions: tuple[Any, ...] = (
        lambda torch: start(torch)[make_key(spec, torch)],
        lambda torch: assign(torch, lambda _: -1.0),
        lambda torch: assign(torch, lambda torch: torch.tensor([[-1.0]]).double()),
        double,
    )
    for action in actions:
        compare(action, torch, f"{spec}", exact=True)
