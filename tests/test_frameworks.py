"""Handing the work to a framework is seen; honest use of tensors is not flagged."""

from __future__ import annotations

import pytest

from grader.frameworks import framework_use

LAYERS = {"CrossEntropyLoss", "cross_entropy", "Linear", "relu", "conv1d"}


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f(z, y): return torch.nn.functional.cross_entropy(z, y)",
        "import torch.nn.functional as F\ndef f(z, y): return F.cross_entropy(z, y)",
        "from torch.nn.functional import cross_entropy as ce\ndef f(z, y): return ce(z, y)",
        "from torch import nn\nclass Linear(nn.Linear): pass",
        "import torch\ndef f(x): return torch.relu(x)",
        "import torch\ndef f(x): return x.relu()",
        "import torch\ndef f(x):\n    x = torch.tensor(x, requires_grad=True)\n    return x",
        "import torch\ndef f(x):\n    x.requires_grad_()\n    g(x).backward()\n    return x.grad",
        "import torch\ndef f(g, x): return torch.autograd.grad(g, x)",
        "import torch\ndef f(z): return getattr(torch.nn, 'Lin' + 'ear')(2, 2)(z)",
        "import torch\ndef f(z): return eval('torch.relu(z)')",
    ],
)
def test_a_framework_at_work_is_seen(source: str) -> None:
    assert framework_use([source], LAYERS)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f(z): return torch.exp(z) / torch.exp(z).sum(dim=1, keepdim=True)",
        "import torch\ndef f(z): return torch.softmax(z, dim=1)",
        "import torch\nx = torch.tensor([1.0], requires_grad=False)",
        "import torch\nclass Linear:\n    def backward(self, x, g):\n        self.grad = g\n        return self.grad",
        "class Linear:\n    def relu(self, x): return x\n    def forward(self, x): return self.relu(x)",
        "import numpy as np\nclass CrossEntropyLoss: pass\nloss = CrossEntropyLoss()",
        "this does not parse",
    ],
)
def test_honest_work_is_not_flagged(source: str) -> None:
    assert framework_use([source], LAYERS) == ()
