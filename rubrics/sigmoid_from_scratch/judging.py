"""From one submission to its eight reports: run what runs, read what is written, and put both into words and points.

What ran counts; a report's text stands in for what has no run. Where neither decides, a human does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from grader.intake.archive import BadFile
from grader.intake.tables import SUFFIXES, read_tables
from grader.judges.code import status_of
from grader.material import Material
from grader.model import AnswerText, Example, LabelReport, Picture, Place, QuestionReport, Status
from grader.reaching import reaches
from rubrics.sigmoid_from_scratch.automatic import autograd
from rubrics.sigmoid_from_scratch.comparison import comparison
from rubrics.sigmoid_from_scratch.findings import beside
from rubrics.sigmoid_from_scratch.independence import best, independent
from rubrics.sigmoid_from_scratch.marks import MISSING, NOTHING, RIGHT, UNCLEAR, WRONG, Mark
from rubrics.sigmoid_from_scratch.names import meaning
from rubrics.sigmoid_from_scratch.passes import Found, passes
from rubrics.sigmoid_from_scratch.questions import GRADIENTS, LABEL_IDS, QUESTIONS, Asked
from rubrics.sigmoid_from_scratch.report import Report, judge_report
from rubrics.sigmoid_from_scratch.running import Ran, code_cells, own_files, run_code
from rubrics.sigmoid_from_scratch.scratch import Finding, Scratch
from rubrics.sigmoid_from_scratch.steps import data, loss, network, one_pass, rate, targets
from rubrics.sigmoid_from_scratch.trace import Stop, Trace, until

_FAULTY_PLACE = frozenset(
    {"FileNotFoundError", "PermissionError", "OSError", "EOFError", "ModuleNotFoundError", "ImportError", "TooLong"}
)
# h * (1 - h), however it is spelt
_CHAIN: Final = re.compile(r"\(\s*1(?:\.0?)?\s*-[^()\n]*\)|(?<![\w.])1(?:\.0?)?\s*-\s*\w+\b[^\n]*\*|-\s*\w+\s*\*\*\s*2")


@dataclass(frozen=True, eq=False)
class HandIn:
    """A submission as far as it was read and run. `elsewhere`: why something may stand where it cannot be read."""

    ran: Ran
    source: str
    report: Report
    answer: AnswerText
    elsewhere: str = ""
    place: Place | None = None
    signs: tuple[str, ...] = ()


def judge(material: Material) -> tuple[QuestionReport, ...]:
    """The reports of all eight steps."""
    hand_in = read_hand_in(material)
    marks = judge_marks(hand_in)
    return tuple(_question(asked, marks, hand_in) for asked in QUESTIONS)


def read_hand_in(material: Material) -> HandIn:
    """Read everything, run what can be run."""
    evidence = material.evidence
    main = evidence.files[0] if evidence.files and not evidence.unreadable else ""
    cells = code_cells(evidence)
    own = [cell for cell in cells if not cell.template and _does_something(cell.source)]
    ran = run_code(evidence, material.runner) if own else Ran()
    text, pictures, problems = _text(material, main)
    source = "\n".join([*(cell.source for cell in cells), *dict.fromkeys(own_files(evidence).values())])
    answer = AnswerText(
        text=text[:20_000],
        outputs=tuple(output for cell in evidence.cells if cell.file == main for output in cell.outputs)[:40],
        pictures=pictures[:20],
        places=tuple(Place(cell.file, cell.number) for cell in own[:1]),
        code=tuple(cell.source for cell in own)[:40],
    )
    place = Place(main or (material.submission.files[0].name if material.submission.files else ""))
    signs = tuple(
        f"reaches outside its task: {sign}"
        for sign in reaches([*(cell.source for cell in own), *own_files(evidence).values()])
    )
    return HandIn(ran, source, judge_report(text, not text.strip()), answer, "; ".join(problems), place, signs)


def _does_something(source: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in source.split("\n"))


def _text(material: Material, main: str) -> tuple[str, tuple[Picture, ...], list[str]]:
    """Everything in words, pictures for a human, and why something could not be read."""
    evidence, sheet = material.evidence, material.sheet
    said: list[str] = []
    pictures: list[Picture] = []
    problems: list[str] = []
    for cell in evidence.cells:
        if cell.file == main and cell.kind == "markdown":
            lines = cell.source.split("\n")
            own = [line for line in lines if " ".join(line.split()) not in sheet.lines or sheet.heading(line, False)]
            if not cell.template and any(line.strip() and not sheet.heading(line, False) for line in own):
                said.append("\n".join(own))
            pictures += [picture for picture in cell.pictures if not cell.template]
    for file in material.submission.files[:40]:
        suffix = PurePosixPath(file.name.lower()).suffix
        if (file.name == main and suffix in (".ipynb", ".py")) or suffix not in SUFFIXES or suffix == ".ipynb":
            continue
        try:
            content = file.read()
        except BadFile as error:
            problems.append(str(error))
            continue
        reading = read_tables(file.name, content)
        if suffix in (".md", ".txt", ".markdown", ".text", ".tex") and not reading.problem:
            said.append(content.decode("utf-8", "replace"))
        else:
            said.append(reading.text)
        pictures += reading.pictures
        if reading.pictures:
            problems.append(f"{file.name} is a picture, or holds one, that only a human can read")
        if reading.problem:
            problems.append(reading.problem.rstrip("."))
    if pictures and not problems:
        problems.append("the hand-in shows a picture that only a human can read")
    if material.submission.problem:
        problems.append(material.submission.problem.rstrip("."))
    elif not main and not any(part.strip() for part in said) and not problems and material.submission.files:
        problems.append((evidence.unreadable or "nothing could be read").rstrip("."))
    return "\n\n".join(part for part in said if part.strip()), tuple(pictures), list(dict.fromkeys(problems))


# --- marks ------------------------------------------------------------------------------------------------------------


def judge_marks(hand_in: HandIn) -> dict[str, Mark]:
    """Every label's mark, by label id ("Q7.dW1")."""
    marks = dict.fromkeys(LABEL_IDS, NOTHING)
    if hand_in.ran.straight is not None:
        marks |= by_run(hand_in.ran, hand_in.source)
    for label, written in hand_in.report.marks.items():
        if marks[label].kind != MISSING or written.kind == MISSING:
            continue
        if hand_in.ran.straight is None:
            marks[label] = written
        elif written.kind == RIGHT or (written.kind == UNCLEAR and hand_in.ran.straight.stops):
            marks[label] = Mark(UNCLEAR, why="nothing of it was found in the run, but the text speaks of it")
    return {label: _settled(label, mark, hand_in) for label, mark in marks.items()}


def by_run(ran: Ran, source: str) -> dict[str, Mark]:
    """The marks of a hand-in that ran."""
    assert ran.straight is not None
    whole = ran.straight
    trace = until(whole, whole.driven)
    found = passes(trace)
    driven = not found and whole.driven is not None
    everything = passes(whole) if driven else found
    scratch, findings = _scratch(ran, whole if driven else trace, everything, source)
    loss_mark = loss(whole, found)
    marks = {
        "Q1.net": network(trace, found, source),
        "Q2.data": data(trace, source),
        "Q3.labels": targets(trace, found),
        "Q4.loss": loss_mark,
        "Q5.pass": one_pass(found, loss_mark),
        "Q5.rate": rate(trace, source),
        "Q6.autograd": autograd(trace, found, source),
    }
    marks |= {f"Q7.{label}": _mark(finding, driven, beside(scratch, label)) for label, finding in findings.items()}
    faults = [fault.id for label in GRADIENTS for fault in findings[label].faults[:1]] if findings else []
    right = any(finding.kind == RIGHT for finding in findings.values())
    marks["Q8.comparison"] = comparison(
        ran, source, set(faults) - {"bias-missing"} == {"copied"} and not right, bool(faults) or right
    )
    waiting = [findings[label].kind for label in GRADIENTS] if findings else []
    if UNCLEAR in waiting and not {RIGHT, WRONG} & set(waiting) and marks["Q8.comparison"].kind == RIGHT:
        marks["Q8.comparison"] = Mark(UNCLEAR, why="what is compared waits for a human, too")
    if scratch is None and everything == [] and (_speaks_of_gradients(trace) or _CHAIN.search(source)):
        unknown = Mark(UNCLEAR, why="the net and the sample that these values belong to could not be found in the run")
        own = ("Q1.net", "Q5.pass", *(f"Q7.{label}" for label in ("forward", *GRADIENTS)))
        marks |= {label: unknown for label in own if marks.get(label, NOTHING).kind == MISSING}
    if set(waiting) == {MISSING} and _CHAIN.search(source):
        unseen = Mark(UNCLEAR, why="a sigmoid's derivative is written, but no gradient was found among the values")
        marks |= {f"Q7.{label}": unseen for label in GRADIENTS}
    return marks


def _scratch(
    ran: Ran, trace: Trace, found: Sequence[Found], source: str
) -> tuple[Scratch | None, Mapping[str, Finding]]:
    straight = best(trace, found, source)
    if straight is None:
        return None, {}
    if ran.crooked is ran.straight:
        return straight, independent(straight, straight, source)
    crooked = None
    if ran.crooked is not None:
        again = ran.crooked if trace is ran.straight else until(ran.crooked, ran.crooked.driven)
        crooked = best(again, passes(again), source)
    return straight, independent(straight, crooked, source)


def _speaks_of_gradients(trace: Trace) -> bool:
    return any(meaning(v.path) is not None and v.tag not in ("autograd", "module") for v in trace.values)


def _mark(finding: Finding, driven: bool, example: Example | None) -> Mark:
    shown = finding.shown
    flag = (
        "nothing in the hand-in calls this: its functions were run with made-up weights"
        if driven and finding.kind == RIGHT
        else ""
    )
    seen = ""
    if finding.kind == WRONG and shown is not None:
        value = np.squeeze(shown.array)
        text = " ".join(np.array2string(value, precision=4, threshold=6, edgeitems=2).split())
        seen = f"`{shown.path}` came to {text}."
        if not finding.faults:
            seen += " That is not the gradient of your loss for your weights and sample."
    return Mark(finding.kind, finding.faults, seen or finding.why, flag=flag, example=example)


def _settled(label: str, mark: Mark, hand_in: HandIn) -> Mark:
    """What was not found waits for a human wherever it may be there all the same."""
    ran = hand_in.ran
    if mark.kind != MISSING or (mark.faults and ran.straight is not None and not ran.straight.stops):
        return mark
    if ran.standin:
        return Mark(UNCLEAR, why="the code needs PyTorch, which is not installed where it was graded")
    if ran.failure is not None:
        return Mark(UNCLEAR, why=f"the code could not be run ({ran.failure.message.rstrip('.')})")
    if hand_in.elsewhere:
        return Mark(UNCLEAR, why=hand_in.elsewhere)
    stop = _blocking(ran.straight)
    if stop is not None and "_dynamo" in stop.message:
        return Mark(UNCLEAR, why="the code uses a part of PyTorch that is not there where it was graded")
    if stop is not None and (stop.type in _FAULTY_PLACE or any(output.strip() for output in hand_in.answer.outputs)):
        return Mark(UNCLEAR, why=f"the code stopped with {stop.type}: {stop.message}")
    return mark


def _blocking(trace: Trace | None) -> Stop | None:
    """What stopped the run: a library or file that is not there before all else, then the first error."""
    if trace is None or not trace.stops:
        return None
    first = trace.stops[0]
    names = [stop for stop in trace.stops if stop.type not in ("ModuleNotFoundError", "ImportError", "AssertionError")]
    outside = [stop for stop in trace.stops if stop.type in _FAULTY_PLACE]
    return (outside[0] if outside and names else names[0] if names else None) or (
        first if len(trace.moments) < 3 else None
    )


# --- words ------------------------------------------------------------------------------------------------------------


def _question(asked: Asked, marks: Mapping[str, Mark], hand_in: HandIn) -> QuestionReport:
    labels: list[LabelReport] = []
    said: set[str] = set()
    own = {label: marks[f"{asked.id}.{label}"] for label in asked.marks}
    for label, mark in own.items():
        labels.append(_label(asked, label, mark, hand_in, said))
        said |= {fault.id for fault in mark.faults[:1]}
    status = status_of(labels)
    flags = [mark.flag for mark in own.values() if mark.flag]
    if asked.id == "Q5":
        flags += hand_in.report.flags
    if asked.id == "Q7":
        flags += hand_in.signs
        if any(fault.id == "copied" for mark in own.values() for fault in mark.faults[:1]):
            flags.append("autograd's results stand where values computed from scratch are asked for")
    waits = any(label.pending for label in labels)
    return QuestionReport(
        id=asked.id,
        title=asked.title,
        possible=asked.points,
        bonus=False,
        status=status,
        labels=tuple(labels),
        place=hand_in.place if status is not Status.MISSING else None,
        notes=(),
        flags=tuple(dict.fromkeys(flags)),
        answer=hand_in.answer if waits and not hand_in.answer.empty else None,
    )


def _label(asked: Asked, label: str, mark: Mark, hand_in: HandIn, said: set[str]) -> LabelReport:
    points, name = asked.marks[label], asked.names[label]
    title = f"{name[:1].upper()}{name[1:]}"
    ids = tuple(f"sigmoid.{fault.id}" for fault in mark.faults[:3])
    if mark.kind == RIGHT:
        return LabelReport(label, Status.PASSED, points, points, notes=(mark.note,) if mark.note else ())
    if mark.kind == UNCLEAR:
        message = f"{title}: {mark.why.rstrip('.')}. A human looks at it; its points are not in the score yet."
        return LabelReport(label, Status.NEEDS_HUMAN, 0.0, points, pending=points, faults=ids, message=message)
    if mark.kind == WRONG:
        fault = mark.faults[0] if mark.faults else None
        seen = f"{mark.why} " if mark.why else ""
        if fault is not None and fault.id in said:
            return LabelReport(
                label,
                Status.FAILED,
                0.0,
                points,
                faults=ids,
                message=f"{title}: {seen}The same slip again.",
                example=mark.example,
            )
        words = fault.words if fault is not None else ""
        hint = fault.hint if fault is not None else _hint(asked.id)
        message = f"{title}: {seen}{words}".strip() if seen or not words else words
        return LabelReport(
            label, Status.FAILED, 0.0, points, faults=ids, message=message, hint=hint, example=mark.example
        )
    if mark.faults:
        fault = mark.faults[0]
        return LabelReport(
            label, Status.MISSING, 0.0, points, faults=ids, message=f"{title}: {fault.words}", hint=fault.hint
        )
    stop = _blocking(hand_in.ran.straight)
    if stop is not None and stop.type not in _FAULTY_PLACE:
        where = f"cell {stop.cell}, line {stop.line}"
        message = f"{title}: nothing was found; the code stopped with {stop.type}: {stop.message} ({where})."
        return LabelReport(
            label, Status.CRASHED, 0.0, points, message=message, hint="Restart and run all cells before handing in."
        )
    return LabelReport(label, Status.MISSING, 0.0, points, message=f"{title}: nothing was found. {_why(mark)}".strip())


def _why(mark: Mark) -> str:
    return f"{mark.why[:1].upper()}{mark.why[1:]}." if mark.why else ""


def _hint(question: str) -> str:
    if question == "Q7":
        return "Change one parameter a little and see how much the loss changes: that is what this gradient must say."
    return ""


__all__ = ["HandIn", "by_run", "judge", "judge_marks", "read_hand_in"]
