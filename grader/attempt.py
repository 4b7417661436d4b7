"""How one code question of one submission is run: what travels to the worker, and when it is run again.

The first attempt of all questions shares one child; a question that fails for a reason which may not be its own (it
stood behind one that reaches outside itself, a name was missing, another flavour may suit it) is run again alone in a
fresh child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.intake.assemble import assemble
from grader.intake.choose import choose
from grader.intake.evidence import Choice, Chunk, Evidence
from grader.intake.sheet import Sheet
from grader.judges.code import Judged, best, judge
from grader.prepared import Prepared
from grader.worker.program import Program, Run, StepError
from grader.worker.request import QuestionReply, QuestionRequest, Task

TENSOR_WORDS = (".numpy(", ".detach(", ".item(", ".unsqueeze(", ".argmax(dim", "dim=", "keepdim=", "torch")
TENSOR_MODULES = frozenset({"torch", "torchvision"})


@dataclass(frozen=True)
class Attempt:
    """One code question of one submission, on its way: chosen, assembled, not yet judged."""

    prepared: Prepared
    choice: Choice
    chunk: Chunk
    tensors: bool  # whether the source works with tensors, so that every flavour is offered

    @property
    def id(self) -> str:
        return self.prepared.question.id


def begin(prepared: Prepared, evidence: Evidence, sheet: Sheet) -> tuple[Choice, Attempt | None]:
    """Choose the definition and assemble what it needs; no attempt where there is nothing to run."""
    question = prepared.question
    choice = choose(
        evidence,
        entry=question.entry,
        section=question.id,
        sheet=sheet,
        methods=question.methods,
        avoid=question.avoid,
        prefer=question.prefer,
    )
    if choice.definition is None or choice.blank:
        return choice, None
    chunk = assemble(evidence, {question.entry: choice.definition}, sheet)
    return choice, Attempt(prepared, choice, chunk, works_with_tensors(chunk))


def works_with_tensors(chunk: Chunk) -> bool:
    if chunk.modules & TENSOR_MODULES:
        return True
    return any(word in piece.source for piece in chunk.pieces for word in TENSOR_WORDS)


def request(
    attempt: Attempt, torch: str, flavours: slice = slice(None), programs: Mapping[str, Program] | None = None
) -> QuestionRequest:
    """What travels: the pieces and every case in every flavour asked for.

    `torch` says what goes by that name in the child ("plain", "torch", "standin"); without one there are ndarrays only.
    `programs` replaces the cases' own.
    """
    question = attempt.prepared.question
    cases = programs or {case.case.name: case.program for case in attempt.prepared.cases}
    numbered = list(enumerate(question.flavours))
    offered = [(n, flavour) for n, flavour in numbered if not flavour] if torch == "plain" else numbered[flavours]
    tasks: list[Task] = [(f"{n}:{name}", program, flavour) for n, flavour in offered for name, program in cases.items()]
    return QuestionRequest(attempt.id, attempt.chunk.pieces, tuple(tasks), torch)


def judged(attempt: Attempt, reply: QuestionReply) -> Judged:
    """The best of the flavours that came back."""
    by_flavour: dict[str, dict[str, Run]] = {}
    for key, run in reply.runs.items():
        number, name = key.split(":", 1)
        by_flavour.setdefault(number, {})[name] = run
    return best([judge(attempt.prepared, runs) for runs in by_flavour.values()] or [judge(attempt.prepared, {})])


def first_method_only(attempt: Attempt) -> dict[str, Program]:
    """The cases without the other methods' calls and labels: what is still asked where the second method hangs."""
    question = attempt.prepared.question
    kept = {label for label, method in question.method_of.items() if method == question.methods[0]}
    cut = {}
    for case in attempt.prepared.cases:
        steps = []
        for step in case.program.steps:
            if step[0] == "yield" and step[1] not in kept:
                break
            if step[0] != "call" or step[3] not in question.methods[1:]:
                steps.append(step)
        cut[case.case.name] = replace(case.program, steps=tuple(steps))
    return cut


def missing_name(reply: QuestionReply, found: Judged) -> str | None:
    """A name that nothing bound, if that is what stopped the class."""
    return next((error.missing_name for error in errors(reply, found) if error.missing_name), None)


def missing_module(reply: QuestionReply, found: Judged) -> str | None:
    """A library that is not there, if that is what stopped the class."""
    return next((error.missing_module for error in errors(reply, found) if error.missing_module), None)


def errors(reply: QuestionReply, found: Judged) -> list[StepError]:
    return ([reply.load_error] if reply.load_error else []) + found.errors()
