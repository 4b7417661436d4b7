"""Which cell of a student's tables is which: by the labels beside it, above it, and over the table.

Each value collects facets (update, kind, row, column) from its row's labels and its column's headers, then from a
section line in the table, then from the lines above the table, the nearest first. So the layout does not matter.
Here tables without headings get their place, and cells their keys; `table_segments` reads one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.intake.reading import Line, Reading, Table, TextCell
from grader.judges.table_names import Said, is_value
from grader.judges.table_segments import Segment, captions_first, headings_of, may_be_heading, segments_of
from grader.judges.table_spec import Facet, Key, TableSpec
from grader.model import Place

NOTHING = re.compile("(?!)")
MAX_CELLS = 20_000  # looked at in one hand-in


@dataclass(frozen=True)
class Located:
    """A student's cell and what it is."""

    cell: TextCell
    place: Place
    version: int = 0  # 1 where its table is called the final one, -1 where a draft


@dataclass(frozen=True)
class Layout:
    """What was found: candidates for every key, in the order of the hand-in; tables with numbers that fit nowhere."""

    found: Mapping[Key, tuple[tuple[int, Located], ...]]  # with the number of the segment
    lost: tuple[Place, ...] = ()
    guessed: bool = False  # some tables have no headings and were taken in the sheet's order


def locate(readings: Sequence[Reading], spec: TableSpec) -> Layout:
    """Find the cells of a spec in the documents of a hand-in."""
    segments: list[Segment] = []
    lost: list[Place] = []
    for reading in readings:
        own: list[Segment] = []
        above: list[tuple[str, bool]] = []  # lines, and whether a table stands between them and what follows
        budget = MAX_CELLS
        for part in captions_first(reading.parts, spec.facets):
            if isinstance(part, Line):
                if part.title or may_be_heading(part.text):
                    above.append((part.text, False))
                continue
            budget -= sum(map(len, part.rows))
            if budget < 0:
                lost.append(part.place)
                continue
            found = segments_of(part, spec, above)
            if not found and _has_numbers(part, spec.template):
                lost.append(part.place)
            own += found
            above = [(text, True) for text, _ in (*above, *((text, True) for text in headings_of(part)))]
        segments += _counted_from_one(own, spec)
    guessed = _fill_in_by_order(segments, spec)
    return _gathered(segments, lost, guessed, spec)


def _counted_from_one(segments: list[Segment], spec: TableSpec) -> list[Segment]:
    """Numbers become values of their facet; a student who counts from 0 anywhere counts so everywhere."""
    every = [fact for s in segments for facts in (s.shared, *(own for own, _ in s.cells)) for fact in facts.values()]
    for facet in spec.facets:
        numbers = {fact.number for fact in every if fact.facet == facet.name and fact.number is not None}
        numbers |= {facet.values.index(f.value) + 1 for f in every if f.facet == facet.name and f.value in facet.values}
        with_input = facet.name == "column" and numbers == set(range(len(facet.values) + 1))  # "Layer 0" is the input
        shift = 1 if 0 in numbers and not with_input else 0

        def valued(facts: dict[str, Said], facet: Facet = facet, shift: int = shift) -> dict[str, Said]:
            fact = facts.get(facet.name)
            if fact is None or fact.number is None:
                return facts
            at = fact.number + shift - 1
            rest = {name: other for name, other in facts.items() if name != facet.name}
            return (
                {**rest, facet.name: replace(fact, value=facet.values[at], number=None)}
                if at in range(len(facet.values))
                else rest
            )

        for segment in segments:
            own = [
                fact.number for told, _ in segment.cells if (fact := told.get(facet.name)) and fact.number is not None
            ]
            if facet.name == "column" and max(own, default=0) + shift > len(facet.values):
                segment.cells = [(_single(told, segment, shift, spec), c) for told, c in segment.cells]
            segment.shared = valued(segment.shared)
            segment.cells = [(valued(own), cell) for own, cell in segment.cells]
    return segments


def _single(told: dict[str, Said], segment: Segment, shift: int, spec: TableSpec) -> dict[str, Said]:
    """The facets of a cell where w1 … w8 count the weights, not the layers: the column follows if none is left out."""
    fact, kind = told.get("column"), told.get("kind") or segment.shared.get("kind")
    rest = {name: other for name, other in told.items() if name != "column"}
    if fact is None or fact.number is None or kind is None:
        return rest
    columns = spec.single.get(kind.value or "", ())
    same = (
        other.number
        for own, _ in segment.cells
        if (other := own.get("column")) and (own.get("kind") or kind).value == kind.value and other.number is not None
    )
    if {number + shift for number in same} != set(range(1, len(columns) + 1)):
        return rest
    return {**rest, "column": replace(fact, value=columns[fact.number + shift - 1], number=None)}


def _keys(segment: Segment, spec: TableSpec, extra: Mapping[str, str] | None = None) -> list[tuple[Key, TextCell]]:
    found = []
    for own, cell in segment.cells:
        shared = segment.shared
        if (row := own.get("row")) and row.value not in spec.inner_rows:  # what stands far above is not said of it
            shared = {name: fact for name, fact in shared.items() if name not in segment.far}
        facts = {name: fact.value for name, fact in {**shared, **own}.items() if fact.value is not None}
        key = spec.place({**facts, **(extra or {})})
        if key is not None:
            found.append((key, cell))
    return found


def _fill_in_by_order(segments: list[Segment], spec: TableSpec) -> bool:
    """Give tables without a heading of their own the place that is left for them in the sheet's order."""
    guessed = False
    taken: set[str] = set()
    cells: set[Key] = set()
    rounds = spec.facets[0].name
    for number, segment in enumerate(segments):
        keys = _keys(segment, spec)
        claimed = {key.question for key, _ in keys}
        again = any(_goes_on(earlier, segment, spec) for earlier in segments[:number])
        own_cells = {key for key, cell in keys if is_value(cell.text, NOTHING)}
        if not (segment.far or again) or not own_cells & cells:
            taken |= claimed
            cells |= own_cells
            continue
        kept = {n: f for n, f in segment.shared.items() if n not in segment.far and not (again and n == rounds)}
        free = [q for q in spec.questions if q.facets and q.id not in taken and _fits(q.facets, kept)]
        if free:
            segment.shared = kept | {n: Said(n, v, None, False) for n, v in free[0].facets.items() if n not in kept}
            taken.add(free[0].id)
            guessed = True
    open_segments = [s for s in segments if not _keys(s, spec) and any("row" in own for own, _ in s.cells)]
    while open_segments:
        first = open_segments[0]
        alike = [s for s in open_segments if _facts(s) == _facts(first)]
        free = [q for q in spec.questions if q.facets and q.id not in taken and _fits(q.facets, first.shared)]
        if len(alike) == len(free):
            for segment, question in zip(alike, free, strict=True):
                segment.shared |= {n: Said(n, v, None, False) for n, v in question.facets.items()}
                taken.add(question.id)
                guessed = True
        open_segments = [s for s in open_segments if s not in alike]
    return guessed


def _goes_on(earlier: Segment, later: Segment, spec: TableSpec) -> bool:
    """Whether a table under the heading of an earlier one has other parameters: the next round, not a new version."""

    def carried(segment: Segment) -> dict[Key, str]:
        cells = _keys(segment, spec)
        return {k: c.text for k, c in cells if k.label.endswith(f".{spec.carried}") and is_value(c.text, spec.template)}

    before, after = carried(earlier), carried(later)
    return (
        bool(before)
        and before.keys() == after.keys()
        and before != after
        and not any(spec.template.fullmatch(text.strip()) for text in (*before.values(), *after.values()))
    )


def _facts(segment: Segment) -> dict[str, str | None]:
    return {name: fact.value for name, fact in segment.shared.items() if name in ("update", "kind")}


def _fits(wanted: Mapping[str, str], facts: Mapping[str, Said]) -> bool:
    return all(facts[name].value == value for name, value in wanted.items() if name in facts)


def _gathered(segments: Iterable[Segment], lost: list[Place], guessed: bool, spec: TableSpec) -> Layout:
    found: dict[Key, list[tuple[int, Located]]] = {}
    for number, segment in enumerate(segments):
        keys = _keys(segment, spec)
        placed = {id(cell) for _, cell in keys}
        stray = [cell for own, cell in segment.cells if id(cell) not in placed and ("row" in own or "column" in own)]
        if any(is_value(cell.text, spec.template) and not spec.template.fullmatch(cell.text.strip()) for cell in stray):
            lost.append(segment.place)
        for key, cell in keys:
            found.setdefault(key, []).append((number, Located(cell, segment.place, segment.version)))
    return Layout({key: tuple(entries) for key, entries in found.items()}, tuple(lost), guessed)


def _has_numbers(table: Table, template: re.Pattern[str]) -> bool:
    """Whether a table holds numbers of the student's: two rows and two columns of them at least."""
    rows = [
        [cell for cell in row if re.search(r"\d", cell.text) and is_value(cell.text, template)] for row in table.rows
    ]
    return sum(bool(row) for row in rows) > 0 and not all(
        template.fullmatch(cell.text.strip()) for row in rows for cell in row
    )
