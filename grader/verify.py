"""Proves a rubric: the reference passes, every fault loses exactly its labels and is named, every variant is right.

Each is tried twice: in this process, and as a hand-in that goes the whole way through intake and the confined worker.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from grader.bench import Bench
from grader.diagnose import explain
from grader.judges.code import Judged, judge
from grader.model import Status
from grader.prepared import Prepared, run_class
from grader.rubric import Claim, Fault, Homework, Row


class Proof:
    """Every promise of one rubric, each to be tried by itself. The worker starts with the first claim that needs it."""

    def __init__(self, homework: Homework, seed: int = 0) -> None:
        self.bench = Bench(homework, seed)

    def claims(self, *, worker: bool = True) -> Iterator[Claim]:
        """References and faults in this process; then these and the variants as hand-ins through the worker."""
        for prepared in self.bench.course.prepared.values():
            question = prepared.question
            yield Claim(f"{question.id} reference here", partial(_here, prepared, None))
            for fault in question.faults:
                yield Claim(f"{question.id} {fault.id} here", partial(_here, prepared, fault))
            if worker:
                for kind, name, source, declared in hand_ins(prepared):
                    check = partial(in_worker, self.bench, prepared, kind, name, source, declared)
                    yield Claim(f"{question.id} {kind} {name} in the worker", check, confined=True)
        if self.bench.homework.claims is not None:
            yield from (claim for claim in self.bench.homework.claims() if worker or not claim.confined)

    def close(self) -> None:
        self.bench.close()


def verify_homework(homework: Homework, *, worker: bool = True, seed: int = 0) -> tuple[Row, ...]:
    """Every claim tried."""
    proof = Proof(homework, seed)
    try:
        return tuple(claim.check() for claim in proof.claims(worker=worker))
    finally:
        proof.close()


def matrix_lines(key: str, rows: tuple[Row, ...]) -> Iterator[str]:
    """The kill matrix as text, one line a row, failures marked and explained."""
    if not rows:
        yield f"{key}: nothing was tried, for all that it promises needs the worker: leave out --local"
        return
    yield f"{key}: {sum(row.ok for row in rows)} of {len(rows)} as they should be"
    for row in rows:
        lost = ",".join(row.lost) or "-"
        mark = "ok  " if row.ok else "FAIL"
        line = f"  {mark} {row.question:4} {row.kind:9} {row.way:6} {row.name:48} loses {lost}"
        yield f"{line}  <- {row.said}" if row.said else line


def _here(prepared: Prepared, fault: Fault | None) -> Row:
    question = prepared.question
    make = fault.make if fault else question.reference
    runs = {case.case.name: run_class(question, make, case.program) for case in prepared.cases}
    judged = judge(prepared, runs)
    lost = tuple(label for label, verdict in judged.verdicts.items() if verdict.status is not Status.PASSED)
    kind, name = ("fault", fault.id) if fault else ("reference", question.id)
    return checked_row(question.id, kind, name, "here", fault, lost, _named(prepared, judged, lost))


def _named(prepared: Prepared, judged: Judged, lost: tuple[str, ...]) -> tuple[str, ...]:
    found = explain(prepared, judged.runs, lost)
    return tuple(dict.fromkeys(faults[0].id for faults in found.values() if faults))


def checked_row(
    question: str,
    kind: str,
    name: str,
    way: str,
    fault: Fault | None,
    lost: tuple[str, ...],
    named: tuple[str, ...],
    trouble: str = "",
) -> Row:
    """A row with what is wrong about it put into words."""
    declared = fault.labels if fault else ()
    if not trouble and set(lost) != set(declared):
        trouble = f"declares {','.join(declared) or 'nothing'}"
    if not trouble and fault is not None and named != (fault.id,):
        trouble = f"is named {', '.join(named) or 'nothing'}"
    return Row(question, kind, name, way, declared, lost, named, trouble)


def hand_ins(prepared: Prepared) -> Iterator[tuple[str, str, str, Fault | None]]:
    """(kind, name, source, fault) of everything that a student could hand in for this question."""
    question = prepared.question
    reference = inspect.getsource(sys.modules[question.reference.__module__])
    yield "reference", question.id, reference, None
    for fault in question.faults:
        yield "fault", fault.id, fault_source(reference, fault, question.entry), fault
    for name, source in variants(prepared):
        yield "variant", name, source, None


def variants(prepared: Prepared) -> Iterator[tuple[str, str]]:
    """The right answers written differently: files of ``variants/<entry in lower case>/`` beside the rubric."""
    question = prepared.question
    folder = Path(inspect.getfile(question.probe)).parent / "variants" / question.entry.lower()
    for path in sorted(folder.glob("*.py")):
        yield path.stem, path.read_text(encoding="utf-8")


def fault_source(reference: str, fault: Fault, entry: str) -> str:
    """A fault as a stand-alone script: the reference under another name, the fault without its decorator, the alias."""
    kept = _statements(f"{reference}\n\n{inspect.getsource(sys.modules[fault.make.__module__])}")
    body = ast.unparse(ast.Module(_needed(kept, fault.make.__name__), []))
    renamed = re.sub(rf"\b{entry}\b", f"Reference{entry}", body)
    return f"{renamed}\n\n{entry} = {fault.make.__name__}\n"


@lru_cache(maxsize=4)  # the faults of a question share their module
def _statements(source: str) -> tuple[ast.stmt, ...]:
    """What a hand-in can have of it, without decorators."""
    kept = tuple(node for node in ast.parse(source).body if not _of_the_rubric(node))
    for node in kept:
        if isinstance(node, ast.ClassDef):
            node.decorator_list = []
    return kept


def _of_the_rubric(node: ast.stmt) -> bool:
    """Imports that a hand-in cannot have, and the catalogue object."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in {"grader", "rubrics", "reference_solutions", "__future__"}
    return (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "Faults"
    )


def _needed(statements: Sequence[ast.stmt], name: str) -> list[ast.stmt]:
    """The imports, and of the rest only what `name` leads to."""
    bound = {n: statement for statement in statements for n in _binds(statement)}
    kept: set[int] = set()
    waiting = [name]
    while waiting:
        statement = bound.get(waiting.pop())
        if statement is not None and id(statement) not in kept:
            kept.add(id(statement))
            waiting += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return [s for s in statements if id(s) in kept or isinstance(s, ast.Import | ast.ImportFrom)]


def _binds(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def in_worker(bench: Bench, prepared: Prepared, kind: str, name: str, source: str, fault: Fault | None) -> Row:
    """Grade a source as a hand-in of its own."""
    question_id = prepared.question.id
    report = bench.grade(f"{prepared.question.entry.lower()}.py", source, [question_id])
    question = next((q for q in report.questions if q.id == question_id), None)
    if question is None or report.error:
        return checked_row(question_id, kind, name, "worker", fault, (), (), report.error or "no report")
    lost = tuple(label.label for label in question.labels if label.status is not Status.PASSED)
    waits = any(label.status is Status.NEEDS_HUMAN for label in question.labels)
    if waits and bench.standin and kind == "variant":
        lost = ()  # a stand-in may leave a right answer waiting, never lose it a mark
    named = tuple(dict.fromkeys(label.faults[0] for label in question.labels if label.faults))
    trouble = "" if not (kind == "variant" and question.flags) else f"is flagged: {'; '.join(question.flags)}"
    return checked_row(question_id, kind, name, "worker", fault, lost, named, trouble)
