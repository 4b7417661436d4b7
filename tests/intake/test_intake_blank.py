"""Blank is told from wrong in every disguise; what computes anything is never blank."""

from __future__ import annotations

import ast

import pytest

from grader.intake.blank import is_blank
from grader.intake.choose import choose

from .builders import BACKWARD, IMPORT, INIT, code, heading, read, read_files, sheet, template

BLANK = [
    "pass",
    "...",
    '"""Return the output."""',
    "return None",
    "return",
    "raise NotImplementedError",
    "raise NotImplementedError('todo')",
    "raise NotImplemented",
    "return NotImplemented",
    "return NotImplementedError",
    "return Linear",
    "return self",
    "return res",
    "return loss.numpy()",
    "res = np.zeros_like(X)\n    return res",
    "res = np.zeros((X.shape[0], self.W.shape[1]))\n    ## start\n    # return X @ W\n    return res",
    "N = X.shape[0]\n    return 0",
    "m, n = X.shape\n    out = None\n    return out",
    "print('todo')",
    "print('todo', X)\n    return np.zeros(X.shape)",
    "return np.array([])",
    "return torch.zeros(3).numpy()",
    "res = []\n    for i in range(3):\n        pass\n    return res",
    "if X is None:\n        pass\n    return None",
    "super().__init__()\n    return ''",
]
ATTEMPT = [
    "return X",
    "res = X\n    return res",
    "return np.maximum(X, 0)",
    "res = np.zeros_like(X)\n    res[X > 0] = 1\n    return res",
    "res = np.zeros_like(X)\n    res += X\n    return res",
    "X[X < 0] = 0\n    return X",
    "return relu(X)",
    "res = np.zeros(3)\n    res = X @ self.W\n    return res",
    "return (X > 0) * X",
    "res = []\n    for row in X:\n        res.append(row)\n    return res",
    "return [[max(0, v) for v in row] for row in X]",
    "np.maximum(X, 0, out=X)\n    return X",
    "self.out = X @ self.W\n    return self.out",
    "return 7",
    "return -X",
    "return np.array([[8, 4], [14, 7]])",
    "def inner(v):\n        return v\n    return inner(X)",
    "return X.copy()",
    "return np.zeros(X.shape) + X",
]


def function(body):
    return ast.parse(f"def forward(self, X):\n    {body}").body[0]


@pytest.mark.parametrize("body", BLANK)
def test_blank(body):
    assert is_blank(function(body))


@pytest.mark.parametrize("body", ATTEMPT)
def test_not_blank(body):
    assert not is_blank(function(body))


def test_the_untouched_template_is_blank_everywhere(tmp_path):
    import json

    evidence = read_files(tmp_path, {"hw.ipynb": json.dumps(template())})
    for entry, section in (
        ("Linear", "Q1"),
        ("Linear", "Q6"),
        ("ReLU", "Q3"),
        ("CrossEntropyLoss", "Q7"),
        ("Conv1d", "Q10"),
    ):
        choice = choose(evidence, entry, section, sheet())
        assert choice.blank and choice.problem is None, entry
        assert choice.definition is not None and choice.definition.section == section
    assert all(answer.empty for answer in evidence.answers.values())


def test_a_hole_spoils_its_own_method_only(tmp_path):
    source = (
        "class CrossEntropyLoss(Module):\n"
        "    def forward(self, p, y):\n"
        "        exp_logits = \n"
        "        # the sum\n"
        "        loss =   # later\n"
        "        return loss.numpy()\n"
        "    def backward(self, p, y):\n"
        "        grad = (p - y) / len(y)\n"
        "        return grad\n"
    )
    choice = choose(read(tmp_path, heading("Q7"), code(source)), "CrossEntropyLoss", "Q7", sheet())
    assert choice.definition is not None and not choice.blank
    methods = {method.name: method for method in choice.definition.methods}
    assert methods["forward"].blank and not methods["backward"].blank
    assert methods["backward"].line == 7


@pytest.mark.parametrize("header", ["for i in range(3):", "if X.ndim == 1:", "while False:  # wait"])
def test_a_header_with_nothing_below(tmp_path, header):
    forward = f"    def forward(self, X):\n        {header}\n            # your code\n\n"
    source = f"class Linear(Module):\n{INIT}{forward}{BACKWARD}"
    choice = choose(read(tmp_path, code(IMPORT), heading("Q1"), code(source)), "Linear", "Q1", sheet())
    assert choice.definition is not None
    assert [m.name for m in choice.definition.methods if m.blank and m.name != "__init__"] == ["forward"]


def test_a_method_with_comments_alone(tmp_path):
    source = f"class Linear(Module):\n{INIT}    def forward(self, X):\n        # return X @ self.W\n{BACKWARD}"
    choice = choose(read(tmp_path, heading("Q1"), code(source)), "Linear", "Q1", sheet())
    assert choice.definition is not None
    assert [m.name for m in choice.definition.methods if m.blank and m.name != "__init__"] == ["forward"]


def test_commented_out_and_empty_files_have_no_class(tmp_path):
    for text in (
        "",
        "# class Linear:\n#     def forward(self, X):\n#         return X\n",
        "'''\nclass Linear:\n    pass\n'''\n",
    ):
        choice = choose(read_files(tmp_path, {"hw.py": text}), "Linear", "Q1", sheet())
        assert choice.definition is None and choice.problem is None


@pytest.mark.parametrize(
    "body",
    [
        "if (y := X @ self.W) is not None:\n        return y",
        "for y in [X @ self.W]:\n        return y",
        "with cast(X) as y:\n        return y",
    ],
)
def test_names_bound_in_odd_places_are_work(body):
    assert not is_blank(function(body))


def test_a_static_method_takes_its_input_first():
    assert not is_blank(ast.parse("@staticmethod\ndef forward(X):\n    return X").body[0])
