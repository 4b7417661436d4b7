"""What training comes to, as `grade tables numpy_layers` prints it: losses, iterations, accuracies over several seeds.

The numbers are on file (`reference_solutions.outcomes`), or computed anew for the digits of MNIST's own files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reference_solutions import mnist as digits
from reference_solutions.outcomes import Frozen, Outcome, frozen
from reference_solutions.training import CLASSIFICATIONS, MOST, REGRESSIONS, classifiers

AT = (0, 100, 500, 1000, 2000, 4000, 10_000)
EPOCHS = (0, 1, 2, 5, 10, 20, 50, 100, 195)
NOT_REACHED = "not reached"


def lines(style: str, mnist: Path | None = None) -> Iterator[str]:
    """The lines, in a style of `grade tables`; with `mnist`, the classifier is trained anew on these digits, seed 0."""
    kept = frozen()
    where = "reference_solutions/expected/numpy_layers_training.json"
    yield from ("## Training outcomes" if style == "markdown" else "Training outcomes", "")
    yield f"Computed by: {kept.command} ({where})"
    yield f"With: {kept.about}"
    yield "Two numbers are the least and the greatest over the seeds. A loss is the one before that iteration's update."
    yield from _table(
        "Q4 to Q6 and Q10: the loss after so many iterations",
        ["set-up", "samples", "lr", "seeds", "iterations to 1e-4", "seconds", *(f"{at}" for at in AT), "last"],
        [_regression(kept, setup.name, setup.samples, setup.lr, setup.kind) for setup, _ in REGRESSIONS],
        style,
    )
    most = ", ".join(f"{setup.name} at {setup.most:,}" for setup, _ in REGRESSIONS if setup.most != MOST)
    yield f"Training stops at a loss of 1e-4, or after {MOST:,} iterations ({most})."
    yield "Q5: the last loss is the least-squares line's. Q10: the last loss is the variance of each seed's targets."
    outcomes = kept.outcomes
    if mnist is not None:
        outcomes = dict(classifiers(digits.digits(mnist), seeds=1))
        yield f"Q7 and Q8 were computed now, with seed 0, on: {digits.source(mnist)}."
    yield from _classifier(outcomes, style)


def _regression(kept: Frozen, name: str, samples: int, lr: float, kind: str) -> list[str]:
    to_threshold = kept.iterations(name)
    return [
        name,
        f"{samples if kind == 'sine' else 2}",
        f"{lr:g}",
        f"{len(kept.outcomes[name])}",
        NOT_REACHED if to_threshold is None else _span(*to_threshold),
        _over([run.seconds for run in kept.outcomes[name]]),
        *(_span(*found) if (found := kept.range_at(name, at)) else "" for at in AT),
        _over([run.loss for run in kept.outcomes[name]]),
    ]


def _classifier(outcomes: Mapping[str, Sequence[Outcome]], style: str) -> Iterator[str]:
    setups = [(setup, outcomes[setup.name]) for setup, _ in CLASSIFICATIONS]
    epochs = [epoch for epoch in EPOCHS if any(epoch in run.curve for _, runs in setups for run in runs)]
    yield from _table(
        "Q7 and Q8: the mean loss of an epoch, counted from 0",
        ["set-up", "lr", "seeds", *(f"{epoch}" for epoch in epochs)],
        [
            [
                setup.name,
                f"{setup.lr:g}",
                f"{len(runs)}",
                *(_over([r.curve.get(epoch) for r in runs]) for epoch in epochs),
            ]
            for setup, runs in setups
        ],
        style,
    )
    finished = sorted({after for _, runs in setups for run in runs for after in run.accuracies})
    yield from _table(
        "Q7 and Q8: % of the validation digits recognised after so many epochs",
        ["set-up", "lr", "seeds", *(f"{after}" for after in finished)],
        [
            [
                setup.name,
                f"{setup.lr:g}",
                f"{len(runs)}",
                *(_over([_percent(run.accuracies.get(after)) for run in runs]) for after in finished),
            ]
            for setup, runs in setups
        ],
        style,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _over(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return _span(min(known), max(known)) if known else ""


def _span(low: float, high: float) -> str:
    """One number where both round to it.

    >>> _span(0.20318, 0.20319), _span(0.3, 0.5)
    ('0.2032', '0.3 to 0.5')
    """
    first, last = f"{low:.4g}", f"{high:.4g}"
    return first if first == last else f"{first} to {last}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], style: str) -> Iterator[str]:
    if style == "markdown":
        yield from ("", f"**{title}**", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|")
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""
        return
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    yield from ("", f"  {title}")
    for row in (head, *rows):
        yield ("    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
    yield ""
