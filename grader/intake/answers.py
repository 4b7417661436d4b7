"""What a student wrote, printed and drew under each question, with the sheet's own text taken out."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Sequence

from grader.intake.definitions import read_code
from grader.intake.evidence import Cell
from grader.intake.sheet import Sheet, normal_line
from grader.model import AnswerText, Picture, Place

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PROMPT = re.compile(r"[\s>#*_]{0,20}(?:your|my)\s{1,9}answers?[\s*_:：]*", re.IGNORECASE)
_TODO = re.compile(
    r"[\s>#*_(\[]{0,20}(?:todo|tbd|(?:(?:type|write|enter) )?(?:your )?answer here|双击.{0,40})[\s*_.:)\]]*$",
    re.IGNORECASE,
)
_DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=\s]+")
_MAX_TEXT, _MAX_CODE, _MAX_LINES = 60_000, 10_000, 3_000


class _Answer:
    """What has been gathered for one question."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.code: list[str] = []
        self.outputs: list[str] = []
        self.pictures: list[Picture] = []
        self.places: list[Place] = []

    def at(self, cell: Cell) -> None:
        place = Place(cell.file, cell.number, None if cell.number is not None else cell.first_line)
        if place not in self.places:
            self.places.append(place)

    def finished(self) -> AnswerText:
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")
        if len(text) > _MAX_TEXT:
            text = f"{text[:_MAX_TEXT]}\n… ({len(text) - _MAX_TEXT:,} characters left out)"
        return AnswerText(text, tuple(self.outputs), tuple(self.pictures), tuple(self.places), tuple(self.code))


def answers(cells: Iterable[Cell], sheet: Sheet) -> dict[str, AnswerText]:
    """The answer under every question of the sheet, in the sheet's order; empty ones too."""
    gathered = _gathered(cells, sheet)
    return {question: gathered[question].finished() for question in sheet.questions}


def under_lost_headings(files: Sequence[Sequence[Cell]], sheet: Sheet) -> dict[str, AnswerText]:
    """For each question whose heading stands in no file: what the main notebook says under the heading before it.

    Only a person can tell whose answer that is. What stands under a question that asks for words has been read there.
    """
    if any(cell.number is None for cell in files[0]):
        return {}
    gathered = _gathered(files[0], sheet)
    prose = [cell for cells in files for cell in cells if cell.kind == "markdown"]
    headed = {question for cell in prose for question in sheet.headings(cell.source, cell.number is None)}
    headed |= {cell.section for cells in files for cell in cells if cell.section}
    asks_for_code = {"", *itertools.chain.from_iterable(sheet.to_fill.values())}
    found = {}
    before = ""
    for question in sheet.questions:
        if question in headed:
            before = question
        elif before in asks_for_code and ((answer := gathered[before].finished()).text.strip() or answer.pictures):
            found[question] = AnswerText(answer.text, (), answer.pictures, answer.places)
    return found


def _gathered(cells: Iterable[Cell], sheet: Sheet) -> dict[str, _Answer]:
    """What stands under each question, and under "" what comes before the first."""
    gathered = {question: _Answer() for question in ("", *sheet.questions)}
    section: str | None = None
    for cell in cells:
        if cell.kind == "code":
            section = cell.section
            if section in gathered:
                _take_code(gathered[section], cell, sheet)
            continue
        if cell.number is None:
            section = section if cell.section is None else _before(cell, section)
        section = cell.section if cell.template else _take_prose(gathered, cell, sheet, section)
        last = gathered[section or ""]
        theirs = [picture for picture in cell.pictures if picture.data not in sheet.pictures]
        if theirs:
            last.pictures += theirs
            last.at(cell)
    return gathered


def _before(cell: Cell, section: str | None) -> str | None:
    """The section in force above a script's comment: the one so far, or the file's own when there was none."""
    return section if section is not None else cell.section


def _take_code(answer: _Answer, cell: Cell, sheet: Sheet) -> None:
    """A code cell that is not the sheet's own: its lines, what it printed and drew; or its words."""
    if cell.template:
        return
    answer.outputs += cell.outputs
    answer.pictures += cell.pictures
    if cell.outputs or cell.pictures:
        answer.at(cell)
    if cell.source.strip() and not read_code(cell.source, cell.number is not None).prose:
        own = [line for line in cell.source.split("\n") if normal_line(line) not in sheet.lines]
        if any(line.strip() and not line.lstrip().startswith("#") for line in own):
            answer.code.append("\n".join(own).strip("\n")[:_MAX_CODE])
            answer.at(cell)
    elif cell.source.strip():
        lines = [re.sub(r"^\s*(?:#+ ?|[rRbBuU]?(?:\"\"\"|'''))", "", line) for line in cell.source.split("\n")]
        own = [
            line
            for line in lines
            if normal_line(line) not in sheet.lines and normal_line("# " + line) not in sheet.lines
        ]
        _add_lines(answer, cell, own)


def _take_prose(gathered: dict[str, _Answer], cell: Cell, sheet: Sheet, section: str | None) -> str | None:
    """A cell of prose, line by line, for a heading may stand in its middle. Returns the section at its end."""
    lines = _DATA_URI.sub("(image)", _COMMENT.sub("", cell.source)).split("\n")
    theirs = _without_template(lines, sheet)
    fenced = False
    pending: list[str] = []
    for line, left in zip(lines, theirs, strict=True):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        heading = None if fenced else sheet.heading(line, cell.number is None)
        if heading is not None:
            _add_lines(gathered[section or ""], cell, pending)
            section, pending = heading, []
            if left == line:
                left = _after_heading(line)
        pending.append(left)
    _add_lines(gathered[section or ""], cell, pending)
    return section


def _after_heading(line: str) -> str:
    """What a student wrote on a heading's own line, behind a colon: "Q5: the net is linear then"."""
    _, colon, rest = line.partition(":")
    return rest.strip() if colon and len(rest.split()) > 3 else ""


def _add_lines(answer: _Answer, cell: Cell, lines: Iterable[str]) -> None:
    kept = [
        "" if _TODO.match(line) else line[prompt.end() :] if (prompt := _PROMPT.match(line)) else line for line in lines
    ]
    if any(line.strip(" \t*_#>-=`") for line in kept):
        answer.lines += ["", *kept]
        answer.at(cell)


def _without_template(lines: Sequence[str], sheet: Sheet) -> list[str]:
    """The lines, with those of the sheet emptied; of a line that begins like one of the sheet the rest stays."""
    normal = [normal_line(line) for line in lines]
    hits = [sheet.cells_by_line[line] for line in normal if line in sheet.cells_by_line]
    left = list(lines)
    for index in sorted(set(hits)) if len(lines) <= _MAX_LINES else ():
        template = sheet.cells[index]
        matcher = difflib.SequenceMatcher(None, template, normal, autojunk=False)
        for block in matcher.get_matching_blocks():
            for position in range(block.b, block.b + block.size):
                left[position] = ""
    for position, line in enumerate(normal):
        if left[position] and line in sheet.lines:
            left[position] = ""
        elif left[position] and len(line) > 24:
            begin = next((known for known in sheet.lines if len(known) > 20 and line.startswith(known)), None)
            if begin is not None:
                left[position] = line[len(begin) :].strip()
    return left
