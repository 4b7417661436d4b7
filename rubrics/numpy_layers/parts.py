"""The classes of one submission that take part in training: the student's own, else the sheet's; and how they travel."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.attempt import works_with_tensors
from grader.intake.assemble import assemble
from grader.intake.choose import choose
from grader.intake.evidence import Chunk, Definition
from grader.material import Material
from grader.training import Net
from grader.worker.program import Program
from grader.worker.request import Piece, QuestionRequest, Source, Task
from rubrics.numpy_layers.spellings import L2_WORDS

SECTIONS = {"Linear": "Q1", "ReLU": "Q3", "CrossEntropyLoss": "Q7", "Conv1d": "Q10"}
GIVEN = ("Sigmoid", "MSELoss", "SimpleNN")
ACTIVATIONS = ("ReLU", "Sigmoid")

PATIENT = "the grader's chain"
PATIENT_CHAIN = '''
import copy as _copy
import sys as _sys
import numpy as _np


class SimpleNN:
    """Layers in a row as on the sheet, but patient: every value is offered as an array first, then as a tensor."""

    def __init__(self, layers, loss, lr=0.005):
        self.layers, self.loss, self.lr, self.loss_value = layers, loss, lr, None
        self.inputs, self.output = [], None

    def __call__(self, X):
        self.inputs = []
        for layer in self.layers:
            self.inputs.append(X)
            X = self.offer(layer, layer.forward, [X])
        self.output = X
        return X

    def backward(self, y):
        loss = self.offer(self.loss, self.loss.forward, [self.output, y])
        self.loss_value = float(loss.reshape(-1)[0])
        gradient = self.offer(self.loss, self.loss.backward, [self.output, y])
        for layer, X in zip(reversed(self.layers), reversed(self.inputs)):
            step = [self.lr] if hasattr(layer, "W") or getattr(layer, "with_weights", False) else []
            gradient = self.offer(layer, layer.backward, [X, gradient], step)

    def offer(self, owner, method, values, rest=()):
        plain = [self.plain(value) for value in values]
        before = _copy.deepcopy(owner.__dict__)
        kinds = [("array",) * len(plain)]
        if "torch" in _sys.modules:
            kinds += [("float64",) * len(plain), ("float32",) * len(plain)]
            if len(plain) == 2:
                kinds += [("float64", "float32"), ("array", "float32"), ("float64", "array")]
        for kind in kinds:
            try:
                given = [self.as_kind(value, one) for value, one in zip(plain, kind)]
                return self.plain(method(*given, *rest))
            except Exception:
                if kind is kinds[-1]:
                    raise
                owner.__dict__.clear()
                owner.__dict__.update(_copy.deepcopy(before))

    def as_kind(self, value, kind):
        if kind == "array":
            return _np.array(value)
        return _sys.modules["torch"].from_numpy(value.astype(kind))

    def plain(self, value):
        if hasattr(value, "detach"):
            value = value.detach().numpy()
        return _np.array(value, dtype=float, subok=False)
'''


@dataclass(frozen=True)
class Parts:
    """What a submission brings to its nets. `linear` replaces Q1's Linear (with Q6's, say)."""

    material: Material
    linear: Definition | None = None

    @cached_property
    def own(self) -> Mapping[str, Definition]:
        """The student's classes, by the sheet's names; those that are missing or blank are left out."""
        evidence, sheet = self.material.evidence, self.material.sheet
        found: dict[str, Definition] = {}
        for entry in (*SECTIONS, *GIVEN):
            avoid = L2_WORDS if entry == "Linear" else ()
            choice = choose(evidence, entry, SECTIONS.get(entry, ""), sheet, avoid=avoid)
            if choice.definition is not None and not choice.blank and not choice.problem:
                found[entry] = choice.definition
        if self.linear is not None:
            found["Linear"] = self.linear
        return found

    @cached_property
    def classes(self) -> Mapping[str, Definition]:
        """The student's classes, and the sheet's where the student has none."""
        given = {entry: self.material.sheet.provided[entry] for entry in GIVEN if entry in self.material.sheet.provided}
        return {**given, **self.own}

    @property
    def own_chain(self) -> bool:
        """Whether SimpleNN is the student's, or the sheet's with something changed."""
        theirs, given = self.own.get("SimpleNN"), self.material.sheet.provided.get("SimpleNN")
        if theirs is None or theirs.tree is None or given is None or given.tree is None:
            return theirs is not None
        return ast.dump(theirs.tree) != ast.dump(given.tree)

    def bring(self, net: Net) -> bool:
        """Whether there is a class for every part of the net."""
        return all(entry in self.classes for entry in net.entries)

    def request(
        self,
        id: str,
        programs: Mapping[str, tuple[Net, Program, Mapping[str, str]]],
        *,
        chain: str = "own",
        generous: bool = False,
        extra: Sequence[Piece] = (),
    ) -> QuestionRequest:
        """What travels: every class of the nets once, then the programs by name, each with its flavour.

        `chain` is "own" (the student's SimpleNN, else the sheet's), "sheet", or "patient" (ours, which takes whatever a
        layer returns for what it means).
        """
        entries = dict.fromkeys(entry for net, _, _ in programs.values() for entry in net.entries)
        classes = {entry: self.classes[entry] for entry in entries}
        if chain == "sheet":
            classes["SimpleNN"] = self.material.sheet.provided["SimpleNN"]
        elif chain == "patient":
            classes.pop("SimpleNN", None)
        chunk = assemble(self.material.evidence, classes, self.material.sheet, generous)
        pieces: tuple[Piece, ...] = (*chunk.pieces, *extra)
        if chain == "patient":
            pieces = (*pieces, Source(PATIENT, PATIENT_CHAIN))
        torch = self.material.runner.torch if self._tensors(chunk, classes) else "plain"
        tasks: list[Task] = [
            (name, program, flavour if torch != "plain" else {}) for name, (_, program, flavour) in programs.items()
        ]
        return QuestionRequest(id, pieces, tuple(tasks), torch)

    def _tensors(self, chunk: Chunk, classes: Mapping[str, Definition]) -> bool:
        """Whether the layers work with tensors; the sheet's SimpleNN says `.numpy()` in any case and does not count."""
        chain = classes.get("SimpleNN")
        kept = tuple(piece for piece in chunk.pieces if chain is None or piece.place != chain.place)
        return works_with_tensors(replace(chunk, pieces=kept))

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
