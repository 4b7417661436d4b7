"""Which faults explain what the labels of one source have lost, taken together; an accepted other way is followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rubrics.two_layer_perceptron.faults import FAULTS, PARTS, Fault
from rubrics.two_layer_perceptron.verdict import (
    FOLLOWS,
    LABEL_IDS,
    NONE,
    OWN_NUMBERS,
    RIGHT,
    SLIP,
    WRONG,
    Verdict,
    agrees_with,
    expected,
    right,
)


def settled(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Rank each label's faults by how much of the whole they explain; follow an accepted other way through."""
    scores = {fault.id: _score(fault, verdicts) for fault in FAULTS}
    ranked = {label: _ranked(label, verdict, verdicts, scores) for label, verdict in verdicts.items()}
    best = max(scores.values(), default=0)
    leading = [fault for fault in FAULTS if scores[fault.id] == best and best > 0]
    if not (leading and leading[0].accepted and _followed(leading[0], verdicts)):
        return ranked
    fault = leading[0]
    note = "right for biases that are never updated, as on Mazur's page"
    for label, verdict in ranked.items():
        if label in fault.labels:
            if verdict.kind == NONE:
                ranked[label] = Verdict(SLIP, None, (fault,))
        elif fault in verdict.faults or (verdict.kind == NONE and label.split(".")[1][0] == "b"):
            ranked[label] = Verdict(FOLLOWS, verdict.known, (fault,), note, 1.0)
    return ranked


def _ranked(label: str, verdict: Verdict, verdicts: Mapping[str, Verdict], scores: Mapping[str, int]) -> Verdict:
    """A verdict with its faults in order, without those that what stands there up to then speaks against.

    What the leading fault gives where it is not charged is right for what it made of the numbers before.
    """
    if not verdict.faults:
        return verdict
    before = {name: one for name, one in verdicts.items() if _stage(name) <= _stage(label)}
    leading = max(FAULTS, key=lambda f: scores[f.id])
    value = expected(leading.outcomes, label)
    fits = label in leading.labels and verdict.known is not None and agrees_with(verdict.known, value)
    told = [*verdict.faults, leading] if fits and leading not in verdict.faults else verdict.faults
    left = [f for f in told if _against(f, before) <= len(_explained(f, verdicts))]
    faults = tuple(sorted(left, key=lambda f: -scores[f.id]))
    place = dict(zip((fault.id for fault in verdict.faults), verdict.hits, strict=False))
    known = place.get(faults[0].id, verdict.known) if faults else verdict.known
    if not faults:
        elsewhere = verdict.known is not None and any(
            agrees_with(verdict.known, right(other)) for other in LABEL_IDS if other.split(".")[1] in PARTS
        )
        return Verdict(NONE) if elsewhere else Verdict(WRONG, verdict.known, why="it is not right")
    if label not in faults[0].labels and any(name in faults[0].labels for name in _explained(faults[0], verdicts)):
        return Verdict(FOLLOWS, known, faults, OWN_NUMBERS, 1.0)
    return replace(verdict, faults=faults, known=known, hits=())


def _stage(label: str) -> int:
    """How far in the training a label belongs; what comes last says nothing of what comes before."""
    return {"update1": 1, "update2": 2}.get(label.partition(".")[0], 3 if not label.startswith("forward") else 0)


def _against(fault: Fault, verdicts: Mapping[str, Verdict]) -> int:
    """How many labels that a fault would cost hold something else than what it gives."""
    return sum(
        label in fault.labels
        and verdict.kind in (RIGHT, SLIP, WRONG)
        and fault not in verdict.faults
        and verdict.known is not None
        and not agrees_with(verdict.known, expected(fault.outcomes, label))
        for label, verdict in verdicts.items()
    )


def _explained(fault: Fault, verdicts: Mapping[str, Verdict]) -> list[str]:
    return [label for label, verdict in verdicts.items() if fault in verdict.faults]


def _followed(fault: Fault, verdicts: Mapping[str, Verdict]) -> bool:
    """Whether enough speaks for another way: two results that only it gives, or its first update as a whole."""
    results = [
        label
        for label, verdict in verdicts.items()
        if fault in verdict.faults and not label.split(".")[1].startswith("b")
    ]
    first = all(verdicts[f"update1.W{n}"].kind == RIGHT and fault in verdicts[f"update1.b{n}"].faults for n in (1, 2))
    return len(results) >= 2 or first


def _score(fault: Fault, verdicts: Mapping[str, Verdict]) -> int:
    """How many labels a fault explains, less those where it claims something else than what stands there."""
    explained = len(_explained(fault, verdicts))
    if not explained:
        return 0
    contradicted = 0
    for label, verdict in verdicts.items():
        if verdict.kind in (RIGHT, SLIP) and fault not in verdict.faults and verdict.known is not None:
            wrong = expected(fault.outcomes, label)
            contradicted += not agrees_with(verdict.known, wrong)
    return explained - contradicted
