"""Question Q9 of sheet 004: the gradients of a 1-d convolution as index formulas, each judged by itself.

Indices may count from 0 or 1 and have any names, ranges may be left out. What is not certain waits for a human.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from grader.formula import IndexedArray, SumEntry, SumJudge, Verdict
from grader.formula.symbols import flat
from grader.intake.formula_table import FormulaLine, read_formulas
from grader.intake.labelled import equations, labelled
from grader.model import AnswerText, FaultInfo, LabelReport, Place, Status
from grader.rubric import AnswerQuestion
from reference_solutions.layers import Conv1d

QUESTION: Final = "Q9"
MARKS: Final = {"dw": 0.2, "db": 0.1, "dx": 0.2}
PREFIX: Final = "derivation"
SEED: Final = 9
_WAITS: Final = "A human looks at this; its points are not in the score yet."
_AXES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "dw": (("T'", "kernel"),),
    "db": (),
    "dx": (("B", "batch"), ("T", "time")),
}
_ARRAYS: Final = (
    IndexedArray("x", (("B", "batch"), ("T", "time")), also=("X", "S", "s")),
    IndexedArray("w", (("T'", "kernel"),), also=("W", "K")),
)
_DY: Final = (("Y",), ("Y", "dY", "dy"))
"""How ∂l/∂y may be written: as a fraction, or else with the sheet's short names (where dL/dY is no fraction)."""
_HINTS: Final = {
    "flipped-index": "Write out one output, y_{b,i}, and see which entries of x and w it holds.",
    "missing-sum": "Every place that w_k, b or x_{b,j} enters adds to its gradient.",
    "range-off-by-one": "How many outputs does a kernel of length T' make from a signal of length T?",
    "index-off-by-one": "Try it with T = 3 and T' = 2, written out in full.",
    "missing-index": "Which entry of x meets w_k in the output y_{b,i}?",
    "swapped-indices": "The first index of y counts the batch, the second the time.",
}
_FAULTS: Final = {
    "flipped-index": "An index runs the wrong way: + for -, or the kernel back to front.",
    "missing-sum": "A sum is missing.",
    "swapped-indices": "Two indices are swapped.",
    "range-off-by-one": "The range of a sum is off by one.",
    "index-off-by-one": "An index is off by one.",
    "missing-index": "An index is missing.",
    "wrong-factor": "The whole is off by a factor.",
    "wrong-sign": "The sign is wrong.",
    "extra-factor": "A factor stands there that does not belong.",
}
_LOSS: Final = r"(?:l|L|J|C|E|loss|Loss|MSE|lMSE|LMSE|cost|ell)"
_LABEL = re.compile(
    rf"(?:[∂d]{_LOSS}[∂d]|[∂d]|nabla|grad)(?:([wWkK])|([xXsS])|([bB]))((?:[a-zA-Z]|tau)?[a-z]?\d?)(?:{_LOSS})?"
)
_DERIVATIVE_OF_Y = re.compile(r"[∂d][yY]\w{0,6}?[∂d]([wWkKxXbBsS])\w{0,6}")
_CLAUSE = re.compile(
    r"[,;\s$]*(?:\\text\s*\{[^}]*\b(?:for|where|with)\b[^}]*\}|(?<![\\\w])(?:for|where|with|für|para|pour)\b|∀|\\forall|其中).*$",
    re.DOTALL,
)
_SOME = re.compile(r"[=∂\\^_*Σ∑]|\bd[lL]\b|\bsum\b|\d")


def judge(question: AnswerQuestion, answer: AnswerText) -> tuple[LabelReport, ...]:
    """One report for each of dw, db and dx."""
    found: dict[str, list[str]] = {label: [] for label in MARKS}
    rest: list[str] = []
    for line in [*_lines(answer.text), *(line for code in answer.code for line in code.split("\n"))]:
        for piece in equations(line, _label_of):
            labelled_piece = labelled(piece, _label_of)
            if labelled_piece:
                found[labelled_piece[0]].append(_formula(piece, labelled_piece[1]))
            elif _SOME.search(piece):
                rest.append(piece)
    unseen = bool(answer.pictures or any(output.strip() for output in answer.outputs) or _shows_picture(answer.text))
    return tuple(_report(question, label, found[label], rest, answer, unseen) for label in MARKS)


def _lines(text: str) -> list[str]:
    lines = []
    for part in read_formulas(text, Place(QUESTION)):
        if isinstance(part, FormulaLine):
            lines.append(re.sub(r"^\s*(?:[-*+•]\s+|\d+\s*[.)]\s+|\([a-z0-9]\)\s+)", "", part.text).replace("**", ""))
        else:
            lines += [_row(row) for row in part.rows]
    return lines


def _row(row: tuple[str, ...]) -> str:
    """A table's row as an equation, where it is a label and a formula."""
    if len(row) == 2 and _label_of(row[0], True) and "=" not in row[1]:
        return f"{row[0]} = {row[1]}"
    return "    ".join(row)


def _label_of(left: str, equation: bool) -> str | None:
    """ "dw" for "∂l/∂w_k", "dx" for "dL/dX[b, t]" and so on; None for what labels no gradient of the loss."""
    left = left.strip().strip("$").strip(" *:")
    for text in (left, re.split(r"[\s$,:]+(?=\\[dt]?frac|∂|\\partial|\\nabla|d[lLJWwXxBb])", left)[-1]):
        if len(text) > 120:
            continue
        try:
            name = flat(
                text.replace("∇", r"\nabla ")
                .replace("τ", "t")
                .replace(r"\tau", "t")
                .replace("'", "")
                .replace(r"\prime", "")
            )
        except ValueError:
            continue
        found = _LABEL.fullmatch(name)
        if found is None or (found[3] and found[4]):
            continue
        return "dw" if found[1] else "dx" if found[2] else "db"
    return None


def _formula(piece: str, right: str) -> str:
    """The whole equation where it is one, so that its indices on the left are read too."""
    piece, right = _CLAUSE.sub("", piece), _CLAUSE.sub("", right)
    whole = piece.replace("$", " ") if piece.count("$") % 2 else piece
    words = re.match(r"^[^=]*?(?=\\[dt]?frac|∂|\\partial|\\nabla|d[lLJWwXxBb]\b|d[lLJ]\s*/)", whole)
    return whole[words.end() :] if words and "=" in whole else right


def _shows_picture(text: str) -> bool:
    return bool(re.search(r"!\[[^\]]*\]\(|<img\b|\(image\)", text))


def _judged(label: str, text: str) -> Verdict:
    """The first way of reading the text that gives a verdict."""
    verdicts = [_judge_of(label, spellings).judge(text) for spellings in _DY]
    return next((verdict for verdict in verdicts if verdict.status != "unreadable"), verdicts[0])


@cache
def _judge_of(label: str, spellings: tuple[str, ...]) -> SumJudge:
    def sizes(rng: np.random.Generator) -> Mapping[str, int]:
        kernel, steps = 3, int(rng.integers(7, 10))
        return {"B": int(rng.integers(2, 4)), "T": steps, "T'": kernel, "L": steps - kernel + 1}

    def want(values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        conv = Conv1d(1, 0)
        conv.W = values["w"][np.newaxis]
        dX, dW, db = conv.gradients(values["x"], values["dy"])
        wanted: Mapping[str, NDArray[Any]] = {"dw": dW[0], "db": db[0, 0], "dx": dX}
        return wanted[label]

    dy = IndexedArray("y", (("B", "batch"), ("L", "time")), derivative=True, also=spellings)
    entry = SumEntry({"dw": "w", "db": "b", "dx": "x"}[label], _AXES[label], (*_ARRAYS, dy), want, sizes)
    return SumJudge(entry, np.random.default_rng([SEED, sorted(_AXES).index(label)]), trials=3)


def _report(
    question: AnswerQuestion, label: str, texts: list[str], rest: list[str], answer: AnswerText, unseen: bool
) -> LabelReport:
    possible = question.marks[label]

    def pending(message: str) -> LabelReport:
        return LabelReport(label, Status.NEEDS_HUMAN, 0.0, possible, possible, message=f"{message}\n{_WAITS}")

    verdicts = [_judged(label, text) for text in texts]
    judged = [verdict for verdict in verdicts if verdict.status != "unreadable"]
    name = f"∂l/∂{label[1]}"
    if {verdict.status for verdict in judged} == {"right"}:
        return LabelReport(label, Status.PASSED, possible, possible)
    if unseen:
        return pending("There is more here than text: a picture or what a program printed.")
    if len({verdict.status for verdict in judged}) == 2:
        return pending(f"{name}: several formulas stand here, and not all of them are right.")
    if judged and len(judged) == len(verdicts):
        return _wrong(label, possible, judged[-1])
    if judged:
        return pending(f"{name}: {judged[-1].message}\nOne of several formulas could not be read.")
    if verdicts:
        return pending(f"{name}: {verdicts[-1].message}")
    if answer.empty:
        return LabelReport(label, Status.MISSING, 0.0, possible, message="There is no answer to this question.")
    if any(_may_be(label, text) for text in rest) or not any(_label_in(line) for line in _lines(answer.text)):
        return pending(f"{name} was not found in what is written here.")
    return LabelReport(label, Status.MISSING, 0.0, possible, message=f"There is no formula for {name}.")


def _label_in(line: str) -> bool:
    return any(labelled(piece, _label_of) for piece in equations(line, _label_of))


def _may_be(label: str, text: str) -> bool:
    """Whether a line that was not understood may hold this gradient; ∂y/∂w is a step towards dw alone."""
    try:
        found = _DERIVATIVE_OF_Y.fullmatch(flat(text.split("=")[0].strip(" $")))
    except ValueError:
        found = None
    return found is None or found[1].lower() == label[1] or (found[1] in "kK" and label == "dw")


def _wrong(label: str, possible: float, verdict: Verdict) -> LabelReport:
    id = verdict.diagnosis.id if verdict.diagnosis else ""
    return LabelReport(
        label, Status.FAILED, 0.0, possible, faults=(f"{PREFIX}.{id}",) if id else (),
        message=f"∂l/∂{label[1]}: {verdict.message}", hint=_HINTS.get(id, ""),
    )  # fmt: skip


def faults() -> tuple[FaultInfo, ...]:
    """The misconceptions as the gradebook lists them."""
    return tuple(
        FaultInfo(f"{PREFIX}.{id}", QUESTION, tuple(MARKS), words, _HINTS.get(id, "")) for id, words in _FAULTS.items()
    )
