"""One submission to evidence: which file is judged, its cells with their sections, its definitions and answers."""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from grader.intake.answers import answers, under_lost_headings
from grader.intake.archive import BadFile, FileBytes
from grader.intake.definitions import read_code
from grader.intake.discover import Submission
from grader.intake.document import Block, Document, Unreadable
from grader.intake.evidence import Cell, Definition, Evidence, Method
from grader.intake.fenced import as_cells
from grader.intake.link import link
from grader.intake.notebook import looks_like_notebook, read_notebook
from grader.intake.rehearsal import MAX_CODE, outsized, rehearse
from grader.intake.script import read_prose, read_script
from grader.intake.sheet import Sheet, picture_references
from grader.intake.siblings import NEVER_SIBLINGS, sibling_file
from grader.model import AnswerText, Picture, Place

MAX_DOCUMENTS = 60
MAX_TOTAL_CODE = 1_000_000  # characters, in all files together
_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
_PROSE = frozenset({".md", ".txt", ".markdown", ".rmd", ".qmd"})
_MAX_PICTURE = 8_000_000
_MOST_FENCED = 5  # files of Markdown with code, read where there is nothing else


class _File:
    """A document with what was found in it; `score` counts the sheet's classes that it fills in, imports included."""

    def __init__(self, document: Document, cells: tuple[Cell, ...], definitions: list[Definition]) -> None:
        self.document = document
        self.cells = cells
        self.definitions = definitions
        self.imported: set[str] = set()
        self.score = 0

    @property
    def name(self) -> str:
        return self.document.name


def read_submission(submission: Submission, sheet: Sheet) -> Evidence:
    """Read everything that a student handed in. Whatever is wrong with it becomes a sentence, never an exception."""
    names = tuple(file.name for file in submission.files)
    if submission.problem is not None:
        return Evidence(names, unreadable=submission.problem)
    pictures = {file.name: file for file in submission.files if file.suffix in _PICTURES}
    files: list[_File] = []
    problems: list[str] = []
    notes: list[str] = []
    code = 0
    seen: dict[bytes, str] = {}
    readable = [file for file in submission.files if file.suffix in {".ipynb", ".py"} or file.suffix in _PROSE]
    for file in readable[:MAX_DOCUMENTS]:
        try:
            data = file.read()
            digest = hashlib.sha256(data).digest()
            if digest in seen and file.stem != "__init__":
                notes.append(f"{file.name} is a copy of {seen[digest]}.")
                continue
            seen[digest] = file.name
            document = _document(file.name, data)
            if code + document.code > MAX_TOTAL_CODE:
                problems.append(f"{file.name} was not read: together the files hold more code than any homework does.")
                continue
            code += document.code
            files.append(_opened(document, pictures, sheet))
        except (BadFile, Unreadable) as error:
            problems.append(str(error))
        except (RecursionError, MemoryError):
            problems.append(f"{file.name} is nested too deeply to be read.")
    if len(readable) > MAX_DOCUMENTS:
        notes.append(f"{len(readable)} files were handed in; only the first {MAX_DOCUMENTS} were read.")
    if all(found.document.kind == "prose" for found in files):
        fenced = [cells for found in files if (cells := as_cells(found.document)) and cells.code <= MAX_CODE]
        files = [_opened(cells, pictures, sheet) for cells in fenced[:_MOST_FENCED]]
    if not files:
        return Evidence(names, notes=tuple(notes), unreadable=_why_nothing(names, problems))
    ordered = _ordered(files, sheet)
    return _evidence(ordered, tuple(problems), tuple(notes), sheet)


def _document(name: str, data: bytes) -> Document:
    """The cells of a file; an outsized one was read by a process of its own before. Raises Unreadable."""
    rehearsed = outsized(data) or (len(data) > MAX_CODE and not _is_notebook(name, data))
    if rehearsed:
        rehearse(_read_whole, name, data)
    document = _blocks(name, data)
    if document.code > MAX_CODE and not rehearsed:
        rehearse(_read_whole, name, data)
    return document


def _is_notebook(name: str, data: bytes) -> bool:
    return PurePosixPath(name).suffix.lower() == ".ipynb" or looks_like_notebook(data)


def _blocks(name: str, data: bytes) -> Document:
    if PurePosixPath(name).suffix.lower() in _PROSE:
        return read_prose(name, data)
    document = read_notebook(name, data) if _is_notebook(name, data) else read_script(name, data)
    if document.code > MAX_TOTAL_CODE:
        raise Unreadable(f"{name} holds more code than any homework does.")
    return document


def _read_whole(name: str, data: bytes) -> None:
    """Everything that reading a file can ask of the interpreter."""
    document = _blocks(name, data)
    found = [read_code(block.source, document.kind == "notebook") for block in document.blocks if block.kind == "code"]
    for definition in itertools.chain.from_iterable(code.definitions for code in found):
        if definition.tree is not None:
            list(ast.walk(definition.tree))


def _opened(document: Document, pictures: Mapping[str, FileBytes], sheet: Sheet) -> _File:
    cells, definitions = _cells(document, pictures, sheet)
    return _File(document, cells, link(definitions, sheet))


def _why_nothing(names: Sequence[str], problems: Sequence[str]) -> str:
    if problems:
        return " ".join(problems)
    if not names:
        return "Nothing was handed in: the folder is empty."
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"There is no notebook (.ipynb) and no script (.py) among what was handed in: {shown}."


def _cells(
    document: Document, pictures: Mapping[str, FileBytes], sheet: Sheet
) -> tuple[tuple[Cell, ...], list[Definition]]:
    """Cells with their sections, and the definitions in them. Comments are headings where Markdown has none."""
    prose = [block.source for block in document.blocks if block.kind == "markdown"]
    headed = {question for source in prose for question in sheet.headings(source, document.kind == "script")}
    by_comment = document.kind == "script" or not headed
    section = (
        sheet.heading(PurePosixPath(document.name).stem.replace("_", " "), True)
        if document.kind != "notebook" or by_comment
        else None
    )
    cells = []
    definitions: list[Definition] = []
    for block in document.blocks:
        place = Place(document.name, block.number)
        if block.kind == "code":
            code = read_code(block.source, document.kind == "notebook")
            comment_section = section
            if by_comment and document.kind == "notebook":
                comment_section = section = _comment_section(block.source, sheet) or section
            belongs = sheet.section_of(block.source)
            if belongs is None or by_comment or belongs in headed or sheet.precedes(belongs, comment_section):
                belongs = comment_section or belongs  # a heading tells, unless it is gone and an earlier one is left
            for found in code.definitions:
                definitions.append(_placed(found, document.name, block, len(definitions), belongs))
            cell = Cell(
                document.name, block.number, block.first_line, "code", code.source, comment_section,
                sheet.is_template(block.source), block.outputs, block.pictures,
                _shifted(code.problem, block.first_line - 1),
            )  # fmt: skip
        else:
            section = sheet.last_heading(block.source, document.kind == "script") or section
            shown = block.pictures + _shown_files(block, place, pictures, sheet)
            cell = Cell(
                document.name, block.number, block.first_line, "markdown", block.source, section,
                sheet.is_template(block.source), block.outputs, shown,
            )  # fmt: skip
        cells.append(cell)
    return tuple(cells), definitions


def _placed(found: Definition, file: str, block: Block, order: int, section: str | None) -> Definition:
    """A definition of one block, at its place in the file. Spelt out, because `replace` would be the slowest step."""
    shift = block.first_line - 1
    methods = tuple(Method(m.name, m.blank, m.line + shift) for m in found.methods) if shift else found.methods
    return Definition(
        found.names, found.kind, found.source, Place(file, block.number, (found.place.line or 1) + shift), order,
        section, found.needs, found.blank, methods, found.runs_work, _shifted(found.problem, shift), found.tree,
    )  # fmt: skip


def _shifted(problem: str | None, lines: int) -> str | None:
    """A syntax error's words with its line counted from the top of the script."""
    if not problem or not lines:
        return problem
    return re.sub(r"^line (\d+)", lambda found: f"line {int(found[1]) + lines}", problem)


def _comment_section(source: str, sheet: Sheet) -> str | None:
    """The question that a code cell's first comment names."""
    for line in source.split("\n"):
        if line.strip():
            return sheet.heading(re.sub(r"^#+\s*", "", line), True) if line.startswith("#") else None
    return None


def _shown_files(block: Block, place: Place, pictures: Mapping[str, FileBytes], sheet: Sheet) -> tuple[Picture, ...]:
    """Pictures that a cell shows from files beside it, but for the sheet's own."""
    found = []
    for reference in picture_references(block.source):
        if reference in sheet.picture_names:
            continue
        name = str(PurePosixPath(place.file).parent / reference)
        file = pictures.get(name) or pictures.get(reference)
        if file is None:
            continue
        try:
            data = file.read()
        except BadFile:
            continue
        if len(data) <= _MAX_PICTURE:
            found.append(Picture(_PICTURES[file.suffix], data, place))
    return tuple(found)


def _ordered(files: list[_File], sheet: Sheet) -> list[_File]:
    """The file to judge first: most classes filled in, then notebook before script, then the plainest name."""
    names = [file.name for file in files]
    own = {file.name: _filled_in(file, sheet) for file in files}
    for file in files:
        file.imported = _imports(file, names)
    for file in files:
        reached, waiting = set(), [file.name]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += next(f.imported for f in files if f.name == name)
        file.score = len(set().union(*(own[name] for name in reached)))
    kinds = {"notebook": 0, "script": 1, "prose": 2}

    def key(file: _File) -> tuple[object, ...]:
        hides = PurePosixPath(file.name).stem in NEVER_SIBLINGS
        path = PurePosixPath(file.name)
        return (
            kinds[file.document.kind] == 2,
            hides,
            -file.score,
            kinds[file.document.kind],
            len(path.parts),
            len(path.name),
            file.name,
        )

    return sorted(files, key=key)


def _filled_in(file: _File, sheet: Sheet) -> set[tuple[str, str]]:
    """The methods of the sheet's classes that a file fills in."""
    return {
        (name, method.name)
        for definition in file.definitions
        if definition.kind in ("class", "assign") and not definition.blank
        for name in definition.names
        if name in sheet.to_fill
        for method in definition.methods
        if not method.blank and not method.name.startswith("__")
    }


def _imports(file: _File, names: Sequence[str]) -> set[str]:
    found = set()
    for definition in file.definitions:
        tree = definition.tree
        if isinstance(tree, ast.ImportFrom):
            modules = [tree.module] if tree.module else [alias.name for alias in tree.names]
        elif isinstance(tree, ast.Import):
            modules = [tree.names[0].name]
        else:
            continue
        found |= {sibling for module in modules if (sibling := sibling_file(module, file.name, names))}
    return found


def _evidence(ordered: Sequence[_File], problems: tuple[str, ...], notes: tuple[str, ...], sheet: Sheet) -> Evidence:
    main = ordered[0]
    used = main.imported | {main.name}
    aside = [file.name for file in ordered if file.name not in used and file.document.kind != "prose"]
    said = list(notes)
    if aside:
        others = ", ".join(aside)
        said.append(
            f"{main.name} was judged; {others} {'was' if len(aside) == 1 else 'were'} used only for gaps in it."
        )
    said += problems
    for file in ordered:
        said += file.document.notes
    definitions: list[Definition] = []
    for file in ordered:
        definitions += (
            [replace(d, order=d.order + len(definitions)) for d in file.definitions]
            if definitions
            else file.definitions
        )
    cells = tuple(cell for file in ordered for cell in file.cells)
    return Evidence(
        tuple(file.name for file in ordered), cells, tuple(definitions), _answers(ordered, sheet), tuple(said), None
    )  # fmt: skip


def _answers(ordered: Sequence[_File], sheet: Sheet) -> dict[str, AnswerText]:
    """The main file's answers; where it has none, those of the next file that does, or what may be meant."""
    found = answers(ordered[0].cells, sheet)
    for file in ordered[1:]:
        if all(not answer.empty for answer in found.values()):
            break
        for question, answer in answers(file.cells, sheet).items():
            if found[question].empty and not answer.empty:
                found[question] = answer
    for question, answer in under_lost_headings([file.cells for file in ordered], sheet).items():
        if found[question].empty:
            found[question] = answer
    return found
