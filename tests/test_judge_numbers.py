"""Sheet 004, Q2, through the judge: right answers in many spellings, wrong ones, and those a human must read.

The oracle is what the sheet's own comparison cell prints for a right Linear: Y [[8,4],[14,7]], dX [[3,3],[3,3]],
W [[1.85,.85],[1.6,.6]], b [-.1,-.1].
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from grader.judges.numbers import side_by_side
from grader.model import AnswerText, LabelReport, Picture, Place, Status
from grader.rubric import AnswerQuestion
from rubrics.numpy_layers import hand_numbers

QUESTION = AnswerQuestion(
    "Q2", "by hand", 2.0, False, dict.fromkeys(("Y", "dX", "W", "b"), 0.5), hand_numbers.judge, hand_numbers.faults()
)


def judged(text: str = "", **more: object) -> dict[str, LabelReport]:
    reports = hand_numbers.judge(QUESTION, AnswerText(text, **more))  # type: ignore[arg-type]
    return {report.label: report for report in reports}


def statuses(text: str) -> dict[str, str]:
    return {label: str(report.status) for label, report in judged(text).items()}


def env(kind: str, *rows: str, left: str = "", right: str = "") -> str:
    return f"{left}\\begin{{{kind}}}" + r" \\ ".join(rows) + f"\\end{{{kind}}}{right}"


def latex(kind: str, left: str = "", right: str = "") -> dict[str, str]:
    values = {
        "Y": ("8 & 4", "14 & 7"),
        "dX": ("3 & 3", "3 & 3"),
        "W": ("1.85 & 0.85", "1.6 & 0.6"),
        "b": ("-0.1 & -0.1",),
    }
    return {label: env(kind, *rows, left=left, right=right) for label, rows in values.items()}


BMATRIX = latex("bmatrix")
LISTS = {"Y": "[[8, 4], [14, 7]]", "dX": "[[3, 3], [3, 3]]", "W": "[[1.85, 0.85], [1.6, 0.6]]", "b": "[-0.1, -0.1]"}
NUMPY = {
    "Y": "[[ 8.  4.]\n [14.  7.]]",
    "dX": "[[3. 3.]\n [3. 3.]]",
    "W": "[[1.85 0.85]\n [1.6  0.6 ]]",
    "b": "[[-0.1 -0.1]]",
}
PLAIN = {"Y": "8 4\n14 7", "dX": "3 3\n3 3", "W": "1.85 0.85\n1.6 0.6", "b": "-0.1 -0.1"}
MATLAB = {"Y": "[8 4; 14 7]", "dX": "[3 3; 3 3]", "W": "[1.85 0.85; 1.6 0.6]", "b": "[-0.1 -0.1]"}
ARRAYS = {label: f"np.array({value})" for label, value in LISTS.items()}

FORWARD, BACKWARD, NEW_W, NEW_B = "Forward propagation", "Backward propagation", "Updated W", "Updated b"


def say(
    values: dict[str, str],
    names: Iterable[str] = ("Y", "dX", "W", "b"),
    sign: str = " = ",
    end: str = "\n",
    wrap: str = "",
) -> str:
    return end.join(f"{name}{sign}{wrap}{value}{wrap}" for name, value in zip(names, values.values(), strict=True))


WORKED = r"""
**Forward propagation**

$$Y = XW + b = \begin{bmatrix}1 & 3\\2 & 5\end{bmatrix}\begin{bmatrix}2 & 1\\2 & 1\end{bmatrix} + \mathbf 0
= \begin{bmatrix}8 & 4\\14 & 7\end{bmatrix}$$

**Backward propagation**

$$\frac{\partial \mathcal L}{\partial X} = \frac{\partial \mathcal L}{\partial Y} W^T =
\begin{bmatrix}1 & 1\\1 & 1\end{bmatrix}\begin{bmatrix}2 & 2\\1 & 1\end{bmatrix}
= \begin{bmatrix}3 & 3\\3 & 3\end{bmatrix}$$

$$\frac{\partial \mathcal L}{\partial W} = X^T\frac{\partial \mathcal L}{\partial Y} =
\begin{bmatrix}1 & 2\\3 & 5\end{bmatrix}\begin{bmatrix}1 & 1\\1 & 1\end{bmatrix}
= \begin{bmatrix}3 & 3\\8 & 8\end{bmatrix}$$

$$\frac{\partial \mathcal L}{\partial \mathbf b} = \mathbf 1^T\frac{\partial \mathcal L}{\partial Y} =
\begin{bmatrix}2 & 2\end{bmatrix}$$

**Updated parameters**

$$W \leftarrow W - 0.05 \frac{\partial \mathcal L}{\partial W} = \begin{bmatrix}2 & 1\\2 & 1\end{bmatrix} - 0.05
\begin{bmatrix}3 & 3\\8 & 8\end{bmatrix} = \begin{bmatrix}1.85 & 0.85\\1.6 & 0.6\end{bmatrix}$$

$$\mathbf b \leftarrow \mathbf b - 0.05 \frac{\partial \mathcal L}{\partial \mathbf b} =
\begin{bmatrix}-0.1 & -0.1\end{bmatrix}$$
"""

ALIGNED = r"""$$
\begin{aligned}
Y &= XW + b \\
  &= \begin{bmatrix}1 & 3\\2 & 5\end{bmatrix} \begin{bmatrix}2 & 1\\2 & 1\end{bmatrix} \\
  &= \begin{bmatrix}8 & 4\\14 & 7\end{bmatrix} \\
\frac{\partial L}{\partial X} &= \frac{\partial L}{\partial Y} W^\top = \begin{bmatrix}3 & 3\\3 & 3\end{bmatrix} \\
W_{new} &= W - \eta X^\top \frac{\partial L}{\partial Y} \\
 &= \begin{bmatrix}1.85 & 0.85\\1.6 & 0.6\end{bmatrix} \\
b_{new} &= b - \eta \mathbf{1}^\top \frac{\partial L}{\partial Y} = \begin{bmatrix}-0.1 & -0.1\end{bmatrix}
\end{aligned}
$$"""

RIGHT = {
    "worked out in LaTeX": WORKED,
    "aligned": ALIGNED,
    "bmatrix": say(BMATRIX, wrap="$"),
    "pmatrix": say(latex("pmatrix"), wrap="$$"),
    "vmatrix": say(latex("vmatrix"), wrap="$"),
    "smallmatrix": say(latex("smallmatrix", r"\left(", r"\right)"), wrap="$"),
    "matrix in brackets": say(latex("matrix", r"\left[", r"\right]"), wrap="$"),
    "array in brackets": say(latex("array", r"\left[", r"\right]"), wrap="$")
    .replace("{array}", "{array}{cc}")
    .replace(r"\end{array}{cc}", r"\end{array}"),
    "array in parentheses": say(latex("array", r"\left (", r"\right )"), wrap="$").replace(
        r"\begin{array}", r"\begin{array}{rr}"
    ),
    "LaTeX on one line": "$"
    + r",\quad ".join(
        f"{name} = {value}"
        for name, value in zip(("Y", r"\frac{\partial L}{\partial X}", "W", "b"), BMATRIX.values(), strict=True)
    )
    + "$",
    "LaTeX separated by dollars": " ".join(f"${name}={value}$" for name, value in BMATRIX.items()),
    "display brackets": "\n".join(f"\\[ {name} = {value} \\]" for name, value in BMATRIX.items()),
    "LaTeX with text labels": "\n\n".join(
        f"$$\\text{{{name}}} = {value}$$"
        for name, value in zip((FORWARD, BACKWARD, NEW_W, NEW_B), BMATRIX.values(), strict=True)
    ),
    "lists": say(LISTS),
    "lists with derivative": say(LISTS, ("Y", "dL/dX", "W", "b")),
    "lists, curly derivative": say(LISTS, ("Y", "∂L/∂X", "W", "b")),
    "lists, lower case": say(LISTS, ("y", "dx", "w", "b")),
    "lists, colon": say(LISTS, sign=": "),
    "lists, semicolons": say(LISTS, end="; "),
    "lists, commas": say(LISTS, end=", "),
    "lists, no sign": say(LISTS, sign=" "),
    "lists, arrows": say(LISTS, sign=" -> "),
    "lists, assigned": say(LISTS, sign=" := "),
    "bullets": "- " + say(LISTS, end="\n- "),
    "star bullets, bold": "\n".join(f"* **{name}**: {value}" for name, value in LISTS.items()),
    "numbered": "\n".join(f"{i}. {name} = {value}" for i, (name, value) in enumerate(LISTS.items(), 1)),
    "numbered, names in words": say(
        LISTS, ("1. Forward propagation", "2. Backward propagation", "3. Updated W", "4. Updated b"), sign=": "
    ),
    "numbered, no names": "\n".join(f"{i}. {value}" for i, value in enumerate(LISTS.values(), 1)),
    "no names": "\n\n".join(LISTS.values()),
    "LaTeX, no names": "\n\n".join(f"$${value}$$" for value in BMATRIX.values()),
    "printed": say(NUMPY, ("forward", "backward", "W", "b"), sign=":\n"),
    "printed in a fence": "```\n" + say(NUMPY, ("forward", "backward", "W", "b"), sign=":\n ") + "\n```",
    "printed, one line": say({k: v.replace("\n", "") for k, v in NUMPY.items()}),
    "plain rows": say(PLAIN, sign=":\n", end="\n\n"),
    "plain rows under headings": say(
        PLAIN, ("## Forward", "## Backward", "## Updated weights", "## Updated bias"), sign="\n\n", end="\n\n"
    ),
    "plain rows after the sign": "Y = 8 4\n    14 7\ndX = 3 3\n     3 3\nW = 1.85 0.85\n    1.6 0.6\nb = -0.1 -0.1",
    "comma rows": say({k: v.replace(" ", ", ") for k, v in PLAIN.items()}, sign=":\n", end="\n\n"),
    "tab rows": say({k: v.replace(" ", "\t") for k, v in PLAIN.items()}, sign=":\n", end="\n\n"),
    "pipe rows": say(
        {k: "| " + v.replace(" ", " | ").replace("\n", " |\n| ") + " |" for k, v in PLAIN.items()},
        sign=":\n\n",
        end="\n\n",
    ),
    "tables": say(
        {k: "| " + v.replace(" ", " | ").replace("\n", " |\n|---|---|\n| ") + " |" for k, v in PLAIN.items()},
        sign=":\n\n",
        end="\n\n",
    ),
    "one table, rows": "| Quantity | Value |\n|---|---|\n"
    + "\n".join(f"| {name} | {value} |" for name, value in LISTS.items()),
    "one table, named in words": "| Result | Formula | Value |\n|---|---|---|\n"
    + "\n".join(
        f"| {name} | {formula} | ${value}$ |"
        for name, formula, value in zip(
            (FORWARD, BACKWARD, "updated W", "updated b"),
            ("XW+b", "dY W^T", "W - lr dW", "b - lr db"),
            BMATRIX.values(),
            strict=True,
        )
    ),
    "one table, columns": "| Y | dX | W | b |\n|:-:|:-:|:-:|:-:|\n| " + " | ".join(LISTS.values()) + " |",
    "a table with breaks": "| Y | 8 4<br>14 7 |\n|---|---|\n"
    "| dX | 3 3<br>3 3 |\n| W | 1.85 0.85<br>1.6 0.6 |\n| b | -0.1 -0.1 |",
    "HTML": "<p>Y = [[8,4],[14,7]]<br>dX = [[3,3],[3,3]]<br/>"
    "W = [[1.85,0.85],[1.6,0.6]]<br>b = [&minus;0.1, &minus;0.1]</p>",
    "MATLAB": say(MATLAB),
    "np.array": say(ARRAYS),
    "np.array in a fence": "```python\n" + say(ARRAYS, ("Y", "dX", "W", "b")) + "\n```",
    "array": say({k: f"array({v})" for k, v in LISTS.items()}),
    "tensor": say({k: f"tensor({v})" for k, v in LISTS.items()}),
    "tensor, dtype": say({k: f"tensor({v}, dtype=torch.float64)" for k, v in LISTS.items()}),
    "tuples": say(
        {"Y": "((8, 4), (14, 7))", "dX": "((3, 3), (3, 3))", "W": "((1.85, .85), (1.6, .6))", "b": "(-.1, -.1)"}
    ),
    "braces": say({"Y": "{{8,4},{14,7}}", "dX": "{{3,3},{3,3}}", "W": "{{1.85,0.85},{1.6,0.6}}", "b": "{-0.1,-0.1}"}),
    "rows in brackets of their own": "Y = [8 4]\n    [14 7]\ndX = [3 3]\n     [3 3]\n"
    "W = [1.85 0.85]\n    [1.6 0.6]\nb = [-0.1 -0.1]",
    "unicode brackets": "Y =\n⎡8 4⎤\n⎣14 7⎦\ndX =\n⎡3 3⎤\n⎣3 3⎦\nW =\n⎡1.85 0.85⎤\n⎣1.6 0.6⎦\nb = [−0.1 −0.1]",
    "bars": "Y = | 8 4 |\n    | 14 7 |\ndX = | 3 3 |\n     | 3 3 |\n"
    "W = | 1.85 0.85 |\n    | 1.6 0.6 |\nb = | -0.1 -0.1 |",
    "unicode minus": say(LISTS).replace("-", "−"),
    "full width": "Ｙ ＝ ［［８，４］，［１４，７］］\nｄＸ＝［［３，３］，［３，３］］\n"
    "Ｗ＝［［１．８５，０．８５］，［１．６，０．６］］\nｂ＝［－０．１，－０．１］",
    "decimal comma": say({k: v.replace(".", ",") for k, v in BMATRIX.items()}, wrap="$"),
    "decimal comma in braces": say({k: v.replace(".", "{,}") for k, v in BMATRIX.items()}, wrap="$"),
    "fractions": say(LISTS | {"W": "[[37/20, 17/20], [8/5, 3/5]]", "b": "[-1/10, -1/10]"}),
    "LaTeX fractions": say(
        BMATRIX
        | {
            "W": env("bmatrix", r"\frac{37}{20} & \frac{17}{20}", r"\frac85 & \frac{3}{5}"),
            "b": env("bmatrix", r"-\frac{1}{10} & -\frac{1}{10}"),
        },
        wrap="$",
    ),
    "exponents": say(LISTS | {"W": "[[1.85e0, 8.5e-1], [1.6e+00, 6.0e-01]]", "b": "[-1e-1, -1.0e-01]"}),
    "leading points": say(LISTS | {"W": "[[1.85, .85], [1.6, .6]]", "b": "[-.1, -.1]"}),
    "trailing points": say(LISTS | {"Y": "[[8., 4.], [14., 7.]]", "dX": "[[3., 3.], [3., 3.]]"}),
    "more digits": say(LISTS | {"W": "[[1.8500, 0.8500], [1.6000, 0.6000]]", "b": "[-0.1000, -0.1000]"}),
    "binary dust": say(LISTS | {"W": "[[1.85, 0.85], [1.6, 0.6000000000000001]]"}),
    "sums inside": say(
        BMATRIX
        | {
            "W": env(
                "bmatrix",
                r"2 - 0.05\cdot 3 = 1.85 & 1 - 0.05\cdot 3 = 0.85",
                r"2 - 0.05\cdot 8 = 1.6 & 1 - 0.05\cdot 8 = 0.6",
            )
        },
        wrap="$",
    ),
    "sums left open": say(LISTS | {"W": "[[2-0.15, 1-0.15], [2-0.4, 1-0.4]]"}),
    "chain of matrices": say(LISTS | {"Y": "XW + b = [[1*2+3*2, 1*1+3*1], [2*2+5*2, 2*1+5*1]] = [[8, 4], [14, 7]]"}),
    "a factor before it": say(LISTS | {"b": "-0.05 [2, 2]", "dX": "3 [[1, 1], [1, 1]]"}),
    "b as a column": say(BMATRIX | {"b": env("bmatrix", "-0.1", "-0.1")}, wrap="$"),
    "b transposed": say(BMATRIX | {"b": env("bmatrix", "-0.1", "-0.1") + r"^\top"}, wrap="$"),
    "transposed": say(LISTS | {"Y": "[[8, 14], [4, 7]]^T", "W": "[[1.85, 1.6], [0.85, 0.6]].T"}),
    "primes": say(LISTS, ("Y", "dX", "W'", "b'")),
    "W new": say(LISTS, ("Y", "dX", "W_new", "b_new")),
    "W with index": say(BMATRIX, ("Y", r"\nabla_X L", "W_{new}", r"\mathbf{b}_{new}"), wrap=""),
    "W of the next step": say(BMATRIX, ("Y", "dX", "W^{(1)}", "b^{(1)}"), wrap=""),
    "W t+1": say(BMATRIX, ("Y", "dX", "W_{t+1}", "b_{t+1}"), wrap=""),
    "code names": say(LISTS, ("forward_res", "backward_res", "test_linear.W", "test_linear.b")),
    "self": say(LISTS, ("output", "grad_input", "self.W", "self.b")),
    "new first": say(LISTS, ("forward pass", "backward pass", "new weights", "new bias"), sign=": "),
    "sentences": f"The output of the forward propagation is Y = {LISTS['Y']}. The gradient of the loss with "
    f"respect to X is {LISTS['dX']}. After the update the weights are W = {LISTS['W']} "
    f"and the bias is b = {LISTS['b']}.",
    "sentences without symbols": f"The result of forward propagation is {LISTS['Y']}.\n"
    f"The result of backward propagation is {LISTS['dX']}.\nThe updated weights are {LISTS['W']}.\n"
    f"The updated bias is {LISTS['b']}.",
    "gradients in words": say(
        LISTS, ("Output Y", "Gradient w.r.t. the input", "Updated weight matrix", "Updated bias vector"), sign=": "
    ),
    "comments behind": "\n".join(
        f"{value}  # {name}"
        for name, value in zip(("forward", "backward", "updated W", "updated b"), LISTS.values(), strict=True)
    ),
    "updated parameters as one": f"Forward:\n{LISTS['Y']}\n\nBackward:\n{LISTS['dX']}\n\n"
    f"Updated parameters:\n{LISTS['W']}\n\n{LISTS['b']}",
    "gradients given as well": f"Y = {LISTS['Y']}\ndY = [[1,1],[1,1]]\ndX = {LISTS['dX']}\n"
    f"dW = [[3,3],[8,8]]\ndb = [2,2]\nW = {LISTS['W']}\nb = {LISTS['b']}",
    "given values first": f"X = [[1,3],[2,5]], W = [[2,1],[2,1]], b = 0, "
    f"dL/dY = [[1,1],[1,1]], lr = 0.05, m = n = k = 2\n\n{say(LISTS)}",
    "update formula as the name": say(LISTS, ("XW + b", "dY W^T", "W - 0.05 dW", "b - 0.05 db")),
    "update formula, LaTeX": say(
        BMATRIX,
        (
            "f(X)",
            r"\frac{\partial \mathcal{L}}{\partial \mathbf{X}}",
            r"W - lr * X^T \frac{\partial \mathcal L}{\partial Y}",
            r"b - lr * \frac{\partial \mathcal L}{\partial b}",
        ),
        wrap="$",
    ),
    "corrected further down": f"Y = [[8, 4], [13, 7]]\nsorry, once more:\n{say(LISTS)}",
    "Chinese": say(LISTS, ("前向传播结果", "反向传播结果", "更新后的权重", "更新后的偏置"), sign="："),
    "Chinese and symbols": say(LISTS, ("前向传播：Y", "反向传播：dX", "更新后 W", "更新后 b")),
    "letters as items": say(LISTS, ("(a) Y", "(b) dX", "(c) W", "(d) b")),
    "steps": say(LISTS, ("Step 1: Y", "Step 2: dX", "Step 3: W", "Step 4: b")),
    "CRLF": say(PLAIN, sign=":\n", end="\n\n").replace("\n", "\r\n"),
    "emphasis": "\n\n".join(f"**{name}:** `{value}`" for name, value in LISTS.items()),
    "quoted": "> " + say(LISTS, end="\n> "),
    "Persian digits": say(LISTS).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_answer_keeps_its_marks_in_any_spelling(text: str) -> None:
    reports = judged(text)
    assert {label: str(report.status) for label, report in reports.items()} == dict.fromkeys(reports, "passed")
    assert sum(report.earned for report in reports.values()) == 2.0


# One label wrong, all else right: (label, its wrong value, the misconception that is named or "").
WRONG = {
    "Y, one entry": ("Y", "[[8, 4], [13, 7]]", ""),
    "Y, all entries": ("Y", "[[1, 2], [5, 6]]", ""),
    "Y transposed": ("Y", "[[8, 14], [4, 7]]", ""),
    "Y by W transposed": ("Y", "[[5, 5], [9, 9]]", "hand.forward-by-W-transposed"),
    "Y swapped": ("Y", "[[4, 11], [4, 11]]", "hand.forward-swapped"),
    "Y entry by entry": ("Y", "[[2, 3], [4, 5]]", "hand.forward-elementwise"),
    "Y is X": ("Y", "[[1, 3], [2, 5]]", ""),
    "dX without transpose": ("dX", "[[4, 2], [4, 2]]", "hand.dX-without-transpose"),
    "dX swapped": ("dX", "[[4, 4], [2, 2]]", "hand.dX-swapped"),
    "dX from the new W": ("dX", "[[2.7, 2.2], [2.7, 2.2]]", "hand.dX-from-updated-W"),
    "dX is dW": ("dX", "[[3, 3], [8, 8]]", "hand.dX-is-dW"),
    "dX is dY": ("dX", "[[1, 1], [1, 1]]", "hand.dX-is-dY"),
    "dX is W transposed": ("dX", "[[2, 2], [1, 1]]", "hand.dX-is-W-transposed"),
    "dX, one sign": ("dX", "[[3, 3], [3, -3]]", ""),
    "W is dW": ("W", "[[3, 3], [8, 8]]", "hand.W-is-dW"),
    "W added": ("W", "[[2.15, 1.15], [2.4, 1.4]]", "hand.W-added"),
    "W without lr": ("W", "[[-1, -2], [-6, -7]]", "hand.W-without-lr"),
    "W, X not transposed": ("W", "[[1.8, 0.8], [1.65, 0.65]]", "hand.W-gradient-not-transposed"),
    "W averaged": ("W", "[[1.925, 0.925], [1.8, 0.8]]", "hand.W-averaged"),
    "W by dX": ("W", "[[1.85, 0.85], [1.85, 0.85]]", "hand.W-by-dX"),
    "W is the step": ("W", "[[0.15, 0.15], [0.4, 0.4]]", "hand.W-is-step"),
    "W with too few digits": ("W", "[[1.9, 0.9], [1.6, 0.6]]", ""),
    "W slipped a digit": ("W", "[[1.85, 0.85], [1.6, 0.06]]", ""),
    "b is db": ("b", "[2, 2]", "hand.b-is-db"),
    "b added": ("b", "[0.1, 0.1]", "hand.b-added"),
    "b without lr": ("b", "[-2, -2]", "hand.b-without-lr"),
    "b averaged": ("b", "[-0.05, -0.05]", "hand.b-averaged"),
    "b not summed": ("b", "[[-0.05, -0.05], [-0.05, -0.05]]", "hand.b-not-summed"),
    "b summed over all": ("b", "[-0.2, -0.2]", "hand.b-summed-over-all"),
    "b with one wrong sign": ("b", "[-0.1, 0.1]", ""),
}


def bmatrix(value: str) -> str:
    rows = value.strip("[]").split("], [")
    return env("bmatrix", *(row.replace(", ", " & ") for row in rows))


@pytest.mark.parametrize("style", ["lists", "latex", "words"])
@pytest.mark.parametrize(("label", "value", "fault"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_number_loses_its_label_and_no_other(label: str, value: str, fault: str, style: str) -> None:
    values = LISTS | {label: value}
    if style == "latex":
        values = {name: f"${bmatrix(text)}$" for name, text in values.items()}
    names = (
        ("Forward propagation: Y", "Backward propagation: dL/dX", "Updated W", "Updated b")
        if style == "words"
        else LISTS
    )
    reports = judged(say(values, names))
    wanted = dict.fromkeys(LISTS, "passed") | {label: "failed"}
    assert {name: str(report.status) for name, report in reports.items()} == wanted
    assert sum(report.earned for report in reports.values()) == 1.5
    assert reports[label].faults[:1] == ((fault,) if fault else ())
    assert reports[label].pending == 0


def test_the_message_says_where_but_not_what_is_right() -> None:
    report = judged(say(LISTS | {"Y": "[[8, 4], [13, 7]]"}))["Y"]
    assert "row 2, column 1" in report.message
    assert "[[8, 4], [13, 7]]" in report.message
    assert "14" not in report.message + report.hint


def test_a_transposed_matrix_is_called_so() -> None:
    assert "transposed" in judged(say(LISTS | {"Y": "[[8, 14], [4, 7]]"}))["Y"].message


def test_an_unchanged_W_is_wrong_only_where_it_is_called_updated() -> None:
    assert statuses(say(LISTS | {"W": "[[2, 1], [2, 1]]"}, ("Y", "dX", "updated W", "b")))["W"] == "failed"
    assert statuses(say(LISTS | {"W": "[[2, 1], [2, 1]]"}))["W"] == "needs_human"


def test_gradients_in_place_of_the_parameters_leave_those_missing() -> None:
    text = f"Y = {LISTS['Y']}\ndX = {LISTS['dX']}\ndW = [[3, 3], [8, 8]]\ndb = [2, 2]"
    assert statuses(text) == {"Y": "passed", "dX": "passed", "W": "missing", "b": "missing"}


def test_a_wrong_number_in_worked_latex() -> None:
    assert statuses(WORKED.replace(r"1.6 & 0.6", r"1.6 & 0.7")) == {
        "Y": "passed",
        "dX": "passed",
        "W": "failed",
        "b": "passed",
    }
    assert statuses(ALIGNED.replace(r"14 & 7", r"14 & 8")) == {
        "Y": "failed",
        "dX": "passed",
        "W": "passed",
        "b": "passed",
    }


# What a human must read: the labels of which no point may be lost, nor earned.
UNCLEAR = {
    "a picture in Markdown": ("![my calculation](calc.png)", "Y dX W b"),
    "a picture in HTML": ('<img src="attachment:1.jpg" width=300>', "Y dX W b"),
    "a file": ("See the attached PDF.", "Y dX W b"),
    "no numbers": ("I multiplied X and W and then applied the chain rule.", "Y dX W b"),
    "formulas alone": ("Y = XW + b, dX = dY W^T, W = W - lr dW, b = b - lr db", "Y dX W b"),
    "a product without a result": (say(LISTS | {"Y": "[[1,3],[2,5]] [[2,1],[2,1]]"}), "Y"),
    "a difference without a result": (say(LISTS | {"W": "[[2,1],[2,1]] - 0.05 [[3,3],[8,8]]"}), "W"),
    "letters in a matrix": (say(LISTS | {"dX": "[[3, a], [3, 3]]"}), "dX"),
    "an ellipsis": (say(LISTS | {"dX": "[[3, ...], [3, 3]]"}), "dX"),
    "ragged": (say(LISTS | {"Y": "[[8, 4], [14]]"}), "Y"),
    "one number for two": (say(LISTS | {"b": "-0.1"}), "b"),
    "flat": (say(LISTS | {"Y": "[8, 4, 14, 7]"}), "Y"),
    "in words": (say(LISTS | {"dX": "all entries are 3"}), "dX"),
    "in words, no digits": (say(LISTS | {"dX": "a matrix of threes"}), "dX"),
    "names for the entries": ("Y11 = 8, Y12 = 4, Y21 = 14, Y22 = 7", "Y dX W b"),
    "two values, no names": (f"forward:\n{LISTS['Y']}\n\n[[9, 9], [9, 9]]", "Y dX W b"),
    "too many without names": ("\n\n".join([*LISTS.values(), "[[3, 3], [8, 8]]"]), "Y dX W b"),
    "too few without names": (f"{LISTS['Y']}\n\n{LISTS['dX']}", "Y dX W b"),
    "in one another's order": ("\n\n".join(reversed(LISTS.values())), "Y dX W b"),
    "right, then something else": (say(LISTS) + "\nY = [[0, 0], [0, 0]]", "Y"),
    "W under gradients": (
        f"Y = {LISTS['Y']}\ndX = {LISTS['dX']}\n\nGradients:\nW = [[3, 3], [8, 8]]\nb = [2, 2]",
        "W b",
    ),
    "cut off": (r"$Y = \begin{bmatrix}8 & 4 \\ 14 &", "Y dX W b"),
    "missing beside a picture": (f"Y = {LISTS['Y']}\ndX = {LISTS['dX']}\n![](rest.jpg)", "W b"),
    "missing beside strange numbers": (
        f"Y = {LISTS['Y']}\ndX = {LISTS['dX']}\nnew ones 1.85 / 0.85 / 1.6 / 0.6",
        "W b",
    ),
    "a commas' puzzle": (r"$Y = \begin{bmatrix}8,5\\14,7\end{bmatrix}$", "Y"),
}


@pytest.mark.parametrize(("text", "labels"), UNCLEAR.values(), ids=UNCLEAR.keys())
def test_what_cannot_be_read_waits_for_a_human(text: str, labels: str) -> None:
    reports = judged(text)
    for label in labels.split():
        assert str(reports[label].status) == "needs_human", reports[label].message
        assert (reports[label].earned, reports[label].pending) == (0.0, 0.5)
    assert not any(report.status is Status.FAILED for report in reports.values())


def test_no_answer_is_missing() -> None:
    for text in ("", "  \n\n"):
        assert set(statuses(text).values()) == {"missing"}
        assert all(report.pending == 0 for report in judged(text).values())


def test_a_picture_alone_waits_for_a_human_and_does_not_excuse_a_wrong_number() -> None:
    picture = Picture("image/png", b"\x89PNG", Place("hw.ipynb", 12))
    assert {str(r.status) for r in judged("", pictures=(picture,)).values()} == {"needs_human"}
    beside = judged(say(LISTS | {"Y": "[[8, 4], [13, 7]]"}), pictures=(picture,))
    assert beside["Y"].status is Status.FAILED
    assert beside["dX"].status is Status.PASSED


def test_what_the_sheets_own_cell_prints_is_no_answer() -> None:
    printed = say(NUMPY, ("forward", "backward", "W", "b"), sign=":\n ")
    assert {str(r.status) for r in judged("", outputs=(printed,)).values()} == {"missing"}
    own = judged("", outputs=("my numbers: 8 4 14 7",))
    assert {str(r.status) for r in own.values()} == {"needs_human"}


def test_every_slip_is_told_from_the_right_value_and_from_the_sheets() -> None:
    wrong = hand_numbers.wrong_values()
    assert {slip.label for slip in hand_numbers.SLIPS} == set(hand_numbers.expected())
    assert sum(len(slips) for slips in wrong.values()) == len(hand_numbers.SLIPS)
    assert hand_numbers.expected()["W"].tolist() == [[pytest.approx(1.85), pytest.approx(0.85)], [1.6, 0.6]]


@pytest.mark.parametrize("line", ["Backward: TODO", "dX = ?", "dX: ...", "**dX** tbd"])
def test_an_announced_answer_is_no_answer(line: str) -> None:
    text = f"Y = {LISTS['Y']}\n{line}\nW = {LISTS['W']}\nb = {LISTS['b']}"
    assert statuses(text) == {"Y": "passed", "dX": "missing", "W": "passed", "b": "passed"}


@pytest.mark.parametrize("line", ["X^T 1 = [[3, 3], [3, 3]]", "lr * g = [[3, 3], [3, 3]]", "dY W = [[3, 3], [3, 3]]"])
def test_a_right_value_that_a_formula_names_is_for_a_human(line: str) -> None:
    text = f"Y = {LISTS['Y']}\n{line}\nW = {LISTS['W']}\nb = {LISTS['b']}"
    assert statuses(text)["dX"] == "needs_human"


def test_the_expected_value_stands_beside_a_wrong_one() -> None:
    """An entry that is right to its digits shows no difference; one that was never right keeps the exact value."""
    want, got = np.array([[0.31706, 0.5498]]), np.array([[0.317, 0.6]])
    example = side_by_side(want, got, np.array([[3, 1]]))
    assert example.inputs == ()
    assert np.array_equal(np.asarray(example.want), [[0.317, 0.5498]])
    assert example.got is not None
    assert np.array_equal(np.asarray(example.got), got)
    # of another size there is nothing to compare entry by entry
    assert np.array_equal(np.asarray(side_by_side(want, np.array([1.0]), np.array([0])).want), want)


@pytest.mark.parametrize("wrap", ["{}", "${}$"])
@pytest.mark.parametrize("sign", [":", " ="])
@pytest.mark.parametrize("values", [LISTS, BMATRIX])
def test_a_bullet_is_no_minus(values: dict[str, str], sign: str, wrap: str) -> None:
    text = "\n".join(f"- {label}{sign}\n    - {wrap.format(value)}" for label, value in values.items())
    assert set(statuses(text).values()) == {"passed"}
    wrong = text.replace("-0.1", "0.1")
    assert statuses(wrong)["b"] == "failed", "nor does it make a wrong sign right"
