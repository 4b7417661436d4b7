"""Question 1.2.1: the five steps of training, recognised by what each says, in words, formulas or code.

A step that is there, in an order that works, earns its mark however it is put. Only what is plainly left out or plainly
in the wrong order is wrong; everything uncertain waits for a human.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.intake.formula_table import FormulaLine, Part
from grader.model import Status
from rubrics.matrix_calculus.marks import NOT_READ, STEPS, WORDS, Mark
from rubrics.matrix_calculus.sections import Answer
from rubrics.matrix_calculus.step_words import (
    ASCENDS,
    EXPLAINED,
    EXPLICIT,
    FORMULAS,
    GRAD,
    SET_UP,
    START,
    TRACES,
)
from rubrics.matrix_calculus.step_words import WORDS as STEP_WORDS

QUESTION: Final = "1.2.1"
TITLES: Final[Mapping[str, str]] = {
    "zero_gradients": "setting the gradients to zero", "forward": "the forward pass", "loss": "computing the loss",
    "backward": "the backward pass", "update": "updating the weights",
}  # fmt: skip

_TITLE = re.compile(r"^([^:：\n]{2,70})[:：]|^\s*(?:\*\*|__)([^*_\n]{2,70})(?:\*\*|__)")
_RUN = re.compile(r"pass|=\s*\w*(?:model|net)\w*\s*\(", re.IGNORECASE)
_LEADS_UP = re.compile(
    r"^\W*(?:the |these |following |my )*(?:five |5 )?(?:programming |training )?steps(?: \w+){0,6}\W*$|^\W*where\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Segment:
    """One item of the answer: its text, and the steps that it speaks of, in order."""

    text: str
    steps: tuple[str, ...]
    listed: bool


def judge_steps(answer: Answer) -> dict[str, Mark]:
    """A mark for each of the five steps."""
    if answer.empty:
        return {step: Mark(Status.MISSING, f"There is no step for {TITLES[step]}.") for step in STEPS}
    segments = list(segments_of(answer.parts))
    found: list[str] = []
    for segment in segments:
        found += segment.steps
    order = list(dict.fromkeys(found))
    marks: dict[str, Mark] = {}
    for step in STEPS:
        marks[step] = Mark(Status.PASSED) if step in order else _absent(step, segments, order, answer)
    if len(order) >= 2:
        marks |= _out_of_order(order, _is_plain(segments, found))
    for segment in segments:
        if segment.steps == ("update",) and marks["update"].status is Status.PASSED and ASCENDS.search(segment.text):
            words = f"{WORDS['update-ascends']}\n    {' '.join(segment.text.split())[:150]}"
            marks["update"] = Mark(Status.FAILED, words, "update-ascends")
    return marks


def _absent(step: str, segments: Sequence[Segment], order: Sequence[str], answer: Answer) -> Mark:
    waits = Mark(Status.NEEDS_HUMAN, f"No step for {TITLES[step]} was recognised. {NOT_READ}")
    listed = [segment for segment in segments if segment.listed]
    certain = len(order) >= 3 and len(listed) >= 3 and all(segment.steps for segment in segments)
    text = EXPLAINED.sub(" ", "\n".join(segment.text for segment in segments if step not in segment.steps))
    if step in ("backward", "update"):  # words that the other steps cannot do without
        text = "\n".join(s.text for s in segments if not set(s.steps) & {"zero_gradients", "update", "backward"})
    if answer.needs_eyes or not certain or TRACES[step].search(text):
        return waits
    return Mark(Status.FAILED, f"There is no step for {TITLES[step]}.", "step-left-out")


def _is_plain(segments: Sequence[Segment], found: Sequence[str]) -> bool:
    """Whether the order cannot be mistaken: a list with one step an item, no step twice."""
    return all(len(s.steps) == 1 and s.listed for s in segments if s.steps) and len(set(found)) == len(found)


def _out_of_order(order: Sequence[str], plain: bool) -> dict[str, Mark]:
    """Steps that come where they cannot work, with blame on the one that is out of place."""
    at = {step: order.index(step) for step in order}

    def before(one: str, other: str) -> bool:
        return one in at and other in at and at[one] < at[other]

    blamed: dict[str, str] = {}
    if before("loss", "forward"):
        blamed["loss"] = "loss-before-forward"
    if (before("backward", "loss") and "loss" not in blamed) or (before("backward", "forward") and "loss" not in at):
        blamed["backward"] = "backward-before-loss"
    if before("update", "backward") and "backward" not in blamed:
        blamed["update"] = "update-before-backward"
    unclear: set[str] = set()
    if before("backward", "zero_gradients"):
        if before("zero_gradients", "update"):
            blamed["zero_gradients"] = "zeroed-after-backward"
        else:
            unclear.add("zero_gradients")
    marks = {}
    for step, fault in blamed.items():
        words = f"{TITLES[step].capitalize()}: {WORDS[fault]}"
        marks[step] = Mark(Status.FAILED, words, fault) if plain else Mark(Status.NEEDS_HUMAN, f"{words} {NOT_READ}")
    for step in unclear:
        words = "The gradients are set to zero after the update: right for the next batch, if they were zero before."
        marks[step] = Mark(Status.NEEDS_HUMAN, f"{words} {NOT_READ}")
    return marks


def segments_of(parts: Iterable[Part]) -> Iterator[Segment]:
    """The items of a list with what belongs to them; without a list the sentences."""
    lines: list[tuple[str, bool]] = []
    for part in parts:
        if isinstance(part, FormulaLine):
            code = part.code or bool(re.search(r"\w\.\w+\([^()]*\)\s*$", part.text))
            lines.append((part.text, code))
        else:
            rows = part.rows[1:] if len(part.rows) > 1 and not steps_in(" ".join(part.rows[0])) else part.rows
            lines += [("- " + ": ".join(cell for cell in row if not cell.strip().isdigit()), False) for row in rows]
    marked = sum(bool(START.match(line)) for line, _ in lines)
    if marked >= 3:
        text = ""
        for line, _ in lines:
            if START.match(line):
                yield from _segment(text, listed=bool(START.match(text)))
                text = line
            else:
                text += "\n" + line
        yield from _segment(text, listed=True)
        return
    for line, code in lines:
        if code:
            yield from _segment(line, listed=True)
            continue
        for sentence in re.split(
            r"(?<=[.;。；])\s+|[。；]|,?\s+(?:and\s+)?then\s+|\s*(?:→|->|⇒|=>|\\rightarrow|\\to)\s*|，|,\s+(?=\w+(?:e|ing|ar|er)\b)",
            line,
        ):
            yield from _segment(sentence, listed=False)


def _segment(text: str, *, listed: bool) -> Iterator[Segment]:
    bare = text.strip(" \t\n*#-=_`$")
    if not bare or (_LEADS_UP.match(bare) and not steps_in(text)):
        return
    yield Segment(text, steps_in(text), listed)


def steps_in(text: str) -> tuple[str, ...]:
    """The steps that a piece of text speaks of, in the order in which they are named.

    >>> steps_in("Step 4: calculate the gradients of the loss function with respect to the weights")
    ('backward',)
    >>> steps_in("loss.backward()")
    ('backward',)
    """
    body = START.sub("", text, count=1).strip()
    title = _TITLE.match(body)
    if title and (named := _named(title[1] or title[2])):
        return named
    return _named(body) or _by_formula(body)


def _named(text: str) -> tuple[str, ...]:
    text = SET_UP.sub(" ", text)
    at = {step: found.start() for step, pattern in STEP_WORDS.items() if (found := pattern.search(text))}
    explicit = {step for step in at if step in EXPLICIT and EXPLICIT[step].search(text)}
    if "zero_gradients" in at:
        runs = bool(_RUN.search(text))
        kept = {"zero_gradients", *(step for step in explicit if step != "forward" or runs)}
    elif "update" in at:
        kept = {"update", *(explicit - {"loss"} if not EXPLICIT["loss"].search(text) else explicit)}
        if "backward" in kept and re.search(
            r"(?:gradients?|from|using|by|with)[^.;]{0,40}(?:backward|back-?prop)", text, re.IGNORECASE
        ):
            kept.discard("backward")
    elif "backward" in at:
        kept = {"backward", *(explicit & {"forward"})}
        if "loss" in explicit and not re.search(rf"{GRAD}|\.backward|derivative", text, re.IGNORECASE):
            kept.add("loss")
    elif "loss" in at:
        kept = {"loss", *(explicit & {"forward"})}
    else:
        kept = set(at)
    return tuple(sorted(kept & set(at), key=lambda step: at[step]))


def _by_formula(text: str) -> tuple[str, ...]:
    return next(((step,) for step in FORMULAS if FORMULAS[step].search(text)), ())
