"""Whole answers to Q7 of sheet 004, as they are written for tensors: the same with PyTorch and with its stand-in."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
from both_torches import STANDIN, Raised, outcome

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("fresh_default")]


# Whole answers to Q7 of the sheet, as they are written. {name: (is right, source)}
LOSSES: dict[str, tuple[bool, str]] = {
    "template": (
        True,
        """
        def forward(self, predicted_y, y):
            N = predicted_y.shape[0]
            exp_logits = torch.exp(predicted_y)
            probabilities = exp_logits / torch.sum(exp_logits, dim=1, keepdim=True)
            loss = -torch.sum(y * torch.log(probabilities)) / N
            return loss.numpy()
        def backward(self, predicted_y, y):
            N = predicted_y.shape[0]
            exp_logits = torch.exp(predicted_y)
            probabilities = exp_logits / torch.sum(exp_logits, dim=1, keepdim=True)
            grad = (probabilities - y) / N
            return grad.numpy()
        """,
    ),
    "shifted": (
        True,
        """
        def softmax(self, z):
            shifted = z - torch.max(z, dim=1, keepdim=True).values
            e = torch.exp(shifted)
            return e / e.sum(dim=1, keepdim=True)
        def forward(self, predicted_y, y):
            p = self.softmax(predicted_y)
            return -(y * (p + 1e-12).log()).sum(1).mean().numpy()
        def backward(self, predicted_y, y):
            return ((self.softmax(predicted_y) - y) / len(y)).numpy()
        """,
    ),
    "max unpacked, numpy's names for arguments": (
        True,
        """
        def forward(self, predicted_y, y):
            top, _ = predicted_y.max(axis=1, keepdims=True)
            e = torch.exp(predicted_y - top)
            self.p = e / torch.sum(e, axis=1, keepdims=True)
            return torch.mean(-torch.sum(y * torch.log(self.p), axis=1)).item()
        def backward(self, predicted_y, y):
            return (self.p - y).numpy() / predicted_y.shape[0]
        """,
    ),
    "log_softmax": (
        True,
        """
        def forward(self, predicted_y, y):
            return (-(torch.log_softmax(predicted_y, dim=1) * y).sum() / y.size(0)).numpy()
        def backward(self, predicted_y, y):
            return ((F.softmax(predicted_y, dim=1) - y) / y.size(0)).detach().cpu().numpy()
        """,
    ),
    "logsumexp and gather": (
        True,
        """
        def forward(self, predicted_y, y):
            labels = torch.argmax(y, dim=1)
            picked = predicted_y.gather(1, labels.unsqueeze(1)).squeeze(1)
            loss = (torch.logsumexp(predicted_y, dim=1) - picked).mean()
            return loss.numpy()
        def backward(self, predicted_y, y):
            labels = y.argmax(1)
            grad = torch.softmax(predicted_y, 1)
            grad.scatter_(1, labels.view(-1, 1), grad.gather(1, labels.view(-1, 1)) - 1)
            return (grad / predicted_y.size(0)).numpy()
        """,
    ),
    "index of the true class, changed in place": (
        True,
        """
        def forward(self, predicted_y, y):
            N = predicted_y.shape[0]
            labels = y.max(1)[1]
            p = torch.exp(predicted_y) / torch.exp(predicted_y).sum(1).unsqueeze(1)
            loss = -torch.log(p[range(N), labels]).sum() / N
            self.p, self.labels = p, labels
            return loss.numpy()
        def backward(self, predicted_y, y):
            N = predicted_y.shape[0]
            grad = self.p.clone()
            grad[torch.arange(N), self.labels] -= 1
            grad /= N
            return grad.numpy()
        """,
    ),
    "loops over samples and classes": (
        True,
        """
        def forward(self, predicted_y, y):
            loss = torch.tensor(0.0)
            for i in range(predicted_y.shape[0]):
                total = sum(torch.exp(z) for z in predicted_y[i])
                for c in range(predicted_y.shape[1]):
                    if y[i, c] == 1:
                        loss = loss - torch.log(torch.exp(predicted_y[i][c]) / total)
            return (loss / predicted_y.shape[0]).numpy()
        def backward(self, predicted_y, y):
            grad = torch.zeros_like(predicted_y)
            for i, (row, target) in enumerate(zip(predicted_y, y)):
                e = row.exp()
                for c in range(len(row)):
                    grad[i][c] = (e[c] / e.sum() - target[c]) / len(predicted_y)
            return grad.numpy()
        """,
    ),
    "numpy inside": (
        True,
        """
        def forward(self, predicted_y, y):
            z = np.array(predicted_y)
            e = np.exp(z - np.max(z, axis=1, keepdims=True))
            p = e / np.sum(e, axis=1, keepdims=True)
            loss = -np.sum(np.asarray(y) * np.log(p)) / z.shape[0]
            return torch.tensor(loss).numpy()
        def backward(self, predicted_y, y):
            z = predicted_y.numpy()
            e = np.exp(z - z.max(axis=1, keepdims=True))
            grad = torch.from_numpy(e / e.sum(axis=1, keepdims=True)) - y
            grad = grad / len(z)
            return grad.numpy()
        """,
    ),
    "np.exp of a tensor, then its methods": (
        True,
        """
        def forward(self, predicted_y, y):
            exp_logits = np.exp(predicted_y)
            probabilities = exp_logits / exp_logits.sum(axis=1, keepdims=True)
            loss = -(y * np.log(probabilities)).sum() / predicted_y.shape[0]
            return loss.numpy()
        def backward(self, predicted_y, y):
            exp_logits = np.exp(predicted_y)
            probabilities = exp_logits / exp_logits.sum(axis=1, keepdims=True)
            return ((probabilities - y) / predicted_y.shape[0]).numpy()
        """,
    ),
    "all in place": (
        True,
        """
        def forward(self, predicted_y, y):
            p = predicted_y.clone()
            p.sub_(p.amax(dim=1, keepdim=True)).exp_()
            p.div_(p.sum(dim=1, keepdim=True))
            self.p = p
            return p.clamp(min=1e-12).log().mul_(y).sum().neg_().div_(len(y)).numpy()
        def backward(self, predicted_y, y):
            self.p -= y
            self.p *= 1 / len(y)
            return self.p.numpy()
        """,
    ),
    "einsum and where": (
        True,
        """
        def forward(self, predicted_y, y):
            p = predicted_y.double().softmax(-1)
            picked = torch.einsum('nc,nc->n', p, y.double())
            return -torch.where(picked > 0, picked.log(), torch.zeros_like(picked)).mean().numpy()
        def backward(self, predicted_y, y):
            p = predicted_y.softmax(-1)
            return torch.stack([(p[n] - y[n]) / p.shape[0] for n in range(p.shape[0])]).numpy()
        """,
    ),
    "one_hot of the labels, under no_grad": (
        True,
        """
        def forward(self, predicted_y, y):
            with torch.no_grad():
                target = torch.nn.functional.one_hot(y.argmax(dim=1), num_classes=predicted_y.shape[1]).float()
                top = predicted_y.max(dim=1, keepdim=True)[0].expand_as(predicted_y)
                e = (predicted_y - top).exp()
                p = e / e.sum(dim=1).view(-1, 1)
                return np.float64((target * p.log()).sum().item() / -y.shape[0])
        @torch.no_grad()
        def backward(self, predicted_y, y):
            e = predicted_y.exp()
            p = e.t().div(e.sum(1)).t()
            return p.sub(y).div(float(y.shape[0])).contiguous().numpy()
        """,
    ),
    "Jacobian by torch.diag and outer": (
        True,
        """
        def forward(self, predicted_y, y):
            p = torch.softmax(predicted_y, dim=1)
            return torch.sum(-y * torch.log(p), dim=1).mean(dim=0).numpy()
        def backward(self, predicted_y, y):
            p = torch.softmax(predicted_y, dim=1)
            rows = []
            for k in range(p.size(0)):
                jacobian = torch.diag(p[k]) - torch.outer(p[k], p[k])
                rows.append((-(y[k].to(p.dtype) / p[k]) @ jacobian).unsqueeze(0))
            return (torch.cat(rows, dim=0) / p.size(0)).numpy()
        """,
    ),
    "tensors that become tensors": (
        True,
        """
        def forward(self, predicted_y, y):
            predicted_y = torch.as_tensor(predicted_y, dtype=torch.float64)
            y = torch.as_tensor(y).to(predicted_y.dtype)
            p = torch.exp(predicted_y) / torch.exp(predicted_y).sum(-1, keepdim=True)
            loss = 0
            for n in range(y.shape[0]):
                loss += -torch.log(p[n, int(torch.argmax(y[n]))])
            return float(loss / y.shape[0])
        def backward(self, predicted_y, y):
            p = torch.Tensor(predicted_y.tolist()).softmax(1)
            return (p - y).true_divide(y.shape[0]).numpy()
        """,
    ),
    "wrong: softmax over the whole array, not divided": (
        False,
        """
        def forward(self, predicted_y, y):
            p = torch.exp(predicted_y) / torch.sum(torch.exp(predicted_y))
            return -torch.sum(y * torch.log(p)).numpy()
        def backward(self, predicted_y, y):
            return (torch.exp(predicted_y) / torch.sum(torch.exp(predicted_y)) - y).numpy()
        """,
    ),
    "wrong: no keepdim": (
        False,
        """
        def forward(self, predicted_y, y):
            e = torch.exp(predicted_y)
            return -torch.sum(y * torch.log(e / e.sum(dim=1))).numpy()
        def backward(self, predicted_y, y):
            e = torch.exp(predicted_y)
            return (e / torch.sum(e, 1) - y).numpy()
        """,
    ),
    "wrong: np.sum of a tensor": (
        False,
        """
        def forward(self, predicted_y, y):
            e = np.exp(predicted_y)
            return -np.sum(y * np.log(e / np.sum(e, axis=1, keepdims=True))).numpy()
        def backward(self, predicted_y, y):
            e = np.exp(predicted_y)
            return (e / np.sum(e, axis=1, keepdims=True) - y).numpy()
        """,
    ),
    "wrong: ndarray methods on a tensor": (
        False,
        """
        def forward(self, predicted_y, y):
            return predicted_y.astype(np.float64).mean().numpy()
        def backward(self, predicted_y, y):
            grad = predicted_y.copy()
            return grad.numpy()
        """,
    ),
}


def answer(source: str, torch: Any) -> Any:
    """The student's class on the sheet's base class, with one PyTorch or the other."""
    space: dict[str, Any] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": np}
    base = "class Module:\n    def __call__(self, *inputs):\n        return self.forward(*inputs)\n"
    body = textwrap.indent(textwrap.dedent(source), "    ")
    exec(f"{base}class CrossEntropyLoss(Module):\n{body}", space)
    return space["CrossEntropyLoss"]()


def ask(source: str, torch: Any, logits: Any, onehot: Any) -> list[Any]:
    """Loss and gradient: two arrays, or what was raised."""
    loss = answer(source, torch)
    one, two = torch.tensor(logits), torch.tensor(onehot)
    return [outcome(lambda _: loss(one, two), torch), outcome(lambda _: loss.backward(one, two), torch)]


CASES = [
    pytest.param(dtype, m, k, id=f"{dtype.__name__}-{m}x{k}")
    for dtype in (np.float32, np.float64)
    for m, k in ((5, 3), (3, 3))
]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("dtype", "m", "k"), CASES)
def test_whole_losses_in_both(name: str, dtype: Any, m: int, k: int, torch: Any) -> None:
    random = np.random.default_rng(7)
    logits = random.normal(size=(m, k)).astype(dtype)
    onehot = np.eye(k, dtype=np.float32)[random.integers(k, size=m)]
    source = LOSSES[name][1]
    for expected, got in zip(ask(source, torch, logits, onehot), ask(source, STANDIN, logits, onehot), strict=True):
        assert isinstance(expected, Raised) == isinstance(got, Raised), f"PyTorch {expected}, stand-in {got}"
        if not isinstance(expected, Raised):
            assert expected[:-1] == got[:-1]
            np.testing.assert_allclose(got[-1], expected[-1], rtol=5e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_whole_losses_against_finite_differences(name: str) -> None:
    """Without PyTorch: right answers pass and wrong ones do not."""
    right, source = LOSSES[name]
    random = np.random.default_rng(3)
    logits, onehot = random.normal(size=(3, 3)), np.eye(3)[[2, 0, 2]]

    def loss(z: Any) -> float:
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - (onehot * z).sum(axis=1)))

    step = 1e-6
    slope = np.array([loss(logits + d) - loss(logits - d) for d in step * np.eye(9).reshape(9, 3, 3)]) / (2 * step)
    got = ask(source, STANDIN, logits, onehot.astype(np.float32))
    wanted: list[Any] = [loss(logits), slope.reshape(3, 3)]
    passed = [
        not isinstance(value, Raised)
        and np.shape(value[-1]) == np.shape(want)
        and np.allclose(value[-1], want, atol=1e-6)
        for value, want in zip(got, wanted, strict=True)
    ]
    assert passed == [right, right], got
