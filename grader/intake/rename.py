"""A class that its author calls otherwise than the sheet, made known by the sheet's name."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.intake.evidence import Definition, Piece


def binding(definition: Definition, entry: str) -> Piece:
    """The piece by which programs find a class that its author calls otherwise."""
    place = definition.place
    return Piece(str(replace(place, line=None)), f"{entry} = {definition.names[0]}", place.line or 1, place)


def renamed(pieces: list[Piece], entry: str) -> list[Piece]:
    """The pieces with an earlier `entry` out of the way: `super(Linear, self)` in it must go on meaning itself."""
    word = re.compile(rf"(?<![.\w'\"]){re.escape(entry)}(?![\w'\"])")
    if not any(
        re.search(rf"^(?:class\s+{re.escape(entry)}\b|{re.escape(entry)}\s*=)", p.source, re.MULTILINE) for p in pieces
    ):
        return pieces
    return [replace(piece, source=word.sub(f"{entry}_before", piece.source)) for piece in pieces]
