"""A report without code that runs: the numbers that it states, and whether they fit each other.

What a report cannot show (gradients computed from scratch) waits for a human; so does what contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reference_solutions.sigmoid_from_scratch import labels
from rubrics.sigmoid_from_scratch.marks import NOTHING, RIGHT, UNCLEAR, Mark, wrong
from rubrics.sigmoid_from_scratch.questions import GRADIENTS

_N: Final = r"([-+−]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+−]?\d+)?)"
_STEP: Final = re.compile(
    r"^\s{0,3}(?:#{1,6}\s*|\*{1,2}\s*)?(?:(?:Q|Question|Step|Task|Part)\s*)?([1-8])\s*(?:[.):]|\*\*|$|(?=\s+[A-Z]))",
    re.IGNORECASE,
)
_LINEAR: Final = re.compile(r"Linear\(\s*(?:in_features\s*=\s*)?(\d+)\s*,\s*(?:out_features\s*=\s*)?(\d+)")
_LOSS: Final = re.compile(
    rf"\bloss\b(?!\s*(?:_|-)?\s*devia)[^\n\d=:(]{{0,20}}[=:]\s*(?:tensor\(|\[|array\()?\s*{_N}", re.IGNORECASE
)
_PREDICTION: Final = re.compile(
    rf"\b(?:y[._]?)?pred(?:ict(?:ion|ed)?)?\b(?!\s*_?devia)[^\n\d=:(\[]{{0,20}}[=:]\s*(?:tensor\(|array\()?\s*\[*\s*{_N}",
    re.IGNORECASE,
)
_POINT: Final = re.compile(
    rf"(?:\bx(?:\[0\]|_?0|_?sample|_?i)?\s*(?:[=:]|is\b)?|\b(?:point|sample|input)\b[^\n\d(\[]{{0,20}})\s*"
    rf"(?:tensor\(|array\()?\s*[\[(]+\s*{_N}\s*[,\s]\s*{_N}\s*[\])]",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    rf"(?<![a-z_.])y(?:\[0\]|_?0|_?sample)?\s*(?:[=:]|\n|\s)\s*(?:tensor\(|array\()?\s*\[?\s*{_N}\s*\]?\)?",
    re.IGNORECASE,
)
_DEVIATION: Final = re.compile(
    rf"(?:devia\w*|differ\w*|diff\b|error)[^\n\d=:]{{0,40}}[=:]\s*(?:tensor\(|\[+)?\s*{_N}", re.IGNORECASE
)
_SQUARE: Final = re.compile(
    r"\(\s*\w+(?:\[0\])?\s*-\s*\w+(?:\[0\])?\s*\)\s*(?:\*\*|\^)\s*\{?2|pow\s*\(\s*\w+\s*-\s*\w+\s*,\s*2|MSELoss"
)
_HALVED: Final = re.compile(
    r"(?:0\.5\s*\*|1\s*/\s*2\s*\*|½)\s*(?:\w+\.)?(?:sum|mean)?\s*\(*\s*\w+\s*-|\*\*\s*2\s*\)?\s*/\s*2(?!\s*\))"
)
_CODE_DATA: Final = re.compile(
    r"\brand\s*\(\s*\(?\s*100\s*,\s*2\b|uniform\s*\([^)\n]*\(?\s*100\s*,\s*2\b|\.random\s*\(\s*\(\s*100\s*,\s*2\b"
)
_CODE_LABELS: Final = re.compile(r"\(\s*\**\s*x\s*\[\s*:\s*,\s*0\s*\]")


# What the steps are called, on the sheet and on its blank template.
_SHEET_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """build the neural network in pytorch by sequential function data points dimensions drawn from uniform
        distribution random labels label of each point generate implement loss use batch size one
        pass forward propagation with its prediction learning rate is to do time compute gradients
        using autograd result results below weights and biases every layer backpropagation algorithm
        scratch without automatic differentiation for same sample take before any update comparison
        compare two value question step this that are""",
    )
)


@dataclass(frozen=True)
class Report:
    """What a text says, mark by label id, and what contradicts in it."""

    marks: Mapping[str, Mark]
    flags: tuple[str, ...] = ()


def judge_report(text: str, empty: bool) -> Report:
    """Every label's mark from the text alone; `empty` when nothing in it is the student's."""
    if empty or not text.strip():
        return Report({})
    plain = text.replace("−", "-").replace("\\", "")
    sections = _sections(plain)
    losses = _distinct([_float(found[1]) for found in _LOSS.finditer(plain)])
    flags, doubt = _contradictions(plain, losses)
    marks = {
        "Q1.net": _net(plain),
        "Q2.data": _data(plain, sections.get(2, "")),
        "Q3.labels": _labels(plain, sections.get(3, "")),
        "Q4.loss": _loss(plain, sections.get(4, "")),
        "Q5.pass": _pass(plain, losses, doubt, sections.get(5, "")),
        "Q5.rate": _rate(plain),
        "Q6.autograd": _seen(sections.get(6, ""), "gradients in a report must be looked at by a human", doubt),
        "Q8.comparison": _comparison(plain, sections.get(8, "")),
    }
    own = _seen(sections.get(7, ""), "a report does not show how the gradients were computed", "")
    marks |= {f"Q7.{label}": own for label in ("forward", *GRADIENTS)}
    return Report(marks, flags)


def _sections(text: str) -> dict[int, str]:
    """The text below each numbered step; in order, so that a number in passing is no heading."""
    found: dict[int, list[str]] = {}
    now, fenced = 0, False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        step = None if fenced else _STEP.match(line)
        if step is not None and int(step[1]) > now and int(step[1]) <= now + 3:
            now = int(step[1])
            found[now] = [line[step.end() :]]
        elif now:
            found[now].append(line)
    return {step: "\n".join(lines) for step, lines in found.items()}


def _float(text: str) -> float:
    return float(text.replace("−", "-"))


def _distinct(numbers: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for number in numbers:
        if not any(np.isclose(number, other, rtol=2e-3, atol=1e-6) for other in kept):
            kept.append(number)
    return kept


def _first(pattern: re.Pattern[str], text: str) -> tuple[float, ...] | None:
    found = pattern.search(text)
    return tuple(map(_float, found.groups())) if found else None


def _contradictions(text: str, losses: Sequence[float]) -> tuple[tuple[str, ...], str]:
    """What does not fit: for the instructor, and half a sentence for the student."""
    flags = []
    if len(losses) > 1 and not re.search(r"epoch|iteration|after", text, re.IGNORECASE):
        flags.append(f"two different losses for one pass: {' and '.join(f'{one:g}' for one in losses[:3])}")
    prediction, label = _first(_PREDICTION, text), _first(_LABEL, text)
    if prediction and label and losses:
        due = (prediction[0] - label[0]) ** 2
        if not any(np.isclose(due, one, rtol=2e-2, atol=2e-4) for one in losses):
            flags.append(
                f"prediction {prediction[0]:g} and label {label[0]:g} give the loss {due:.4g}, which is not stated"
            )
    return tuple(flags), "; ".join(flags)


def _net(text: str) -> Mark:
    layers = [(int(found[1]), int(found[2])) for found in _LINEAR.finditer(text)]
    sigmoids = len(re.findall(r"Sigmoid\(\)", text))
    wanted = [(2, 10), (10, 10), (10, 1)]
    if (
        any(layers[i : i + 3] == wanted for i in range(len(layers)))
        and sigmoids >= 2
        and not re.search(r"ReLU\(|Tanh\(", text)
    ):
        return Mark(RIGHT)
    if layers or re.search(r"2\s*[-–x×,→]\s*10\s*[-–x×,→]\s*10|Sequential|hidden layer|network", text, re.IGNORECASE):
        return Mark(UNCLEAR, why="the network is described, but not printed as a whole")
    return NOTHING


def _data(text: str, section: str) -> Mark:
    if _CODE_DATA.search(text) and "randn" not in text:
        return Mark(RIGHT)
    if re.search(r"uniform|random", section, re.IGNORECASE):
        return Mark(UNCLEAR, why="how the points were drawn is described in words")
    return _seen(section, "how the points were drawn could not be read", "")


def _labels(text: str, section: str) -> Mark:
    point, label = _first(_POINT, text), _first(_LABEL, text)
    if point is not None and label is not None:
        due = float(labels(np.array(point)))
        if abs(due - label[0]) <= 2e-4:
            return Mark(RIGHT)
        for id, other in (
            ("not-halved", 2 * due),
            ("square-of-sum", sum(point) ** 2 / 2),
            ("half-sum", sum(point) / 2),
        ):
            if abs(other - label[0]) <= 2e-4:
                return wrong(id, f"The label of ({point[0]:g}, {point[1]:g}) is given as {label[0]:g}.")
        why = f"the label of ({point[0]:g}, {point[1]:g}) is given as {label[0]:g}, and the formula gives {due:.4f}"
        return Mark(UNCLEAR, why=why, flag=why)
    if _CODE_LABELS.search(text):
        return Mark(UNCLEAR, why="the formula is there, but no point with its label to check it by")
    return _seen(section, "no point with its label was found to check the labels by", "")


def _loss(text: str, section: str) -> Mark:
    if _HALVED.search(section):
        return wrong("half-loss")
    if _SQUARE.search(section) and re.search(r"def |lambda|torch\.|np\.|nn\.", section):
        return Mark(RIGHT)
    return _seen(section, "the loss is described, not computed", "")


def _pass(text: str, losses: Sequence[float], doubt: str, section: str) -> Mark:
    if doubt:
        return Mark(UNCLEAR, why=doubt)
    prediction, label = _first(_PREDICTION, text), _first(_LABEL, text)
    if prediction and label and losses:
        return Mark(RIGHT)
    why = "prediction, label and loss of the pass are not all there to check each other by"
    return Mark(UNCLEAR, why=why) if losses or prediction or _words(section) > 4 else NOTHING


def _rate(text: str) -> Mark:
    if re.search(r"(?<![\d.])0?\.050*(?!\d)", text):
        return Mark(RIGHT)
    return (
        Mark(UNCLEAR, why="a learning rate is spoken of, without its value")
        if "learning rate" in text.lower()
        else NOTHING
    )


def _comparison(text: str, section: str) -> Mark:
    deviations = [abs(_float(found[1])) for found in _DEVIATION.finditer(text)]
    if deviations and max(deviations) <= 1e-3 and len(deviations) >= 2:
        return Mark(RIGHT, note="Judged by the deviations that the report states.")
    if deviations:
        return Mark(UNCLEAR, why="the deviations that the report states are not all near zero")
    return _seen(section, "the comparison is stated in words", "")


def _seen(section: str, why: str, doubt: str) -> Mark:
    """Waits for a human where there is more than the step's own words."""
    own = [word for word in re.findall(r"[^\W\d_]{2,}", section.lower()) if word not in _SHEET_WORDS]
    if len(own) > 2 or re.search(r"\d\.\d|!\[|```", section):
        return Mark(UNCLEAR, why=doubt or why)
    if re.search(r"same|equal|identical|agree", section, re.IGNORECASE):
        return Mark(UNCLEAR, why=why)
    return NOTHING


def _words(text: str) -> int:
    return len(re.findall(r"[^\W\d_]{2,}", text))
