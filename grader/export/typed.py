"""What a person typed into a workbook: marks, overrides and comments as they stand in its cells.

Whether that is new, and what it counts for, is not decided here.
"""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.export.marks import NAME, NO_MARK, Value, Written, value_of
from grader.export.saved import Saved
from grader.export.scores_layout import CALCULATED, STANDING, override_title, questions_among
from grader.export.sheet import CARRIED, CREATED
from grader.export.text import cell_text, points
from grader.gradebook import WHOLE_HAND_IN, Extent

_CORE = "docProps/core.xml"
_SAME = 1e-9
_SHEETS = ("Scores", "Review", "Lost marks", "Misconceptions", "Items", "Rubric", "About", NAME)


@dataclass(frozen=True)
class TypedRow:
    """What stands in the workbook now: no cell for a mark, nothing in `marks`; no row in Review, `why` is None."""

    marks: Mapping[Extent, Value]
    earned: Value = None
    comment: str = ""
    why: str | None = None


@dataclass(frozen=True)
class Typed:
    """All of one workbook, by student (as cells have it) and question.

    `edited`: somebody saved it since the grader wrote it, at `saved` where that is known; `unread`: why nothing of it
    could be read. `passed_over`: what was typed where nothing is read, as (student, column of the sheet, words);
    `lacking`: sheets and columns of the grader's that are not there under their names, in words; `added`: sheets that
    are none of the grader's.
    """

    edited: bool = False
    saved: datetime | None = None
    rows: Mapping[tuple[str, str], TypedRow] = field(default_factory=dict)
    written: Mapping[tuple[str, str], Written] = field(default_factory=dict)
    unread: str = ""
    passed_over: tuple[tuple[str, str, str], ...] = ()
    lacking: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def typed_into(path: Path) -> Typed:
    """What stands in the workbook at `path` that a person may have typed.

    If nobody saved it since the grader wrote it, and it carries no marks either, it is not read. One that cannot be
    read counts as edited, so that it is kept.
    """
    try:
        if not path.is_file():
            return Typed()
        saved, carried = _saved(path)
        if saved is None and not carried:
            return Typed()
        return _read(path, saved is not None, saved or datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except Exception as error:  # whatever is wrong with a file that passed through other programs, it must be kept
        return Typed(edited=True, unread=f"{type(error).__name__}: {error}")


def is_edited(path: Path) -> bool:
    """Whether somebody saved the workbook since the grader wrote it, or it is no workbook that can be read."""
    try:
        return path.is_file() and _saved(path)[0] is not None
    except Exception:  # as above
        return True


def carries(path: Path) -> bool:
    """Whether the workbook may hold what a person typed, now or in an earlier one."""
    try:
        return path.is_file() and (is_edited(path) or _saved(path)[1])
    except Exception:  # as above
        return False


def _saved(path: Path) -> tuple[datetime | None, bool]:
    """When a person saved the workbook last, by its own date or else the file's, and whether it carries marks.

    Some programs leave the date inside as it was, and some leave it out: the packing tells those.
    """
    with zipfile.ZipFile(path) as archive:
        packed = {entry.date_time[0] for entry in archive.infolist()}
        core = archive.read(_CORE).decode("utf-8") if _CORE in archive.namelist() else ""
    changed = re.search(r"<dcterms:modified[^>]*>([^<]*)<", core)
    when = _instant(changed.group(1)) if changed else None
    if when == CREATED.replace(tzinfo=UTC):
        if packed == {1980}:
            return None, CARRIED in core
        when = None
    return when or datetime.fromtimestamp(path.stat().st_mtime, UTC), CARRIED in core


def _instant(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _read(path: Path, edited: bool, saved: datetime) -> Typed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it cannot read of a sheet's looks is no matter here
        sheets = Saved(path)
        try:
            if not {"Review", "Scores"} & set(sheets):
                return Typed(edited, saved, unread="it has neither a sheet Review nor one Scores")
            written = _written(sheets)
            rows = _review(sheets)
            over = [*_over_machine(sheets, written), *_over_scores(sheets, written)]
            known = {question for (_, question), before in written.items() if before.earned is not None}
            lacking = tuple(_lacking(sheets, known))
            added = tuple(name for name in sheets if name not in _SHEETS)
            _scores(sheets, known | questions_among(sheets.titles("Scores")), rows)
        finally:
            sheets.close()
    return Typed(edited, saved, rows, written, passed_over=tuple(over), lacking=lacking, added=added)


def _lacking(sheets: Saved, questions: Set[str]) -> Iterator[str]:
    """The sheets and columns that marks are read from, as far as they are not there under their names."""
    wanted = {
        "Review": ("Student", "Question", "Why it waits", "Mark", "Comment"),
        "Scores": ("Student", *map(override_title, sorted(questions))),
    }
    for name, titles in wanted.items():
        if name not in sheets:
            yield f"the sheet {name}"
            continue
        lacking = [f"“{title}”" for title in titles if title not in sheets.titles(name)]
        if lacking:
            yield f"{', '.join(lacking)} of {name}"


def _review(sheets: Saved) -> dict[tuple[str, str], TypedRow]:
    found = {}
    for record in sheets.records("Review"):
        if (key := _key(record)) is not None:
            mark = record.get("Mark")
            marks = {} if mark is None or mark.value == NO_MARK else {Extent.PENDING: sheets.value(mark)}
            found[key] = TypedRow(marks)
            if "Comment" in record and "Why it waits" in record:
                comment, why = (_words(record[title].value) for title in ("Comment", "Why it waits"))
                found[key] = TypedRow(marks, None, comment.strip(), why)
    return found


def _key(record: Mapping[str, Any]) -> tuple[str, str] | None:
    student, question = (record[title].value if title in record else None for title in ("Student", "Question"))
    return None if student is None or question is None else (_words(student), _words(question))


def _scores(sheets: Saved, questions: Iterable[str], rows: dict[tuple[str, str], TypedRow]) -> None:
    """Add what stands in the overrides, and in the grader's own columns, to the rows of Review."""
    for record in sheets.records("Scores"):
        for question in questions if record["Student"].value is not None else ():
            key = (_words(record["Student"].value), question)
            before = rows.get(key, TypedRow({}))
            marks = dict(before.marks)
            if override_title(question) in record:
                marks[Extent.WHOLE] = sheets.value(record[override_title(question)])
            earned = sheets.value(record[question]) if question in record else None
            rows[key] = TypedRow(marks, earned, before.comment, before.why)


def _over_machine(sheets: Saved, written: Mapping[tuple[str, str], Written]) -> Iterator[tuple[str, str, str]]:
    """What was typed over the grader's points as Review repeats them."""
    for record in sheets.records("Review"):
        key = _key(record)
        known = None if key is None else written.get(key)
        if key is not None and known is not None and known.earned is not None and "Machine" in record:
            value = sheets.value(record["Machine"])
            if _another(value, known.earned):
                yield key[0], f"{key[1]} Machine of Review", _said(value)


def _over_scores(sheets: Saved, written: Mapping[tuple[str, str], Written]) -> Iterator[tuple[str, str, str]]:
    """What was typed over totals and over what the policy says in Scores.

    Where a column has lost all its formulas, a program did that, and not a person.
    """
    rows = [record for record in sheets.records("Scores") if record["Student"].value is not None]
    for title in CALCULATED:
        cells = [(record["Student"].value, record[title]) for record in rows if title in record]
        if len(cells) == 1 or any(cell.data_type == "f" for _, cell in cells):
            for student, cell in cells:
                if cell.data_type != "f" and cell.value is not None:
                    yield _words(student), f"{title} of Scores", _said(sheets.value(cell))
    for record in rows:
        student = _words(record["Student"].value)
        known = written.get((student, WHOLE_HAND_IN), Written()).standing
        for title, before in zip(STANDING, known, strict=False):
            value = sheets.value(record[title]) if title in record else None
            if _another(_share(value), before):
                yield student, f"{title} of Scores", _said(value)


def _another(value: Value, before: float | None) -> bool:
    """Whether something else stands there than before; an emptied cell says nothing."""
    if value is None:
        return False
    return not isinstance(value, float) or before is None or abs(value - before) > _SAME


def _share(value: Value) -> Value:
    """A percentage, as the policy's factor stands there, as a number."""
    percentage = re.fullmatch(r"([\d.]+) %", value) if isinstance(value, str) else None
    return float(percentage[1]) / 100 if percentage else value


def _said(value: Value) -> str:
    return points(value) if isinstance(value, float) else f"{value or ''}"


def _written(sheets: Saved) -> dict[tuple[str, str], Written]:
    found = {}
    for record in sheets.records(NAME):
        if record["Student"].value is not None:
            for question, part in json.loads(record["Written"].value).items():
                marks = {extent: (value_of(part[extent][0]), part[extent][1]) for extent in Extent if extent in part}
                found[_words(record["Student"].value), question] = Written(
                    part.get("answer", ""),
                    part.get("earned"),
                    marks,
                    part.get("comment", ""),
                    Extent(part.get("owner", Extent.PENDING)),
                    part.get("noticed", False),
                    tuple(part.get("standing", ())),
                )
    return found


def _words(value: Any) -> str:
    return "" if value is None else cell_text(str(value))
