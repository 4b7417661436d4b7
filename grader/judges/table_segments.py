"""One table cut into segments: its values, each with the facets that labels, headers, sections and headings give it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.intake.reading import Line, Table, TextCell
from grader.judges.table_names import Said, is_value, said, titled
from grader.judges.table_spec import Facet, TableSpec
from grader.judges.table_versions import version_of
from grader.model import Place

_ASIDE = re.compile(r"(?<=\w)\s*\([^()]*=[^()]*\)")  # "Update 1 (loss = 66.125)"


@dataclass
class Segment:
    """Cells that stand together under the same section: facets that they share, and those of each."""

    place: Place
    shared: dict[str, Said]
    far: frozenset[str] = frozenset()  # facets told only by a line above an earlier table
    version: int = 0  # 1 where it is called the final one, -1 where a draft
    cells: list[tuple[dict[str, Said], TextCell]] = field(default_factory=list)

    def has(self, facet: str) -> bool:
        return facet in self.shared or all(facet in own for own, _ in self.cells)


def may_be_heading(text: str) -> bool:
    """Whether a line may say what the table below it is: a sentence of prose does not."""
    return len(text) <= 160 and not (text.rstrip().endswith(".") and len(text.split()) > 4)


def headings_of(table: Table) -> list[str]:
    """The rows of one cell at the top of a table: in a spreadsheet they stand above it, and above those that follow."""
    found: list[str] = []
    for row in table.rows:
        texts = [cell.text for cell in row if not cell.empty]
        if len(texts) != 1 or not may_be_heading(texts[0]):
            break
        found += texts
    return found


def captions_first(parts: Sequence[Line | Table], facets: Sequence[Facet]) -> Sequence[Line | Table]:
    """The parts with captions before their tables, if the student put them below: none at first, one at the end."""

    def tells(part: Line | Table) -> bool:
        facts = said(part.text, facets) if isinstance(part, Line) and may_be_heading(part.text) else {}
        no_row = "row" not in facts or facts["row"].weak  # "Weights" alone is a caption
        return no_row and any(name in facts for name in ("update", "kind"))

    places = [at for at, part in enumerate(parts) if isinstance(part, Table)]
    if len(places) < 2 or any(map(tells, parts[: places[0]])) or not any(map(tells, parts[places[-1] + 1 :])):
        return parts
    moved = list(parts[: places[0]])
    for at, end in zip(places, [*places[1:], len(parts)], strict=True):
        moved += [*parts[at + 1 : end], parts[at]]
    return moved


def segments_of(table: Table, spec: TableSpec, above: Sequence[tuple[str, bool]]) -> list[Segment]:
    """The values of one table with the facets that its own labels give, section by section."""
    outside, far = _heading(above, spec.facets)
    version = version_of(above)
    section: dict[str, Said] = {}
    headers: list[dict[int, dict[str, Said]]] = []  # levels of headers, nearest last
    titles: dict[int, str] = {}  # columns whose cells are facets ("Layer")
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
        title = _ASIDE.sub(" ", filled[0][1].text) if len(texts) == 1 else ""
        if title.strip() and not is_value(title, spec.template) and not filled[0][1].problem:
            facts = said(title, spec.facets)  # one cell, perhaps merged over the row: a section
            row_only = facts and set(facts) <= {"row"} and filled[0][0] == 0
            if not row_only:
                section = {**section, **facts}
                current, in_header, last_labels = None, False, {}
            continue
        banner = {} if values else _banner(filled, spec.facets)
        if banner:
            section = {**section, **banner}
            current, in_header, last_labels = None, False, {}
            continue
        if not values and _is_header(filled, headers, spec.facets):
            level, titles_here = _header(row, spec.facets)
            if not in_header:
                headers, titles = [], {}
            headers.append(level)
            titles |= titles_here
            in_header = True
            corner = said(row[0].text, spec.facets) if row and 0 not in titles_here else {}
            if corner:
                section = {**section, **{k: v for k, v in corner.items() if k in ("update", "kind") and not v.weak}}
            current, last_labels = None, {}
            continue
        in_header = False
        if current is None:
            current = Segment(_line_below(table.place, number), {**outside, **section}, far - set(section), version)
            segments.append(current)
        labels, label_columns = _row_labels(row, titles, spec, last_labels if table.merged_above else {})
        told = set(titles.values())
        levels = [{at: _without(facts, told) for at, facts in level.items()} for level in headers]
        _add(current, row, labels, label_columns, levels, spec)
    for segment in segments:
        _strong_over_weak(segment)
    return [segment for segment in segments if segment.cells]


def _banner(filled: Sequence[tuple[int, TextCell]], facets: Sequence[Facet]) -> dict[str, Said]:
    """What a row says that names a section in several cells ("Update 1", "Weight"), and no columns; else nothing."""
    banner: dict[str, Said] = {}
    for place, (at, cell) in enumerate(filled):
        facts = {name: fact for name, fact in said(cell.text, facets).items() if name != "row" or not fact.weak}
        if at != place or not facts or any(name not in ("update", "kind") or name in banner for name in facts):
            return {}
        banner |= facts
    return banner


def _line_below(place: Place, rows: int) -> Place:
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


def _header(row: Sequence[TextCell], facets: Sequence[Facet]) -> tuple[dict[int, dict[str, Said]], dict[int, str]]:
    """A header row: the facets of each column (a blank one continues the one before), and facet columns."""
    level: dict[int, dict[str, Said]] = {}
    titles: dict[int, str] = {}
    rows_named = {fact.value for cell in row for name, fact in said(cell.text, facets).items() if name == "row"}
    before: dict[str, Said] = {}
    for at, cell in enumerate(row):
        if not cell.text:
            if at and before and "column" not in before:
                level[at] = before
            continue
        facts = said(cell.text, facets)
        name = _title(row, at, facets)
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
    return level, titles


def _title(row: Sequence[TextCell], at: int, facets: Sequence[Facet]) -> str | None:
    """The facet that a header names as such, unless the others are its values: "Layer" in the corner, beside them."""
    name = titled(row[at].text, facets)
    facet = next((facet for facet in facets if facet.name == name), None)
    if facet is None:
        return None
    told = [fact for n, cell in enumerate(row) if n != at and (fact := said(cell.text, [facet]).get(facet.name))]
    return None if len({(fact.value, fact.number) for fact in told}) >= min(3, len(facet.values)) else name


def _reads_as_row(row: Sequence[TextCell], at: int, facets: Sequence[Facet], named: set[str | None]) -> bool:
    """Whether "Update" stands beside Parameter and Gradient, and so means the updated value."""
    others = [n for n, cell in enumerate(row) if n > at or (n < at and cell.text != row[at].text)]  # the last "Update"
    updated = any((fact := said(row[n].text, facets).get("row")) and fact.value == "updated" for n in others)
    apart = any(_title(row, n, facets) == "row" for n in others)  # "quantity" has a column of its own
    return not updated and not apart and bool(named & {"parameter", "gradient"})


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
            if not any(n > at for n in titles) and not (at == 0 and _counts_rows(row, spec)):
                break
            continue
        facts = said(cell.text, spec.facets)
        if not facts:
            if at == 0:
                continue
            break
        labels[at] = facts
    fresh = {at for at in labels if at < len(row) and row[at].text}
    own = {name for at in fresh for name in labels[at]}
    for at in labels.keys() - fresh:  # what a row says itself is not merged with what stands above
        labels[at] = {name: fact for name, fact in labels[at].items() if name not in own}
    if not fresh - set(titles) and len(labels) == 1 and not titles:
        labels = {}  # a row without any label of its own
    last.update(labels)
    return [labels[at] for at in sorted(labels, reverse=True)], set(labels) | set(titles)


def _counts_rows(row: Sequence[TextCell], spec: TableSpec) -> bool:
    """Whether a row begins with its number and names what it is behind that, as a data frame without an index does."""
    named = len(row) > 1 and not is_value(row[1].text, spec.template) and bool(said(row[1].text, spec.facets))
    return named and re.fullmatch(r"\d{1,3}", row[0].text) is not None


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
    spec: TableSpec,
) -> None:
    columns = spec.facet("column").values
    nameless = [at for at in range(max(label_columns, default=-1) + 1, len(row)) if not row[at].empty]
    beside = any("column" in facts for facts in labels) or "column" in segment.shared
    by_place = not beside and len(nameless) == len(columns) and _in_place(headers, nameless, columns)
    for at, cell in enumerate(row):
        if at in label_columns or (cell.empty and not any("column" in level.get(at, {}) for level in headers)):
            continue
        if at < max(label_columns, default=-1) and not any(level.get(at) for level in headers):
            continue  # a counter beside the labels
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


def _without(facts: Mapping[str, Said], told: Collection[str]) -> dict[str, Said]:
    """What a header says but for facets that have a column of their own ("value" where "quantity" stands beside it)."""
    return {name: fact for name, fact in facts.items() if name not in told}


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
