"""Right, wrong or unreadable: a formula is evaluated at several random sizes, shape and value together.

What is not certain (unreadable places, sides that contradict one another, a transposed left-hand side) is for a human.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.formula.evaluate import evaluate, shape_in_words
from grader.formula.explain import explain
from grader.formula.parser import parse
from grader.formula.reading import Reading, Side, read
from grader.formula.repair import UNCLEAR, Diagnosis, diagnose
from grader.formula.symbols import Symbols, Trial, Value
from grader.formula.tree import (
    Expr,
    ForbiddenSymbol,
    Problem,
    ShapeMismatch,
    Transpose,
    Unreadable,
    Variable,
    names,
    nodes,
)

TRIALS = 4
RTOL = 1e-9

Form = str | Callable[[Mapping[str, Value]], Value]
"""A formula in the students' own language, or a function of the symbols' values."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that the question foresees: `form` is what it would be, `words` what the student is told."""

    id: str
    form: Form
    words: str


@dataclass(frozen=True)
class Entry:
    """One place that a formula answers.

    `want` and `accept` are right forms; `forbidden` are names that the question knows but the answer may not use;
    `jacobians` are the derivatives of activations whose absence is named; `mistakes` are foreseen wrong answers.
    """

    want: Form
    symbols: Symbols
    forbidden: tuple[str, ...] = ()
    accept: tuple[Form, ...] = ()
    jacobians: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def __post_init__(self) -> None:
        for name in (*self.forbidden, *self.jacobians):
            if name not in self.symbols.table:
                raise ValueError(f"the question has no symbol {name!r}; it knows {', '.join(self.symbols.table)}")


@dataclass(frozen=True)
class Verdict:
    """What became of one answer.

    "unreadable" is for a human and never a zero. `problem` is what stood in the way, `diagnosis` the mistake by name.
    `otherwise_right` marks a formula whose only fault is a forbidden symbol.
    """

    status: Literal["right", "wrong", "unreadable"]
    text: str
    problem: Problem | None = None
    diagnosis: Diagnosis | None = None
    otherwise_right: bool = False

    @property
    def message(self) -> str:
        """What the student reads: words, his own line, a caret. Empty for a right answer without remarks."""
        remark = self.diagnosis or self.problem
        if remark is None:
            return "" if self.status == "right" else "This is not the right formula."
        return explain(self.text, remark)


def judge(text: str, entry: Entry, rng: np.random.Generator, trials: int = TRIALS) -> Verdict:
    """Judges an answer at `trials` random draws of sizes and values.

    >>> from grader.formula import Entry, Symbol, Symbols, judge
    >>> known = Symbols((Symbol("W", ("h", "n")), Symbol("x", ("n", 1))))
    >>> judge("x^T W", Entry("W x", known), np.random.default_rng(0)).status
    'wrong'
    >>> judge(r"\\left(x^\\top W^T\\right)^T", Entry("W x", known), np.random.default_rng(0)).status
    'right'
    """
    return Judge(entry, rng, trials).judge(text)


class Judge:
    """An entry with its draws made, to judge a whole class by."""

    def __init__(self, entry: Entry, rng: np.random.Generator, trials: int = TRIALS) -> None:
        self.entry = entry
        self.trials = tuple(entry.symbols.draw(rng) for _ in range(trials))
        forms = (entry.want, *entry.accept)
        self.wants = tuple(self._values(form) for form in forms)
        self.mistakes = tuple((mistake, self._values(mistake.form)) for mistake in entry.mistakes)
        self.turned = tuple(_turned(trial, entry.symbols) for trial in self.trials)

    def _values(self, form: Form) -> tuple[Value, ...]:
        """The value of one of the question's own forms at every draw; a form that has none is the rubric's error."""
        if callable(form):
            return tuple(form(trial.values) for trial in self.trials)
        expr = parse(form, self.entry.symbols)
        got = [
            expr if isinstance(expr, Problem) else evaluate(expr, trial.values, trial.sizes) for trial in self.trials
        ]
        for value in got:
            if isinstance(value, Problem):
                raise ValueError(f"the question's own formula cannot be used. {explain(str(form), value)}")
        return tuple(value for value in got if not isinstance(value, Problem))

    def judge(self, text: str) -> Verdict:
        reading = read(text, self.entry.symbols)
        if doubt := reading.problem or self._doubt(reading):
            return Verdict("unreadable", text, doubt)
        verdicts = [self._side(side, text) for side in reading.answers]
        last = verdicts[-1]
        if last.status == "unreadable":
            return last
        for side, verdict in zip(reading.answers, verdicts, strict=True):
            right, last_right = (v.status == "right" or v.otherwise_right for v in (verdict, last))
            if verdict.status != "unreadable" and right != last_right:
                words = "The sides of this equation contradict one another."
                return Verdict("unreadable", text, Unreadable(words, side.offset, side.length, "meaning"))
        return next((verdict for verdict in verdicts if verdict.status == "right"), last)

    def _doubt(self, reading: Reading) -> Problem | None:
        label = reading.label
        if label and label.transposed:
            words = "The left-hand side is transposed: what is answered here is not clear."
            return Unreadable(words, label.offset, label.length, "meaning")
        if len(reading.equations) > 1 and not reading.implied:
            sides = reading.equations[0]
            return Unreadable("Several equations stand here.", sides[0].offset, sides[0].length, "meaning")
        return None

    def _side(self, side: Side, text: str) -> Verdict:
        if side.expr is None:
            return Verdict("unreadable", text, side.problem)
        verdict = self._expr(side.expr, text)
        if verdict.status != "right" and not verdict.otherwise_right and side.tight is not None:
            other = self._expr(side.tight, text)
            verdict = other if other.status == "right" or other.otherwise_right else verdict
        return verdict

    def _expr(self, expr: Expr, text: str) -> Verdict:
        got = self.run(expr)
        if isinstance(got, Unreadable):
            return Verdict("unreadable", text, got)
        forbidden = self._forbidden(expr)
        if not isinstance(got, Problem) and self._right(got):
            if forbidden:
                return Verdict("wrong", text, forbidden, otherwise_right=True)
            return Verdict("right", text)
        problem = got if isinstance(got, ShapeMismatch) else forbidden
        for mistake, values in self.mistakes:
            if not isinstance(got, Problem) and _agree(got, values):
                return Verdict("wrong", text, problem, Diagnosis(mistake.id, mistake.words, expr.offset, expr.length))
        if self._turned_right(Transpose(expr.offset, expr.length, expr)):
            words = "This is denominator layout: every derivative is the transpose of what is asked."
            return Verdict("wrong", text, problem, Diagnosis("denominator-layout", words, expr.offset, expr.length))
        repair = diagnose(expr, self._fits, self.entry.symbols, self.entry.jacobians)
        if repair and repair.diagnosis.id in UNCLEAR:
            place = repair.diagnosis
            return Verdict("unreadable", text, Unreadable(place.words, place.offset, place.length, "meaning"))
        if not repair and not isinstance(got, Problem):
            problem = problem or self._other_shape(got[0], expr)
        return Verdict("wrong", text, problem, repair.diagnosis if repair else None)

    def _other_shape(self, got: Value, expr: Expr) -> ShapeMismatch | None:
        want = self.wants[0][0]
        if np.size(got) == np.size(want) == 1 or np.shape(got) == np.shape(want):
            return None
        a, b = (shape_in_words(value, self.trials[0].sizes) for value in (got, want))
        return ShapeMismatch(f"This comes out as {a}, but {b} is asked for.", expr.offset, expr.length, a, b)

    def run(self, expr: Expr) -> tuple[Value, ...] | Problem:
        """The values at every draw, or the first problem."""
        values: list[Value] = []
        for trial in self.trials:
            got = evaluate(expr, trial.values, trial.sizes)
            if isinstance(got, Problem):
                return got
            values.append(got)
        return tuple(values)

    def _right(self, got: Sequence[Value]) -> bool:
        return any(_agree(got, want) for want in self.wants)

    def _fits(self, expr: Expr) -> bool:
        first = evaluate(expr, self.trials[0].values)
        if isinstance(first, Problem) or not any(_agree([first], want[:1]) for want in self.wants):
            return False
        got = self.run(expr)
        return not isinstance(got, Problem) and self._right(got)

    def _forbidden(self, expr: Expr) -> ForbiddenSymbol | None:
        for _, node in nodes(expr):
            if isinstance(node, Variable) and node.name in self.entry.forbidden:
                name = self.entry.symbols.written(node.name)
                words = f"{name} may not be used in this answer."
                return ForbiddenSymbol(words, node.offset, node.length, node.name)
        return None

    def _turned_right(self, expr: Expr) -> bool:
        """Whether `expr` is right with every derivative transposed, as one reads it in denominator layout."""
        if not any(self.entry.symbols.table[name].of for name in names(expr)):
            return False
        got = [evaluate(expr, trial.values, trial.sizes) for trial in self.turned]
        values = [value for value in got if not isinstance(value, Problem)]
        return len(values) == len(got) and self._right(values)


def _turned(trial: Trial, symbols: Symbols) -> Trial:
    values = dict(trial.values)
    for symbol in symbols.symbols:
        value = values[symbol.name]
        if symbol.of and isinstance(value, np.ndarray):
            values[symbol.name] = value.T
    return Trial(trial.sizes, values)


def _agree(got: Sequence[Value], want: Sequence[Value]) -> bool:
    return all(_equal(a, b) for a, b in zip(got, want, strict=True))


def _equal(got: Value, want: Value) -> bool:
    """Shape and value together; a scalar and a 1×1 are the same."""
    a, b = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    if a.size == b.size == 1 and {a.shape, b.shape} <= {(), (1, 1)}:
        a, b = a.reshape(()), b.reshape(())
    if a.shape != b.shape or not np.all(np.isfinite(a)):
        return False
    return bool(np.all(np.abs(a - b) <= RTOL * max(float(np.max(np.abs(b))), 1e-300)))
