"""What `grade tables two_layer_perceptron` prints: everything that the sheet asks for, in the sheet's own layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from reference_solutions.two_layer_perceptron import Array, Mazur, Outcomes, Parameters, Perceptron
from rubrics.two_layer_perceptron.compare import decades

VERIFIED = "Verified by finite differences, by PyTorch, by the sheet's printed numbers and by those of Mazur's page."


def table_lines(style: str) -> Iterator[str]:
    """The reference's numbers as "text" (PyTorch's way of printing) or "markdown" (tables)."""
    for title, found in (
        ("", Perceptron().outcomes()),
        ("Mazur's page: the biases are not updated", Mazur().outcomes()),
    ):
        if title:
            yield ""
            yield f"## {title}" if style == "markdown" else title
        yield from markdown(found) if style == "markdown" else listing(found)
    yield ""
    yield VERIFIED


def listing(found: Outcomes, digits: int = 4) -> Iterator[str]:
    """As the sheet's cells print it."""
    yield f"total MSEerror: {found.loss:.{digits + 5}f}"
    for title, state in (("Backward pass", found.update1), ("2nd Backward pass", found.update2)):
        yield ""
        yield title
        yield from parameters(state, digits)
    yield ""
    yield "Looping over Epoch"
    for epoch, loss in zip(range(0, 100, 10), decades(found.losses), strict=True):
        yield f"Epoch: {epoch}, loss: {loss:.{digits + 5}f}, output: {tensor(found.outputs[epoch], digits)}"
    yield ""
    yield "After 100 epochs"
    yield from parameters(found.final, digits)
    yield ""
    yield "Prediction for (0.06, 0.12)"
    yield tensor(found.prediction, digits)
    yield ""
    yield "Gradient of linear2.weight"
    yield tensor(found.gradient, digits)


def parameters(state: Parameters, digits: int = 4) -> Iterator[str]:
    """``list(model.parameters())`` in four entries."""
    values = (state.W1, np.atleast_1d(state.b1), state.W2, np.atleast_1d(state.b2))
    texts = [f"Parameter containing:\n{tensor(value, digits, ', requires_grad=True')}" for value in values]
    yield from f"[{', '.join(texts)}]".split("\n")


def tensor(value: Array, digits: int = 4, more: str = "") -> str:
    """An array as PyTorch prints it.

    >>> tensor(np.array([0.1111, 0.8918]))
    'tensor([0.1111, 0.8918])'
    """
    text = np.array2string(np.asarray(value), separator=", ", formatter={"float_kind": lambda x: f"{x:.{digits}f}"})
    return f"tensor({text}{more})".replace("\n", "\n       ")


def markdown(found: Outcomes, digits: int = 4) -> Iterator[str]:
    """As two tables: the parameters entry by entry, and the losses."""
    yield f"Total error of the first forward pass: {found.loss:.{digits + 5}f}"
    yield ""
    yield "| parameter | after 1 update | after 2 updates | after 100 epochs |"
    yield "|---|---|---|---|"
    states = (found.update1, found.update2, found.final)
    for name, pick in ENTRIES:
        yield f"| {name} | " + " | ".join(_entry(pick(state), digits) for state in states) + " |"
    yield ""
    yield "| epoch | loss |"
    yield "|---|---|"
    for epoch, loss in zip(range(0, 100, 10), decades(found.losses), strict=True):
        yield f"| {epoch} | {loss:.{digits + 2}f} |"
    yield ""
    yield f"Prediction for (0.06, 0.12): {np.round(found.prediction, digits).tolist()}"
    yield ""
    yield f"Gradient of linear2.weight: {np.round(found.gradient, digits + 2).tolist()}"


def _entry(value: Array, digits: int) -> str:
    """A number, or two in brackets where every unit was given a bias of its own."""
    texts = [f"{entry:.{digits}f}" for entry in np.ravel(value)]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _weight(part: str, index: int) -> Callable[[Parameters], Array]:
    return lambda state: np.ravel(getattr(state, part))[index]


ENTRIES: tuple[tuple[str, Callable[[Parameters], Array]], ...] = (
    *((f"w{i + 1}", _weight("W1", i)) for i in range(4)),
    ("b1", lambda state: state.b1),
    *((f"w{i + 5}", _weight("W2", i)) for i in range(4)),
    ("b2", lambda state: state.b2),
)
