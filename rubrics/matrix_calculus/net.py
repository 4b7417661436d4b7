"""The net of sheet 002 as symbols: what each name is worth, which a question allows, and what is asked for.

Values are those of `reference_solutions.matrix_calculus`; students' own names join them here. No text of a hand-in is
searched here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from grader.formula import (
    Entry,
    Expr,
    Judge,
    Mistake,
    Problem,
    Symbol,
    Symbols,
    Value,
    derivative,
    evaluate,
    explain,
    read,
)
from grader.formula.symbols import Dimension
from grader.formula.tree import names as names_in
from reference_solutions import matrix_calculus as reference

GIVEN: Final = ("x", "y", "W1", "b1", "W2", "b2")
SHAPES: Final[Mapping[str, tuple[Dimension, ...]]] = {
    "x": ("n", 1), "y": ("K", 1), "W1": ("h", "n"), "b1": ("h", 1), "W2": ("K", "h"), "b2": ("K", 1),
    "z1": ("h", 1), "z2": ("h", 1), "z3": ("K", 1), "yhat": ("K", 1),
}  # fmt: skip
VALUES: Final = ("z1", "z2", "z3", "yhat")
"""What the layers put out, by the sheet's names."""

ALLOWED_DERIVATIVES: Final = ("dl_dyhat", "dz2_dz1", "dyhat_dz3")
INNER_DERIVATIVES: Final = ("dl_dz3", "dl_dz2", "dl_dz1", "dz3_dz2", "dl_dx")
_DERIVATIVES: Final[Mapping[str, tuple[str, str, tuple[Dimension, ...]]]] = {
    "dl_dyhat": ("l", "yhat", (1, "K")), "dz2_dz1": ("z2", "z1", ("h", "h")), "dyhat_dz3": ("yhat", "z3", ("K", "K")),
    "dl_dz3": ("l", "z3", (1, "K")), "dl_dz2": ("l", "z2", (1, "h")), "dl_dz1": ("l", "z1", (1, "h")),
    "dz3_dz2": ("z3", "z2", ("K", "h")), "dl_dx": ("l", "x", (1, "n")),
}  # fmt: skip
LOSSES: Final = ("L", "loss", "Loss", "J", "C", "E", "MSE", "l_{MSE}", "L_{MSE}", r"\ell", r"\mathcal{L}", "cost")


def _of(name: str) -> reference.Formula:
    """A value of the reference as the formula reader wants it: a function of the values drawn so far."""

    def value(values: Mapping[str, Value]) -> Value:
        return reference.quantity(name, {given: np.asarray(values[given]) for given in GIVEN})

    return value


@dataclass(frozen=True)
class Named:
    """A name that a student has defined: for one of the net's values (`means`), or by a formula of their own."""

    name: str
    means: str = ""
    formula: str = ""
    of: tuple[str, str] | None = None  # ("l", "z3") where the name is a derivative


Names = tuple[Named, ...]


@lru_cache(maxsize=256)
def symbols(names: Names = (), derivatives: bool = False) -> Symbols:
    """The closed list with a student's own names; a name of the sheet that the student uses otherwise is theirs.

    Names whose own formula cannot be evaluated are left out: what uses them waits for a human.
    """
    found = [Symbol(name, SHAPES[name]) for name in GIVEN]
    foreign = {named.name for named in names if named.means != named.name}
    found += [Symbol(name, SHAPES[name], _of(name)) for name in VALUES if name not in foreign]
    if derivatives:
        found += [
            derivative(*pair, _DERIVATIVES[name][2], _of(name)) for pair, name in _spelt_derivatives(names).items()
        ]
    for named in names:
        if named.means:
            if named.name not in VALUES or named.name in foreign:
                found.append(Symbol(named.name, SHAPES[named.means], _of(named.means)))
        elif not any(symbol.of == named.of for symbol in found if symbol.of) and (
            symbol := _formula_symbol(named, _list(found))
        ):
            found.append(symbol)
    return _list(found)


def _spelt_derivatives(names: Names) -> dict[tuple[str, str], str]:
    """The net's derivatives as a student may write them, in the sheet's names and in their own: ∂a/∂h is ∂z2/∂z1.

    Those that the sheet gives mean what they mean there, whatever is said of them; the others are the student's own
    where they are defined.
    """
    taken = {named.of for named in names if named.of}
    called: dict[str, list[str]] = {}
    for named in names:
        if named.means:
            called.setdefault(named.means, []).append(named.name)
    own = {named.name for named in names if named.means and named.means != named.name}
    found: dict[tuple[str, str], str] = {}
    for name, (top, bottom, _) in _DERIVATIVES.items():
        allowed = name in ALLOWED_DERIVATIVES
        for a in (top, *called.get(top, ())):
            for b in (bottom, *called.get(bottom, ())):
                sheets = (a, b) == (top, bottom)
                if (sheets and not allowed and {a, b} & own) or (not allowed and (a, b) in taken):
                    continue
                found.setdefault((a, b), name)
    return found


def _list(found: list[Symbol]) -> Symbols:
    return Symbols(tuple(found), functions={"f": "relu", "g": "identity"}, names_only={"l": LOSSES})


def _formula_symbol(named: Named, known: Symbols) -> Symbol | None:
    reading = read(named.formula, known)
    expr = next((side.expr for side in reversed(reading.answers) if side.expr is not None), None)
    if expr is None:
        return None
    trial = known.draw(np.random.default_rng(0))
    got = evaluate(expr, trial.values, trial.sizes)
    if isinstance(got, Problem):
        return None
    sizes: dict[int, Dimension] = {size: name for name, size in trial.sizes.items()}
    shape: tuple[Dimension, ...] = tuple([sizes.get(int(size), int(size)) for size in np.shape(got)])
    if any(isinstance(size, int) and size != 1 for size in shape):
        return None

    def value(values: Mapping[str, Value], expr: Expr = expr) -> Value:
        worth = evaluate(expr, values)
        if isinstance(worth, Problem):
            raise ValueError(explain(named.formula, worth))
        return worth

    if named.of:
        return derivative(*named.of, shape, value)
    return Symbol(named.name, shape, value)


def _barred(names: Names, forbidden: tuple[str, ...], known: Symbols) -> tuple[str, ...]:
    """The forbidden names, and those that a student has defined by one of them."""
    barred = {name for name in forbidden if name in known.table}
    if any(symbol.of for symbol in known.symbols):
        barred |= {f"d{a}_d{b}" for (a, b), name in _spelt_derivatives(names).items() if name in forbidden}
    for named in names:
        if named.formula and named.name in known.table:
            sides = read(named.formula, known).answers
            expr = next((side.expr for side in reversed(sides) if side.expr is not None), None)
            if expr is not None and names_in(expr) & barred:
                barred.add(named.name)
    return tuple(sorted(barred))


@lru_cache(maxsize=4096)
def judge_of(entry: str, names: Names, forbidden: tuple[str, ...], seed: int) -> Judge:
    """The judge of a place ("Linear1.output", "W1"), for who has defined `names` and may not use `forbidden`."""
    backward = entry in BACKWARD
    known = symbols(names, backward)
    barred = _barred(names, forbidden, known)
    mistakes = BACKWARD_MISTAKES if backward else FORWARD_MISTAKES
    return Judge(
        Entry(
            _of(WANTS[entry]),
            known,
            forbidden=barred,
            jacobians=("dz2_dz1",) if backward and "dz2_dz1" in known.table else (),
            mistakes=tuple(
                Mistake(mistake.id, _of(str(mistake.form)), mistake.words) for mistake in mistakes.get(entry, ())
            ),
        ),
        np.random.default_rng([seed, sorted(WANTS).index(entry)]),
    )


WANTS: Final[Mapping[str, str]] = {
    "Linear1.input": "x", "Linear1.output": "z1", "f.input": "z1", "f.output": "z2", "Linear2.input": "z2",
    "Linear2.output": "z3", "g.input": "z3", "g.output": "yhat", "Loss.prediction": "yhat", "Loss.target": "y",
    "Loss.output": "l", "W1": "dl_dW1", "b1": "dl_db1", "W2": "dl_dW2", "b2": "dl_db2", "given.W1": "W1",
    "given.b1": "b1", "given.W2": "W2", "given.b2": "b2", "x": "dl_dx", "z1": "dl_dz1", "z2": "dl_dz2", "z3": "dl_dz3",
}  # fmt: skip
"""Every place that a formula may stand in, with the quantity of the reference that belongs there."""

BACKWARD: Final = ("W1", "b1", "W2", "b2", "x", "z1", "z2", "z3")

_BIAS = "The bias is missing."
_AGAIN = "This is the forward table again: the value of a layer, not a gradient."
FORWARD_MISTAKES: Final[Mapping[str, tuple[Mistake, ...]]] = {
    "Linear1.output": (Mistake("missing-bias", "W1x", _BIAS),),
    "f.input": (Mistake("missing-bias", "W1x", _BIAS),),
    "Linear2.output": (
        Mistake("missing-bias", "W2z2", _BIAS),
        Mistake("missing-activation", "W2z1+b2", "The activation is missing: what comes in has gone through f."),
    ),
    "g.input": (Mistake("missing-bias", "W2z2", _BIAS),),
    "g.output": (
        Mistake("activation-of-g", "relu(z3)", "Here the ReLU is applied again; g is the identity."),
        Mistake("missing-bias", "W2z2", _BIAS),
    ),
    "Loss.output": (Mistake("not-squared", "norm", "The square is missing: the loss is the squared norm."),),
}
BACKWARD_MISTAKES: Final[Mapping[str, tuple[Mistake, ...]]] = {
    entry: tuple(Mistake("forward-table-again", value, _AGAIN) for value in ("z1", "z2", "z3", "l"))
    for entry in ("W1", "b1", "W2", "b2")
}
