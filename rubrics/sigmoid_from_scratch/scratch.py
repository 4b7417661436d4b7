"""Step 7: the student's own forward pass and gradients, held against the reference for their own net and sample.

An array is taken for a gradient by its name first, then by shape and value. What PyTorch's automatic differentiation
gave is no answer: an array must be right in the straight run *and* in the one with crooked automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import Gradients, forward, gradients
from rubrics.sigmoid_from_scratch.derived import parts, updates
from rubrics.sigmoid_from_scratch.faults import FAULTS, Fault
from rubrics.sigmoid_from_scratch.names import is_gradient, is_numeric, layer_of, meaning
from rubrics.sigmoid_from_scratch.passes import Found
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.steps import rates
from rubrics.sigmoid_from_scratch.trace import FRAMEWORK, Trace, Value, distinct

RTOL: Final = 2e-4  # of the largest entry: above float32 rounding, below every fault
Path = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Finding:
    """What became of one label. `paths` are the names under which the right value stands."""

    kind: str
    paths: frozenset[Path] = frozenset()
    faults: tuple[Fault, ...] = ()
    shown: Value | None = None
    why: str = ""


@dataclass(eq=False)
class Scratch:
    """The candidates of one run for one pass."""

    trace: Trace
    found: Found
    source: str = ""
    findings: dict[str, Finding] = field(default_factory=dict)

    @cached_property
    def candidates(self) -> list[Value]:
        own = [
            value
            for value in distinct(self.trace.values)
            if value.tag not in ("module", "parameter", "autograd", "bool")
            and not value.scope.endswith(FRAMEWORK)
            and not is_numeric(value.path)
            and np.all(np.isfinite(value.array))
        ]
        return [*own, *parts(own, self.found.net)]

    @cached_property
    def steps(self) -> list[Value]:
        """What updates took from the weights: gradients, where nothing else is one."""
        return distinct(list(updates(self.trace, self.found.net, rates(self.trace))))

    @cached_property
    def lists(self) -> set[Path]:
        """Lists, tuples and dicts that hold a right gradient by weights: what stands beside it is meant as one, too."""
        hits = [
            value
            for weights in self.want.weights
            for factor in self.factors
            for value, _ in self.hits(factor * weights)
        ]
        return {(value.scope, value.path.partition("[")[0]) for value in hits if "[" in value.path}

    @cached_property
    def on_the_way(self) -> list[Array]:
        """What a forward pass holds: none of it is meant as a gradient."""
        run = forward(self.found.net, self.found.x)
        return [*run.before, *run.after, *self.found.net.weights]

    @cached_property
    def gradient_paths(self) -> list[str]:
        return [value.path for value in self.candidates if is_gradient(value.path)]

    @cached_property
    def want(self) -> Gradients:
        return gradients(self.found.net, self.found.x, self.found.y)

    @cached_property
    def scale(self) -> float:
        """How much the gradients grow with the residual: float32 rounding of a small residual is no mistake."""
        residual = np.max(np.abs(forward(self.found.net, self.found.x).prediction.ravel() - self.found.y.ravel()))
        return float(1e-7 / max(residual, 1e-3))

    @cached_property
    def wrong(self) -> dict[str, tuple[Fault, Gradients]]:
        made = {}
        for fault in FAULTS:
            if fault.make is not None:
                with np.errstate(all="ignore"):
                    made[fault.id] = (fault, fault.make(self.found.net, self.found.x, self.found.y))
        return made

    @property
    def factors(self) -> tuple[float, ...]:
        return (1.0,) if self.found.factor == 1.0 else (self.found.factor, 1.0)

    def part(self, g: Gradients, label: str) -> Array | None:
        layer = int(label[2]) - 1
        parts = g.weights if label[1] == "W" else g.biases
        if len(parts) == 2 and layer:  # a net with one hidden layer: its second layer is the output
            layer -= 1
            return parts[layer] if int(label[2]) == 3 else None
        return parts[layer] if layer < len(parts) else None

    def laid_out(self, label: str) -> Array | None:
        """The gradient in the layout of the student's own weights."""
        part = self.part(self.want, label)
        layer = min(int(label[2]), len(self.found.swapped)) - 1
        return part.T if part is not None and label[1] == "W" and self.found.swapped[layer] else part

    def close(self, got: Array, want: Array, slack: float = 0.0) -> bool:
        """Whether numbers agree, also where they were rounded to some digits."""
        largest = float(np.max(np.abs(want))) if want.size else 0.0
        if got.size != want.size or not largest:
            return False
        off = np.abs(np.ravel(got) - np.ravel(want))
        if np.all(off <= (RTOL + self.scale) * largest + slack):
            return True
        if np.max(off) > 6e-4:
            return False
        for decimals in (3, 4, 5, 6):
            if largest >= 200 * 10.0**-decimals and np.allclose(got, np.round(got, decimals), atol=1e-9, rtol=3e-7):
                return bool(np.all(off <= 0.51 * 10.0**-decimals))
        return False

    def same(self, got: Array, want: Array, slack: float = 0.0) -> str:
        """ "straight" or "turned" where the numbers agree, else ""."""
        if got.ndim > 2:
            got = np.squeeze(got)
        squeezed, wanted = np.squeeze(got), np.squeeze(want)
        if squeezed.shape == wanted.shape and self.close(squeezed, wanted, slack):
            return "straight"
        if (
            squeezed.ndim == wanted.ndim == 2
            and squeezed.shape == wanted.T.shape
            and self.close(squeezed.T, wanted, slack)
        ):
            return "turned"
        if squeezed.ndim == 1 and squeezed.size == wanted.size and self.close(squeezed, np.ravel(wanted), slack):
            return "straight"
        return ""

    def hits(self, want: Array, among: Sequence[Value] | None = None) -> list[tuple[Value, str]]:
        """The candidates (or `among`) that are this array, each with its layout: "straight" or "turned"."""
        found = []
        for value in self.candidates if among is None else among:
            if value.array.size == want.size:
                how = self.same(value.array, want, value.slack)
                if how:
                    found.append((value, how))
        return found

    def declared(self, label: str) -> list[Value]:
        """Values whose names say that they are this gradient, in order; zeros that only make room are left out."""
        kind, layer = label[1], int(label[2])
        found = []
        for value in self.candidates:
            said = meaning(value.path)
            if said is not None and said.kind == kind and layer_of(value.path, self.gradient_paths) == layer:
                found.append(value)
        return [value for value in found if np.any(value.array)]


def count_right(scratch: Scratch) -> float:
    """How many gradients stand there right under any name; a tenth for each hidden layer whose values stand there."""
    wanted = [part for label in GRADIENTS if (part := scratch.part(scratch.want, label)) is not None]
    right = sum(
        any(scratch.hits(factor * part) or scratch.hits(factor * part, scratch.steps) for factor in scratch.factors)
        for part in wanted
    )
    run = forward(scratch.found.net, scratch.found.x)
    return right + 0.1 * sum(bool(among(scratch, after)) for after in run.after[:-1])


def among(scratch: Scratch, array: Array) -> set[Path]:
    return {(value.scope, value.path) for value, _ in scratch.hits(array)}
