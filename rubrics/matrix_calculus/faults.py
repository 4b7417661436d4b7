"""Wrong answers, each with the entries that it loses and the name that its mistake must get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rubrics.matrix_calculus.marks import GRADIENTS
from rubrics.matrix_calculus.written import BACKWARD, FORWARD, STEPS, backward_text, forward_text, steps_text, whole


@dataclass(frozen=True)
class WrongAnswer:
    """One wrong answer to a question: what stands in the place of the right `text`, and what must come of it."""

    question: str
    labels: tuple[str, ...]
    id: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.id} in {','.join(self.labels)}"

    def hand_in(self) -> str:
        """The whole homework with this one mistake in it."""
        if self.question == "1.2.1":
            return whole(steps=self.text)
        label = self.labels[0]
        if self.question == "1.2.2":
            return whole(forward=forward_text({**FORWARD, label: self.text}))
        if len(self.labels) > 1:
            return whole(backward=self.text)
        return whole(backward=backward_text({**BACKWARD, label: self.text}))


def _steps(id: str, label: str, *steps: str) -> WrongAnswer:
    return WrongAnswer("1.2.1", (label,), id, steps_text(steps))


def _cell(id: str, label: str, text: str) -> WrongAnswer:
    return WrongAnswer("1.2.2", (label,), id, text)


def _gradient(id: str, label: str, text: str) -> WrongAnswer:
    return WrongAnswer("1.2.3", (label,), id, text)


_ZERO, _RUN, _LOSS, _BACK, _UPDATE = STEPS

FAULTS: Final = (
    _steps("step-left-out", "zero_gradients", _RUN, _LOSS, _BACK, _UPDATE),
    _steps("step-left-out", "update", _ZERO, _RUN, _LOSS, _BACK),
    _steps("update-before-backward", "update", _ZERO, _RUN, _LOSS, _UPDATE, _BACK),
    _steps("zeroed-after-backward", "zero_gradients", _RUN, _LOSS, _BACK, _ZERO, _UPDATE),
    _steps("loss-before-forward", "loss", _ZERO, _LOSS, _RUN, _BACK, _UPDATE),
    _steps("backward-before-loss", "backward", _ZERO, _RUN, _BACK, _LOSS, _UPDATE),
    _steps("update-ascends", "update", _ZERO, _RUN, _LOSS, _BACK, r"Update: $W\leftarrow W+\gamma\frac{\partial "
    r"l}{\partial W}$"),
    _cell("swapped-order", "Linear1.output", "$xW^{(1)}+b^{(1)}$"),
    _cell("extra-transpose", "Linear1.output", r"$W^{(1)\top}x+b^{(1)}$"),
    _cell("missing-bias", "Linear1.output", "$W^{(1)}x$"),
    _cell("missing-activation", "f.output", "$W^{(1)}x+b^{(1)}$"),
    _cell("missing-activation", "Linear2.input", "W1 x + b1"),
    _cell("missing-activation", "Linear2.output", "$W^{(2)}(W^{(1)}x+b^{(1)})+b^{(2)}$"),
    _cell("missing-bias", "Linear2.output", r"$W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})$"),
    _cell("wrong-sign", "Linear2.output", r"$-W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})-b^{(2)}$"),
    _cell("activation-of-g", "g.output", r"$\text{ReLU}(W^{(2)}\text{ReLU}(W^{(1)}x+b^{(1)})+b^{(2)})$"),
    _cell("forbidden-symbol", "Linear1.output", "$z_1$"),
    _cell("not-squared", "Loss.output", r"$\Vert y-\hat{y}\Vert$"),
    _cell("wrong-factor", "Loss.output", r"$\frac12\Vert y-\hat{y}\Vert^2$"),
    _gradient("missing-transpose", "b1", "(W2 (dl/dyhat)^T)^T dz2/dz1"),
    _gradient("missing-transpose", "W1", r"$\left(\frac{\partial z_2}{\partial z_1}W^{(2)\top}\frac{\partial "
    r"l}{\partial\hat{y}}x^\top\right)^\top$"),
    _gradient("extra-transpose", "W1", r"$x\frac{\partial l}{\partial\hat{y}}W^{(2)\top}\frac{\partial "
    r"z_2}{\partial z_1}$"),
    _gradient("swapped-order", "W1", r"$\frac{\partial l}{\partial\hat{y}}W^{(2)}\frac{\partial z_2}{\partial z_1}x$"),
    _gradient("swapped-order", "W2", r"$\frac{\partial l}{\partial\hat{y}}\text{ReLU}(W^{(1)}x+b^{(1)})$"),
    _gradient("denominator-layout", "W1", r"$\left(\frac{\partial l}{\partial\hat{y}}W^{(2)}\frac{\partial "
    r"z_2}{\partial z_1}\right)^\top x^\top$"),
    _gradient("denominator-layout", "b2", r"$\left(\frac{\partial l}{\partial\hat{y}}\right)^\top$"),
    _gradient("missing-activation-jacobian", "W1", r"$x\frac{\partial l}{\partial\hat{y}}W^{(2)}$"),
    _gradient("missing-activation-jacobian", "b1", r"$\frac{\partial l}{\partial\hat{y}}W^{(2)}$"),
    _gradient("missing-activation", "W2", r"$(W^{(1)}x+b^{(1)})\frac{\partial l}{\partial\hat{y}}$"),
    _gradient("wrong-factor", "b2", r"$2\frac{\partial l}{\partial\hat{y}}$"),
    _gradient("wrong-sign", "b2", r"$-\frac{\partial l}{\partial\hat{y}}$"),
    _gradient("forbidden-symbol", "W2", r"$z_2\frac{\partial l}{\partial\hat{y}}$"),
    _gradient("forbidden-symbol", "b1", r"$\frac{\partial l}{\partial z_1}$"),
    _gradient("forward-table-again", "W1", "$W^{(1)}x+b^{(1)}$"),
    WrongAnswer("1.2.3", GRADIENTS, "forward-table-again", forward_text()),
)  # fmt: skip
