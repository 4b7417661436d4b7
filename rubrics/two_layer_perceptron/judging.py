"""From one submission to its six reports: which sources it has, which of them each label is judged by, and the words.

In order of trust: the notebook run in the confined worker, what was saved as output, text and tables; last, where the
hand-in asks for nothing itself, its class or functions driven by the sheet's numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.judges.code import status_of
from grader.judges.numbers import side_by_side
from grader.material import Material
from grader.model import AnswerText, Example, LabelReport, QuestionReport, Status, tidy
from rubrics.two_layer_perceptron.compare import same
from rubrics.two_layer_perceptron.faults import reference
from rubrics.two_layer_perceptron.hand_in import DRIVEN, ORDER, RUN, SAVED, TEXT, HandIn, read_hand_ins
from rubrics.two_layer_perceptron.questions import QUESTIONS, Asked
from rubrics.two_layer_perceptron.running import Ran
from rubrics.two_layer_perceptron.verdict import (
    DECIDED,
    FINE,
    FOLLOWS,
    LABEL_IDS,
    NONE,
    PARTLY,
    SLIP,
    UNCLEAR,
    WRONG,
    Verdict,
    expected,
)


@dataclass(frozen=True)
class Chosen:
    """The verdict that counts for a label, with the program and the source it comes from.

    `conflict`: run and saved outputs disagree.
    """

    verdict: Verdict
    hand_in: HandIn
    source: str = ""
    conflict: bool = False

    @property
    def said(self) -> str:
        """The source in words."""
        return f"{self.source} ({self.hand_in.file})" if self.hand_in.file else self.source


def judge(material: Material) -> tuple[QuestionReport, ...]:
    """The reports of all six questions."""
    chosen: dict[str, Chosen] = {}
    for hand_in in read_hand_ins(material):
        for label, one in choose(hand_in).items():
            if label not in chosen or _better(one, chosen[label]):
                chosen[label] = one
        if all(one.verdict.kind != NONE and one.source != DRIVEN for one in chosen.values()):
            break
    return tuple(_question(asked, chosen, material) for asked in QUESTIONS)


def _better(one: Chosen, before: Chosen) -> bool:
    """Whether a later program fills a gap: it has a value, or else a reason why there is none."""
    if one.verdict.kind != NONE:
        return before.verdict.kind == NONE or before.source == DRIVEN
    return before.verdict.kind == NONE and _stopped(one) and not _stopped(before)


def _stopped(one: Chosen) -> bool:
    return one.hand_in.ran.error is not None or one.hand_in.ran.failure is not None


# --- which source counts ----------------------------------------------------------------------------------------------


def choose(hand_in: HandIn) -> dict[str, Chosen]:
    """For every label the verdict of the most trusted source that has one."""
    chosen: dict[str, Chosen] = {}
    for label in LABEL_IDS:
        if label in hand_in.copied:
            known = hand_in.verdicts[RUN][label].known
            why = "the right numbers stand in the code itself, and nothing computes them"
            chosen[label] = Chosen(Verdict(UNCLEAR, known, why=why), hand_in, RUN)
            continue
        found = [(name, hand_in.verdicts[name][label]) for name in ORDER if name in hand_in.verdicts]
        decided = [(name, verdict) for name, verdict in found if verdict.kind in DECIDED]
        unclear = [(name, verdict) for name, verdict in found if verdict.kind == UNCLEAR]
        if decided:
            name, verdict = decided[0]
            chosen[label] = Chosen(verdict, hand_in, name)
            saved = next((other for source, other in decided[1:] if source == SAVED and name == RUN), None)
            if (
                saved is not None
                and (saved.kind in FINE) != (verdict.kind in FINE)
                and not _reproduced(saved, hand_in.ran)
            ):
                if saved.kind in FINE:
                    why = "the saved output is right, but running the notebook from top to bottom gives something else"
                    verdict = Verdict(UNCLEAR, verdict.known, why=why)
                chosen[label] = Chosen(verdict, hand_in, name, conflict=True)
        elif unclear:
            chosen[label] = Chosen(unclear[0][1], hand_in, unclear[0][0])
        else:
            chosen[label] = Chosen(Verdict(NONE), hand_in)
    return chosen


def _reproduced(saved: Verdict, ran: Ran) -> bool:
    """Whether the value that a saved output is judged by came out of the run as well (with more digits)."""
    if saved.known is None:
        return False
    figure = saved.known.figure
    return any(
        one.value.size == figure.value.size and same(figure.value, figure.decimals, one.value) for one in ran.figures
    )


# --- the words --------------------------------------------------------------------------------------------------------


def _question(asked: Asked, chosen: Mapping[str, Chosen], material: Material) -> QuestionReport:
    mine = {label: chosen[f"{asked.id}.{label}"] for label in asked.marks}
    labels = _said_once([_label(asked, label, one, material.runner.torch) for label, one in mine.items()])
    sources = dict.fromkeys(one.said for one in mine.values() if one.source)
    notes = [f"Judged by {_listed(list(sources))}."] if sources else []
    flags = []
    disagree = [label for label, one in mine.items() if one.conflict]
    if disagree:
        flags.append(f"saved outputs and the notebook's run disagree ({', '.join(disagree)})")
    if any(one.hand_in.typed and one.source == RUN for one in mine.values()):
        flags.append("the code prints numbers that it does not compute")
    copied = [label for label, one in mine.items() if f"{asked.id}.{label}" in one.hand_in.copied]
    if copied:
        flags.append(f"the right numbers stand in the code itself ({', '.join(copied)})")
    if asked is QUESTIONS[0] and any(one.source == DRIVEN for one in mine.values()):
        flags.append("nothing in the hand-in computes this: its class or functions were run with the sheet's numbers")
    weights = all(one.verdict.kind in FINE for label, one in mine.items() if label in ("W1", "W2"))
    accepted = next((f for one in mine.values() for f in one.verdict.faults[:1] if f.accepted and weights), None)
    if accepted is not None:
        notes.append("This follows Mazur's page, where the biases are never updated.")
        if asked.id == "update1":
            flags.append("follows Mazur's page, where the biases are not updated")
    status = status_of(labels)
    place = next((one.verdict.known.figure.place for one in mine.values() if one.verdict.known is not None), None)
    return QuestionReport(
        id=asked.id,
        title=asked.title,
        possible=asked.points,
        bonus=False,
        status=status,
        labels=labels,
        place=place if status is not Status.MISSING else None,
        notes=tuple(notes),
        flags=tuple(flags),
        answer=_answer(labels, mine) if status is Status.NEEDS_HUMAN else None,
    )


def _answer(labels: Sequence[LabelReport], mine: Mapping[str, Chosen]) -> AnswerText | None:
    """What a human gets to see for the first label that waits."""
    waiting = (mine[report.label].hand_in.answer for report in labels if report.status is Status.NEEDS_HUMAN)
    return next((answer for answer in waiting if not answer.empty), None)


def _label(asked: Asked, label: str, chosen: Chosen, torch: str) -> LabelReport:
    points, verdict = asked.marks[label], chosen.verdict
    name = asked.names[label][:1].upper() + asked.names[label][1:]
    if verdict.kind in FINE:
        notes = (f"{name}: {verdict.why}.",) if verdict.kind == FOLLOWS else ()
        return LabelReport(label, Status.PASSED, points, points, notes=notes)
    if verdict.kind == PARTLY:
        return LabelReport(
            label, Status.PARTIAL, tidy(points * verdict.share), points, message=f"{name}: {verdict.why}."
        )
    if verdict.kind == SLIP:
        fault = verdict.faults[0]
        seen = f"{name} came to {_shown(verdict)}. " if verdict.known is not None else f"{name}: "
        ids = tuple(fault.id for fault in verdict.faults[:3])
        return LabelReport(
            label,
            Status.FAILED,
            0.0,
            points,
            faults=ids,
            message=f"{seen}{fault.words}",
            hint=fault.hint,
            example=_beside(asked, label, verdict),
        )
    if verdict.kind == WRONG:
        what = (
            f"{name} came to {_shown(verdict)}, which is not right"
            if verdict.known is not None
            else f"{name}: {verdict.why}"
        )
        hint = "Check each step of the chain rule with a small change of one parameter: how much does the loss change?"
        message, example = f"{what} ({chosen.said}).", _beside(asked, label, verdict)
        return LabelReport(label, Status.FAILED, 0.0, points, message=message, hint=hint, example=example)
    if verdict.kind == UNCLEAR:
        return _waits(label, points, name, verdict.why)
    return _nothing(label, points, name, chosen.hand_in, torch)


def _beside(asked: Asked, label: str, verdict: Verdict) -> Example | None:
    """What was expected beside what came; the sheet's own numbers are the example to redo."""
    if verdict.known is None:
        return None
    want = np.squeeze(expected(reference(), f"{asked.id}.{label}"))
    return side_by_side(want, np.squeeze(verdict.known.value), np.squeeze(verdict.known.figure.decimals))


def _nothing(label: str, points: float, name: str, hand_in: HandIn, torch: str) -> LabelReport:
    """No value for this label: not there, not readable, or stopped on the way."""
    ran = hand_in.ran
    if hand_in.elsewhere:
        return _waits(label, points, name, hand_in.elsewhere.rstrip("."))
    if ran.wants_torch and torch != "torch" and not ran.figures:
        return _waits(label, points, name, "the notebook needs PyTorch, which is not installed where it was graded")
    if ran.wants_torch and torch != "torch":
        return _waits(label, points, name, "without PyTorch the notebook could be run only in part")
    if ran.failure is not None:
        return _waits(label, points, name, f"the notebook could not be run ({ran.failure.message.rstrip('.')})")
    if ran.error is not None:
        if (
            ran.error.missing_name in ran.missing
            or ran.error.missing_module
            or ran.error.type.endswith(("FileNotFoundError", "PermissionError", "OSError", "EOFError"))
        ):
            return _waits(
                label,
                points,
                name,
                f"the notebook needs something that is not there ({ran.error.type}: {ran.error.message})",
            )
        where = f" ({ran.error.piece}, line {ran.error.line}: `{ran.error.text}`)" if ran.error.piece else ""
        stopped = f"the notebook stopped with {ran.error.type}: {ran.error.message}{where}"
        message = f"No value of {_lower(name)} was found; {stopped}."
        return LabelReport(
            label, Status.CRASHED, 0.0, points, message=message, hint="Restart and run all cells before handing in."
        )
    if hand_in.leftover and not any(v.kind in DECIDED for v in hand_in.verdicts.get(TEXT, {}).values()):
        return _waits(
            label, points, name, "numbers stand in the text, but not in a form that could be matched with what is asked"
        )
    if hand_in.idle:
        why = "nothing uses the functions that the code defines, and how they are meant to be used could not be told"
        return _waits(label, points, name, why)
    if ran.inert:
        why = (
            f"the notebook shows its values by {_listed(sorted(ran.inert))}, which is not installed where it was graded"
        )
        return _waits(label, points, name, why)
    return LabelReport(label, Status.MISSING, 0.0, points, message=f"No value of {_lower(name)} was found.")


def _waits(label: str, points: float, name: str, why: str) -> LabelReport:
    message = f"{name}: {why}. A human looks at it; its points are not in the score yet."
    return LabelReport(label, Status.NEEDS_HUMAN, 0.0, points, pending=points, message=message)


def _said_once(labels: Sequence[LabelReport]) -> tuple[LabelReport, ...]:
    """The same slip is explained with its first label; the others refer to it."""
    seen: set[str] = set()
    said = []
    for report in labels:
        first = report.faults[0] if report.faults else ""
        if first and first in seen:
            report = replace(report, message=report.message.split(". ", 1)[0] + ": the same slip.", hint="")
        seen.add(first)
        said.append(report)
    return tuple(said)


def _shown(verdict: Verdict) -> str:
    if verdict.known is None:
        return "something else"
    value = np.round(np.squeeze(verdict.known.value), 6)
    return " ".join(np.array2string(value, separator=", ", precision=6).split())


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
