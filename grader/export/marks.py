"""What a person typed into an earlier workbook: the marks and comments of its sheet `Review`, read back.

Nothing here decides what a mark counts for; the review sheet carries it over, the scores sheet adds it up.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.export.sheet import CARRIED, CREATED
from grader.export.text import cell_text

NO_MARK = "–"
"""What stands in a mark cell that takes no mark."""

STALE = "The answer has changed since this mark was typed (delete this sentence when you have seen it)."
"""What stands beside a mark whose answer is another one now; it stays until a person takes it away."""


@dataclass(frozen=True)
class TypedMark:
    """One mark or comment as it was typed; words in a mark cell stay words.

    `answer` is what was judged then; `stale` says that the workbook called the mark stale already.
    """

    mark: float | str | None
    comment: str
    answer: str
    stale: bool


@dataclass(frozen=True)
class Typed:
    """All that was typed into one workbook, by student and question; `edited` says that a person saved it at all."""

    edited: bool = False
    marks: Mapping[tuple[str, str], TypedMark] = field(default_factory=dict)


def typed_into(path: Path) -> Typed:
    """What a person typed into the workbook at `path`.

    The date of the last change tells whether anyone saved it since the grader wrote it; if nobody did, and it carries
    no earlier marks either, it is not read. One that cannot be read counts as edited, so that it is kept.
    """
    try:
        if not path.is_file():
            return Typed()
        with zipfile.ZipFile(path) as archive:
            core = archive.read("docProps/core.xml").decode("utf-8")
        changed = re.search(r"<dcterms:modified[^>]*>([^<]*)<", core)
        edited = changed is None or not changed.group(1).startswith(CREATED.isoformat())
        return Typed(edited, dict(_marks(path)) if edited or CARRIED in core else {})
    except Exception:  # whatever is wrong with a file that passed through other programs, it must be kept
        return Typed(edited=True)


def _marks(path: Path) -> Iterator[tuple[tuple[str, str], TypedMark]]:
    from openpyxl import load_workbook  # only where there is something to read: it takes a while to import

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book["Review"].iter_rows(values_only=True)
        columns = {str(title): number for number, title in enumerate(next(rows))}
        wanted = [columns[title] for title in ("Student", "Question", "Mark", "Comment", "Answer", "Why it waits")]
        for row in rows:
            student, question, mark, comment, answer, why = (row[at] if at < len(row) else None for at in wanted)
            given = None if mark == NO_MARK else _mark(mark)
            if given is not None or comment is not None:
                typed = TypedMark(given, _words(comment), _words(answer), STALE in _words(why))
                yield (_words(student), _words(question)), typed
    finally:
        book.close()


def _mark(value: Any) -> float | str | None:
    if isinstance(value, bool) or value is None:
        return None if value is None else str(value)
    return float(value) if isinstance(value, int | float) else (str(value).strip() or None)


def _words(value: Any) -> str:
    return "" if value is None else cell_text(str(value))
