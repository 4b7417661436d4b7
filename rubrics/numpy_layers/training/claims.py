"""What trajectories promise: right layers in any style take the reference's course, faulty ones leave it on every net.

Tried in this process, through the sheet's chain and the patient one, and as hand-ins in the confined worker.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import reference_solutions.layers
from grader.bench import Bench
from grader.rubric import Claim, Fault, Homework, Row
from grader.training import departure
from grader.verify import fault_source
from reference_solutions.layers import SimpleNN
from rubrics.numpy_layers.faults import conv1d, cross_entropy, linear, relu
from rubrics.numpy_layers.training import evidence as training
from rubrics.numpy_layers.training import nets
from rubrics.numpy_layers.training.chains import PATIENT_CHAIN
from rubrics.numpy_layers.training.courses import Course, courses
from rubrics.numpy_layers.training.parts import GIVEN, LAYERS, Parts

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "Linear": linear.faults.all,
    "ReLU": relu.faults.all,
    "CrossEntropyLoss": cross_entropy.faults.all,
    "Conv1d": conv1d.faults.all,
}
SAME_COURSE: Mapping[str, str] = {}
"""Faults that cannot change a course by their nature, each with the reason. There are none: keep it so."""

TRAINING = ("training",)


def claims(homework: Homework, seed: int = 0) -> Iterator[Claim]:
    """Every fault in both ways, every right variant in the worker."""
    bench = Bench(homework, seed)
    try:
        for entry, faults in FAULTS.items():
            for fault in faults:
                yield Claim(f"training: {fault.id} here", partial(fault_here, entry, fault, seed))
                yield Claim(f"training: {fault.id} in the worker", partial(fault_in_worker, bench, entry, fault), True)
            for name, source in variants(entry):
                check = partial(variant_in_worker, bench, entry, name, source)
                yield Claim(f"training: {entry} variant {name}", check, True)
    finally:
        bench.close()


def with_entry(entry: str, seed: int) -> tuple[Course, ...]:
    """The courses in which a layer takes part."""
    return tuple(course for course in courses(seed) if entry in course.net.entries)


def variants(entry: str) -> Iterator[tuple[str, str]]:
    """The right answers written differently, each by its name."""
    for path in sorted((Path(__file__).parent.parent / "variants" / entry.lower()).glob("*.py")):
        yield path.stem, path.read_text(encoding="utf-8")


def others(entry: str) -> str:
    """The reference's other layers as a script, without what the sheet gives."""
    tree = ast.parse(inspect.getsource(reference_solutions.layers))
    left_out = {entry, *GIVEN, "L2Linear"}
    kept = [node for node in tree.body if not (isinstance(node, ast.ClassDef) and node.name in left_out)]
    return ast.unparse(ast.Module([node for node in kept if not isinstance(node, ast.Expr)], []))


# -- the checks


def fault_here(entry: str, fault: Fault, seed: int) -> Row:
    """Through the sheet's chain and the patient one, a faulty layer leaves the course of every net it stands in."""
    followed = [
        f"{course.name} ({name})"
        for course in with_entry(entry, seed)
        for name, chain in (("the sheet's chain", SimpleNN), ("the patient chain", patient()))
        if departure(nets.course(course.net, {entry: fault.make, "SimpleNN": chain}), course.reference) is None
    ]
    return _fault_row(entry, fault, "here", followed)


def fault_in_worker(bench: Bench, entry: str, fault: Fault) -> Row:
    """As a hand-in: on the first of its nets no chain makes it right."""
    reference = inspect.getsource(reference_solutions.layers)
    source = f"{others(entry)}\n\n{fault_source(reference, fault, entry)}"
    found = training.run_courses(Parts(bench.material("layers.py", source)), with_entry(entry, bench.seed)[:1])
    if not found:
        return _fault_row(entry, fault, "worker", [], "there was nothing to train")
    return _fault_row(entry, fault, "worker", [one.course.name for one in found if one.layers_fit])


def variant_in_worker(bench: Bench, entry: str, name: str, source: str) -> Row:
    """As a hand-in beside the reference's other layers: every net takes the reference's course."""
    wanted = with_entry(entry, bench.seed)
    found = training.run_courses(Parts(bench.material("layers.py", f"{others(entry)}\n\n{source}")), wanted)
    ran = {one.course.name for one in found}
    said = [one.departs.words() for one in found if one.departs is not None and not (one.layers_fit or one.standin)]
    said += [f"the {c.name} was not trained" for c in wanted if c.name not in ran and not c.if_changed]
    return Row(
        LAYERS[entry], "variant", f"{name}, trained", "worker", (), TRAINING if said else (), (), "; ".join(said)
    )


def _fault_row(entry: str, fault: Fault, way: str, followed: list[str], trouble: str = "") -> Row:
    lost = () if followed or trouble else TRAINING
    declared = () if fault.id in SAME_COURSE else TRAINING
    if not trouble and bool(followed) != (fault.id in SAME_COURSE):
        trouble = f"takes the reference's course: {', '.join(followed)}" if followed else "leaves it after all"
    return Row(LAYERS[entry], "fault", f"{fault.id}, trained", way, declared, lost, (), trouble)


@cache
def patient() -> Any:
    """Our own patient chain, in this process."""
    namespace: dict[str, Any] = {}
    exec(compile(PATIENT_CHAIN, "chains.py", "exec"), namespace)
    return namespace["SimpleNN"]
