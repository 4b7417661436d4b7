"""What the numbers in a text stand for: losses, seconds, iterations, accuracies, and the run that they belong to.

Reads words around a number and nothing else: no code, no reference, no verdict. Only so much of a text is read, in
linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rubrics.numpy_layers.reported.marks import MIXED, QUANTITIES, Mark, Words, marks, words_of
from rubrics.numpy_layers.reported.numerals import flat
from rubrics.numpy_layers.reported.tables import Cell, cells, table
from rubrics.numpy_layers.reported.vocabulary import BOUND, CLAUSE, LINE, NONE, NOT, PROGRESS, REACHED, SENTENCE

_NUMBER = re.compile(r"\d|nan|inf", re.IGNORECASE)
MOST_TEXT, MOST_LINE, MOST_READINGS = 60_000, 600, 400


@dataclass(frozen=True)
class Reading:
    """A number with what it stands for: "loss", "seconds", "iterations" or "accuracy" (in percent).

    `at` is after how many iterations (or epochs), where that is said; `most` the 20000 of "epoch 500/20000". `plain` is
    False where the number may be a bound, a difference or another run's: nothing is ever held against it. `reached`:
    the words say that training came to `threshold` (where one is named) after that many iterations. `step` is one unit
    of the last digit written, `percent` says that a sign of percent is.
    """

    quantity: str
    value: float
    written: str
    step: float
    words: Words
    at: int | None = None
    most: int | None = None
    plain: bool = True
    reached: bool = False
    threshold: float | None = None
    percent: bool = False


def readings(text: str) -> tuple[Reading, ...]:
    """What the numbers of a text say, in order.

    >>> one = readings("epoch 500/20000, loss: 0.1096")[0]
    >>> one.quantity, one.value, one.at, one.most
    ('loss', 0.1096, 500, 20000)
    """
    found: list[Reading] = []
    lines = [flat(PROGRESS.sub(" ", line[:MOST_LINE])) for line in LINE.split(text[:MOST_TEXT])]
    position = 0
    while position < len(lines) and len(found) < MOST_READINGS:
        rows = table(lines, position)
        if rows:
            found += [_from_cell(cell) for cell in cells(rows)]
        else:
            found += [one for sentence in SENTENCE.split(lines[position]) for one in _from_sentence(sentence)]
        position += len(rows) or 1
    return tuple(found[:MOST_READINGS])


def _from_sentence(sentence: str) -> list[Reading]:
    numbers = marks(sentence) if _NUMBER.search(sentence) else []
    if not any(mark.kind in QUANTITIES for mark in numbers):
        return []
    bounds = [0, *(match.end() for match in CLAUSE.finditer(sentence)), len(sentence) + 1]
    clauses = list(pairwise(bounds))
    inside = [[mark for mark in numbers if first <= mark.numeral.start < last] for first, last in clauses]
    own = [words_of(sentence[first:last], some) for (first, last), some in zip(clauses, inside, strict=True)]
    whole = words_of(sentence, numbers)
    refused = NOT.search(NONE.sub(" ", sentence)) is not None
    found = []
    for place, (first, last) in enumerate(clauses):
        words, sure = _inherited(own, place, whole)
        reached = REACHED.search(sentence[first:last]) is not None
        threshold = next((mark.value for mark in inside[place] if mark.kind == "bound" and 0 < mark.value < 0.01), None)
        for mark in inside[place]:
            if mark.kind not in QUANTITIES or (mark.kind == "iterations" and not (reached and _counts(mark))):
                continue
            at, most = _iterations(numbers, mark, inside[place])
            found.append(
                Reading(
                    mark.kind,
                    mark.in_percent if mark.kind == "accuracy" else mark.value,
                    mark.numeral.written,
                    mark.numeral.step,
                    words,
                    None if mark.kind == "iterations" else at,
                    most,
                    mark.direct and sure and not refused,
                    reached and not refused,
                    threshold,
                    mark.percent,
                )
            )
    return found


def _inherited(own: Sequence[Words], place: int, whole: Words) -> tuple[Words, bool]:
    """The words of a clause, filled up from the sentence where it names one run, else from the clauses before."""
    words, sure = own[place], True
    if words.activation is None and whole.activation == MIXED:
        earlier = [one.activation for one in own[:place] if one.activation is not None]
        words, sure = replace(words, activation=earlier[-1] if earlier else MIXED), False
    elif words.activation is None:
        words = replace(words, activation=whole.activation)
    samples = [one.samples for one in own[:place] if one.samples is not None]
    words = Words(
        words.activation,
        words.samples or whole.samples or (samples[-1] if samples else None),
        words.lr if words.lr is not None else whole.lr,
        words.lambda_ if words.lambda_ is not None else whole.lambda_,
    )
    return words, sure and words.activation != MIXED


def _iterations(numbers: Sequence[Mark], mark: Mark, clause: Sequence[Mark]) -> tuple[int | None, int | None]:
    """(at, most): the count in the number's clause; else the nearest one before it; else the sentence's only one."""
    counts = [one for one in numbers if one.kind == "iterations" and one.numeral.whole and 0 <= one.value <= 1e9]
    most = next((int(one.value) for one in numbers if one.kind == "of" and 0 < one.value <= 1e9), None)
    inside = [one for one in counts if one in clause]
    earlier = [one for one in counts if one.numeral.start < mark.numeral.start]
    if len(inside) == 1:
        return int(inside[0].value), most
    if inside or (len(counts) > 1 and not earlier):
        return None, most
    chosen = earlier[-1:] or counts
    return (int(chosen[0].value) if chosen else None), most


def _counts(mark: Mark) -> bool:
    return mark.numeral.whole and 0 < mark.value <= 1e9


def _from_cell(cell: Cell) -> Reading:
    text = "; ".join(cell.about)
    words = words_of(text, marks(text))
    number = cell.mark.numeral
    plain = words.activation != MIXED and not BOUND.search(cell.text[: number.start]) and not NOT.search(cell.text)
    value = cell.mark.in_percent if cell.mark.kind == "accuracy" else number.value
    return Reading(
        cell.mark.kind or "", value, number.written, number.step, words, cell.at, plain=plain, percent=cell.mark.percent
    )
