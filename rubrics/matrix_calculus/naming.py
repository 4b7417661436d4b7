"""Names that a student gives to what a formula stands for: z1 = W1 x + b1 in a cell, "where a = ReLU(z1)" in a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grader.formula.reading import equations_of, sides_of
from grader.formula.tokens import tokenize
from grader.formula.tree import Stop
from grader.intake.labelled import without_remark
from rubrics.matrix_calculus.names import flattened
from rubrics.matrix_calculus.net import GIVEN, Named, Names

_NAME: Final = re.compile(
    r"(?:[A-Za-z]|delta|sigma|eta|phi|theta|alpha|out|act|hid|pred|hidden|relu|net|lin|pre|post)(?:hat|bar|tilde)?\d?"
)
_DERIVATIVE: Final = re.compile(r"[∂d](l|L|J|C|E|lMSE|MSE|[zah]\d?|yhat)[∂d]([A-Za-z]+\d?)")
_CLAUSE: Final = re.compile(
    r"(?<![\\\w])(?:where|with|let|define|donde|con|sea|où|mit|wobei)\b|其中|令|设|\\text\s*\{\s*(?:where|with)\s*\}",
    re.IGNORECASE,
)
_PROSE: Final = re.compile(
    r"^[\s\-*•\d.)]*(?:where|with|let|and|here|define[d]?|set|denote|note|so|then|writing|donde|con|sea|où|mit|wobei|其中|令|设)\b[\s:,]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Definition:
    """The names on the sides of an equation, and the rest of it: "a = z_1 = W1 x + b1" names a and z1."""

    names: tuple[str, ...]
    formula: str


def definition_of(text: str) -> Definition:
    """The lone names among the sides of an equation; the formula is the whole text where no names close it."""
    text = text.replace(":=", "=")
    try:
        lines = [line for line in equations_of(tokenize(text)) if len(line) > 1]
    except Stop:
        return Definition((), text)
    if not lines:
        return Definition((), text)
    sides = sides_of(lines[-1])
    names: list[str] = []
    lone = []
    for side in sides:
        offset = side[0].offset
        name = name_of(text[offset : side[-1].offset])
        lone.append(name)
        if name:
            names.append(name)
    if len(sides) < 2:
        return Definition(tuple(names), text)
    if all(lone):  # z2 = z1: a name for a name, but z1 = z1 says nothing
        return Definition(tuple(names[:1]), text) if len(set(names)) == len(names) else Definition(tuple(names), "")
    end = len(text)
    for side, name in zip(reversed(sides), reversed(lone), strict=True):
        if not name:
            break
        end = text.rfind("=", 0, side[0].offset + 1)
    return Definition(tuple(names), text[:end].rstrip() if 0 < end < len(text) else text)


def name_of(text: str) -> str | None:
    """The name that a text is and nothing else: "$\\boldsymbol{z}_1$" is "z1"; None for a formula or a given."""
    found = flattened(text.strip().strip("$").strip())
    if found in GIVEN or not _NAME.fullmatch(found) or re.search(r"[+*/^'-](?![{(]*\d)|\.T\b|ᵀ", text):
        return None
    return found


def lone_names(text: str) -> tuple[str, ...]:
    """The sides of an equation between names alone, "ŷ = z3"; empty for anything else."""
    names = [name_of(side) for side in text.replace(":=", "=").split("=")]
    return tuple(name for name in names if name) if len(names) == len(set(names)) > 1 and all(names) else ()


def derivative_of(text: str) -> tuple[str, str] | None:
    """("l", "z3") for a label "∂l/∂z3"; None for anything else."""
    found = _DERIVATIVE.fullmatch(flattened(text.strip(" $*:")))
    if not found:
        return None
    top = found[1] if found[1][0] in "zahy" else "l"
    return top, found[2]


def without_words(text: str) -> str:
    """An equation without what leads up to it: "where a = …"."""
    return _PROSE.sub("", text)


def defined(texts: Iterable[str], known: Names) -> Names:
    """The names that lines of equations define, on top of those known. A name of a layer's output means that output."""
    names = list(known)
    for text in (piece for whole in texts for piece in _pieces(whole)):
        if "=" not in text or len(text) > 1_000:
            continue
        left, _, right = text.partition("=")
        if not right.strip(" $"):
            continue
        pair = derivative_of(left)
        if pair is not None:
            if pair[1] not in ("W1", "b1", "W2", "b2", "yhat") and not any(named.of == pair for named in names):
                names.append(Named(f"d{pair[0]}_d{pair[1]}", formula=right, of=pair))
            continue
        found = definition_of(text)
        first = name_of(left)
        for name in found.names if first else ():
            if found.formula and not any(named.name == name for named in names):
                names.append(Named(name, formula=_last(found.formula)))
    return tuple(names)


def _pieces(text: str) -> list[str]:
    """Several definitions on one line: "where z1 = …, z2 = …", "A = x J, where J = …"."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
    return [piece for clause in clauses for piece in _listed(clause)]


def _listed(text: str) -> list[str]:
    text = without_words(text)
    cut: list[str] = []
    for piece in re.split(r"(?<!\\)[,;]|[，；]|\s(?:and|y|und|et)\s|\\q?quad|\.\s", text):
        left, sign, _ = piece.partition("=")
        if (sign and name_of(left)) or not cut:
            cut.append(piece.strip())
        else:
            cut[-1] += "," + piece
    cut = [without_remark(piece).replace("$", " ").strip(" .") for piece in cut]
    if len(cut) > 1 and all("=" in piece and name_of(piece.partition("=")[0]) for piece in cut):
        return cut
    return [without_remark(text)]


def _last(text: str) -> str:
    left, sign, right = text.partition("=")
    return right if sign and name_of(left) else text
