"""What a person typed into a workbook: marks, overrides and comments as they stand in its cells.

Whether that is new, and what it counts for, is not decided here.
"""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.export.marks import NAME, NO_MARK, Value, Written, value_of
from grader.export.scores_layout import override_title
from grader.export.sheet import CARRIED, CREATED
from grader.export.text import cell_text
from grader.model import WHOLE_HAND_IN, Extent

_CORE = "docProps/core.xml"


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
    could be read.
    """

    edited: bool = False
    saved: datetime | None = None
    rows: Mapping[tuple[str, str], TypedRow] = field(default_factory=dict)
    written: Mapping[tuple[str, str], Written] = field(default_factory=dict)
    unread: str = ""


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
    from openpyxl import load_workbook  # only where there is something to read: it takes a while to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it cannot read of a sheet's looks is no matter here
        return _parts(load_workbook(path, read_only=True, data_only=True), edited, saved)


def _parts(book: Any, edited: bool, saved: datetime) -> Typed:
    try:
        written = _written(_records(book[NAME])) if NAME in book.sheetnames else {}
        rows = _review(_records(book["Review"]))
        questions = {question for _, question in written} - {WHOLE_HAND_IN}
        _scores(_records(book["Scores"]), questions, rows)
    finally:
        book.close()
    return Typed(edited, saved, rows, written)


def _records(sheet: Any) -> Iterable[dict[str, Any]]:
    rows = sheet.iter_rows(values_only=True)
    titles = [str(title) for title in next(rows)]
    return (dict(zip(titles, row, strict=False)) for row in rows)


def _review(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], TypedRow]:
    found = {}
    for record in records:
        mark = record["Mark"]
        if record["Student"] is not None and record["Question"] is not None:
            marks = {} if mark == NO_MARK else {Extent.PENDING: value_of(mark)}
            key = (_words(record["Student"]), _words(record["Question"]))
            found[key] = TypedRow(marks, None, _words(record["Comment"]).strip(), _words(record["Why it waits"]))
    return found


def _scores(
    records: Iterable[Mapping[str, Any]], questions: Iterable[str], rows: dict[tuple[str, str], TypedRow]
) -> None:
    """Add what stands in the overrides, and in the grader's own columns, to the rows of Review."""
    for record in records:
        for question in questions if record["Student"] is not None else ():
            key = (_words(record["Student"]), question)
            before = rows.get(key, TypedRow({}))
            marks = dict(before.marks)
            if override_title(question) in record:
                marks[Extent.WHOLE] = value_of(record[override_title(question)])
            rows[key] = TypedRow(marks, value_of(record.get(question)), before.comment, before.why)


def _written(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Written]:
    found = {}
    for record in records:
        if record["Student"] is not None:
            for question, part in json.loads(record["Written"]).items():
                marks = {extent: (value_of(part[extent][0]), part[extent][1]) for extent in Extent if extent in part}
                found[_words(record["Student"]), question] = Written(
                    part.get("answer", ""),
                    part.get("earned"),
                    marks,
                    part.get("comment", ""),
                    Extent(part.get("owner", Extent.PENDING)),
                    part.get("noticed", False),
                )
    return found


def _words(value: Any) -> str:
    return "" if value is None else cell_text(str(value))
