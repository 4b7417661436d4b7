"""The programs of a hand-in: every notebook or script that is run for itself, with the modules of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from grader.intake.evidence import Cell, Evidence


@dataclass(frozen=True)
class Runnable:
    """One file's cells in order, text among them; `modules` are files that it imports, in the order they are needed."""

    name: str
    cells: tuple[Cell, ...] = ()
    modules: tuple[Runnable, ...] = ()

    @property
    def module(self) -> str:
        """What `import` calls it."""
        return PurePosixPath(self.name).stem

    @property
    def code(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind == "code" and cell.source.strip())

    def changed(self, source: Callable[[str], str]) -> Runnable:
        """The same program with the source of its code changed."""
        cells = tuple(replace(cell, source=source(cell.source)) if cell.kind == "code" else cell for cell in self.cells)
        return replace(self, cells=cells, modules=tuple(module.changed(source) for module in self.modules))

    @property
    def all_code(self) -> tuple[Cell, ...]:
        """Its code and that of its modules."""
        return (*(cell for module in self.modules for cell in module.all_code), *self.code)


def runnables(evidence: Evidence) -> tuple[Runnable, ...]:
    """What may be run, most likely first; a file that another one imports is run with that one."""
    if evidence.unreadable:
        return ()
    cells = {name: tuple(cell for cell in evidence.cells if cell.file == name) for name in evidence.files}
    coded = [
        name for name in evidence.files if any(cell.kind == "code" and cell.source.strip() for cell in cells[name])
    ]
    stems = {PurePosixPath(name).stem: name for name in reversed(coded) if name.endswith(".py")}
    needs: dict[str, list[str]] = {name: [] for name in coded}
    for definition in evidence.definitions:
        for module in definition.modules:
            wanted, by = stems.get(module), definition.place.file
            if wanted is not None and by in needs and wanted != by and wanted not in needs[by]:
                needs[by].append(wanted)

    def made(name: str, above: frozenset[str]) -> Runnable:
        modules = tuple(made(module, above | {name}) for module in needs[name] if module not in above | {name})
        return Runnable(name, cells[name], modules)

    imported = {module for name in coded for module in needs[name]}
    found = tuple(made(name, frozenset()) for name in coded if name not in imported or name in _circular(name, needs))
    return found or tuple(Runnable(name, cells[name]) for name in evidence.files[:1])


def _circular(name: str, needs: dict[str, list[str]]) -> set[str]:
    """The files that `name` reaches by its imports."""
    reached: set[str] = set()
    waiting = list(needs[name])
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += needs[one]
    return reached
