"""Which cell of a student's tables is which: by the labels beside it, above it, and over the table.

Each value collects facets (update, kind, row, column) from its row's labels and its column's headers, then from a
section line in the table, then from the lines above the table, the nearest first. So the layout does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.intake.reading import Line, Reading, Table, TextCell
from grader.judges.table_names import Said, is_value, said, titled
from grader.judges.table_spec import Facet, Key, TableSpec
from grader.model import Place

NOTHING = re.compile("(?!)")
MAX_CELLS = 20_000  # looked at in one hand-in


@dataclass(frozen=True)
class Located:
    """A student's cell and what it is."""

    cell: TextCell
    place: Place


@dataclass
class Segment:
    """Cells that stand together under the same section: facets that they share, and those of each."""

    place: Place
    shared: dict[str, Said]
    far: frozenset[str] = frozenset()  # facets told only by a line above an earlier table
    cells: list[tuple[dict[str, Said], TextCell]] = field(default_factory=list)

    def has(self, facet: str) -> bool:
        return facet in self.shared or all(facet in own for own, _ in self.cells)


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
        for part in _captions_first(reading.parts, spec.facets):
            if isinstance(part, Line):
                if part.title or _may_be_heading(part.text):
                    above.append((part.text, False))
                continue
            budget -= sum(map(len, part.rows))
            if budget < 0:
                lost.append(part.place)
                continue
            found = _segments(part, spec, above)
            if not found and _has_numbers(part, spec.template):
                lost.append(part.place)
            own += found
            above = [(text, True) for text, _ in above]
        segments += _counted_from_one(own, spec.facets)
    guessed = _fill_in_by_order(segments, spec)
    return _gathered(segments, lost, guessed, spec)


def _may_be_heading(text: str) -> bool:
    """Whether a line may say what the table below it is: a sentence of prose does not."""
    return len(text) <= 160 and not (text.rstrip().endswith(".") and len(text.split()) > 4)


def _captions_first(parts: Sequence[Line | Table], facets: Sequence[Facet]) -> Sequence[Line | Table]:
    """The parts with captions before their tables, if the student put them below: none above the first, one at the end."""

    def tells(part: Line | Table) -> bool:
        facts = said(part.text, facets) if isinstance(part, Line) and _may_be_heading(part.text) else {}
        return "row" not in facts and any(name in facts for name in ("update", "kind"))

    places = [at for at, part in enumerate(parts) if isinstance(part, Table)]
    if len(places) < 2 or any(map(tells, parts[: places[0]])) or not any(map(tells, parts[places[-1] + 1 :])):
        return parts
    moved = list(parts[: places[0]])
    for at, end in zip(places, [*places[1:], len(parts)], strict=True):
        moved += [*parts[at + 1 : end], parts[at]]
    return moved


def _segments(table: Table, spec: TableSpec, above: Sequence[tuple[str, bool]]) -> list[Segment]:
    """The values of one table with the facets that its own labels give, section by section."""
    outside, far = _heading(above, spec.facets)
    section: dict[str, Said] = {}
    headers: list[dict[int, dict[str, Said]]] = []  # levels of headers, nearest last
    titles: dict[int, str] = {}  # columns whose cells are facets ("Layer")
    unnamed: list[int] = []  # header cells that say nothing known
    last_labels: dict[int, dict[str, Said]] = {}
    in_header = False
    segments: list[Segment] = []
    current: Segment | None = None
    for number, row in enumerate(table.rows):
        filled = [(at, cell) for at, cell in enumerate(row) if not cell.empty]
        if not filled:
            continue
        values = [at for at, cell in filled if cell.problem or is_value(cell.text, spec.template)]
        texts = {cell.text for _, cell in filled}
        if len(texts) == 1 and not values:  # one cell, perhaps merged over the row: a section
            facts = said(filled[0][1].text, spec.facets)
            row_only = facts and set(facts) <= {"row"} and filled[0][0] == 0
            if not row_only:
                section = {**section, **facts}
                current, in_header, last_labels = None, False, {}
            continue
        if not values and _is_header(filled, headers, spec.facets):
            level, titles_here, unnamed_here = _header(row, spec.facets)
            if not in_header:
                headers, titles, unnamed = [], {}, []
            headers.append(level)
            titles |= titles_here
            unnamed = unnamed_here
            in_header = True
            corner = said(row[0].text, spec.facets) if row and 0 not in titles_here else {}
            if corner:
                section = {**section, **{k: v for k, v in corner.items() if k in ("update", "kind") and not v.weak}}
            current, last_labels = None, {}
            continue
        in_header = False
        if current is None:
            current = Segment(replace_line(table.place, number), {**outside, **section}, far - set(section))
            segments.append(current)
        labels, label_columns = _row_labels(row, titles, spec, last_labels if table.merged_above else {})
        _add(current, row, labels, label_columns, headers, unnamed, spec)
    for segment in segments:
        _strong_over_weak(segment)
    return [segment for segment in segments if segment.cells]


def replace_line(place: Place, rows: int) -> Place:
    return replace(place, line=place.line + rows) if place.line is not None else place


def _heading(above: Sequence[tuple[str, bool]], facets: Sequence[Facet]) -> tuple[dict[str, Said], frozenset[str]]:
    """Facets told by the lines above a table, the nearest first, and which of them stand above an earlier table."""
    found: dict[str, Said] = {}
    far = set()
    for text, beyond in reversed(above[-60:]):
        for name, fact in said(text, facets).items():
            if name in found or (fact.weak and name == "row") or (beyond and name in ("row", "column")):
                continue
            found[name] = fact
            if beyond:
                far.add(name)
    return found, frozenset(far)


def _is_header(filled: Sequence[tuple[int, TextCell]], headers: Sequence[object], facets: Sequence[Facet]) -> bool:
    """Whether a row without numbers names columns: a cell behind the first is a name, or it is the first row."""
    behind = [cell.text for at, cell in filled if at > 0]
    if any(said(text, facets) or titled(text, facets) for text in behind):
        return True
    return not headers and len(behind) > 1


def _header(
    row: Sequence[TextCell], facets: Sequence[Facet]
) -> tuple[dict[int, dict[str, Said]], dict[int, str], list[int]]:
    """A header row: the facets of each column (a blank one continues the one before), facet columns, unknown names."""
    level: dict[int, dict[str, Said]] = {}
    titles: dict[int, str] = {}
    unnamed: list[int] = []
    rows_named = {fact.value for cell in row for name, fact in said(cell.text, facets).items() if name == "row"}
    before: dict[str, Said] = {}
    for at, cell in enumerate(row):
        if not cell.text:
            if at and before and "column" not in before:
                level[at] = before
            continue
        facts = said(cell.text, facets)
        name = titled(cell.text, facets)
        plain_update = re.fullmatch(r"updates?", cell.text.strip(), re.IGNORECASE)
        if name and not (plain_update and _reads_as_row(row, at, facets, rows_named)):
            titles[at] = name
            before = {}
            continue
        if plain_update:
            facts = {k: v for k, v in facts.items() if k == "row"}
        before = facts
        if facts:
            level[at] = facts
        elif at:
            unnamed.append(at)
    return level, titles, unnamed


def _reads_as_row(row: Sequence[TextCell], at: int, facets: Sequence[Facet], named: set[str | None]) -> bool:
    """Whether "Update" stands beside Parameter and Gradient, and so means the updated value."""
    others = [cell.text for n, cell in enumerate(row) if n != at]
    updated = any((fact := said(text, facets).get("row")) and fact.value == "updated" for text in others)
    return not updated and bool(named & {"parameter", "gradient"})


def _row_labels(
    row: Sequence[TextCell],
    titles: Mapping[int, str],
    spec: TableSpec,
    last: dict[int, dict[str, Said]],
) -> tuple[list[dict[str, Said]], set[int]]:
    """The facets of a row's labels, the nearest to the values first, and the columns in which labels stand."""
    labels: dict[int, dict[str, Said]] = {}
    for at, cell in enumerate(row):
        if at in titles:
            labels[at] = _member(cell.text, spec.facet(titles[at]), spec.facets) or last.get(at, {})
            continue
        if not cell.text:
            if at in last:
                labels[at] = last[at]
            continue
        if is_value(cell.text, spec.template) or cell.problem:
            if not any(n > at for n in titles):
                break
            continue
        facts = said(cell.text, spec.facets)
        if not facts:
            if at == 0:
                continue
            break
        labels[at] = facts
    fresh = {at for at in labels if at < len(row) and row[at].text}
    if not fresh - set(titles) and len(labels) == 1 and not titles:
        labels = {}  # a row without any label of its own
    last.update(labels)
    return [labels[at] for at in sorted(labels, reverse=True)], set(labels) | set(titles)


def _member(text: str, facet: Facet, facets: Sequence[Facet]) -> dict[str, Said]:
    """What a cell under "Layer" or "Iteration" says: a name of the facet, or a mere number."""
    facts = said(text, facets)
    if facet.name in facts:
        return facts
    number = re.fullmatch(r"\W*(\d{1,2})(?:\.0+)?\W*", text)
    if number:
        return {**facts, facet.name: Said(facet.name, None, int(number[1]), False)}
    return facts


def _add(
    segment: Segment,
    row: Sequence[TextCell],
    labels: Sequence[dict[str, Said]],
    label_columns: set[int],
    headers: Sequence[Mapping[int, dict[str, Said]]],
    unnamed: Sequence[int],
    spec: TableSpec,
) -> None:
    columns = spec.facet("column").values
    nameless = [at for at in range(max(label_columns, default=-1) + 1, len(row)) if not row[at].empty]
    beside = any("column" in facts for facts in labels) or "column" in segment.shared
    by_place = not beside and len(nameless) == len(columns) and _in_place(headers, nameless, columns)
    for at, cell in enumerate(row):
        if at in label_columns or (cell.empty and not any("column" in level.get(at, {}) for level in headers)):
            continue
        own: dict[str, Said] = {}
        clash = set()
        sides = [labels, [level[at] for level in reversed(headers) if at in level]]
        for side in sides:
            told: dict[str, Said] = {}
            for facts in side:
                for name, fact in facts.items():
                    if name not in told or (told[name].weak and not fact.weak):
                        told[name] = fact
            for name, fact in told.items():
                if name not in own or (own[name].weak and not fact.weak):
                    own[name] = fact
                elif not fact.weak and (own[name].value, own[name].number) != (fact.value, fact.number):
                    clash.add(name)
        for name in clash:
            del own[name]
        if by_place and at in nameless and "row" in own and "column" not in own:
            own["column"] = Said("column", columns[nameless.index(at)], None, False)
        if own:
            segment.cells.append((own, cell))


def _in_place(
    headers: Sequence[Mapping[int, dict[str, Said]]], nameless: Sequence[int], columns: Sequence[str]
) -> bool:
    """Whether the columns that are named stand where the sheet has them, so that the others can be told by place."""
    for level in headers:
        for at, facts in level.items():
            fact = facts.get("column")
            if fact and (at not in nameless or fact.value != columns[nameless.index(at)]):
                return False
    return True


def _strong_over_weak(segment: Segment) -> None:
    """What the heading says in words wins over a mere symbol in the labels, if the table has one such symbol only."""
    for name, fact in segment.shared.items():
        told = [own[name] for own, _ in segment.cells if name in own]
        one_symbol = len({other.value for other in told}) == 1 and all(other.weak for other in told)
        if one_symbol and not fact.weak and fact.value:
            for own, _ in segment.cells:
                own.pop(name, None)


def _counted_from_one(segments: list[Segment], facets: Sequence[Facet]) -> list[Segment]:
    """Numbers become values of their facet; a student who counts from 0 anywhere counts so everywhere."""
    every = [fact for s in segments for facts in (s.shared, *(own for own, _ in s.cells)) for fact in facts.values()]
    for facet in facets:
        numbers = {fact.number for fact in every if fact.facet == facet.name and fact.number is not None}
        shift = 1 if 0 in numbers else 0

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
            segment.shared = valued(segment.shared)
            segment.cells = [(valued(own), cell) for own, cell in segment.cells]
    return segments


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
            found.setdefault(key, []).append((number, Located(cell, segment.place)))
    return Layout({key: tuple(entries) for key, entries in found.items()}, tuple(lost), guessed)


def _has_numbers(table: Table, template: re.Pattern[str]) -> bool:
    """Whether a table holds numbers of the student's: two rows and two columns of them at least."""
    rows = [
        [cell for cell in row if re.search(r"\d", cell.text) and is_value(cell.text, template)] for row in table.rows
    ]
    return sum(bool(row) for row in rows) > 0 and not all(
        template.fullmatch(cell.text.strip()) for row in rows for cell in row
    )
