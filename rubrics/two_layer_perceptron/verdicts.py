"""What one source of a hand-in is worth, label by label: right, right for its own earlier numbers, a known slip, wrong.

A right value counts wherever it stands, as long as nothing under the same name contradicts it; only what is clearly
meant for a label, and is not right, loses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import ASKED, SHOWN, START, TARGET, Parameters, Perceptron, X
from rubrics.two_layer_perceptron.compare import MOST_SHOWN, curve_shares, long_enough
from rubrics.two_layer_perceptron.diagnosis import settled
from rubrics.two_layer_perceptron.faults import FAULTS, PARTS, Fault, reference
from rubrics.two_layer_perceptron.meanings import STEP, Answers, Known, close
from rubrics.two_layer_perceptron.verdict import (
    FINE,
    FOLLOWS,
    LABEL_IDS,
    NONE,
    OWN_NUMBERS,
    PARTLY,
    PLACED,
    RIGHT,
    SLIP,
    UNCLEAR,
    WRONG,
    Verdict,
    agrees_with,
    expected,
    right,
)

Array = NDArray[Any]

MOST_ENTRIES: Final = 20  # of an array that may hold all parameters in a row
TOO_FEW_DIGITS: Final = "it is written with too few digits to tell; three at least are needed"
_NET: Final = Perceptron()


@dataclass
class Source:
    """The judging of one source; `verdicts` by label id ("update1.b1")."""

    answers: Answers
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def judge_source(answers: Answers) -> dict[str, Verdict]:
    """Every label's verdict from one source alone."""
    source = Source(answers)
    source.verdicts["forward.loss"] = _loss(answers)
    for question in STEP:
        for part in PARTS:
            source.verdicts[f"{question}.{part}"] = _parameter(source, question, part)
    source.verdicts["training.losses"] = _losses(answers)
    source.verdicts["prediction.prediction"] = _prediction(source)
    source.verdicts["gradient.gradient"] = _gradient(answers)
    ordered = {label: source.verdicts[label] for label in LABEL_IDS}
    return settled(ordered)


def _slips(label: str, pool: Sequence[Known], plain: Callable[[Known], bool]) -> Iterator[tuple[Fault, Known]]:
    """The faults whose value stands in `pool`. A value that stands there anyway counts only where `plain` says so."""
    for fault, wrong, apart in _wrong_values(label):
        hits = [one for one in pool if agrees_with(one, wrong) and (_tells(one, apart) or plain(one))]
        if hits:
            yield fault, hits[-1]


@cache
def _wrong_values(label: str) -> tuple[tuple[Fault, Array, float], ...]:
    """What every fault makes of a label, where that is wrong, and how far it is from what a right hand-in holds."""
    wanted = right(label)
    anyway = [np.zeros(()), *(np.asarray(getattr(START, part)) for part in PARTS)]
    anyway += [right(other) for other in LABEL_IDS if other != "training.losses"]
    found = []
    for fault in FAULTS:
        wrong = expected(fault.outcomes, label)
        if wrong.shape != wanted.shape or not np.allclose(wrong, wanted, rtol=1e-5, atol=1e-7):
            alike = [value for value in anyway if value.shape == wrong.shape]
            found.append((fault, wrong, min((float(np.max(np.abs(value - wrong))) for value in alike), default=1.0)))
    return tuple(found)


def _tells(one: Known, apart: float) -> bool:
    """Whether a figure has the digits to tell a wrong value from one that is so far `apart`."""
    digits = min(6.0, float(np.min(one.figure.decimals)))
    return bool(apart > 0.6 * 10.0**-digits + 1e-6)


def _decide(
    label: str,
    pool: Sequence[Known],
    named: Sequence[Known],
    in_turn: Callable[[], Known | None],
    plain: Callable[[Known], bool],
    strict: bool,
    follows: Callable[[Known], bool] | None = None,
    rival: Sequence[Known] = (),
) -> Verdict:
    want = right(label)
    hits = [one for one in pool if agrees_with(one, want)]
    if hits:
        rivals = (
            [one for one in named if not agrees_with(one, want)] + [one for one in rival if not agrees_with(one, want)]
            if strict
            else []
        )
        if rivals:
            return Verdict(UNCLEAR, rivals[-1], why="different values stand under this name")
        best = max(hits, key=lambda one: int(np.min(one.figure.decimals)))
        return Verdict(RIGHT, best, share=1.0)
    if follows is not None:
        own = [one for one in pool if follows(one)]
        if own:
            return Verdict(FOLLOWS, own[-1], why=OWN_NUMBERS, share=1.0)
    if named and _coarse(named[-1], want):
        return Verdict(UNCLEAR, named[-1], why=TOO_FEW_DIGITS)
    slips = list(_slips(label, pool, plain))
    if slips:
        found = tuple(known for _, known in slips)
        return Verdict(SLIP, found[-1], tuple(fault for fault, _ in slips), hits=found)
    meant = named[-1] if named else in_turn()
    if meant is not None:
        if _coarse(meant, want):
            return Verdict(UNCLEAR, meant, why=TOO_FEW_DIGITS)
        return Verdict(WRONG, meant)
    return Verdict(NONE)


def _coarse(one: Known, want: Array) -> bool:
    """Whether a value is right as far as its few digits go."""
    got, digits = np.ravel(one.value), np.ravel(one.figure.decimals)
    for exact in (np.asarray(want), np.asarray(want).T):
        flat = np.ravel(exact)
        if flat.size == got.size and all(
            abs(g - e) <= 0.5 * 10.0**-d + 1e-9 for g, d, e in zip(got, digits, flat, strict=True)
        ):
            return True
    return False


def _loss(answers: Answers) -> Verdict:
    pool = [*answers.losses, *answers.first_losses]
    first = [one for one in pool if one.kind == "loss" and one.figure.epoch in (None, 0)]
    label = "forward.loss"
    hits = [one for one in pool if agrees_with(one, right(label))]
    if not hits:
        return _decide(label, first[:1], first[:1], lambda: None, lambda one: True, answers.strict)
    others = [one for one in first if one.figure.epoch is None and not _is_some_loss(one)]
    return _decide(label, hits, [], lambda: None, lambda one: True, answers.strict, rival=others)


def _is_some_loss(one: Known) -> bool:
    """Whether a number is a loss that a right hand-in may state too: of another epoch, or of one output alone."""
    found = reference()
    squares = (found.outputs[0] - TARGET) ** 2
    return any(agrees_with(one, np.asarray(value)) for value in (*found.losses, *squares, *(squares / 2)))


def _parameter(source: Source, question: str, part: str) -> Verdict:
    answers, label = source.answers, f"{question}.{part}"
    pool, named = answers.parts(question, part), answers.named(question, part)
    weight = source.verdicts.get(f"{question}.W{part[1]}") if part[0] == "b" else None

    def plain(one: Known) -> bool:
        """Whether a value that stands in the hand-in anyway (the start, another step) is meant for this label."""
        said = one.said
        if one.layer in (None, int(part[1])) and said == STEP[question] and not one.figure.left:
            return True
        return (
            weight is not None
            and weight.known is not None
            and weight.kind in PLACED
            and _beside(weight.known, one, part)
        )

    def in_turn() -> Known | None:
        others = [getattr(START, p) for p in PARTS]
        others += [right(f"{q}.{p}") for q in STEP for p in PARTS]
        others += [
            v.known.value
            for k, v in source.verdicts.items()
            if v.known is not None and v.kind in (RIGHT, FOLLOWS, SLIP)
        ]
        return answers.in_turn(question, part, others)

    stages = [np.asarray(getattr(START, part)), *(right(f"{q}.{part}") for q in STEP)]
    rival = [one for one in pool if one.layer == int(part[1]) and not any(agrees_with(one, value) for value in stages)]
    verdict = _decide(label, pool, named, in_turn, plain, answers.strict, _follows(source, question, part), rival)
    unnamed = weight is None or weight.kind == UNCLEAR
    if verdict.kind == NONE and unnamed and _entry_by_entry(answers, right(label)):
        return Verdict(UNCLEAR, why="its numbers stand there one by one, without a name that tells them")
    return verdict


def _beside(weight: Known, bias: Known, part: str) -> bool:
    if weight.figure.place != bias.figure.place or weight.figure.left != bias.figure.left:
        return False
    gap = bias.figure.at - weight.figure.at
    return bias.layer == int(part[1]) and abs(gap) < 60 if bias.figure.left or bias.layer else 0 < gap <= 2


def _entry_by_entry(answers: Answers, want: Array) -> bool:
    single = [
        replace(one, figure=replace(one.figure, value=np.array(value), decimals=np.array(decimals)))
        for one in answers.known
        if one.kind not in ("loss", "number") and one.value.size <= MOST_ENTRIES
        for value, decimals in zip(one.value.ravel(), one.figure.decimals.ravel(), strict=True)
    ]
    return all(any(agrees_with(one, np.asarray(entry)) for one in single) for entry in np.ravel(want))


def _follows(source: Source, question: str, part: str) -> Callable[[Known], bool] | None:
    """For the second update: whether a value is right for the student's own, partly wrong, first one."""
    if question != "update2":
        return None
    before = [source.verdicts[f"update1.{p}"] for p in PARTS]
    own = _own(source, "update1")
    if own is None or all(verdict.kind in (RIGHT, NONE, UNCLEAR) for verdict in before):
        return None
    if any(close(getattr(own, p), getattr(START, p)) for p in ("W1", "W2")):
        return None
    after = _NET.update(own, _NET.gradients(own, X, TARGET))
    want = np.asarray(getattr(after, part))
    figures = [
        v.known.figure
        for v, p in zip(before, PARTS, strict=True)
        if v.known and np.any(v.known.value != getattr(START, p))
    ]
    slack = max((0.6 * 10.0 ** -float(np.min(figure.decimals)) for figure in figures), default=0.0)
    repeated = getattr(own, part)
    if slack > 1e-3 or (want.shape == repeated.shape and np.max(np.abs(want - repeated)) <= 2 * slack):
        return None
    return lambda one: agrees_with(one, want, min(slack, 1e-4)) and not close(one.value, repeated)


def _own(source: Source, question: str) -> Parameters | None:
    """The student's own parameters after a step, weights as (outputs, inputs); None where one is not there.

    Whether they are kept the other way round is told by W1 after the first update, which has hardly moved.
    """
    known = [source.verdicts[f"{question}.{part}"].known for part in PARTS]
    first = source.verdicts["update1.W1"].known
    begun = START.W1 if first is None else first.value.reshape(2, 2)
    turned = np.sum((begun.T - START.W1) ** 2) < np.sum((begun - START.W1) ** 2)
    values = []
    for part, one in zip(PARTS, known, strict=True):
        if one is None:
            return None
        if part[0] == "W":
            values.append(one.value.reshape(2, 2).T if turned else one.value.reshape(2, 2))
        else:
            flat = np.ravel(one.value)
            values.append(np.asarray(flat[0]) if flat.size == 1 or flat[0] == flat[1] else flat)
    return Parameters(*values)


def _losses(answers: Answers) -> Verdict:
    label = "training.losses"
    curves = [curve for curve in answers.curves if long_enough(curve)]
    want = right(label)
    # "loss after step 2" may have come in among the epochs: where the sheet's own ones are there, they alone count
    asked = range(0, len(want) - 1, SHOWN)
    tenths = [{epoch: loss for epoch, loss in curve.items() if epoch in asked} for curve in curves]
    curves += [tenth for tenth in tenths if len(tenth) >= MOST_SHOWN]
    shares = [curve_shares(curve, want) for curve in curves]
    if any(share == 1.0 for share in shares):
        return Verdict(RIGHT, share=1.0)
    slips = []
    for fault in FAULTS:
        wrong = expected(fault.outcomes, label)
        if not np.allclose(wrong, want, rtol=1e-4) and any(curve_shares(curve, wrong) == 1.0 for curve in curves):
            slips.append(fault)
    if slips:
        return Verdict(SLIP, faults=tuple(slips))
    if shares:
        best = max(shares)
        if best >= 0.5:
            return Verdict(PARTLY, why=f"{best:.0%} of the losses are right", share=round(best, 2))
        return Verdict(WRONG, why="the losses by epoch are not those of the sheet's training")
    if any(curve_shares(curve, want) == 1.0 for curve in answers.curves if len(curve) > 1):
        return Verdict(UNCLEAR, why="only a part of the loss curve is there")
    return Verdict(NONE)


def _prediction(source: Source) -> Verdict:
    answers, label = source.answers, "prediction.prediction"
    named = answers.predictions()

    def follows(one: Known) -> bool:
        finals = [source.verdicts[f"training.{part}"].kind for part in PARTS]
        own = _own(source, "training")
        if one not in named or own is None or all(kind == RIGHT for kind in finals):
            return False
        return agrees_with(one, _NET.forward(own, ASKED)[1], 3e-4)

    pool = [one for one in answers.pairs if one.kind != "given" or one in named]
    given = [X, ASKED, TARGET]
    meant = [one for one in named if not any(close(one.value, value) for value in given)]
    return _decide(label, pool, meant, lambda: None, lambda one: one in named, answers.strict, follows)


def _gradient(answers: Answers) -> Verdict:
    label = "gradient.gradient"
    named = answers.named_gradients()
    late = [one for one in named if not one.figure.left]
    verdict = _decide(
        label, answers.gradients, (late or named)[-1:], lambda: None, lambda one: one in named, answers.strict
    )
    if verdict.kind not in FINE:
        after = [one for one in answers.gradients if agrees_with(one, reference().afterwards)]
        if after:
            return Verdict(
                FOLLOWS,
                after[-1],
                why="taken at the final parameters; the sheet's is that of the last epoch",
                share=1.0,
            )
    return verdict
