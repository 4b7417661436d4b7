"""Numbers that were worked out by hand: read from the answer's text, compared with the exact ones, label by label.

In doubt a human decides: points are lost only where a wrong number was clearly read, or where nothing at all stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.intake.labels import LabelWords
from grader.intake.matrices import Found, read_answer
from grader.intake.numbers import Matched, Matching, agrees
from grader.model import AnswerText, Array, Example, LabelReport, Status
from grader.rubric import AnswerQuestion

_DRESS = re.compile(r"\\[a-zA-Z]+|[\^_](?:\{[^}]{0,40}\}|\S)|[{}$*]")  # of a symbol: fonts, scripts, emphasis
_PLACEHOLDER = re.compile(r"(?:^|[:=\s])(?:to-?do|tbd|not done(?: yet)?|\?{1,3}|…|\.{3})[\s*_.)\]$]*$", re.IGNORECASE)
_PICTURE: Final = re.compile(
    r"!\[[^\]\n]{0,200}\][(\[]|<img\b|\(image\)|\b(?:attach(?:ed|ment)?|scan(?:ned)?|photo|picture|screenshot|"
    r"image|handwritten|hand-written|on paper|see (?:the )?(?:pdf|file|image|figure|paper))\b|"
    r"\.(?:pdf|jpe?g|png|heic)\b|图片|见图|附件|照片",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WrongValue:
    """What a misconception makes of a label: the value that a student would then write, and what to say about it."""

    value: Array
    words: str
    hint: str


Faults = Mapping[str, Mapping[str, WrongValue]]  # label -> id -> wrong value


def judge_numbers(
    question: AnswerQuestion,
    answer: AnswerText,
    *,
    expected: Mapping[str, Array],
    words: Mapping[str, LabelWords],
    faults: Faults | None = None,
    givens: Mapping[str, Array | float] | None = None,
    printed_by_sheet: Sequence[str] = (),
) -> tuple[LabelReport, ...]:
    """One report for every label of `question`.

    `expected` are the exact values, `words` what names each label, `faults` the wrong values that have a name,
    `givens` what the question states. `printed_by_sheet` are words that stand together in what the sheet's own cells
    print: such an output is no answer, while any other printed number is something for a human to look at.
    """
    pictures = bool(answer.pictures) or _PICTURE.search(answer.text) is not None
    printed = any(_has_digit(output) and not _all_in(printed_by_sheet, output) for output in answer.outputs)
    if not answer.text.strip() and not pictures and not printed:
        return tuple(_missing(question, label, "There is no answer to this question.") for label in question.marks)
    reading = read_answer(_without_placeholders(answer.text))
    if not reading.whole:
        too_long = "the answer is too long to be read by machine"
        return tuple(_pending(label, points, too_long) for label, points in question.marks.items())
    matching = Matching(reading.found, words, givens or {})
    elsewhere = None
    if pictures:
        elsewhere = "the answer refers to a picture or a file"
    elif printed:
        elsewhere = "a cell below the answer printed numbers"
    elif matching.unexplained or matching.left_open(reading.lines):
        elsewhere = "the answer holds numbers that could not be matched with a name"
    elif any(one.value is None for one in reading.found):
        elsewhere = "some of the numbers could not be read"
    elif not matching.labels and not matching.other:
        elsewhere = "no numbers were found in the text"
    reports: dict[str, LabelReport] = {}
    for label, read in matching.labels.items():
        points = question.marks[label]
        if isinstance(read, Matched):
            reports[label] = _compare(label, points, read, expected[label], (faults or {}).get(label, {}))
            right_elsewhere = any(_equal(one, expected[label]) for one in matching.unexplained)
            if reports[label].status is Status.FAILED and right_elsewhere:
                reports[label] = _pending(label, points, "another value stands there without a clear name")
        else:
            reports[label] = _pending(label, points, read.why)
    for label, points in question.marks.items():
        if label not in reports and _stands_alone(expected[label], matching.unexplained, expected):
            reports[label] = LabelReport(label, Status.PASSED, points, points)
    if elsewhere is None and any(report.status is Status.NEEDS_HUMAN for report in reports.values()):
        elsewhere = "the answer could not be read with certainty"
    for label, points in question.marks.items():
        if label in reports:
            continue
        why = elsewhere
        if any(_equal(one, expected[label]) for one in reading.found):
            why = why or "a value stands there under another name"
        elif matching.described(label, reading.lines):
            why = why or "it is described without its numbers"
        if why:
            reports[label] = _pending(label, points, why)
        else:
            reports[label] = _missing(question, label, f"No value of {label} was found; the other values were read.")
    return tuple(reports[label] for label in question.marks)


def _without_placeholders(text: str) -> str:
    """The text without lines that only announce an answer: "Backward: TODO"."""
    return "\n".join(line for line in text.split("\n") if _has_digit(line) or not _PLACEHOLDER.search(line[:200]))


def _stands_alone(want: Array, strangers: Sequence[Found], expected: Mapping[str, Array]) -> bool:
    """Whether the right value stands there under a word that nobody knows, and no other value could be meant instead.

    Every unknown value of its size is then the right one of some label; where attempts are listed, or where a formula
    and not a word names it, a human decides.
    """
    alike = [one for one in strangers if one.value is None or one.value.size == np.size(want)]
    return any(_equal(one, want) and _has_a_word_for_it(one) for one in alike) and all(
        any(_equal(one, right) for right in expected.values()) for one in alike
    )


def _has_a_word_for_it(one: Found) -> bool:
    names = one.labels or one.above[:1]
    return bool(names) and all(_is_a_name(name) for name in names)


def _is_a_name(label: str) -> bool:
    """One symbol, or words; `X^T 1` and `lr * g` are formulas."""
    tokens = re.findall(r"[^\W_]+", _DRESS.sub(" ", label[:200]))
    return len(tokens) == 1 or (bool(tokens) and all(map(str.isalpha, tokens)) and max(map(len, tokens)) > 3)


def _compare(label: str, points: float, read: Matched, want: Array, faults: Mapping[str, WrongValue]) -> LabelReport:
    assert read.value is not None and read.decimals is not None
    if _equal(read, want):
        return LabelReport(label, Status.PASSED, points, points)
    if not read.sure or not _complete(read.value, want):
        return _pending(label, points, f"{_shown(read.value)} was read, but that may not be what is meant")
    if any(_equal(other, want) for other in read.earlier):
        return _pending(label, points, "different values stand under this name")
    named = [(name, wrong) for name, wrong in faults.items() if _equal(read, wrong.value)]
    message = f"You wrote {label} = {_shown(read.value)}: {_difference(read, want)}."
    hint = ""
    if named:
        message = f"{message} {named[0][1].words}"
        hint = named[0][1].hint
    return LabelReport(
        label,
        Status.FAILED,
        0.0,
        points,
        faults=tuple(name for name, _ in named),
        message=message,
        hint=hint,
        example=side_by_side(want, read.value, read.decimals),
    )


def side_by_side(want: Array, got: Array, decimals: Array) -> Example:
    """What was expected beside what was written; an entry that agrees to the digits written stands there as written.

    >>> side_by_side(np.array([0.31706, 0.36656]), np.array([0.3171, 0.3686]), np.array([4, 4])).want
    array([0.3171 , 0.36656])
    """
    want = np.asarray(want, dtype=float)
    if np.size(got) == want.size:
        got = np.reshape(got, want.shape)
        if np.size(decimals) == want.size:
            written = zip(got.flat, np.ravel(decimals), want.flat, strict=True)
            agreeing = [agrees(float(one), int(digits), float(right)) for one, digits, right in written]
            want = np.where(np.reshape(agreeing, want.shape), got, want)
    return Example((), want, got)


def _equal(read: Found, want: Array) -> bool:
    """Entry by entry to the digits written. Axes of length 1 of a vector do not count; a matrix keeps its shape."""
    if read.value is None or read.decimals is None:
        return False
    value, decimals, exact = read.value, read.decimals, np.asarray(want, dtype=float)
    if _vector(exact):
        if value.ndim > 1 and not _vector(value):
            return False
        value, decimals, exact = value.ravel(), decimals.ravel(), exact.ravel()
    if value.shape != exact.shape:
        return False
    return all(
        agrees(float(one), int(digits), float(right))
        for one, digits, right in zip(value.flat, decimals.flat, exact.flat, strict=True)
    )


def _vector(array: Array) -> bool:
    return array.ndim < 2 or 1 in array.shape


def _complete(value: Array, want: Array) -> bool:
    """Whether a value can be meant as a whole answer: all entries, or a whole matrix of another shape."""
    want = np.asarray(want)
    if _vector(want):
        return value.size == want.size or (value.ndim == 2 and not _vector(value))
    return value.shape == want.shape or (value.ndim == 2 and not _vector(value))


def _difference(read: Found, want: Array) -> str:
    """Where the value differs, in words, without saying what is right."""
    assert read.value is not None and read.decimals is not None
    value, decimals, exact = read.value, read.decimals, np.asarray(want, dtype=float)
    if _vector(exact) and _vector(value):
        value, decimals, exact = value.ravel(), decimals.ravel(), exact.ravel()
    turned = Found(value.T, decimals.T, (), 0)
    if value.ndim == 2 and not _vector(exact) and _equal(turned, exact):
        return "the numbers are right, but the matrix is transposed"
    if value.shape != exact.shape:
        return f"it is {_size(value)}, and {_size(exact)} is expected"
    wrong = [
        place
        for place in np.ndindex(*exact.shape)
        if not agrees(float(value[place]), int(decimals[place]), float(exact[place]))
    ]
    if not exact.ndim:
        return "the number is not right"
    if len(wrong) == exact.size:
        return "no entry of it is right"
    where = [_place(place, exact.ndim) for place in wrong[:4]]
    more = f" and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    return f"it differs in {'; '.join(where)}{more}"


def _place(place: tuple[int, ...], ndim: int) -> str:
    return f"row {place[0] + 1}, column {place[1] + 1}" if ndim == 2 else f"entry {place[0] + 1}"


def _size(array: Array) -> str:
    if not array.ndim:
        return "a single number"
    return f"{array.shape[0]}×{array.shape[1]}" if array.ndim == 2 else f"a vector of {array.size}"


def _shown(array: Array) -> str:
    """A value in brackets, as short as it can be written; large ones are cut."""
    if array.ndim == 0:
        return f"{float(array):.6g}"
    body = ", ".join(_shown(row) for row in array[:6])
    return f"[{body}{', …' if len(array) > 6 else ''}]"


def _pending(label: str, points: float, why: str) -> LabelReport:
    message = f"{label}: {why}. A human looks at it; its points are not in the score yet."
    return LabelReport(label, Status.NEEDS_HUMAN, 0.0, points, pending=points, message=message)


def _missing(question: AnswerQuestion, label: str, message: str) -> LabelReport:
    return LabelReport(label, Status.MISSING, 0.0, question.marks[label], message=message)


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _all_in(phrases: Sequence[str], text: str) -> bool:
    return bool(phrases) and all(phrase in text for phrase in phrases)
