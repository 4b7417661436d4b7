"""Which of a student's numbers counts for a cell, where several tables or lines of text give one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.intake.reading import Reading, TextCell
from grader.judges.table_cells import CHANGE, Written, agrees, holds, written
from grader.judges.table_layout import Layout, Located
from grader.judges.table_spec import Key, TableSpec
from grader.judges.table_text import Mention, mentions, value_of
from grader.model import Place

_NO_ROUND: Final = -1
TWICE: Final = "is given twice in the same table, with different numbers"
DISPUTED: Final = "stands in one table, and another number in another table of the same name"


@dataclass(frozen=True)
class Chosen:
    """The cell that was taken for a key, where it stands, and whether other filled cells said otherwise."""

    written: Written
    place: Place | None = None
    several: bool = False


def choose(layout: Layout, spec: TableSpec) -> dict[Key, Chosen]:
    """One cell for each key: out of the table with most cells filled in, the last of them where several are equal.

    A table that is called the final one goes before others, and those before a draft. Where one that is left is right
    and another is not, nobody but a human can say which of them the student means.
    """
    read: dict[Key, list[tuple[int, Located, Written]]] = {
        key: [(number, located, _written(key, located.cell, spec)) for number, located in entries]
        for key, entries in layout.found.items()
    }
    fullness: dict[tuple[str, int], int] = {}
    for key, entries in read.items():
        for number, _, cell in entries:
            fullness[key.question, number] = fullness.get((key.question, number), 0) + (cell.kind == "numbers")
    chosen: dict[Key, Chosen] = {}
    for key, given in read.items():
        rank = {"template": 0, "blank": 1, "unreadable": 2, "numbers": 3}
        version = max((e[1].version for e in given if rank[e[2].kind] > 1), default=0)
        entries = [e for e in given if e[1].version == version] or given
        best = max(entries, key=lambda e: (rank[e[2].kind] > 1, fullness[key.question, e[0]], rank[e[2].kind], e[0]))
        others = {_same(e[2]) for e in given if e[2].kind == "numbers"}
        twice = {_same(e[2]) for e in entries if e[0] == best[0] and e[2].kind == "numbers"}
        cell = best[2]
        if len(twice) > 1:
            cell = Written("unreadable", "", why=TWICE)
        elif len(others) > 1:
            full = [e[2] for e in entries if 2 * fullness[key.question, e[0]] > fullness[key.question, best[0]]]
            right = {holds(rival, spec.expected[key]) for rival in full if rival.kind == "numbers"}
            cell = Written("unreadable", cell.text, why=DISPUTED) if len(right) > 1 else cell
        chosen[key] = Chosen(cell, best[1].place, len(others) > 1)
    return chosen


def _written(key: Key, cell: TextCell, spec: TableSpec) -> Written:
    """A cell as `written` reads it; "1 → 0.08" is the new value, and where the old one belongs nobody can tell."""
    if key.label.endswith(f".{spec.carried}") and CHANGE.search(cell.text):
        return Written("unreadable", cell.text, why="may be the old value or the new one")
    return written(cell, spec.template)


def _same(cell: Written) -> object:
    return tuple(sorted({number.value for number in cell.readings[0]}))


def take_from_text(
    question: str,
    readings: Sequence[Reading],
    chosen: dict[Key, Chosen],
    unsure: dict[Key, str],
    spec: TableSpec,
) -> None:
    """Fill the keys of a question from numbers in the text where no table has them."""
    keys = [key for key in spec.order if key.question == question]
    told = mentions(readings, spec.named[question], spec.facets[0])
    before = {mention.round for mention in told.found if not mention.after}
    said = replace(told, found=tuple(_meant(mention, keys, before, unsure, spec) for mention in told.found))
    untold = [at for at in range(len(keys)) if not any(mention.round == at for mention in said.found)]
    left = [mention for mention in said.found if mention.round is None]
    if len(left) > len(untold):  # the same numbers again, in another file or a summary
        left = list({value_of(mention.written).value: mention for mention in left}.values())
    by_order = dict(zip(untold, left, strict=False)) if len(left) <= len(untold) else {}
    for at, key in enumerate(keys):
        if key in chosen and chosen[key].written.kind == "numbers":
            continue
        own = [mention for mention in said.found if mention.round == at]
        want = spec.expected[key][0][0]
        if not own and at in by_order:
            own = [by_order[at]]
        if not own and at in untold and left:
            unsure[key] = "Several numbers stand under this name; a human decides which one counts."
            continue
        if not own:
            if key in unsure:
                continue
            if said.unsure:
                unsure[key] = "A number stands beside this name, but it could not be read with certainty."
            continue
        different = {value_of(mention.written).value for mention in own}
        last = own[-1]
        hits = [mention for mention in own if agrees(value_of(mention.written), want)]
        if len(different) > 1 and hits != own and not (hits and hits[-1] is last and len(hits) > len(own) / 2):
            unsure[key] = "Different numbers stand under this name; a human decides which one counts."
            continue
        chosen[key] = Chosen(last.written, last.place)


def _meant(
    mention: Mention, keys: Sequence[Key], before: Collection[int | None], unsure: dict[Key, str], spec: TableSpec
) -> Mention:
    """ "The loss after the first update" may be that of its round, or of the next; a human decides if it is neither.

    Where that of its round is given as well (`before`: "the initial loss"), it is the next round's.
    """
    if mention.round is None or not mention.after:
        return mention
    value = value_of(mention.written)
    if agrees(value, spec.expected[keys[mention.round]][0][0]):
        return mention
    later = mention.round + 1
    if later < len(keys) and mention.round in before:
        return replace(mention, round=later)
    if later < len(keys) and agrees(value, spec.expected[keys[later]][0][0]):
        return replace(mention, round=later)
    unsure[keys[mention.round]] = "Whether the loss before or after this update is meant, a human decides."
    return replace(mention, round=_NO_ROUND)
