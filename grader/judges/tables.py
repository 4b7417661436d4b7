"""Judges tables worked out by hand: cells to marks and words. What the tables mean comes from a `TableSpec`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.intake.reading import Line, Reading
from grader.judges.code import status_of
from grader.judges.table_cells import DIGITS, Matrix, holds, in_brackets
from grader.judges.table_choice import DISPUTED, TWICE, Chosen, choose, take_from_text
from grader.judges.table_layout import Layout, locate
from grader.judges.table_lists import in_code, in_words, loose, with_lists
from grader.judges.table_spec import Key, TableQuestion, TableSpec
from grader.judges.table_verdict import CellVerdict, Kind, Verdicts, verdicts
from grader.model import AnswerText, LabelReport, Picture, QuestionReport, Status

_MOST_TEXT = 4_000
_ONLY_ZEROS = "A zero counts where some other number of the same update is right."


def judge_tables(readings: Sequence[Reading], spec: TableSpec) -> tuple[QuestionReport, ...]:
    """Judge what was read of a hand-in; one report a question of the spec. Pending where a human must look."""
    layout = with_lists(locate(readings, spec), readings, spec)
    chosen = choose(layout, spec)
    unsure: dict[Key, str] = {}
    for question in spec.named:
        take_from_text(question, readings, chosen, unsure, spec)
    judged = verdicts({key: cell.written for key, cell in chosen.items()}, spec)
    return tuple(_question(question, judged, chosen, unsure, layout, readings, spec) for question in spec.questions)


def _question(
    question: TableQuestion,
    judged: Verdicts,
    chosen: Mapping[Key, Chosen],
    unsure: Mapping[Key, str],
    layout: Layout,
    readings: Sequence[Reading],
    spec: TableSpec,
) -> QuestionReport:
    keys = [Key(question.id, label) for label in question.marks]
    touched = any(chosen[key].written.kind in ("numbers", "unreadable") for key in keys if key in chosen)
    pictures = tuple(picture for reading in readings for picture in reading.pictures)
    why = "" if touched else _why_human(readings, layout, pictures, bool(question.facets))
    placed = {key for key in chosen if key.question not in spec.named}
    untouched = bool(placed) and all(chosen[key].written.kind in ("template", "blank") for key in placed)
    told = "" if untouched else loose(readings, question, spec)
    if not (why or touched) and told and not placed & set(keys):
        why = f"Numbers stand in the text ({told}), but no table was found; a human looks at them."
    if not (why or touched) and (where := in_code(readings, spec)):
        why = f"Numbers stand in the code of {where}, and no table with them was shown; a human looks at them."
    disputed = any(cell.written.why == DISPUTED for cell in chosen.values())
    if not (why or touched) and (disputed or question.id in judged.misplaced.values()):
        why = "Its numbers may stand in a table that is headed as another one; a human looks at them."
    words = in_words(readings, question, spec)
    said = f"What became of these numbers is said in words ({words}); a human reads it." if words else ""
    astray = _why_human((), layout, pictures, bool(question.facets))
    if told:
        astray = astray or f"Numbers stand in the text ({told}) that belong to no table; a human looks at them."
    if any(chosen[key].written.why == TWICE for key in keys if key in chosen):
        astray = astray or "Another cell of the table is given twice; a human looks at which is which."
    reasons = {key: unsure.get(key, "") or ("" if key in chosen else astray) or said for key in keys}
    labels = tuple(_label(question, key, judged, chosen.get(key), reasons[key], why, spec) for key in keys)
    flags = _followed(question, judged, spec)
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
    chosen: Chosen | None,
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
    if in_brackets(verdict.written, want):
        return f"{_quoted(verdict.written.text)}may be a number in brackets or a negative one"
    if verdict.unfounded:
        return f"{_quoted(verdict.written.text)}follows from earlier numbers, but no gradient among them is right"
    if holds(verdict.written, want):
        return f"{_quoted(verdict.written.text)}stands among nothing but zeros"
    return f"whether {_quoted(verdict.written.text)}is right hangs on cells that could not be read"


def _wrong(verdict: CellVerdict, key: Key, name: str, judged: Verdicts, chosen: Chosen | None, spec: TableSpec) -> str:
    want = spec.expected[key]
    text = f"{name}: {_shown(want)} was expected; {_quoted(verdict.written.text)}stands there{_at(chosen)}."
    rows, columns = len(want), len(want[0])
    if verdict.kind is Kind.COUNT:
        count = len(verdict.written.readings[0])
        return f"{text} These are {count} numbers, and the layer has {rows * columns}."
    why = judged.guard.said.get(key.question, "")
    if verdict.kind is Kind.WRONG and holds(verdict.written, want):
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


def _followed(question: TableQuestion, judged: Verdicts, spec: TableSpec) -> list[str]:
    """What an instructor should know of all cells that follow from wrong ones, said once, at the first question."""
    cells = {key: verdict for key, verdict in judged.cells.items() if verdict.kind is Kind.FOLLOWS}
    where = [other.id for other in spec.questions if any(key.question == other.id for key in cells)]
    if where[:1] != [question.id]:
        return []
    slips = dict.fromkeys(key for verdict in cells.values() for key in verdict.slipped)
    names = [_cell_name(key, None, spec) for key in spec.order if key in slips]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    told = f" The slip is in {'; '.join(names[:3])}{more}." if names else ""
    count = f"{len(cells)} cells of {', '.join(where)} follow" if len(cells) > 1 else f"1 cell of {where[0]} follows"
    return [f"{count} from the student's own earlier numbers, with the marks kept.{told}"]


def _cell_name(other: Key, key: Key | None, spec: TableSpec) -> str:
    question = next(q for q in spec.questions if q.id == other.question)
    name = question.words.get(other.label, other.label)
    return name if key and other.question == key.question else f"{question.title}: {name}"


def _missing(verdict: CellVerdict, name: str, chosen: Chosen | None) -> str:
    if verdict.kind is Kind.TEMPLATE:
        return f"{name}: the sheet's placeholder {_quoted(verdict.written.text)}stands there{_at(chosen)}, no number."
    if chosen is None:
        return f"{name}: no such number was found in what was handed in."
    return f"{name}: the cell is empty{_at(chosen)}. A value of zero has to be written as 0."


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
    chosen: Mapping[Key, Chosen],
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


def _at(chosen: Chosen | None) -> str:
    return f" ({chosen.place})" if chosen and chosen.place else ""
