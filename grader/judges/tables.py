"""Judges tables worked out by hand: cells to marks and words. What the tables mean comes from a `TableSpec`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.intake.reading import Line, Reading, TextCell
from grader.judges.code import status_of
from grader.judges.table_cells import CHANGE, DIGITS, Matrix, Written, agrees, written
from grader.judges.table_layout import Layout, Located, locate
from grader.judges.table_lists import in_code, in_words, loose, with_lists
from grader.judges.table_spec import Key, TableQuestion, TableSpec
from grader.judges.table_text import Mention, mentions, value_of
from grader.judges.table_verdict import CellVerdict, Kind, Verdicts, verdicts
from grader.model import AnswerText, LabelReport, Picture, Place, QuestionReport, Status

_MOST_TEXT = 4_000
_NO_ROUND = -1
_TWICE = "is given twice in the same table, with different numbers"
_ONLY_ZEROS = "A zero counts where some other number of the same update is right."


@dataclass(frozen=True)
class _Chosen:
    """The cell that was taken for a key, where it stands, and whether other filled cells said otherwise."""

    written: Written
    place: Place | None = None
    several: bool = False


def judge_tables(readings: Sequence[Reading], spec: TableSpec) -> tuple[QuestionReport, ...]:
    """Judge what was read of a hand-in; one report a question of the spec. Pending where a human must look."""
    layout = with_lists(locate(readings, spec), readings, spec)
    chosen, unsure = _choose(layout, spec)
    for question in spec.named:
        _take_from_text(question, readings, chosen, unsure, spec)
    judged = verdicts({key: cell.written for key, cell in chosen.items()}, spec)
    return tuple(_question(question, judged, chosen, unsure, layout, readings, spec) for question in spec.questions)


def _choose(layout: Layout, spec: TableSpec) -> tuple[dict[Key, _Chosen], dict[Key, str]]:
    """One cell for each key: out of the table with most cells filled in, the last of them where several are equal."""
    read: dict[Key, list[tuple[int, Located, Written]]] = {
        key: [(number, located, _written(key, located.cell, spec)) for number, located in entries]
        for key, entries in layout.found.items()
    }
    fullness: dict[tuple[str, int], int] = {}
    for key, entries in read.items():
        for number, _, cell in entries:
            fullness[key.question, number] = fullness.get((key.question, number), 0) + (cell.kind == "numbers")
    chosen: dict[Key, _Chosen] = {}
    for key, entries in read.items():
        rank = {"template": 0, "blank": 1, "unreadable": 2, "numbers": 3}
        best = max(entries, key=lambda e: (rank[e[2].kind] > 1, fullness[key.question, e[0]], rank[e[2].kind], e[0]))
        others = {_same(e[2]) for e in entries if e[2].kind == "numbers"}
        twice = {_same(e[2]) for e in entries if e[0] == best[0] and e[2].kind == "numbers"}
        cell = Written("unreadable", "", why=_TWICE) if len(twice) > 1 else best[2]
        chosen[key] = _Chosen(cell, best[1].place, len(others) > 1)
    return chosen, {}


def _written(key: Key, cell: TextCell, spec: TableSpec) -> Written:
    """A cell as `written` reads it; "1 → 0.08" is the new value, and where the old one belongs nobody can tell."""
    if key.label.endswith(f".{spec.carried}") and CHANGE.search(cell.text):
        return Written("unreadable", cell.text, why="may be the old value or the new one")
    return written(cell, spec.template)


def _same(cell: Written) -> object:
    return tuple(sorted({number.value for number in cell.readings[0]}))


def _take_from_text(
    question: str,
    readings: Sequence[Reading],
    chosen: dict[Key, _Chosen],
    unsure: dict[Key, str],
    spec: TableSpec,
) -> None:
    """Fill the keys of a question from numbers in the text where no table has them."""
    keys = [key for key in spec.order if key.question == question]
    told = mentions(readings, spec.named[question], spec.facets[0])
    said = replace(told, found=tuple(_meant(mention, keys, unsure, spec) for mention in told.found))
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
        chosen[key] = _Chosen(last.written, last.place)


def _meant(mention: Mention, keys: Sequence[Key], unsure: dict[Key, str], spec: TableSpec) -> Mention:
    """ "The loss after the first update" may be that of its round, or of the next; a human decides if it is neither."""
    if mention.round is None or not mention.after:
        return mention
    value = value_of(mention.written)
    if agrees(value, spec.expected[keys[mention.round]][0][0]):
        return mention
    later = mention.round + 1
    if later < len(keys) and agrees(value, spec.expected[keys[later]][0][0]):
        return replace(mention, round=later)
    unsure[keys[mention.round]] = "Whether the loss before or after this update is meant, a human decides."
    return replace(mention, round=_NO_ROUND)


def _question(
    question: TableQuestion,
    judged: Verdicts,
    chosen: Mapping[Key, _Chosen],
    unsure: Mapping[Key, str],
    layout: Layout,
    readings: Sequence[Reading],
    spec: TableSpec,
) -> QuestionReport:
    keys = [Key(question.id, label) for label in question.marks]
    touched = any(chosen[key].written.kind in ("numbers", "unreadable") for key in keys if key in chosen)
    pictures = tuple(picture for reading in readings for picture in reading.pictures)
    why = "" if touched else _why_human(readings, layout, pictures, bool(question.facets))
    if not (why or touched) and question.facets and (where := loose(readings, layout, spec)):
        why = f"Numbers stand in the text ({where}), but no table was found; a human looks at them."
    if not (why or touched) and (where := in_code(readings, spec)):
        why = f"Numbers stand in the code of {where}, and no table with them was shown; a human looks at them."
    if not (why or touched) and question.id in judged.misplaced.values():
        why = "Its numbers stand in a table that is headed as another one; a human looks at them."
    words = in_words(readings, question, spec)
    told = f"What became of these numbers is said in words ({words}); a human reads it." if words else ""
    astray = _why_human((), layout, (), bool(question.facets))
    if any(chosen[key].written.why == _TWICE for key in keys if key in chosen):
        astray = astray or "Another cell of the table is given twice; a human looks at which is which."
    reasons = {key: unsure.get(key, "") or ("" if key in chosen else astray) or told for key in keys}
    labels = tuple(_label(question, key, judged, chosen.get(key), reasons[key], why, spec) for key in keys)
    flags = [
        f"{label.label}: {note}" for label in labels for note in label.notes if label.status is Status.PASSED and note
    ]
    if question.id in judged.guard.said:
        flags.append(judged.guard.said[question.id])
    if any(chosen[key].several for key in keys if key in chosen):
        flags.append(
            "Different numbers are given for some cells; the fullest table was judged, of equal ones the last."
        )
    if layout.guessed and touched and question.facets:
        flags.append("Some tables have no heading that says which they are; they were taken in the sheet's order.")
    waits = any(label.pending for label in labels)
    place = next((chosen[key].place for key in keys if key in chosen and chosen[key].place), None)
    return QuestionReport(
        id=question.id,
        title=question.title,
        possible=question.points,
        bonus=False,
        status=status_of(labels),
        labels=labels,
        place=place,
        notes=tuple(note for reading in readings for note in reading.notes),
        flags=tuple(dict.fromkeys(flags)),
        answer=_answer(keys, chosen, readings, pictures if waits else (), waits, question),
    )


def _why_human(readings: Sequence[Reading], layout: Layout, pictures: tuple[Picture, ...], is_table: bool) -> str:
    """Why a question without any number waits for a human, or nothing where it is simply missing."""
    if layout.lost and is_table:
        where = ", ".join(dict.fromkeys(str(place) for place in layout.lost[:3]))
        return f"There are tables with numbers, but it is not clear which is which ({where}); a human looks at them."
    problems = [reading.problem for reading in readings if reading.problem]
    if problems:
        return " ".join(problems)
    if pictures:
        files = ", ".join(dict.fromkeys(str(picture.place) for picture in pictures[:3]))
        return f"What was handed in is a picture or a scan ({files}); a human reads it, and no mark is lost by that."
    elsewhere = [name for reading in readings for name in reading.elsewhere]
    if elsewhere:
        names = ", ".join(dict.fromkeys(elsewhere[:3]))
        return f"The answer points to a picture that was not found ({names}); a human looks at it."
    return ""


def _label(
    question: TableQuestion,
    key: Key,
    judged: Verdicts,
    chosen: _Chosen | None,
    unsure: str,
    why_human: str,
    spec: TableSpec,
) -> LabelReport:
    verdict = judged.cells[key]
    marks = question.marks[key.label]
    name = question.words.get(key.label, key.label)
    match verdict.kind:
        case Kind.RIGHT:
            return LabelReport(key.label, Status.PASSED, marks, marks)
        case Kind.FOLLOWS:
            return LabelReport(key.label, Status.PASSED, marks, marks, notes=(_follows(verdict, key, spec),))
        case Kind.BLANK | Kind.TEMPLATE:
            reason = unsure or why_human
            if reason:
                return LabelReport(key.label, Status.NEEDS_HUMAN, 0.0, marks, marks, message=f"{name}: {reason}")
            return LabelReport(key.label, Status.MISSING, 0.0, marks, message=_missing(verdict, name, chosen))
        case Kind.UNREADABLE:
            text = _quoted(verdict.written.text) if verdict.written.text else "the cell "
            message = f"{name}: {text}{verdict.written.why}{_at(chosen)}; a human looks at it."
            return LabelReport(key.label, Status.NEEDS_HUMAN, 0.0, marks, marks, message=message)
        case Kind.UNSURE:
            message = f"{name}: {_why_unsure(verdict, spec.expected[key])}; a human looks at it."
            if key.question in judged.misplaced:
                message = f"{name}: {_mixed_up(judged.misplaced[key.question], spec)}; a human looks at it."
            return LabelReport(key.label, Status.NEEDS_HUMAN, 0.0, marks, marks, message=message)
    slips = verdict.slips
    return LabelReport(
        key.label,
        Status.FAILED,
        0.0,
        marks,
        faults=tuple(dict.fromkeys(slip.info.id for slip in slips)),
        message=_wrong(verdict, key, name, judged, chosen, spec),
        hint=slips[0].info.hint if slips else "Work this cell out again from the numbers in the cells before it.",
    )


def _mixed_up(other: str, spec: TableSpec) -> str:
    title = next(question.title for question in spec.questions if question.id == other)
    return f"the numbers of this table are those of “{title}”; perhaps the headings are mixed up"


def _why_unsure(verdict: CellVerdict, want: Matrix) -> str:
    counts = {len(numbers) for numbers in verdict.written.readings}
    if counts.isdisjoint({1, len(want), len(want) * len(want[0])}):
        return f"{_quoted(verdict.written.text)}has {min(counts)} numbers, and the layer has {len(want) * len(want[0])}"
    if _is_right(verdict, want):
        return f"{_quoted(verdict.written.text)}stands among nothing but zeros"
    return f"whether {_quoted(verdict.written.text)}is right hangs on cells that could not be read"


def _wrong(verdict: CellVerdict, key: Key, name: str, judged: Verdicts, chosen: _Chosen | None, spec: TableSpec) -> str:
    want = spec.expected[key]
    text = f"{name}: {_shown(want)} was expected; {_quoted(verdict.written.text)}stands there{_at(chosen)}."
    rows, columns = len(want), len(want[0])
    if verdict.kind is Kind.COUNT:
        count = len(verdict.written.readings[0])
        return f"{text} These are {count} numbers, and the layer has {rows * columns}."
    why = judged.guard.said.get(key.question, "")
    if verdict.kind is Kind.WRONG and _is_right(verdict, want):
        return f"{name}: {_shown(want)} would be right, but not in this table. {why or _ONLY_ZEROS}"
    if key in judged.guard.void and why:
        return f"{text} {why}"
    if verdict.own_want is not None and _shown(verdict.own_want) != _shown(want):
        text += f" For your own earlier numbers {_shown(verdict.own_want)} would have been right."
    if verdict.slips:
        return f"{text} {verdict.slips[0].info.words}"
    if _too_coarse(verdict, want):
        return f"{text} It is rounded too far: at least {DIGITS} significant digits are needed."
    return text


def _follows(verdict: CellVerdict, key: Key, spec: TableSpec) -> str:
    want = _shown(spec.expected[key])
    if not verdict.slipped:
        return f"{want} was expected; {_quoted(verdict.written.text)}is right for your own earlier numbers."
    earlier = ", ".join(_cell_name(other, key, spec) for other in verdict.slipped[:3])
    return (
        f"{want} was expected; {_quoted(verdict.written.text)}is right for your own earlier numbers and keeps its mark."
        f" The slip is in {earlier}."
    )


def _cell_name(other: Key, key: Key, spec: TableSpec) -> str:
    question = next(q for q in spec.questions if q.id == other.question)
    name = question.words.get(other.label, other.label)
    return name if other.question == key.question else f"{question.title}: {name}"


def _missing(verdict: CellVerdict, name: str, chosen: _Chosen | None) -> str:
    if verdict.kind is Kind.TEMPLATE:
        return f"{name}: the sheet's placeholder {_quoted(verdict.written.text)}stands there{_at(chosen)}, no number."
    if chosen is None:
        return f"{name}: no such number was found in what was handed in."
    return f"{name}: the cell is empty{_at(chosen)}. A value of zero has to be written as 0."


def _is_right(verdict: CellVerdict, want: Matrix) -> bool:
    """Whether a cell holds the expected number all the same."""
    wanted = [entry for row in want for entry in row]
    return any(
        len(numbers) in (1, len(wanted)) and all(agrees(n, wanted[at % len(wanted)]) for at, n in enumerate(numbers))
        for numbers in verdict.written.readings
    )


def _too_coarse(verdict: CellVerdict, want: Matrix) -> bool:
    entry = verdict.written.readings[0][0]
    first = want[0][0]
    return (
        entry.decimals < 60
        and entry.value != 0
        and first != 0
        and round(float(first), max(entry.decimals, 0)) == float(entry.value)
    )


def _answer(
    keys: Sequence[Key],
    chosen: Mapping[Key, _Chosen],
    readings: Sequence[Reading],
    pictures: tuple[Picture, ...],
    waits: bool,
    question: TableQuestion,
) -> AnswerText:
    """What the student wrote for this question; where a human must look, the whole hand-in's text and its pictures."""
    cells = [(key, chosen[key]) for key in keys if key in chosen and chosen[key].written.kind != "blank"]
    text = "\n".join(f"{question.words.get(key.label, key.label)}: {cell.written.text}" for key, cell in cells)
    if waits and not cells:
        parts = [part for reading in readings for part in reading.parts]
        lines = [
            part.text if isinstance(part, Line) else "\n".join(" | ".join(c.text for c in row) for row in part.rows)
            for part in parts
        ]
        text = "\n".join(lines)[:_MOST_TEXT]
    places = tuple(dict.fromkeys(cell.place for _, cell in cells if cell.place))
    return AnswerText(text, pictures=pictures, places=places)


def _shown(matrix: Matrix) -> str:
    """A matrix in a message: one number where all entries are the same."""
    entries = [entry for row in matrix for entry in row]
    if all(entry == entries[0] for entry in entries):
        return f"{float(entries[0]):.8g}"
    return "[" + ", ".join(f"{float(entry):.8g}" for entry in entries) + "]"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:60]}{'…' if len(text) > 60 else ''}” " if text else "what stands there "


def _at(chosen: _Chosen | None) -> str:
    return f" ({chosen.place})" if chosen and chosen.place else ""
