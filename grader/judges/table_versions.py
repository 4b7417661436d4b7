"""Whether a student calls tables the final ones or a draft: the words for it, of no sheet in particular."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_FINAL: Final = re.compile(
    r"\bfinal(?:e|es)? (?:answers?|results?|tables?|versions?|solutions?|submission)\b|^\W*final\W*$"
    r"|\bcorrect(?:ed|ions?)\b|\brevised\b|\bclean copy\b|endgültig|korrigiert|reinschrift|\bcorrigée?s?\b"
    r"|\bau propre\b|\bcorregid[ao]s?\b|\bdefinitiv[oae]s?\b|最終|最终|更正|訂正|订正|修正",
    re.IGNORECASE,
)
_DRAFT: Final = re.compile(
    r"\bdrafts?\b|(?<!from )\bscratch\b|\brough (?:work|copy)\b|\bignore\b"
    r"|\b(?:first|old|wrong) (?:attempt|try|version)\b"
    r"|entwurf|verworfen|\bbrouillon\b|\bborrador\b|\bbozza\b|\brascunho\b|草稿|作廢|作废",
    re.IGNORECASE,
)


def version_of(above: Sequence[tuple[str, bool]]) -> int:
    """What the nearest line that says so calls the tables below it: 1 the final ones, -1 a draft, 0 neither."""
    for text, _ in reversed(above):
        if _DRAFT.search(text):
            return -1
        if _FINAL.search(text):
            return 1
    return 0
