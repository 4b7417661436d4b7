"""How what was unpacked aside comes back: a frame of JSON, with the pictures' bytes behind it. Nothing is unpickled."""

from __future__ import annotations

from typing import Any

from grader.intake.document import Unreadable
from grader.intake.packaged import Unpacked
from grader.intake.reading import Line, Table, TextCell
from grader.model import Picture, Place
from grader.worker.wire import Header, WireError, encode_frame

LARGEST_BODY = 128 << 20


def encode_unpacked(read: Unpacked) -> bytes:
    """The frame of a file that was read. Raises WireError where it is too much to be sent."""
    header = {
        "parts": [_part(part) for part in read.parts],
        "pictures": [[picture.mime, _place(picture.place), len(picture.data)] for picture in read.pictures],
        "notes": list(read.notes),
    }
    return encode_frame(header, b"".join(picture.data for picture in read.pictures))


def encode_unreadable(problem: Unreadable) -> bytes:
    """The frame of a file that cannot be read."""
    return encode_frame({"unreadable": str(problem)})


def decode_unpacked(header: Header, body: bytes) -> Unpacked:
    """What was read. Raises Unreadable where the file could not be, WireError where this is no such frame."""
    if isinstance(header.get("unreadable"), str):
        raise Unreadable(header["unreadable"])
    try:
        pictures, begin = [], 0
        for mime, place, size in header["pictures"]:
            pictures.append(Picture(str(mime), body[begin : begin + int(size)], _placed(place)))
            begin += int(size)
        parts = tuple(_read(part) for part in header["parts"])
        return Unpacked(parts, tuple(pictures), tuple(str(note) for note in header["notes"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"This is no document that was read: {error}.") from None


def _part(part: Line | Table) -> dict[str, Any]:
    if isinstance(part, Line):
        return {"text": part.text, "place": _place(part.place), "title": part.title}
    rows = [[[one.text, one.problem] for one in row] for row in part.rows]
    return {"rows": rows, "place": _place(part.place), "heading": part.heading, "merged_above": part.merged_above}


def _read(part: dict[str, Any]) -> Line | Table:
    place = _placed(part["place"])
    if "rows" not in part:
        return Line(str(part["text"]), place, bool(part["title"]))
    rows = tuple(tuple(TextCell(str(text), str(problem)) for text, problem in row) for row in part["rows"])
    return Table(rows, place, str(part["heading"]), bool(part["merged_above"]))


def _place(place: Place) -> list[Any]:
    return [place.file, place.cell, place.line]


def _placed(place: list[Any]) -> Place:
    file, cell, line = place
    return Place(str(file), None if cell is None else int(cell), None if line is None else int(line))
