"""What became of each gradient: found under its name or by its value, a slip with a name, unclear or missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from grader.judges.numbers import side_by_side
from grader.model import Array, Example
from rubrics.sigmoid_from_scratch.derived import PART
from rubrics.sigmoid_from_scratch.faults import BY_ID, FAULTS, Fault
from rubrics.sigmoid_from_scratch.marks import MISSING, RIGHT, UNCLEAR, WRONG
from rubrics.sigmoid_from_scratch.names import is_gradient, layer_of, meaning, says_bias
from rubrics.sigmoid_from_scratch.own_forward import judge_forward
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.scratch import Finding, Scratch
from rubrics.sigmoid_from_scratch.trace import Value

_ERROR_LIKE: Final = re.compile(r"^(?:self\.)?(?:e|err|error|d|delta|t|s|g|residual|diff)_?\d?$", re.IGNORECASE)


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
    weak: list[tuple[Value, str]] = []
    if label[1] == "b":
        hits, weak = _as_biases(scratch, hits, bool(declared))
    steps = [] if hits or declared else scratch.steps
    hits += [hit for factor in scratch.factors for hit in scratch.hits(factor * base, steps)]
    if not hits and weak and not declared:
        return Finding(MISSING, faults=(BY_ID["bias-missing"],), shown=weak[0][0])
    paths = frozenset((value.scope, value.path) for value, _ in hits)
    if hits and declared and not paths & {(value.scope, value.path) for value in declared}:
        why = f"`{hits[-1][0].path}` is right, but `{declared[-1].path}` is something else"
        return Finding(UNCLEAR, paths, (), hits[-1][0], why)
    if hits:
        return Finding(RIGHT, paths, shown=hits[-1][0])
    slips = list(_slips(scratch, label, declared[::-1] or [*_unnamed(scratch, base), *steps]))
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


def beside(scratch: Scratch | None, label: str) -> Example | None:
    """The right gradient of the student's own loss beside a wrong one, laid out as the student's."""
    finding = scratch.findings.get(label) if scratch is not None and label in GRADIENTS else None
    if scratch is None or finding is None or finding.kind != WRONG or finding.shown is None:
        return None
    want, got = scratch.laid_out(label), np.squeeze(finding.shown.array)
    if want is None:
        return None
    want = np.squeeze(scratch.found.factor * want)
    if got.ndim == 2 and got.shape != want.shape and got.shape == want.T.shape:
        want = want.T
    digits = 4 - int(np.floor(np.log10(max(float(np.max(np.abs(want))), 1e-12))))
    return side_by_side(want, got, np.full(got.shape, digits))


def _without_biases(scratch: Scratch) -> None:
    """Gradients by weights, and none by the biases that the net has: that has a name."""
    if not any(scratch.findings[f"dW{layer}"].kind in (RIGHT, WRONG) for layer in (1, 2, 3)):
        return
    for label in ("db1", "db2", "db3"):
        if scratch.findings[label].kind != MISSING or scratch.part(scratch.want, label) is None:
            continue
        if not scratch.found.biased:
            scratch.findings[label] = Finding(UNCLEAR, why="the network has no biases; the sheet's has")
        else:
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
        and not any(scratch.same(value.array, held) for held in scratch.on_the_way)
    ]


def _as_biases(
    scratch: Scratch, hits: Sequence[tuple[Value, str]], declared: bool
) -> tuple[list[tuple[Value, str]], list[tuple[Value, str]]]:
    """Those hits that stand for a bias's gradient, and error terms that nothing uses as one."""
    strong, weak = [], []
    for value, how in hits:
        name = value.path.rpartition(".")[2]
        said = meaning(value.path)
        beside = "[" in value.path and (value.scope, value.path.partition("[")[0]) in scratch.lists
        if value.tag == PART or (beside and (said is None or not said.kind)):
            strong.append((value, how))
            continue
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
            if any(scratch.same(value.array, factor * part, value.slack) for factor in scratch.factors):
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
        hits = [v for v in (*scratch.candidates, *scratch.steps) if (v.scope, v.path) in finding.paths]
        if any(scratch.same(v.array, f * own, v.slack) == "straight" for v in hits for f in scratch.factors):
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
