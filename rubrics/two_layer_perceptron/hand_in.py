"""One submission by its sources: the notebook run in the confined worker, its saved outputs, text and tables.

Each source is judged by itself (`verdicts`); which of them counts is decided in `judging`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from grader.intake.archive import BadFile
from grader.intake.evidence import Cell
from grader.intake.repair import parse
from grader.intake.tables import SUFFIXES, read_tables
from grader.material import Material
from grader.model import AnswerText, Picture, Place
from rubrics.two_layer_perceptron.documents import figures_of, figures_of_output
from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.literals import copied
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.running import Ran, run_notebook
from rubrics.two_layer_perceptron.verdict import DECIDED, FINE, NONE, Verdict
from rubrics.two_layer_perceptron.verdicts import judge_source

RUN, SAVED, TEXT, DRIVEN = "the notebook's run", "saved outputs", "the text and tables", "the class or functions, run"
ORDER: Final = (RUN, SAVED, TEXT, DRIVEN)
_COMPUTES: Final = re.compile(r"sigmoid|exp\b|exp\(|expit|tanh|torch|backward", re.IGNORECASE)
_WRITTEN_ELSEWHERE: Final = re.compile(
    r"!\[[^\]\n]{0,200}\]\((?!https?:)|<img\b|\b(?:see|attached)\b.{0,30}\b(?:photo|scan|picture|image|pdf)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class HandIn:
    """A submission by its sources; `elsewhere` says why something may stand where it cannot be read."""

    verdicts: Mapping[str, Mapping[str, Verdict]]  # source -> label -> verdict
    ran: Ran
    answer: AnswerText
    elsewhere: str = ""
    typed: bool = False  # the code computes nothing: it prints numbers
    copied: frozenset[str] = frozenset()  # labels that are right only because the code holds the right numbers
    idle: bool = False  # there is code that computes, and nothing shows, keeps or tells how to get its values
    leftover: bool = False  # numbers in text that nothing could be made of
    place: Place | None = None


def read_hand_in(material: Material) -> HandIn:
    """Read everything, run what can be run."""
    evidence, sheet = material.evidence, material.sheet
    main = evidence.files[0] if evidence.files and not evidence.unreadable else ""
    cells = [cell for cell in evidence.cells if cell.file == main]
    own = [cell for cell in cells if not cell.template]
    code = [cell for cell in own if cell.kind == "code" and cell.source.strip()]
    ran = run_notebook(evidence, material.runner) if code else Ran()
    typed = bool(code) and not any(_COMPUTES.search(cell.source) for cell in cells if cell.kind == "code")
    saved = _saved(cells)
    text, problem, pictures = _text(material, cells, main)
    verdicts = {}
    for name, found, strict in ((RUN, ran.figures, typed), (SAVED, saved, False), (TEXT, text, True)):
        answers = Answers(found, strict=strict)
        if not answers.empty:
            verdicts[name] = judge_source(answers)
    if ran.wants_torch and material.runner.torch != "torch" and RUN in verdicts:
        # A stand-in for PyTorch may give marks, but what goes wrong with it says nothing.
        verdicts[RUN] = {label: one if one.kind in FINE else Verdict(NONE) for label, one in verdicts[RUN].items()}
    decided = any(verdict.kind in DECIDED for labels in verdicts.values() for verdict in labels.values())
    if not decided and not ran.error and ran.driven and not typed:
        verdicts[DRIVEN] = judge_source(Answers(ran.driven, strict=False))
    idle = not decided and DRIVEN not in verdicts and not typed and any(_works(cell.source) for cell in code)
    held = frozenset[str]()
    if RUN in verdicts and not typed:
        held = copied(evidence, ran, verdicts[RUN], lambda changed: run_notebook(changed, material.runner))
    leftover = any(figure.value.size and float(np.min(figure.decimals)) >= 3 for figure in text)
    answer = AnswerText(
        text="\n\n".join(
            cell.source for cell in own if cell.kind == "markdown" and sheet.heading(cell.source, False) is None
        )[:20_000],
        outputs=tuple(output for cell in cells for output in cell.outputs)[:40],
        pictures=pictures,
        places=tuple(Place(cell.file, cell.number) for cell in own[:1]),
    )
    place = Place(main or (material.submission.files[0].name if material.submission.files else ""))
    return HandIn(verdicts, ran, answer, problem, typed, held, idle, leftover, place)


def _works(source: str) -> bool:
    """Whether a cell defines a function that computes something of the net."""
    try:
        tree = parse(source)
    except SyntaxError:
        return False
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    filled = [one for one in functions if any(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(one))]
    return len(filled) > 1 and bool(_COMPUTES.search(source))


def _saved(cells: Sequence[Cell]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    above: tuple[str, ...] = ()
    for cell in cells:
        if cell.kind != "code":
            lines = [line.strip("# ").strip()[:120] for line in cell.source.split("\n") if line.strip()]
            above = tuple(reversed(lines))[:3] or above
            continue
        for output in cell.outputs:
            found += _shifted(figures_of_output(output, Place(cell.file, cell.number), above), found)
    return tuple(found)


def _shifted(more: Sequence[Figure], found: Sequence[Figure]) -> list[Figure]:
    """`more` numbered on from `found`, with a gap: what stands in different cells does not stand side by side."""
    begin = found[-1].at + 10 if found else 0
    return [replace(figure, at=figure.at + begin) for figure in more]


def _text(material: Material, cells: Sequence[Cell], main: str) -> tuple[tuple[Figure, ...], str, tuple[Picture, ...]]:
    """The figures of prose and tables; why something may stand where it cannot be read; pictures for a human."""
    found: list[Figure] = []
    problems: list[str] = []
    pictures: list[Picture] = []
    prose = [cell for cell in cells if cell.kind == "markdown" and not cell.template]
    if prose:
        whole = "\n\n".join(
            cell.source if cell in prose else _titles(cell.source) for cell in cells if cell.kind == "markdown"
        )
        reading = read_tables("cells.md", whole.encode())
        found += _shifted(figures_of(reading), found)
        pictures += [picture for cell in prose for picture in cell.pictures]
        if pictures or _WRITTEN_ELSEWHERE.search(whole):
            problems.append("the notebook shows a picture that only a human can read")
    for file in material.submission.files[:40]:
        suffix = PurePosixPath(file.name.lower()).suffix
        if file.name == main or suffix not in SUFFIXES or suffix == ".ipynb":
            continue
        try:
            reading = read_tables(file.name, file.read())
        except BadFile as error:
            problems.append(str(error))
            continue
        found += _shifted(figures_of(reading), found)
        pictures += reading.pictures
        if reading.pictures:
            problems.append(f"{file.name} is a picture, or holds one, that only a human can read")
        if reading.problem:
            problems.append(reading.problem)
    if material.submission.problem:
        problems.append(material.submission.problem)
    elif not main and not found and not problems:
        names = ", ".join(file.name for file in material.submission.files[:5])
        if names:
            problems.append(material.evidence.unreadable or f"nothing could be read in {names}")
    return tuple(found), "; ".join(dict.fromkeys(problems)), tuple(pictures[:20])


def _titles(source: str) -> str:
    """The headings of a cell that is the sheet's own; its numbers are no answer."""
    return "\n\n".join(line for line in source.split("\n") if line.startswith("#"))
