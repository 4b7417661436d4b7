"""Office documents are zips of XML: what is checked before any of it is parsed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from grader.intake.document import Unreadable
from grader.model import Picture, Place

PICTURES: Final = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp",
    "tif": "image/tiff", "tiff": "image/tiff", "webp": "image/webp", "svg": "image/svg+xml",
    "emf": "image/x-emf", "wmf": "image/x-wmf", "wdp": "image/vnd.ms-photo",
}  # fmt: skip
"""Kinds of pictures in an Office file. Word stores a pasted worksheet or a drawing as .emf beside it."""
MAX_MEMBER: Final = 25_000_000
MAX_TOTAL: Final = 60_000_000
MAX_MEMBERS: Final = 2_000


def checked_package(name: str, data: bytes, folder: str) -> dict[str, bytes]:
    """The parts of an Office file below `folder`, unpacked, their XML free of entities. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_TOTAL:
                raise Unreadable(f"{name} would unpack to more than {MAX_TOTAL // 1_000_000} MB.")
            parts = {}
            left = MAX_TOTAL
            for info in infos:
                with archive.open(info) as stream:
                    part = stream.read(min(MAX_MEMBER, left) + 1)
                left -= len(part)
                if len(part) > MAX_MEMBER or left < 0:
                    raise Unreadable(f"{name} would unpack to more than {MAX_TOTAL // 1_000_000} MB.")
                if info.filename.endswith((".xml", ".rels")):
                    _refuse_entities(name, part)
                if info.filename.startswith(folder):
                    parts[info.filename] = part
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError, NotImplementedError, EOFError, RuntimeError):
        raise Unreadable(f"{name} cannot be opened; it may have been cut off while uploading.") from None
    return parts


def pictures(name: str, parts: Mapping[str, bytes]) -> tuple[Picture, ...]:
    """The pictures among the parts of an Office file."""
    return tuple(
        Picture(PICTURES[suffix], part, Place(name))
        for member, part in sorted(parts.items())
        if (suffix := member.rpartition(".")[2].lower()) in PICTURES and "/media/" in member
    )


def _refuse_entities(name: str, part: bytes) -> None:
    """Raise Unreadable where XML declares a document type: Office never writes one, and entities can blow up."""

    def declared(*_: object) -> None:
        raise Unreadable(f"{name} declares XML entities, which no Office program writes. Save it again and hand it in.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        return  # what is wrong with it is said by the one who reads it
