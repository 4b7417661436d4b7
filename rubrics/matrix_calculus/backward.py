"""Question 1.2.3: the gradients of the loss with respect to W1, b1, W2 and b2, in numerator layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.intake.formula_table import FormulaLine, FormulaTable
from grader.model import Status
from rubrics.matrix_calculus.cells import cells_of
from rubrics.matrix_calculus.forward import Forward
from rubrics.matrix_calculus.gradients import Candidate, Found, gradients_of
from rubrics.matrix_calculus.marks import GRADIENTS, NOT_READ, Mark, of_verdict, together
from rubrics.matrix_calculus.names import gradient_of, noun_of
from rubrics.matrix_calculus.naming import defined
from rubrics.matrix_calculus.net import INNER_DERIVATIVES, VALUES, Named, Names, judge_of
from rubrics.matrix_calculus.sections import Answer

QUESTION: Final = "1.2.3"
INNER: Final = ("z3", "z2", "z1", "x")
_LEAST_ROWS: Final = 3  # of the forward table, to be taken for it


@dataclass(frozen=True)
class Backward:
    """The gradients judged, what was said about them, and remarks on inner gradients, which carry no mark."""

    marks: dict[str, Mark]
    notes: tuple[str, ...] = ()


def judge_backward(answer: Answer, forward: Forward, elsewhere: Sequence[Answer], seed: int) -> Backward:
    """Each gradient by itself. `elsewhere` are answers in which a right gradient may stand by mistake."""
    found = gradients_of(answer.parts)
    if _is_forward_again(answer, found):
        words = (
            "This is the forward table again. Asked for are the gradients of the loss that the backward pass computes: "
            "those with respect to W1, b1, W2 and b2."
        )
        return Backward({label: Mark(Status.FAILED, words, "forward-table-again") for label in GRADIENTS})
    names = _names(answer, found, forward)
    forbidden = _forbidden(names)
    marks: dict[str, Mark] = {}
    open_names = any(
        mark.status is Status.NEEDS_HUMAN for place, mark in forward.marks.items() if place.endswith(".output")
    )
    for label, here in _judged_together(found, names, forbidden, seed).items():
        mark = together(here) if here else _absent(label, answer, found, names, forbidden, elsewhere, seed)
        unread = [text for text in found.rest if not defined([text], ())]
        if mark.fault == "forbidden-symbol" and (unread or open_names or answer.needs_eyes):  # it may be defined there
            mark = Mark(Status.NEEDS_HUMAN, f"{mark.message}\n{NOT_READ}")
        marks[label] = mark
    return Backward(marks, _remarks(found, names, forbidden, seed))


def _judged_together(found: Found, names: Names, forbidden: tuple[str, ...], seed: int) -> dict[str, list[Mark]]:
    """The marks of every candidate. A gradient that is right may stand in the others: ∂l/∂W1 = x ∂l/∂b1."""
    here = {label: [one for one in found.candidates if one.target == label] for label in GRADIENTS}
    marks: dict[str, list[Mark]] = {}
    waiting = list(GRADIENTS)
    while waiting:
        for label in waiting:
            marks[label] = [_judged(candidate, label, names, forbidden, seed) for candidate in here[label]]
        statuses = {label: together(marks[label]).status for label in waiting}
        right = [label for label in waiting if statuses[label] is Status.PASSED]
        names += tuple(
            Named(f"dl_d{label}", formula=candidate.text, of=("l", label))
            for label in right
            for candidate, mark in zip(here[label], marks[label], strict=True)
            if mark.status is Status.PASSED
        )
        waiting = [label for label in waiting if right and statuses[label] is Status.NEEDS_HUMAN]
    return marks


def _judged(candidate: Candidate, label: str, names: Names, forbidden: tuple[str, ...], seed: int) -> Mark:
    verdict = judge_of(label, names, forbidden, seed).judge(candidate.text)
    mark = of_verdict(verdict, f"∂l/∂{label}")
    if mark.status is Status.FAILED and (candidate.code or _speaks_of_others(candidate)):
        return Mark(Status.NEEDS_HUMAN, f"{mark.message}\n{NOT_READ}")
    return mark


def _speaks_of_others(candidate: Candidate) -> bool:
    """Whether a second gradient seems to begin inside the formula, so that it was not cut rightly."""
    sides = candidate.text.split("=")[:-1]
    targets = [gradient_of(noun_of(side)) for side in sides]
    return any(target and target.is_parameter and target.name != candidate.target for target in targets)


def _absent(
    label: str,
    answer: Answer,
    found: Found,
    names: Names,
    forbidden: tuple[str, ...],
    elsewhere: Sequence[Answer],
    seed: int,
) -> Mark:
    for other in elsewhere:
        for candidate in gradients_of(other.parts).candidates:
            if candidate.target == label:
                mark = _judged(candidate, label, names, forbidden, seed)
                if mark.status is Status.PASSED:
                    return Mark(Status.PASSED, notes=("This was found outside the answer to 1.2.3.",))
    if answer.needs_eyes:
        return Mark(Status.NEEDS_HUMAN, "There is a picture here; a human reads it, and its points wait until then.")
    if found.rest:
        return Mark(Status.NEEDS_HUMAN, f"∂l/∂{label} was not found in what is written here. {NOT_READ}")
    return Mark(Status.MISSING, f"There is no gradient with respect to {label}.")


def _is_forward_again(answer: Answer, found: Found) -> bool:
    """A forward table, and no gradient beside it."""
    if found.candidates:
        return False
    cells = cells_of(answer.parts)
    rows = {cell.layer for cell in cells}
    derived = sum(any(sign in cell.text for sign in ("∂", r"\partial", "dl", "dL", "nabla")) for cell in cells)
    outside = [text for text in found.rest if not any(text in cell.text or cell.text in text for cell in cells)]
    if any("∂" in text or r"\partial" in text for text in outside):
        return False
    return len(rows) >= _LEAST_ROWS and len(cells) >= 2 * _LEAST_ROWS and not derived


def _names(answer: Answer, found: Found, forward: Forward) -> Names:
    """The names of the forward table, then those defined here: in lines, in rows of inner gradients, in extra cells."""
    texts: list[str] = []
    for part in answer.parts:
        if isinstance(part, FormulaLine):
            texts.append(part.text)
        elif isinstance(part, FormulaTable):
            texts += [cell for row in part.rows for cell in row if "=" in cell]
    names = defined(texts, forward.names)
    for candidate in found.candidates:
        pair = ("l", candidate.target)
        if candidate.target in GRADIENTS or candidate.target == "yhat" or any(named.of == pair for named in names):
            continue
        if candidate.text.strip():
            names = (*names, Named(f"dl_d{candidate.target}", formula=candidate.text, of=pair))
    return names


def _forbidden(names: Names) -> tuple[str, ...]:
    named = {name.name for name in names}
    return tuple(name for name in (*VALUES, *INNER_DERIVATIVES) if name not in named)


def _remarks(found: Found, names: Names, forbidden: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """What is wrong with inner gradients, as advice: they carry no mark of their own."""
    notes = []
    for candidate in found.candidates:
        if candidate.target not in INNER:
            continue
        others = tuple(named for named in names if named.of != ("l", candidate.target))
        verdict = judge_of(candidate.target, others, _forbidden(others), seed).judge(candidate.text)
        if verdict.status == "wrong" and not verdict.otherwise_right:
            notes.append(f"∂l/∂{candidate.target}, which carries no mark: {verdict.message}")
    return tuple(notes)
