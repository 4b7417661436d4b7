"""What training showed, put beside the questions: a note for everybody, a flag and a curve where something is amiss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grader.model import Curve, Figure, QuestionReport
from grader.training import Departure, losses
from rubrics.numpy_layers.training.courses import Found
from rubrics.numpy_layers.training.whole import Whole

SHARED = (
    "One activation object stands in several places of the net, and it keeps what its latest forward saw: the earlier "
    "places get the wrong gradient, although the layer is right by itself. Make one object for each place."
)
CHAIN_FAILS = "the chain fails although every layer is right"


def told(
    reports: Mapping[str, QuestionReport],
    found: Iterable[Found],
    judged: frozenset[str],
    shared: Departure | None = None,
    whole: Iterable[Whole] = (),
) -> dict[str, QuestionReport]:
    """The reports to which something was added. `judged` are the questions known to be right."""
    changed: dict[str, QuestionReport] = {}

    def tell(question: str, note: str = "", flag: str = "", curve: Curve | None = None) -> None:
        if question in reports and (note or flag):
            changed[question] = _with(changed.get(question, reports[question]), note, flag, curve)

    for one in found:
        note, flag = words(one, set(one.course.needs) <= judged)
        curve = _curve(one) if flag else None
        for question in one.course.questions:
            tell(question, note, flag, curve)
    if shared is not None:
        tell("Q4", SHARED, f"{CHAIN_FAILS}: {SHARED} ({shared.words()})")
    for outcome in whole:
        question = outcome.question
        if question in reports:
            tell(question, outcome.words, "" if outcome.agrees in (True, None) else outcome.words)
            report = changed.get(question, reports[question])
            changed[question] = replace(report, figures=(*report.figures, *_figures(outcome)))
    return changed


def _with(report: QuestionReport, note: str, flag: str, curve: Curve | None) -> QuestionReport:
    return replace(
        report,
        notes=(*report.notes, note) if note else report.notes,
        flags=(*report.flags, flag) if flag else report.flags,
        curves=(*report.curves, curve) if curve else report.curves,
    )


def _figures(outcome: Whole) -> tuple[Figure, ...]:
    return (outcome.figure,) if outcome.figure is not None else ()


def words(found: Found, judged: bool) -> tuple[str, str]:
    """(note, flag) on one net; either may be empty. `judged`: all its layers were judged in this run, and are right."""
    name, steps = found.course.name, found.course.net.steps
    good = f"Training checked: for {steps} steps from a given start, a {name} of your layers trains as it should"
    if found.departs is None:
        return f"{good}.", ""
    if found.standin:
        return "", ""
    if found.failure is not None:
        return _failed(found)
    if found.own_ways:
        return f"{good}, in the sheet's SimpleNN: yours {found.design}.", ""
    if found.only_reports:
        return f"{good}, in your own SimpleNN as well, but its loss_value is not what the sheet's would be.", ""
    why = f"in the {name} {found.departs.words()}"
    if found.cured is None:
        if not judged:
            return "", f"{why} (its layers were not judged in this run)"
        note = f"Each layer is right by itself, but together they do not train as the reference does: {why}."
    elif found.cured.patient and not found.cured.given:
        if found.tensors:
            return f"{good}, once each layer is given what it takes: arrays or tensors.", ""
        return f"{good}, though not in the sheet's SimpleNN as it stands: there {found.departs.words()}.", ""
    else:
        names = " and ".join(found.cured.given)
        verb = "do" if len(found.cured.given) > 1 else "does"
        note = f"Your layers are right, but your own {names} {verb} not train them as the sheet's {verb}: {why}."
        note += f" {found.named}" if found.named else ""
    return note, f"{CHAIN_FAILS}: {note}"


def _failed(found: Found) -> tuple[str, str]:
    """A training that hangs or dies is for the instructor to see; where it was the grader's fault nobody needs to."""
    assert found.failure is not None
    said = {
        "timeout": "did not come to an end in time",
        "crashed": "ended the Python process that ran it",
        "too_big": "needed far more memory than it can ask for",
        "forbidden": "interfered with the process that runs it",
    }.get(found.failure.kind)
    steps, name = found.course.net.steps, found.course.name
    return "", f"a training of {steps} steps of the {name} {said}" if said else ""


def _curve(found: Found) -> Curve | None:
    got, want = losses(found.run), losses(found.course.reference)
    if not got:
        return None
    return Curve(f"{found.course.name}: loss of the first {found.course.net.steps} steps", got, want)
