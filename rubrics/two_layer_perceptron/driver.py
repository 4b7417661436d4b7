"""Runs inside the confined process: uses a class or functions that nothing in the hand-in calls.

The source of this module travels behind those of `recorder` and `arguments`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rubrics.two_layer_perceptron.arguments import (
    GIVEN_ASKED,
    GIVEN_EPOCHS,
    GIVEN_RATE,
    GIVEN_START,
    GIVEN_TARGET,
    GIVEN_X,
    arguments,
    as_array,
    meaning,
    values_for,
)
from rubrics.two_layer_perceptron.recorder import CELL, Recorder, numbers_in, written

FORWARD = (
    "forward",
    "feedforward",
    "feed_forward",
    "forward_pass",
    "forward_propagation",
    "forward_prop",
    "predict",
    "__call__",
)
BACKWARD = (
    "backward",
    "backprop",
    "back_propagation",
    "backpropagate",
    "back_propagate",
    "backward_pass",
    "backpropagation",
)
UPDATE = ("step", "update", "update_parameters", "update_weights", "apply_gradients", "update_params", "optimize")
TRAIN = (
    "train",
    "fit",
    "learn",
    "train_model",
    "training",
    "optimise",
    "run",
    "gradient_descent",
    "sgd",
    "train_network",
)
ONE = ("train_step", "train_one", "step", "update", "learn", "training_step", "one_step")


def drive(recorder: Recorder, namespace: Mapping[str, Any]) -> None:
    """Use the student's class, else the functions, for what the sheet asks; says nothing where they cannot be used."""
    said = len(recorder.parts)
    classes = [v for v in list(namespace.values()) if isinstance(v, type) and v.__module__ == "__main__"]
    ranked = sorted(classes, key=lambda c: "perceptron" not in c.__name__.lower())
    for make in ranked:
        for way in (_drive_torch, _drive_class):
            try:
                if way(recorder, make):
                    return
            except Exception:
                pass
            _silence(recorder, said)
    try:
        _drive_functions(recorder, namespace)
    except Exception:
        _silence(recorder, said)


def _silence(recorder: Recorder, said: int) -> None:
    del recorder.parts[said:]
    recorder.size = sum(map(len, recorder.parts))


def _begin(recorder: Recorder, what: str) -> None:
    recorder.say(f"\n{CELL}driven {what}\n")


def _state(recorder: Recorder, what: str, holder: Any) -> None:
    _begin(recorder, what)
    for path, array in numbers_in("model", holder):
        recorder.say(f"{path} = {written(array)}\n")


def _value(recorder: Recorder, what: str, name: str, value: Any) -> None:
    _begin(recorder, what)
    for path, array in numbers_in(name, value):
        recorder.say(f"{path} = {written(array)}\n")


def _curve(recorder: Recorder, losses: list[float]) -> None:
    _begin(recorder, "training")
    for epoch in range(0, len(losses), 10):
        recorder.say(f"Epoch: {epoch}, loss: {losses[epoch]!r}\n")


def _built(make: type) -> Any:
    """An object of the class, made in one of the usual ways."""
    attempts: list[Callable[[], Any]] = []
    try:
        bound = arguments(make.__init__, {**values_for(as_array, GIVEN_EPOCHS), "self": None} | {"params": None})  # type: ignore[misc]
    except (ValueError, TypeError):
        bound = None
    if bound:
        attempts.append(lambda: make(**bound))
    attempts += [
        make,
        lambda: make(2, 2, 2),
        lambda: make([2, 2, 2]),
        lambda: make(2, 2, 2, GIVEN_RATE),
        lambda: make(GIVEN_RATE),
    ]
    for attempt in attempts:
        try:
            return attempt()
        except Exception:
            continue
    return None


def _near(value: Any, want: Any) -> bool:
    got = np.sort(np.asarray(value, dtype=float).ravel())
    return bool(got.size == np.size(want) and np.allclose(got, np.sort(np.ravel(want)), atol=1e-6))


def _starts_right(found: list[Any]) -> bool:
    """Whether the sheet's two weights are among what an object holds."""
    return all(any(_near(value, GIVEN_START[name]) for value in found) for name in ("W1", "W2"))


def _drive_torch(recorder: Recorder, make: type) -> bool:
    torch = sys.modules.get("torch")
    if torch is None or not issubclass(make, torch.nn.Module):
        return False
    model = _built(make)
    if model is None or not _starts_right([p.detach().tolist() for p in model.parameters()]):
        return False
    x, target, asked = (torch.tensor(value) for value in (GIVEN_X, GIVEN_TARGET, GIVEN_ASKED))
    optimizer = torch.optim.SGD(model.parameters(), lr=GIVEN_RATE)
    losses = []
    for epoch in range(GIVEN_EPOCHS):
        loss = torch.nn.functional.mse_loss(model(x), target)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch == 0:
            _value(recorder, "forward", "loss", losses[0])
        if epoch in (0, 1):
            _state(recorder, f"after step {epoch + 1}", model)
    _curve(recorder, losses)
    _state(recorder, "final", model)
    _value(recorder, "prediction", "prediction", model(asked))
    return True


def _drive_class(recorder: Recorder, make: type) -> bool:
    """A class with methods of whatever usual name: forward and backward and update, or one that trains."""
    model = _built(make)
    if model is None or not _starts_right([array for _, array in numbers_in("model", model)]):
        return False
    step = _stepper(model)
    forward = next((getattr(model, name) for name in FORWARD if callable(getattr(model, name, None))), None)
    if forward is None:
        return False
    losses = []
    target = as_array(GIVEN_TARGET)
    for epoch in range(GIVEN_EPOCHS if step else 1):
        output = np.asarray(
            _outputs(forward(**(arguments(forward, values_for(as_array, 1)) or {}))), dtype=float
        ).ravel()
        losses.append(float(np.mean((output - target) ** 2)))
        if epoch == 0:
            _value(recorder, "forward", "loss", losses[0])
        if step is None:
            return True
        step()
        if epoch in (0, 1):
            _state(recorder, f"after step {epoch + 1}", model)
    _curve(recorder, losses)
    _state(recorder, "final", model)
    _value(
        recorder,
        "prediction",
        "prediction",
        _outputs(forward(**(arguments(forward, values_for(as_array, 1, GIVEN_ASKED)) or {}))),
    )
    return True


def _outputs(value: Any) -> Any:
    """The two outputs among what a forward pass returns: the last pair."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list) and any(np.size(item) > 1 for item in value):
        return [item for item in value if np.size(item) == 2][-1]
    return value


def _stepper(model: Any) -> Callable[[], Any] | None:
    """How to make the model take one step of training."""
    values = values_for(as_array, 1)

    def method(names: tuple[str, ...]) -> Callable[[], Any] | None:
        for name in names:
            function = getattr(model, name, None)
            if callable(function) and arguments(function, values) is not None:
                return lambda: function(**(arguments(function, values) or {}))
        return None

    forward, backward, update = method(FORWARD), method(BACKWARD), method(UPDATE)
    if forward and backward:

        def step() -> None:
            before = [array.copy() for _, array in numbers_in("model", model)]
            forward()
            backward()
            after = [array for _, array in numbers_in("model", model)]
            moved = _starts_right(before) and not _starts_right(after)
            if update and not moved and not step_in_backward:
                update()
            elif moved and not step_in_backward:
                step_in_backward.append(True)

        step_in_backward: list[bool] = []
        return step
    for name in (*TRAIN, *ONE):
        function = getattr(model, name, None)
        if callable(function):
            bound = arguments(function, values)
            named = [meaning(p) for p in inspect.signature(function).parameters]
            if bound is not None and ("epochs" in named or name in ONE):
                return lambda: function(**(arguments(function, values) or {}))
    return None


def _drive_functions(recorder: Recorder, namespace: Mapping[str, Any]) -> None:
    """Functions: one that predicts or goes forward, one that trains for a number of epochs."""
    functions = {k: v for k, v in namespace.items() if inspect.isfunction(v) and v.__module__ == "__main__"}
    trainer = next(
        (
            function
            for name, function in functions.items()
            if any(name.lower().startswith(known) for known in TRAIN)
            and "epochs" in [meaning(p) for p in inspect.signature(function).parameters]
        ),
        None,
    )
    if trainer is None:
        return
    results = {}
    for epochs in (1, 2, GIVEN_EPOCHS):
        bound = arguments(trainer, values_for(as_array, epochs))
        if bound is None:
            return
        results[epochs] = trainer(**bound)
    for epochs, what in ((1, "after step 1"), (2, "after step 2"), (GIVEN_EPOCHS, "final")):
        _value(recorder, what, "trained", results[epochs])
    forward = next((f for name, f in functions.items() if any(name.lower().startswith(k) for k in FORWARD)), None)
    bound = arguments(forward, values_for(as_array, 1)) if forward else None
    if forward and bound is not None:
        output = np.asarray(_outputs(forward(**bound)), dtype=float).ravel()
        _value(recorder, "forward", "loss", float(np.mean((output - as_array(GIVEN_TARGET)) ** 2)))
    trained = _trained(results[GIVEN_EPOCHS])
    bound = arguments(forward, {**values_for(as_array, 1, GIVEN_ASKED), **trained}) if forward and trained else None
    if forward and bound is not None:
        _value(recorder, "prediction", "prediction", _outputs(forward(**bound)))


def _trained(result: Any) -> dict[str, Any]:
    """The parameters in what a training returns, where it is a dict or holds one, by meaning."""
    items = result if isinstance(result, tuple | list) else (result,)
    state = next((item for item in items if isinstance(item, dict)), {})
    named = {what: value for name, value in state.items() if (what := meaning(str(name))) in GIVEN_START}
    return {**named, "params": state} if len(named) == len(GIVEN_START) else {}
