"""The whole notebook in the confined worker: which pieces travel, and the transcript that comes back as figures.

Training plots are inert there. Every import is tried by itself, so that a library which is not installed costs nothing
but what uses it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from grader.client import Failure
from grader.intake.evidence import Cell, Piece
from grader.intake.repair import parse
from grader.model import Place
from grader.runner import Runner
from grader.worker.program import Program, StepError
from grader.worker.request import QuestionRequest
from rubrics.two_layer_perceptron.documents import figures_of_output
from rubrics.two_layer_perceptron.figures import Figure, figures
from rubrics.two_layer_perceptron.runnables import Runnable

QUESTION: Final = "notebook"
TRAVELLING: Final = ("recorder", "arguments", "driver")  # modules that are sent to the confined process
_PROGRAM: Final = Program(
    (
        ["name", 0, "_recorder"],
        ["call", 1, 0, "transcript", [], {}],
        ["yield", "transcript", {"handle": 1}],
        ["call", 3, 0, "missing_text", [], {}],
        ["yield", "missing", {"handle": 3}],
    ),
    (),
    (),
)
_SECTION: Final = re.compile(r"^\x1e(printed|left|driven) (.*)$", re.MULTILINE)
_SHOWN_BY: Final = re.compile(r"<(pandas|tabulate|prettytable|IPython)\b")
_OURS: Final = re.compile(r"^from rubrics\.[^\n(]*(?:\([^)]*\))?$", re.MULTILINE)
_TORCH: Final = re.compile(r"\btorch\b")
# The driver gets a module of its own, so that no name of the student's can stand in its way.
_PREPARED: Final = """
import sys
_driver = type(sys)("driver")
for _source in {sources!r}:
    exec(compile(_source, "driver", "exec"), _driver.__dict__)
_recorder = _driver.Recorder()
print = _recorder.print
sys.stdout = _driver.Written(_recorder)
__name__ = "__main__"  # what stands under `if __name__ == "__main__":` is part of a hand-in
if "torch" in sys.modules:
    try:
        # An optimiser asks PyTorch's compiler whether to leave it alone; to import that would cost seconds.
        _compiler = sys.modules.setdefault("torch._dynamo", type(sys)("torch._dynamo"))
        _compiler.disable = lambda function=None, *_, **__: function
        _compiler.graph_break = lambda *_, **__: None
        sys.modules["torch"].set_printoptions(precision=8)
    except Exception:
        pass
"""


@dataclass(frozen=True)
class Ran:
    """What a run gave: figures printed or left in names by the student's cells, and those of the driven class.

    `error` is the first thing that raised; `failure` why nothing came back; `missing` the libraries that are not there.
    """

    figures: tuple[Figure, ...] = ()
    driven: tuple[Figure, ...] = ()
    error: StepError | None = None
    failure: Failure | None = None
    missing: frozenset[str] = frozenset()
    wants_torch: bool = False
    inert: frozenset[str] = frozenset()  # libraries that would have shown values, and are stood in for


def run(program: Runnable, runner: Runner) -> Ran:
    """Run every code cell in order, then the class or functions by themselves."""
    cells = program.all_code
    if not program.code:
        return Ran()
    wants_torch = any(_TORCH.search(cell.source) for cell in cells)
    torch = runner.torch if wants_torch else "plain"
    headings = _headings(program.cells)
    request = QuestionRequest(QUESTION, tuple(_pieces(program)), (("run", _PROGRAM, {}),), torch)
    reply = runner.run([request], runner.alone).replies[QUESTION]
    error = None if isinstance(reply, Failure) or reply.load_error is None else _quoted(reply.load_error, cells)
    if isinstance(reply, Failure):
        return Ran(failure=reply, wants_torch=wants_torch)
    outcomes = reply.runs["run"].outcomes
    said = outcomes["transcript"].value
    if said is None:
        broken = Failure(
            "crashed", "The notebook replaced what records its output, so nothing of the run could be read."
        )
        return Ran(failure=broken, error=error, wants_torch=wants_torch)
    text = "".join(chr(int(code)) for code in said.ravel() if 0 <= int(code) < 0x110000)
    lost = outcomes["missing"].value
    missing = "".join(chr(int(code)) for code in lost.ravel()) if lost is not None else ""
    own, driven = _read(text, program.name, headings)
    inert = frozenset(_SHOWN_BY.findall(text))
    return Ran(own, driven, error, None, frozenset(missing.split()), wants_torch, inert)


def _read(text: str, file: str, headings: dict[int, tuple[str, ...]]) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    own: list[Figure] = []
    driven: list[Figure] = []
    offset = 0
    marks = list(_SECTION.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = text[mark.end() : following.start() if following else len(text)]
        kind, what = mark.groups()
        if kind == "driven":
            found = figures(body, Place(file), (what,))
            driven += [replace(one, left=True, at=one.at + offset) for one in found]
            offset += len(found) + 10
        else:
            number = int(what) if what.isdigit() else 0
            found = figures_of_output(body, Place(file, number or None), headings.get(number, ()))
            own += [replace(one, left=kind == "left", at=one.at + offset) for one in found]
            offset += len(found) + 10  # what stands in different cells does not stand side by side
    return tuple(own), tuple(driven)


def _quoted(error: StepError, cells: Sequence[Cell]) -> StepError:
    """The error with the student's own line: what ran was that line in our wrapping."""
    for cell in cells:
        lines = cell.source.split("\n")
        at = (error.line or 0) - cell.first_line
        if str(Place(cell.file, cell.number)) == error.piece and 0 <= at < len(lines):
            return replace(error, text=lines[at].strip()[:200])
    return replace(error, text="")


def _headings(cells: Sequence[Cell]) -> dict[int, tuple[str, ...]]:
    """The last lines of Markdown above every code cell, nearest first."""
    above: list[str] = []
    found: dict[int, tuple[str, ...]] = {}
    for position, cell in enumerate(cells, start=1):
        if cell.kind != "code":
            lines = [line.strip() for line in cell.source.split("\n") if line.strip()]
            titles = [line for line in lines if line.startswith("#")] or lines[-1:]
            above = [line.strip("# ")[:120] for line in reversed(titles)] or above
        found[cell.number or position] = tuple(above[:3])
    return found


@cache
def _driver() -> str:
    """The modules that travel as one piece; what one imports from another is there already."""
    texts = [Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8") for name in TRAVELLING]
    return _PREPARED.format(sources=[_OURS.sub("", text) for text in texts])


def _pieces(program: Runnable) -> Iterator[Piece]:
    yield _ours(_driver())
    yield from _modules(program)
    for position, cell in enumerate(program.cells, start=1):
        if cell.kind != "code" or cell.problem or not cell.source.strip():
            continue
        number = cell.number or position
        yield _ours(f"_recorder.cell({number})")
        yield from _cell(cell)
        yield _ours(f"_recorder.after({number}, dict(globals()))")
    yield _ours("_driver.drive(_recorder, dict(globals()))")


def _ours(source: str) -> Piece:
    return Piece("the grader", source, 1, Place("the grader"))


def _cell(cell: Cell) -> Iterator[Piece]:
    place = Place(cell.file, cell.number)
    for source, first in _parts(cell.source):
        yield Piece(str(place), source, cell.first_line + first - 1, place)


def _modules(program: Runnable) -> Iterator[Piece]:
    """The files that a program imports, run before it; `import` then finds them."""
    for module in program.modules:
        yield from _modules(module)
        yield _ours(f"_recorder.cell(0)\n__name__ = {module.module!r}")
        for cell in module.code:
            if not cell.problem:
                yield from _cell(cell)
        yield _ours(f'_driver.keep({module.module!r}, dict(globals()))\n__name__ = "__main__"')


def _parts(source: str) -> Iterator[tuple[str, int]]:
    """A cell as it runs, with the line where each part begins: imports one by one, the last expression shown."""
    try:
        body = parse(source).body
    except SyntaxError:
        return
    lines = source.split("\n")
    shown = body[-1] if body and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
    together: list[ast.stmt] = []
    for statement in body:
        if statement is not shown and not isinstance(statement, ast.Import | ast.ImportFrom):
            together.append(statement)
            continue
        if together:
            yield _stretch(lines, together)
            together = []
        if isinstance(statement, ast.Import):
            yield from ((_tried(alias, ast.Import(names=[alias])), statement.lineno) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                single = ast.ImportFrom(module=statement.module, names=[alias], level=statement.level)
                yield _tried(alias, single), statement.lineno
        elif isinstance(statement, ast.Expr):
            yield f"_recorder.show({ast.unparse(statement.value)})", statement.lineno
    if together:
        yield _stretch(lines, together)


def _tried(alias: ast.alias, single: ast.Import | ast.ImportFrom) -> str:
    """An import that notes what is missing instead of stopping the cell."""
    bound = alias.asname or alias.name.partition(".")[0]
    return f"try:\n    {ast.unparse(single)}\nexcept ImportError:\n    _recorder.missing.append({bound!r})"


def _stretch(lines: Sequence[str], statements: Sequence[ast.stmt]) -> tuple[str, int]:
    """Statements in a row as they are written; spelt out anew where they share a line with something else."""
    decorators: list[ast.expr] = getattr(statements[0], "decorator_list", [])
    first = min([statements[0].lineno, *(decorator.lineno for decorator in decorators)])
    last = statements[-1].end_lineno or statements[-1].lineno
    behind = lines[last - 1].encode()[statements[-1].end_col_offset or 0 :].decode(errors="replace").strip()
    if statements[0].col_offset == 0 and not behind.startswith(";"):
        return "\n".join(lines[first - 1 : last]), first
    return ast.unparse(ast.Module(list(statements), [])), first
