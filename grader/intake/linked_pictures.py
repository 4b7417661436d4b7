"""Pictures that a text shows: those written into it, and the names of those that stand elsewhere. Fetches nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from typing import Final

from grader.intake.sheet import picture_references
from grader.model import Picture, Place

_WITHIN: Final = re.compile(r"data:(image/[\w.+-]{1,20});base64,([A-Za-z0-9+/\s]{1,20000000}={0,2})")
_BADGE: Final = re.compile(r"badge|shields\.io", re.IGNORECASE)
_LONGEST_NAME: Final = 80


def linked_pictures(
    text: str, place: Place, known: Collection[str] = ()
) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """The pictures inside a Markdown or HTML text, and what it calls those that it only points to.

    Pictures `known` by name are the sheet's own and left out, and so are badges.

    >>> linked_pictures("![my work](scan.jpg)", Place("hw.md"))
    ((), ('scan.jpg',))
    """
    pictures = []
    for found in _WITHIN.finditer(text):
        try:
            pictures.append(Picture(found[1], base64.b64decode(found[2]), place))
        except binascii.Error:
            continue
    names = (
        name[:_LONGEST_NAME]
        for name in picture_references(_WITHIN.sub("data:", text))
        if not name.startswith("data:") and not _BADGE.search(name) and not any(one in name for one in known)
    )
    return tuple(pictures), tuple(dict.fromkeys(names))
