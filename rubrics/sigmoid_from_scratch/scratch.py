"""Step 7: the student's own forward pass and gradients, held against the reference for their own net and sample.

An array is taken for a gradient by its name first, then by shape and value. What PyTorch's automatic differentiation
gave is no answer: an array must be right in the straight run *and* in the one with crooked automatic differentiation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from grader.model import Array
from reference_solutions.sigmoid_from_scratch import Gradients, forward, gradients
from rubrics.sigmoid_from_scratch.faults import BY_ID, FAULTS, Fault
from rubrics.sigmoid_from_scratch.marks import MISSING, RIGHT, UNCLEAR, WRONG
from rubrics.sigmoid_from_scratch.names import is_gradient, is_numeric, layer_of, meaning, says_bias
from rubrics.sigmoid_from_scratch.passes import Found
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.slips import (
    Backward,
    NoBiasForward,
    NoFirstActivation,
    NoSecondActivation,
    SquashedForward,
)
from rubrics.sigmoid_from_scratch.trace import FRAMEWORK, Trace, Value, distinct

RTOL: Final = 2e-4  # of the largest entry: above float32 rounding, below every fault
_ERROR_LIKE: Final = re.compile(r"^(?:self\.)?(?:e|err|error|d|delta|t|s|g|residual|diff)_?\d?$", re.IGNORECASE)

_FORWARD: Final[Mapping[str, type[Backward]]] = {
    "forward-without-biases": NoBiasForward,
    "forward-first-sigmoid": NoFirstActivation,
    "forward-second-sigmoid": NoSecondActivation,
    "forward-squashed": SquashedForward,
}

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
        return [
            value
            for value in distinct(self.trace.values)
            if value.tag not in ("module", "parameter", "autograd", "bool")
            and not value.scope.endswith(FRAMEWORK)
            and not is_numeric(value.path)
            and np.all(np.isfinite(value.array))
        ]

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

    def close(self, got: Array, want: Array) -> bool:
        """Whether numbers agree, also where they were rounded to some digits."""
        largest = float(np.max(np.abs(want))) if want.size else 0.0
        if got.size != want.size or not largest:
            return False
        off = np.abs(np.ravel(got) - np.ravel(want))
        if np.all(off <= (RTOL + self.scale) * largest):
            return True
        if np.max(off) > 6e-4:
            return False
        for decimals in (3, 4, 5, 6):
            if largest >= 200 * 10.0**-decimals and np.allclose(got, np.round(got, decimals), atol=1e-9, rtol=3e-7):
                return bool(np.all(off <= 0.51 * 10.0**-decimals))
        return False

    def same(self, got: Array, want: Array) -> str:
        """ "straight" or "turned" where the numbers agree, else ""."""
        if got.ndim > 2:
            got = np.squeeze(got)
        squeezed, wanted = np.squeeze(got), np.squeeze(want)
        if squeezed.shape == wanted.shape and self.close(squeezed, wanted):
            return "straight"
        if squeezed.ndim == wanted.ndim == 2 and squeezed.shape == wanted.T.shape and self.close(squeezed.T, wanted):
            return "turned"
        if squeezed.ndim == 1 and squeezed.size == wanted.size and self.close(squeezed, np.ravel(wanted)):
            return "straight"
        return ""

    def hits(self, want: Array) -> list[tuple[Value, str]]:
        found = []
        for value in self.candidates:
            if value.array.size == want.size:
                how = self.same(value.array, want)
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
    right = sum(any(scratch.hits(factor * part) for factor in scratch.factors) for part in wanted)
    run = forward(scratch.found.net, scratch.found.x)
    return right + 0.1 * sum(bool(among(scratch, after)) for after in run.after[:-1])


def judge_scratch(scratch: Scratch) -> None:
    """Fill in the findings of all labels."""
    for label in GRADIENTS:
        scratch.findings[label] = _gradient(scratch, label)
    _transposed(scratch)
    _without_biases(scratch)
    _ranked(scratch)
    scratch.findings["forward"] = judge_forward(scratch)


def _gradient(scratch: Scratch, label: str) -> Finding:
    base = scratch.part(scratch.want, label)
    if base is None:
        return Finding(MISSING, why="your net has no such layer")
    hits = [hit for factor in scratch.factors for hit in scratch.hits(factor * base)]
    declared = scratch.declared(label)
    if label[1] == "b":
        hits, weak = _as_biases(scratch, hits, bool(declared))
        if not hits and weak and not declared:
            return Finding(MISSING, faults=(BY_ID["bias-missing"],), shown=weak[0][0])
    paths = frozenset((value.scope, value.path) for value, _ in hits)
    if hits and declared and not paths & {(value.scope, value.path) for value in declared}:
        why = f"`{hits[-1][0].path}` is right, but `{declared[-1].path}` is something else"
        return Finding(UNCLEAR, paths, (), hits[-1][0], why)
    if hits:
        return Finding(RIGHT, paths, shown=hits[-1][0])
    slips = list(_slips(scratch, label, declared[::-1] or _unnamed(scratch, base)))
    if slips:
        return Finding(WRONG, faults=tuple(dict.fromkeys(fault for fault, _ in slips)), shown=slips[0][1])
    if declared:
        last = declared[-1]
        if last.array.size != base.size and label[1] == "W" and last.array.size < 2:
            return Finding(UNCLEAR, shown=last, why=f"`{last.path}` is a single number")
        return Finding(WRONG, shown=last)
    odd = [v for v in _unnamed(scratch, base) if is_gradient(v.path)]
    if odd:
        return Finding(UNCLEAR, shown=odd[-1], why=f"which gradient `{odd[-1].path}` is meant to be could not be told")
    return Finding(MISSING)


def _without_biases(scratch: Scratch) -> None:
    """Gradients by weights, and none by the biases that the net has: that has a name."""
    if not any(scratch.findings[f"dW{layer}"].kind in (RIGHT, WRONG) for layer in (1, 2, 3)):
        return
    for label in ("db1", "db2", "db3"):
        if scratch.findings[label].kind == MISSING and scratch.part(scratch.want, label) is not None:
            scratch.findings[label] = Finding(MISSING, faults=(BY_ID["bias-missing"],))


def _unnamed(scratch: Scratch, base: Array) -> list[Value]:
    """Arrays of the right size whose names do not say which gradient they are."""
    return [
        value
        for value in scratch.candidates
        if value.array.size == base.size
        and np.any(value.array)
        and (
            (said := meaning(value.path)) is None
            or not said.kind
            or layer_of(value.path, scratch.gradient_paths) is None
        )
        and (base.size > 1 or is_gradient(value.path))
    ]


def _as_biases(
    scratch: Scratch, hits: Sequence[tuple[Value, str]], declared: bool
) -> tuple[list[tuple[Value, str]], list[tuple[Value, str]]]:
    """Those hits that stand for a bias's gradient, and error terms that nothing uses as one."""
    strong, weak = [], []
    for value, how in hits:
        name = value.path.rpartition(".")[2]
        said = meaning(value.path)
        error_like = (
            bool(_ERROR_LIKE.match(name))
            or (said is not None and said.kind in ("z", "W"))
            or (said is not None and not said.kind and "[" not in value.path and value.path != "return")
        )
        plain = said is None and not says_bias(value.path) and not is_gradient(value.path)
        if (error_like or (plain and value.array.size == 1)) and (declared or not _used_as_bias(scratch.source, name)):
            weak.append((value, how))
        else:
            strong.append((value, how))
    return strong, weak


def _used_as_bias(source: str, name: str) -> bool:
    """Whether a line of the code speaks of a bias and of this name."""
    own = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(
        own.search(line) and re.search(r"bias|(?<![a-zA-Z])d?[bB]_?\d?(?![a-zA-Z\d])", line)
        for line in source.split("\n")
    )


def _slips(scratch: Scratch, label: str, values: Sequence[Value]) -> Iterator[tuple[Fault, Value]]:
    base = scratch.part(scratch.want, label)
    assert base is not None
    for value in values:
        for fault, wrong in scratch.wrong.values():
            part = scratch.part(wrong, label)
            if part is None or not np.all(np.isfinite(part)):
                continue
            if part.shape == base.shape and scratch.close(part, base):
                continue
            if any(scratch.same(value.array, factor * part) for factor in scratch.factors):
                yield fault, value
        ratio = _ratio(scratch, value.array, base)
        if ratio is not None and abs(ratio - 1) > 1e-3:
            yield BY_ID["scaled"], value


def _ratio(scratch: Scratch, got: Array, base: Array) -> float | None:
    """The one factor between two arrays, where there is one."""
    if base.size < 3 or got.size != base.size:
        return None
    for want in (base, base.T):
        flat, wanted = np.ravel(np.squeeze(got)), np.ravel(want)
        ratio = float(flat @ wanted / (wanted @ wanted))
        if abs(ratio) > 1e-6 and scratch.close(flat / ratio, wanted):
            return ratio
    return None


def _transposed(scratch: Scratch) -> None:
    """A square gradient that is turned, beside others that are not: its layout must be the student's own."""
    found = scratch.found
    for layer, weight in enumerate(found.net.weights):
        label = f"dW{layer + 1}"
        finding = scratch.findings.get(label)
        if (
            weight.shape[0] != weight.shape[1]
            or finding is None
            or finding.kind != RIGHT
            or len(found.net.weights) != 3
        ):
            continue
        base = scratch.want.weights[layer]
        own = base.T if found.swapped[layer] else base
        hits = [v for v in scratch.candidates if (v.scope, v.path) in finding.paths]
        if any(scratch.same(v.array, f * own) == "straight" for v in hits for f in scratch.factors):
            continue
        if _turned_elsewhere(scratch) or any(_is_turned(scratch.source, v.path) for v in hits):
            continue
        if any(
            np.allclose(v.array, weight if found.swapped[layer] else weight.T, rtol=1e-5)
            for v in scratch.candidates
            if v.array.shape == weight.shape
        ):
            continue
        scratch.findings[label] = Finding(WRONG, faults=(BY_ID["transposed"],), shown=hits[0])


def _turned_elsewhere(scratch: Scratch) -> bool:
    """Whether the first layer's gradient stands in the other layout than its weights as well."""
    finding, weight = scratch.findings["dW1"], scratch.found.net.weights[0]
    if finding.kind != RIGHT:
        return True
    own = weight.shape[::-1] if scratch.found.swapped[0] else weight.shape
    return any(np.squeeze(v.array).shape == own[::-1] for v in scratch.candidates if (v.scope, v.path) in finding.paths)


def _is_turned(source: str, path: str) -> bool:
    name = re.escape(re.split(r"[.\[]", path.removeprefix("self."))[0])
    return bool(re.search(rf"\b{name}\b(?:\[[^\]\n]*\])*\.(?:T\b|t\(|transpose|mT)|transpose\(\s*{name}\b", source))


def _ranked(scratch: Scratch) -> None:
    """Each label's faults by how much of the whole they explain; a fault contradicted by what is right comes last."""
    count: dict[str, float] = {}
    for finding in scratch.findings.values():
        for fault in finding.faults:
            count[fault.id] = count.get(fault.id, 0) + 1
    for id in count:
        made = scratch.wrong.get(id)
        for label, finding in scratch.findings.items():
            if made is not None and finding.kind == RIGHT:
                part, base = scratch.part(made[1], label), scratch.part(scratch.want, label)
                if (
                    part is not None
                    and base is not None
                    and not (part.shape == base.shape and scratch.close(part, base))
                ):
                    count[id] -= 0.5
    order = {fault.id: index for index, fault in enumerate(FAULTS)}
    for label, finding in scratch.findings.items():
        if len(finding.faults) > 1:
            ranked = sorted(finding.faults, key=lambda f: (f.id == "scaled", -count[f.id], order[f.id]))
            scratch.findings[label] = Finding(finding.kind, finding.paths, tuple(ranked), finding.shown, finding.why)


def judge_forward(scratch: Scratch) -> Finding:
    if not attempted(scratch):
        return Finding(MISSING)
    run = forward(scratch.found.net, scratch.found.x)
    hidden = list(zip(run.before[:-1], run.after[:-1], strict=True))
    seen = [among(scratch, after) or among(scratch, before) for before, after in hidden]
    output = among(scratch, run.before[-1]) or among(scratch, run.after[-1])
    if all(seen) and output:
        return Finding(RIGHT, frozenset.intersection(*(frozenset(paths) for paths in (output,))) | frozenset(seen[0]))
    weights = [
        scratch.findings[f"dW{layer}"].kind
        for layer in (1, 2, 3)
        if scratch.part(scratch.want, f"dW{layer}") is not None
    ]
    if all(kind == RIGHT for kind in weights):
        return Finding(RIGHT, scratch.findings["dW3"].paths)
    named = [f for label in GRADIENTS for f in scratch.findings[label].faults[:1] if f.id.startswith("forward-")]
    if named:
        return Finding(WRONG, faults=(named[0],))
    for fault in FAULTS:
        if fault.id.startswith("forward-") and (wrong := _faulty_forward(scratch, fault)):
            return Finding(WRONG, faults=(fault,), shown=wrong)
    return Finding(UNCLEAR, why="not all of its values could be found")


def _faulty_forward(scratch: Scratch, fault: Fault) -> Value | None:
    kind = _FORWARD.get(fault.id)
    if kind is None:
        return None
    right = forward(scratch.found.net, scratch.found.x)
    run = kind(scratch.found.net).run(scratch.found.x)
    if np.allclose(run.prediction, right.prediction, rtol=1e-4):
        return None
    if among(scratch, run.prediction) and (len(run.after) < 2 or among(scratch, run.after[-2])):
        hits = scratch.hits(run.prediction)
        return hits[0][0] if hits else None
    return None


def among(scratch: Scratch, array: Array) -> set[Path]:
    return {(value.scope, value.path) for value, _ in scratch.hits(array)}


def attempted(scratch: Scratch) -> bool:
    """Whether there is anything of the student's own that may be a gradient."""
    if any(scratch.findings[label].kind in (RIGHT, WRONG) for label in GRADIENTS if label in scratch.findings):
        return True
    return any(meaning(v.path) is not None and np.any(v.array) for v in scratch.candidates)
