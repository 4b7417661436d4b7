"""Wrong ways to chain right layers, as students write them in SimpleNN. No marks hang on them: they give names.

A chain that drops what backward returns is not among them: its shapes do not fit, and the error speaks for itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from grader.training import Net, departure
from grader.worker.program import Run
from reference_solutions.layers import SimpleNN
from rubrics.numpy_layers.training import nets


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
    OutputForInput: "It gives the activations their output where backward takes their input.",
    LastLayerTwice: "It calls the last layer's backward twice.",
    FirstLayerLeftOut: "Its loop backwards stops before the first layer, which never learns.",
}


def name_of(net: Net, run: Run) -> str:
    """The words for the one fault that gives the same course as the run; empty where none or several do."""
    fitting = [words for words, fault in _courses(net) if departure(run, fault) is None]
    return fitting[0] if len(fitting) == 1 else ""


@cache
def _courses(net: Net) -> tuple[tuple[str, Run], ...]:
    """Every fault's course through a net, of those that leave the reference's there."""
    runs = [(words, nets.course(net, {"SimpleNN": make})) for make, words in WORDS.items()]
    return tuple((words, run) for words, run in runs if departure(run, nets.reference(net)) is not None)
