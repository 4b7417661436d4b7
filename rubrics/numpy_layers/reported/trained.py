"""Which net a code cell trains, as far as the code that stands there says: nothing is run, and doubt is kept as doubt.

A notebook's outputs may be older than its code; whoever compares must allow for that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from grader.intake.evidence import Cell

T = TypeVar("T")

_MOST_SOURCE = 20_000
_NUMBER = r"(\d+(?:\.\d*)?(?:[eE]-?\d+)?|\.\d+)"
_PI = r"(?:np\.|math\.|numpy\.)?pi"
_SINE = re.compile(rf"linspace\(\s*-\s*{_PI}\s*,\s*{_PI}\s*,\s*(?:num\s*=\s*)?([^),]{{1,20}})\)")
_CALL = re.compile(
    r"(?<!class )\b(Linear|ReLU|Sigmoid|Tanh|LeakyReLU|ELU|GELU|Softmax|Conv1d)[ \t]*\(([^()\n]{0,60})\)"
)
_BUILD = re.compile(r"^([ \t]*)(?!class )[^\n]{0,80}\bSimpleNN[ \t]*\(", re.MULTILINE)
_LR = re.compile(rf"\blr\s*=\s*{_NUMBER}\s*[),]")
_LAMBDA = re.compile(
    rf"\b(?:self\.)?(?:lambda_?|lambd|lam|lamda|lmbda|lmd|reg\w{{0,12}}|weight_decay|wd|l2\w{{0,8}})\s*=\s*{_NUMBER}"
    rf"|\b2(?:\.0?)?\s*\*\s*{_NUMBER}\s*\*\s*self\.W",
    re.IGNORECASE,
)
_EPOCHS = re.compile(r"\b(?:max_iterations?|epochs|num_epochs|n_epochs|max_epochs?)\s*=\s*(\d{1,7})\b")
_POKED = re.compile(r"^[ \t]*(?!self\b|test)[A-Za-z_][\w.\[\]]{0,60}\.W\s*[*/+-]?=(?!=)", re.MULTILINE)
_START = ("np.random.randn(input_dim,output_dim)*1e-2", "np.random.randn(input_dim,output_dim)*0.01")
_ZERO_KERNEL = "np.zeros((1,1+2*kernel_size))"
_WORDS = ("Linear", "SimpleNN", "Loss", "Conv1d", "linspace", ".backward(", ".W", "lam", "reg", "decay", "l2")
_WIDTHS = ("1,80", "80,80", "80,1")


@dataclass(frozen=True)
class Trained:
    """A net as its code stands; None where the code leaves it open.

    `kind` is "sine", "classifier" or "conv". `activation` is "ReLU", "Sigmoid", "none" or "other". `lambda_` is 0
    without L2. `as_sheet`: widths, start, data and step size are the sheet's own, and one plain loop trains it.
    """

    kind: str | None = None
    activation: str | None = None
    samples: int | None = None
    lr: float | None = None
    lambda_: float | None = 0.0
    epochs: int | None = None
    as_sheet: bool = False


@dataclass(frozen=True)
class _State:
    """What the cells so far have set."""

    calls: tuple[tuple[str, str], ...] = ()
    loss: str | None = None
    samples: int | None = None
    sheet_data: bool = False
    sheet_start: bool = True
    zero_kernel: bool = True
    lambda_: float | None = 0.0
    built: bool = False
    lone: bool = False  # the net was built once, by plain statements
    lr: float | None = None
    epochs: int | None = None


def trained(cells: Sequence[Cell]) -> list[Trained]:
    """For every cell the net that its outputs speak of, if they speak of one."""
    nets, state = [], _State()
    for cell in cells:
        code = _without_comments(cell.source[:_MOST_SOURCE]) if cell.kind == "code" else ""
        state = _after(state, code)
        nets.append(_net(state, code, cell.template))
    return nets


def _without_comments(source: str) -> str:
    return "\n".join(line.partition("#")[0] for line in source.split("\n"))


def _after(state: _State, code: str) -> _State:
    if not any(word in code for word in _WORDS):
        return state
    packed = re.sub(r"\s", "", code)
    if "class Linear" in code:
        named = _one({float(a or b) for a, b in _LAMBDA.findall(code)})
        plain = not re.search(r"lam|reg|decay|l2", code, re.IGNORECASE) and "2*" not in packed
        state = replace(
            state,
            lambda_=named if named is not None else 0.0 if plain else None,
            sheet_start=state.sheet_start and any(start in packed for start in _START),
        )
    elif state.lambda_ != 0.0 and _LAMBDA.search(code):
        state = replace(state, lambda_=_one({float(a or b) for a, b in _LAMBDA.findall(code)}))
    if "class Conv1d" in code:
        state = replace(state, zero_kernel=_ZERO_KERNEL in packed and "random" not in packed)
    if _POKED.search(code):
        state = replace(state, sheet_start=False, zero_kernel=False)
    if "linspace(" in code and "sin(" in code:
        counts = {count.strip() for count in _SINE.findall(code)}
        number = _one(counts)
        whole = int(number) if number is not None and number.isdigit() and len(number) < 8 else None
        state = replace(
            state, samples=whole, sheet_data=bool(counts) and len(_SINE.findall(code)) == code.count("linspace(")
        )
    calls = tuple((name, re.sub(r"\s", "", arguments)) for name, arguments in _CALL.findall(code))
    if sum(name == "Linear" for name, _ in calls) >= 2:
        state = replace(state, calls=calls)
    for loss in ("MSELoss", "CrossEntropyLoss"):
        if re.search(rf"(?<!class )\b{loss}\(\)", code):
            state = replace(state, loss=loss)
    builds = list(_BUILD.finditer(code))
    if builds:
        rates = {float(rate) for rate in _LR.findall(code)}
        literal = _one(rates) if rates or re.search(r"\blr\b", code) else 0.005  # the sheet's default
        state = replace(state, built=True, lone=len(builds) == 1 and not builds[0][1], lr=literal)
    if ".backward(" in code:
        most = _one(set(_EPOCHS.findall(code)))
        state = replace(state, epochs=int(most) if most is not None else None)
    return state


def _net(state: _State, code: str, template: bool) -> Trained:
    if not state.built:
        return Trained(lambda_=None)
    names = {name for name, _ in state.calls}
    kind = "conv" if "Conv1d" in names else "classifier" if state.loss == "CrossEntropyLoss" else "sine"
    others = names - {"Linear", "Conv1d"}
    linear = tuple(arguments for name, arguments in state.calls if name == "Linear")
    activation = None
    if state.lone and len(others) < 2 and len(linear) <= 4:
        activation = (others.pop() if others else "none") if state.calls else None
        activation = activation if activation in {"ReLU", "Sigmoid", "none", None} else "other"
    loop = template or (code.count(".backward(") == 1 and "def " not in code and "SimpleNN(" not in _looped(code))
    own = {
        "sine": linear == _WIDTHS and state.sheet_data and state.sheet_start and state.lr == 0.05,
        "conv": state.zero_kernel and sum(name == "Conv1d" for name, _ in state.calls) == 2,
        "classifier": linear == ("784,80", "80,80", "80,10") and state.sheet_start,
    }[kind]
    return Trained(
        kind,
        activation,
        state.samples if kind == "sine" else None,
        state.lr if state.lone else None,
        state.lambda_,
        state.epochs,
        own and state.lone and loop,
    )


def _looped(code: str) -> str:
    """The lines that stand indented: the bodies of loops and functions."""
    return "\n".join(line for line in code.split("\n") if line[:1] in " \t")


def _one(values: set[T]) -> T | None:
    return next(iter(values)) if len(values) == 1 else None
