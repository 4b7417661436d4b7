"""What earns nothing by agreeing with itself: tables of zeros, copied tables, a round that starts over.

All of it looks at what the student wrote and at the reference alone, before anything is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.judges.table_cells import Matrix
from grader.judges.table_spec import Key, Own, TableSpec


@dataclass(frozen=True)
class Guard:
    """`refused`: cells that do not earn by follow-through. `void`: cells that earn nothing at all. `said`: why."""

    refused: frozenset[Key]
    void: frozenset[Key]
    said: Mapping[str, str]  # question -> a sentence for the student and the instructor


def guard(numbers: Mapping[Key, Matrix], right: Iterable[Key], spec: TableSpec) -> Guard:
    """Look at the numbers of a hand-in; `right` are the keys whose number is the reference's."""
    correct = frozenset(right)
    refused: set[Key] = set()
    void: set[Key] = set()
    words: dict[str, str] = {}
    for at, group in enumerate(spec.groups):
        keys = [key for key in spec.order if key.question in group]
        if _hollow(keys, numbers, spec):
            refused |= set(keys)
            words |= dict.fromkeys(group, "The gradients of this update are zeros where they should not be.")
        if not at:
            continue
        before = spec.groups[at - 1]
        twin = {key: Key(before[group.index(key.question)], key.label) for key in keys}
        if _starts_over(keys, twin, numbers, correct, spec):
            refused |= set(keys)
            words |= dict.fromkeys(
                group, "This update starts from the parameters of the one before, not from the updated ones."
            )
        for column in {key.label.partition(".")[0] for key in keys}:
            for question in group:
                cells = [k for k in keys if k.question == question and k.label.startswith(f"{column}.")]
                if _copied(cells, twin, numbers, correct, spec.expected):
                    void |= set(cells)
    titles = {question.id: question.title for question in spec.questions}
    for question, other in _copied_tables(numbers, correct, spec):
        void |= {key for key in spec.order if key.question == question}
        words[question] = f"This table repeats the numbers of “{titles[other]}”."
    for question in (question for group in spec.groups for question in group):
        filled = [key for key in spec.order if key.question == question and key in numbers]
        if len(filled) > 5 and not any(_nonzero(numbers[key]) for key in filled):
            void |= set(filled)
            words[question] = "This table holds nothing but zeros."
    return Guard(frozenset(refused | void), frozenset(void), words)


def unsupported_zeros(group: Iterable[str], earned: Iterable[Key], numbers: Own, spec: TableSpec) -> frozenset[Key]:
    """Right zeros in a round where nothing but zeros is right: they may be a way to fill cells."""
    inside = [key for key in spec.order if key.question in frozenset(group) and key in numbers]
    good = [key for key in inside if key in frozenset(earned)]
    if any(_nonzero(numbers[key]) for key in good):
        return frozenset()
    return frozenset(good)


def _hollow(keys: Iterable[Key], numbers: Own, spec: TableSpec) -> bool:
    """Whether most gradients are zeros that should be none."""
    filled = [key for key in keys if key in numbers and key.label.endswith(f".{spec.moving}")]
    wrong_zeros = [key for key in filled if not _nonzero(numbers[key]) and _nonzero(spec.expected[key])]
    return len(wrong_zeros) > 1 and len(wrong_zeros) * 2 > len(filled)


def _starts_over(
    keys: Iterable[Key], twin: Mapping[Key, Key], numbers: Own, correct: frozenset[Key], spec: TableSpec
) -> bool:
    """Whether most parameters are those that the round before started from."""
    filled = [key for key in keys if key in numbers and key.label.endswith(f".{spec.carried}")]
    same = [key for key in filled if key not in correct and numbers.get(twin[key]) == numbers[key]]
    return len(same) > 1 and len(same) * 2 > len(filled)


def _copied(cells: list[Key], twin: Mapping[Key, Key], numbers: Own, correct: frozenset[Key], expected: Own) -> bool:
    """Whether a column is the same as in the round before, although it should not be."""
    filled = [key for key in cells if key in numbers]
    return (
        len(filled) > 1
        and all(numbers.get(twin[key]) == numbers[key] for key in filled)
        and any(key not in correct for key in filled)
        and any(expected[key] != expected[twin[key]] for key in filled)
    )


def _copied_tables(numbers: Own, correct: frozenset[Key], spec: TableSpec) -> Iterable[tuple[str, str]]:
    """Tables that repeat another one whole (the one with fewer right cells is the copy)."""
    tables = [question for group in spec.groups for question in group]
    content = {
        q: {key.label: numbers[key] for key in spec.order if key.question == q and key in numbers} for q in tables
    }
    rightly = {q: sum(key in correct for key in spec.order if key.question == q) for q in tables}
    for at, question in enumerate(tables):
        for other in tables[:at]:
            same = len(content[question]) > 5 and _alike(content[question], content[other])
            if same and rightly[question] != rightly[other]:
                pair = (question, other) if rightly[question] < rightly[other] else (other, question)
                yield pair


def _alike(left: Mapping[str, Matrix], right: Mapping[str, Matrix]) -> bool:
    return left.keys() == right.keys() and all(_entries(left[label]) == _entries(right[label]) for label in left)


def _entries(matrix: Matrix) -> frozenset[object]:
    return frozenset(entry for row in matrix for entry in row)


def _nonzero(matrix: Matrix) -> bool:
    return any(entry for row in matrix for entry in row)
