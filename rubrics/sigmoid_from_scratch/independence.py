"""Whether right values are the student's own: findings with straight and with crooked automatic differentiation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reference_solutions.sigmoid_from_scratch import forward
from rubrics.sigmoid_from_scratch.derived import STEP
from rubrics.sigmoid_from_scratch.doubts import by_differences, typed_in
from rubrics.sigmoid_from_scratch.faults import BY_ID
from rubrics.sigmoid_from_scratch.findings import judge_scratch
from rubrics.sigmoid_from_scratch.marks import MISSING, RIGHT, UNCLEAR, WRONG
from rubrics.sigmoid_from_scratch.passes import Found, own_passes
from rubrics.sigmoid_from_scratch.questions import GRADIENTS
from rubrics.sigmoid_from_scratch.running import CROOKED
from rubrics.sigmoid_from_scratch.scratch import Finding, Scratch, among, count_right
from rubrics.sigmoid_from_scratch.trace import Trace

# Ways to a gradient that crooked automatic differentiation does not reach.
_UNFOLLOWED: Final = re.compile(
    r"\bjvp\b|jacfwd|forward_ad|linearize|_execution_engine|run_backward|grad_fn\s*\(|next_functions|reload|__closure__"
    r"|_recorder|GradientTape|\bjax\b|tensorflow|from autograd|import autograd|sympy|theano"
)
_OWN_RULES: Final = re.compile(r"\bFunction\s*\)\s*:(?:.|\n)*?\bdef\s+backward\s*\(\s*ctx\b")
_PRODUCT: Final = re.compile(r"outer|dot|matmul|einsum|\bmm\b|@|(?<!\*)\*(?!\*)")


def best(trace: Trace, found: Sequence[Found], source: str) -> Scratch | None:
    """The pass for which most gradients are right; beside a network of PyTorch's it may be one of other weights."""
    counted = _counted(trace, found, source)
    if any(one.framework for one in found) and max(count for count, _ in counted) < 1:
        counted += _counted(trace, own_passes(trace, found), source)
    if not counted:
        return None
    chosen = max(counted, key=lambda pair: pair[0])[1]
    judge_scratch(chosen)
    return chosen


def _counted(trace: Trace, found: Sequence[Found], source: str) -> list[tuple[float, Scratch]]:
    counted: list[tuple[float, Scratch]] = []
    for one in found:
        scratch = Scratch(trace, one, source)
        counted.append((count_right(scratch), scratch))
        if counted[-1][0] >= len(GRADIENTS):
            break
    return counted


def independent(straight: Scratch, crooked: Scratch | None, source: str) -> dict[str, Finding]:
    """The findings of the straight run; a right value counts only where automatic differentiation had no part in it."""
    settled = dict(straight.findings)
    doubt = bool(_UNFOLLOWED.search(source)) or by_differences(straight, source)
    written = typed_in(straight, source)
    for label, finding in straight.findings.items():
        if finding.kind != RIGHT or label == "forward":
            continue
        if doubt:
            settled[label] = Finding(
                UNCLEAR, finding.paths, (), finding.shown, "how it was computed could not be followed"
            )
        elif label in written:
            why = "its numbers stand in the code as they are"
            settled[label] = Finding(UNCLEAR, finding.paths, (), finding.shown, why)
        elif crooked is not straight:
            settled[label] = _settled(label, finding, crooked)
    copied = [label for label in GRADIENTS if settled[label].kind == WRONG and not _own_mistake(settled[label])]
    own_rules = bool(_OWN_RULES.search(source))
    if own_rules or any(_built(settled[label], source) for label in copied):
        for label in copied:
            why = (
                "automatic differentiation ran, with backward rules that the hand-in defines itself"
                if own_rules
                else "it is built on what automatic differentiation gave"
            )
            settled[label] = Finding(UNCLEAR, faults=settled[label].faults, shown=settled[label].shown, why=why)
    mine = [label for label in GRADIENTS if label not in written]
    if not any(settled[label].kind in (RIGHT, UNCLEAR) or _own_mistake(settled[label]) for label in mine):
        settled["forward"] = _forward_alone(straight, settled["forward"])
    return settled


def _built(finding: Finding, source: str) -> bool:
    """Whether a product stands in the line that gives a copied value its name: then it is more than a copy."""
    if finding.shown is None:
        return False
    name = re.escape(re.split(r"[.\[]", finding.shown.path.removeprefix("self."))[0])
    lines = re.findall(rf"(?<!\w){name}(?!\w)[^=\n]*(?<![=!<>])=(?!=)([^\n]*)", source)
    return any(_PRODUCT.search(line) and not re.search(r"grad|jacobian|vjp|hook", line) for line in lines)


def _own_mistake(finding: Finding) -> bool:
    return finding.kind == WRONG and not any(fault.id == "copied" for fault in finding.faults)


def _forward_alone(straight: Scratch, finding: Finding) -> Finding:
    """Without any gradient of their own, a forward pass counts where its steps stand there by themselves."""
    run = forward(straight.found.net, straight.found.x)
    steps = [among(straight, after) for after in run.after[:-1]]
    if finding.kind == RIGHT and all(steps) and all(among(straight, before) for before in run.before[:-1]):
        return finding
    return Finding(
        UNCLEAR if all(steps) else MISSING,
        why="only a forward pass stands there, and whether it is your own is not clear",
    )


def _settled(label: str, finding: Finding, crooked: Scratch | None) -> Finding:
    if crooked is None:
        return Finding(
            UNCLEAR, finding.paths, (), finding.shown, "it could not be made sure that it was computed from scratch"
        )
    again = crooked.findings[label]
    if again.kind == RIGHT and finding.paths & again.paths:
        return Finding(RIGHT, finding.paths & again.paths, (), finding.shown)
    base = crooked.part(crooked.want, label)
    assert base is not None
    bent = {(v.scope, v.path) for f in crooked.factors for v, _ in crooked.hits(CROOKED * f * base)}
    if finding.shown is not None and finding.shown.tag == STEP:
        moved = crooked.hits(CROOKED * base, crooked.steps)
        if finding.paths & {(value.scope, value.path) for value, _ in moved}:
            return Finding(MISSING)  # PyTorch's optimiser moved them
    if finding.paths & bent:
        return Finding(WRONG, faults=(BY_ID["copied"],), shown=finding.shown)
    return Finding(
        UNCLEAR, finding.paths, (), finding.shown, "it could not be made sure that it was computed from scratch"
    )
