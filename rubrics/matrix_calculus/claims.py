"""What the rubric promises, each to be tried: reference and variants lose nothing, faults lose only their own entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from grader.formula import Judge
from grader.model import Status
from grader.rubric import Claim, Row
from reference_solutions import matrix_calculus as reference
from rubrics.matrix_calculus.faults import FAULTS, WrongAnswer
from rubrics.matrix_calculus.marks import MARKS, PREFIX
from rubrics.matrix_calculus.net import judge_of
from rubrics.matrix_calculus.sections import read_text

SEED: Final = 0


def claims() -> Iterator[Claim]:
    """Every promise, by question."""
    for name, formula in reference.BACKWARD:
        yield Claim(f"1.2.3 reference {name}", partial(_reference, name, formula))
    for fault in FAULTS:
        yield Claim(f"{fault.question} {fault.name}", partial(_fault, fault))
    for path in sorted((Path(__file__).parent / "variants").glob("*.md")):
        yield Claim(f"variant {path.stem}", partial(_variant, path.stem, path.read_text(encoding="utf-8")))


def _reference(name: str, formula: str) -> Row:
    judge: Judge = judge_of(name, (), (), SEED)
    verdict = judge.judge(formula)
    said = "" if verdict.status == "right" else verdict.message
    return Row("1.2.3", "reference", name, "here", (), () if not said else (name,), (), said)


def lost_in(text: str, seed: int = SEED) -> dict[tuple[str, str], tuple[str, ...]]:
    """(question, label) with its faults, for every entry of a hand-in that is not passed."""
    from rubrics.matrix_calculus import judge_hand_in

    return {
        (question.id, label.label): label.faults
        for question in judge_hand_in(read_text(text), seed)
        for label in question.labels
        if label.status is not Status.PASSED
    }


def _fault(fault: WrongAnswer) -> Row:
    lost = lost_in(fault.hand_in())
    named = tuple(dict.fromkeys(id for ids in lost.values() for id in ids))
    declared = {(fault.question, label) for label in fault.labels}
    said = "" if set(lost) == declared else f"loses {', '.join(' '.join(place) for place in lost) or 'nothing'}"
    if not said and named != (f"{PREFIX}.{fault.id}",):
        said = f"is named {', '.join(named) or 'nothing'}"
    labels = tuple(label for _, label in lost)
    return Row(fault.question, "fault", fault.name, "here", fault.labels, labels, named, said)


def _variant(name: str, text: str) -> Row:
    lost = lost_in(text)
    labels = tuple(f"{question} {label}" for question, label in lost)
    return Row("all", "variant", name, "here", (), labels, (), f"loses {', '.join(labels)}" if lost else "")


def tables(style: str) -> Iterator[str]:
    """The forward and the backward table of the reference, as `grade tables` prints them."""
    heads = (
        ("1.2.2", ("Layer", "Input", "Output"), reference.FORWARD),
        ("1.2.3", ("Parameter", "Gradient"), reference.BACKWARD),
    )
    for question, head, rows in heads:
        yield ""
        yield f"{question}  ({sum(MARKS[question].values()):g} points, {len(MARKS[question])} entries)"
        if style == "markdown":
            yield f"| {' | '.join(head)} |"
            yield f"|{'---|' * len(head)}"
            yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
            continue
        widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
        for row in (head, *rows):
            yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
