"""Files for a learning management system, from a gradebook that is already judged: which forms there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from grader.export.errors import ExportError
from grader.export.lms.canvas import to_canvas
from grader.export.lms.gradescope import to_gradescope
from grader.export.lms.moodle import to_moodle
from grader.export.lms.order import VISIBILITIES, Format, Order, say_what_waits
from grader.export.lms.plain import to_csv
from grader.export.questions import tidied
from grader.gradebook import Gradebook
from grader.people.roster import Roster

__all__ = ["FORMATS", "VISIBILITIES", "ExportError", "export"]

FORMATS: dict[str, Format] = {"canvas": to_canvas, "csv": to_csv, "gradescope": to_gradescope, "moodle": to_moodle}
"""What can be exported to, by the word after `--to`."""


def export(
    gradebook: Gradebook,
    to: str,
    out: Path,
    *,
    roster: Roster | None = None,
    assignment: str | None = None,
    visibility: str = "after_due_date",
    lms: Mapping[str, Mapping[str, str]] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the marks in the form `to` into the folder `out`; returns the files written.

    `roster` is the LMS's own list, whose columns are kept; `assignment` names the column to fill; `visibility` is
    Gradescope's; `lms` are ids by student id (`grader.people.enrolment.kept_ids`). `say` gets what the instructor
    should know: what waits for a person, whose marks found no row.

    Raises:
        ExportError: the form is unknown, the column is not in the list, or the folder cannot be written to.
    """
    if to not in FORMATS:
        raise ExportError(f"There is no export to {to!r}. Available: {', '.join(sorted(FORMATS))}.")
    if visibility not in VISIBILITIES:
        raise ExportError(f"There is no visibility {visibility!r}. Gradescope knows: {', '.join(VISIBILITIES)}.")
    order = Order(tidied(gradebook), Path(out), roster, assignment, visibility, lms or {}, say)
    try:
        written = FORMATS[to](order)
    except PermissionError as error:
        raise ExportError(f"{error.filename2 or error.filename} cannot be replaced: is it open elsewhere?") from error
    say_what_waits(order)
    return written
