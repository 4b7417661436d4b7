"""Everything that a chosen definition needs, and nothing else, as far as the hand-in or the sheet has it."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.intake.evidence import Chunk, Definition, Evidence, Piece
from grader.intake.rename import binding, renamed
from grader.intake.sheet import SHEET, Sheet
from grader.intake.siblings import NEVER_SIBLINGS, sibling_file
from grader.model import Place

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__class__", "__doc__", "__builtins__"}
_STARRED = frozenset(
    {"sum", "max", "min", "abs", "round", "all", "any", "pow", "divmod", "range", "float", "int"}
)  # numpy's
_MAX_PIECES = 2_000


def assemble(
    evidence: Evidence, wanted: Definition | Mapping[str, Definition], sheet: Sheet, generous: bool = False
) -> Chunk:
    """The pieces to execute, in order, so that `wanted` is defined.

    `wanted` is a definition, or maps the names by which programs will call definitions ("Linear") to these; where a
    student calls it otherwise, one more piece binds the name. A name is looked for before the place that uses it, then
    after it, then in the sheet. With `generous` (after a NameError) statements that do work count as well.
    """
    entries = dict(wanted) if isinstance(wanted, Mapping) else {wanted.names[0]: wanted}
    return _Closure(evidence, entries, sheet, generous).chunk()


@dataclass(frozen=True)
class _Index:
    """Where every name is bound in one file, in reading order."""

    bindings: dict[str, list[Definition]] = field(default_factory=dict)
    patches: dict[str, list[Definition]] = field(default_factory=dict)
    settings: list[Definition] = field(default_factory=list)
    stars: list[Definition] = field(default_factory=list)


class _Closure:
    """The search for one chunk."""

    def __init__(self, evidence: Evidence, entries: Mapping[str, Definition], sheet: Sheet, generous: bool) -> None:
        self.entries = entries
        self.sheet = sheet
        self.generous = generous
        self.main = evidence.files[0] if evidence.files else ""
        self.files: dict[str, _Index] = {name: _Index() for name in evidence.files}
        for definition in evidence.definitions:
            self._add(definition)
        self.found: dict[tuple[str, int], Definition] = {}
        self.later: dict[tuple[str, int], list[Definition]] = {}  # what must come first although it stands below
        self.names: dict[str, list[tuple[str, str]]] = {}  # pieces that only bind a name: (name, text) by file
        self.unresolved: set[str] = set()
        self.maybe_starred = False  # a star import may replace a built-in function
        self.waiting: list[Definition] = []

    def _add(self, definition: Definition) -> None:
        index = self.files.setdefault(definition.place.file, _Index())
        if definition.kind == "setting":
            index.settings.append(definition)
        elif definition.kind == "patch":
            for name in definition.names:
                index.patches.setdefault(name, []).append(definition)
        elif definition.names == ("*",):
            index.stars.append(definition)
        elif definition.kind != "broken":
            for name in definition.names:
                index.bindings.setdefault(name, []).append(definition)

    def chunk(self) -> Chunk:
        for definition in self.entries.values():
            self._take(definition)
        self._drain()
        self._take_stars()
        self._take_settings()
        self._drain()
        pieces = [_piece(definition) for definition in self._ordered()]
        pieces = self._with_names(pieces)
        for entry, definition in self.entries.items():
            if entry not in definition.names:
                pieces = [*renamed(pieces, entry), binding(definition, entry)]
        modules = frozenset(module for definition in self.found.values() for module in definition.modules)
        return Chunk(tuple(pieces), tuple(self.entries), modules, frozenset(self.unresolved))

    def _take(self, definition: Definition) -> None:
        key = (definition.place.file, definition.order)
        if definition.kind == "import" and self._take_sibling(definition):
            return
        if key in self.found or len(self.found) >= _MAX_PIECES:
            return
        self.found[key] = definition
        self.waiting.append(definition)

    def _drain(self) -> None:
        while self.waiting:
            user = self.waiting.pop()
            for name in sorted(user.needs):
                if (name in _BUILTINS and name not in self._index(user).bindings) or _is_itself(name, user):
                    self.maybe_starred |= name in _STARRED
                    continue
                found = self._look_up(name, user)
                if found is None:
                    if name not in _BUILTINS:
                        self.unresolved.add(name)
                    continue
                if found.order > user.order and found.place.file == user.place.file:
                    self.later.setdefault((user.place.file, user.order), []).append(found)
                self._take(found)
            self._take_patches(user)

    def _index(self, user: Definition) -> _Index:
        return self.files.get(user.place.file) or _Index()

    def _look_up(self, name: str, user: Definition) -> Definition | None:
        """The binding of `name` that `user` means: the nearest above, else the first below, else the sheet's."""
        bound = [d for d in self._index(user).bindings.get(name, ()) if d.order != user.order]
        chosen = next((d for d in self.entries.values() if name in d.names), None)
        if chosen is not None and chosen.place.file == user.place.file and chosen.order != user.order:
            builds_on_earlier = any(d.order < user.order for d in bound) and user.order < chosen.order
            if not builds_on_earlier:
                return chosen
        usable = [d for d in bound if not d.runs_work]
        usable = [d for d in usable if not self._is_foreign(d)] or usable
        found = _nearest([d for d in usable if not d.blank], user) or _nearest(usable, user)
        if found is None and self.generous:
            found = _nearest(bound, user)
        if found is None and user.place.file == SHEET:
            found = _nearest(
                [d for d in self.files.get(self.main, _Index()).bindings.get(name, ()) if not d.runs_work], user
            )
        return found or self._from_star(name, user) or self.sheet.provided.get(name)

    def _is_foreign(self, definition: Definition) -> bool:
        """An import from a file that was not handed in (the name may stand below `%%writefile layers.py`)."""
        tree = definition.tree
        if definition.kind != "import" or self._sibling(definition) is not None:
            return False
        return isinstance(tree, ast.ImportFrom) and not set(definition.modules) & (
            sys.stdlib_module_names | NEVER_SIBLINGS
        )

    def _from_star(self, name: str, user: Definition) -> Definition | None:
        """A name that a star import takes from a sibling file."""
        for star in self._index(user).stars:
            sibling = self._sibling(star)
            if sibling is not None:
                return _last(self.files[sibling], name)
        return None

    def _sibling(self, definition: Definition) -> str | None:
        """The file of the same hand-in that an import means; never one that hides a library."""
        tree = definition.tree
        if isinstance(tree, ast.ImportFrom):
            module = tree.module or ""
        elif isinstance(tree, ast.Import):
            module = tree.names[0].name
        else:
            return None
        return sibling_file(module, definition.place.file, self.files)

    def _take_sibling(self, definition: Definition) -> bool:
        """Resolve an import of a sibling file to that file's definitions. False when it is an ordinary import."""
        tree = definition.tree
        file = definition.place.file
        if isinstance(tree, ast.ImportFrom) and not tree.module and tree.level:
            sibling = sibling_file(tree.names[0].name, file, self.files)
            if sibling is not None:
                self._take_whole(definition, sibling, definition.names[0])
                return True
        sibling = self._sibling(definition)
        if sibling is None or sibling == file:
            return False
        if isinstance(tree, ast.ImportFrom):
            original = tree.names[0].name
            target = _last(self.files[sibling], original)
            if target is None:
                self.unresolved.add(original)
                return True
            self._take(target)
            if definition.names[0] != original:
                self._bind(definition, definition.names[0], f"{definition.names[0]} = {original}")
        else:
            self._take_whole(
                definition,
                sibling,
                tree.names[0].asname or tree.names[0].name if isinstance(tree, ast.Import) else definition.names[0],
            )
        return True

    def _take_whole(self, definition: Definition, sibling: str, name: str) -> None:
        """`import layers as L`: a class stands for the module, and its attributes are the module's definitions."""
        attributes = []
        trees = [d.tree for bound in self._index(definition).bindings.values() for d in bound if d.tree is not None]
        used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for attribute in self.files[sibling].bindings.keys() & used:
            target = _last(self.files[sibling], attribute)
            if target is not None and target.kind != "import":
                self._take(target)
                attributes.append(attribute)
        inside = ", ".join(f"{attribute!r}: {attribute}" for attribute in sorted(attributes))
        text = f"type({name!r}, (), {{{inside}}})"
        parts = name.split(".")
        for part in reversed(parts[1:]):
            text = f"type({part!r}, (), {{{part!r}: {text}}})"
        self._bind(definition, parts[0], f"{parts[0]} = {text}")

    def _bind(self, definition: Definition, name: str, text: str) -> None:
        bound = self.names.setdefault(definition.place.file, [])
        if (name, text) not in bound:
            bound.append((name, text))

    def _take_patches(self, definition: Definition) -> None:
        """Changes of what was taken, up to the next definition of the name; none of other questions that ask for it."""
        index = self._index(definition)
        for name in definition.names:
            others = set(self.sheet.to_fill.get(name, ())) - {definition.section}
            after = [d.order for d in index.bindings.get(name, ()) if d.order > definition.order]
            until = min(after, default=None)
            for patch in index.patches.get(name, ()):
                if (
                    patch.order > definition.order
                    and (until is None or patch.order < until)
                    and not (definition.section and patch.section in others)
                    and (self.generous or not patch.runs_work)
                ):
                    self._take(patch)

    def _take_stars(self) -> None:
        """Star imports of libraries, when a name has no other source."""
        if not (self.unresolved or self.maybe_starred):
            return
        for file in {definition.place.file for definition in self.found.values()}:
            for star in self.files.get(file, _Index()).stars:
                if self._sibling(star) is None:
                    self._take(star)

    def _take_settings(self) -> None:
        """Switches of the libraries in use, wherever they stand: the student's run had them too."""
        roots = {name for definition in self.found.values() if definition.kind == "import" for name in definition.names}
        for file in {definition.place.file for definition in self.found.values()}:
            for setting in self.files.get(file, _Index()).settings:
                if setting.needs & roots:
                    self._take(setting)

    def _ordered(self) -> list[Definition]:
        """Reading order, files that others import first; what is used above its own place moves up."""
        rank = {name: position for position, name in enumerate(self.files)}
        size = len(rank)

        def key(definition: Definition) -> tuple[int, int]:
            file = definition.place.file
            return (
                -1 if file == SHEET else size if file == self._home() else size - 1 - rank.get(file, 0),
                definition.order,
            )

        done: set[tuple[str, int]] = set()
        ordered: list[Definition] = []

        def emit(definition: Definition, depth: int = 0) -> None:
            at = (definition.place.file, definition.order)
            if at in done or at not in self.found:
                return
            done.add(at)
            for first in self.later.get(at, ()) if depth < 100 else ():
                emit(first, depth + 1)
            ordered.append(definition)

        for definition in sorted(self.found.values(), key=key):
            emit(definition)
        return ordered

    def _home(self) -> str:
        return next(iter(self.entries.values())).place.file if self.entries else self.main

    def _with_names(self, pieces: list[Piece]) -> list[Piece]:
        """Put the pieces that only bind a name where their file begins."""
        for file, bound in self.names.items():
            position = next((i for i, piece in enumerate(pieces) if piece.place.file == file), len(pieces))
            place = Place(file, None, 1)
            pieces[position:position] = [Piece(_place_name(place), text, 1, place) for _, text in bound]
        return pieces


def _is_itself(name: str, user: Definition) -> bool:
    """Whether a definition means itself by `name` (recursion, `super(Linear, self)`), not one that it builds on."""
    if name not in user.names:
        return False
    if isinstance(user.tree, ast.ClassDef):
        built_on = [*user.tree.bases, *user.tree.decorator_list]
        return not any(isinstance(node, ast.Name) and node.id == name for part in built_on for node in ast.walk(part))
    return user.kind == "function"


def _nearest(bound: list[Definition], user: Definition) -> Definition | None:
    above = [definition for definition in bound if definition.order < user.order]
    return above[-1] if above else bound[0] if bound else None


def _last(index: _Index, name: str) -> Definition | None:
    """What a file's name stands for once the file has been read to its end."""
    bound = index.bindings.get(name, [])
    usable = [d for d in bound if not d.runs_work and not d.blank] or bound
    return usable[-1] if usable else None


def _piece(definition: Definition) -> Piece:
    place = definition.place
    return Piece(_place_name(place), definition.source, place.line or 1, place)


def _place_name(place: Place) -> str:
    return str(replace(place, line=None))
