"""Trajectories of sheet 004: the student's layers are trained for 50 steps in SimpleNN and held against the reference.

The sheet gives no points for training, so what is found is evidence beside Q4 to Q8 and Q10, and no mark hangs on it.
Which nets are tried stands in `courses`, what is said in `words`, whole trainings in `whole`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.client import Failure, NotConfined, QuestionReply
from grader.intake.evidence import Definition
from grader.material import Material
from grader.model import QuestionReport, Status
from grader.training import Departure, departure
from grader.worker.program import Run
from grader.worker.request import Limits, QuestionRequest
from rubrics.numpy_layers.faults import simple_nn
from rubrics.numpy_layers.training import nets
from rubrics.numpy_layers.training import whole as whole_training
from rubrics.numpy_layers.training import words as training_words
from rubrics.numpy_layers.training.courses import Course, Found, courses, right, worth_running, worth_training
from rubrics.numpy_layers.training.designs import design_of
from rubrics.numpy_layers.training.parts import OWN, Chain, Parts

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=6.0)


def with_evidence(
    material: Material,
    reports: Mapping[str, QuestionReport],
    linear: Definition | None = None,
    lambda_: float | None = None,
) -> dict[str, QuestionReport]:
    """The reports of those questions to which training has something to add: notes, flags, figures and curves.

    `linear` and `lambda_` are Q6's, once its update was found right. Marks stay as they are, and so does everything
    else where the training fails through a fault of the grader's.
    """
    try:
        parts = Parts(material)
        candidates = courses(material.seed, linear, lambda_)
        found = run_courses(parts, worth_running(reports, candidates))
        shared = shared_fails(parts) if "Q4" in reports and right("Q3", reports) else None
        whole = whole_training.run(parts, worth_training(reports, candidates), found)
        judged = frozenset(q for q, report in reports.items() if report.status is Status.PASSED)
        return training_words.told(reports, found, judged, shared, whole)
    except NotConfined:
        raise
    except Exception:
        log.exception("the training of %s could not be tried", material.submission.student.id)
        return {}


def run_courses(parts: Parts, wanted: Sequence[Course]) -> tuple[Found, ...]:
    """Train every net, all in one child; one that departs is looked at more closely, by itself."""
    trials = [trial for course in wanted if (trial := _trial(parts, course)) is not None]
    return tuple(_settle(parts, trial, answer) for trial, answer in zip(trials, _run(parts, trials), strict=True))


@dataclass(frozen=True)
class _Trial:
    """One net on its way: with which classes, through which chain, and what its inputs are offered as."""

    course: Course
    classes: Mapping[str, Definition]
    flavours: tuple[Mapping[str, str], ...]
    chain: Chain = OWN
    generous: bool = False


@dataclass(frozen=True)
class _Answer:
    """The run that comes nearest to the reference's, and how it departs; or the failure that came instead."""

    departs: Departure | None
    run: Run | None = None
    failure: Failure | None = None
    torch: str = "plain"
    flavour: Mapping[str, str] = field(default_factory=dict)


def _trial(parts: Parts, course: Course) -> _Trial | None:
    classes = parts.classes(course.net, course.questions[0], course.linear)
    if classes is None or (course.if_changed and course.if_changed not in parts.changed(classes)):
        return None
    return _Trial(course, classes, course.flavours[:1])


def _run(parts: Parts, trials: Sequence[_Trial]) -> list[_Answer]:
    requests = [_request(parts, trial, f"training {n}: {trial.course.name}") for n, trial in enumerate(trials)]
    if not requests:
        return []
    replies = parts.material.runner.run(requests, LIMITS).replies
    return [
        _answer(trial.course, request, replies[request.id]) for trial, request in zip(trials, requests, strict=True)
    ]


def _request(parts: Parts, trial: _Trial, id: str) -> QuestionRequest:
    program = nets.program(trial.course.net)
    programs = {str(n): (program, flavour) for n, flavour in enumerate(trial.flavours)}
    return parts.request(id, trial.classes, programs, chain=trial.chain, generous=trial.generous)


def _answer(course: Course, request: QuestionRequest, reply: QuestionReply | Failure) -> _Answer:
    if isinstance(reply, Failure):
        return _Answer(Departure("the training", refused="nothing"), failure=reply)
    flavours = {key: flavour for key, _, flavour in request.programs}
    tried = [(departure(run, course.reference), run, flavours[key]) for key, run in reply.runs.items()]
    departs, run, flavour = max(tried, key=lambda one: _reach(one[0]))
    return _Answer(departs, run, torch=request.torch, flavour=flavour)


def _reach(departs: Departure | None) -> float:
    """How far a course goes with the reference's."""
    return float("inf") if departs is None else departs.step or 0


def _settle(parts: Parts, trial: _Trial, answer: _Answer) -> Found:
    """From the first answer to what was found: what departs is tried again alone, and through other chains."""
    cured, named, design = None, "", ""
    if answer.departs is not None and answer.failure is None:
        error = answer.departs.error
        trial = replace(trial, flavours=trial.course.flavours, generous=bool(error and error.missing_name))
        chains = list(_other_chains(parts, trial))
        answer, *others = _run(parts, [trial, *(_through(trial, chain) for chain in chains)])
        if answer.departs is not None and answer.failure is None:
            cured = next((chain for chain, other in zip(chains, others, strict=True) if other.departs is None), None)
            if cured is not None and cured.patient and any(_same_error(answer, other) for other in others):
                cured = Chain(patient=True)  # the sheet's own classes stop there too: the student's are not to blame
        if cured == Chain(("SimpleNN",)) and answer.run is not None and trial.course.lambda_ is None:
            named = simple_nn.name_of(trial.course.net, answer.run)
        if cured is not None and "SimpleNN" in cured.given and answer.departs is not None:
            evidence = parts.material.evidence
            design = design_of(trial.classes["SimpleNN"], evidence, trial.course.net, answer.departs, answer.run)
    torch = answer.torch
    return Found(
        trial.course,
        answer.departs,
        answer.run,
        cured,
        named,
        design,
        answer.flavour,
        failure=answer.failure,
        tensors=torch != "plain",
        standin=torch == "standin",
    )


def _same_error(one: _Answer, other: _Answer) -> bool:
    """Whether two courses stop in the same line of the student's with the same kind of error."""
    first, second = (answer.departs.error if answer.departs is not None else None for answer in (one, other))
    if first is None or second is None or first.piece is None:
        return False
    return (first.type, first.piece, first.line) == (second.type, second.piece, second.line)


def _other_chains(parts: Parts, trial: _Trial) -> Iterator[Chain]:
    """The sheet's classes for those that the student changed: each by itself, all, then the patient chain as well."""
    changed = parts.changed(trial.classes)
    for entry in changed:
        yield Chain((entry,))
    if len(changed) > 1:
        yield Chain(changed)
    yield Chain(changed, patient=True)


def _through(trial: _Trial, chain: Chain) -> _Trial:
    """The patient chain finds the flavours by itself."""
    return replace(trial, chain=chain, flavours=({},) if chain.patient else trial.flavours)


def shared_fails(parts: Parts) -> Departure | None:
    """How a net departs whose activations are one object, where the student builds one like that; else None."""
    if not parts.shares_an_activation():
        return None
    apart = nets.sine_net("ReLU", parts.material.seed)
    net = nets.shared(apart)
    classes = parts.classes(net, "Q4")
    if classes is None:
        return None
    chain = Chain(parts.changed(classes))
    request = parts.request("training: one activation", classes, {"0": (nets.program(net), {})}, chain=chain)
    reply = parts.material.runner.run([request], LIMITS).replies[request.id]
    if isinstance(reply, Failure) or request.torch == "standin":
        return None
    return departure(reply.runs["0"], nets.reference(apart))
