"""Where the answer to each question stands: under headings where there are any, else by what the parts look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from grader.intake.archive import BadFile
from grader.intake.discover import Submission
from grader.intake.document import Unreadable
from grader.intake.formula_table import FormulaLine, FormulaTable, Part, read_formulas
from grader.intake.macros import macros_in
from grader.intake.notebook import looks_like_notebook, read_notebook
from grader.intake.reading import Line, Table
from grader.intake.sheet import Sheet, normal_line, picture_references
from grader.intake.tables import SUFFIXES, read_tables
from grader.intake.text import decode
from grader.model import Picture, Place

QUESTIONS: Final = ("1.2.1", "1.2.2", "1.2.3")
MAX_BYTES: Final = 5_000_000
_PROSE: Final = frozenset({".md", ".markdown", ".txt", ".text", ".tex", ".rmd", ".qmd", ".rst", ".org", ".latex", ""})
_MARKS = re.compile(r"^[\s#*_>\\~-]+")
_WORD = (
    r"(?:(?:question|problem|part|exercise|task|answers?(?: to)?|q|ex|aufgabe|pregunta|ejercicio|respuesta|exercice|"
    r"questão|exerc[íi]cio|section|solution(?: to)?|问题|题|第|вопрос|задача)\s*[-.:#(]*\s*)"
)
_NUMBERED = re.compile(rf"(?:{_WORD}){{0,2}}\(?1\.2\s*[-.)(\s]*\s*\(?(1|2|3|a|b|c|i{{1,3}})(?![\w])\)?", re.IGNORECASE)
_OTHER = re.compile(rf"(?:{_WORD})?1\.[0-9](?!\s*[-.)(]*\s*[0-9a-c]\b)(?!\d)", re.IGNORECASE)
_QUESTION = re.compile(rf"{_WORD}\(?(1|2|3|a|b|c|i{{1,3}})(?![\w.]\w|\w)\)?", re.IGNORECASE)
_LONE = re.compile(r"\(?([123abc])\s*[.):]\)?\s*(.*)$")
_SENTENCES: Final = (
    re.compile(r"programming steps|mathematically describe", re.IGNORECASE),
    re.compile(r"write down all (?:the )?inputs and outputs|inputs and outputs for (?:the )?forward", re.IGNORECASE),
    re.compile(r"gradients? calculated from the backward", re.IGNORECASE),
)
_TOPICS: Final = (
    re.compile(r"(?:training|programming|five|5|sgd|the)\s+steps|pasos de entrenamiento|训练步骤", re.IGNORECASE),
    re.compile(r"\bforward\b|inputs? and outputs?|adelante|前向|正向", re.IGNORECASE),
    re.compile(r"\bbackward|\bgradients?\b|back-?prop|atrás|反向|后向", re.IGNORECASE),
)
_RULES = re.compile(
    r"you can only use|missing transpose|only use the following|treated as a column|numerator-layout notation",
    re.IGNORECASE,
)
_ORDER = {"1": 0, "a": 0, "i": 0, "2": 1, "b": 1, "ii": 1, "3": 2, "c": 2, "iii": 2}
_PLACEHOLDER = re.compile(
    r"[\s>*_(\[]*(?:your answer(?: here)?|answer|todo|tbd|write your answer here)[\s*_:.)\]]*$", re.IGNORECASE
)


@dataclass
class Answer:
    """What stands under one question: its lines and tables in order, and pictures that only a human can read."""

    parts: list[Part] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)  # pictures that are named but were not handed in

    @property
    def empty(self) -> bool:
        return not (self.parts or self.pictures or self.unseen)

    @property
    def needs_eyes(self) -> bool:
        return bool(self.pictures or self.unseen)

    def text(self) -> str:
        """The answer as lines, tables with bars between their cells."""
        lines = []
        for part in self.parts:
            lines += [part.text] if isinstance(part, FormulaLine) else [" | ".join(row) for row in part.rows]
        return "\n".join(lines)

    def places(self) -> tuple[Place, ...]:
        return tuple(dict.fromkeys(part.place for part in self.parts))[:1]


@dataclass(frozen=True)
class HandIn:
    """A submission by questions; `loose` is what stands above the first heading, or everything where there is none."""

    answers: dict[str, Answer]
    loose: Answer
    headed: frozenset[str]
    files: tuple[str, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Block:
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...] = ()
    references: tuple[str, ...] = ()
    name: str = ""


def read_hand_in(submission: Submission, sheet: Sheet) -> HandIn:
    """Reads every file of a submission; what cannot be read becomes a problem in words."""
    blocks: list[_Block] = []
    problems = [submission.problem] if submission.problem else []
    notes: list[str] = []
    seen: dict[bytes, str] = {}
    for file in submission.files[:60]:
        if file.suffix not in _PROSE | SUFFIXES | {".py"}:
            notes.append(f"{file.name} was not read.")
            continue
        try:
            data = file.read()
            if data in seen:
                notes.append(f"{file.name} is a copy of {seen[data]}.")
                continue
            seen[data] = file.name
            blocks += _blocks(file.name, file.suffix, data, problems, sheet)
        except (BadFile, Unreadable) as error:
            problems.append(str(error))
        except (RecursionError, MemoryError):
            problems.append(f"{file.name} is nested too deeply to be read.")
    return _by_question(blocks, sheet, tuple(problems), tuple(notes), tuple(file.name for file in submission.files))


def read_text(text: str, name: str = "answer.md", sheet: Sheet | None = None) -> HandIn:
    """The same for one Markdown text."""
    return _by_question([_Block(tuple(read_formulas(text, Place(name))), name=name)], sheet, (), (), (name,))


def _blocks(name: str, suffix: str, data: bytes, problems: list[str], sheet: Sheet) -> Iterator[_Block]:
    if len(data) > MAX_BYTES and suffix in _PROSE:
        problems.append(f"{name} is larger than {MAX_BYTES // 1_000_000} MB; a human looks at it.")
    elif suffix == ".ipynb" or looks_like_notebook(data):
        cells = read_notebook(name, data).blocks
        macros = macros_in("\n".join(block.source for block in cells if block.kind != "code"))
        for block in cells:
            code = block.kind == "code"
            parts = read_formulas(block.source, Place(name, block.number), code=code, macros=macros)
            pictures = tuple(picture for picture in block.pictures if picture.data not in sheet.pictures)
            references = () if code else tuple(picture_references(block.source))
            yield _Block(tuple(parts), pictures, references, name)
    elif suffix in _PROSE:
        text = decode(data)
        yield _Block(tuple(read_formulas(text, Place(name))), (), tuple(picture_references(text)), name)
    elif suffix == ".py":
        yield _Block(tuple(_script(decode(data), name)), name=name)
    else:
        reading = read_tables(name, data)
        if reading.problem:
            problems.append(reading.problem)
        yield _Block(tuple(_converted(reading.parts)), reading.pictures, (), name)


def _script(text: str, name: str) -> Iterator[Part]:
    for part in read_formulas(text, Place(name), code=True):
        if isinstance(part, FormulaLine) and part.text.lstrip().startswith("#"):
            yield FormulaLine(part.text.lstrip("# "), part.place)
        else:
            yield part


def _converted(parts: Iterable[Line | Table]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Table):
            yield FormulaTable(tuple(tuple(cell.text for cell in row) for row in part.rows), part.place)
        elif part.text.strip():
            yield FormulaLine(part.text, part.place, part.title)


def _by_question(
    blocks: Sequence[_Block],
    sheet: Sheet | None,
    problems: tuple[str, ...],
    notes: tuple[str, ...],
    files: tuple[str, ...],
) -> HandIn:
    lines = [part for block in blocks for part in block.parts if isinstance(part, FormulaLine)]
    strict = any(question_of(line) for line in lines)
    topics = not strict and _headings_by_topic(lines)
    answers = {question: Answer() for question in QUESTIONS}
    loose = Answer()
    headed: set[str] = set()
    known = sheet.lines if sheet else frozenset()
    file = ""
    current: str | None = None
    for block in blocks:
        if block.name != file:
            file = block.name
            stem = FormulaLine(PurePosixPath(file).stem.replace("_", " "), Place(file), heading=True)
            current = question_of(stem) or None
        for part in block.parts:
            if isinstance(part, FormulaLine) and not part.code:
                found = question_of(part) if strict else topic_of(part) if topics else None
                if found is not None:
                    current = found or None
                    headed |= {found} if found else set()
                    if rest := _behind(part):
                        _to(answers, loose, current).parts.append(rest)
                    continue
                if _RULES.search(part.text) or _PLACEHOLDER.match(part.text):
                    continue
                if normal_line(part.text) in known and not _is_formula_line(part.text):
                    continue
            if isinstance(part, FormulaLine) and not part.text.strip(" \t*_#>-=`$"):
                continue
            _to(answers, loose, current).parts.append(part)
        target = _to(answers, loose, current)
        target.pictures += block.pictures
        if not block.pictures:
            target.unseen += [name for name in block.references if sheet is None or name not in sheet.picture_names]
    return HandIn(answers, loose, frozenset(headed), files, problems, notes)


def _to(answers: dict[str, Answer], loose: Answer, current: str | None) -> Answer:
    return answers[current] if current else loose


def _is_formula_line(text: str) -> bool:
    return "=" in text and len(text) < 60


def _behind(line: FormulaLine) -> FormulaLine | None:
    """An answer on the heading's own line: "1.2.3: ∂l/∂b2 = …"."""
    if any(pattern.search(line.text) for pattern in _SENTENCES):
        return None
    bare = _MARKS.sub("", line.text)
    found = _NUMBERED.match(bare) or _QUESTION.match(bare)
    rest = bare[found.end() :].lstrip(" .:)*_-–—") if found else ""
    return FormulaLine(rest, line.place) if "=" in rest or ("|" in rest and len(rest) > 3) else None


def question_of(line: FormulaLine) -> str | None:
    """The question that a line is the heading of; "" for a heading of something else, None for no heading."""
    if line.code:
        return None
    text = _MARKS.sub("", line.text.replace("$", "")).strip()
    for question, pattern in zip(QUESTIONS, _SENTENCES, strict=True):
        if pattern.search(text):
            return question
    if found := _NUMBERED.match(text):
        return QUESTIONS[_ORDER[found[1].lower()]]
    if (found := _QUESTION.match(text)) and (line.heading or len(text) < 60):
        return QUESTIONS[_ORDER[found[1].lower()]]
    if line.heading and _OTHER.match(text):
        return ""
    return None


def topic_of(line: FormulaLine) -> str | None:
    """A heading by its number alone or by its topic, for hand-ins without plainer ones."""
    text = _MARKS.sub("", line.text).strip()
    if not line.heading and not (_LONE.match(text) and not _LONE.match(text)[2].strip()):  # type: ignore[index]
        return None
    if re.search(r"\bstep\s*\d", text, re.IGNORECASE):
        return None
    if found := _LONE.match(text):
        return QUESTIONS[_ORDER[found[1].lower()]]
    for question, pattern in zip(QUESTIONS, _TOPICS, strict=True):
        if pattern.search(text):
            return question
    return None


def _headings_by_topic(lines: Sequence[FormulaLine]) -> bool:
    """Whether such headings are the questions': each at most once, in order, and no fourth or fifth beside them."""
    found = [question for line in lines if (question := topic_of(line))]
    beyond = any(line.heading and re.match(r"\(?[4-9de]\s*[.):]", _MARKS.sub("", line.text)) for line in lines)
    return bool(found) and found == sorted(set(found)) and not beyond
