"""What the reference makes of a reported number: its interval in words, and whether the number agrees.

Intervals are wide: starts differ, and a plateau ends a little earlier or later. `None` is the usual answer where a
number lies outside. `False` is kept for what no run can give, and for numbers printed by the sheet's own code,
unchanged, that fit no net of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from reference_solutions.outcomes import frozen
from reference_solutions.training import sine
from rubrics.numpy_layers.reported.marks import MIXED
from rubrics.numpy_layers.reported.readings import Reading
from rubrics.numpy_layers.reported.trained import Trained

LIMIT = 0.5 - 3 / math.pi**2  # the least-squares line's loss for ever more points
SHEET = {"ReLU": "Q4 ReLU", "Sigmoid": "Q4 Sigmoid", "none": "Q5 none"}
LAMBDAS = (1e-4, 1e-3, 1e-2, 1e-1)
# How much earlier or later, and how much higher or lower, still agrees. With Sigmoid starts differ a lot, and single
# losses leap up by a factor of ten.
_TIME, _VALUE = {"ReLU": 1.25, "Sigmoid": 1.5}, {"ReLU": 1.5, "Sigmoid": 4.0}
_FAR = 3  # how much below all that a number is no matter of another start
_SOON = 2000  # with Sigmoid the plateau has hardly been left by then


@dataclass(frozen=True)
class Expectation:
    """The reference's side of a figure: `want` in words, `agrees` as in `grader.model.Figure`."""

    want: str
    agrees: bool | None = None


@dataclass(frozen=True)
class Run:
    """What a number belongs to: words and code put together.

    `said`: words name the activation. `certain`: printed by the sheet's own code, unchanged, from a fresh start.
    `sheet_step`: nothing in the hand-in trains with another step size or start; `sheet_data`: nor on other points.
    """

    kind: str | None
    activation: str | None
    samples: int | None
    lr: float | None
    lambda_: float | None
    epochs: int | None
    said: bool = False
    certain: bool = False
    sheet_step: bool = False
    sheet_data: bool = False


def run_of(reading: Reading, net: Trained, certain: bool, sheet_step: bool, sheet_data: bool) -> Run:
    """The run that a number belongs to; what the words say goes before what the code says."""
    words = reading.words
    activation = words.activation or net.activation
    return Run(
        net.kind or ("sine" if words.activation else None),
        None if activation == MIXED else activation,
        words.samples or net.samples,
        words.lr if words.lr is not None else net.lr,
        words.lambda_ if words.lambda_ is not None else net.lambda_,
        net.epochs,
        said=words.activation not in {None, MIXED},
        certain=certain and words == type(words)(),
        sheet_step=sheet_step and words.lr in {None, 0.05},
        sheet_data=sheet_data,
    )


def of_loss(reading: Reading, run: Run, question: str) -> Expectation:
    """What is expected of a loss."""
    if not math.isfinite(reading.value):
        return Expectation("a number; this says that training overflowed or diverged")
    if reading.value < 0:
        return Expectation("at least 0, as every such loss", False if reading.plain else None)
    if run.kind == "classifier":
        return _classifier_loss(reading, run)
    if run.kind == "conv":
        return Expectation("near the variance of the targets from iteration 100 on: kernels that start at 0 stay there")
    if run.activation is None or run.activation not in SHEET:
        if question == "Q5" and run.activation is None and of_the_line(reading, run.samples).agrees:
            return of_the_line(reading, run.samples)
        fitting = _fitting(reading, SHEET) if run.kind == "sine" else ()
        return Expectation("not compared: the set-up is not clear" + (f"; fits {_or(fitting)}" if fitting else ""))
    low = line_loss(run.samples) * (1 - 2e-3)
    if run.activation == "none" and reading.value + reading.step / 2 < low:
        return _below_the_line(reading, run, question)
    if run.lambda_ is None or run.lambda_ > 0:
        return _regularised_loss(reading, run)
    return _final_loss(reading, run) if reading.at is None else _loss_at(reading, run)


def line_loss(samples: int | None) -> float:
    """The loss of the least-squares line through so many points of the sine; its limit where the number is not known.

    >>> round(line_loss(100), 4), round(line_loss(None), 4)
    (0.2032, 0.196)
    """
    return _line_loss(samples) if samples is not None and 2 <= samples <= 10_000 else LIMIT


@cache
def _line_loss(samples: int) -> float:
    x, y = sine(samples)
    return float(np.mean((y - x * (x * y).sum() / (x * x).sum()) ** 2))


def _below_the_line(reading: Reading, run: Run, question: str) -> Expectation:
    want = f"{line_loss(run.samples):.4g} or more: without activations no line does better"
    fitting = tuple(name for name in _fitting(reading, SHEET) if name != "none")
    hint = f"; fits {_or(fitting)}" if fitting else ""
    certain = run.said or (run.certain and question == "Q5")
    return Expectation(want + hint, False if certain and reading.plain and run.sheet_data else None)


def _loss_at(reading: Reading, run: Run) -> Expectation:
    assert reading.at is not None and run.activation is not None
    known = _near(run.activation, run.samples, reading.at)
    if known is None:
        return Expectation("not compared: the reference was not trained so long in this set-up")
    want = known.words
    if known.holds(reading):
        return Expectation(want, True)
    soon = run.activation == "Sigmoid" and reading.at <= _SOON and reading.value <= 1e-3
    if soon and run.said and run.sheet_step and reading.plain:
        return Expectation(f"{want}: with Sigmoid the loss has hardly moved by then", False)
    fitting = _fitting(reading, SHEET)
    if fitting:
        return Expectation(f"{want}; fits {_or(fitting)}")
    far = reading.value < known.low / _FAR or reading.value > 1.2 * max(known.high, 0.5)
    if run.certain and run.samples in {100, 1000} and reading.plain and far:
        return Expectation(f"{want}, for the code as it stands", False)
    return Expectation(want)


def _final_loss(reading: Reading, run: Run) -> Expectation:
    """A loss without the number of iterations: it agrees where it is what the set-up ends at."""
    if run.activation == "ReLU":
        return Expectation("1e-4 after some 4,000 iterations", True if _inside(reading, 0.0, 1.02e-4) else None)
    if run.activation == "Sigmoid":
        low, high = frozen().range_at("Q4 Sigmoid 100", 19_999) or (0.0, 0.0)
        known = Interval(low / 2, high * 2, low, high)
        return Expectation(f"{known.words} after 20,000 iterations", True if known.holds(reading) else None)
    return of_the_line(reading, run.samples)


def of_the_line(reading: Reading, samples: int | None) -> Expectation:
    """What is expected of a loss without activations, when training is over."""
    low, high = line_loss(samples), line_loss(samples or 100)
    words = f"{high:.4g}{'' if samples else ' for 100 points'}, the least-squares line's"
    return Expectation(words, True if _inside(reading, low, high * 1.01) else None)


def _regularised_loss(reading: Reading, run: Run) -> Expectation:
    """A loss with L2: between the reference's for a smaller and a greater λ, for the factor 2 is often left out."""
    if run.lambda_ is None or run.activation != "ReLU":
        return Expectation("not compared: λ or the activation is not clear")
    at = 19_999 if reading.at is None else reading.at
    smaller = [value for value in LAMBDAS if value <= run.lambda_ / 2]
    greater = [value for value in LAMBDAS if value >= run.lambda_ * 2]
    below = _around(f"Q6 lambda {smaller[-1]:g}" if smaller else "Q4 ReLU 100", at)
    above = _around(f"Q6 lambda {greater[0]:g}" if greater else "Q6 lambda 0.1", at)
    if below is None or above is None:
        return Expectation("not compared: the reference was not trained so long in this set-up")
    known = Interval(below.low, above.high, below.first, above.last)
    when = "" if reading.at is not None else ", after 20,000 iterations"
    return Expectation(f"{known.words} for λ near {run.lambda_:g}{when}", True if known.holds(reading) else None)


def _classifier_loss(reading: Reading, run: Run) -> Expectation:
    name = _classifier_name(run.lr)
    if name is None or reading.at is None:
        return Expectation("not compared: learning rate or epoch is not clear, or the reference has no such run")
    known = frozen().range_between(name, max(reading.at // 2 - 3, 0), reading.at * 2 + 3 if reading.at else 0)
    if known is None:
        return Expectation("not compared: the reference was not trained so long with this learning rate")
    low, high = known[0] / 2, min(known[1] * 2, known[1] + 0.1)
    want = f"{low:.2g} to {high:.2g} (lr {run.lr:g}, small sample of digits)"
    return Expectation(want, True if _inside(reading, low, high) else None)


def of_accuracy(reading: Reading, run: Run) -> Expectation:
    """What is expected of an accuracy in percent."""
    if not math.isfinite(reading.value):
        return Expectation("0 to 100 %; this is no number")
    if not 0 <= reading.value <= 100:
        share = reading.percent or reading.step < 1  # a whole number may be a count of digits
        return Expectation("0 to 100 %", False if share and reading.plain else None)
    name = _classifier_name(run.lr)
    epochs = reading.at if reading.at is not None else run.epochs
    if name is None or epochs is None:
        every = {name: frozen().accuracies(name, 10) for name in (_classifier_name(run.lr) or "",)}
        known = next((value for value in every.values() if value is not None), None)
        more = f"; {_percent(known)} after 10 epochs of the small sample" if known else ""
        return Expectation(f"not compared: the number of epochs or the learning rate is not clear{more}")
    known = frozen().accuracies(name, epochs)
    if known is None and epochs > 100 and run.lr == 1e-3:
        known = frozen().accuracies("Q7", 200)
    if known is None:
        return Expectation(f"not compared: the reference has no {epochs} epochs with learning rate {run.lr:g}")
    want = f"{_percent(known)} after {epochs} epochs (lr {run.lr:g}, small sample of digits)"
    return Expectation(want, True if 100 * known[0] - 12 <= reading.value <= 100 * known[1] + 12 else None)


def of_iterations(reading: Reading, run: Run) -> Expectation:
    """What is expected of a number of iterations to the threshold."""
    named = reading.threshold is not None and reading.threshold <= 1.01e-4
    if run.kind not in {"sine", None} or run.activation not in {"ReLU", "Sigmoid"}:
        return Expectation("not compared: the set-up is not clear")
    if run.activation == "Sigmoid":
        want = "1e-4 is not reached within 20,000 iterations with the sheet's step size"
        impossible = named and reading.reached and run.said and run.sheet_step and reading.value <= _SOON
        if reading.value >= 20_000:
            return Expectation(want, True)
        return Expectation(want, False if impossible else None)
    low, high = frozen().iterations("Q4 ReLU 100") or (0, 0)
    want = f"{low:,} to {high:,} to a loss of 1e-4 (sheet's set-up without L2)"
    agrees = True if reading.reached and 0.75 * low <= reading.value <= 1.35 * high and not run.lambda_ else None
    return Expectation(want, agrees)


# -- intervals


@dataclass(frozen=True)
class Interval:
    """What the reference's runs gave, `first` to `last`, and the wider span, `low` to `high`, in which others agree."""

    low: float
    high: float
    first: float
    last: float

    @property
    def words(self) -> str:
        first, last = f"{self.first:.3g}", f"{self.last:.3g}"
        ran = first if first == last else f"{first} to {last}"
        return f"{ran} (agrees: {self.low:.2g} to {self.high:.2g})"

    def holds(self, reading: Reading) -> bool:
        return _inside(reading, self.low, self.high)


@cache
def _near(activation: str, samples: int | None, at: int) -> Interval | None:
    """The interval of a set-up's loss after so many iterations; over both sample sizes where it is another one."""
    sizes = (samples,) if samples in {100, 1000} else (100, 1000)
    known = [_around(f"{SHEET[activation]} {size}", at) for size in sizes]
    if known[0] is None:
        known = [_around(f"{SHEET[activation]} 100", at)]
    found = [one for one in known if one is not None]
    if not found:
        return None
    return Interval(
        min(one.low for one in found),
        max(one.high for one in found),
        min(one.first for one in found),
        max(one.last for one in found),
    )


@cache
def _around(name: str, at: int) -> Interval | None:
    kept = frozen()
    start, here = kept.range_at(name, 0), kept.range_at(name, at)
    if start is None:
        return None
    if at <= 20:
        return Interval(start[0] * 0.97, start[1] * 1.03, *start)
    kind = "Sigmoid" if "Sigmoid" in name else "ReLU"  # without activations the course is as steady
    shift, factor = _TIME[kind], _VALUE[kind]
    known = kept.range_between(name, int(at / shift) - 50, int(at * shift) + 50)
    if known is None:
        return None
    threshold = kept.iterations(name)
    stopped = threshold is not None and at * shift >= threshold[0]
    low, high = 0.0 if stopped else known[0] / factor, min(known[1] * factor, start[1] * 1.03)
    return Interval(low, high, *(here or known))


def _fitting(reading: Reading, activations: Iterable[str]) -> tuple[str, ...]:
    """Which of the sheet's nets a loss would fit at its iteration."""
    if reading.at is None:
        return ()
    known = ((name, _near(name, None, reading.at)) for name in activations)
    return tuple(name for name, span in known if span is not None and span.holds(reading))


def _inside(reading: Reading, low: float, high: float) -> bool:
    return low - reading.step / 2 - 1e-3 * low <= reading.value <= high + reading.step / 2


def _classifier_name(lr: float | None) -> str | None:
    if lr is None:
        return None
    return "Q7" if math.isclose(lr, 1e-3) else name if (name := f"Q8 lr {lr:g}") in frozen().outcomes else None


def _percent(span: tuple[float, float]) -> str:
    return f"{100 * span[0]:.3g} to {100 * span[1]:.3g} %"


def _or(names: Iterable[str]) -> str:
    return " or ".join("no activations" if name == "none" else name for name in names)
