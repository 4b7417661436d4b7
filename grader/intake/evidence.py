"""What intake hands on: the cells, definitions and answers of one submission, parsed and never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property

from grader.model import AnswerText, Picture, Place


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook, or one block of a script (`number` None), in order of appearance.

    `kind` is "code" or "markdown". `source` is Python (magics and shell lines already replaced by blank lines, so
    that line numbers stay) or Markdown. `section` is the id of the question whose heading stands above ("Q6").
    `template` says that the text is the sheet's own, unchanged. `problem` says why a code cell does not parse.
    """

    file: str
    number: int | None
    first_line: int
    kind: str
    source: str
    section: str | None = None
    template: bool = False
    outputs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Method:
    """A method as far as it can be judged without running it. `blank`: nothing but the template or a stub."""

    name: str
    blank: bool
    line: int


@dataclass(frozen=True)
class Definition:
    """One definition of a name: a class, function, import, assignment or compound statement that binds it.

    `names` are all names that the statement binds; `needs` the global names that it reads (when run or when called);
    `source` its text with the original line offsets kept by `place.line`. `order` counts statements in reading order
    over the whole submission. For classes: `methods`, and `blank` when no method holds any work of the student's.
    `runs_work`: a loop, a `with`, a bare call … (never run unless a name is otherwise missing).
    """

    names: tuple[str, ...]
    kind: str  # "class", "function", "import", "assign", "patch", "setting", "compound", "broken"
    source: str
    place: Place
    order: int
    section: str | None = None
    needs: frozenset[str] = frozenset()
    blank: bool = False
    methods: tuple[Method, ...] = ()
    runs_work: bool = False
    problem: str | None = None  # kind "broken": the syntax error in words, with its line
    tree: ast.stmt | None = field(default=None, compare=False, repr=False)

    def method(self, name: str) -> Method | None:
        return next((m for m in self.methods if m.name == name), None)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The top-level modules that it imports, inside its functions too."""
        if self.tree is None or "import" not in self.source:
            return ()
        found = []
        for node in [self.tree] if self.kind == "import" else ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.append(node.module.partition(".")[0])
        return tuple(found)


@dataclass(frozen=True)
class Evidence:
    """One submission, read. `unreadable` says why there is nothing to judge (and then the rest is empty)."""

    files: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    definitions: tuple[Definition, ...] = ()
    answers: dict[str, AnswerText] = field(default_factory=dict)  # by question id
    notes: tuple[str, ...] = ()  # "hw.ipynb was judged; hw (2).ipynb was left aside"
    unreadable: str | None = None


@dataclass(frozen=True)
class Choice:
    """The definition that a question is judged by, or why there is none.

    `near` names what was found instead ("foward"); `notes` is what the student should know about the choice.
    `misspelt` pairs what the chosen class calls a method with what the sheet calls it: ("foward", "forward").
    """

    definition: Definition | None
    blank: bool = False
    problem: str | None = None
    near: str | None = None
    notes: tuple[str, ...] = ()
    misspelt: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Piece:
    """Source text that the worker executes, named so that errors can be placed: `name` is `str(place.file, cell)`."""

    name: str
    source: str
    first_line: int
    place: Place


@dataclass(frozen=True)
class Chunk:
    """Everything that one question needs, in order: imports, constants, helpers, base classes, the class itself.

    `modules` are the top-level modules imported by it; `unresolved` the names that nothing in the submission or the
    sheet binds.
    """

    pieces: tuple[Piece, ...]
    entries: tuple[str, ...]
    modules: frozenset[str] = frozenset()
    unresolved: frozenset[str] = frozenset()
