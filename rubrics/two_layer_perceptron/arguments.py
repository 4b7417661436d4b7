"""Runs inside the confined process: what to call a student's function with, told by the names of its parameters.

It knows the sheet's inputs and no expected value; its source travels between those of `recorder` and `driver`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

GIVEN_START: dict[str, Any] = {
    "W1": [[0.15, 0.20], [0.25, 0.30]],
    "b1": 0.35,
    "W2": [[0.40, 0.45], [0.50, 0.55]],
    "b2": 0.60,
}
GIVEN_X, GIVEN_TARGET, GIVEN_ASKED, GIVEN_RATE, GIVEN_EPOCHS = [0.05, 0.10], [0.01, 0.99], [0.06, 0.12], 0.5, 100
MEANINGS: tuple[tuple[str, str], ...] = (
    (r"^(x|xs|inp|inputs?|input_x|x_input|data|features?|sample|i|a0|x_train|training_inputs?|entrada|x0)$", "x"),
    (
        r"^(y|t|ts|targets?|labels?|y_true|desired|expected|y_train|training_outputs?|goal|truth|out_target|d)$",
        "target",
    ),
    (r"^(lr|learning_rate|learn_rate|eta|alpha|rate|step_size|l_rate)$", "lr"),
    (
        r"^(n|epochs?|n_epochs?|num_epochs?|iterations?|n_iter|iters?|num_iter|max_iter|num_iterations|steps?|n_steps)$",
        "epochs",
    ),
    (
        r"^(input_size|n_in|num_inputs?|in_size|n_inputs?|n_input|input_dim|inputs_size|d_in|n_x|ni|in_features|in_dim)$",
        "two",
    ),
    (r"^(h1|hidden|hidden_size|n_hidden|num_hidden|hidden_dim|n_h|h|nh|hidden_nodes|hidden_units)$", "two"),
    (
        r"^(output_size|n_out|num_outputs?|out_size|n_outputs?|n_output|output_dim|d_out|n_y|no|out_features|out_dim)$",
        "two",
    ),
    (r"^(w_?1|w_?h|w_?ih|weights?_?1|w_?hidden|hidden_weights?|w_?in|weights?_(input_)?hidden|theta_?1)$", "W1"),
    (r"^(w_?2|w_?o|w_?ho|weights?_?2|w_?out(put)?|output_weights?|weights?_(hidden_)?output|theta_?2)$", "W2"),
    (r"^(b_?1|b_?h|bias_?1|b_?hidden|hidden_bias|bias_hidden)$", "b1"),
    (r"^(b_?2|b_?o|bias_?2|b_?out(put)?|output_bias|bias_output)$", "b2"),
    (r"^(params?|parameters|p|net|theta|model|weights)$", "params"),
)


def meaning(name: str) -> str | None:
    low = name.lower()
    return next((what for pattern, what in MEANINGS if re.match(pattern, low)), None)


def arguments(function: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What to call `function` with, by the names of its parameters; None where one that it needs is not understood."""
    bound = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        what = meaning(name)
        if what is not None and what in values:
            bound[name] = values[what]() if callable(values[what]) else values[what]
        elif parameter.default is parameter.empty:
            return None
    return bound


def values_for(vector: Callable[[Any], Any], epochs: int, x: Any = None) -> dict[str, Any]:
    """The sheet's numbers by meaning, fresh for every call."""
    start = {name: (lambda value=value: vector(value)) for name, value in GIVEN_START.items()}
    return {
        "x": lambda: vector(GIVEN_X if x is None else x),
        "target": lambda: vector(GIVEN_TARGET),
        "lr": GIVEN_RATE,
        "epochs": epochs,
        "two": 2,
        **start,
        "params": lambda: {name: vector(value) for name, value in GIVEN_START.items()},
    }


def as_array(value: Any) -> Any:
    return np.array(value, dtype=float)
