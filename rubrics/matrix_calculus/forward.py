"""Question 1.2.2: the forward table, cell by cell. Names that a student gives to outputs may be used below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

from grader.formula import split_list
from grader.intake.formula_table import FormulaLine
from grader.model import Status
from rubrics.matrix_calculus.cells import Cell, cells_of
from rubrics.matrix_calculus.marks import MARKS, NOT_READ, Mark, of_verdict, together
from rubrics.matrix_calculus.names import LAYERS, layer_of
from rubrics.matrix_calculus.naming import defined, definition_of, lone_names, name_of
from rubrics.matrix_calculus.net import VALUES, WANTS, Named, Names, judge_of
from rubrics.matrix_calculus.sections import Answer

QUESTION: Final = "1.2.2"
BEFORE: Final = {"f.input": "Linear1.output", "Linear2.input": "f.output", "g.input": "Linear2.output"}
_SHEETS_OUTPUT: Final = "yhat"


@dataclass(frozen=True)
class Forward:
    """The cells judged, and the names that the table defines (for the backward table)."""

    marks: dict[str, Mark]
    names: Names
    cells: tuple[Cell, ...]


def judge_forward(answer: Answer, seed: int) -> Forward:
    """Each cell by itself: a wrong one costs no other cell its mark, for a name means what belongs there."""
    cells = [replace(cell, text=_bare(cell.text)) for cell in cells_of(answer.parts)]
    cells = [cell for cell in cells if cell.text]
    lines = [
        part.text
        for part in answer.parts
        if isinstance(part, FormulaLine) and not any(c.place == part.place and c.text in part.text for c in cells)
    ]
    cells = _spelt_out(cells, defined(lines, ()))
    names = defined(lines, tuple(dict.fromkeys(_bindings(cells))))
    marks: dict[str, list[Mark]] = {label: [] for label in MARKS[QUESTION]}
    implied: list[Named] = []
    for label in marks:
        here = [cell for cell in cells if cell.label == label]
        for cell in here:
            if named := _implied(cell, cells, (*names, *implied)):
                implied.append(named)
            marks[label].append(_judged(cell, _in_force(cell, cells, (*names, *implied)), seed))
    found = {label: together(given) if given else _nothing(label, answer) for label, given in marks.items()}
    if any("=" in line and not layer_of(line) and not defined([line], ()) for line in lines):  # it may be defined there
        found = {label: _waiting(mark) if mark.fault == "forbidden-symbol" else mark for label, mark in found.items()}
    return Forward(found, tuple(dict.fromkeys((*names, *implied))), tuple(cells))


def _waiting(mark: Mark) -> Mark:
    return Mark(Status.NEEDS_HUMAN, f"{mark.message}\n{NOT_READ}")


def _bare(text: str) -> str:
    text = text.strip()
    return "" if text in ("|", "-", "–", "—", "?", "...", "…", "$ $", "$$") else text


def _nothing(label: str, answer: Answer) -> Mark:
    layer, _, side = label.partition(".")
    if answer.needs_eyes:
        return Mark(Status.NEEDS_HUMAN, "There is a picture here; a human reads it, and its points wait until then.")
    if _unclaimed(answer):
        return Mark(Status.NEEDS_HUMAN, f"No {side} of {layer} was found in what is written here. {NOT_READ}")
    return Mark(Status.MISSING, f"There is no {side} of {layer}.")


def _unclaimed(answer: Answer) -> bool:
    """Whether something is written that is no part of a forward table as it is known here."""
    if not answer.parts:
        return False
    layers = {cell.layer for cell in cells_of(answer.parts)}
    return len(layers) < 3


def _spelt_out(cells: Sequence[Cell], defined_in_lines: Names) -> list[Cell]:
    """Outputs that are a name alone, with the definition that stands in a line: "Let h = W1 x + b1"."""
    formulas = {named.name: named.formula for named in defined_in_lines if named.formula}
    came_in = {(cell.layer, name_of(cell.text)) for cell in cells if cell.side == "input"}  # o → o is no name for o
    return [
        replace(cell, text=f"{name} = {formulas[name]}")
        if cell.side == "output"
        and (name := name_of(cell.text))
        and name in formulas
        and (cell.layer, name) not in came_in
        else cell
        for cell in cells
    ]


def _bindings(cells: Sequence[Cell]) -> list[Named]:
    """The names defined by outputs, for what belongs in that place whatever stands there."""
    found: list[Named] = []
    for cell in cells:
        means = WANTS.get(cell.label, "")
        if cell.side == "output" and means in VALUES:
            for name in _names_given(cell, cells):
                if not any(named.name == name for named in found):
                    found.append(Named(name, means=means))
    return found


def _names_given(cell: Cell, cells: Sequence[Cell] = ()) -> tuple[str, ...]:
    """The names that an output is given beside its formula, in its own cell or in another one for the same place."""
    written = definition_of(cell.text)
    if name_of(cell.text):
        others = (other for other in cells if other.label == cell.label and other is not cell)
        return written.names if any(definition_of(other.text).formula for other in others) else ()
    if alone := lone_names(cell.text):  # the new one of them
        earlier = [other for other in cells if LAYERS.index(other.layer) < LAYERS.index(cell.layer)]
        known = {name for other in earlier if other.side == "output" for name in definition_of(other.text).names}
        return tuple(name for name in alone if name not in known)[:1] or written.names
    return written.names if written.formula else ()


def _in_force(cell: Cell, cells: Sequence[Cell], names: Names) -> Names:
    """The names that a cell may use: those given to outputs of earlier layers, the nearest where one is given twice."""
    here = LAYERS.index(cell.layer)
    outputs = [other for other in cells if other.side == "output"]
    own = {name for other in outputs for name in (*_names_given(other), *lone_names(other.text))}
    nearest: dict[str, Named] = {}
    for other in sorted(outputs, key=lambda other: LAYERS.index(other.layer)):
        if LAYERS.index(other.layer) < here and WANTS[other.label] in VALUES:
            means = Named("", means=WANTS[other.label])
            nearest |= {name: replace(means, name=name) for name in _names_given(other, cells)}
    kept = [nearest.get(named.name, named) for named in names if named.name in nearest or named.name not in own]
    if cell.layer == "Loss" and not any(named.name == _SHEETS_OUTPUT for named in kept):
        kept.append(Named(_SHEETS_OUTPUT, means=_SHEETS_OUTPUT))
    return tuple(dict.fromkeys(kept))


def _implied(cell: Cell, cells: Sequence[Cell], names: Names) -> Named | None:
    """An input that is a name alone names the output above it, where that is written out without one."""
    name = name_of(cell.text)
    if not name or cell.label not in BEFORE or any(named.name == name for named in names):
        return None
    above = [other for other in cells if other.label == BEFORE[cell.label]]
    if above and all(not definition_of(other.text).names and not name_of(other.text) for other in above):
        return Named(name, means=WANTS[cell.label])
    return None


def _judged(cell: Cell, names: Names, seed: int) -> Mark:
    where = f"{cell.layer}, {cell.side}"
    if cell.label == "Loss.input":
        return _loss_input(cell, names, seed, where)
    if cell.side == "input" and cell.layer.startswith("Linear") and (parameters := _with_parameters(cell, names, seed)):
        return parameters
    lone = name_of(cell.text)
    if lone == _SHEETS_OUTPUT and cell.label == "g.output" and not any(named.name == lone for named in names):
        return Mark(Status.NEEDS_HUMAN, f"{where}: ŷ is the net's output by the sheet itself. {NOT_READ}")
    written = definition_of(cell.text)
    text = written.formula if written.names and written.formula else cell.text
    known = {named.name for named in names}
    text = " = ".join(name for name in lone_names(text) if name in known) or text  # z3 = ŷ says no more than z3
    verdict = judge_of(cell.label, names, _forbidden(names), seed).judge(text)
    mark = of_verdict(verdict, where)
    return _waiting(mark) if cell.code and mark.status is Status.FAILED else mark


def _forbidden(names: Names) -> tuple[str, ...]:
    named = {name.name for name in names}
    return tuple(name for name in VALUES if name not in named)


def _pieces(text: str) -> list[str]:
    """The members of a list: "(ŷ, y)", "ŷ and y", "{ŷ; y}"."""
    text = text.replace(r"\text{ and }", ",").replace(r"\quad", ",").replace("<br>", ",").replace("<br/>", ",")
    for word in (" and ", " und ", " y ", " et ", " 和 ", "、", "，", " & "):
        if word != " y " or text.replace("$", " ").count(" y") > 1:
            text = text.replace(word, ", ")
    text = text.replace("$,$", ",").strip().strip("$").strip()
    for left, right in (("(", ")"), ("[", "]"), (r"\{", r"\}"), ("{", "}"), (r"\left(", r"\right)")):
        if text.startswith(left) and text.endswith(right) and len(split_list(text)) == 1:
            text = text[len(left) : -len(right)]
    return [piece.replace("$", "").strip() for _, piece in split_list(text) if piece.replace("$", "").strip()]


def _loss_input(cell: Cell, names: Names, seed: int, where: str) -> Mark:
    pieces = _pieces(cell.text)
    forbidden = _forbidden(names)

    @cache  # what need not be asked is not judged: a wrong place is searched for its slip
    def fits(place: str, at: int) -> Mark:
        written = definition_of(pieces[at])
        text = written.formula if written.names and written.formula else pieces[at]
        return of_verdict(judge_of(place, names, forbidden, seed).judge(text), where)

    as_output, as_target = partial(fits, "Loss.prediction"), partial(fits, "Loss.target")
    if len(pieces) == 2:
        for one, other in ((0, 1), (1, 0)):
            if as_output(one).status is Status.PASSED and as_target(other).status is Status.PASSED:
                return Mark(Status.PASSED)
        for one, other in ((0, 1), (1, 0)):
            if as_target(other).status is Status.PASSED:
                return as_output(one)
        for one, other in ((0, 1), (1, 0)):
            if as_output(one).status is Status.PASSED:
                return as_target(other)
        if all(fit(at).status is Status.FAILED for fit in (as_output, as_target) for at in (0, 1)):
            return as_output(0)
    if len(pieces) == 1 and as_output(0).status is Status.FAILED and as_target(0).status is Status.FAILED:
        return as_output(0)
    words = "The loss takes the output ŷ and the target y; what is written here is not clearly these two."
    return Mark(Status.NEEDS_HUMAN, f"{where}: {words} {NOT_READ}")


def _with_parameters(cell: Cell, names: Names, seed: int) -> Mark | None:
    """An input listed with the layer's own parameters: "x, W1, b1"."""
    pieces = _pieces(cell.text)
    if len(pieces) < 2:
        return None
    number = cell.layer[-1]
    places = {cell.label: 0, f"given.W{number}": 0, f"given.b{number}": 0}
    for piece in pieces:
        place = next((p for p in places if judge_of(p, names, (), seed).judge(piece).status == "right"), None)
        if place is None:
            return None
        places[place] += 1
    return Mark(Status.PASSED) if places[cell.label] == 1 and max(places.values()) == 1 else None
