"""The roster: a CSV with the columns `id` and `name`, which gives students the names they go by."""

from __future__ import annotations

import csv
from pathlib import Path


def read_roster(path: Path) -> dict[str, str]:
    """Names by student id. Raises ValueError with a sentence that names the file and the place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"The roster {path} cannot be read: {error}.") from error
    rows = list(csv.DictReader(text.splitlines()))
    columns = {(name or "").strip().lower(): name for name in (rows[0].keys() if rows else ())}
    if not {"id", "name"} <= set(columns):
        raise ValueError(f"The roster {path} needs the columns id and name in its first row.")
    return {row[columns["id"]].strip(): (row[columns["name"]] or "").strip() for row in rows if row[columns["id"]]}
