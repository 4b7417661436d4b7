"""One submission by its sources: the notebook run in the confined worker, its saved outputs, text and tables.

Each source is judged by itself (`verdicts`); which of them counts is decided in `judging`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from grader.intake.archive import BadFile
from grader.intake.evidence import Cell
from grader.intake.repair import parse
from grader.intake.sheet import Sheet
from grader.intake.tables import SUFFIXES, read_tables
from grader.material import Material
from grader.model import AnswerText, Picture, Place
from grader.runner import Runner
from rubrics.two_layer_perceptron.documents import figures_of, figures_of_output
from rubrics.two_layer_perceptron.figures import Figure
from rubrics.two_layer_perceptron.literals import copied
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.runnables import Runnable, runnables
from rubrics.two_layer_perceptron.running import Ran, run
from rubrics.two_layer_perceptron.verdict import DECIDED, FINE, NONE, Verdict
from rubrics.two_layer_perceptron.verdicts import judge_source

RUN, SAVED, TEXT, DRIVEN = "the notebook's run", "saved outputs", "the text and tables", "the class or functions, run"
ORDER: Final = (RUN, SAVED, TEXT, DRIVEN)
MOST_PROGRAMS: Final = 6
_COMPUTES: Final = re.compile(r"sigmoid|exp\b|exp\(|expit|tanh|torch|backward", re.IGNORECASE)
_WRITTEN_ELSEWHERE: Final = re.compile(
    r"!\[[^\]\n]{0,200}\]\((?!https?:)|<img\b|\b(?:see|attached)\b.{0,30}\b(?:photo|scan|picture|image|pdf)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class HandIn:
    """A program of a submission by its sources; `elsewhere` says why something may stand where it cannot be read."""

    verdicts: Mapping[str, Mapping[str, Verdict]]  # source -> label -> verdict
    ran: Ran
    answer: AnswerText
    elsewhere: str = ""
    typed: bool = False  # the code computes nothing: it prints numbers
    copied: frozenset[str] = frozenset()  # labels that are right only because the code holds the right numbers
    idle: bool = False  # there is code that computes, and nothing shows, keeps or tells how to get its values
    leftover: bool = False  # numbers in text that nothing could be made of
    place: Place | None = None
    file: str = ""  # set where it is not the first program


def read_hand_ins(material: Material) -> Iterator[HandIn]:
    """Read everything and run what can be run, program by program: what a later one gives fills gaps."""
    found = runnables(material.evidence)
    yield _first(found[0] if found else Runnable(""), material)
    for program in found[1:MOST_PROGRAMS]:
        ran, typed, verdicts, held = _judged(program, material.runner)
        text = figures_of(read_tables("cells.md", _prose(program.cells).encode()))
        if text:
            verdicts[TEXT] = judge_source(Answers(text, strict=True))
        yield HandIn(verdicts, ran, _shown(program.cells, material.sheet), typed=typed, copied=held, file=program.name)


def _first(program: Runnable, material: Material) -> HandIn:
    """The program that is most likely meant, with everything that is no program."""
    ran, typed, verdicts, held = _judged(program, material.runner)
    text, problem, pictures = _text(material, program.cells, program.name)
    if text:
        verdicts[TEXT] = judge_source(Answers(text, strict=True))
    decided = any(verdict.kind in DECIDED for labels in verdicts.values() for verdict in labels.values())
    if not decided and not ran.error and ran.driven and not typed:
        verdicts[DRIVEN] = judge_source(Answers(ran.driven, strict=False))
    works = any(_works(cell.source) for cell in program.all_code if not cell.template)
    idle = not decided and DRIVEN not in verdicts and not typed and works
    leftover = any(figure.value.size and float(np.min(figure.decimals)) >= 3 for figure in text)
    answer = replace(_shown(program.cells, material.sheet), pictures=pictures)
    place = Place(program.name or (material.submission.files[0].name if material.submission.files else ""))
    return HandIn(verdicts, ran, answer, problem, typed, held, idle, leftover, place)


def _judged(program: Runnable, runner: Runner) -> tuple[Ran, bool, dict[str, Mapping[str, Verdict]], frozenset[str]]:
    """A program's run and saved outputs; whether it computes nothing; the labels for which it only holds numbers."""
    own = any(not cell.template for cell in program.code)
    ran = run(program, runner) if own else Ran()
    typed = own and not any(_COMPUTES.search(cell.source) for cell in program.all_code)
    verdicts: dict[str, Mapping[str, Verdict]] = {}
    for name, found, strict in ((RUN, ran.figures, typed), (SAVED, _saved(program.cells), False)):
        if found:
            verdicts[name] = judge_source(Answers(found, strict=strict))
    if ran.wants_torch and runner.torch != "torch" and RUN in verdicts:
        # A stand-in for PyTorch may give marks, but what goes wrong with it says nothing.
        verdicts[RUN] = {label: one if one.kind in FINE else Verdict(NONE) for label, one in verdicts[RUN].items()}
    held = frozenset[str]()
    if RUN in verdicts and not typed:
        held = copied(program, ran, verdicts[RUN], lambda changed: run(changed, runner))
    return ran, typed, verdicts, held


def _shown(cells: Sequence[Cell], sheet: Sheet) -> AnswerText:
    """What a human gets to see of a program: its text and what it has printed."""
    own = [cell for cell in cells if not cell.template]
    texts = [cell.source for cell in own if cell.kind == "markdown" and sheet.heading(cell.source, False) is None]
    return AnswerText(
        text="\n\n".join(texts)[:20_000],
        outputs=tuple(output for cell in cells for output in cell.outputs)[:40],
        places=tuple(Place(cell.file, cell.number) for cell in own[:1]),
    )


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
        whole = _prose(cells)
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


def _prose(cells: Sequence[Cell]) -> str:
    """The student's own text of a program."""
    return "\n\n".join(
        _titles(cell.source) if cell.template else cell.source for cell in cells if cell.kind == "markdown"
    )


def _titles(source: str) -> str:
    """The headings of a cell that is the sheet's own; its numbers are no answer."""
    return "\n\n".join(line for line in source.split("\n") if line.startswith("#"))
