"""The classes of one submission that take part in training: the student's own, else the sheet's; how they travel."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.attempt import works_with_tensors
from grader.intake.assemble import assemble
from grader.intake.choose import choose
from grader.intake.evidence import Chunk, Definition, Evidence
from grader.intake.sheet import SHEET
from grader.material import Material
from grader.training import Net
from grader.worker.program import Program
from grader.worker.request import Piece, QuestionRequest, Source, Task
from rubrics.numpy_layers.spellings import L2_WORDS
from rubrics.numpy_layers.training.chains import PATIENT, PATIENT_CHAIN

Programs = Mapping[str, tuple[Program, Mapping[str, str]]]
"""Programs by key, each with the flavour of its inputs."""

LAYERS = {"Linear": "Q1", "ReLU": "Q3", "CrossEntropyLoss": "Q7", "Conv1d": "Q10"}
GIVEN = ("SimpleNN", "MSELoss", "Sigmoid")
ACTIVATIONS = ("ReLU", "Sigmoid")


@dataclass(frozen=True)
class Chain:
    """Through what a net is trained: with the student's own classes, but the sheet's for those in `given`.

    `patient` takes our SimpleNN instead, which understands whatever a layer returns.
    """

    given: tuple[str, ...] = ()
    patient: bool = False


OWN = Chain()


@dataclass(frozen=True)
class Parts:
    """What a submission brings to its nets."""

    material: Material

    @cached_property
    def _defined(self) -> Mapping[str, tuple[Definition, ...]]:
        """What the submission has by each name of the sheet's ready-made classes, or one like it."""
        definitions = [d for d in self.material.evidence.definitions if d.kind == "class"]
        return {e: tuple(d for d in definitions if d.names[0].lower() == e.lower()) for e in GIVEN}

    @cached_property
    def layers(self) -> Mapping[str, Definition]:
        """The layers that the student wrote, chosen as for marks; those that are missing or blank are left out."""
        found = {}
        for entry, section in LAYERS.items():
            avoid = L2_WORDS if entry == "Linear" else ()
            definition = self._chosen(self.material.evidence, entry, section, avoid)
            if definition is not None:
                found[entry] = definition
        return found

    def classes(self, net: Net, question: str, linear: Definition | None = None) -> dict[str, Definition] | None:
        """A class for every part of the net; None where one is missing. `linear` stands in for Q1's Linear.

        What the sheet gives ready-made is taken from the student where it stands at or above `question`: a SimpleNN
        rewritten for Q7 does not speak about Q4.
        """
        found = dict(self.layers)
        if linear is not None:
            found["Linear"] = linear
        provided = self.material.sheet.provided
        for entry in set(GIVEN) & set(net.entries):
            theirs, definition = self._defined[entry], provided.get(entry)
            if theirs and not all(definition is not None and _same(one, definition) for one in theirs):
                definition = self._chosen(self._up_to(question), entry, question, L2_WORDS) or definition
            if definition is not None:
                found[entry] = definition
        return {entry: found[entry] for entry in net.entries} if set(net.entries) <= set(found) else None

    def changed(self, classes: Mapping[str, Definition]) -> tuple[str, ...]:
        """Which of the classes that the sheet gives are not the sheet's any more."""
        provided = self.material.sheet.provided
        return tuple(
            entry
            for entry in GIVEN
            if entry in classes and entry in provided and not _same(classes[entry], provided[entry])
        )

    def request(
        self,
        id: str,
        classes: Mapping[str, Definition],
        programs: Programs,
        *,
        chain: Chain = OWN,
        generous: bool = False,
        extra: Sequence[Piece] = (),
    ) -> QuestionRequest:
        """What travels: every class once, what it needs, and the programs. Without tensors one flavour is enough."""
        wanted = dict(classes) | {entry: self.material.sheet.provided[entry] for entry in chain.given}
        if chain.patient:
            wanted.pop("SimpleNN", None)
        own = {entry: definition for entry, definition in wanted.items() if definition.place.file != SHEET}
        chunk = assemble(self.material.evidence, own, self.material.sheet, generous)
        pieces = [*chunk.pieces, *self._of_the_sheet(set(wanted) - set(own)), *extra]
        if chain.patient:
            pieces.append(Source(PATIENT, PATIENT_CHAIN))
        torch = self.material.runner.torch if self._tensors(chunk, wanted) else "plain"
        tasks: list[Task] = [(key, program, flavour) for key, (program, flavour) in programs.items()]
        if torch == "plain":
            tasks = [(tasks[0][0], tasks[0][1], {})] if _one(programs) else [(key, p, {}) for key, p, _ in tasks]
        return QuestionRequest(id, tuple(pieces), tuple(tasks), torch)

    def _of_the_sheet(self, entries: Collection[str]) -> Iterator[Piece]:
        """The sheet's own classes, after the student's: what they build on may be the student's."""
        if not entries:
            return
        provided = self.material.sheet.provided
        base = textwrap.indent(provided["Module"].source, "    ")
        yield Source(SHEET, f"import numpy as np\nif 'Module' not in globals():\n{base}\n")
        for entry in GIVEN:
            if entry in entries:
                yield Source(SHEET, provided[entry].source, provided[entry].place.line or 1)

    def _tensors(self, chunk: Chunk, classes: Mapping[str, Definition]) -> bool:
        """Whether the layers work with tensors; the sheet's SimpleNN says `.numpy()` in any case and does not count."""
        chain = classes.get("SimpleNN")
        kept = tuple(piece for piece in chunk.pieces if chain is None or piece.place != chain.place)
        return works_with_tensors(replace(chunk, pieces=kept))

    def _chosen(self, evidence: Evidence, entry: str, section: str, avoid: Sequence[str]) -> Definition | None:
        choice = choose(evidence, entry, section, self.material.sheet, avoid=avoid)
        return None if choice.blank or choice.problem else choice.definition

    def _up_to(self, question: str) -> Evidence:
        evidence = self.material.evidence
        order = {name: number for number, name in enumerate(self.material.sheet.questions)}
        kept = [d for d in evidence.definitions if order.get(d.section or "", -1) <= order[question]]
        return replace(evidence, definitions=tuple(kept))

    def shares_an_activation(self) -> bool:
        """Whether one activation object stands in several places of a list: ``[l1, act, l2, act]`` or ``[..] * 2``."""
        trees = [d.tree for d in self.material.evidence.definitions if d.tree is not None and d.kind != "class"]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        made = {
            target.id
            for node in nodes
            if isinstance(node, ast.Assign) and _is_activation(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        return any(_repeats(node, made) for node in nodes)


def _one(programs: Programs) -> bool:
    """Whether all programs are one in several flavours."""
    return len({id(program) for program, _ in programs.values()}) == 1


def _same(one: Definition, other: Definition) -> bool:
    if one.source == other.source or one.tree is None or other.tree is None:
        return one.source == other.source
    return ast.dump(one.tree) == ast.dump(other.tree)


def _is_activation(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ACTIVATIONS


def _repeats(node: ast.AST, made: set[str]) -> bool:
    if isinstance(node, ast.List):
        names = list(_names(node))
        return any(names.count(name) > 1 for name in made)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        lists = [side for side in (node.left, node.right) if isinstance(side, ast.List)]
        return any(_is_activation(item) for side in lists for item in side.elts)
    return False


def _names(node: ast.List) -> Iterator[str]:
    for item in node.elts:
        if isinstance(item, ast.Name):
            yield item.id
