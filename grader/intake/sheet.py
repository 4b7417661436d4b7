"""A homework sheet as its blank template shows it: headings, given text, given code, what is to be filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from grader.intake.definitions import read_code
from grader.intake.document import Document
from grader.intake.evidence import Definition
from grader.intake.notebook import read_notebook
from grader.model import Place

SHEET = "the sheet"
_MARKS = " \t#*_>=~/|<!-–—+.:"
_TAG = re.compile(r"</?\w+[^>]*>")
_WORDS = (
    "questions", "question", "problem", "exercise", "task", "q", "aufgabe", "frage", "exercice", "ejercicio",
    "pregunta", "exercício", "questão", "pergunta", "esercizio", "domanda", "вопрос", "задание", "задача", "питання",
    "завдання", "zadanie", "pytanie", "soru", "câu", "bài", "سوال", "پرسش", "تمرین", "السؤال", "سؤال", "प्रश्न",
    "问题", "题目", "問題", "題目", "问", "問", "第", "문제",
)  # fmt: skip
_NUMBERED = re.compile(rf"(?:{'|'.join(_WORDS)})\s*[.:#_-]?\s*0*(\d{{1,4}})(?!\d)(?!\.\d)(?:\s*题)?", re.IGNORECASE)
_FIRST_LETTERS = frozenset("h").union(*({word[0], word[0].upper()} for word in _WORDS))  # h: a tag without its "<"
_ENDS = re.compile(r"\s*(?:$|[(:.)\[\]*_,–—-])")
_PICTURE = re.compile(
    r"!\[[^\]\n]{0,400}\]\(\s{0,9}<?([^)\s>]{1,400})|<img\s[^>]{0,400}?src\s{0,9}=\s{0,9}[\"']?([^\"'\s>]{1,400})",
    re.IGNORECASE,
)
_POINTS = re.compile(r"[\s.:]*(?:\([^)]*points?[^)]*\))?[\s.:]*", re.IGNORECASE)
_SHORT_HEADING, _COMMENT_HEADING, _LONGEST_HEADING = 40, 120, 2_000
_TELLING, _LONGEST_OPENING, _LONGEST_NUMBER = 30, 100, 24  # characters of a question's own words, and before them


@dataclass(frozen=True)
class Sheet:
    """What a template says. All text is kept in normal form (see `normal_line`).

    `texts` are whole cells, `cells` their lines in order, `sections` the questions under which they stand; `provided`
    maps a name that the sheet itself defines to its definition; `to_fill` maps a class that students complete to the
    questions under which it stands; `stubs` holds the template's methods of those classes as syntax trees in text form.
    """

    questions: tuple[str, ...]
    texts: frozenset[str]
    cells: tuple[tuple[str, ...], ...]
    provided: Mapping[str, Definition]
    to_fill: Mapping[str, tuple[str, ...]]
    stubs: Mapping[tuple[str, str], frozenset[str]]
    picture_names: frozenset[str]
    pictures: frozenset[bytes]
    sections: tuple[str | None, ...] = ()

    @classmethod
    def from_notebook(cls, path: Path, questions: Sequence[str]) -> Sheet:
        """Read a template. Raises Unreadable or OSError: a sheet that cannot be read is the rubric's fault."""
        return cls.from_document(read_notebook(path.name, path.read_bytes()), questions)

    @classmethod
    def without_template(cls, questions: Sequence[str]) -> Sheet:
        """The sheet of a homework that hands out no notebook."""
        return cls(tuple(questions), frozenset(), (), {}, {}, {}, frozenset(), frozenset())

    @classmethod
    def from_document(cls, document: Document, questions: Sequence[str]) -> Sheet:
        """The same from a notebook that has been read."""
        bare = cls.without_template(questions)
        texts: set[str] = set()
        cells = []
        names: set[str] = set()
        pictures: set[bytes] = set()
        definitions: list[Definition] = []
        section: str | None = None
        sections: list[str | None] = []
        for block in document.blocks:
            texts.add(normal_text(block.source))
            cells.append(tuple(line for line in map(normal_line, block.source.split("\n")) if line))
            pictures.update(picture.data for picture in block.pictures)
            if block.kind == "code":
                for found in read_code(block.source, True).definitions:
                    place = Place(SHEET, block.number, found.place.line)
                    definitions.append(replace(found, place=place, order=len(definitions), section=section))
            else:
                names.update(picture_references(block.source))
                section = bare.last_heading(block.source, False) or section
            sections.append(section)
        to_fill: dict[str, tuple[str, ...]] = {}
        for found in definitions:
            if (
                found.kind == "class"
                and found.section
                and any(m.blank for m in found.methods if not m.name.startswith("__"))
            ):
                to_fill[found.names[0]] = (*to_fill.get(found.names[0], ()), found.section)
        provided = {
            found.names[0]: found
            for found in reversed(definitions)
            if found.kind in ("class", "function", "import") and found.names[0] not in to_fill
        }
        return replace(
            bare, texts=frozenset(texts), cells=tuple(cells), provided=provided, to_fill=to_fill,
            stubs=_stubs(definitions, to_fill), picture_names=frozenset(names), pictures=frozenset(pictures),
            sections=tuple(sections),
        )  # fmt: skip

    def heading(self, line: str, comment: bool) -> str | None:
        """The question whose heading a line of Markdown, or a comment of a script, is; None for any other line.

        A reference inside a sentence ("Q1 was hard") is no heading.
        """
        line = line[:_LONGEST_HEADING]
        if len(line) >= _TELLING and (question := self._quoted(line)):
            return question
        if line.lstrip(_MARKS)[:1] not in _FIRST_LETTERS:
            return None
        text = _TAG.sub("", line).strip()
        found = _NUMBERED.match(text.lstrip(_MARKS))
        if found is None:
            return None
        question = self._by_number.get(int(found[1]))
        if question is None:
            return None
        rest = text.lstrip(_MARKS)[found.end() :]
        if text.startswith("#") or normal_line(text) in self._headings:
            return question
        if comment:
            return (
                question
                if len(text) <= _COMMENT_HEADING
                and (text[0] in _MARKS or _ENDS.match(rest) or len(text) < _SHORT_HEADING)
                else None
            )
        if text.startswith(("**", "__", "=")):
            return question
        return question if _ENDS.match(rest) and len(text) <= _SHORT_HEADING else None

    def last_heading(self, source: str, comment: bool) -> str | None:
        """The question of the last heading in a text, outside fenced code."""
        return next(iter(reversed(list(self.headings(source, comment)))), None)

    def headings(self, source: str, comment: bool) -> Iterator[str]:
        """The questions whose headings stand in a text, outside fenced code."""
        fenced = False
        for line in source.split("\n"):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced and (question := self.heading(line, comment)):
                yield question

    def is_template(self, source: str) -> bool:
        """Whether a cell is the sheet's own, unchanged but for blanks."""
        return normal_text(source) in self.texts

    @cached_property
    def lines(self) -> frozenset[str]:
        """Every line of the sheet that is long enough to tell."""
        return frozenset(line for cell in self.cells for line in cell if len(line) > 12) | frozenset(
            line.lstrip("# ") for cell in self.cells for line in cell if line.startswith("#")
        )

    @cached_property
    def cells_by_line(self) -> Mapping[str, int]:
        """Which cell a long line of the sheet stands in (the first)."""
        found: dict[str, int] = {}
        for index, cell in enumerate(self.cells):
            for line in cell:
                if len(line) > 20:
                    found.setdefault(line, index)
        return found

    @cached_property
    def _only_section(self) -> Mapping[str, str]:
        """Long lines of the sheet's code that stand under one question alone."""
        found: dict[str, set[str | None]] = {}
        for cell, section in zip(self.cells, self.sections, strict=True):
            for line in cell:
                if len(line) > 20:
                    found.setdefault(line, set()).add(section)
        return {line: only for line, (only, *more) in found.items() if only is not None and not more}

    @cached_property
    def _by_number(self) -> Mapping[int, str]:
        return {
            int(number[1]): question
            for question in self.questions
            if (number := re.fullmatch(r"[A-Za-z]*(\d+)", question))
        }

    def _quoted(self, line: str) -> str | None:
        """The question whose first words stand near the beginning of a line, however it is numbered there."""
        text = normal_line(line)
        return next((q for words, q in self._openings.items() if -1 < text.find(words) <= _LONGEST_NUMBER), None)

    @cached_property
    def _openings(self) -> Mapping[str, str]:
        """The first words of each question's heading behind its number, where they are long enough to tell."""
        found: dict[str, str] = {}
        for line in self._headings:
            number = _NUMBERED.match(line)
            question = self._by_number.get(int(number[1])) if number else None
            if number is None or question is None:
                continue
            rest = line[number.end() :]
            points = _POINTS.match(rest)
            words = rest[points.end() if points else 0 :][:_LONGEST_OPENING].partition(". ")[0]
            if len(words) >= _TELLING:
                found[words] = question
        return found

    def section_of(self, source: str) -> str | None:
        """The question to which a cell's lines of the sheet belong, where they belong to one alone."""
        lines = map(normal_line, source.split("\n"))
        found = {self._only_section[line] for line in lines if line in self._only_section}
        return found.pop() if len(found) == 1 else None

    def precedes(self, question: str, other: str | None) -> bool:
        """Whether a question stands before another one in the sheet."""
        order = list(self.questions)
        return other in order and question in order and order.index(question) < order.index(other)

    @cached_property
    def _headings(self) -> frozenset[str]:
        return frozenset(
            line.lstrip("# ")
            for cell in self.cells
            for line in cell
            if line.startswith("#") and _NUMBERED.match(line.lstrip("# "))
        )


def normal_line(line: str) -> str:
    """A line with its blanks evened out."""
    return " ".join(line.split())


def normal_text(source: str) -> str:
    """A cell with its blanks evened out and its empty lines dropped."""
    return "\n".join([line for line in [" ".join(line.split()) for line in source.split("\n")] if line])


def picture_references(source: str) -> list[str]:
    """The files that a Markdown text shows."""
    if "![" not in source and "<img" not in source:
        return []
    return [(found[1] or found[2]).removeprefix("./") for found in _PICTURE.finditer(source)]


def _stubs(
    definitions: Sequence[Definition], to_fill: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for definition in definitions:
        if definition.kind == "class" and definition.names[0] in to_fill and isinstance(definition.tree, ast.ClassDef):
            for node in definition.tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
                    key = (definition.names[0], node.name)
                    found[key] = found.get(key, frozenset()) | {ast.dump(node)}
    return found
