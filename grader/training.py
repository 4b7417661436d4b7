"""A few dozen steps of training stand for a whole run: a net is driven from an injected start, and its course compared.

A `Net` says which layers, which start, which data; `record_net` makes of it a program over the student's own classes;
`departure` says where a course leaves the reference's. Knows no homework and runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.probe import record
from grader.worker.program import Outcome, Program, Run, StepError

Array = NDArray[np.float64]

STEPS = 50
RTOL = 1e-4  # float32 drifts by some 1e-7 in so many steps; a wrong layer by 1e-3 and more
LOSSES = "losses"
CALLS = "calls"  # what forward and backward returned: no number that counts, but the first error is there


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a net: the class's name, its constructor's arguments, and the parameters that it starts from."""

    entry: str
    arguments: tuple[int, ...] = ()
    W: Array | None = None
    b: Array | None = None


@dataclass(frozen=True, eq=False)
class Net:
    """A net to be trained for `steps` steps: layers in order, a loss, a step size, inputs X and targets y.

    `chain` names the class that puts the layers together: ``chain(layers, loss, lr=lr)``, called with X, then
    ``backward(y)``, after which `loss_value` is the loss. With `shared` all layers without parameters that have one
    class are one object.
    """

    name: str
    layers: tuple[Layer, ...]
    loss: str
    lr: float
    X: Array
    y: Array
    chain: str = "SimpleNN"
    steps: int = STEPS
    shared: bool = False

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of all classes that take part, each once."""
        return tuple(dict.fromkeys([*(layer.entry for layer in self.layers), self.loss, self.chain]))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The labels of the final parameters: "W of layer 1", "b of layer 1", …"""
        numbers = [n for n, layer in enumerate(self.layers, start=1) if layer.W is not None]
        return tuple(f"{kind} of layer {n}" for n in numbers for kind in "Wb")


def hot(rng: np.random.Generator, n: int, k: int, inputs: int | None = None) -> tuple[Array, Array]:
    """A start that moves within a few steps: W (n×k) of scale 1/√inputs (n unless given) and b (1×k), not zero."""
    return rng.standard_normal((n, k)) / np.sqrt(inputs or n), rng.uniform(0.1, 0.5, (1, k))


def record_net(net: Net, spellings: Mapping[str, Sequence[str]] | None = None) -> Program:
    """The program of one training: label "losses" for the curve, and one for every final parameter."""

    def probe(*subjects: Any) -> Iterator[tuple[str, Any]]:
        classes = dict(zip(net.entries, subjects[:-1], strict=True))
        layers: list[Any] = []
        made: dict[str, Any] = {}
        for layer in net.layers:
            if layer.W is None and net.shared:
                made.setdefault(layer.entry, classes[layer.entry]())
                layers.append(made[layer.entry])
                continue
            one = classes[layer.entry](*layer.arguments)
            if layer.W is not None:
                one.W, one.b = layer.W, layer.b
            layers.append(one)
        model = classes[net.chain](layers, classes[net.loss](), lr=net.lr)
        losses, calls = [], []
        for _ in range(net.steps):
            calls += [model(net.X), model.backward(net.y)]
            losses.append(model.loss_value)
        yield CALLS, calls
        yield LOSSES, losses
        for number, (one, layer) in enumerate(zip(layers, net.layers, strict=True), start=1):
            if layer.W is not None:
                yield f"W of layer {number}", one.W
                yield f"b of layer {number}", one.b

    inputs = {"X": net.X, "y": net.y}
    return record(probe, net.entries, net, inputs, spellings)


@dataclass(frozen=True)
class Departure:
    """Where a course of training leaves the reference's.

    `step` (from 1) is the first loss that differs, None where the losses agree and a final parameter, `what`, does not.
    `error` is set where the training stopped, `refused` where what came is no number.
    """

    what: str
    step: int | None = None
    got: float = float("nan")
    want: float = float("nan")
    error: StepError | None = None
    refused: str | None = None

    def words(self) -> str:
        """One sentence.

        >>> Departure("losses", 2, 0.5, 0.25).words()
        'the loss of step 2 is 0.5 where the reference has 0.25'
        """
        if self.error is not None:
            said = f": {self.error.message}" if self.error.message else ""
            where = f" ({self.error.piece}, line {self.error.line})" if self.error.piece else ""
            return f"it stops in `{self.error.step.removeprefix('creating ')}` with {self.error.type}{said}{where}"
        if self.refused is not None:
            return f"{self.what} came back as {self.refused}"
        if self.step is not None:
            return f"the loss of step {self.step} is {self.got:.6g} where the reference has {self.want:.6g}"
        return f"the losses agree, but {self.what} ends elsewhere"


def departure(got: Run, want: Run, rtol: float = RTOL, labels: Sequence[str] = ()) -> Departure | None:
    """None where the loss curve and every final parameter of `want` are met within `rtol` of the greatest entry.

    `labels` leaves the others out: the final parameters alone, where only the training counts. Axes of length 1 do not
    count. A loss that is not a number is a departure, also where the reference's is one.
    """
    stopped = got.outcomes.get(CALLS, Outcome()).error
    if stopped is not None:
        return Departure("the training", error=stopped)
    for label in labels or tuple(label for label in want.outcomes if label != CALLS):
        expected = want.outcomes[label]
        outcome = got.outcomes.get(label, Outcome(refused="nothing"))
        if outcome.error is not None:
            return Departure(label, error=outcome.error)
        if outcome.value is None or outcome.value.dtype.kind not in "fib":
            return Departure(label, refused=outcome.refused or "something that is no number")
        if expected.value is None:
            raise ValueError(f"the reference has no {label}")
        ours, theirs = expected.value.squeeze(), outcome.value.astype(np.float64).squeeze()
        if ours.shape != theirs.shape:
            return Departure(label, refused=f"an array of shape {outcome.value.shape}")
        with np.errstate(invalid="ignore"):
            apart = ~(np.abs(theirs - ours) <= rtol * np.abs(ours).max(initial=1e-12))
        if apart.any():
            first = int(np.argmax(apart.ravel()))
            step = first + 1 if label == LOSSES else None
            return Departure(label, step, float(theirs.ravel()[first]), float(ours.ravel()[first]))
    return None


def losses(run: Run | None) -> tuple[float, ...]:
    """The losses of a run, up to the first that is no number; none where the training stopped on the way."""
    outcome = run.outcomes.get(LOSSES) if run is not None else None
    if outcome is None or outcome.value is None or outcome.value.dtype.kind not in "fib":
        return ()
    values = outcome.value.astype(np.float64).ravel()
    broken = ~np.isfinite(values)
    stop = int(np.argmax(broken)) if broken.any() else len(values)
    return tuple(float(f"{value:.6g}") for value in values[:stop])
