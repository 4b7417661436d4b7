"""Which classes of a hand-in are tried for Q6, and what came of them in the worker.

Tried is the Linear that stands under Q6 (or one that names L2: LinearL2). How it gets its λ stands in `ways`, how λ is
solved for in `solving`, what is said about it in `report`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.attempt import works_with_tensors
from grader.client import Failure, QuestionReply
from grader.code_questions import SLOW
from grader.intake.assemble import assemble
from grader.intake.choose import choose
from grader.intake.evidence import Choice, Chunk, Definition
from grader.material import Material
from grader.worker.program import Run, StepError
from grader.worker.request import Piece, QuestionRequest, Source, Task
from rubrics.numpy_layers.l2.naming import named
from rubrics.numpy_layers.l2.solving import Finding, Runs, Steps, Vector, own_steps, solve, vectors
from rubrics.numpy_layers.l2.ways import GIVEN_LAMBDA, Way, program, ways
from rubrics.numpy_layers.l2.words import speaks_of_lambda
from rubrics.numpy_layers.spellings import L2_WORDS

QUESTION = "Q6"
FLAVOURS: tuple[Mapping[str, str], ...] = ({}, {"X": "float64", "dY": "float64"}, {"X": "float32", "dY": "float32"})
MOST = 4  # classes that are tried
AS_IT_IS = Way()


@dataclass(frozen=True)
class Trial:
    """One class tried in the way that suits it best. `failure` is set where the worker had no answer.

    `given` is the name of a global that was given a λ. `beside_q1`: judged on top of what Q1's own Linear has wrong;
    `as_in_q1`: Q1's own Linear stops as well; `is_q1`: it is the very class.
    """

    definition: Definition
    chunk: Chunk
    finding: Finding | None
    way: Way = AS_IT_IS
    failure: Failure | None = None
    standin: bool = False
    given: str = ""
    beside_q1: bool = False
    as_in_q1: bool = False
    is_q1: bool = False

    @property
    def right(self) -> bool:
        return self.finding is not None and self.finding.right

    @property
    def unexplained(self) -> bool:
        """Whether W moves as without L2, or in a way that no known fault gives."""
        return self.finding is not None and self.finding.error is None and self.finding.fault in {None, "l2.no-decay"}


def candidates(material: Material) -> tuple[Choice, tuple[Definition, ...]]:
    """The chosen class first, then the other filled-in ones under Q6: a class without L2 may follow the one with it."""
    evidence = material.evidence
    choice = choose(evidence, "Linear", QUESTION, material.sheet, prefer=L2_WORDS)
    others = [
        d
        for d in reversed(evidence.definitions)
        if d.kind == "class"
        and d.section == QUESTION
        and not d.blank
        and d is not choice.definition
        and any("linear" in name.lower() for name in (*d.names, *_bases(d)))
    ]
    first = () if choice.definition is None or choice.blank else (choice.definition,)
    return choice, (*first, *others[: MOST - 1])


def _bases(definition: Definition) -> Iterator[str]:
    """What a class is built on, by name: ``class Penalised(Linear)``."""
    if isinstance(definition.tree, ast.ClassDef):
        yield from (base.id for base in definition.tree.bases if isinstance(base, ast.Name))


def try_all(material: Material, definitions: Sequence[Definition]) -> Trial:
    """The best trial of any class; a λ that only a loop binds is given, and a slip of Q1's own is not charged again."""
    trials = _tried(material, definitions)
    first = max(trials, key=lambda trial: _worth(trial.finding) if trial.finding else ())
    if first.right or first.finding is None:
        return first
    first = _with_names(material, first)
    return first if first.right else _after_own_q1(material, first)


@dataclass(frozen=True)
class _Extra:
    """What a run is given beside the student's pieces: `generous` runs whole cells, `globals_` are bound to a λ."""

    generous: bool = False
    globals_: tuple[str, ...] = ()


def _request(material: Material, id: str, definition: Definition, extra: _Extra) -> tuple[Chunk, QuestionRequest]:
    """What travels for one class: every way, every flavour that may suit it, both vectors."""
    chunk = assemble(material.evidence, {"Linear": definition}, material.sheet, extra.generous)
    tensors = works_with_tensors(chunk)
    tasks: list[Task] = [
        (f"{number}/{w}/{vector.name}", program(vector, way), flavour)
        for number, flavour in enumerate(FLAVOURS if tensors else FLAVOURS[:1])
        for w, way in enumerate(ways(definition))
        for vector in vectors(material.seed)
    ]
    bound = "\n".join(f"{name} = {GIVEN_LAMBDA}" for name in extra.globals_)
    given: tuple[Piece, ...] = (Source("λ given by the grader", bound),) if bound else ()
    torch = material.runner.torch if tensors else "plain"
    return chunk, QuestionRequest(id, (*given, *chunk.pieces, *given), tuple(tasks), torch)


def _tried(material: Material, definitions: Sequence[Definition], extra: _Extra = _Extra()) -> list[Trial]:
    made = [_request(material, f"Q6: {number}", one, extra) for number, one in enumerate(definitions)]
    replies = _run(material, [asked for _, asked in made])
    return [
        _trial(material, definition, chunk, asked, replies[asked.id])
        for definition, (chunk, asked) in zip(definitions, made, strict=True)
    ]


def _run(material: Material, requests: Sequence[QuestionRequest]) -> dict[str, QuestionReply | Failure]:
    """Replies by id; what was slow is run once more, alone and with all the time there is."""
    runner = material.runner
    replies = dict(runner.run(requests, runner.together).replies)
    for request in requests:
        reply = replies[request.id]
        if isinstance(reply, Failure) and reply.kind in SLOW:
            replies |= runner.run([request], runner.alone).replies
    return replies


def _trial(
    material: Material, definition: Definition, chunk: Chunk, asked: QuestionRequest, reply: QuestionReply | Failure
) -> Trial:
    if isinstance(reply, Failure):
        return Trial(definition, chunk, None, failure=reply)
    finding, way = _best(definition, _by_try(material, reply))
    return Trial(definition, chunk, finding, way, standin=asked.torch == "standin")


Tries = Mapping[tuple[int, int], Runs]
"""The runs of each flavour and way, by their numbers."""


def _best(definition: Definition, tries: Tries, steps: Steps | None = None) -> tuple[Finding, Way]:
    """The finding of the way and flavour that speak best for the class."""
    found = [(named(solve(runs, steps), runs, steps), ways(definition)[w]) for (_, w), runs in tries.items()]
    return max(found, key=lambda pair: _worth(pair[0]))


def _by_try(material: Material, reply: QuestionReply) -> Tries:
    drawn = {vector.name: vector for vector in vectors(material.seed)}
    tried: dict[tuple[int, int], dict[Vector, Run]] = {}
    for key, run in reply.runs.items():
        flavour, way, name = key.split("/")
        tried.setdefault((int(flavour), int(way)), {})[drawn[name]] = run
    return tried


def _worth(finding: Finding) -> tuple[bool, ...]:
    return finding.right, finding.error is None, finding.doubtful, finding.fault is not None, not finding.plain


def _with_names(material: Material, trial: Trial) -> Trial:
    """Tried again with whatever global it seems to want: a λ of ours, or what the cells around it bind."""
    assert trial.finding is not None
    missing = trial.finding.error.missing_name if trial.finding.error else None
    if missing is not None and not speaks_of_lambda(missing, loosely=True):
        again = _tried(material, [trial.definition], _Extra(generous=True))[0]
        if again.right or again.finding is None or again.finding.error is None:
            return again if again.finding is not None else trial
        missing = again.finding.error.missing_name or missing
    wanted = {missing} if missing is not None else trial.definition.needs | trial.chunk.unresolved
    made = {
        name for d in material.evidence.definitions if d.kind in ("class", "function", "import") for name in d.names
    }
    names = tuple(sorted(name for name in wanted - made if speaks_of_lambda(name, loosely=True)))
    if not names:
        return trial
    again = _tried(material, [trial.definition], _Extra(globals_=names))[0]
    return replace(again, given=", ".join(names)) if again.right or (missing and again.finding is not None) else trial


def _after_own_q1(material: Material, trial: Trial) -> Trial:
    """Judged again on top of what the student's own Q1 does, where that is not what the reference does."""
    linear = _of_q1(material)
    if linear is None or linear is trial.definition:
        return replace(trial, is_q1=linear is not None)
    extra = _Extra(globals_=tuple(trial.given.split(", "))) if trial.given else _Extra()
    _, first = _request(material, "Q1 on Q6's vectors", linear, _Extra())
    _, second = _request(material, "Q6", trial.definition, extra)
    replies = _run(material, [first, second])
    base, own = replies[first.id], replies[second.id]
    if isinstance(base, Failure) or isinstance(own, Failure):
        return trial
    stops, tries = True, _by_try(material, own)
    for runs in _by_try(material, base).values():
        steps = own_steps(runs)
        if steps is None:
            continue
        stops = False
        finding, way = _best(trial.definition, tries, steps)
        if finding.right or (finding.fault is not None and trial.unexplained):
            return replace(trial, finding=finding, way=way, beside_q1=True)
    return replace(trial, as_in_q1=stops and trial.finding is not None and _in_code(trial.finding.error))


def decays_in_q1(material: Material) -> Definition | None:
    """Q1's own Linear where it has L2 already: asked where Q6 holds none."""
    linear = _of_q1(material)
    return linear if linear is not None and _tried(material, [linear])[0].right else None


def _of_q1(material: Material) -> Definition | None:
    choice = choose(material.evidence, "Linear", "Q1", material.sheet, avoid=L2_WORDS)
    return None if choice.blank else choice.definition


def _in_code(error: StepError | None) -> bool:
    return error is not None and error.piece is not None
