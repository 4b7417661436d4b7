"""What the labels of a table say: words made comparable, and the facets found in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from grader.judges.table_spec import Facet

_LATEX: Final = (
    (re.compile(r"\\(?:partial|delta)(?![a-zA-Z])|𝜕|δ|Δ"), " ∂ "),
    (re.compile(r"\\nabla(?![a-zA-Z])|∇"), " ∇ "),
    (re.compile(r"\\eta(?![a-zA-Z])"), " η "),
    (re.compile(r"\\theta(?![a-zA-Z])"), " θ "),
    (re.compile(r"\\prime\b|[′’`´]"), "'"),
    (re.compile(r"\\(?:long)?[rR]ightarrow\b|\\to\b|[⟶⇒➔➜]|[-=]+>"), " → "),
    (re.compile(r"\\[a-zA-Z]+"), " "),
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_EDGE: Final = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
_DROP: Final = re.compile(r"[_\-–—−^{}$*~|]+")
_VALUE: Final = re.compile(
    r"(?:(?:all|both|each)\b:?)?[\s$(\[{\\~≈]*[-+−–]?\s*\.?\d(?!\d?\s*(?:st|nd|rd|th)\b)|\\[dt]?frac\s*\{?\s*[-\d]|\\begin|.*\b(?:tensor|array|matrix)\s*\(|zero\b",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED: Final = re.compile(r"\(?\d[.)]\s*[^\W\d]{3}")  # "(2) Gradient"
_ASSIGNED: Final = re.compile(r"[=:≈]\s*[-+−–\[(]*\s*\.?\d")
_COUNTED: Final = re.compile(r"(?!(?:all|both|each)\b)[^\W\d]{1,12}\s*[:#]?\s*\d{1,2}")


@dataclass(frozen=True)
class Said:
    """One facet found in a label: its value, or the number that was written (`number`)."""

    facet: str
    value: str | None
    number: int | None
    weak: bool


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """A label in lower case, letters and digits apart: "Layer1_W" is "layer 1 w".

    >>> words("$\\\\partial L/\\\\partial W^{(1)}$"), words("layer1")
    ('∂ l/ ∂ w (1)', 'layer 1')
    """
    for pattern, new in _LATEX:
        text = pattern.sub(new, text)
    text = unicodedata.normalize("NFKC", text)
    text = _CAMEL.sub(" ", text)
    text = _DROP.sub(" ", text).lower()
    return " ".join(_EDGE.sub(" ", text).split())


def said(text: str, facets: Sequence[Facet]) -> dict[str, Said]:
    """The facets that a label names; one that it names twice in different ways is left out."""
    label = words(text[:300])
    found: dict[str, Said] = {}
    for facet in facets:
        hits: list[Said] = []
        for name in facet.names:
            match = name.pattern.fullmatch(label) if name.whole else name.pattern.search(label)
            if match:
                number = int(match[1]) if name.value is None and match.re.groups else None
                if number is not None and len({int(n) for n in name.pattern.findall(label)}) > 1:
                    hits.append(Said(facet.name, "", None, False))  # "Layer 1 Layer 2": neither
                    break
                hits.append(Said(facet.name, name.value, number, name.weak))
                if not name.weak:
                    break  # names stand in order of precedence
        strong = [hit for hit in hits if not hit.weak] or hits
        if strong:
            found[facet.name] = strong[0]
    return found


def is_value(text: str, template: re.Pattern[str]) -> bool:
    """Whether a cell holds numbers (or the template's word for them) and not a label."""
    bare = text.strip().strip("$*`= ")
    if template.fullmatch(bare):
        return True
    bare = unicodedata.normalize("NFKC", bare)
    if _COUNTED.fullmatch(bare) or _NUMBERED.match(bare):
        return False
    return bool(_VALUE.match(bare) or _ASSIGNED.search(bare))


def titled(text: str, facets: Sequence[Facet]) -> str | None:
    """The facet that a column's header names as such ("Layer", "Iteration")."""
    label = words(text)
    return next((facet.name for facet in facets if facet.title.fullmatch(label)), None)
