"""What a rubric says of the tables that it wants: names, expected values, how cells follow from others, slips.

Cells are addressed by `Key`: the question (one table) and the label (one cell of it, "L1.gradient").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.judges.table_cells import Matrix
from grader.model import FaultInfo


class Key(NamedTuple):
    """One cell that the sheet asks for."""

    question: str
    label: str


Own = Mapping[Key, Matrix]
Follow = Callable[[Key, Own], Matrix | None]


@dataclass(frozen=True)
class Name:
    """How people write one value of a facet. `pattern` is searched in the words of a label (see `table_names.words`).

    With `value` None the pattern's first group is a number counted from 1 (or from 0, if the student does so).
    A `weak` name counts only where nothing better is said; a `whole` one must be the whole label.
    """

    pattern: re.Pattern[str]
    value: str | None = None
    weak: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Facet:
    """One thing that a cell's labels tell: which update, weight or bias, which row, which column.

    `title` is what the facet itself is called as a column's header ("Layer"). Names stand in order of precedence.
    """

    name: str
    values: tuple[str, ...]
    names: tuple[Name, ...]
    title: re.Pattern[str]


@dataclass(frozen=True)
class TableQuestion:
    """One table, or a few named numbers: id, what the student reads, and the points of each label, in order."""

    id: str
    title: str
    marks: Mapping[str, float]
    words: Mapping[str, str]  # what each label is called in a message ("Layer 1, gradient")
    facets: Mapping[str, str] = field(default_factory=dict)  # empty: the numbers may stand in the text as well

    @property
    def points(self) -> float:
        return round(sum(self.marks.values()), 6)


@dataclass(frozen=True)
class Slip:
    """A misconception: `wrong` gives the cell as it comes out of the student's own earlier numbers with it, or None.

    One that `repeats` may give what is right for those numbers: its fault is to take them up again.
    """

    info: FaultInfo
    wrong: Follow
    repeats: bool = False


@dataclass(frozen=True)
class TableSpec:
    """Everything that `judge_tables` needs; it knows no sheet.

    `order` lists the keys so that each follows from those before it alone. `follow` computes a cell from the
    student's own numbers, `place` finds the key for a set of facets. `groups` are rounds of the same tables, one after
    the other; labels end in ".row". In the row `moving` zeros throughout are no attempt. `named` are questions whose
    numbers may stand outside tables, one for each value of the first facet. Where a student counts the single weights
    (w1 … w8) and not the layers, `single` tells the column of each. `prose` finds a sentence that says what became of
    a round's numbers ("all gradients are 0"): then none of them is missing, a human reads it.
    """

    questions: tuple[TableQuestion, ...]
    facets: tuple[Facet, ...]
    order: tuple[Key, ...]
    expected: Own
    follow: Follow
    place: Callable[[Mapping[str, str]], Key | None]
    slips: tuple[Slip, ...]
    groups: tuple[tuple[str, ...], ...]
    template: re.Pattern[str]
    carried: str  # the row that a round takes over from the one before
    moving: str
    named: Mapping[str, re.Pattern[str]] = field(default_factory=dict)  # question -> how its numbers are called in text
    single: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # kind -> the column of each entry, counted on
    prose: re.Pattern[str] = re.compile(r"(?!)")

    @property
    def inner_rows(self) -> frozenset[str]:
        """The rows of the tables, without the named numbers."""
        return frozenset(key.label.rpartition(".")[2] for key in self.order if key.question not in self.named)

    def facet(self, name: str) -> Facet:
        return next(facet for facet in self.facets if facet.name == name)


def shares(points: float, labels: Sequence[str]) -> dict[str, float]:
    """Even marks in hundredths that add up exactly; the last labels get the hundredths that are left over.

    >>> shares(7, "abc")
    {'a': 2.33, 'b': 2.33, 'c': 2.34}
    """
    hundredths = round(points * 100)
    small, left = divmod(hundredths, len(labels))
    return {label: (small + (at >= len(labels) - left)) / 100 for at, label in enumerate(labels)}
