"""Which cells are right, which follow from the student's own numbers, which are wrong: no words, no marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from fractions import Fraction

from grader.intake.numerals import Entry
from grader.judges.table_cells import Matrix, Written, agrees, filled, half_unit, in_brackets
from grader.judges.table_guard import Guard, guard, unsupported_zeros
from grader.judges.table_spec import Key, Slip, TableSpec

Entries = tuple[tuple[Entry, ...], ...]


class Kind(Enum):
    RIGHT = auto()  # equal to the reference
    FOLLOWS = auto()  # not equal to it, but right for the student's own earlier numbers
    WRONG = auto()
    COUNT = auto()  # numbers, but not as many as the layer has
    BLANK = auto()
    TEMPLATE = auto()
    UNREADABLE = auto()
    UNSURE = auto()  # whether it is right hangs on something unreadable


@dataclass(frozen=True)
class CellVerdict:
    """One cell: what it is, what would have been right for the student's own numbers, and which slips would give it."""

    kind: Kind
    written: Written
    own_want: Matrix | None = None
    slips: tuple[Slip, ...] = ()
    slipped: tuple[Key, ...] = ()  # the earlier cells that a FOLLOWS builds on
    unfounded: bool = False  # it follows from numbers none of which was worked out rightly


@dataclass(frozen=True)
class Verdicts:
    """All cells of a hand-in."""

    cells: Mapping[Key, CellVerdict]
    guard: Guard
    misplaced: Mapping[str, str] = field(default_factory=dict)  # question -> the one whose numbers its table holds


class _Traced(Mapping[Key, Matrix]):
    """The student's numbers, noting which of them are looked at."""

    def __init__(self, numbers: Mapping[Key, Matrix]) -> None:
        self.numbers = numbers
        self.used: set[Key] = set()

    def __getitem__(self, key: Key) -> Matrix:
        value = self.numbers[key]
        self.used.add(key)
        return value

    def __iter__(self) -> Iterator[Key]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass
class _State:
    """What is known while the cells are gone through in order."""

    exact: dict[Key, Matrix] = field(
        default_factory=dict
    )  # the reference's number where it is right, else the student's
    literal: dict[Key, Matrix] = field(default_factory=dict)  # just what stands there, rounded as it may be
    blur: dict[Key, Fraction] = field(default_factory=dict)  # what rounding may hide in a number
    unsure: set[Key] = field(default_factory=set)
    dead: set[Key] = field(default_factory=set)  # refused and not right: nothing follows from them
    verdicts: dict[Key, CellVerdict] = field(default_factory=dict)


def verdicts(cells: Mapping[Key, Written], spec: TableSpec) -> Verdicts:
    """Judge the cells that were read; a key that is not in `cells` is blank."""
    written = {key: cells.get(key, Written("blank")) for key in spec.order}
    literal: dict[Key, Matrix] = {}
    right = set()
    for key, cell in written.items():
        shaped = [entries for _, entries in _shaped(cell, spec.expected[key])]
        hit = next((entries for entries in shaped if _equal(entries, spec.expected[key])), None)
        if hit is not None:
            right.add(key)
        if shaped:
            literal[key] = _values(hit or shaped[0])
    watch = guard(literal, right, spec)
    state = _State()
    for key in spec.order:
        _judge(key, written[key], state, watch, spec)
    for group in spec.groups:
        earned = [k for k, v in state.verdicts.items() if v.kind in (Kind.RIGHT, Kind.FOLLOWS)]
        zeros = unsupported_zeros(group, earned, literal, spec)
        wrong = any(v.kind in (Kind.WRONG, Kind.COUNT) for k, v in state.verdicts.items() if k.question in group)
        for key in zeros:
            state.verdicts[key] = replace(state.verdicts[key], kind=Kind.WRONG if wrong else Kind.UNSURE)
    if not _worked_out(state, spec):
        for key, verdict in state.verdicts.items():
            if verdict.kind is Kind.FOLLOWS:
                state.verdicts[key] = replace(verdict, kind=Kind.UNSURE, unfounded=True)
    misplaced = _misplaced(written, right, spec)
    for key, verdict in state.verdicts.items():
        if key.question in misplaced and verdict.kind is Kind.WRONG:
            state.verdicts[key] = replace(verdict, kind=Kind.UNSURE)
    return Verdicts(_with_slips(state, watch, spec), watch, misplaced)


def _worked_out(state: _State, spec: TableSpec) -> bool:
    """Whether some gradients but 0 are right, be it for own numbers; else p - rate g may only have been filled in."""
    good = [key for key, verdict in state.verdicts.items() if verdict.kind in (Kind.RIGHT, Kind.FOLLOWS)]
    moved = [key for key in good if key.label.endswith(f".{spec.moving}")]
    return sum(any(entry for row in state.literal[key] for entry in row) for key in moved) > 1


def _misplaced(written: Mapping[Key, Written], right: set[Key], spec: TableSpec) -> dict[str, str]:
    """Tables that hold the right numbers of another one, which is not right itself: a heading mixed up, or misread."""
    tables = [question for group in spec.groups for question in group]
    found = {}
    for question in tables:
        cells = {k.label: w for k, w in written.items() if k.question == question and w.kind == "numbers"}
        if len(cells) < 6 or sum(Key(question, label) in right for label in cells) * 2 > len(cells):
            continue
        for other in tables:
            wants = {label: spec.expected[Key(other, label)] for label in cells}
            fits = all(
                any(_equal(entries, wants[label]) for _, entries in _shaped(cell, wants[label]))
                for label, cell in cells.items()
            )
            if other != question and fits and not all(Key(other, label) in right for label in cells):
                found[question] = other
    return found


def _judge(key: Key, cell: Written, state: _State, watch: Guard, spec: TableSpec) -> None:
    expected = spec.expected[key]
    traced = _Traced(state.exact)
    own_want = spec.follow(key, traced)
    want = own_want if own_want is not None else expected
    if cell.kind != "numbers":
        kinds = {"blank": Kind.BLANK, "template": Kind.TEMPLATE, "unreadable": Kind.UNREADABLE}
        state.verdicts[key] = CellVerdict(kinds[cell.kind], cell)
        state.exact[key] = state.literal[key] = want
        state.blur[key] = Fraction(0)
        if cell.kind == "unreadable" or traced.used & state.unsure:
            state.unsure.add(key)
        if traced.used & state.dead:
            state.dead.add(key)
        return
    shaped = [entries for _, entries in _shaped(cell, expected)]
    right = next((entries for entries in shaped if _equal(entries, expected)), None)
    if right is not None and key not in watch.void:
        state.verdicts[key] = CellVerdict(Kind.RIGHT, cell, own_want)
        state.exact[key], state.literal[key] = expected, _values(right)
        state.blur[key] = Fraction(0)
        return
    refused = key in watch.refused or bool(traced.used & state.dead)
    followed = None if refused or right is not None else _followed(key, shaped, state, spec)
    if followed is not None:
        entries, value, used, slack = followed
        slipped = tuple(k for k in spec.order if k in used and state.verdicts[k].kind in (Kind.WRONG, Kind.COUNT))
        state.verdicts[key] = CellVerdict(Kind.FOLLOWS, cell, own_want, slipped=slipped)
        state.exact[key], state.literal[key] = value, _values(entries)
        state.blur[key] = slack  # what is taken over from a rounded number is as blurred
        return
    if refused or key in watch.void:
        state.dead.add(key)
    unsure = bool(traced.used & state.unsure) and not refused
    kind = Kind.WRONG if shaped else Kind.COUNT
    if (
        (unsure and shaped)
        or (in_brackets(cell, expected) and not refused)
        or (not shaped and not refused and _right_but_for_count(cell, expected))
    ):
        kind = Kind.UNSURE
    state.verdicts[key] = CellVerdict(kind, cell, own_want)
    if kind is Kind.UNSURE:
        state.unsure.add(key)
    entries_or_none = shaped[0] if shaped else None
    state.exact[key] = state.literal[key] = _values(entries_or_none) if entries_or_none else want
    state.blur[key] = max((half_unit(e) for row in entries_or_none or () for e in row), default=Fraction(0))


def _followed(
    key: Key, shaped: list[Entries], state: _State, spec: TableSpec
) -> tuple[Entries, Matrix, set[Key], Fraction] | None:
    """The reading of a cell that is right for own numbers, that value, what it was computed from, and its blur."""
    for own in (state.exact, state.literal):
        traced = _Traced(own)
        value = spec.follow(key, traced)
        if value is None:
            continue
        slack = _slack(key, value, own, traced.used, state, spec)
        for entries in shaped:
            if _equal(entries, value, slack):
                return entries, value, traced.used, slack
    return None


def _slack(
    key: Key, value: Matrix, own: Mapping[Key, Matrix], used: set[Key], state: _State, spec: TableSpec
) -> Fraction:
    """How far rounding of the numbers before may move a cell; at most half a unit of its third digit."""
    slack = Fraction(0)
    for other in used:
        if state.blur.get(other):
            moved = {**own, other: tuple(tuple(entry + state.blur[other] for entry in row) for row in own[other])}
            again = spec.follow(key, moved)
            if again is not None:
                pairs = (zip(a, b, strict=True) for a, b in zip(again, value, strict=True))
                slack += max((abs(x - y) for pair in pairs for x, y in pair), default=Fraction(0))
    largest = max((abs(entry) for row in value for entry in row), default=Fraction(0))
    return min(slack, largest / 200)


def _with_slips(state: _State, watch: Guard, spec: TableSpec) -> dict[Key, CellVerdict]:
    """Name the slips that give each wrong cell; of several the one that explains most of the hand-in comes first."""
    fits: dict[Key, list[Slip]] = {}
    for key, verdict in state.verdicts.items():
        if verdict.kind not in (Kind.WRONG, Kind.UNSURE):
            continue
        shaped = [entries for _, entries in _shaped(verdict.written, spec.expected[key])]
        if key in watch.refused | state.dead and not any(entry for row in state.literal[key] for entry in row):
            continue  # a zero among zeros says nothing of how it came about
        for slip in spec.slips:
            for own in (state.exact, state.literal):
                value = slip.wrong(key, own)
                if value is not None and any(_equal(entries, value) for entries in shaped):
                    if value != verdict.own_want or slip.repeats:
                        fits.setdefault(key, []).append(slip)
                    break
    counts = Counter(id for found in fits.values() for id in {slip.info.id for slip in found})
    order = {slip.info.id: at for at, slip in reversed([*enumerate(spec.slips)])}
    return {
        key: replace(
            verdict,
            slips=tuple(sorted(fits.get(key, ()), key=lambda slip: (-counts[slip.info.id], order[slip.info.id]))),
        )
        for key, verdict in state.verdicts.items()
    }


def _shaped(cell: Written, expected: Matrix) -> list[tuple[int, Entries]]:
    """The readings of a cell whose numbers fit the layer, as matrices."""
    rows, columns = len(expected), len(expected[0])
    shaped = []
    for at, numbers in enumerate(cell.readings):
        entries = filled(numbers, rows, columns)
        if entries is not None:
            shaped.append((at, entries))
    return shaped


def _right_but_for_count(cell: Written, expected: Matrix) -> bool:
    wanted = {entry for row in expected for entry in row}
    return len(wanted) == 1 and any(all(agrees(n, *wanted) for n in numbers) for numbers in cell.readings)


def _equal(entries: Entries, want: Matrix, slack: Fraction = Fraction(0)) -> bool:
    if len(entries) != len(want) or any(len(a) != len(b) for a, b in zip(entries, want, strict=True)):
        return False
    return all(
        agrees(e, w, slack) for row, wants in zip(entries, want, strict=True) for e, w in zip(row, wants, strict=True)
    )


def _values(entries: Entries) -> Matrix:
    return tuple(tuple(entry.value for entry in row) for row in entries)
