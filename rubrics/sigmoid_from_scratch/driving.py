"""Uses what nothing in the hand-in calls: its loss, and functions and classes for a backward pass.

Its source travels to the confined process behind that of `recorder`, in whose module it stands there.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from typing import Any

import numpy as np

from rubrics.sigmoid_from_scratch.recorder import Recorder
from rubrics.sigmoid_from_scratch.values import is_module_class, is_tensor, plain

MODULE = "submission"
MEANINGS = (
    (r"^(x|xi|x0|x_?sample|sample|inputs?|inp|data|data_?point|point|features?|a0|x_?in|x_?input)$", "x"),
    (r"^(y|y0|yi|targets?|labels?|y_?true|t|y_?label|truth)$", "y"),
    (r"^(w_?1|weights?_?1|theta_?1|w_?h1|fc1_?w)$", "W1"),
    (r"^(w_?2|weights?_?2|theta_?2|w_?h2|fc2_?w)$", "W2"),
    (r"^(w_?3|weights?_?3|theta_?3|w_?o|w_?out|fc3_?w)$", "W3"),
    (r"^(b_?1|bias_?1|biases_?1)$", "b1"),
    (r"^(b_?2|bias_?2|biases_?2)$", "b2"),
    (r"^(b_?3|bias_?3|biases_?3|b_?o|b_?out)$", "b3"),
    (r"^(lr|learning_?rate|eta|alpha|rate)$", "lr"),
    (r"^(params?|parameters|weights|p)$", "params"),
)


def record(
    cells: list[tuple[int, int, str]],
    namespace: dict[str, Any],
    scale: float,
    start: dict[str, Any],
    files: dict[str, str],
) -> Recorder:
    """Run everything there is to run; `files` are the sources of other modules that were handed in, by name."""
    recorder = Recorder(scale)
    namespace["__builtins__"] = builtins
    sys.modules[MODULE].__dict__.setdefault("__doc__", None)
    recorder.run(cells, namespace, files)
    recorder.cell = 0
    probe_losses(recorder)
    recorder.say("drive")
    drive(recorder, start)
    return recorder


def probe_losses(recorder: Recorder) -> None:
    """Call whatever may be the loss function with given numbers, as tensors and as arrays."""
    torch = sys.modules.get("torch")
    cases = ([[0.3], [0.1]], [[0.3, -0.7, 0.9], [0.1, 0.4, 0.2]])
    for name, function in list(recorder.namespace.items()):
        wanted = re.search(r"loss|cost|criterion|mse|sse|error|squared", name.lower()) or name in (
            "L",
            "l",
            "J",
            "E",
        )
        if not wanted or isinstance(function, type) or not callable(function) or is_tensor(function):
            continue
        for make in ([torch.tensor] if torch is not None and hasattr(torch, "autograd") else []) + [np.array]:
            try:
                values = [plain(function(*(make(side) for side in case))) for case in cases]
            except BaseException:
                continue
            if all(value is not None for value in values):
                recorder.say("loss", name=name, cases=[list(case) for case in cases], values=values)
                break


def drive(recorder: Recorder, start: dict[str, Any]) -> None:
    """Call functions and classes for a backward pass that nothing has called, with made-up weights and a sample."""
    called = {scope.rstrip("!") for scope in recorder.known}
    functions = {
        name: value
        for name, value in list(recorder.namespace.items())
        if inspect.isfunction(value) and not name.startswith("_")
    }
    for name, function in functions.items():
        if re.search(r"back|grad|prop|forward|train|scratch|fit|step", name.lower()) and name not in called:
            _attempt(function, start)
    for name, make in list(recorder.namespace.items()):
        if not isinstance(make, type) or is_module_class(make) or not make.__module__.startswith("__main__"):
            continue
        methods = [m for m in vars(make) if f"{name}.{m}" not in called and not m.startswith("__")]
        if not any(re.search(r"back|grad", m.lower()) for m in methods):
            continue
        built = None
        for without in (True, False):
            try:
                built = make() if without else make(**(_bound(make.__init__, start, True) or {"": 0}))  # type: ignore[misc]
                break
            except BaseException:
                continue
        if built is None:
            continue
        for wanted in (r"^forward|feed|predict", r"loss", r"back|grad"):
            for method in methods:
                if re.search(wanted, method.lower()):
                    _attempt(getattr(built, method), start)


def _attempt(function: Any, start: dict[str, Any]) -> None:
    try:
        bound = _bound(function, start, False)
        if bound is not None:
            function(**bound)
    except BaseException:
        pass


def _bound(function: Any, start: dict[str, Any], creating: bool) -> dict[str, Any] | None:
    """Arguments by the meaning of their names; None where one that is needed is not understood."""
    bound: dict[str, Any] = {}
    for position, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or (creating and position == 0):
            continue
        what = next((meant for pattern, meant in MEANINGS if re.match(pattern, name.lower())), None)
        if what == "params":
            bound[name] = {key: np.array(value) for key, value in start.items() if key[0] in "Wb"}
        elif what is not None and what in start:
            bound[name] = np.array(start[what]) if isinstance(start[what], list) else start[what]
        elif parameter.default is parameter.empty:
            return None
    return bound
