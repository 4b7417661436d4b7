"""What the homework sheets get wrong or leave open, one TOML file a homework, for instructors to read.

Each entry says where it stands, what the sheet says, what is true, and how grading takes it. No mark depends on it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files


@dataclass(frozen=True)
class Erratum:
    """One error, contradiction or gap of a sheet. Every field is a sentence or more; `id` is unique in its homework."""

    id: str
    where: str  # section or question of the sheet
    says: str
    truth: str
    grading: str


def load(homework: str) -> tuple[Erratum, ...]:
    """The errata of a homework, in the order of the sheet.

    Raises LookupError for a homework that has no such file, ValueError for an entry that is not as `Erratum` says.

    >>> load("numpy_layers")[0].where
    'First code cell'
    """
    name = f"{homework}.toml"
    known = {entry.name: entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")}
    if name not in known:
        raise LookupError(f"no errata for {homework!r}; there are some for: {', '.join(sorted(known))}")
    return parse(known[name].read_text(encoding="utf-8"), name)


def parse(text: str, name: str) -> tuple[Erratum, ...]:
    """The errata written in `text`, which is TOML; `name` stands in the messages of a ValueError."""
    try:
        tables = tomllib.loads(text).get("erratum", [])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error
    errata = tuple(_erratum(table, f"{name}, entry {number}") for number, table in enumerate(tables, start=1))
    ids = [erratum.id for erratum in errata]
    if repeated := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{name}: each id may stand once; repeated: {', '.join(repeated)}")
    return errata


def _erratum(table: dict[str, object], place: str) -> Erratum:
    names = [field.name for field in fields(Erratum)]
    if unknown := sorted(table.keys() - names):
        raise ValueError(f"{place}: unknown field {unknown[0]!r}; the fields are {', '.join(names)}")
    values = {}
    for name in names:
        value = table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{place}: {name!r} must be a text that is not empty")
        values[name] = " ".join(value.split())
    return Erratum(**values)
