"""What one source of a hand-in is worth, label by label: right, right for its own earlier numbers, a known slip, wrong.

A right value counts wherever it stands, as long as nothing under the same name contradicts it; only what is clearly
meant for a label, and is not right, loses it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_solutions.two_layer_perceptron import ASKED, SHOWN, START, TARGET, Parameters, Perceptron, X
from rubrics.two_layer_perceptron.compare import MOST_SHOWN, curve_shares, decades, long_enough
from rubrics.two_layer_perceptron.decision import NOT_SHOWN, decide
from rubrics.two_layer_perceptron.diagnosis import settled
from rubrics.two_layer_perceptron.faults import FAULTS, LABELS, PARTS, reference
from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.known import Known, close
from rubrics.two_layer_perceptron.meanings import STEP, Answers
from rubrics.two_layer_perceptron.verdict import (
    FINE,
    FOLLOWS,
    LABEL_IDS,
    NONE,
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
    source.verdicts["gradient.gradient"] = _gradient(source)
    ordered = {label: source.verdicts[label] for label in LABEL_IDS}
    return settled(ordered)


def _loss(answers: Answers) -> Verdict:
    pool = [*answers.losses, *answers.first_losses]
    first = [one for one in pool if one.kind == "loss" and one.figure.epoch in (None, 0)]
    label = "forward.loss"
    hits = [one for one in pool if agrees_with(one, right(label))]
    if not hits:
        return decide(label, first[:1], first[:1], lambda: None, lambda one: True, answers.strict)
    others = [one for one in first if one.figure.epoch is None and not _is_some_loss(one)]
    return decide(label, hits, [], lambda: None, lambda one: True, answers.strict, rival=others)


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
    verdict = decide(label, pool, named, in_turn, plain, answers.strict, _follows(source, question, part), rival)
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
    if _in_turn(answers, decades(want)[1:]):
        return Verdict(UNCLEAR, why="its numbers stand there one by one, without epochs that could be read")
    return Verdict(NONE)


def _in_turn(answers: Answers, want: Array) -> bool:
    """Whether single numbers are these, one after the other."""
    single = iter([one for one in answers.known if one.value.size == 1 and one.kind in ("loss", "")])
    return all(any(agrees_with(one, np.asarray(value)) for one in single) for value in want)


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
    return decide(label, pool, meant, lambda: None, lambda one: one in named, answers.strict, follows)


def _gradient(source: Source) -> Verdict:
    """The last gradient. Where no training is reached, what is called a gradient is that of another step."""
    answers, label = source.answers, "gradient.gradient"
    losses, *state = (source.verdicts[f"training.{name}"] for name in LABELS["training"])
    if losses.kind == NONE and any(verdict.kind == NONE for verdict in state):
        hits = [one for one in answers.gradients if agrees_with(one, right(label))]
        return decide(label, hits, [], lambda: None, lambda one: False, answers.strict)
    named = answers.named_gradients()
    late = _behind(answers, named, [verdict.known.figure for verdict in state if verdict.known is not None])
    meant = late or [one for one in named if one.figure.left] or named
    verdict = decide(label, answers.gradients, meant[-1:], lambda: None, lambda one: one in named, answers.strict)
    if verdict.kind in FINE or verdict.why == NOT_SHOWN:
        return verdict
    after = [one for one in answers.gradients if agrees_with(one, reference().afterwards)]
    if not after or (late and all(one.figure.left for one in after)):
        return verdict
    why = "taken at the final parameters; the sheet's is that of the last epoch"
    return Verdict(FOLLOWS, after[-1], why=why, share=1.0)


def _behind(answers: Answers, named: Sequence[Known], results: Sequence[Figure]) -> list[Known]:
    """The gradients shown behind the training; without a name, that of the hidden layer is told by its value."""
    ends = answers.counted or [one.at for one in results if not one.left] or [one.at for one in results]
    hidden = reference().hidden_gradient
    return [
        one
        for one in answers.gradients
        if (one in named or agrees_with(one, hidden))
        and not (one.figure.left or one.figure.epoch is not None)
        and ends
        and one.figure.at > max(ends)
    ]
