"""From one submission to its six reports: which sources it has, which of them each label is judged by, and the words.

In order of trust: the notebook run in the confined worker, what was saved as output, text and tables; last, where the
hand-in asks for nothing itself, its class or functions driven by the sheet's numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from grader.intake.archive import BadFile
from grader.intake.evidence import Cell
from grader.intake.tables import SUFFIXES, read_tables
from grader.judges.code import status_of
from grader.material import Material
from grader.model import AnswerText, LabelReport, Picture, Place, QuestionReport, Status, tidy
from rubrics.two_layer_perceptron.figures import Figure, figures, figures_of
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.questions import QUESTIONS, Asked
from rubrics.two_layer_perceptron.running import Ran, run_notebook
from rubrics.two_layer_perceptron.verdicts import (
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
    judge_source,
)

RUN, SAVED, TEXT, DRIVEN = "the notebook's run", "saved outputs", "the text and tables", "the class or functions, run"
ORDER: Final = (RUN, SAVED, TEXT, DRIVEN)
_COMPUTES: Final = re.compile(r"sigmoid|exp\b|exp\(|expit|tanh|torch|backward", re.IGNORECASE)
_WRITTEN_ELSEWHERE: Final = re.compile(
    r"!\[[^\]\n]{0,200}\]\((?!https?:)|<img\b|\b(?:see|attached)\b.{0,30}\b(?:photo|scan|picture|image|pdf)", re.IGNORECASE
)


@dataclass(frozen=True)
class HandIn:
    """A submission by its sources; `elsewhere` says why something may stand where it cannot be read."""

    verdicts: Mapping[str, Mapping[str, Verdict]]  # source -> label -> verdict
    ran: Ran
    answer: AnswerText
    elsewhere: str = ""
    typed: bool = False  # the code computes nothing: it prints numbers
    leftover: bool = False  # numbers in text that nothing could be made of
    place: Place | None = None


@dataclass(frozen=True)
class Chosen:
    """The verdict that counts for a label, and the source it comes from."""

    verdict: Verdict
    source: str = ""


def judge(material: Material) -> tuple[QuestionReport, ...]:
    """The reports of all six questions."""
    hand_in = read_hand_in(material)
    chosen, conflicts = choose(hand_in)
    return tuple(_question(asked, hand_in, chosen, conflicts, material) for asked in QUESTIONS)


def read_hand_in(material: Material) -> HandIn:
    """Read everything, run what can be run."""
    evidence, sheet = material.evidence, material.sheet
    main = evidence.files[0] if evidence.files and not evidence.unreadable else ""
    cells = [cell for cell in evidence.cells if cell.file == main]
    own = [cell for cell in cells if not cell.template]
    code = [cell for cell in own if cell.kind == "code" and cell.source.strip()]
    ran = run_notebook(evidence, material.runner) if code else Ran()
    typed = bool(code) and not any(_COMPUTES.search(cell.source) for cell in cells if cell.kind == "code")
    saved = _saved(cells)
    text, problem, pictures = _text(material, cells, main)
    verdicts = {}
    for name, found, strict in ((RUN, ran.figures, typed), (SAVED, saved, False), (TEXT, text, True)):
        answers = Answers(found, strict=strict)
        if not answers.empty:
            verdicts[name] = judge_source(answers)
    decided = any(verdict.kind in DECIDED for labels in verdicts.values() for verdict in labels.values())
    if not decided and not ran.error and ran.driven and not typed:
        verdicts[DRIVEN] = judge_source(Answers(ran.driven, strict=False))
    leftover = any(figure.value.size and float(np.min(figure.decimals)) >= 3 for figure in text)
    answer = AnswerText(
        text="\n\n".join(cell.source for cell in own if cell.kind == "markdown" and sheet.heading(cell.source, False) is None)[:20_000],
        outputs=tuple(output for cell in cells for output in cell.outputs)[:40],
        pictures=pictures,
        places=tuple(Place(cell.file, cell.number) for cell in own[:1]),
    )
    place = Place(main or (material.submission.files[0].name if material.submission.files else ""))
    return HandIn(verdicts, ran, answer, problem, typed, leftover, place)


def _saved(cells: Sequence[Cell]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    above: tuple[str, ...] = ()
    for cell in cells:
        if cell.kind != "code":
            lines = [line.strip("# ").strip()[:120] for line in cell.source.split("\n") if line.strip()]
            above = tuple(reversed(lines))[:3] or above
            continue
        for output in cell.outputs:
            found += _shifted(figures(output, Place(cell.file, cell.number), above), len(found))
    return tuple(found)


def _shifted(found: Sequence[Figure], by: int) -> list[Figure]:
    """The figures numbered on, with a gap: what stands in different cells does not stand side by side."""
    return [replace(figure, at=figure.at + by + 10) for figure in found]


def _text(material: Material, cells: Sequence[Cell], main: str) -> tuple[tuple[Figure, ...], str, tuple[Picture, ...]]:
    """The figures of prose and tables; why something may stand where it cannot be read; pictures for a human."""
    found: list[Figure] = []
    problems: list[str] = []
    pictures: list[Picture] = []
    prose = [cell for cell in cells if cell.kind == "markdown" and not cell.template]
    if prose:
        whole = "\n\n".join(cell.source if cell in prose else _titles(cell.source) for cell in cells if cell.kind == "markdown")
        reading = read_tables("cells.md", whole.encode())
        found += _shifted(figures_of(reading), len(found))
        pictures += [picture for cell in prose for picture in cell.pictures]
        if pictures or _WRITTEN_ELSEWHERE.search(whole):
            problems.append("the notebook shows a picture that only a human can read")
    for file in material.submission.files[:40]:
        suffix = PurePosixPath(file.name.lower()).suffix
        if file.name == main or suffix not in SUFFIXES or suffix == ".ipynb":
            continue
        try:
            reading = read_tables(file.name, file.read())
        except BadFile as error:
            problems.append(str(error))
            continue
        found += _shifted(figures_of(reading), len(found))
        pictures += reading.pictures
        if reading.pictures:
            problems.append(f"{file.name} is a picture, or holds one, that only a human can read")
        if reading.problem:
            problems.append(reading.problem)
    if material.submission.problem:
        problems.append(material.submission.problem)
    elif not main and not found and not problems:
        names = ", ".join(file.name for file in material.submission.files[:5])
        if names:
            problems.append(material.evidence.unreadable or f"nothing could be read in {names}")
    return tuple(found), "; ".join(dict.fromkeys(problems)), tuple(pictures[:20])


def _titles(source: str) -> str:
    """The headings of a cell that is the sheet's own; its numbers are no answer."""
    return "\n\n".join(line for line in source.split("\n") if line.startswith("#"))


# --- which source counts ----------------------------------------------------------------------------------------------


def choose(hand_in: HandIn) -> tuple[dict[str, Chosen], dict[str, str]]:
    """For every label the verdict of the most trusted source that has one; and where run and saved outputs disagree."""
    chosen: dict[str, Chosen] = {}
    conflicts: dict[str, str] = {}
    for label in LABEL_IDS:
        found = [(name, hand_in.verdicts[name][label]) for name in ORDER if name in hand_in.verdicts]
        decided = [(name, verdict) for name, verdict in found if verdict.kind in DECIDED]
        unclear = [(name, verdict) for name, verdict in found if verdict.kind == UNCLEAR]
        if decided:
            name, verdict = decided[0]
            chosen[label] = Chosen(verdict, name)
            saved = next((other for source, other in decided[1:] if source == SAVED and name == RUN), None)
            if saved is not None and (saved.kind in FINE) != (verdict.kind in FINE):
                conflicts[label] = "right" if saved.kind in FINE else "wrong"
                if saved.kind in FINE:
                    why = "the saved output is right, but running the notebook from top to bottom gives something else"
                    chosen[label] = Chosen(Verdict(UNCLEAR, verdict.known, why=why), name)
        elif unclear:
            chosen[label] = Chosen(unclear[0][1], unclear[0][0])
        else:
            chosen[label] = Chosen(Verdict(NONE))
    return chosen, conflicts


# --- the words --------------------------------------------------------------------------------------------------------


def _question(
    asked: Asked, hand_in: HandIn, chosen: Mapping[str, Chosen], conflicts: Mapping[str, str], material: Material
) -> QuestionReport:
    ids = {label: f"{asked.id}.{label}" for label in asked.marks}
    labels = tuple(_label(asked, label, chosen[full], hand_in, material.runner.torch) for label, full in ids.items())
    labels = _said_once(labels)
    sources = dict.fromkeys(chosen[full].source for full in ids.values() if chosen[full].source)
    notes = [f"Judged by {_listed(list(sources))}."] if sources else []
    flags = []
    disagree = [label for label, full in ids.items() if full in conflicts]
    if disagree:
        flags.append(f"saved outputs and the notebook's run disagree ({', '.join(disagree)})")
    if hand_in.typed and RUN in sources:
        flags.append("the code prints numbers that it does not compute")
    if DRIVEN in sources and asked is QUESTIONS[0]:
        flags.append("nothing in the hand-in computes this: its class or functions were run with the sheet's numbers")
    accepted = next((f for full in ids.values() for f in chosen[full].verdict.faults[:1] if f.accepted), None)
    if accepted is not None:
        notes.append("This follows Mazur's page, where the biases are never updated.")
        if asked.id == "update1":
            flags.append("follows Mazur's page, where the biases are not updated")
    status = status_of(labels)
    place = next((c.verdict.known.figure.place for full in ids.values() if (c := chosen[full]).verdict.known is not None), None)
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
        answer=hand_in.answer if status is Status.NEEDS_HUMAN and not hand_in.answer.empty else None,
    )


def _label(asked: Asked, label: str, chosen: Chosen, hand_in: HandIn, torch: str) -> LabelReport:
    points, verdict = asked.marks[label], chosen.verdict
    name = asked.names[label]
    if verdict.kind in FINE:
        notes = (f"{name}: {verdict.why}.",) if verdict.kind == FOLLOWS else ()
        return LabelReport(label, Status.PASSED, points, points, notes=notes)
    if verdict.kind == PARTLY:
        return LabelReport(label, Status.PARTIAL, tidy(points * verdict.share), points, message=f"{name}: {verdict.why}.")
    if verdict.kind == SLIP:
        fault = verdict.faults[0]
        seen = f"{name} came to {_shown(verdict)}. " if verdict.known is not None else f"{name}: "
        ids = tuple(fault.id for fault in verdict.faults[:3])
        return LabelReport(label, Status.FAILED, 0.0, points, faults=ids, message=f"{seen}{fault.words}", hint=fault.hint)
    if verdict.kind == WRONG:
        what = f"{name} came to {_shown(verdict)}, which is not right" if verdict.known is not None else f"{name}: {verdict.why}"
        hint = "Check each step of the chain rule with a small change of one parameter: how much does the loss change?"
        return LabelReport(label, Status.FAILED, 0.0, points, message=f"{what} ({chosen.source}).", hint=hint)
    if verdict.kind == UNCLEAR:
        return _waits(label, points, name, verdict.why)
    return _nothing(label, points, name, hand_in, torch)


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
        if ran.error.missing_name in ran.missing or ran.error.missing_module or ran.error.type.endswith(("FileNotFoundError", "PermissionError", "OSError", "EOFError")):
            return _waits(label, points, name, f"the notebook needs something that is not there ({ran.error.type}: {ran.error.message})")
        where = f" ({ran.error.piece}, line {ran.error.line}: `{ran.error.text}`)" if ran.error.piece else ""
        message = f"No value of {name} was found; the notebook stopped with {ran.error.type}: {ran.error.message}{where}."
        return LabelReport(label, Status.CRASHED, 0.0, points, message=message, hint="Restart and run all cells before handing in.")
    if hand_in.leftover and not any(v.kind in DECIDED for v in hand_in.verdicts.get(TEXT, {}).values()):
        return _waits(label, points, name, "numbers stand in the text, but not in a form that could be matched with what is asked")
    return LabelReport(label, Status.MISSING, 0.0, points, message=f"No value of {name} was found.")


def _waits(label: str, points: float, name: str, why: str) -> LabelReport:
    message = f"{name[:1].upper()}{name[1:]} waits for a human: {why}. Its points are not in the score yet."
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


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


__all__ = ["SLIP", "HandIn", "choose", "judge", "read_hand_in"]
