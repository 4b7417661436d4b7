"""Where gradients are written: rows named by parameter or layer, equations, lists, a label above a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from grader.intake.formula_table import FormulaLine, FormulaTable, Part
from grader.intake.labelled import behind, equations, labelled, separators, without_remark
from grader.model import Place
from rubrics.matrix_calculus.cells import table_cells
from rubrics.matrix_calculus.names import Hint, Target, gradient_of, hint_of, noun_of, parameter_of, side_of, words
from rubrics.matrix_calculus.naming import name_of

MAX_TEXT: Final = 4_000
_PARAMETERS: Final = ("W1", "b1", "W2", "b2")


@dataclass(frozen=True)
class Candidate:
    """A formula for the gradient of `target` ("W1", or an inner "z3"), as it stands, its own label included."""

    target: str
    text: str
    place: Place
    code: bool = False


@dataclass(frozen=True)
class Found:
    """The gradients of some parts; `rest` are texts with formulas that no gradient was read from."""

    candidates: tuple[Candidate, ...]
    rest: tuple[str, ...] = ()


_BULLET = re.compile(r"^\s*(?:[-*+•]\s+|\d+\s*[.)]\s+|\([a-z0-9]\)\s+|#{1,6}\s+)?")
_FORMULA = re.compile(r"[=∂]|\\partial|\\frac|\bd[lL]\s?/|\^|\\|[WxX]_?[12]|dl_d|dyhat")


def gradients_of(parts: Iterable[Part]) -> Found:
    """Every gradient that stands in these parts, in reading order."""
    candidates: list[Candidate] = []
    rest: list[str] = []
    pending: Hint | None = None
    layer = Hint()
    for part in parts:
        if isinstance(part, FormulaTable):
            pending = None
            found, left = _from_table(part)
            candidates += found
            rest += left
            continue
        text = _BULLET.sub("", part.text).replace("**", "").strip()[:MAX_TEXT]
        found_here, left_here = _from_text(text, part)
        if found_here:
            candidates += found_here
            rest += left_here
            pending = None
            continue
        if pending and pending.target and _looks_written_out(text):
            candidates.append(Candidate(pending.target.name, text, part.place, part.code))
            pending = None
            continue
        own = hint_of(text.rstrip(" :."))
        if own.kind or own.index:
            layer = own if own.index and not own.kind else layer
            pending = own + layer if own.kind else None
            continue
        prefixed = _prefixed(text, layer, part)
        if prefixed is not None:
            candidates.append(prefixed)
        else:
            ending = _trailing(text)
            pending = ending if ending and ending.target else None
            if not pending and _FORMULA.search(text):
                rest.append(text)
    return Found(tuple(candidates), tuple(rest))


def _looks_written_out(text: str) -> bool:
    """Whether a line is a formula without words of its own."""
    return bool(_FORMULA.search(text)) and not re.search(
        r"(?<![\\A-Za-z])[a-z]{4,}(?![a-z(_\d])", text.replace("yhat", "")
    )


def _prefixed(text: str, layer: Hint, part: FormulaLine) -> Candidate | None:
    """ "weights: x ∂l/∂ŷ …" below a line that names the layer."""
    for found in separators(text, 3):
        hint = hint_of(text[: found.start()])
        target = (hint + layer).target if hint.kind else None
        if target and text[found.end() :].strip(" $"):
            return Candidate(target.name, behind(text, found.end()), part.place, part.code)
    return None


def _trailing(text: str) -> Hint | None:
    """A sentence that ends in the name of a gradient: "The gradient with respect to $W^{(1)}$ is"."""
    bare = re.sub(r"\s*(?:is|is given by|equals|reads|=|:|\.|,)*\s*$", "", text)
    found = re.search(
        r"(?:gradient|derivative|w\.?r\.?t\.?|respect to|for|of|gradiente|梯度)\s+(\S.{0,80})$", bare, re.IGNORECASE
    )
    if not found:
        return None
    target = gradient_of(found[1]) or parameter_of(found[1])
    return Hint(target.name[0], target.name[1:]) if target and target.is_parameter else hint_of(found[1])


def _from_text(text: str, line: FormulaLine) -> tuple[list[Candidate], list[str]]:
    """The labelled equations of a line: "∂l/∂W1 = …, ∂l/∂b1 = …"."""
    candidates: list[Candidate] = []
    rest = []
    for piece in map(without_remark, equations(text, _label)):
        found = labelled(piece, _label)
        if found:
            target, formula = found
            candidates.append(Candidate(target.name, formula, line.place, line.code))
        elif _FORMULA.search(piece) and not hint_of(piece).kind:
            rest.append(piece)
    return (candidates, rest) if candidates else ([], [])


def _label(left: str, equation: bool) -> Target | None:
    target = gradient_of(noun_of(left))
    return target if target or equation else _parameter_of(left)


def _parameter_of(left: str) -> Target | None:
    target = parameter_of(left)
    if target:
        return target
    if re.search(r"gradient|derivative|∂|partial|grad|梯度", left, re.IGNORECASE):
        return hint_of(left).target
    return None


def _from_table(table: FormulaTable) -> tuple[list[Candidate], list[str]]:
    candidates: list[Candidate] = []
    rest: list[str] = []
    rows = table.rows
    header = rows[0] if rows and _is_header(rows) else ()
    columns = [hint_of(cell) for cell in header]
    forward = {cell.text for cell in table_cells(table)}
    for row in rows[1:] if header else rows:
        names = _row_names(row, header)
        own = Hint()
        for n in names:
            own = own + hint_of(row[n])
        for n, cell in enumerate(row):
            if n in names or not cell.strip(" $-–—"):
                continue
            line = FormulaLine(cell, table.place)
            found, left = _from_text(cell, line)
            hint = (own + columns[n]) if n < len(columns) else own
            if found and hint.target and not any(one.target in _PARAMETERS for one in found):
                found.append(Candidate(hint.target.name, cell, table.place))  # W1 | ∂l/∂z1 = …
            if found:
                candidates += found
                rest += left
                continue
            column = header[n] if n < len(header) else ""
            if hint.target and not (column and side_of(column) and cell in forward and not own.kind):
                candidates.append(Candidate(hint.target.name, cell, table.place))
                continue
            inner = next((target for k in names if (target := _inner(row[k]))), None)
            if inner:
                candidates.append(Candidate(inner.name, cell, table.place))
            elif _FORMULA.search(cell) or cell in forward:
                rest.append(cell)
    return candidates, rest


def _inner(name: str) -> Target | None:
    """A row named by an inner gradient, "∂l/∂z3", or by the value that it belongs to, "z3"."""
    found = gradient_of(name)
    if found is None and (bare := name_of(name)) and bare[0] in "zahx":
        found = Target(bare)
    return found


def _is_header(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first row names columns rather than a parameter and its gradient."""
    first = rows[0]
    if len(rows) < 2:
        return False
    if any(_from_text(cell, FormulaLine(cell, Place("")))[0] for cell in first):
        return False
    named = [bool(hint_of(cell).kind or hint_of(cell).index or gradient_of(cell)) for cell in first]
    if len(first) > 1 and named[0] and not any(named[1:]):
        return not any(_FORMULA.search(cell) for cell in first[1:])
    return True


def _row_names(row: Sequence[str], header: Sequence[str]) -> tuple[int, ...]:
    """The columns of a row that name it: all before the first formula, at least the first."""
    names: list[int] = []
    for n, cell in enumerate(row):
        hint = hint_of(cell)
        short = len(words(cell)) < 30
        if not short or "=" in cell or (names and not (hint.kind or hint.index or gradient_of(cell))):
            break
        column = words(header[n]) if n < len(header) else ""
        if names and re.search(r"gradient|derivative|formula|expression|result|梯度", column):
            break
        names.append(n)
        if hint.target:
            break
    if len(names) == len(row) and len(names) > 1:
        names.pop()
    return tuple(names) or (0,)
