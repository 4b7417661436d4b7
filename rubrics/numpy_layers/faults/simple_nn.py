"""Wrong ways to chain right layers, as students write them in SimpleNN. No marks hang on them: they give names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.training import Net, departure
from grader.worker.program import Run
from reference_solutions.layers import SimpleNN


class _Chain(SimpleNN):
    """The reference's chain with its backward pass in steps, so that one can go wrong."""

    def backward(self, Y: Any) -> None:
        self.loss_value = self.loss(self.output, Y)
        gradient = self.loss.backward(self.output, Y)
        outputs = [*self.inputs[1:], self.output]
        for layer, X, after in zip(reversed(self.layers), reversed(self.inputs), reversed(outputs), strict=True):
            gradient = self.step(layer, X, after, gradient)

    def step(self, layer: Any, X: Any, Y: Any, gradient: Any) -> Any:
        return layer.backward(X, gradient, *([self.lr] if layer.with_weights else []))


class StepOfItsOwn(_Chain):
    """The learning rate stays behind in the chain: every layer steps by its default."""

    def step(self, layer: Any, X: Any, Y: Any, gradient: Any) -> Any:
        return layer.backward(X, gradient)


class GradientNotPassedOn(_Chain):
    """What backward returns is dropped: every layer gets the loss's gradient (shapes allowing)."""

    def step(self, layer: Any, X: Any, Y: Any, gradient: Any) -> Any:
        super().step(layer, X, Y, gradient)
        return gradient


class OutputForInput(_Chain):
    """Every layer's backward gets the layer's output where its input belongs."""

    def step(self, layer: Any, X: Any, Y: Any, gradient: Any) -> Any:
        return super().step(layer, Y if not layer.with_weights else X, Y, gradient)


class LastLayerTwice(_Chain):
    """The last layer's backward is called twice."""

    def backward(self, Y: Any) -> None:
        gradient = self.loss.backward(self.output, Y)
        super().step(self.layers[-1], self.inputs[-1], self.output, gradient)
        super().backward(Y)


class FirstLayerLeftOut(_Chain):
    """The loop backwards stops before the first layer."""

    def step(self, layer: Any, X: Any, Y: Any, gradient: Any) -> Any:
        return None if layer is self.layers[0] else super().step(layer, X, Y, gradient)


WORDS: dict[type[SimpleNN], str] = {
    StepOfItsOwn: "It does not hand its learning rate on to the layers, so each steps by its own default.",
    GradientNotPassedOn: "It drops what each backward returns, so every layer gets the gradient of the loss.",
    OutputForInput: "It gives the activations their output where backward takes their input.",
    LastLayerTwice: "It calls the last layer's backward twice.",
    FirstLayerLeftOut: "Its loop backwards stops before the first layer, which never learns.",
}


def name_of(net: Net, runs: Sequence[Run]) -> str | None:
    """The words for the one fault that gives the same course as one of the runs; None where none or several do."""
    from rubrics.numpy_layers import nets

    fitting = [
        said for make, said in WORDS.items() if any(_same(run, nets.course(net, {"SimpleNN": make})) for run in runs)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _same(run: Run, fault: Run) -> bool:
    if any(outcome.value is None for outcome in fault.outcomes.values()):
        return False
    return departure(run, fault) is None
