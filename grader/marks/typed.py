"""What persons typed into the workbooks of a folder, taken into the store.

The rules: only what differs from what a workbook was written with is a new mark; each workbook is read once; nothing is
forgotten; where two marks contradict each other, both are said in words, with the one that counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader.export.marks import SEEN, Value, Written, cell_value, said, same_comment
from grader.export.text import cell_text, points
from grader.export.typed import Typed, TypedRow, typed_into
from grader.gradebook import Extent, HumanMark
from grader.model import tidy
from grader.store import Store

SOURCES = {Extent.PENDING: "Review", Extent.WHOLE: "Scores"}
_SAME = 1e-9

Key = tuple[str, str]
Marks = Mapping[Extent, HumanMark]


@dataclass(frozen=True)
class Reading:
    """What was read from a folder's workbooks: the marks that are new, and what the user should know."""

    marks: tuple[HumanMark, ...] = ()
    remarks: tuple[str, ...] = ()


def read_workbooks(folder: Path, store: Store) -> Reading:
    """Take what was typed into the workbooks of a folder into the store, each file once; none of them is changed.

    All of `grades.xlsx`, `grades (2).xlsx`, `grades (edited 1).xlsx` and so on are read, those saved first first.
    """
    marks: list[HumanMark] = []
    remarks: list[str] = []
    found: list[tuple[datetime, str, str, Typed]] = []
    for path in sorted(folder.glob("grades*.xlsx")):
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            remarks.append(
                f"{path.name} cannot be read ({error.strerror or error}), so marks typed there are not counted."
            )
            continue
        if not store.has_read(digest):
            typed = typed_into(path)
            found.append((typed.saved or datetime.now(UTC), digest, path.name, typed))
    for saved, digest, name, typed in sorted(found, key=lambda one: one[:2]):
        if typed.unread:
            remarks.append(
                f"{name} is no workbook of the grader's ({typed.unread}). It is kept; no mark is read from it."
            )
        elif typed.lacking:
            remarks.append(
                f"{name} lacks {'; '.join(typed.lacking)}, or has it under another name, so no mark is read from "
                "there. Put the name right in the copy that is kept, “grades (edited …).xlsx”, save it, and run again."
            )
        if typed.edited and typed.added:
            sheets = ", ".join(f"“{sheet}”" for sheet in typed.added)
            remarks.append(f"{name} has sheets of your own, {sheets}: they stay in the copy, “grades (edited …).xlsx”.")
        reader = _Reader(store, min(saved, datetime.now(UTC)), name)
        new = reader.read(typed)
        if new or typed.edited:
            store.take_marks(new, digest, name, datetime.now(UTC))
        marks += new
        remarks += reader.remarks
    return Reading(tuple(marks), tuple(remarks))


def know(workbook: Path, store: Store) -> None:
    """Remember a workbook as it was just written, so that it is read only once a person has saved it."""
    digest = hashlib.sha256(workbook.read_bytes()).hexdigest()
    store.take_marks((), digest, workbook.name, datetime.now(UTC))


class _Reader:
    """Compares one workbook with what it was written with and with the store."""

    def __init__(self, store: Store, saved: datetime, name: str) -> None:
        self.at = saved.astimezone(UTC).isoformat(timespec="seconds")
        self.name = name
        self.remarks: list[str] = []
        self.known: dict[Key, dict[Extent, HumanMark]] = {}
        for mark in store.marks():
            self.known.setdefault((cell_text(mark.student), mark.question), {})[mark.extent] = mark

    def read(self, typed: Typed) -> list[HumanMark]:
        new: list[HumanMark] = []
        for student, column, value in typed.passed_over:
            self.remarks.append(
                f"{student}: {value} was typed over {column}, where nothing is read; it counts nothing. "
                "Points go into an override of Scores or a Mark of Review, what lateness costs into the policy."
            )
        for key, row in typed.rows.items():
            new += self._row(key, row, typed.written.get(key, Written()))
        return new

    def _row(self, key: Key, row: TypedRow, written: Written) -> list[HumanMark]:
        """The new marks of one question, the last one of an extent being the one that counts."""
        known = self.known.get(key, {})
        cells = dict(row.marks)
        self._typed_over(key, row, written, cells)
        commented = row.why is not None and (
            not same_comment(written, row.comment) or bool(row.comment and not known)  # the store was begun anew
        )
        new: dict[Extent, list[HumanMark]] = {}
        for extent in (Extent.PENDING, Extent.WHOLE):
            before = known.get(extent)
            base, value = _base(written, extent, known), cells.get(extent)
            changed = extent in cells and not same(value, base)
            if changed and before is not None and same(value, cell_value(before)):
                changed = False  # the store has it already
            comment = _comment(before, row, written, extent) if commented else None
            if changed:
                mark = self._mark(key, extent, value, _answer(written, extent, value))
                mark = replace(mark, comment=(before.comment if before else "") if comment is None else comment)
                new[extent] = self._settled(mark, before, base)
            elif comment is not None:
                mark = before or self._mark(key, extent, None, written.answer)
                new[extent] = [replace(mark, student=key[0], comment=comment, at=self.at)]
        typed = {extent for extent in new if not same(cell_value(new[extent][-1]), cell_value(known.get(extent)))}
        seen = written.noticed and row.why is not None and SEEN not in row.why
        for extent, mark in known.items():
            last = new[extent][-1] if extent in new else mark
            settled = replace(
                last,
                student=key[0],
                answer=written.answer if seen and extent not in typed else last.answer,
                conflict="" if (seen or typed) and last.conflict == mark.conflict else last.conflict,
            )
            if last.points is not None and (settled.answer, settled.conflict) != (last.answer, last.conflict):
                new.setdefault(extent, []).append(replace(settled, at=self.at))
        if Extent.PENDING in typed:
            self._outvoted({**known, **{extent: marks[-1] for extent, marks in new.items()}}, written, new)
        return [mark for marks in new.values() for mark in marks]

    def _mark(self, key: Key, extent: Extent, value: Value, answer: str) -> HumanMark:
        number = value if isinstance(value, float) else None
        words = value if isinstance(value, str) else ""
        return HumanMark(*key, number, extent, "", self.at, SOURCES[extent], answer, typed=words)

    def _typed_over(self, key: Key, row: TypedRow, written: Written, cells: dict[Extent, Value]) -> None:
        """Points typed over the grader's own are taken for an override, for the total in the workbook took them so."""
        value = row.earned
        if isinstance(value, str) and written.earned is not None:
            self.remarks.append(f"{key[0]}, {key[1]}: “{value}” was typed over the grader's points; it counts nothing.")
        if written.earned is None or not isinstance(value, float) or abs(value - written.earned) < _SAME:
            return
        if cells.get(Extent.WHOLE) is None:
            cells[Extent.WHOLE] = value
            self.remarks.append(
                f"{key[0]}, {key[1]}: {points(value)} was typed over the grader's {points(written.earned)} in Scores; "
                "it is kept as an override."
            )

    def _settled(self, mark: HumanMark, before: HumanMark | None, base: Value) -> list[HumanMark]:
        """The mark, and after it the one that counts where the store has moved away from what the workbook showed."""
        if before is None or same(cell_value(before), base) or same(cell_value(before), cell_value(mark)):
            return [mark]
        winner = mark if mark.at >= before.at else before
        conflict = (
            f"There are two marks: {said(before)} and {said(mark)}. The later one counts, "
            f"{said(winner).removeprefix('the mark ')}."
        )
        self.remarks.append(f"{mark.student}, {mark.question}: {conflict}")
        if winner is mark:
            return [replace(mark, conflict=conflict)]
        return [mark, replace(before, student=mark.student, conflict=conflict)]

    def _outvoted(self, latest: Marks, written: Written, new: dict[Extent, list[HumanMark]]) -> None:
        """Where points for what waits were typed and an override stands too: the override counts, and that is said."""
        whole, waiting = latest.get(Extent.WHOLE), latest[Extent.PENDING]
        if whole is None or whole.points is None or waiting.points is None:
            return
        if same(whole.points, tidy((written.earned or 0.0) + waiting.points)):
            return
        conflict = (
            f"There are two marks: {said(waiting)} for what waits and {said(whole)} for the whole question. "
            "The one for the whole question counts; clear one of them."
        )
        self.remarks.append(f"{waiting.student}, {waiting.question}: {conflict}")
        told = replace(whole, student=waiting.student, conflict=f"{whole.conflict} {conflict}".strip())
        new[Extent.WHOLE] = [*(mark for mark in new.get(Extent.WHOLE, []) if mark != whole), told]


def _base(written: Written, extent: Extent, known: Marks) -> Value:
    """What the cell was written with; a store that does not know that mark was begun anew, and learns it again."""
    return written.marks.get(extent, (None, ""))[0] if extent in known else None


def _answer(written: Written, extent: Extent, value: Value) -> str:
    """The digest of what was judged: another one than now only for a mark that the workbook had already."""
    before, answer = written.marks.get(extent, (None, ""))
    return answer if before is not None and same(before, value) else written.answer


def _comment(before: HumanMark | None, row: TypedRow, written: Written, extent: Extent) -> str | None:
    """The comment that a mark gets now that it was changed in the workbook; None where it belongs to the other one."""
    mine = before.comment if before is not None else ""
    if extent is not written.owner:
        return row.comment if mine and same_comment(written, mine) else None
    if mine and mine != row.comment and not same_comment(written, mine):
        return " / ".join(filter(None, (mine, row.comment)))  # changed in the store meanwhile: neither is lost
    return row.comment


def same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < _SAME
    return one == other
