"""One file of a hand-in as cells, before anything is known of the sheet; and why a file cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Picture


class Unreadable(Exception):
    """A file that cannot be read; the message is a whole sentence that names it and the place."""


@dataclass(frozen=True)
class Block:
    """A cell of a notebook (`number` from 1) or a stretch of a script (None): `kind` is "code" or "markdown"."""

    kind: str
    source: str
    number: int | None = None
    first_line: int = 1
    outputs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file read: its name within the hand-in, its blocks, and whether it is a "notebook", a "script" or "prose"."""

    name: str
    kind: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """How many characters of code it holds."""
        return sum(len(block.source) for block in self.blocks if block.kind == "code")
