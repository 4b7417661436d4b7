"""Matrix formulas as students write them: read, evaluated at random sizes, judged, and their mistakes named.

`Symbols` is a question's closed list of names, `Entry` one answer's place, `judge` the verdict with words and a caret.
`SumEntry` and `judge_sum` do the same for index formulas with sums.
The package knows no homework and needs nothing of the rest of the grader.
"""

from grader.formula.evaluate import evaluate
from grader.formula.explain import explain
from grader.formula.judge import Entry, Judge, Mistake, Verdict, judge
from grader.formula.parser import parse
from grader.formula.reading import Reading, Side, read, split_list
from grader.formula.repair import Diagnosis
from grader.formula.sums import IndexedArray, SumEntry, SumJudge, judge_sum
from grader.formula.symbols import Symbol, Symbols, Trial, Value, derivative
from grader.formula.tree import Expr, ForbiddenSymbol, Problem, ShapeMismatch, UnknownSymbol, Unreadable

__all__ = [
    "Diagnosis",
    "Entry",
    "Expr",
    "ForbiddenSymbol",
    "IndexedArray",
    "Judge",
    "Mistake",
    "Problem",
    "Reading",
    "ShapeMismatch",
    "Side",
    "SumEntry",
    "SumJudge",
    "Symbol",
    "Symbols",
    "Trial",
    "UnknownSymbol",
    "Unreadable",
    "Value",
    "Verdict",
    "derivative",
    "evaluate",
    "explain",
    "judge",
    "judge_sum",
    "parse",
    "read",
    "split_list",
]
