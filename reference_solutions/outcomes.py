"""What training runs came to, and the file that keeps them: written by `training`, read by everybody else.

Nothing here trains a net: the set-ups and loops stand in `training`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

FROZEN = Path(__file__).parent / "expected" / "numpy_layers_training.json"


@dataclass(frozen=True)
class Outcome:
    """What one training run came to.

    `curve` maps iterations (epochs for the classifier, where a loss is the epoch's mean) to the loss that the sheet's
    loop prints there: the one before that iteration's update. `iterations` is how many updates were made, `loss` the
    last loss seen. `accuracies` maps epochs finished to the share of validation digits recognised.
    """

    seed: int
    iterations: int
    loss: float
    seconds: float
    curve: Mapping[int, float] = field(default_factory=dict)
    accuracies: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Frozen:
    """The outcomes on file, by the set-up's name.

    `command` made them, `about` says on what, `setups` holds each set-up's own fields (lr, samples, threshold …).
    """

    command: str
    about: str
    setups: Mapping[str, Mapping[str, Any]]
    outcomes: Mapping[str, tuple[Outcome, ...]]

    def range_between(self, name: str, first: int, last: int) -> tuple[float, float] | None:
        """Least and greatest loss of a set-up, over all seeds, from iteration (or epoch) `first` to `last`.

        Curves hold few points: the nearest on either side are taken along. A run that reached its threshold stays
        there; of one that was stopped earlier than `first` nothing is known (None).
        """
        losses = [loss for run in self.outcomes.get(name, ()) for loss in self._losses(name, run, first, last)]
        return (min(losses), max(losses)) if losses else None

    def range_at(self, name: str, iteration: int) -> tuple[float, float] | None:
        """Least and greatest loss of a set-up at one iteration; None where a curve does not reach so far.

        >>> low, high = frozen().range_at("Q5 none 100", 1000)
        >>> round(low, 4), round(high, 4)
        (0.2032, 0.2032)
        """
        return self.range_between(name, iteration, iteration)

    def iterations(self, name: str) -> tuple[int, int] | None:
        """Fewest and most iterations to the set-up's threshold; None where not every seed reached it."""
        runs = self.outcomes.get(name, ())
        if not runs or not all(self._reached(name, run) for run in runs):
            return None
        return min(run.iterations for run in runs), max(run.iterations for run in runs)

    def accuracies(self, name: str, epochs: int) -> tuple[float, float] | None:
        """Least and greatest accuracy of a classifier after so many epochs, a share from 0 to 1."""
        known = [run.accuracies[epochs] for run in self.outcomes.get(name, ()) if epochs in run.accuracies]
        return (min(known), max(known)) if known else None

    def _reached(self, name: str, run: Outcome) -> bool:
        return run.loss <= float(self.setups.get(name, {}).get("threshold", -1.0))

    def _losses(self, name: str, run: Outcome, first: int, last: int) -> list[float]:
        points = sorted(run.curve.items())
        points.append((max(run.iterations - 1, 0), run.loss) if not run.accuracies else points[-1])
        if first > points[-1][0]:
            return [run.loss] if self._reached(name, run) else []
        begin = max((at for at, _ in points if at <= first), default=0)
        end = min((at for at, _ in points if at >= last), default=points[-1][0])
        return [loss for at, loss in points if begin <= at <= end]


@cache
def frozen(path: Path = FROZEN) -> Frozen:
    """The outcomes on file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Frozen(
        document["command"],
        document["about"],
        document["setups"],
        {name: tuple(_outcome(run) for run in runs) for name, runs in document["outcomes"].items()},
    )


def summary(name: str, runs: Iterable[Outcome]) -> str:
    """One line on the runs of one set-up."""
    parts = [
        f"{run.iterations} iterations, loss {run.loss:.4g}, {run.seconds:.1f} s"
        + (f", accuracy {list(run.accuracies.values())[-1]:.3f}" if run.accuracies else "")
        for run in runs
    ]
    return f"{name:18} {'; '.join(parts)}"


def document_text(
    command: str, about: str, setups: Mapping[str, Any], outcomes: Mapping[str, Iterable[Outcome]]
) -> str:
    """The file that `frozen` reads: JSON with one run a line, so that a change can be seen."""
    head = {"command": command, "about": about, "setups": setups}
    text = json.dumps({**head, "outcomes": "…"}, indent=1, ensure_ascii=False)
    named = [
        f"  {json.dumps(name)}: [\n   " + ",\n   ".join(json.dumps(asdict(rounded(run))) for run in runs) + "\n  ]"
        for name, runs in outcomes.items()
    ]
    return text.replace('"outcomes": "…"', '"outcomes": {\n' + ",\n".join(named) + "\n }") + "\n"


def rounded(run: Outcome) -> Outcome:
    """The run as it is kept on file: losses to six digits, seconds to one decimal."""

    def six(value: float) -> float:
        return float(f"{value:.6g}")

    curve = {at: six(loss) for at, loss in run.curve.items()}
    return replace(run, loss=six(run.loss), seconds=round(run.seconds, 1), curve=curve)


def _outcome(run: Mapping[str, Any]) -> Outcome:
    def by_number(values: Mapping[str, float]) -> dict[int, float]:
        return {int(at): float(value) for at, value in values.items()}

    return Outcome(
        run["seed"],
        run["iterations"],
        float(run["loss"]),
        run["seconds"],
        by_number(run["curve"]),
        by_number(run["accuracies"]),
    )
